"""Freight and prices that arrive late: what is still there takes its part, the rest is an expense of now."""

import enum
from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT
from domain.inventory.cost import CostAdjusted, CostCause
from domain.inventory.layers import left_of, worth_of
from domain.inventory.parts import Parts, in_lots, known
from domain.inventory.stock_item import STOCK_ITEM, StockItem, evolve, item_id, present_cost
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.money import Money, allocate, cumulative_share, require_bookable
from domain.kernel.quantity import Unit
from domain.kernel.stream import States
from domain.stores.store import STORE

MAX_LINES = 1_000


class Basis(enum.StrEnum):
    """By what an amount is split over what was received."""

    VALUE = "value"
    QUANTITY = "quantity"
    WEIGHT = "weight"


class LandedLine(msgspec.Struct, frozen=True, kw_only=True):
    """So much of a SKU was received: in this `lot` or, where it has none, with this `receipt`'s reference.

    `value_minor` and `weight_g` are the whole line's. Without a value it is what the quantity is worth now;
    what is kept by the gram weighs its quantity.
    """

    sku: str
    quantity: int
    lot: str | None = None
    receipt: str | None = None
    value_minor: int | None = None
    weight_g: int | None = None


class LandedShare(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line's share: what is added to the stock's value, and what is an expense now."""

    sku: str
    lot: str | None
    amount_minor: int
    stock_minor: int
    variance_minor: int


class LandedCostAdded(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, in the order of the lines."""

    store_id: str
    currency: str
    shares: tuple[LandedShare, ...]


class AddLandedCost(Command, frozen=True, kw_only=True):
    """Adds an amount, below zero for a credit, to what receipts cost, split by largest remainder.

    10.00 on 10 that were received and of which 6 are sold: 4.00 to the stock, 6.00 variance now. History is
    never rewritten. (Domain rule "Cost".)
    """

    RESULT: ClassVar = LandedCostAdded

    store_id: str
    amount: Money
    basis: Basis
    lines: tuple[LandedLine, ...]
    cause: CostCause = CostCause.FREIGHT
    reference: str | None = None

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        if self.amount.currency != store.currency:
            raise CurrencyMismatch(
                f"The store keeps its books in {store.currency}.", currency=self.amount.currency
            )
        if not require_bookable(self.amount.amount) or self.cause is CostCause.BELOW_ZERO:
            raise InvalidCommand("An amount is above or below zero, and freight or a price.")
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A cost is split over 1 to {MAX_LINES} lines.", lines=len(self.lines))
        items = {line.sku: states.of(STOCK_ITEM, item_id(self.store_id, line.sku)) for line in self.lines}
        events: list[tuple[str, Event]] = []
        shares: list[LandedShare] = []
        amounts = allocate(self.amount.amount, self._weights(states, items))
        counted = _Counted()
        for line, amount in zip(self.lines, amounts, strict=True):
            event = self._adjusted(items[line.sku], line, amount, counted)
            items[line.sku] = evolve(items[line.sku], event)
            if amount:
                events.append((STOCK_ITEM.stream(item_id(self.store_id, line.sku)), event))
            shares.append(
                LandedShare(
                    sku=line.sku,
                    lot=line.lot,
                    amount_minor=amount,
                    stock_minor=event.stock_minor + event.held_minor,
                    variance_minor=event.variance_minor,
                )
            )
        answer = LandedCostAdded(store_id=self.store_id, currency=store.currency, shares=tuple(shares))
        return Decision(events=tuple(events), result=answer)

    def _weights(self, states: States, items: dict[str, StockItem]) -> Sequence[int]:
        weights = [self._weight(states, line, items[line.sku]) for line in self.lines]
        if min(weights) < 0 or not sum(weights):
            raise InvalidCommand("There is nothing to split by. Give the lines values or weights.")
        return weights

    def _weight(self, states: States, line: LandedLine, item: StockItem) -> int:
        product = states.require(PRODUCT, line.sku)
        if line.quantity <= 0:
            raise InvalidCommand("quantity must be a positive whole number.", sku=line.sku)
        if line.lot is not None and (item.parts is None or not known(item.parts, line.lot)):
            raise NotFound(
                f"There is no lot {line.lot!r} of {line.sku!r}. Check the lot.", kind="lot", id=line.lot
            )
        match self.basis:
            case Basis.QUANTITY:
                return line.quantity
            case Basis.VALUE if line.value_minor is not None:
                return require_bookable(line.value_minor)
            case Basis.VALUE:
                return present_cost(item, line.quantity)
            case Basis.WEIGHT if line.weight_g is not None:
                return line.weight_g
            case Basis.WEIGHT if product.unit is Unit.GRAM:
                return line.quantity
            case Basis.WEIGHT:
                raise InvalidCommand("A split by weight needs the lines' weights.", sku=line.sku)

    def _adjusted(
        self, item: StockItem, line: LandedLine, amount_minor: int, counted: "_Counted"
    ) -> CostAdjusted:
        shelf, held = _still_there(item, line, counted)
        stock = cumulative_share(amount_minor, shelf, line.quantity)
        held_minor = cumulative_share(amount_minor, shelf + held, line.quantity) - stock
        # A credit takes no more off than what is there is worth.
        on_shelf, in_quarantine = _worth(item, line)
        stock, held_minor = max(stock, -on_shelf), max(held_minor, -in_quarantine)
        return CostAdjusted(
            store_id=self.store_id,
            sku=line.sku,
            stock_minor=stock,
            variance_minor=amount_minor - stock - held_minor,
            cause=self.cause,
            reference=self.reference,
            lot=line.lot,
            quantity=line.quantity,
            receipt=line.receipt,
            held_minor=held_minor,
        )


class _Counted:
    """What earlier lines have found, by SKU, lot and receipt: no unit is there twice."""

    def __init__(self) -> None:
        self.on_shelf: dict[tuple[str, str, str], int] = {}
        self.held: dict[tuple[str, str], int] = {}


def _still_there(item: StockItem, line: LandedLine, counted: _Counted) -> tuple[int, int]:
    """How much of what was received is on the shelf, and how much in quarantine."""
    parts = item.parts or Parts()
    lot = known(parts, line.lot)
    # Under FIFO what is left of a receipt is known; otherwise any units that belong to no lot may be its.
    receipt = line.receipt if parts.fifo and not lot else None
    if receipt is not None:
        there = left_of(parts.layers, "", receipt)
    else:
        there = parts.lots[lot].quantity if lot else item.on_hand - in_lots(parts)
    place = (line.sku, lot, receipt or "")
    shelf = max(0, min(line.quantity, there - counted.on_shelf.get(place, 0)))
    counted.on_shelf[place] = counted.on_shelf.get(place, 0) + shelf
    held = parts.held.get(lot)
    if held is None:
        return shelf, 0
    before = counted.held.get((line.sku, lot), 0)
    aside = max(0, min(held.quantity - before, line.quantity - shelf))
    counted.held[line.sku, lot] = before + aside
    return shelf, aside


def _worth(item: StockItem, line: LandedLine) -> tuple[int, int]:
    """What a credit can take off: on the shelf, under FIFO of these receipts alone, and in quarantine."""
    parts = item.parts or Parts()
    lot = known(parts, line.lot)
    held = parts.held.get(lot)
    value = item.value_minor
    if parts.fifo:
        receipt = None if lot else line.receipt
        value = worth_of(parts.layers, lot, receipt)
    return max(0, value), 0 if held is None else max(0, held.value_minor)
