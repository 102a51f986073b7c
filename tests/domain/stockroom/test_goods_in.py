"""Deliveries against purchase orders, and what goes back to the supplier."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from domain.inventory.cost import CostAdjusted, CostMethod
from domain.inventory.lots import LotReceived
from domain.inventory.movement import Place, StockMoved
from domain.inventory.policy import SetStockPolicy
from domain.inventory.stock_item import STOCK_ITEM, StockShort
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound, Refusal
from domain.kernel.money import Money
from domain.purchasing.conditions import DeliveryExceedsOrder, PurchaseNotReady, ReturnExceedsDelivery
from domain.purchasing.order import (
    ClosedLine,
    PurchaseClosed,
    PurchaseReceived,
    PurchaseReturned,
    ReceivedLine,
)
from domain.purchasing.steps import CancelPurchase, ClosePurchase, Confirmation, ConfirmPurchase
from domain.purchasing.supplier_return import (
    MAX_CREDITS,
    GoodsCredited,
    GoodsReturned,
    LeavesFrom,
    NoteCredit,
)
from domain.stockroom.goods_in import MAX_RECEIPTS, DeliveredLine, ReceivePurchase
from domain.stockroom.supplier_returns import ReturnLine, ReturnToSupplier
from tests.support.decisions import Fact, Given, Shop, at, given
from tests.support.facts import a_store, by_gram, by_piece
from tests.support.purchasing import a_supplier, a_supply, draft, ordered, terms, yuan

GOODS = (a_store(), by_piece("apple"), by_gram("cherry"), by_piece("pear"))
SUPPLY = (a_supply("apple"), a_supply("cherry", terms(2000)))
SHOP = (*GOODS, a_supplier(), *SUPPLY)


def delivery(*lines: DeliveredLine, receipt_id: str = "g1") -> ReceivePurchase:
    return ReceivePurchase(purchase_id="p1", receipt_id=receipt_id, lines=lines)


def apples(accepted: int, receipt_id: str = "g1") -> ReceivePurchase:
    return delivery(DeliveredLine(sku="apple", accepted=accepted), receipt_id=receipt_id)


def with_order(*shop: Fact, lines: tuple[tuple[str, int], ...] = (("apple", 100),)) -> Given:
    return given(*ordered(*(shop or SHOP), lines=lines))


def moved(place: Place, quantity: int, cost_minor: int, reason: str | None = None) -> StockMoved:
    return StockMoved(
        store_id="s1",
        sku="apple",
        from_=Place.SUPPLIER,
        to=place,
        quantity=quantity,
        cost_minor=cost_minor,
        reason=reason,
        reference="purchase-p1",
    )


def test_a_delivery_is_received_and_on_the_shelf_in_one_decision() -> None:
    received = PurchaseReceived(
        purchase_id="p1",
        receipt_id="g1",
        supplier_id="orchard",
        store_id="s1",
        received_on=date(2026, 3, 2),
        lead_days=0,
        lines=(ReceivedLine(sku="apple", accepted=40, cost_minor=12_000),),
    )
    with_order().when(apples(40)).then(
        ("purchase-p1", received), ("stock-s1/apple", moved(Place.SHELF, 40, 12_000))
    )


def test_when_all_has_come_the_order_is_closed() -> None:
    shop = with_order().after(apples(40))
    outcome = shop.when(apples(60, "g2"))
    assert outcome.only(PurchaseClosed).lines == (ClosedLine(sku="apple", ordered=100, received=100),)
    assert outcome.answer.status == "closed"
    shop.after(apples(60, "g2")).when(apples(1, "g3")).refused(PurchaseNotReady, status="closed")


def test_what_is_not_accepted_is_held_back_or_goes_back_with_the_driver() -> None:
    line = DeliveredLine(sku="apple", accepted=70, quarantined=20, rejected=10, cause="bruised")
    outcome = with_order().when(delivery(line))
    assert outcome.all(StockMoved) == [
        moved(Place.SHELF, 70, 21_000),
        moved(Place.QUARANTINE, 20, 6_000, reason="bruised"),
    ]
    assert outcome.answer.status == "partly_received", "what was rejected is owed still"


def test_lots_and_their_sell_by_come_with_the_goods() -> None:
    sell_by = date(2026, 3, 9)
    outcome = with_order().when(
        delivery(
            DeliveredLine(sku="apple", accepted=10, lot="L1", sell_by=sell_by),
            DeliveredLine(sku="apple", accepted=5, sell_by=date(2026, 3, 12)),
            DeliveredLine(sku="apple", accepted=5),
        )
    )
    lots = outcome.all(LotReceived)
    assert [(lot.lot, lot.supplier_id, lot.unit_cost_minor) for lot in lots] == [
        ("L1", "orchard", 300),
        ("g1", "orchard", 300),
    ]
    assert [one.lot for one in outcome.all(StockMoved)] == ["L1", "g1", None]


def test_what_has_expired_is_not_accepted() -> None:
    yesterday = date(2026, 3, 1)
    fresh = DeliveredLine(sku="apple", accepted=1, sell_by=yesterday + timedelta(days=1))
    assert with_order().when(delivery(fresh)).all(LotReceived)
    old = msgspec.structs.replace(fresh, sell_by=yesterday)
    with_order().when(delivery(old)).refused(InvalidCommand, sku="apple", sell_by="2026-03-01")
    held = msgspec.structs.replace(old, accepted=0, quarantined=1, cause="expired")
    assert with_order().when(delivery(held)).only(StockMoved).to is Place.QUARANTINE


def test_an_order_names_no_end_of_deliveries() -> None:
    none = DeliveredLine(sku="apple", rejected=1, cause="rotten")
    shop = with_order().after(*(delivery(none, receipt_id=f"g{number}") for number in range(MAX_RECEIPTS)))
    shop.when(apples(1, "last")).refused(InvalidCommand)


def test_goods_cost_what_was_confirmed_unless_the_bill_says_otherwise() -> None:
    confirm = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="apple", unit_cost=yuan(310)),))
    shop = with_order().after(confirm)
    assert shop.when(apples(10)).only(StockMoved).cost_minor == 3_100
    billed = DeliveredLine(sku="apple", accepted=10, unit_cost=yuan(320))
    assert shop.when(delivery(billed)).only(StockMoved).cost_minor == 3_200


def test_grams_cost_by_the_kilogram() -> None:
    shop = with_order(lines=(("cherry", 5_000),))
    line = DeliveredLine(sku="cherry", accepted=1_001, quarantined=250, cause="wet")
    assert [one.cost_minor for one in shop.when(delivery(line)).all(StockMoved)] == [2_002, 500]


def test_more_than_was_ordered_is_taken_within_the_tolerance() -> None:
    shop = with_order(*GOODS, a_supplier(over_bp=500), *SUPPLY)
    assert shop.when(apples(105)).answer.status == "closed"
    shop.when(apples(106)).refused(DeliveryExceedsOrder, sku="apple", most=105, received=106)


def test_more_than_was_ordered_is_refused_also_in_parts() -> None:
    shop = with_order(lines=(("apple", 100), ("cherry", 1)))
    shop.when(delivery(*(DeliveredLine(sku="apple", accepted=51) for _ in range(2)))).refused(
        DeliveryExceedsOrder
    )


def test_what_came_before_counts() -> None:
    with_order().after(apples(60)).when(apples(41, "g2")).refused(DeliveryExceedsOrder, expected=100)


def test_what_goes_back_with_the_driver_is_never_too_much() -> None:
    line = DeliveredLine(sku="apple", accepted=100, rejected=50, cause="too many")
    assert with_order().when(delivery(line)).answer.status == "closed"


def test_a_small_shortage_completes_the_order() -> None:
    shop = with_order(*GOODS, a_supplier(short_bp=200), *SUPPLY)
    assert shop.when(apples(98)).answer.status == "closed"
    assert shop.when(apples(97)).answer.status == "partly_received"


def test_what_the_supplier_does_not_deliver_is_not_owed() -> None:
    confirm = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="cherry", quantity=0),))
    shop = with_order(lines=(("apple", 10), ("cherry", 500))).after(confirm)
    assert shop.when(apples(10)).answer.status == "closed"


def test_an_order_is_closed_once_no_more_is_confirmed_than_has_come() -> None:
    rest = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="apple", quantity=40),))
    end = with_order().after(apples(40)).when(rest).only(PurchaseClosed)
    assert (end.cause, end.lines) == ("received", (ClosedLine(sku="apple", ordered=100, received=40),))


def test_an_order_of_which_nothing_is_confirmed_waits_for_somebody_to_end_it() -> None:
    nothing = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="apple", quantity=0),))
    assert not with_order().when(nothing).all(PurchaseClosed)


def test_the_lead_time_counts_the_stores_days() -> None:
    late = at(datetime(2026, 3, 5, 17, tzinfo=UTC))
    assert with_order().when(apples(10), late).only(PurchaseReceived).lead_days == 4


def test_a_delivery_is_late_from_the_day_that_was_promised_first() -> None:
    first, later = (ConfirmPurchase(purchase_id="p1", expected_on=date(2026, 3, day)) for day in (4, 9))
    on_the_fifth = at(datetime(2026, 3, 5, 12, tzinfo=UTC))
    shop = with_order().after(first, later)
    assert shop.when(apples(10), on_the_fifth).only(PurchaseReceived).days_late == 1
    assert shop.when(apples(10)).only(PurchaseReceived).days_late == -2


def test_where_no_lead_time_is_known_and_nothing_confirmed_nothing_is_late() -> None:
    on_the_fifth = at(datetime(2026, 3, 5, 12, tzinfo=UTC))
    assert with_order().when(apples(10), on_the_fifth).only(PurchaseReceived).days_late is None
    slow = with_order(*GOODS, a_supplier(), a_supply("apple", terms(300, lead_time_days=2)))
    assert slow.when(apples(10), on_the_fifth).only(PurchaseReceived).days_late == 1


def test_a_delivery_covers_what_was_sold_before_it_came() -> None:
    """-2 sold at 3.00, then 10 received at 3.40."""
    sold = StockMoved(
        store_id="s1", sku="apple", from_=Place.SHELF, to=Place.CUSTOMER, quantity=2, cost_minor=600
    )
    shop = with_order(*SHOP, ("stock-s1/apple", sold))
    billed = DeliveredLine(sku="apple", accepted=10, unit_cost=yuan(340))
    adjusted = shop.when(delivery(billed)).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.variance_minor) == (-80, 80)


def test_goods_come_in_by_the_tenants_cost_method() -> None:
    shop = with_order().after(SetStockPolicy(cost_method=CostMethod.FIFO))
    assert shop.when(apples(10)).only(StockMoved).fifo


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ((), InvalidCommand),
        ((DeliveredLine(sku="apple"),), InvalidCommand),
        ((DeliveredLine(sku="apple", accepted=-1, rejected=2, cause="bad"),), InvalidCommand),
        ((DeliveredLine(sku="apple", rejected=1),), InvalidCommand),
        ((DeliveredLine(sku="apple", quarantined=1),), InvalidCommand),
        ((DeliveredLine(sku="apple", accepted=1, unit_cost=yuan(-1)),), InvalidCommand),
        ((DeliveredLine(sku="pear", accepted=1),), InvalidCommand),
        (
            (DeliveredLine(sku="apple", accepted=1, unit_cost=Money(amount=1, currency="EUR")),),
            CurrencyMismatch,
        ),
    ],
)
def test_a_delivery_that_can_mean_nothing_is_refused(
    lines: tuple[DeliveredLine, ...], refusal: type[Refusal]
) -> None:
    with_order().when(delivery(*lines)).refused(refusal)


def test_only_what_was_sent_is_received_and_each_delivery_once() -> None:
    given(*SHOP).when(apples(1)).refused(NotFound)
    given(*SHOP).after(draft(("apple", 10))).when(apples(1)).refused(PurchaseNotReady, status="draft")
    with_order().after(apples(1)).when(apples(1)).refused(AlreadyExists, id="g1")
    cancel = CancelPurchase(purchase_id="p1", cause="too late")
    with_order().after(apples(1)).when(cancel).refused(PurchaseNotReady, status="partly_received")


def test_an_order_is_closed_though_the_rest_never_came() -> None:
    shop = with_order().after(apples(40))
    end = shop.when(ClosePurchase(purchase_id="p1", cause="sold out")).only(PurchaseClosed)
    assert end.lines == (ClosedLine(sku="apple", ordered=100, received=40),)


def back(*lines: ReturnLine, purchase_id: str | None = None) -> ReturnToSupplier:
    return ReturnToSupplier(
        return_id="b1",
        supplier_id="orchard",
        store_id="s1",
        cause="bruised",
        lines=lines,
        purchase_id=purchase_id,
    )


HELD = delivery(
    DeliveredLine(sku="apple", accepted=30, lot="L1"),
    DeliveredLine(sku="apple", quarantined=20, lot="L2", unit_cost=yuan(250), cause="bruised"),
)


def test_goods_go_back_from_the_shelf_at_what_they_cost() -> None:
    outcome = with_order().after(HELD).when(back(ReturnLine(sku="apple", quantity=10, lot="L1")))
    left = outcome.only(StockMoved)
    assert (left.from_, left.to, left.lot, left.cost_minor) == (Place.SHELF, Place.SUPPLIER, "L1", 3_000)
    assert left.reference == "supplierreturn-b1"


def test_goods_go_back_from_quarantine_at_their_lots_cost_and_another_claim() -> None:
    line = ReturnLine(sku="apple", quantity=20, from_=LeavesFrom.QUARANTINE, lot="L2", claim=yuan(6_000))
    outcome = with_order().after(HELD).when(back(line, purchase_id="p1"))
    (said,) = outcome.only(GoodsReturned).lines
    assert (said.cost_minor, said.claimed_minor) == (5_000, 6_000)
    assert outcome.only(StockMoved).from_ is Place.QUARANTINE


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (ReturnLine(sku="apple", quantity=31), StockShort),
        (ReturnLine(sku="apple", quantity=1, lot="L9"), StockShort),
        (ReturnLine(sku="apple", quantity=21, lot="L2", from_=LeavesFrom.QUARANTINE), StockShort),
        (ReturnLine(sku="apple", quantity=0), InvalidCommand),
        (ReturnLine(sku="apple", quantity=1, claim=yuan(-1)), InvalidCommand),
        (ReturnLine(sku="apple", quantity=1, claim=Money(amount=1, currency="EUR")), CurrencyMismatch),
    ],
)
def test_what_is_not_there_does_not_go_back(line: ReturnLine, refusal: type[Refusal]) -> None:
    with_order().after(HELD).when(back(line)).refused(refusal)


def test_a_return_has_a_supplier_lines_and_an_order_of_theirs() -> None:
    line = ReturnLine(sku="apple", quantity=1)
    with_order().after(HELD).when(back()).refused(InvalidCommand, lines=0)
    with_order().after(HELD, back(line)).when(back(line)).refused(AlreadyExists)
    with_order().when(back(line, purchase_id="p9")).refused(NotFound)
    given(*GOODS).when(back(line)).refused(NotFound)
    other = ordered(*GOODS, a_supplier(), a_supplier("farm"), *SUPPLY)
    strange = ReturnToSupplier(
        return_id="b1", supplier_id="farm", store_id="s1", cause="bad", lines=(line,), purchase_id="p1"
    )
    given(*other).when(strange).refused(InvalidCommand, purchase_id="p1")


def test_by_an_order_no_more_goes_back_than_came_by_it() -> None:
    more = StockMoved(
        store_id="s1", sku="apple", from_=Place.SUPPLIER, to=Place.SHELF, quantity=90, cost_minor=27_000
    )
    shop = with_order(*SHOP, ("stock-s1/apple", more)).after(apples(10))
    lines = (ReturnLine(sku="apple", quantity=5), ReturnLine(sku="apple", quantity=6))
    shop.when(back(*lines, purchase_id="p1")).refused(ReturnExceedsDelivery, received=10, returned=11)
    shop.after(back(ReturnLine(sku="apple", quantity=6), purchase_id="p1"))
    again = msgspec.structs.replace(back(*lines[:1], purchase_id="p1"), return_id="b2")
    shop.when(again).refused(ReturnExceedsDelivery, received=10, returned=11)
    of_no_order = msgspec.structs.replace(again, purchase_id=None)
    assert not shop.when(of_no_order).all(PurchaseReturned)


def test_by_an_order_nothing_goes_back_that_is_not_of_it() -> None:
    pears = StockMoved(
        store_id="s1", sku="pear", from_=Place.SUPPLIER, to=Place.SHELF, quantity=9, cost_minor=900
    )
    shop = with_order(*SHOP, ("stock-s1/pear", pears)).after(apples(10))
    shop.when(back(ReturnLine(sku="pear", quantity=1), purchase_id="p1")).refused(
        InvalidCommand, skus=["pear"]
    )


def test_a_credit_note_is_noted_once() -> None:
    note = NoteCredit(return_id="b1", amount=yuan(2_900), reference="CN-1")
    shop = with_order().after(HELD, back(ReturnLine(sku="apple", quantity=10)))
    shop.when(note).then_events(
        GoodsCredited(return_id="b1", supplier_id="orchard", amount_minor=2_900, reference="CN-1")
    )
    shop.after(note).when(note).then()
    shop.when(NoteCredit(return_id="b1", amount=yuan(1), reference="CN-1")).refused(
        InvalidCommand, noted=2_900
    )
    shop.when(NoteCredit(return_id="b1", amount=yuan(0), reference="CN-2")).refused(InvalidCommand)
    notes = [NoteCredit(return_id="b1", amount=yuan(1), reference=f"N{n}") for n in range(MAX_CREDITS)]
    shop.after(*notes[1:]).when(notes[0]).refused(InvalidCommand)
    shop.when(notes[1]).then()
    euros = NoteCredit(return_id="b1", amount=Money(amount=1, currency="EUR"), reference="CN-2")
    shop.when(euros).refused(CurrencyMismatch)
    given().when(note).refused(NotFound)


def test_what_comes_and_goes_back_leaves_the_book_as_it_was() -> None:
    shop = Shop(*ordered(*SHOP))
    commands = (
        HELD,
        back(
            ReturnLine(sku="apple", quantity=30, lot="L1"),
            ReturnLine(sku="apple", quantity=20, lot="L2", from_=LeavesFrom.QUARANTINE),
        ),
    )
    for command in commands:
        shop.do(command)
    item = shop.state(STOCK_ITEM, "s1/apple")
    assert item.parts is not None
    assert (item.on_hand, item.value_minor, item.parts.held) == (0, 0, {})
