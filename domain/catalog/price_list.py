"""Price lists: other prices than a product's own, for some stores, customers or a time.

The lists stand in one book, each change a new version. The prices stand in the products' own streams, which a
sale reads anyway, so that lists cost nothing where no product of the basket is in one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, PriceSet, Product
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.money import MAX_AMOUNT_MINOR
from domain.kernel.stream import States, StreamKind, require_version

SNAPSHOT_EVERY = 100
BOOK = "book"
"""The one stream of its kind."""
MAX_LISTS = 200
MAX_PRICES = 1_000
"""At once: all of them are set, or none."""


class PriceList(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One version of a list. What is empty does not restrict; `segments` are of the customer."""

    list_id: str
    version: int
    name: str
    currency: str
    stores: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class PriceListPublished(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the list counts where this version says."""

    TYPE: ClassVar = "pricelist.published.v1"
    price_list: PriceList


class PriceListRepriced(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of the list are new: they stand in the streams of so many products, with this version."""

    TYPE: ClassVar = "pricelist.repriced.v1"
    list_id: str
    version: int
    products: int


class PriceListEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """No sale uses the list any more; `version` was the last."""

    TYPE: ClassVar = "pricelist.ended.v1"
    list_id: str
    version: int


class PriceBook(msgspec.Struct, frozen=True, kw_only=True):
    """The lists that count, and the last version of every id."""

    lists: dict[str, PriceList] = {}
    versions: dict[str, int] = {}


def evolve(state: PriceBook, event: Event) -> PriceBook:
    """The book after `event`."""
    match event:
        case PriceListPublished():
            one = event.price_list
            return PriceBook(
                lists={**state.lists, one.list_id: one},
                versions={**state.versions, one.list_id: one.version},
            )
        case PriceListRepriced():
            lists = {
                id_: msgspec.structs.replace(one, version=event.version) if id_ == event.list_id else one
                for id_, one in state.lists.items()
            }
            return PriceBook(lists=lists, versions={**state.versions, event.list_id: event.version})
        case PriceListEnded():
            lists = {id_: one for id_, one in state.lists.items() if id_ != event.list_id}
            return msgspec.structs.replace(state, lists=lists)
        case _:
            return state


PRICE_LISTS = StreamKind("pricelists", PriceBook(), evolve, snapshot_every=SNAPSHOT_EVERY)


class TooManyPriceLists(Refusal):
    """The book is full."""

    code = "too_many_price_lists"


def list_for(
    product: Product,
    lists: Mapping[str, PriceList],
    *,
    store_id: str,
    currency: str,
    segments: Iterable[str],
    at: datetime,
) -> PriceList | None:
    """The list that gives the product's price here and now; None leaves it at its own price.

    The most specific one counts: first those for the customer's segments, then those for some stores, then
    those for a time; then the one that began last, then the smaller id.
    """
    fitting = [
        one
        for list_id in product.prices
        if (one := lists.get(list_id)) is not None
        and one.currency == currency
        and (not one.stores or store_id in one.stores)
        and (not one.segments or not set(one.segments).isdisjoint(segments))
        and (one.valid_from is None or one.valid_from <= at)
        and (one.valid_until is None or at < one.valid_until)
    ]
    return min(fitting, key=_rank, default=None)


def _rank(one: PriceList) -> tuple[bool, bool, bool, float, str]:
    return (
        not one.segments,
        not one.stores,
        one.valid_from is None and one.valid_until is None,
        0.0 if one.valid_from is None else -one.valid_from.timestamp(),
        one.list_id,
    )


class PriceListVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change of a list: which version is the last now."""

    list_id: str
    version: int


class PublishPriceList(Command, frozen=True, kw_only=True):
    """Puts a list into the book, or its next version in place of the last. The version given is not read.

    With `expected` only on that version; 0 is an id that was never used. Its prices stay.
    """

    RESULT: ClassVar = PriceListVersion

    price_list: PriceList
    expected: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (PRICE_LISTS.stream(BOOK),)

    def decide(self, states: States, at: Moment) -> Decision:
        book = states.of(PRICE_LISTS, BOOK)
        wanted = self.price_list
        last = book.versions.get(wanted.list_id, 0)
        if self.expected and not last:
            raise _unknown(wanted.list_id)
        if self.expected == 0 and last:
            raise AlreadyExists("The id is taken. Change that list or choose another id.", id=wanted.list_id)
        require_version(last, self.expected)
        begin, end = wanted.valid_from, wanted.valid_until
        if begin is not None and end is not None and end <= begin:
            raise InvalidCommand("valid_until must be after valid_from.")
        now = book.lists.get(wanted.list_id)
        if now is None and len(book.lists) >= MAX_LISTS:
            raise TooManyPriceLists(f"There are {MAX_LISTS} lists. End one first.", limit=MAX_LISTS)
        if now is not None and now.currency != wanted.currency:
            raise InvalidCommand(
                f"The list's prices are in {now.currency}; use another list.", currency=wanted.currency
            )
        same = now == msgspec.structs.replace(wanted, version=last)
        version = last if same else last + 1
        published = PriceListPublished(price_list=msgspec.structs.replace(wanted, version=version))
        events = () if same else ((PRICE_LISTS.stream(BOOK), published),)
        return Decision(events=events, result=PriceListVersion(list_id=wanted.list_id, version=version))


class EndPriceList(Command, frozen=True, kw_only=True):
    """Takes a list out of the book. Its id can be published again, with the next version."""

    RESULT: ClassVar = PriceListVersion

    list_id: str
    expected: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (PRICE_LISTS.stream(BOOK),)

    def decide(self, states: States, at: Moment) -> Decision:
        version = require_list(states.of(PRICE_LISTS, BOOK), self.list_id).version
        require_version(version, self.expected)
        ended = PriceListEnded(list_id=self.list_id, version=version)
        answer = PriceListVersion(list_id=self.list_id, version=version)
        return Decision(events=((PRICE_LISTS.stream(BOOK), ended),), result=answer)


class NewPrice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a product is to cost in a list; None takes it out of the list."""

    sku: str
    price_minor: int | None = None
    piece_price_minor: int | None = None


class PricesSet(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: which version of the list has the prices, and how many of them are new."""

    list_id: str
    version: int
    changed: int


class SetPrices(Command, frozen=True, kw_only=True):
    """Sets up to MAX_PRICES prices of a list, all of them or none. What changes nothing writes nothing."""

    RESULT: ClassVar = PricesSet

    list_id: str
    prices: tuple[NewPrice, ...]
    currencies: frozenset[str] = frozenset()

    def streams(self) -> Iterable[str]:
        yield PRICE_LISTS.stream(BOOK)
        for new in self.prices:
            yield PRODUCT.stream(new.sku)

    def decide(self, states: States, at: Moment) -> Decision:
        current = require_list(states.of(PRICE_LISTS, BOOK), self.list_id)
        if not 0 < len(self.prices) <= MAX_PRICES:
            raise InvalidCommand(f"Set 1 to {MAX_PRICES} prices at once.", prices=len(self.prices))
        if len({new.sku for new in self.prices}) < len(self.prices):
            raise InvalidCommand("Name each SKU once.")
        for currency in sorted(self.currencies):
            if currency != current.currency:
                raise CurrencyMismatch(f"The list is in {current.currency}.", currency=currency)
        version = current.version + 1
        events = [
            (PRODUCT.stream(new.sku), changed)
            for new in self.prices
            if (changed := _changed(states.require(PRODUCT, new.sku), current, new, version)) is not None
        ]
        answer = PricesSet(
            list_id=self.list_id, version=version if events else current.version, changed=len(events)
        )
        if not events:
            return Decision(events=(), result=answer)
        repriced = PriceListRepriced(list_id=self.list_id, version=version, products=len(events))
        return Decision(events=((PRICE_LISTS.stream(BOOK), repriced), *events), result=answer)


def _changed(product: Product, current: PriceList, new: NewPrice, version: int) -> PriceSet | None:
    for price in (new.price_minor, new.piece_price_minor):
        if price is not None and not 0 <= price <= MAX_AMOUNT_MINOR:
            raise InvalidCommand(f"A price is from 0 to {MAX_AMOUNT_MINOR}.", sku=new.sku, price=price)
    if new.piece_price_minor is not None and (product.piece is None or new.price_minor is None):
        raise InvalidCommand("A piece has a price beside that of a kilogram, if it has one.", sku=new.sku)
    if product.currency != current.currency:
        raise CurrencyMismatch(
            f"{new.sku!r} is priced in {product.currency}, the list in {current.currency}.", sku=new.sku
        )
    had = product.prices.get(current.list_id)
    before = (None, None) if had is None else (had.price_minor, had.piece_price_minor)
    if before == (new.price_minor, new.piece_price_minor):
        return None
    return PriceSet(
        sku=new.sku,
        list_id=current.list_id,
        version=version,
        price_minor=new.price_minor,
        piece_price_minor=new.piece_price_minor,
    )


def require_list(book: PriceBook, list_id: str) -> PriceList:
    """The list as it counts now, or NotFound."""
    if (one := book.lists.get(list_id)) is None:
        raise _unknown(list_id)
    return one


def _unknown(list_id: str) -> NotFound:
    return NotFound(f"There is no price list {list_id!r}.", kind="price list", id=list_id)
