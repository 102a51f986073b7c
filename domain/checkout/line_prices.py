"""What a line costs where it isn't simply a product's own price times a quantity.

By a price list, by the piece though it is kept by the gram, or as a scale has printed it. Lines that ask for
nothing of it pass it by.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from domain.catalog.barcode import weight_for
from domain.catalog.price_list import BOOK, PRICE_LISTS, PriceList, list_for
from domain.catalog.product import Product
from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.money import require_bookable
from domain.kernel.quantity import Unit, amount_minor
from domain.kernel.stream import States
from domain.stores.store import Store


class BasketLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is bought. `unit_price_minor` overrides the list price and then needs a `price_reason`.

    `unit` chooses where a product is sold by either. With `label_minor`, the price that a scale has printed,
    the quantity is 0 and follows from it, unless the grams are known. `barcode` is what was scanned, and
    `label` that of the markdown, if it is one.
    """

    sku: str
    quantity: int
    unit_price_minor: int | None = None
    price_reason: str | None = None
    unit: Unit | None = None
    label_minor: int | None = None
    barcode: str | None = None
    label: str | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a line is sold that isn't simply a product's own price times a quantity of its own unit.

    `weight_g` is that of a piece, of goods that are kept by the gram. `price_list` gave the list price, and
    `label` is that of a markdown, on goods of the `lot`.
    """

    unit: Unit
    quantity: int
    list_price_minor: int
    weight_g: int = 0
    price_list: PriceList | None = None
    label: str | None = None
    lot: str | None = None

    @property
    def stock_quantity(self) -> int:
        """What leaves the shelf, in the unit that the product is kept in."""
        return self.quantity * self.weight_g if self.weight_g else self.quantity


class Place(NamedTuple):
    """Where, when and to whom something is sold, as far as price lists ask."""

    store: Store
    segments: tuple[str, ...]
    at: Moment
    lists: Mapping[str, PriceList]


def price_lists(products: Iterable[Product]) -> Iterable[str]:
    """The book of lists, if any of the products is in one."""
    if any(product.prices for product in products):
        yield PRICE_LISTS.stream(BOOK)


def lists_in(states: States) -> Mapping[str, PriceList]:
    """The lists that count; none where no product of the basket is in one."""
    return states.of(PRICE_LISTS, BOOK).lists if PRICE_LISTS.stream(BOOK) in states else {}


def terms_of(line: BasketLine, product: Product, place: Place) -> Terms | None:
    """How the line is sold; None is by the product's own price and unit."""
    if not product.prices and line.unit is None and line.label_minor is None:
        return None
    listed = list_for(
        product,
        place.lists,
        store_id=place.store.store_id,
        currency=place.store.currency,
        segments=place.segments,
        at=place.at.occurred_at,
    )
    price_minor = product.price_minor
    piece_minor = None if product.piece is None else product.piece.price_minor
    by_piece = line.unit is Unit.PIECE and product.unit is Unit.GRAM
    if listed is not None:
        price = product.prices[listed.list_id]
        price_minor = price.price_minor
        if price.piece_price_minor is not None:
            piece_minor = price.piece_price_minor
        elif by_piece:
            listed = None  # a piece costs what it costs elsewhere
    if by_piece:
        if product.piece is None or piece_minor is None:
            raise _other_unit(line, product)
        return Terms(
            unit=Unit.PIECE,
            quantity=line.quantity,
            list_price_minor=piece_minor,
            weight_g=product.piece.weight_g,
            price_list=listed,
        )
    if line.unit is not None and line.unit is not product.unit:
        raise _other_unit(line, product)
    quantity = line.quantity if line.label_minor is None else _weighed(line, product, price_minor)
    return Terms(unit=product.unit, quantity=quantity, list_price_minor=price_minor, price_list=listed)


def _weighed(line: BasketLine, product: Product, price_minor: int) -> int:
    """The grams that a printed price stands for: the price is what counts. (Domain rule "Line".)"""
    assert line.label_minor is not None
    if line.quantity and product.unit is Unit.GRAM:
        return line.quantity
    if product.unit is not Unit.GRAM or not price_minor or line.unit_price_minor is not None:
        raise InvalidCommand(
            "A printed price is for goods that have a price per kilogram, and is the only one of its line.",
            sku=line.sku,
        )
    require_bookable(line.label_minor)
    return max(1, weight_for(line.label_minor, price_minor))


def _other_unit(line: BasketLine, product: Product) -> InvalidCommand:
    return InvalidCommand(f"{line.sku!r} is sold by the {product.unit}.", sku=line.sku, unit=product.unit)


def line_amount(line: BasketLine, unit_price_minor: int, product: Product, terms: Terms | None) -> int:
    """What the line costs before discounts: as printed, or price times quantity."""
    if terms is None:
        return amount_minor(unit_price_minor, line.quantity, product.unit)
    if line.label_minor is not None:
        return line.label_minor
    return amount_minor(unit_price_minor, terms.quantity, terms.unit)


def stock_quantities(lines: Sequence[BasketLine], terms: Mapping[int, Terms]) -> list[int]:
    """What leaves the shelf for each line, in the unit that its product is kept in."""
    if not terms:
        return [line.quantity for line in lines]
    return [
        terms[index].stock_quantity if index in terms else line.quantity for index, line in enumerate(lines)
    ]
