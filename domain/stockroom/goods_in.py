"""Receiving a delivery against its purchase order: what is accepted, held back and rejected, lot by lot."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.inventory.movement import Place, StockMoved
from domain.inventory.receiving import LotFacts, receive
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import Money, cumulative_share
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.purchasing.conditions import (
    ALL_CAME,
    DeliveryExceedsOrder,
    closed,
    is_complete,
    require_ordered,
    require_purchase,
    require_status,
)
from domain.purchasing.order import (
    OPEN,
    PURCHASE,
    Purchase,
    PurchaseDrafted,
    PurchaseReceived,
    ReceivedLine,
    evolve,
)
from domain.purchasing.supplier import SUPPLIER
from domain.stockroom.goods import Goods
from domain.stockroom.purchase_sending import day_of
from domain.stores.store import STORE

MAX_LINES = 1_000
MAX_RECEIPTS = 200
"""Deliveries of one order: its state names them all."""
WHOLE_BP = 10_000


class DeliveredLine(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a SKU, in its unit, in one lot. A SKU that came in several lots has several lines.

    Without a `unit_cost` it costs what was confirmed. What has a `sell_by` and no `lot` is of the lot that is
    called as the receipt.
    """

    sku: str
    accepted: int = 0
    quarantined: int = 0
    rejected: int = 0
    lot: str | None = None
    sell_by: date | None = None
    unit_cost: Money | None = None
    cause: str | None = None


