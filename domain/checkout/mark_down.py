"""Making and ending a markdown: labels for goods of one lot that are to be sold cheaper."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from domain.access.approval import Authority, Request, allow
from domain.access.limits import Operation, discount_bp
from domain.catalog.barcode import read
from domain.catalog.barcodes import BARCODE, MAIN, SCALES, BarcodeAssigned, BarcodeTaken
from domain.catalog.markdown import MARKDOWN, MAX_LABELS, WHOLE_BP, MarkdownEnded, MarkdownMade, label_id
from domain.catalog.product import PRODUCT, Product
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.stores.store import STORE, Store

# A markdown is over at `until`, and not a moment before.
_AN_INSTANT = timedelta(microseconds=1)


class MarkDown(Command, frozen=True, kw_only=True):
    """Marks goods of a lot down: `labels` labels with `code` at `price_minor`, or `off_bp` below the list.

    How far that is below the product's price is held against the limit of discounts of `authority`; None is
    without limit. A code is of one markdown for ever: an old label never comes to mean a new price.
    """

    RESULT: ClassVar = MarkdownMade

    code: str
    store_id: str
    sku: str
    lot: str
    labels: int
    price_minor: int | None = None
    currency: str | None = None
    off_bp: int = 0
    reason: str
    until: datetime
    authority: Authority | None = None

    @property
    def of_trade(self) -> bool:
        """Whether scanners read the code as one that could be a product's."""
        return self.code.isdecimal()

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        yield PRODUCT.stream(self.sku)
        yield MARKDOWN.stream(label_id(self.code))
        yield STOCK_ITEM.stream(item_id(self.store_id, self.sku))
        if self.of_trade:
            yield BARCODE.stream(label_id(self.code))
            yield SCALES.stream(MAIN)
        if self.authority is not None:
            yield from self.authority.streams()

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        product = states.require(PRODUCT, self.sku)
        label = label_id(self.code)
        stream = MARKDOWN.stream(label)
        states.require_absent(stream)
        self._check(product, at)
        self._require_fresh(states, store)
        request = Request(
            operation=Operation.DISCOUNT,
            store_id=self.store_id,
            target=label,
            needed=self._off_bp(product),
            document=stream,
        )
        allowance, used = allow(states, at, self.authority, request)
        made = MarkdownMade(
            label=label,
            store_id=self.store_id,
            sku=self.sku,
            lot=self.lot,
            labels=self.labels,
            price_minor=self.price_minor,
            off_bp=self.off_bp,
            reason=self.reason,
            until=self.until,
            allowance=allowance,
        )
        events: list[tuple[str, Event]] = [(stream, made)]
        if self.of_trade:
            self._require_free(states, label)
            assigned = BarcodeAssigned(code=label, sku=self.sku, label=True)
            events.append((BARCODE.stream(label), assigned))
        return Decision(events=(*events, *used), result=made)

    def _check(self, product: Product, at: Moment) -> None:
        if not product.stocked:
            raise InvalidCommand("What moves no stock has no lot to mark down.", sku=self.sku)
        if not 0 < self.labels <= MAX_LABELS:
            raise InvalidCommand(f"Print 1 to {MAX_LABELS} labels.", labels=self.labels)
        if self.until <= at.recorded_at:
            raise InvalidCommand("until must be in the future.", until=self.until.isoformat())
        if (self.price_minor is None) != (0 < self.off_bp <= WHOLE_BP):
            raise InvalidCommand("A markdown has a price, or from 1 to 10000 basis points off; not both.")
        if self.currency not in (None, product.currency):
            raise CurrencyMismatch(f"{self.sku!r} is priced in {product.currency}.", currency=self.currency)
        if self.price_minor is not None and not 0 <= self.price_minor < product.price_minor:
            raise InvalidCommand(
                "A marked-down price is zero or more, and below the product's.", price=self.price_minor
            )

    def _require_fresh(self, states: States, store: Store) -> None:
        """InvalidCommand where the labels would sell goods of the lot after their sell-by."""
        parts = states.of(STOCK_ITEM, item_id(self.store_id, self.sku)).parts
        lot = None if parts is None else parts.lots.get(self.lot)
        if lot is None or lot.sell_by is None:
            return
        last = business_day(self.until - _AN_INSTANT, store.time_zone, store.day_starts_at_min)
        if last > lot.sell_by:
            raise InvalidCommand(
                f"The lot may be sold on {lot.sell_by} for the last time. End the markdown with that day.",
                lot=self.lot,
                sell_by=lot.sell_by.isoformat(),
                until=self.until.isoformat(),
            )

    def _off_bp(self, product: Product) -> int:
        return self.off_bp or discount_bp(product.price_minor, self.price_minor or 0)

    def _require_free(self, states: States, label: str) -> None:
        if (owner := states.of(BARCODE, label).sku) is not None:
            raise BarcodeTaken("Another product has the code.", barcode=label, sku=owner)
        if read(self.code, states.of(SCALES, MAIN).layouts).of_scale:
            raise InvalidCommand(
                "The shop's scales print such codes. Choose one of another prefix.", label=self.code
            )


class EndMarkdown(Command, frozen=True, kw_only=True):
    """Ends a markdown of the store before its time. What has ended already writes nothing."""

    store_id: str
    label: str

    def streams(self) -> tuple[str, ...]:
        return (MARKDOWN.stream(self.label),)

    def decide(self, states: States, at: Moment) -> Decision:
        markdown = states.of(MARKDOWN, self.label)
        if markdown.made is None or markdown.made.store_id != self.store_id:
            raise NotFound("The store has no such markdown.", kind="markdown", id=self.label)
        ended = ((MARKDOWN.stream(self.label), MarkdownEnded(label=self.label)),)
        return Decision(events=() if markdown.ended else ended, result=Done(id=self.label))
