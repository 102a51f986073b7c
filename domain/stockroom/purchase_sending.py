"""Sending a purchase order to its supplier."""

from collections.abc import Iterable
from datetime import date, timedelta

from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States
from domain.purchasing.conditions import require_purchase, require_status
from domain.purchasing.order import PURCHASE, Purchase, PurchaseSent, PurchaseStatus
from domain.purchasing.supplier import SUPPLIER, require_active
from domain.stores.store import STORE, Store


class SendPurchase(Command, frozen=True, kw_only=True):
    """Gives the order to the supplier, with `by_mail` to their contact. What is sent is not sent again.

    The same again changes nothing. Another way, or another day, is refused: it would look as if it was done.
    """

    purchase_id: str
    by_mail: bool = True
    expected_on: date | None = None

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def linked(self, states: States) -> Iterable[str]:
        drafted = states.of(PURCHASE, self.purchase_id).drafted
        return (
            () if drafted is None else (SUPPLIER.stream(drafted.supplier_id), STORE.stream(drafted.store_id))
        )

    def decide(self, states: States, at: Moment) -> Decision:
        purchase, drafted = require_purchase(states, self.purchase_id)
        if purchase.status is PurchaseStatus.SENT and self._is_done(purchase):
            return Decision(events=(), result=Done(id=self.purchase_id))
        require_status(purchase, "sent", PurchaseStatus.DRAFT)
        supplier = require_active(states, drafted.supplier_id)
        if self.by_mail and not supplier.contact_id:
            raise InvalidCommand(
                "The supplier has no contact to send it to. Add one, or send it by other means.",
                supplier_id=drafted.supplier_id,
            )
        today = day_of(states.require(STORE, drafted.store_id), at)
        slowest = max(line.lead_time_days for line in drafted.lines)
        sent = PurchaseSent(
            purchase_id=self.purchase_id,
            sent_on=today,
            expected_on=self.expected_on or drafted.expected_on or today + timedelta(days=slowest),
            contact_id=supplier.contact_id if self.by_mail else None,
        )
        return Decision(events=((PURCHASE.stream(self.purchase_id), sent),), result=Done(id=self.purchase_id))

    def _is_done(self, purchase: Purchase) -> bool:
        same_way = self.by_mail is (purchase.contact_id is not None)
        return same_way and self.expected_on in (None, purchase.expected_on)


def day_of(store: Store, at: Moment) -> date:
    """The store's business day."""
    return business_day(at.occurred_at, store.time_zone, store.day_starts_at_min)