class DeliveryBooked(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a receipt: where the order stands, and what each line cost."""

    purchase_id: str
    receipt_id: str
    status: str
    currency: str
    lines: tuple[ReceivedLine, ...]


class ReceivePurchase(Command, frozen=True, kw_only=True):
    """Books a delivery: all lines or none. When all has come that is owed the order is closed."""

    RESULT: ClassVar = DeliveryBooked

    purchase_id: str
    receipt_id: str
    lines: tuple[DeliveredLine, ...]
    reference: str | None = None

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def linked(self, states: States) -> Iterable[str]:
        drafted = states.of(PURCHASE, self.purchase_id).drafted
        if drafted is None:
            return
        yield SUPPLIER.stream(drafted.supplier_id)
        yield STORE.stream(drafted.store_id)
        yield from Goods.streams(drafted.store_id, (line.sku for line in self.lines))

    def decide(self, states: States, at: Moment) -> Decision:
        purchase, drafted = require_purchase(states, self.purchase_id)
        supplier = states.require(SUPPLIER, drafted.supplier_id)
        today = day_of(states.require(STORE, drafted.store_id), at)
        self._check(purchase, drafted)
        goods = Goods(states, drafted.store_id)
        lines = tuple(self._book(goods, purchase, drafted, line, today) for line in self.lines)
        assert purchase.sent_on is not None, "it was sent"
        received = PurchaseReceived(
            purchase_id=self.purchase_id,
            receipt_id=self.receipt_id,
            supplier_id=drafted.supplier_id,
            store_id=drafted.store_id,
            received_on=today,
            lead_days=max(0, (today - purchase.sent_on).days),
            lines=lines,
            reference=self.reference,
            days_late=None if purchase.promised_on is None else (today - purchase.promised_on).days,
        )
        after = evolve(purchase, received)
        _require_owed(after, supplier.over_bp, {line.sku for line in lines if line.taken})
        stream = PURCHASE.stream(self.purchase_id)
        events: list[tuple[str, Event]] = [(stream, received)]
        if is_complete(after.progress, supplier.short_bp):
            end = closed(after, ALL_CAME)
            after = evolve(after, end)
            events.append((stream, end))
        result = DeliveryBooked(
            purchase_id=self.purchase_id,
            receipt_id=self.receipt_id,
            status=after.status.value,
            currency=drafted.currency,
            lines=lines,
        )
        return Decision(events=(*events, *goods.events), result=result)

    def _check(self, purchase: Purchase, drafted: PurchaseDrafted) -> None:
        if self.receipt_id in purchase.receipts:
            raise AlreadyExists(
                f"The delivery {self.receipt_id!r} of this order was received. Choose another id.",
                kind="receipt",
                id=self.receipt_id,
            )
        require_status(purchase, "received", *OPEN)
        if len(purchase.receipts) >= MAX_RECEIPTS:
            raise InvalidCommand(
                f"An order has at most {MAX_RECEIPTS} deliveries. Close it, and order the rest anew."
            )
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A delivery has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        require_ordered(purchase, (line.sku for line in self.lines))
        for line in self.lines:
            parts = (line.accepted, line.quarantined, line.rejected)
            if min(parts) < 0 or not any(parts):
                raise InvalidCommand("Say how much was accepted, quarantined or rejected.", sku=line.sku)
            if line.cause is None and (line.quarantined or line.rejected):
                raise InvalidCommand(
                    "What is not accepted needs a cause, for example 'bruised'.", sku=line.sku
                )
            if line.unit_cost is not None and line.unit_cost.amount < 0:
                raise InvalidCommand("unit_cost is zero or more.", sku=line.sku)
            if line.unit_cost is not None and line.unit_cost.currency != drafted.currency:
                raise CurrencyMismatch(f"The order is in {drafted.currency}.", sku=line.sku)

    def _book(
        self, goods: Goods, purchase: Purchase, drafted: PurchaseDrafted, line: DeliveredLine, today: date
    ) -> ReceivedLine:
        """Moves what was taken, at its cost, and tells what the order keeps of it."""
        if line.accepted and line.sell_by is not None and line.sell_by < today:
            raise InvalidCommand(
                "Its sell-by is over: it can't be sold. Check the date, or quarantine or reject it.",
                sku=line.sku,
                sell_by=line.sell_by.isoformat(),
            )
        unit_cost = purchase.progress[line.sku].unit_cost_minor
        if line.unit_cost is not None:
            unit_cost = line.unit_cost.amount
        unit = next(each.unit for each in drafted.lines if each.sku == line.sku)
        taken = line.accepted + line.quarantined
        cost = amount_minor(unit_cost, taken, unit)
        lot = line.lot or (None if line.sell_by is None else self.receipt_id)
        facts = None
        if lot is not None:
            facts = LotFacts(
                lot=lot,
                received_on=today,
                sell_by=line.sell_by,
                supplier_id=drafted.supplier_id,
                unit_cost_minor=unit_cost,
            )
        accepted_cost = cumulative_share(cost, line.accepted, taken) if taken else 0
        for place, quantity, part in (
            (Place.SHELF, line.accepted, accepted_cost),
            (Place.QUARANTINE, line.quarantined, cost - accepted_cost),
        ):
            if quantity:
                moved = StockMoved(
                    store_id=drafted.store_id,
                    sku=line.sku,
                    from_=Place.SUPPLIER,
                    to=place,
                    quantity=quantity,
                    cost_minor=part,
                    reason=line.cause if place is Place.QUARANTINE else None,
                    reference=PURCHASE.stream(self.purchase_id),
                    fifo=goods.fifo,
                )
                goods.write(line.sku, receive(goods.item(line.sku), moved, facts))
        return ReceivedLine(
            sku=line.sku,
            accepted=line.accepted,
            quarantined=line.quarantined,
            rejected=line.rejected,
            cost_minor=cost,
            lot=lot,
            sell_by=line.sell_by,
            cause=line.cause,
        )


def _require_owed(after: Purchase, over_bp: int, skus: Iterable[str]) -> None:
    """DeliveryExceedsOrder where of one of the SKUs more has come than is expected and tolerated."""
    for sku in sorted(skus):
        one = after.progress[sku]
        most = one.expected + one.expected * over_bp // WHOLE_BP
        if one.received > most:
            raise DeliveryExceedsOrder(
                f"Of {sku!r} at most {most} may come and {one.received} would have. Reject the rest, or have"
                " the supplier confirm more.",
                sku=sku,
                expected=one.expected,
                most=most,
                received=one.received,
            )
