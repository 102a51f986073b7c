"""A product: one SKU, its unit, price and tax rate."""

import enum
from typing import ClassVar

import msgspec

from domain.fields.field import FieldValue
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.kernel.stream import States, StreamKind

MAX_RATE_BP = 10_000
SNAPSHOT_EVERY = 100


class NegativeStock(enum.StrEnum):
    """What a till may do where the book says that nothing is left. (Domain rule "Negative stock".)"""

    ALLOW = "allow"
    WARN = "warn"
    """It is sold, and the sale says so: somebody should look why the book is wrong."""
    BLOCK = "block"


class Piece(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How goods that are kept by the gram are sold by the piece: the price of one, and what one weighs."""

    price_minor: int
    weight_g: int


class ProductAdded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU can be sold. Prices are per piece or per kilogram; services hold no stock.

    `negative_stock` is the till's, and that of paid orders whose goods have gone where they have none of
    their own. Below `floor_minor` no offer goes. With `tax_by_category` it names no rate: its category's
    counts.
    """

    TYPE: ClassVar = "product.added.v1"
    sku: str
    name: str
    category: str
    unit: Unit
    price_minor: int
    currency: str
    tax_rate_bp: int = 0
    stocked: bool = True
    negative_stock: NegativeStock = NegativeStock.ALLOW
    piece: Piece | None = None
    floor_minor: int = 0
    tax_by_category: bool = False
    negative_stock_orders: NegativeStock | None = None


class ProductChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named details are new; the others stay. The unit never changes: quantities were recorded in it.

    `tax_by_category`: from now on it names no rate of its own, until one is set again.
    """

    TYPE: ClassVar = "product.changed.v1"
    sku: str
    name: str | None = None
    category: str | None = None
    price_minor: int | None = None
    tax_rate_bp: int | None = None
    negative_stock: NegativeStock | None = None
    piece: Piece | None = None
    floor_minor: int | None = None
    tax_by_category: bool = False
    negative_stock_orders: NegativeStock | None = None


class PriceSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """In this price list, from its version on, the product costs this; None takes it out of the list.

    `piece_price_minor` is for those sold by the piece though they are kept by the gram.
    """

    TYPE: ClassVar = "product.price_set.v1"
    sku: str
    list_id: str
    version: int
    price_minor: int | None = None
    piece_price_minor: int | None = None


class BarcodesSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """By these codes of the trade and numbers of scales the product is found, and by no others."""

    TYPE: ClassVar = "product.barcodes_set.v1"
    sku: str
    barcodes: tuple[str, ...] = ()
    scale_numbers: tuple[str, ...] = ()


class ListPrice(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a product costs in a price list, and since which of its versions."""

    version: int
    price_minor: int
    piece_price_minor: int | None = None


class ProductFieldsSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """In fields of the merchant's own these values are noted, and those of `removed` no more. Others stay."""

    TYPE: ClassVar = "product.fields_set.v1"
    sku: str
    values: dict[str, FieldValue] = msgspec.field(default_factory=dict)
    removed: tuple[str, ...] = ()


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product as decisions see it."""

    sku: str = ""
    name: str = ""
    category: str = ""
    unit: Unit = Unit.PIECE
    price_minor: int = 0
    currency: str = ""
    tax_rate_bp: int = 0
    stocked: bool = True
    negative_stock: NegativeStock = NegativeStock.ALLOW
    piece: Piece | None = None
    floor_minor: int = 0
    prices: dict[str, ListPrice] = {}
    barcodes: tuple[str, ...] = ()
    scale_numbers: tuple[str, ...] = ()
    tax_by_category: bool = False
    negative_stock_orders: NegativeStock | None = None
    fields: dict[str, FieldValue] = {}


def evolve(state: Product, event: Event) -> Product:
    """The product after `event`."""
    match event:
        case ProductAdded():
            return Product(
                sku=event.sku,
                name=event.name,
                category=event.category,
                unit=event.unit,
                price_minor=event.price_minor,
                currency=event.currency,
                tax_rate_bp=event.tax_rate_bp,
                stocked=event.stocked,
                negative_stock=event.negative_stock,
                piece=event.piece,
                floor_minor=event.floor_minor,
                tax_by_category=event.tax_by_category,
                negative_stock_orders=event.negative_stock_orders,
            )
        case ProductChanged():
            return msgspec.structs.replace(
                state,
                name=state.name if event.name is None else event.name,
                category=state.category if event.category is None else event.category,
                price_minor=state.price_minor if event.price_minor is None else event.price_minor,
                tax_rate_bp=_rate_after(state, event),
                negative_stock=state.negative_stock if event.negative_stock is None else event.negative_stock,
                piece=state.piece if event.piece is None else event.piece,
                floor_minor=state.floor_minor if event.floor_minor is None else event.floor_minor,
                tax_by_category=event.tax_by_category
                or (event.tax_rate_bp is None and state.tax_by_category),
                negative_stock_orders=event.negative_stock_orders or state.negative_stock_orders,
            )
        case PriceSet():
            return msgspec.structs.replace(state, prices=_prices_after(state, event))
        case ProductFieldsSet():
            noted = {**state.fields, **event.values}
            fields = {name: value for name, value in noted.items() if name not in event.removed}
            return msgspec.structs.replace(state, fields=fields)
        case BarcodesSet():
            return msgspec.structs.replace(state, barcodes=event.barcodes, scale_numbers=event.scale_numbers)
        case _:
            return state


def _rate_after(state: Product, event: ProductChanged) -> int:
    if event.tax_by_category:
        return 0
    return state.tax_rate_bp if event.tax_rate_bp is None else event.tax_rate_bp


def _prices_after(state: Product, event: PriceSet) -> dict[str, ListPrice]:
    prices = {list_id: price for list_id, price in state.prices.items() if list_id != event.list_id}
    if event.price_minor is not None:
        prices[event.list_id] = ListPrice(
            version=event.version, price_minor=event.price_minor, piece_price_minor=event.piece_price_minor
        )
    return prices


# Prices of lists change for as long as the product is sold.
PRODUCT = StreamKind("product", Product(), evolve, snapshot_every=SNAPSHOT_EVERY)


def _check_figures(
    unit: Unit,
    price_minor: int | None,
    tax_rate_bp: int | None,
    piece: Piece | None,
    floor_minor: int | None,
) -> None:
    if floor_minor is not None and floor_minor < 0:
        raise InvalidCommand("A floor price is zero or more.", floor_minor=floor_minor)
    if piece is not None:
        if unit is not Unit.GRAM:
            raise InvalidCommand("Only goods that are kept by the gram have a piece.", unit=unit)
        if piece.price_minor < 0 or piece.weight_g <= 0:
            raise InvalidCommand("A piece has a price of zero or more, and a weight in grams.")
    if price_minor is not None and price_minor < 0:
        raise InvalidCommand("A price is zero or more.", price_minor=price_minor)
    if tax_rate_bp is not None and not 0 <= tax_rate_bp <= MAX_RATE_BP:
        raise InvalidCommand("tax_rate is in basis points, 0 to 10000 (900 is 9 %).", tax_rate=tax_rate_bp)


def _check_one_rate(tax_rate_bp: int | None, *, by_category: bool) -> None:
    if by_category and tax_rate_bp is not None:
        raise InvalidCommand("A product has a rate of its own or its category's, not both.")


class AddProduct(Command, frozen=True, kw_only=True):
    """Adds a SKU of the caller's choice to the catalogue."""

    sku: str
    name: str
    category: str
    unit: Unit
    price_minor: int
    currency: str
    tax_rate_bp: int = 0
    stocked: bool = True
    negative_stock: NegativeStock = NegativeStock.ALLOW
    piece: Piece | None = None
    floor_minor: int = 0
    tax_by_category: bool = False
    negative_stock_orders: NegativeStock | None = None

    def streams(self) -> tuple[str, ...]:
        return (PRODUCT.stream(self.sku),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PRODUCT.stream(self.sku)
        states.require_absent(stream)
        _check_figures(self.unit, self.price_minor, self.tax_rate_bp, self.piece, self.floor_minor)
        _check_one_rate(self.tax_rate_bp or None, by_category=self.tax_by_category)
        added = ProductAdded(
            sku=self.sku,
            name=self.name,
            category=self.category,
            unit=self.unit,
            price_minor=self.price_minor,
            currency=self.currency,
            tax_rate_bp=self.tax_rate_bp,
            stocked=self.stocked,
            negative_stock=self.negative_stock,
            piece=self.piece,
            floor_minor=self.floor_minor,
            tax_by_category=self.tax_by_category,
            negative_stock_orders=self.negative_stock_orders,
        )
        return Decision(events=((stream, added),), result=Done(id=self.sku))


class ChangeProduct(Command, frozen=True, kw_only=True):
    """Changes the given details. A change that changes nothing writes nothing."""

    sku: str
    name: str | None = None
    category: str | None = None
    price_minor: int | None = None
    tax_rate_bp: int | None = None
    negative_stock: NegativeStock | None = None
    piece: Piece | None = None
    floor_minor: int | None = None
    currency: str | None = None
    tax_by_category: bool = False
    negative_stock_orders: NegativeStock | None = None
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (PRODUCT.stream(self.sku),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PRODUCT.stream(self.sku)
        product = states.require(PRODUCT, self.sku)
        states.require_version(stream, self.expected_version)
        _check_figures(product.unit, self.price_minor, self.tax_rate_bp, self.piece, self.floor_minor)
        _check_one_rate(self.tax_rate_bp, by_category=self.tax_by_category)
        if self.currency is not None and self.currency != product.currency:
            raise InvalidCommand(
                f"The product is priced in {product.currency}; add another SKU for another currency.",
                currency=self.currency,
            )
        changed = ProductChanged(
            sku=self.sku,
            name=self.name,
            category=self.category,
            price_minor=self.price_minor,
            tax_rate_bp=self.tax_rate_bp,
            negative_stock=self.negative_stock,
            piece=self.piece,
            floor_minor=self.floor_minor,
            tax_by_category=self.tax_by_category,
            negative_stock_orders=self.negative_stock_orders,
        )
        events = ((stream, changed),) if evolve(product, changed) != product else ()
        return Decision(events=events, result=Done(id=self.sku))
