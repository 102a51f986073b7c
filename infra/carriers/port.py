"""The port through which carriers are asked where shipments are, and the adapter that asks none."""

from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from domain.orders.shipment import CarrierStatus


class Parcel(NamedTuple):
    """What a carrier knows a shipment by."""

    carrier: str
    tracking_number: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier says happened to a parcel. `event_id` is the carrier's own."""

    event_id: str
    status: CarrierStatus
    happened_at: datetime


class Answer(NamedTuple):
    """All that a carrier says of a parcel, in any order, and what is wrong with the answer, if anything."""

    reports: tuple[Report, ...] = ()
    fault: str | None = None


class CarrierAway(Exception):
    """Nobody answered, or only that it can't now. Asking again may help."""


class Carriers(Protocol):
    """Asks where parcels are. An answer that nobody can use is a fault of it, no error."""

    @property
    def asks(self) -> bool:
        """Whether anybody is asked at all."""
        ...

    async def reports_of(self, parcel: Parcel) -> Answer:
        """What is known of a parcel. CarrierAway where there is no answer this time."""
        ...


class Recording:
    """Asks nobody and keeps what it was to ask. The default: carriers then tell by themselves."""

    asks = False

    def __init__(self) -> None:
        self.asked: list[Parcel] = []

    async def reports_of(self, parcel: Parcel) -> Answer:
        """Notes the parcel, of which nothing is known."""
        self.asked.append(parcel)
        return Answer()
