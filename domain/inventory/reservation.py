"""Reservations: goods that stay on the shelf and are promised to an order, for a limited time.

What is on hand is unchanged; available = on hand − reserved. A reservation whose time is over counts no more
from that instant on, whether somebody has released it yet or not.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.event import Event


class StockReserved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """`quantity` (pieces or grams) is promised to `reference` (`order-…`) until that instant."""

    TYPE: ClassVar = "stock.reserved.v1"
    store_id: str
    sku: str
    quantity: int
    reference: str
    until: datetime


class ReservationReleased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What was promised to `reference` is promised no more: `sold`, `cancelled` or `lapsed`."""

    TYPE: ClassVar = "stock.reservation_released.v1"
    store_id: str
    sku: str
    quantity: int
    reference: str
    reason: str


class Reservation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much is promised, and until when."""

    quantity: int
    until: datetime


def reserved(reservations: Mapping[str, Reservation], now: datetime, *, but: str = "") -> int:
    """How much is promised at this instant, to others than `but`."""
    return sum(
        reservation.quantity
        for reference, reservation in reservations.items()
        if reservation.until > now and reference != but
    )
