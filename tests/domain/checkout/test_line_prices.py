"""What a line costs by a price list, by the piece or kilogram, or as a scale has printed it."""

from datetime import timedelta

import msgspec
import pytest

from domain.access.approval import ApprovalRequired, Authority
from domain.access.limits import Limits
from domain.catalog.price_list import NewPrice, PriceList, PublishPriceList, SetPrices
from domain.catalog.product import ChangeProduct, Piece, ProductAdded
from domain.checkout.check_out import CheckOut
from domain.checkout.line_prices import BasketLine
from domain.customers.segments import SetSegments
from domain.inventory.stock_item import StockMoved
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.errors import InvalidCommand
from domain.kernel.quantity import Unit
from domain.promotions.book import PublishOffer
from domain.promotions.offer import Offer, PercentOff, Phase
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine
from tests.support.decisions import NOON, Fact, Given, Shop, at, given
from tests.support.facts import a_customer, a_store, by_gram, by_piece, cash, check_out, take_back

MELON: Fact = (
    "product-melon",
    ProductAdded(
        sku="melon",
        name="Melon",
        category="fruit",
        unit=Unit.GRAM,
        price_minor=990,
        currency="CNY",
        piece=Piece(price_minor=1200, weight_g=1300),
    ),
)
PAID = (cash(1_000_000),)


def listing(
    list_id: str, *prices: NewPrice, stores: tuple[str, ...] = (), segments: tuple[str, ...] = ()
) -> tuple[PublishPriceList, SetPrices]:
    one = PriceList(
        list_id=list_id, version=0, name=list_id, currency="CNY", stores=stores, segments=segments
    )
    return PublishPriceList(price_list=one), SetPrices(list_id=list_id, prices=prices)


def sold(shop: Given, line: BasketLine, customer_id: str | None = None) -> SaleLine:
    (one,) = shop.when(check_out(line, tenders=PAID, customer_id=customer_id)).only(SaleCompleted).lines
    return one


# --- price lists ------------------------------------------------------------------------------------


def apples() -> Given:
    return given(a_store(), a_customer(), by_piece("apple", 1000)).after(
        *listing("south", NewPrice(sku="apple", price_minor=900), stores=("s1",)),
        *listing("vip", NewPrice(sku="apple", price_minor=800), segments=("vip",)),
    )


def test_a_sale_says_which_list_in_which_version_gave_the_price() -> None:
    line = sold(apples(), BasketLine(sku="apple", quantity=2))
    assert (line.unit_price_minor, line.amount_minor) == (900, 1800)
    assert (line.price_list, line.price_list_version) == ("south", 2)


def test_a_customers_segment_counts_before_the_store_and_stands_in_the_sale() -> None:
    shop = given(a_store(), a_customer(), by_piece("apple", 1000)).after(
        *listing("south", NewPrice(sku="apple", price_minor=700), stores=("s1",)),
        *listing("vip", NewPrice(sku="apple", price_minor=800), segments=("vip",)),
        SetSegments(customer_id="c1", segments=("vip",)),
    )
    sale = shop.when(check_out(("apple", 1), tenders=PAID, customer_id="c1")).only(SaleCompleted)
    assert sale.lines[0].price_list == "vip"
    assert sale.customer_facts == CustomerFacts(segments=("vip",))


def test_who_is_in_no_segment_pays_what_everybody_pays() -> None:
    assert sold(apples(), BasketLine(sku="apple", quantity=1), "c1").price_list == "south"


def test_the_products_own_price_names_no_list() -> None:
    shop = given(a_store(), by_piece("apple", 1000)).after(
        *listing("north", NewPrice(sku="apple", price_minor=900), stores=("s9",))
    )
    line = sold(shop, BasketLine(sku="apple", quantity=1))
    assert (line.unit_price_minor, line.price_list, line.price_list_version) == (1000, None, 0)


def test_a_sale_without_prices_in_lists_reads_no_stream_of_them() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000))
    command = check_out(("apple", 1), tenders=PAID)
    decided = shop.decide(command, at(NOON))
    assert not [name for name in command.streams() if name.startswith("pricelists")]
    assert decided.events


def test_the_price_is_that_of_the_tills_clock() -> None:
    first = PriceList(
        list_id="noon", version=0, name="Noon", currency="CNY", valid_until=NOON + timedelta(hours=1)
    )
    shop = given(a_store(), by_piece("apple", 1000)).after(
        PublishPriceList(price_list=first),
        SetPrices(list_id="noon", prices=(NewPrice(sku="apple", price_minor=1),)),
    )
    late = at(NOON, NOON + timedelta(days=2))
    sale = shop.when(check_out(("apple", 1), tenders=PAID), late).only(SaleCompleted)
    assert sale.total_minor == 1


def test_a_price_of_the_tills_own_is_held_against_the_lists() -> None:
    """900 in the list: 890 is 1.2 % below it, not 11 % below the product's own price."""
    line = BasketLine(sku="apple", quantity=1, unit_price_minor=890, price_reason="damaged box")
    command = check_out(line, tenders=PAID)
    alone = Authority(person="person:u1", limits=Limits(discount_bp=200))
    little = Authority(person="person:u1", limits=Limits(discount_bp=100))
    sale = apples().when(_by(command, alone)).only(SaleCompleted)
    assert (sale.lines[0].price_list, sale.lines[0].price_reason) == (None, "damaged box")
    apples().when(_by(command, little)).refused(ApprovalRequired)


def _by(command: CheckOut, authority: Authority) -> CheckOut:
    return msgspec.structs.replace(command, authority=authority)


