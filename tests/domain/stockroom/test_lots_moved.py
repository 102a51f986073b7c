"""Stock documents of lots: receipts, waste, counts and quarantine."""

from datetime import date, timedelta

import msgspec
import pytest

from domain.inventory.cost import CostMethod
from domain.inventory.lots import KEPT_EMPTY, LotReceived
from domain.inventory.policy import SetStockPolicy
from domain.inventory.receiving import LotDiffers
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved, StockShort
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.money import Money
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.relocation import MAX_LINES, Relocate, RelocateLine
from domain.stores.store import StoreChanged
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_store, by_piece, check_out, received

BACK = "back room"
SOON, LATE = date(2026, 3, 3), date(2026, 3, 30)
ITEM = "s1/apple"


def document(kind: MoveKind, quantity: int, *, reference: str | None = None, **named: object) -> MoveStock:
    line = MoveLine(sku="apple", quantity=quantity, **named)  # pyright: ignore[reportArgumentType]
    return MoveStock(store_id="s1", kind=kind, lines=(line,), reference=reference)


def receipt(
    quantity: int,
    lot: str | None,
    sell_by: date | None = None,
    *,
    reference: str | None = None,
    location: str | None = None,
) -> MoveStock:
    return document(
        MoveKind.RECEIPT,
        quantity,
        reference=reference,
        lot=lot,
        sell_by=sell_by,
        unit_cost=Money(amount=100, currency="CNY"),
        location=location,
    )


def shop() -> Given:
    """Ten of lot A that keep long, ten of lot B that don't, in a store with a back room."""
    rooms = ("store-s1", StoreChanged(store_id="s1", locations=(BACK,)))
    return given(a_store(), rooms, by_piece("apple", 0)).after(receipt(10, "A", LATE), receipt(10, "B", SOON))


def lots(now: Given) -> dict[str, int]:
    parts = now.state(STOCK_ITEM, ITEM).parts
    assert parts is not None
    return {name: lot.quantity for name, lot in parts.lots.items()}


def held(now: Given) -> dict[str, tuple[int, int]]:
    parts = now.state(STOCK_ITEM, ITEM).parts
    assert parts is not None
    return {name: (each.quantity, each.value_minor) for name, each in parts.held.items()}


def elsewhere(now: Given) -> dict[str, dict[str, int]]:
    parts = now.state(STOCK_ITEM, ITEM).parts
    assert parts is not None
    return parts.elsewhere


def test_a_lots_facts_are_told_once() -> None:
    assert shop().when(receipt(5, "A", LATE)).all(LotReceived) == []


def test_a_lot_has_one_sell_by() -> None:
    shop().when(receipt(5, "A", SOON)).refused(LotDiffers, sku="apple", lot="A", sell_by="2026-03-30")


def test_a_sell_by_without_a_lot_is_of_the_deliverys_lot() -> None:
    told = shop().when(receipt(5, None, SOON, reference="delivery-9")).only(LotReceived)
    assert (told.lot, told.sell_by, told.reference) == ("delivery-9", SOON, "delivery-9")


def test_a_sell_by_that_no_lot_has_is_refused() -> None:
    shop().when(receipt(5, None, SOON)).refused(InvalidCommand, sku="apple")


def test_a_receipt_of_no_lot_tells_of_none() -> None:
    shop().when(receipt(5, None)).only(StockMoved)


def test_waste_that_names_no_lot_is_of_what_expires_first() -> None:
    assert lots(shop().after(document(MoveKind.WASTE, 3, reason="spoiled"))) == {"A": 10, "B": 7}


def test_waste_takes_the_lot_that_it_names() -> None:
    assert lots(shop().after(document(MoveKind.WASTE, 3, reason="spoiled", lot="A"))) == {"A": 7, "B": 10}


@pytest.mark.parametrize("kind", [MoveKind.WASTE, MoveKind.QUARANTINE])
def test_no_more_of_a_lot_goes_than_there_is(kind: MoveKind) -> None:
    shop().when(document(kind, 11, reason="spoiled", lot="A")).refused(
        StockShort, lot="A", on_hand=10, asked=11
    )


@pytest.mark.parametrize("kind", [MoveKind.WASTE, MoveKind.QUARANTINE, MoveKind.ADJUSTMENT])
def test_a_lot_that_never_came_is_not_there(kind: MoveKind) -> None:
    shop().when(document(kind, 1, reason="spoiled", lot="X")).refused(NotFound, kind="lot", id="X")


@pytest.mark.parametrize(("difference", "left"), [(-2, 8), (3, 13)])
def test_a_count_corrects_the_lot_that_it_names(difference: int, left: int) -> None:
    assert lots(shop().after(document(MoveKind.ADJUSTMENT, difference, lot="A")))["A"] == left


def test_what_a_count_finds_of_a_lot_is_of_that_lot_though_tills_sold_too_much() -> None:
    """Twenty-five of twenty were sold, and three of A stand there all the same."""
    now = shop().after(check_out(("apple", 25)), document(MoveKind.ADJUSTMENT, 3, lot="A"))
    assert (lots(now)["A"], now.state(STOCK_ITEM, ITEM).on_hand) == (3, -2)


