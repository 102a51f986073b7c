"""Transfers between stores: every unit leaves transit, lots keep their facts, and money is conserved."""

from datetime import date

import msgspec
import pytest
from hypothesis import given as tried_with
from hypothesis import settings
from hypothesis import strategies as st

from domain.inventory.cost import CostAdjusted, CostMethod
from domain.inventory.lots import LotReceived
from domain.inventory.movement import Place, StockMoved
from domain.inventory.policy import StockPolicySet
from domain.inventory.stock_item import STOCK_ITEM, StockShort
from domain.kernel.command import Decision
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound, Refusal
from domain.stockroom.booking import MoveKind, MoveLine
from domain.stockroom.landed_cost import AddLandedCost, Basis, LandedLine
from domain.stockroom.moves import MoveStock
from domain.stockroom.transfer_in import ArrivingLine, ReceiveTransfer, TransferEnded
from domain.stockroom.transfer_out import SendTransfer, TransferLine
from domain.transfers.transfer import TRANSFER, ArrivedLine, SentLot, TransferReceived, TransferSent
from tests.support.decisions import Given, Shop, given
from tests.support.facts import a_store, by_piece, cash, check_out, received
from tests.support.purchasing import yuan

SHOP = (a_store(), a_store("s2"), a_store("abroad", currency="EUR"), by_piece("apple"), by_piece("pear"))
STOCKED = (*SHOP, received("apple", 10, 1_000))
SOON, LATER = date(2026, 3, 9), date(2026, 3, 19)


def send(quantity: int = 10, lot: str | None = None, to: str = "s2", sku: str = "apple") -> SendTransfer:
    line = TransferLine(sku=sku, quantity=quantity, lot=lot)
    return SendTransfer(transfer_id="t1", from_store_id="s1", to_store_id=to, lines=(line,))


def arrive(
    good: int = 0, damaged: int = 0, *, more_to_come: bool = False, receipt_id: str = "a1"
) -> ReceiveTransfer:
    return ReceiveTransfer(
        transfer_id="t1",
        receipt_id=receipt_id,
        lines=(ArrivingLine(sku="apple", good=good, damaged=damaged),),
        more_to_come=more_to_come,
    )


def lot(name: str, quantity: int, sell_by: date, unit_cost: int = 100, store_id: str = "s1") -> MoveStock:
    line = MoveLine(sku="apple", quantity=quantity, unit_cost=yuan(unit_cost), lot=name, sell_by=sell_by)
    return MoveStock(store_id=store_id, kind=MoveKind.RECEIPT, lines=(line,))


def under_way() -> Given:
    return given(*STOCKED).after(send())


def test_what_is_sent_is_in_transit_at_what_it_cost() -> None:
    outcome = given(*STOCKED).when(send(4))
    left = outcome.only(StockMoved)
    assert (left.store_id, left.from_, left.to, left.cost_minor) == ("s1", Place.SHELF, Place.TRANSIT, 400)
    assert outcome.only(TransferSent).lines[0].cost_minor == 400


def test_what_arrives_whole_ends_the_transfer() -> None:
    outcome = under_way().when(arrive(10))
    came = outcome.only(StockMoved)
    assert (came.store_id, came.from_, came.to, came.cost_minor) == ("s2", Place.TRANSIT, Place.SHELF, 1_000)
    assert outcome.only(TransferReceived).ends


def test_what_is_short_damaged_and_over_goes_where_it_belongs() -> None:
    short = under_way().when(arrive(7, 2))
    assert [(one.from_, one.to, one.quantity, one.cost_minor) for one in short.all(StockMoved)] == [
        (Place.TRANSIT, Place.SHELF, 7, 700),
        (Place.TRANSIT, Place.WASTE, 2, 200),
        (Place.TRANSIT, Place.COUNT_DIFFERENCE, 1, 100),
    ]
    over = under_way().when(arrive(13))
    assert [(one.from_, one.to, one.quantity, one.cost_minor) for one in over.all(StockMoved)] == [
        (Place.TRANSIT, Place.SHELF, 10, 1_000),
        (Place.COUNT_DIFFERENCE, Place.SHELF, 3, 300),
    ]
    assert over.answer.lines == (ArrivedLine(sku="apple", good=10, over=3),)


def test_what_is_sold_below_zero_costs_what_the_last_arrival_did() -> None:
    """A store may have all of its goods from another one, and no supplier's receipt."""
    shop = given(*SHOP, received("apple", 10, 3_000)).after(send(4), arrive(4))
    sale = msgspec.structs.replace(check_out(("apple", 6), tenders=(cash(6_000),)), store_id="s2")
    assert shop.when(sale).only(StockMoved).cost_minor == 1_800


def test_what_arrives_in_parts_is_in_transit_until_the_last_of_it() -> None:
    first = arrive(6, more_to_come=True)
    shop = under_way().after(first)
    assert shop.when(arrive(4, receipt_id="a2")).answer.status == "received"
    rest = shop.when(arrive(receipt_id="a2", good=1)).only(TransferReceived).lines
    assert rest == (ArrivedLine(sku="apple", good=1, missing=3),)


