"""A till's receipt roll: numbers without a gap, one for each sale or return."""

from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 500


class ReceiptIssued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Receipt `number` of this till documents `document` (`sale-…` or `return-…`).

    `total_minor` is what the customer paid, negative for a return.
    """

    TYPE: ClassVar = "till.receipt_issued.v1"
    store_id: str
    register_id: str
    number: int
    document: str
    total_minor: int


class Till(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the last receipt, and the perpetual total of all of them."""

    last_number: int = 0
    perpetual_total_minor: int = 0


def evolve(state: Till, event: Event) -> Till:
    """The till after `event`."""
    if not isinstance(event, ReceiptIssued):
        return state
    return Till(
        last_number=event.number,
        perpetual_total_minor=state.perpetual_total_minor + event.total_minor,
    )


TILL = StreamKind("till", Till(), evolve, snapshot_every=SNAPSHOT_EVERY)


def till_id(store_id: str, register_id: str) -> str:
    """A till's id: `main/till-1`."""
    return f"{store_id}/{register_id}"