def test_a_count_finds_no_less_than_nothing_of_a_lot() -> None:
    shop().when(document(MoveKind.ADJUSTMENT, -11, lot="A")).refused(StockShort, lot="A", on_hand=10)


def test_what_is_in_quarantine_is_not_on_hand_and_keeps_its_value() -> None:
    now = shop().after(document(MoveKind.QUARANTINE, 4, reason="recalled", lot="A"))
    assert (now.state(STOCK_ITEM, ITEM).on_hand, held(now)) == (16, {"A": (4, 400)})


def test_what_leaves_quarantine_below_zero_is_of_its_lot_there_and_on_the_shelf() -> None:
    """Sixteen are left to sell and nineteen are sold; of the four that are held two come back."""
    now = shop().after(document(MoveKind.QUARANTINE, 4, reason="recalled", lot="A"))
    now = now.after(check_out(("apple", 19))).after(document(MoveKind.RELEASE, 2, lot="A"))
    assert (held(now), lots(now)["A"]) == ({"A": (2, 200)}, 2)
    assert now.state(STOCK_ITEM, ITEM).on_hand == -1


def test_quarantine_needs_a_reason() -> None:
    shop().when(document(MoveKind.QUARANTINE, 4, lot="A")).refused(InvalidCommand, sku="apple")


def test_what_is_released_takes_its_part_of_the_value_back() -> None:
    now = shop().after(document(MoveKind.QUARANTINE, 3, reason="recalled", lot="A"))
    moved = now.when(document(MoveKind.RELEASE, 1, lot="A")).only(StockMoved)
    assert (moved.from_, moved.to, moved.cost_minor) == (Place.QUARANTINE, Place.SHELF, 100)


def test_no_more_is_released_than_is_held() -> None:
    now = shop().after(document(MoveKind.QUARANTINE, 3, reason="recalled", lot="A"))
    now.when(document(MoveKind.RELEASE, 4, lot="A")).refused(StockShort, on_hand=3, asked=4)


def test_what_is_held_is_wasted_from_there_and_the_shelf_stays() -> None:
    now = shop().after(document(MoveKind.QUARANTINE, 3, reason="recalled", lot="A"))
    now = now.after(document(MoveKind.WASTE, 3, reason="recalled", lot="A", from_quarantine=True))
    assert (lots(now), held(now)) == ({"A": 7, "B": 10}, {})


def test_goods_of_no_lot_are_held_too() -> None:
    now = given(a_store(), by_piece("apple", 0), received("apple", 5, 500))
    now = now.after(document(MoveKind.QUARANTINE, 2, reason="recalled"))
    assert held(now) == {"": (2, 200)}


def test_of_what_has_ended_nothing_is_kept() -> None:
    """Quarantine that is empty, and a back room that is."""
    rooms = ("store-s1", StoreChanged(store_id="s1", locations=(BACK,)))
    before = given(a_store(), rooms, by_piece("apple", 0), received("apple", 5, 500))
    was = before.state(STOCK_ITEM, ITEM)
    now = before.after(document(MoveKind.QUARANTINE, 2, reason="recalled"), document(MoveKind.RELEASE, 2))
    assert now.state(STOCK_ITEM, ITEM) == was
    now = now.after(carry(3, None), carry(3, None, to="", from_=BACK))
    assert now.state(STOCK_ITEM, ITEM) == was


@pytest.mark.parametrize("method", list(CostMethod))
def test_an_item_stays_small_however_many_lots_come_and_go(method: CostMethod) -> None:
    rooms = StoreChanged(store_id="s1", locations=(BACK,))
    now = Shop(a_store(), ("store-s1", rooms), by_piece("apple", 0))
    now.do(SetStockPolicy(cost_method=method))
    sizes: list[int] = []
    for number in range(300):
        now.do(receipt(5, f"lot-{number:03}", LATE, location=BACK))
        now.do(document(MoveKind.QUARANTINE, 1, reason="recalled", lot=f"lot-{number:03}"))
        now.do(check_out(("apple", 4), sale_id=f"x{number}"))
        gone = document(MoveKind.WASTE, 1, reason="recalled", lot=f"lot-{number:03}", from_quarantine=True)
        now.do(gone)
        sizes.append(len(msgspec.json.encode(now.state(STOCK_ITEM, ITEM))))
    item = now.state(STOCK_ITEM, ITEM)
    assert item.parts is not None
    assert (item.on_hand, item.parts.held, item.parts.elsewhere, item.parts.layers) == (0, {}, {}, ())
    assert len(item.parts.lots) == KEPT_EMPTY + 1
    assert max(sizes[100:]) == max(sizes[200:]) < 3_000


def carry(quantity: int, lot: str | None = "A", *, to: str = BACK, from_: str = "") -> Relocate:
    line = RelocateLine(sku="apple", quantity=quantity, lot=lot, from_location=from_, to_location=to)
    return Relocate(store_id="s1", lines=(line,))


def test_goods_are_carried_to_the_back_room_and_fetched_again() -> None:
    now = shop().after(carry(6), carry(2, to="", from_=BACK))
    assert (elsewhere(now), lots(now)["A"]) == ({BACK: {"A": 4}}, 10)


