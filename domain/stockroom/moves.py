"""Receiving, wasting and adjusting stock: one command for a delivery note's worth of lines."""

import enum
from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, Product
from domain.inventory.stock_item import (
    STOCK_ITEM,
    Place,
    StockMoved,
    cost_of,
    evolve,
    item_id,
    present_cost,
    require_on_hand,
)
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.money import Money
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.stores.store import STORE

MAX_LINES = 1_000


class MoveKind(enum.StrEnum):
    """Which way a document's lines move: in from the supplier, out to waste, or to what was counted."""

    RECEIPT = "receipt"
    WASTE = "waste"
    ADJUSTMENT = "adjustment"


class MoveLine(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a stock document. `unit_cost` is per piece or per kilogram, for receipts; without one a
    receipt takes the book's present cost.

    `reason` is a cause ("damaged"), never a note about a person: it is stored as it is.
    """

    sku: str
    quantity: int
    unit_cost: Money | None = None
    reason: str | None = None
    lot: str | None = None


class MovedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line: the movement's cost and what the book says is on hand after it."""

    sku: str
    quantity: int
    cost_minor: int
    on_hand: int


class StockDocumentBooked(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a stock document, in the order of its lines."""

    store_id: str
    currency: str
    lines: tuple[MovedLine, ...]


class MoveStock(Command, frozen=True, kw_only=True):
    """Books a stock document: all of its lines or none.

    Quantities of receipts and waste are positive; an adjustment's is the signed difference between what was
    counted and what the book says.
    """

    RESULT: ClassVar = StockDocumentBooked

    store_id: str
    kind: MoveKind
    lines: tuple[MoveLine, ...]
    reference: str | None = None

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A stock document has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        items = {line.sku: states.of(STOCK_ITEM, item_id(self.store_id, line.sku)) for line in self.lines}
        events: list[tuple[str, StockMoved]] = []
        booked: list[MovedLine] = []
        for line in self.lines:
            product = states.require(PRODUCT, line.sku)
            self._check(line, product, store.currency)
            item = items[line.sku]
            if self.kind is MoveKind.RECEIPT:
                from_, to = Place.SUPPLIER, Place.SHELF
                cost = (
                    present_cost(item, line.quantity)
                    if line.unit_cost is None
                    else amount_minor(line.unit_cost.amount, line.quantity, product.unit)
                )
            elif self.kind is MoveKind.WASTE:
                from_, to = Place.SHELF, Place.WASTE
                require_on_hand(item, self.store_id, line.sku, line.quantity)
                cost = cost_of(item, line.quantity)
            elif line.quantity > 0:
                from_, to = Place.COUNT_DIFFERENCE, Place.SHELF
                cost = present_cost(item, line.quantity)
            else:
                from_, to = Place.SHELF, Place.COUNT_DIFFERENCE
                cost = cost_of(item, -line.quantity)
            moved = StockMoved(
                store_id=self.store_id,
                sku=line.sku,
                from_=from_,
                to=to,
                quantity=abs(line.quantity),
                cost_minor=cost,
                lot=line.lot,
                reason=line.reason,
                reference=self.reference,
            )
            items[line.sku] = item = evolve(item, moved)
            events.append((STOCK_ITEM.stream(item_id(self.store_id, line.sku)), moved))
            booked.append(
                MovedLine(sku=line.sku, quantity=line.quantity, cost_minor=cost, on_hand=item.on_hand)
            )
        result = StockDocumentBooked(store_id=self.store_id, currency=store.currency, lines=tuple(booked))
        return Decision(events=tuple(events), result=result)

    def _check(self, line: MoveLine, product: Product, currency: str) -> None:
        if not product.stocked:
            raise InvalidCommand(f"{line.sku!r} is a service and holds no stock.", sku=line.sku)
        if line.quantity == 0 or (line.quantity < 0 and self.kind is not MoveKind.ADJUSTMENT):
            raise InvalidCommand(
                "quantity must be a positive whole number.", sku=line.sku, quantity=line.quantity
            )
        if line.unit_cost is not None and self.kind is not MoveKind.RECEIPT:
            raise InvalidCommand(
                "unit_cost belongs to receipts; other moves take the book's cost.", sku=line.sku
            )
        if line.unit_cost is not None and line.unit_cost.currency != currency:
            raise CurrencyMismatch(
                f"The store keeps its books in {currency}.", sku=line.sku, currency=line.unit_cost.currency
            )
        if line.unit_cost is not None and line.unit_cost.amount < 0:
            raise InvalidCommand("unit_cost is zero or more.", sku=line.sku)
        if self.kind is MoveKind.WASTE and not line.reason:
            raise InvalidCommand("Waste needs a reason, for example 'spoiled'.", sku=line.sku)
