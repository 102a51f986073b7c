"""FEFO: which lots a quantity is assumed to be of."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.flows import lots_back
from domain.inventory.lots import KEPT_EMPTY, Lot, LotReceived, assumed, first_expired, with_lot
from domain.kernel.lot_share import LotShare
from tests.support.laws import a_law

DAY = date(2026, 3, 2)

DAYS = st.integers(-5, 5).map(lambda days: DAY + timedelta(days=days))
LOTS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.builds(Lot, received_on=DAYS, sell_by=st.none() | DAYS, quantity=st.integers(0, 9)),
    max_size=8,
)


def lot(quantity: int, *, keeps: int | None = None, received: int = 0) -> Lot:
    """A lot that keeps so many days from today, received so many days after today."""
    sell_by = None if keeps is None else DAY + timedelta(days=keeps)
    return Lot(received_on=DAY + timedelta(days=received), sell_by=sell_by, quantity=quantity)


def test_the_lot_that_expires_first_is_taken_first() -> None:
    lots = {"late": lot(5, keeps=9), "early": lot(5, keeps=1)}
    assert assumed(lots, 7, DAY) == [("early", 5), ("late", 2)]


def test_of_two_that_expire_together_the_one_received_first_is_taken() -> None:
    lots = {"second": lot(5, keeps=3, received=-1), "first": lot(5, keeps=3, received=-2)}
    assert assumed(lots, 1, DAY) == [("first", 1)]


def test_what_keeps_for_ever_is_taken_last() -> None:
    assert assumed({"tin": lot(5), "milk": lot(5, keeps=3)}, 6, DAY) == [("milk", 5), ("tin", 1)]


def test_a_lot_is_sold_on_the_day_of_its_sell_by() -> None:
    assert assumed({"milk": lot(5, keeps=0)}, 1, DAY) == [("milk", 1)]


def test_what_has_expired_is_skipped() -> None:
    assert assumed({"old": lot(5, keeps=-1), "new": lot(5, keeps=2)}, 6, DAY) == [("new", 5), ("", 1)]


def test_what_is_not_sold_is_what_has_expired_first() -> None:
    assert assumed({"new": lot(5, keeps=2), "old": lot(5, keeps=-1)}, 6, None) == [("old", 5), ("new", 1)]


def test_a_lot_that_is_named_is_taken_before_all_others() -> None:
    lots = {"early": lot(5, keeps=1), "late": lot(2, keeps=9)}
    assert assumed(lots, 3, DAY, "late") == [("late", 2), ("early", 1)]


def test_what_no_lot_covers_is_of_none() -> None:
    assert assumed({"early": lot(5, keeps=1)}, 8, DAY) == [("early", 5), ("", 3)]


@a_law
@given(lots=LOTS, quantity=st.integers(1, 60))
def test_fefo_takes_all_that_it_can_in_order_and_nothing_expired(lots: dict[str, Lot], quantity: int) -> None:
    taken = assumed(lots, quantity, DAY)

    assert sum(part for _, part in taken) == quantity
    assert all(part > 0 for _, part in taken)
    named = [name for name, _ in taken if name]
    keys = [(lots[name].sell_by or date.max, lots[name].received_on) for name in named]
    assert keys == sorted(keys)
    for name, part in taken:
        if name:
            sell_by = lots[name].sell_by
            assert sell_by is None or sell_by >= DAY
            assert part <= lots[name].quantity
    # All but the last of the lots are emptied before the next is opened; none is left for what has no lot.
    emptied = named if "" in dict(taken) else named[:-1]
    assert all(dict(taken)[name] == lots[name].quantity for name in emptied)
    if "" in dict(taken):
        assert set(named) == set(first_expired(lots, DAY))


@a_law
@given(
    parts=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 999)), min_size=1, max_size=4),
    each=st.sampled_from((1, 1, 250)),
    cuts=st.lists(st.integers(1, 19), max_size=6),
)
def test_in_whatever_parts_goods_come_back_each_lot_gets_its_own_at_its_cost(
    parts: list[tuple[int, int]], each: int, cuts: list[int]
) -> None:
    """Also pieces of goods that are kept by the gram."""
    issued = tuple(
        LotShare(lot="ABCD"[index], quantity=quantity * each, cost_minor=cost)
        for index, (quantity, cost) in enumerate(parts)
    )
    whole = sum(quantity for quantity, _ in parts)
    ends = sorted({0, whole, *(cut for cut in cuts if cut < whole)})
    quantity, cost = Counter[str](), Counter[str]()
    for before, after in pairwise(ends):
        back = lots_back(issued, before, after, each)
        assert sum(share.quantity for share in back) == (after - before) * each
        for share in back:
            assert share.quantity > 0
            assert share.cost_minor >= 0
            quantity[share.lot] += share.quantity
            cost[share.lot] += share.cost_minor
    assert quantity == Counter({share.lot: share.quantity for share in issued})
    assert all(cost[share.lot] == share.cost_minor for share in issued)


def told(name: str) -> LotReceived:
    return LotReceived(store_id="s1", sku="apple", lot=name, received_on=DAY)


def test_what_is_known_of_a_lot_stays() -> None:
    known = {"A": lot(5, keeps=1)}
    assert with_lot(known, told("A"), ()) == known


def test_lots_of_which_nothing_is_left_are_forgotten_one_day_the_oldest_first() -> None:
    lots: dict[str, Lot] = {"kept": lot(1), "held": lot(0)}
    for number in range(KEPT_EMPTY + 3):
        lots = with_lot(lots, told(f"L{number}"), ("held",))
    assert {"kept", "held"} < set(lots)
    assert "L0" not in lots
    assert len(lots) == KEPT_EMPTY + 3
