"""Markdowns: the label's price, its lot, no more than labels were printed, and never onto fresh stock."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.access.approval import ApprovalRequired, Authority
from domain.access.limits import Limits
from domain.catalog.barcode import Measure, ScaleCode
from domain.catalog.barcodes import BarcodeAssigned, BarcodeTaken, SetBarcodes, SetScales
from domain.catalog.markdown import MAX_LABELS, LabelsCameBack, LabelsSold, MarkdownEnded, MarkdownMade
from domain.catalog.price_list import NewPrice, PriceList, PublishPriceList, SetPrices
from domain.checkout.check_out import CheckOut
from domain.checkout.exchange import Exchange
from domain.checkout.line_prices import BasketLine
from domain.checkout.lines_back import ReturnLine
from domain.checkout.mark_down import EndMarkdown, MarkDown
from domain.checkout.marked_down import LabelElsewhere, LabelsUsedUp, MarkdownOver
from domain.checkout.place_order import PlaceOrder
from domain.checkout.record_sale import RecordSale
from domain.checkout.take_back import TakeBack
from domain.inventory.stock_item import StockMoved
from domain.kernel.command import Command
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.quantity import Unit
from domain.promotions.offer import Conditions, OnReturn, PercentOff, Phase
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleException
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.commands import publish
from tests.support.decisions import NOON, Given, at, given
from tests.support.facts import a_campaign, a_coupon, a_store, by_gram, by_piece, cash, check_out, received

CLOSING_TIME = NOON + timedelta(hours=8)
EAN = "4006381333931"
LABEL = "04006381333931"
PAID = (cash(1_000_000),)


def mark_down(code: str = "half", **fields: Any) -> MarkDown:
    """Half price for three yoghurts of lot l-17, until the shop closes."""
    usual: dict[str, Any] = {"store_id": "s1", "sku": "yoghurt", "lot": "l-17", "labels": 3}
    terms: dict[str, Any] = {"reason": "near expiry", "until": CLOSING_TIME}
    if "price_minor" not in fields:
        terms["off_bp"] = 5_000
    return MarkDown(code=code, **(usual | terms | fields))


def by_label(quantity: int = 1, label: str | None = "half", sku: str = "yoghurt") -> BasketLine:
    return BasketLine(sku=sku, quantity=quantity, label=label, barcode=label)


def sale_of(*lines: BasketLine, **fields: Any) -> CheckOut:
    return check_out(*lines, tenders=PAID, **fields)


def shop(*commands: Command) -> Given:
    facts = (a_store(), a_store("s2"), by_piece("yoghurt", 300), by_gram("cherry", 4000))
    return given(*facts, received("yoghurt", 10, 1000)).after(*commands)


# --- price, lot and number --------------------------------------------------------------------------


def test_what_carries_the_label_has_its_price_and_what_does_not_keeps_its_own() -> None:
    sale = shop(mark_down()).when(sale_of(by_label(2), by_label(1, None))).only(SaleCompleted)
    assert [line.net_minor for line in sale.lines] == [300, 300]
    assert [(line.markdown, line.lot) for line in sale.lines] == [("half", "l-17"), (None, None)]


def test_the_lot_of_the_label_leaves_the_shelf() -> None:
    done = shop(mark_down()).when(sale_of(by_label(2), by_label(1, None)))
    assert [(moved.quantity, moved.lot) for moved in done.all(StockMoved)] == [(2, "l-17"), (1, None)]


def test_labels_sell_nothing_after_the_sell_by_of_their_lot() -> None:
    """It is the second of March in Shanghai until 16:00 in UTC."""
    line = MoveLine(sku="yoghurt", quantity=5, lot="l-17", sell_by=NOON.date())
    lots = shop(MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,)))
    midnight = NOON + timedelta(hours=4)
    assert lots.when(mark_down(until=midnight)).only(MarkdownMade).until == midnight
    too_long = mark_down(until=midnight + timedelta(seconds=1))
    lots.when(too_long).refused(InvalidCommand, lot="l-17", sell_by="2026-03-02")


def test_a_label_may_name_a_price() -> None:
    done = shop(mark_down(price_minor=99)).when(sale_of(by_label(2)))
    assert done.only(SaleCompleted).lines[0].unit_price_minor == 99


def test_a_share_comes_off_what_the_price_list_says_and_a_price_stands_in_its_place() -> None:
    list_ = PriceList(list_id="south", version=0, name="South", currency="CNY", stores=("s1",))
    prices = SetPrices(list_id="south", prices=(NewPrice(sku="yoghurt", price_minor=201),))
    listed = (PublishPriceList(price_list=list_), prices)
    share = shop(*listed, mark_down()).when(sale_of(by_label())).only(SaleCompleted).lines[0]
    fixed = shop(*listed, mark_down(price_minor=99)).when(sale_of(by_label())).only(SaleCompleted).lines[0]
    assert (share.unit_price_minor, share.price_list) == (101, "south")
    assert (fixed.unit_price_minor, fixed.price_list) == (99, None)


def test_no_more_is_sold_than_labels_were_printed() -> None:
    sold = shop(mark_down(), sale_of(by_label(2)))
    sold.when(sale_of(by_label(2), sale_id="x2")).refused(LabelsUsedUp, printed=3, sold=2, asked=2)
    assert sold.when(sale_of(by_label(1), sale_id="x2")).only(LabelsSold).labels == 1


def test_labels_on_several_lines_count_together() -> None:
    shop(mark_down()).when(sale_of(by_label(2), by_label(2))).refused(LabelsUsedUp, asked=4)


def test_goods_by_weight_use_one_label_a_line() -> None:
    marked = shop(mark_down(sku="cherry", price_minor=2000, labels=1))
    done = marked.when(sale_of(by_label(500, sku="cherry")))
    assert done.only(SaleCompleted).total_minor == 1000
    assert done.only(LabelsSold).labels == 1


def test_a_label_is_over_when_its_time_has_come() -> None:
    last = at(CLOSING_TIME - timedelta(seconds=1))
    assert shop(mark_down()).when(sale_of(by_label()), last).only(LabelsSold).labels == 1
    shop(mark_down()).when(sale_of(by_label()), at(CLOSING_TIME)).refused(MarkdownOver, label="half")


def test_a_markdown_can_be_ended_before_its_time() -> None:
    ended = shop(mark_down(), EndMarkdown(store_id="s1", label="half"))
    ended.when(sale_of(by_label())).refused(MarkdownOver, label="half")
    ended.when(EndMarkdown(store_id="s1", label="half")).then()


def test_a_label_is_worth_nothing_in_another_store() -> None:
    elsewhere = msgspec.structs.replace(sale_of(by_label()), store_id="s2")
    shop(mark_down()).when(elsewhere).refused(LabelElsewhere, store_id="s1")
    shop(mark_down()).when(EndMarkdown(store_id="s2", label="half")).refused(NotFound)


def test_a_label_does_not_go_onto_another_product() -> None:
    shop(mark_down()).when(sale_of(by_label(500, sku="cherry"))).refused(InvalidCommand, label="half")


def test_an_order_takes_no_labels() -> None:
    order = PlaceOrder(order_id="o1", store_id="s1", channel="web", lines=(by_label(),), hold_s=60)
    shop(mark_down()).when(order).refused(InvalidCommand)


# --- offers -----------------------------------------------------------------------------------------


def nets(shop: Given, *lines: BasketLine) -> list[int]:
    return [line.net_minor for line in shop.when(sale_of(*lines)).only(SaleCompleted).lines]


def test_an_offer_leaves_labelled_goods_alone() -> None:
    ten = publish("ten", PercentOff(rate_bp=1_000))
    assert nets(shop(mark_down(), ten), by_label(), by_label(1, None)) == [150, 270]


def test_an_offer_that_says_so_takes_off_labelled_goods_too() -> None:
    ten = publish("ten", PercentOff(rate_bp=1_000), stacks_with_markdowns=True)
    assert nets(shop(mark_down(), ten), by_label(), by_label(1, None)) == [135, 270]


def test_labelled_goods_do_not_reach_an_offers_minimum() -> None:
    from_four = Conditions(minimum_minor=400)
    ten = publish("ten", PercentOff(rate_bp=1_000), Phase.ORDER, conditions=from_four)
    assert nets(shop(mark_down(), ten), by_label(), by_label(1, None)) == [150, 300]


def test_a_coupon_takes_nothing_off_labelled_goods() -> None:
    facts = (a_store(), by_piece("yoghurt", 300), a_campaign(value=100), a_coupon())
    sale = given(*facts).after(mark_down()).when(sale_of(by_label(), by_label(1, None), coupons=("k1",)))
    assert [line.net_minor for line in sale.only(SaleCompleted).lines] == [150, 200]


def test_a_return_that_is_priced_anew_leaves_kept_labelled_goods_alone() -> None:
    ten = publish("ten", PercentOff(rate_bp=1_000), on_return=OnReturn.REPRICE)
    sold = shop(mark_down(), ten, sale_of(by_label(), by_label(2, None)))
    back = TakeBack(
        return_id="r1", sale_id="x1", register_id="till-1", lines=(ReturnLine(line=2, quantity=1),)
    )
    assert sold.when(back).only(ReturnRecorded).total_minor == 270


# --- coming back ------------------------------------------------------------------------------------


def back(quantity: int = 1, **fields: Any) -> TakeBack:
    line = ReturnLine(line=1, quantity=quantity, **fields)
    return TakeBack(return_id="r1", sale_id="x1", register_id="till-1", lines=(line,))


def test_what_is_on_the_shelf_again_can_be_sold_by_its_label_again() -> None:
    sold = shop(mark_down(), sale_of(by_label(3)))
    assert sold.when(back()).only(LabelsCameBack).labels == 1
    again = shop(mark_down(), sale_of(by_label(3)), back())
    assert again.when(sale_of(by_label(1), sale_id="x2")).only(LabelsSold).labels == 1


def test_what_goes_to_waste_brings_no_label_back() -> None:
    sold = shop(mark_down(), sale_of(by_label(3)))
    assert sold.when(back(wasted=1, condition="spoiled")).all(LabelsCameBack) == []


def test_a_sale_by_the_last_labels_can_be_corrected() -> None:
    sold = shop(mark_down(), sale_of(by_label(3)))
    wrong = TakeBack(return_id="r1", sale_id="x1", register_id="till-1", correction=True)
    right = check_out(by_label(3), tenders=(), sale_id="x2")
    done = sold.when(Exchange(back=wrong, sale=right))
    assert done.only(LabelsCameBack).labels == done.only(LabelsSold).labels == 3


# --- offline ----------------------------------------------------------------------------------------


def made_offline(quantity: int, charged_minor: int) -> RecordSale:
    return RecordSale(
        sale_id="x9",
        store_id="s1",
        register_id="till-1",
        lines=(by_label(quantity),),
        unit_prices_minor=(None,),
        charged_minor=(charged_minor,),
        tenders=(cash(charged_minor),),
    )


def test_a_sale_by_label_that_was_made_offline_is_by_the_rules() -> None:
    sale = shop(mark_down()).when(made_offline(2, 300)).only(SaleCompleted)
    assert (sale.exceptions, sale.lines[0].lot) == ((), "l-17")


def test_more_than_was_printed_is_an_exception_of_a_sale_that_was_made_offline() -> None:
    done = shop(mark_down()).when(made_offline(4, 600))
    assert done.only(SaleCompleted).exceptions == (SaleException(code="labels_used_up", reference="half"),)
    assert done.only(LabelsSold).labels == 4


def test_a_label_that_nobody_knows_is_an_exception_of_a_sale_that_was_made_offline() -> None:
    done = shop().when(made_offline(2, 300))
    sale = done.only(SaleCompleted)
    assert SaleException(code="label_unknown", line=1, reference="half") in sale.exceptions
    assert (sale.total_minor, sale.lines[0].markdown, done.all(LabelsSold)) == (300, None, [])


def test_a_label_of_another_product_is_an_exception_of_a_sale_that_was_made_offline() -> None:
    done = shop(mark_down(sku="cherry")).when(made_offline(2, 300))
    sale = done.only(SaleCompleted)
    assert SaleException(code="label_unfit", line=1, reference="half") in sale.exceptions
    assert (sale.total_minor, sale.lines[0].lot, done.all(LabelsSold)) == (300, None, [])


def test_what_was_sold_offline_in_time_is_in_time_whenever_it_comes() -> None:
    moment = at(NOON, recorded_at=NOON + timedelta(days=1))
    assert shop(mark_down()).when(made_offline(1, 150), moment).only(SaleCompleted).exceptions == ()


def test_what_was_sold_offline_too_late_is_an_exception() -> None:
    done = shop(mark_down()).when(made_offline(1, 150), at(CLOSING_TIME))
    assert done.only(SaleCompleted).exceptions == (SaleException(code="markdown_over", reference="half"),)


# --- making -----------------------------------------------------------------------------------------


def test_a_label_of_the_trade_takes_its_code_for_ever() -> None:
    done = shop().when(mark_down(EAN))
    assert done.only(MarkdownMade).label == LABEL
    assert done.only(BarcodeAssigned) == BarcodeAssigned(code=LABEL, sku="yoghurt", label=True)
    shop(mark_down(EAN)).when(SetBarcodes(sku="yoghurt", barcodes=(EAN,))).refused(BarcodeTaken)
    ended = shop(mark_down(EAN), EndMarkdown(store_id="s1", label=LABEL))
    ended.when(mark_down(EAN)).refused(AlreadyExists)


def test_a_code_of_a_product_is_no_label() -> None:
    taken = shop(SetBarcodes(sku="yoghurt", barcodes=(EAN,)))
    taken.when(mark_down(EAN)).refused(BarcodeTaken, sku="yoghurt")


def test_what_the_scales_print_is_no_label() -> None:
    scales = SetScales(layouts=(ScaleCode(prefix="21", measure=Measure.PRICE),))
    shop(scales).when(mark_down("2100123005009")).refused(InvalidCommand, label="2100123005009")


@pytest.mark.parametrize(
    "fields",
    [
        {"labels": 0},
        {"labels": MAX_LABELS + 1},
        {"price_minor": 300},
        {"price_minor": -1},
        {"price_minor": 100, "off_bp": 100},
        {"price_minor": None},
        {"off_bp": 10_001},
        {"until": NOON},
        {"code": "4006381333932"},
    ],
    ids=str,
)
def test_a_markdown_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    shop().when(mark_down(**fields)).refused(InvalidCommand)


def test_a_price_is_in_the_products_currency() -> None:
    shop().when(mark_down(price_minor=100, currency="EUR")).refused(CurrencyMismatch, currency="EUR")


def test_whoever_marks_down_beyond_their_limit_needs_a_second_person() -> None:
    cashier = Authority(person="person:u1", limits=Limits(discount_bp=1_000))
    shop().when(mark_down(authority=cashier)).refused(ApprovalRequired, needed=5_000, target="half")
    shop().when(mark_down(price_minor=100, authority=cashier)).refused(ApprovalRequired, needed=6_667)
    allowed = shop().when(mark_down(off_bp=1_000, authority=cashier)).only(MarkdownMade).allowance
    assert allowed is not None
    assert (allowed.limit, allowed.needed) == (1_000, 1_000)


def test_a_price_a_kilogram_is_no_price_of_a_piece() -> None:
    piece = BasketLine(sku="cherry", quantity=1, unit=Unit.PIECE, label="half")
    shop(mark_down(sku="cherry", price_minor=100)).when(sale_of(piece)).refused(InvalidCommand)


def test_ending_is_a_fact() -> None:
    shop(mark_down()).when(EndMarkdown(store_id="s1", label="half")).then_events(MarkdownEnded(label="half"))