# --- by piece, by gram, by either -------------------------------------------------------------------


def melons() -> Given:
    return given(a_store(), MELON, by_piece("apple", 1000))


def test_what_is_sold_by_either_is_weighed_unless_pieces_are_asked_for() -> None:
    line = sold(melons(), BasketLine(sku="melon", quantity=1300))
    assert (line.unit, line.unit_price_minor, line.amount_minor) == (Unit.GRAM, 990, 1287)


def test_a_piece_has_its_own_price_and_its_weight_leaves_the_shelf() -> None:
    outcome = melons().when(check_out(BasketLine(sku="melon", quantity=2, unit=Unit.PIECE), tenders=PAID))
    (line,) = outcome.only(SaleCompleted).lines
    assert (line.unit, line.quantity, line.amount_minor) == (Unit.PIECE, 2, 2400)
    assert outcome.only(StockMoved).quantity == 2600


def test_a_piece_that_comes_back_is_put_on_the_shelf_by_its_weight() -> None:
    shop = melons().after(check_out(BasketLine(sku="melon", quantity=2, unit=Unit.PIECE), tenders=PAID))
    outcome = shop.when(take_back((1, 1)))
    assert outcome.only(ReturnRecorded).total_minor == 1200
    assert outcome.only(StockMoved).quantity == 1300


def test_a_list_may_have_a_price_for_the_piece() -> None:
    both = NewPrice(sku="melon", price_minor=890, piece_price_minor=1100)
    shop = given(a_store(), MELON).after(*listing("south", both))
    line = sold(shop, BasketLine(sku="melon", quantity=1, unit=Unit.PIECE))
    assert (line.amount_minor, line.price_list) == (1100, "south")


def test_without_one_the_piece_costs_what_it_costs_elsewhere() -> None:
    shop = given(a_store(), MELON).after(*listing("south", NewPrice(sku="melon", price_minor=890)))
    line = sold(shop, BasketLine(sku="melon", quantity=1, unit=Unit.PIECE))
    assert (line.amount_minor, line.price_list) == (1200, None)


@pytest.mark.parametrize(("sku", "unit"), [("apple", Unit.GRAM), ("cherry", Unit.PIECE)])
def test_what_is_sold_by_one_unit_is_not_sold_by_the_other(sku: str, unit: Unit) -> None:
    given(a_store(), by_piece("apple"), by_gram("cherry")).when(
        check_out(BasketLine(sku=sku, quantity=1, unit=unit), tenders=PAID)
    ).refused(InvalidCommand)


# --- printed prices ---------------------------------------------------------------------------------


def cherries() -> Given:
    return given(a_store(), by_gram("cherry", 3990), by_piece("apple", 1000))


LABEL = BasketLine(sku="cherry", quantity=0, label_minor=500, barcode="2100123005004")


def test_a_printed_price_is_what_counts_and_the_weight_follows() -> None:
    """5.00 at 39.90 a kilogram are 125 g, though 125 g would cost 4.99. (Domain rule "Line".)"""
    outcome = cherries().when(check_out(LABEL, tenders=PAID))
    (line,) = outcome.only(SaleCompleted).lines
    assert (line.amount_minor, line.quantity, line.unit_price_minor) == (500, 125, 3990)
    assert line.barcode == LABEL.barcode
    assert outcome.only(StockMoved).quantity == 125


def test_what_had_a_printed_price_comes_back_for_it() -> None:
    shop = cherries().after(check_out(LABEL, tenders=PAID))
    assert shop.when(take_back((1, 125))).only(ReturnRecorded).total_minor == 500


@pytest.mark.parametrize(
    "line",
    [
        BasketLine(sku="apple", quantity=0, label_minor=500),
        BasketLine(sku="cherry", quantity=0, label_minor=500, unit_price_minor=1, price_reason="damaged"),
        BasketLine(sku="cherry", quantity=0),
    ],
)
def test_a_printed_price_is_for_weighed_goods_and_the_only_one_of_its_line(line: BasketLine) -> None:
    cherries().when(check_out(line, tenders=PAID)).refused(InvalidCommand)


def test_a_printed_price_needs_one_per_kilogram() -> None:
    given(a_store(), by_gram("cherry", 0)).when(check_out(LABEL, tenders=PAID)).refused(InvalidCommand)


# --- floor prices -----------------------------------------------------------------------------------


def half_price() -> PublishOffer:
    return PublishOffer(
        offer=Offer(
            offer_id="half",
            version=0,
            name="Half",
            currency="CNY",
            phase=Phase.LINE,
            benefit=PercentOff(rate_bp=5_000),
        )
    )


def test_no_offer_goes_below_the_floor_price() -> None:
    shop = given(a_store(), by_piece("apple", 1000), by_piece("pear", 1000)).after(
        ChangeProduct(sku="apple", floor_minor=700), half_price()
    )
    sale = shop.when(check_out(("apple", 2), ("pear", 2), tenders=PAID)).only(SaleCompleted)
    assert [line.net_minor for line in sale.lines] == [1400, 1000]


def test_the_floor_of_a_piece_is_that_of_its_weight() -> None:
    """10.00 a kilogram, 1.3 kg a piece: 13.00 are more than the piece costs, so nothing is taken off it."""
    shop = given(a_store(), MELON).after(ChangeProduct(sku="melon", floor_minor=1000), half_price())
    assert sold(shop, BasketLine(sku="melon", quantity=1, unit=Unit.PIECE)).net_minor == 1200
    given(a_store(), MELON).when(ChangeProduct(sku="melon", floor_minor=-1)).refused(InvalidCommand)