def test_a_receipt_goes_where_it_says() -> None:
    assert elsewhere(shop().after(receipt(5, "C", LATE, location=BACK))) == {BACK: {"C": 5}}


def test_what_is_wasted_at_a_location_is_of_the_lots_that_are_there() -> None:
    """Of B, which expires first, nothing stands in the back room."""
    now = shop().after(carry(6), document(MoveKind.WASTE, 2, reason="spoiled", location=BACK))
    assert (elsewhere(now), lots(now)) == ({BACK: {"A": 4}}, {"A": 8, "B": 10})
    now.when(document(MoveKind.WASTE, 5, reason="spoiled", location=BACK)).refused(StockShort, on_hand=4)


def test_a_lot_can_be_taken_away_though_tills_sold_more_than_the_book_knew() -> None:
    """Twenty are there on paper, of which ten have expired, and fifteen are sold: five too many."""
    later = at(NOON + timedelta(days=2))
    now = shop()
    sold = now.when(check_out(("apple", 15)), later).decision
    now = given(*now.facts, *sold.events)
    assert now.state(STOCK_ITEM, ITEM).on_hand == 5
    gone = now.after(document(MoveKind.WASTE, 10, reason="spoiled", lot="B"))
    assert (gone.state(STOCK_ITEM, ITEM).on_hand, lots(gone)) == (-5, {"A": 0, "B": 0})


def test_nobody_is_given_what_has_expired_unless_its_lot_is_named() -> None:
    later = at(NOON + timedelta(days=2))
    given_away = document(MoveKind.DONATION, 3, reason="surplus", reference="food-bank")
    assert shop().when(given_away, later).only(StockMoved).lot == "A"
    shop().when(document(MoveKind.DONATION, 11, reason="surplus"), later).refused(StockShort, asked=11)
    named = document(MoveKind.DONATION, 3, reason="surplus", lot="B")
    assert shop().when(named, later).only(StockMoved).lot == "B"


def test_waste_from_a_location_leaves_it() -> None:
    now = shop().after(carry(6), document(MoveKind.WASTE, 2, reason="spoiled", lot="A", location=BACK))
    assert elsewhere(now) == {BACK: {"A": 4}}


def test_no_more_is_wasted_at_a_location_than_is_there() -> None:
    shop().after(carry(2)).when(
        document(MoveKind.WASTE, 3, reason="spoiled", lot="A", location=BACK)
    ).refused(StockShort, on_hand=2, asked=3)


def test_a_location_shows_no_more_than_there_is() -> None:
    """Nine stood in the back room, and somebody sold seven of the ten."""
    now = shop().after(carry(9), document(MoveKind.ADJUSTMENT, -7, lot="A"))
    assert elsewhere(now) == {BACK: {"A": 3}}


def test_no_more_is_carried_than_stands_there() -> None:
    shop().after(carry(6)).when(carry(5)).refused(StockShort, on_hand=4, asked=5)


def test_goods_are_fetched_from_a_location_that_the_store_gave_up() -> None:
    given_up = ("store-s1", StoreChanged(store_id="s1", locations=()))
    now = given(*shop().after(carry(6)).facts, given_up)
    assert elsewhere(now.after(carry(6, to="", from_=BACK))) == {}
    now.when(carry(1)).refused(NotFound, kind="location", id=BACK)


@pytest.mark.parametrize("command", [carry(1, to="attic"), carry(1, to="", from_="attic")])
def test_a_location_that_the_store_does_not_name_is_refused(command: Relocate) -> None:
    shop().when(command).refused(NotFound, kind="location", id="attic")


def test_a_lot_that_never_came_is_not_carried() -> None:
    shop().when(carry(1, "X")).refused(NotFound, kind="lot", id="X")
    rooms = ("store-s1", StoreChanged(store_id="s1", locations=(BACK,)))
    without_lots = given(a_store(), rooms, by_piece("apple", 0), received("apple", 5))
    without_lots.when(carry(1, "X")).refused(NotFound, kind="lot", id="X")


@pytest.mark.parametrize("command", [carry(0), carry(-1), carry(1, to="")])
def test_nothing_is_not_carried_nor_to_where_it_is(command: Relocate) -> None:
    shop().when(command).refused(InvalidCommand, sku="apple")


@pytest.mark.parametrize("lines", [0, MAX_LINES + 1])
def test_a_relocation_has_lines_but_not_too_many(lines: int) -> None:
    line = RelocateLine(sku="apple", quantity=1, to_location=BACK)
    shop().when(Relocate(store_id="s1", lines=(line,) * lines)).refused(InvalidCommand, lines=lines)


def test_a_lot_that_older_entries_only_name_is_no_lot() -> None:
    """They named lots when nobody kept them, and their sales did not."""
    old = StockMoved(
        store_id="s1", sku="apple", from_=Place.SUPPLIER, to=Place.SHELF, quantity=5, cost_minor=0, lot="old"
    )
    now = given(a_store(), by_piece("apple", 0), ("stock-s1/apple", old))
    assert now.state(STOCK_ITEM, ITEM).parts is None
