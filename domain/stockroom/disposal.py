"""Disposing of what has expired: all of a store's expired lots in one document, or some of some of them."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT
from domain.inventory.lots import is_expired
from domain.inventory.movement import StockMoved
from domain.inventory.parts import Parts
from domain.inventory.stock_item import StockItem, StockShort
from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.stream import States
from domain.stockroom.booking import Document, MoveKind, MoveLine, book
from domain.stockroom.goods import Goods
from domain.stores.store import STORE

MAX_LOTS = 1_000


class LotNotExpired(Refusal):
    """The lot can still be sold, or there is no such lot: what else is thrown away is waste."""

    code = "lot_not_expired"


class DisposedLot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lot to dispose of: so much of it, or all that is left."""

    sku: str
    lot: str
    quantity: int | None = None


class DisposedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What went to waste of a lot, from the shelf or from quarantine, and what that was worth."""

    sku: str
    lot: str
    quantity: int
    cost_minor: int
    from_quarantine: bool
    left: int


class Disposed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a disposal."""

    store_id: str
    currency: str
    lines: tuple[DisposedLine, ...]


class DisposeExpired(Command, frozen=True, kw_only=True):
    """Books expired lots as waste, with reason and cost: first what is on the shelf, then what is held.

    What was found `by_board` is looked at once more: what has been disposed of meanwhile is left out. A lot
    that somebody named is refused instead. The server's clock says what has expired, by the store's day.
    """

    RESULT: ClassVar = Disposed

    store_id: str
    reason: str
    lots: tuple[DisposedLot, ...]
    by_board: bool = False
    reference: str | None = None

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        for sku in dict.fromkeys(lot.sku for lot in self.lots):
            yield PRODUCT.stream(sku)
        yield from Goods.streams(self.store_id, dict.fromkeys(lot.sku for lot in self.lots))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        if not self.reason:
            raise InvalidCommand("Waste needs a reason, for example 'expired'.")
        named = {(lot.sku, lot.lot) for lot in self.lots}
        if len(self.lots) > MAX_LOTS or len(named) < len(self.lots):
            raise InvalidCommand(f"Name up to {MAX_LOTS} lots, each once.", lots=len(self.lots))
        document = Document(
            store_id=self.store_id,
            kind=MoveKind.WASTE,
            reference=self.reference,
            day=business_day(at.recorded_at, store.time_zone, store.day_starts_at_min),
            fifo=False,
        )
        goods = Goods(states, self.store_id)
        lines: list[DisposedLine] = []
        for lot in self.lots:
            lines += self._dispose(states, goods, document, lot)
        result = Disposed(store_id=self.store_id, currency=store.currency, lines=tuple(lines))
        return Decision(events=tuple(goods.events), result=result)

    def _dispose(
        self, states: States, goods: Goods, document: Document, wanted: DisposedLot
    ) -> Iterable[DisposedLine]:
        product = states.require(PRODUCT, wanted.sku)
        item = goods.item(wanted.sku)
        known = None if item.parts is None else item.parts.lots.get(wanted.lot)
        if known is None or not is_expired(known, document.day):
            if self.by_board:
                return
            raise LotNotExpired(
                f"Lot {wanted.lot!r} of {wanted.sku!r} has not expired. Book it as waste if it is spoiled.",
                sku=wanted.sku,
                lot=wanted.lot,
                sell_by=None if known is None or known.sell_by is None else known.sell_by.isoformat(),
            )
        shelf, held = _there(item, wanted.lot)
        quantity = shelf + held if wanted.quantity is None else wanted.quantity
        if quantity > shelf + held or (not quantity and not self.by_board):
            raise StockShort(
                f"Only {shelf + held} of lot {wanted.lot!r} of {wanted.sku!r} are there. Take less.",
                store_id=self.store_id,
                sku=wanted.sku,
                lot=wanted.lot,
                on_hand=shelf + held,
                asked=quantity,
            )
        parts = ((min(quantity, shelf), False), (max(0, quantity - shelf), True))
        for part, from_quarantine in parts:
            if part:
                line = MoveLine(
                    sku=wanted.sku,
                    quantity=part,
                    reason=self.reason,
                    lot=wanted.lot,
                    from_quarantine=from_quarantine,
                )
                events = book(document, line, product, goods.item(wanted.sku))
                goods.write(wanted.sku, events)
                yield DisposedLine(
                    sku=wanted.sku,
                    lot=wanted.lot,
                    quantity=part,
                    cost_minor=sum(event.cost_minor for event in events if isinstance(event, StockMoved)),
                    from_quarantine=from_quarantine,
                    left=sum(_there(goods.item(wanted.sku), wanted.lot)),
                )


def _there(item: StockItem, lot: str) -> tuple[int, int]:
    """How much of a lot is on the shelf and in quarantine."""
    parts = item.parts or Parts()
    known, held = parts.lots.get(lot), parts.held.get(lot)
    return 0 if known is None else known.quantity, 0 if held is None else held.quantity