def test_nothing_arrives_and_all_is_missing() -> None:
    lost = ReceiveTransfer(transfer_id="t1", receipt_id="a1", lines=())
    gone = under_way().when(lost).only(StockMoved)
    assert (gone.to, gone.quantity, gone.cost_minor) == (Place.COUNT_DIFFERENCE, 10, 1_000)


def test_lots_leave_by_sell_by_and_keep_their_facts() -> None:
    shop = given(*SHOP).after(lot("L2", 5, LATER), lot("L1", 5, SOON)).after(send(8))
    outcome = shop.when(arrive(8))
    assert [(one.lot, one.quantity) for one in outcome.all(StockMoved)] == [("L1", 5), ("L2", 3)]
    assert [(one.lot, one.sell_by) for one in outcome.all(LotReceived)] == [("L1", SOON), ("L2", LATER)]


def test_a_named_lot_is_what_leaves() -> None:
    shop = given(*SHOP).after(lot("L1", 5, SOON), lot("L2", 5, LATER))
    sent = shop.when(send(3, "L2")).only(TransferSent).lines[0]
    assert sent.lots == (SentLot(lot="L2", received_on=date(2026, 3, 2), sell_by=LATER),)
    shop.when(send(6, "L2")).refused(StockShort, lot="L2", on_hand=5)


def test_a_lot_that_the_other_store_knows_otherwise_arrives_under_a_name_of_its_own() -> None:
    shop = given(*SHOP).after(lot("L1", 5, SOON), lot("L1", 5, LATER, store_id="s2"), send(5))
    assert shop.when(arrive(5)).only(LotReceived).lot == "L1.t1"


def test_the_longest_name_of_a_lot_has_room_for_one_of_its_own() -> None:
    name = "L" * 64
    shop = given(*SHOP).after(lot(name, 5, SOON), lot(name, 5, LATER, store_id="s2"), send(5))
    assert shop.when(arrive(5)).only(LotReceived).lot == "L" * 61 + ".t1"


def test_no_name_of_a_lot_keeps_goods_in_transit() -> None:
    """Another transfer's lot has the longer name already, with a third sell-by."""
    shop = given(*SHOP).after(lot("L1", 5, SOON), lot("L1", 5, LATER, store_id="s2"))
    shop = shop.after(lot("L1.t1", 5, date(2026, 4, 1), store_id="s2"), send(5))
    assert shop.when(arrive(5)).only(LotReceived).lot == "L1.t1.2"


def test_what_arrives_over_is_of_the_lot_that_was_sent_and_expires_first() -> None:
    shop = given(*SHOP).after(lot("L2", 5, LATER), lot("L1", 5, SOON), send(10))
    over = shop.when(arrive(12)).all(StockMoved)[-1]
    assert (over.from_, over.lot, over.quantity, over.cost_minor) == (Place.COUNT_DIFFERENCE, "L1", 2, 200)


def test_what_arrives_over_has_its_lot_also_where_all_that_was_sent_is_damaged() -> None:
    shop = given(*SHOP).after(lot("L1", 5, SOON), send(5))
    outcome = shop.when(arrive(2, 5))
    assert outcome.only(LotReceived).sell_by == SOON
    assert [(one.to, one.lot) for one in outcome.all(StockMoved)] == [
        (Place.WASTE, "L1"),
        (Place.SHELF, "L1"),
    ]


def test_an_expired_lot_is_not_sent_though_it_is_named() -> None:
    shop = given(*SHOP).after(lot("L1", 5, date(2026, 3, 1)), lot("L2", 5, SOON))
    shop.when(send(3, "L1")).refused(StockShort, lot="L1", on_hand=0)


def test_what_is_expired_or_promised_stays() -> None:
    shop = given(*SHOP).after(lot("L1", 5, date(2026, 3, 1)), lot("L2", 5, SOON))
    shop.when(send(6)).refused(StockShort, available=5)


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (send(11), StockShort),
        (send(0), InvalidCommand),
        (send(to="s1"), InvalidCommand),
        (send(to="abroad"), CurrencyMismatch),
        (send(to="nowhere"), NotFound),
        (SendTransfer(transfer_id="t1", from_store_id="s1", to_store_id="s2", lines=()), InvalidCommand),
    ],
)
def test_what_can_not_be_sent_is_refused(command: SendTransfer, refusal: type[Refusal]) -> None:
    given(*STOCKED).when(command).refused(refusal)


def test_a_transfer_is_sent_once() -> None:
    given(*STOCKED).after(send(1)).when(send(1)).refused(AlreadyExists)


