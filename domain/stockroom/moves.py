"""Receiving, wasting, holding and adjusting stock: one command for a delivery note's worth of lines."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, Product
from domain.inventory.cost import CostMethod
from domain.inventory.movement import LATE
from domain.inventory.policy import MAIN, STOCK_POLICY
from domain.inventory.stock_item import STOCK_ITEM, StockMoved, evolve, item_id
from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.stockroom.booking import Document, MoveKind, MoveLine, book
from domain.stores.store import STORE, Store, require_location

MAX_LINES = 1_000


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

    Quantities are positive, but for an adjustment's: that is the signed difference between what was
    counted and what the book says.
    """

    RESULT: ClassVar = StockDocumentBooked

    store_id: str
    kind: MoveKind
    lines: tuple[MoveLine, ...]
    reference: str | None = None

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        if self.kind is MoveKind.RECEIPT:
            yield STOCK_POLICY.stream(MAIN)
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A stock document has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        document = self._document(states, store, at)
        items = {line.sku: states.of(STOCK_ITEM, item_id(self.store_id, line.sku)) for line in self.lines}
        events: list[tuple[str, Event]] = []
        booked: list[MovedLine] = []
        for line in self.lines:
            product = states.require(PRODUCT, line.sku)
            self._check(line, product, store)
            item = items[line.sku]
            cost = 0
            for event in book(document, line, product, item):
                item = evolve(item, event)
                events.append((STOCK_ITEM.stream(item_id(self.store_id, line.sku)), event))
                cost += event.cost_minor if isinstance(event, StockMoved) else 0
            items[line.sku] = item
            booked.append(
                MovedLine(sku=line.sku, quantity=line.quantity, cost_minor=cost, on_hand=item.on_hand)
            )
        result = StockDocumentBooked(store_id=self.store_id, currency=store.currency, lines=tuple(booked))
        return Decision(events=tuple(events), result=result)

    def _document(self, states: States, store: Store, at: Moment) -> Document:
        receipt = self.kind is MoveKind.RECEIPT
        return Document(
            store_id=self.store_id,
            kind=self.kind,
            reference=self.reference,
            day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
            fifo=receipt and states.of(STOCK_POLICY, MAIN).cost_method is CostMethod.FIFO,
        )

    def _check(self, line: MoveLine, product: Product, store: Store) -> None:
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
        if line.unit_cost is not None and line.unit_cost.currency != store.currency:
            raise CurrencyMismatch(
                f"The store keeps its books in {store.currency}.",
                sku=line.sku,
                currency=line.unit_cost.currency,
            )
        if line.unit_cost is not None and line.unit_cost.amount < 0:
            raise InvalidCommand("unit_cost is zero or more.", sku=line.sku)
        if self.kind is MoveKind.WASTE and not line.reason:
            raise InvalidCommand("Waste needs a reason, for example 'spoiled'.", sku=line.sku)
        if self.kind is MoveKind.DONATION and not line.reason:
            raise InvalidCommand("A donation needs a reason, for example 'surplus'.", sku=line.sku)
        if self.kind is MoveKind.QUARANTINE and not line.reason:
            raise InvalidCommand("Quarantine needs a reason, for example 'recalled'.", sku=line.sku)
        if self.kind is MoveKind.ADJUSTMENT and line.reason == LATE:
            raise InvalidCommand(
                f"{LATE!r} is what corrects a count by itself. Give your reason.", sku=line.sku
            )
        require_location(store, line.location)
