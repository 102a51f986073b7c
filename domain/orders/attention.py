"""What somebody has to look at about an order, besides what its status tells."""

from typing import ClassVar

from domain.kernel.event import Event

CALL = "call"
"""The customer has to be told something, and no mail reaches them."""
CARRIER = "carrier"
"""The carrier says of a shipment what nobody can use."""


class AttentionNeeded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody has to act in a matter (`call`, `carrier`): `about` which message or shipment, and why."""

    TYPE: ClassVar = "order.attention_needed.v1"
    order_id: str
    matter: str
    about: str
    cause: str


class Attended(Event, frozen=True, kw_only=True, omit_defaults=True):
    """That matter is dealt with, or over by itself."""

    TYPE: ClassVar = "order.attended.v1"
    order_id: str
    matter: str
    about: str


def matter_of(event: AttentionNeeded | Attended) -> str:
    """What an order and its board know the matter by."""
    return f"{event.matter}/{event.about}"