@pytest.mark.parametrize(
    "command",
    [
        arrive(-1),
        arrive(0, 11),
        ReceiveTransfer(transfer_id="t1", receipt_id="a1", lines=(ArrivingLine(sku="pear", good=1),)),
        ReceiveTransfer(transfer_id="t1", receipt_id="a1", lines=(ArrivingLine(sku="apple", good=1),) * 2),
        ReceiveTransfer(transfer_id="t1", receipt_id="a1", lines=(), more_to_come=True),
        arrive(0, more_to_come=True),
    ],
)
def test_what_can_not_arrive_is_refused(command: ReceiveTransfer) -> None:
    under_way().when(command).refused(InvalidCommand)


def test_an_arrival_is_booked_once_and_not_after_the_last() -> None:
    given(*STOCKED).when(arrive(1)).refused(NotFound)
    under_way().after(arrive(1, more_to_come=True)).when(arrive(1)).refused(AlreadyExists, id="a1")
    under_way().after(arrive(10)).when(arrive(1, receipt_id="a2")).refused(TransferEnded)


@pytest.mark.parametrize("method", list(CostMethod))
@pytest.mark.parametrize(("name", "receipt"), [("L1", None), (None, "transfer-t1")])
def test_freight_of_goods_that_have_gone_is_billed_where_they_are(
    method: CostMethod, name: str | None, receipt: str | None
) -> None:
    """Of ten six went. Where they came to a bill of 10.00 is all stock, and where they were 4.00 of it is."""
    goods = MoveLine(sku="apple", quantity=10, unit_cost=yuan(100), lot=name)
    booked = MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(goods,), reference="d1")
    shop = given(*SHOP, ("stockpolicy-main", StockPolicySet(cost_method=method)))
    shop = shop.after(booked, send(6, name), arrive(6))
    for store, line, told in (
        ("s1", LandedLine(sku="apple", quantity=10, lot=name, receipt="d1"), (400, 600)),
        ("s2", LandedLine(sku="apple", quantity=6, lot=name, receipt=receipt), (1_000, 0)),
    ):
        bill = AddLandedCost(store_id=store, amount=yuan(1_000), basis=Basis.QUANTITY, lines=(line,))
        adjusted = shop.when(bill).only(CostAdjusted)
        assert (adjusted.stock_minor, adjusted.variance_minor) == told


@tried_with(
    stocks=st.lists(
        st.tuples(st.sampled_from(["L1", "L2", "L3", None]), st.integers(1, 9), st.integers(0, 997)),
        min_size=1,
        max_size=5,
    ),
    part=st.integers(1, 100),
    arrivals=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6), st.booleans()), max_size=4),
    sold_there=st.integers(0, 6),
    method=st.sampled_from(list(CostMethod)),
)
@settings(max_examples=150, deadline=None)
def test_whatever_arrives_every_unit_leaves_transit_and_no_money_is_made(
    stocks: list[tuple[str | None, int, int]],
    part: int,
    arrivals: list[tuple[int, int, bool]],
    sold_there: int,
    method: CostMethod,
) -> None:
    shop = Shop(*SHOP, ("stockpolicy-main", StockPolicySet(cost_method=method)))
    for name, quantity, unit_cost in stocks:
        line = MoveLine(sku="apple", quantity=quantity, unit_cost=yuan(unit_cost), lot=name)
        shop.do(MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,)))
    if sold_there:
        less = MoveLine(sku="apple", quantity=-sold_there)
        shop.do(MoveStock(store_id="s2", kind=MoveKind.ADJUSTMENT, lines=(less,)))
    before = len(shop.facts)
    assert isinstance(
        shop.do(send(max(1, shop.state(STOCK_ITEM, "s1/apple").on_hand * part // 100))), Decision
    )
    for number, (good, damaged, more) in enumerate(arrivals):
        shop.do(arrive(good, damaged, more_to_come=more, receipt_id=f"a{number}"))
    if shop.state(TRANSFER, "t1").status != "received":
        last = ReceiveTransfer(transfer_id="t1", receipt_id="last", lines=())
        assert isinstance(shop.do(last), Decision)
    facts = [event for _, event in shop.facts]
    moves = [event for event in facts if isinstance(event, StockMoved)]
    for figure in ("quantity", "cost_minor"):
        assert sum(getattr(one, figure) for one in moves if one.to is Place.TRANSIT) == sum(
            getattr(one, figure) for one in moves if one.from_ is Place.TRANSIT
        )
    adjusted = [event for event in facts[before:] if isinstance(event, CostAdjusted)]
    assert sum(one.stock_minor + one.variance_minor for one in adjusted) == 0
    for store in ("s1", "s2"):
        item = shop.state(STOCK_ITEM, f"{store}/apple")
        mine = [one for one in moves if one.store_id == store]
        changes = [event for event in facts if isinstance(event, CostAdjusted) and event.store_id == store]
        assert item.on_hand == sum(
            one.quantity * ((one.to is Place.SHELF) - (one.from_ is Place.SHELF)) for one in mine
        )
        assert item.value_minor == sum(
            one.cost_minor * ((one.to is Place.SHELF) - (one.from_ is Place.SHELF)) for one in mine
        ) + sum(one.stock_minor for one in changes)
