"""A shipment of an order, and what its carrier says of it: in any order, more than once, late."""

import enum
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from domain.kernel.event import Event


class CarrierStatus(enum.StrEnum):
    """What carriers say. `delivered` and `returned` are final; after `failed` they may try again."""

    IN_TRANSIT = "in_transit"
    DELAYED = "delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    FAILED = "failed"
    DAMAGED = "damaged"
    RETURNED = "returned"
    DELIVERED = "delivered"


_RANK = {status: rank for rank, status in enumerate(CarrierStatus, start=1)}
FINAL = frozenset({CarrierStatus.RETURNED, CarrierStatus.DELIVERED})
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class ShippedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of which line, in the line's unit."""

    line: int
    quantity: int


class CarrierReported(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A carrier said where a shipment is. `event_id` is the carrier's, `happened_at` by its clock."""

    TYPE: ClassVar = "order.carrier_reported.v1"
    order_id: str
    shipment_id: str
    event_id: str
    status: CarrierStatus
    happened_at: datetime


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """What left together, where it is (None: nobody said yet), and which reports of the carrier are known."""

    carrier: str
    tracking_number: str | None = None
    lines: tuple[ShippedLine, ...]
    status: CarrierStatus | None = None
    status_at: datetime | None = None
    damaged: bool = False
    reports: tuple[str, ...] = ()


def reported(shipment: Shipment, event: CarrierReported) -> Shipment:
    """The shipment after a report. Whatever the order in which reports come, the end is the same.

    What is final stays; else the report that happened last counts, and of two at one instant the further one.
    """
    further = _place(event.status, event.happened_at) > _place(shipment.status, shipment.status_at)
    return msgspec.structs.replace(
        shipment,
        status=event.status if further else shipment.status,
        status_at=event.happened_at if further else shipment.status_at,
        damaged=shipment.damaged or event.status is CarrierStatus.DAMAGED,
        reports=(*shipment.reports, event.event_id),
    )


def _place(status: CarrierStatus | None, at: datetime | None) -> tuple[bool, datetime, int]:
    if status is None:
        return False, _NEVER, 0
    return status in FINAL, at or _NEVER, _RANK[status]
