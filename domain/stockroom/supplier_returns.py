"""Sending goods back to their supplier, from the shelf or from quarantine, at what they cost."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.inventory.flows import held_cost
from domain.inventory.movement import Place, StockMoved
from domain.inventory.stock_item import require_on_hand
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import Money, require_bookable
from domain.kernel.stream import States
from domain.purchasing.conditions import require_came, require_ordered, require_purchase
from domain.purchasing.order import PURCHASE, PurchaseReturned, ReturnedLine, evolve
from domain.purchasing.supplier import SUPPLIER
from domain.purchasing.supplier_return import SUPPLIER_RETURN, GoodsReturned, LeavesFrom, ReturnedGoods
from domain.stockroom.goods import Goods, require_in_lot
from domain.stores.store import STORE

MAX_LINES = 500


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU goes back, of which lot and from where. Without a `claim` what it cost is claimed."""

    sku: str
    quantity: int
    from_: LeavesFrom = LeavesFrom.SHELF
    lot: str | None = None
    claim: Money | None = None


class GoodsLeft(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a return: its lines at what they cost and what is claimed."""

    return_id: str
    currency: str
    lines: tuple[ReturnedGoods, ...]


class ReturnToSupplier(Command, frozen=True, kw_only=True):
    """Sends goods back: all lines or none. What was ordered is not owed again: the supplier credits it.

    Of an order that is named no more goes back than came by it.
    """

    RESULT: ClassVar = GoodsLeft

    return_id: str
    supplier_id: str
    store_id: str
    cause: str
    lines: tuple[ReturnLine, ...]
    purchase_id: str | None = None

    def streams(self) -> Iterable[str]:
        yield SUPPLIER_RETURN.stream(self.return_id)
        yield SUPPLIER.stream(self.supplier_id)
        yield STORE.stream(self.store_id)
        if self.purchase_id is not None:
            yield PURCHASE.stream(self.purchase_id)
        yield from Goods.streams(self.store_id, (line.sku for line in self.lines))

    def decide(self, states: States, at: Moment) -> Decision:
        stream = SUPPLIER_RETURN.stream(self.return_id)
        states.require_absent(stream)
        states.require(SUPPLIER, self.supplier_id)
        store = states.require(STORE, self.store_id)
        self._check(states, store.currency)
        goods = Goods(states, self.store_id)
        lines = tuple(self._take(goods, line) for line in self.lines)
        returned = GoodsReturned(
            return_id=self.return_id,
            supplier_id=self.supplier_id,
            store_id=self.store_id,
            currency=store.currency,
            cause=self.cause,
            lines=lines,
            purchase_id=self.purchase_id,
        )
        result = GoodsLeft(return_id=self.return_id, currency=store.currency, lines=lines)
        events = ((stream, returned), *self._of_order(states), *goods.events)
        return Decision(events=events, result=result)

    def _check(self, states: States, currency: str) -> None:
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A return has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        if self.purchase_id is not None:
            _, drafted = require_purchase(states, self.purchase_id)
            if (drafted.supplier_id, drafted.store_id) != (self.supplier_id, self.store_id):
                raise InvalidCommand(
                    "The order is another supplier's or another store's.", purchase_id=self.purchase_id
                )
        for line in self.lines:
            if line.quantity <= 0:
                raise InvalidCommand("quantity must be a positive whole number.", sku=line.sku)
            if line.claim is not None and line.claim.currency != currency:
                raise CurrencyMismatch(f"The store keeps its books in {currency}.", sku=line.sku)
            if line.claim is not None and require_bookable(line.claim.amount) < 0:
                raise InvalidCommand("A claim is zero or more.", sku=line.sku)

    def _of_order(self, states: States) -> Iterable[tuple[str, Event]]:
        """What the order keeps of the return; may be ReturnExceedsDelivery."""
        if self.purchase_id is None:
            return
        purchase, _ = require_purchase(states, self.purchase_id)
        skus = [line.sku for line in self.lines]
        require_ordered(purchase, skus)
        quantities = {
            sku: sum(line.quantity for line in self.lines if line.sku == sku) for sku in dict.fromkeys(skus)
        }
        returned = PurchaseReturned(
            purchase_id=self.purchase_id,
            return_id=self.return_id,
            lines=tuple(ReturnedLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()),
        )
        require_came(evolve(purchase, returned), skus)
        yield PURCHASE.stream(self.purchase_id), returned

    def _take(self, goods: Goods, line: ReturnLine) -> ReturnedGoods:
        item = goods.item(line.sku)
        held = line.from_ is LeavesFrom.QUARANTINE
        moved = StockMoved(
            store_id=self.store_id,
            sku=line.sku,
            from_=Place.QUARANTINE if held else Place.SHELF,
            to=Place.SUPPLIER,
            quantity=line.quantity,
            cost_minor=held_cost(item, line.lot, line.quantity) if held else 0,
            lot=line.lot if held else None,
            reason=self.cause,
            reference=SUPPLIER_RETURN.stream(self.return_id),
        )
        if held:
            goods.write(line.sku, (moved,))
        else:
            require_on_hand(item, self.store_id, line.sku, line.quantity)
            require_in_lot(item, self.store_id, line.sku, line.lot, line.quantity)
            moved = goods.take(moved, line.lot, None)
        return ReturnedGoods(
            sku=line.sku,
            quantity=line.quantity,
            from_=line.from_,
            lot=line.lot,
            cost_minor=moved.cost_minor,
            claimed_minor=moved.cost_minor if line.claim is None else line.claim.amount,
        )
