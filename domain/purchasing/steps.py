"""What happens to a purchase order besides goods: confirmed, closed, cancelled."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import Money, require_bookable
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.purchasing.conditions import (
    ALL_CAME,
    closed,
    is_complete,
    require_lines,
    require_ordered,
    require_purchase,
    require_quantity,
    require_status,
)
from domain.purchasing.order import (
    OPEN,
    PURCHASE,
    ConfirmedLine,
    Purchase,
    PurchaseCancelled,
    PurchaseConfirmed,
    PurchaseStatus,
    evolve,
)
from domain.purchasing.supplier import SUPPLIER


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What the supplier says of a line; what isn't said stays."""

    sku: str
    quantity: int | None = None
    unit_cost: Money | None = None


class ConfirmPurchase(Command, frozen=True, kw_only=True):
    """Notes what the supplier confirms, also again. Without lines all comes as ordered.

    An order of which goods have come is closed where nothing more is confirmed than they.
    """

    purchase_id: str
    lines: tuple[Confirmation, ...] = ()
    expected_on: date | None = None
    reference: str | None = None

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def linked(self, states: States) -> Iterable[str]:
        drafted = states.of(PURCHASE, self.purchase_id).drafted
        return () if drafted is None else (SUPPLIER.stream(drafted.supplier_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        purchase, drafted = require_purchase(states, self.purchase_id)
        require_status(purchase, "confirmed", *OPEN)
        if self.lines:
            require_lines([line.sku for line in self.lines])
            require_ordered(purchase, (line.sku for line in self.lines))
        assert purchase.expected_on is not None, "it was sent"
        confirmed = PurchaseConfirmed(
            purchase_id=self.purchase_id,
            expected_on=self.expected_on or purchase.expected_on,
            lines=tuple(self._confirmed(purchase, line, drafted.currency) for line in self.lines),
            reference=self.reference,
        )
        after = evolve(purchase, confirmed)
        if after == purchase:
            return _write(self.purchase_id)
        short_bp = states.require(SUPPLIER, drafted.supplier_id).short_bp
        if after.status is PurchaseStatus.PARTLY_RECEIVED and is_complete(after.progress, short_bp):
            return _write(self.purchase_id, confirmed, closed(after, ALL_CAME))
        return _write(self.purchase_id, confirmed)

    def _confirmed(self, purchase: Purchase, line: Confirmation, currency: str) -> ConfirmedLine:
        before = purchase.progress[line.sku]
        if line.unit_cost is not None and line.unit_cost.currency != currency:
            raise CurrencyMismatch(f"The order is in {currency}.", sku=line.sku)
        cost_minor = before.unit_cost_minor if line.unit_cost is None else line.unit_cost.amount
        quantity = before.expected if line.quantity is None else line.quantity
        if quantity < 0 or cost_minor < 0:
            raise InvalidCommand("quantity and unit_cost are zero or more.", sku=line.sku)
        require_quantity(quantity, line.sku)
        assert purchase.drafted is not None
        unit = next(each.unit for each in purchase.drafted.lines if each.sku == line.sku)
        amount_minor(require_bookable(cost_minor), quantity, unit)
        return ConfirmedLine(sku=line.sku, quantity=quantity, unit_cost_minor=cost_minor)


class ClosePurchase(Command, frozen=True, kw_only=True):
    """Ends an order of which the rest will not come. Closing what is closed changes nothing."""

    purchase_id: str
    cause: str

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        purchase, _ = require_purchase(states, self.purchase_id)
        if purchase.status is PurchaseStatus.CLOSED:
            return _write(self.purchase_id)
        require_status(purchase, "closed", *OPEN)
        return _write(self.purchase_id, closed(purchase, self.cause))


class CancelPurchase(Command, frozen=True, kw_only=True):
    """Calls off an order of which nothing has come. Cancelling what is cancelled changes nothing."""

    purchase_id: str
    cause: str

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        purchase, _ = require_purchase(states, self.purchase_id)
        if purchase.status is PurchaseStatus.CANCELLED:
            return _write(self.purchase_id)
        before = (PurchaseStatus.DRAFT, PurchaseStatus.SENT, PurchaseStatus.CONFIRMED)
        require_status(purchase, "cancelled", *before)
        return _write(self.purchase_id, PurchaseCancelled(purchase_id=self.purchase_id, cause=self.cause))


def _write(purchase_id: str, *events: Event) -> Decision:
    stream = PURCHASE.stream(purchase_id)
    return Decision(events=tuple((stream, event) for event in events), result=Done(id=purchase_id))
