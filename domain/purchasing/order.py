"""A purchase order: drafted, sent, confirmed, received in one or several deliveries, closed; or cancelled."""

import enum
from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.kernel.stream import StreamKind


class PurchaseStatus(enum.StrEnum):
    """Where a purchase order stands."""

    DRAFT = "draft"
    SENT = "sent"
    CONFIRMED = "confirmed"
    PARTLY_RECEIVED = "partly_received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


OPEN = (PurchaseStatus.SENT, PurchaseStatus.CONFIRMED, PurchaseStatus.PARTLY_RECEIVED)
"""What the supplier owes is on order."""


class PurchaseLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SKU that is ordered: `packs` of `pack_size` each, at so much a piece or a kilogram.

    An order has a SKU once, so that lines go by it. `supplier_sku` is what the supplier calls it.
    """

    sku: str
    name: str
    unit: Unit
    packs: int
    pack_size: int = 1
    unit_cost_minor: int
    lead_time_days: int = 0
    supplier_sku: str | None = None

    @property
    def quantity(self) -> int:
        """How much that is, in the SKU's unit."""
        return self.packs * self.pack_size


class FromSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The suggestion of a SKU that a draft is to order: its number within the item."""

    sku: str
    number: int


class PurchaseDrafted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods are to be ordered for a store. A draft that is changed is written anew, whole.

    `reference` is what it was drafted from, as a batch of suggestions; `suggestions` are those that wait for
    it to be sent.
    """

    TYPE: ClassVar = "purchase.drafted.v1"
    purchase_id: str
    supplier_id: str
    store_id: str
    currency: str
    lines: tuple[PurchaseLine, ...]
    expected_on: date | None = None
    reference: str | None = None
    suggestions: tuple[FromSuggestion, ...] = ()


class PurchaseSent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The order was given to the supplier: to that contact, or by other means where none is named.

    `sent_on` is the store's business day, from which the lead time counts.
    """

    TYPE: ClassVar = "purchase.sent.v1"
    purchase_id: str
    sent_on: date
    expected_on: date
    contact_id: str | None = None


class ConfirmedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU the supplier will deliver, 0 for nothing, and at what a unit."""

    sku: str
    quantity: int
    unit_cost_minor: int


class PurchaseConfirmed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The supplier says what comes, when and at what cost; lines that are not named come as they were."""

    TYPE: ClassVar = "purchase.confirmed.v1"
    purchase_id: str
    expected_on: date
    lines: tuple[ConfirmedLine, ...] = ()
    reference: str | None = None


class ReceivedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a SKU in a lot. `accepted` is on the shelf and `quarantined` is ours, but not for sale.

    `rejected` went back with the driver, is owed still and was never ours; `cause` says why, of both.
    `cost_minor` is what the accepted and quarantined goods cost together.
    """

    sku: str
    accepted: int = 0
    quarantined: int = 0
    rejected: int = 0
    cost_minor: int = 0
    lot: str | None = None
    sell_by: date | None = None
    cause: str | None = None

    @property
    def taken(self) -> int:
        """What became ours."""
        return self.accepted + self.quarantined


class PurchaseReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A delivery came. `lead_days` have passed since the order was sent; `supplier_id` is whose it is.

    `days_late` are from the day that was promised, below zero for early; None where none was. `reference` is
    the number of the delivery note.
    """

    TYPE: ClassVar = "purchase.received.v1"
    purchase_id: str
    receipt_id: str
    supplier_id: str
    store_id: str
    received_on: date
    lead_days: int
    lines: tuple[ReceivedLine, ...]
    reference: str | None = None
    days_late: int | None = None


class ClosedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line: what was ordered and what came of it, in the SKU's unit."""

    sku: str
    ordered: int
    received: int


class PurchaseClosed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Nothing more is expected: all has come (`received`), or the rest will not (another cause)."""

    TYPE: ClassVar = "purchase.closed.v1"
    purchase_id: str
    supplier_id: str
    cause: str
    lines: tuple[ClosedLine, ...]


class PurchaseCancelled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The order is off; nothing of it has come."""

    TYPE: ClassVar = "purchase.cancelled.v1"
    purchase_id: str
    cause: str


class ReturnedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU went back, in its unit."""

    sku: str
    quantity: int


class PurchaseReturned(Event, frozen=True, kw_only=True):
    """Of what was received by this order so much went back, by that return. It is not owed again."""

    TYPE: ClassVar = "purchase.returned.v1"
    purchase_id: str
    return_id: str
    lines: tuple[ReturnedLine, ...]


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU is expected and at what cost, what has come, and what went back; in its unit."""

    expected: int
    unit_cost_minor: int
    received: int = 0
    rejected: int = 0
    returned: int = 0

    @property
    def owed(self) -> int:
        """What has still to come."""
        return max(0, self.expected - self.received)


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order as decisions see it; `progress` is by SKU.

    `promised_on` is the day that the first confirmation said, or the sending. Later ones don't make a late
    delivery punctual. Where nobody knew how long it takes nothing is promised.
    """

    drafted: PurchaseDrafted | None = None
    status: PurchaseStatus = PurchaseStatus.DRAFT
    expected_on: date | None = None
    promised_on: date | None = None
    sent_on: date | None = None
    contact_id: str | None = None
    progress: dict[str, Progress] = {}
    receipts: tuple[str, ...] = ()
    cause: str | None = None
    reference: str | None = None


def evolve(state: Purchase, event: Event) -> Purchase:
    """The order after `event`."""
    change = msgspec.structs.replace
    match event:
        case PurchaseDrafted():
            progress = {
                line.sku: Progress(expected=line.quantity, unit_cost_minor=line.unit_cost_minor)
                for line in event.lines
            }
            return Purchase(drafted=event, expected_on=event.expected_on, progress=progress)
        case PurchaseSent():
            return change(
                state,
                status=PurchaseStatus.SENT,
                sent_on=event.sent_on,
                expected_on=event.expected_on,
                promised_on=event.expected_on if event.expected_on > event.sent_on else None,
                contact_id=event.contact_id,
            )
        case PurchaseConfirmed():
            first = state.status is PurchaseStatus.SENT
            return change(
                state,
                status=_at_least_confirmed(state.status),
                expected_on=event.expected_on,
                promised_on=event.expected_on if first else state.promised_on,
                progress=_confirmed(state.progress, event.lines),
                reference=event.reference or state.reference,
            )
        case PurchaseReceived():
            return change(
                state,
                status=PurchaseStatus.PARTLY_RECEIVED,
                progress=_received(state.progress, event.lines),
                receipts=(*state.receipts, event.receipt_id),
            )
        case PurchaseReturned():
            return change(state, progress=_returned(state.progress, event.lines))
        case PurchaseClosed():
            return change(state, status=PurchaseStatus.CLOSED, cause=event.cause)
        case PurchaseCancelled():
            return change(state, status=PurchaseStatus.CANCELLED, cause=event.cause)
        case _:
            return state


def _at_least_confirmed(status: PurchaseStatus) -> PurchaseStatus:
    partly = PurchaseStatus.PARTLY_RECEIVED
    return partly if status is partly else PurchaseStatus.CONFIRMED


def _confirmed(progress: dict[str, Progress], lines: Iterable[ConfirmedLine]) -> dict[str, Progress]:
    after = dict(progress)
    for line in lines:
        if (before := after.get(line.sku)) is not None:
            after[line.sku] = msgspec.structs.replace(
                before, expected=line.quantity, unit_cost_minor=line.unit_cost_minor
            )
    return after


def _received(progress: dict[str, Progress], lines: Iterable[ReceivedLine]) -> dict[str, Progress]:
    after = dict(progress)
    for line in lines:
        if (before := after.get(line.sku)) is not None:
            after[line.sku] = msgspec.structs.replace(
                before, received=before.received + line.taken, rejected=before.rejected + line.rejected
            )
    return after


def _returned(progress: dict[str, Progress], lines: Iterable[ReturnedLine]) -> dict[str, Progress]:
    after = dict(progress)
    for line in lines:
        if (before := after.get(line.sku)) is not None:
            after[line.sku] = msgspec.structs.replace(before, returned=before.returned + line.quantity)
    return after


PURCHASE = StreamKind("purchase", Purchase(), evolve)
