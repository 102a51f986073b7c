"""Where the goods of an order go: to an address, or across the counter of the store."""

from typing import ClassVar

from domain.kernel.event import Event
from domain.kernel.sealed import Sealed

PICK_UP = "pick-up"
"""The shipment, and the carrier, of what is handed over in the store."""


class DeliverySet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the order goes to this recipient and address, or is picked up at the store.

    What is not said is as with whoever ordered. All is sealed for that person: forgotten with them.
    """

    TYPE: ClassVar = "order.delivery_set.v1"
    order_id: str
    pick_up: bool = False
    name: Sealed | None = None
    phone: Sealed | None = None
    address: Sealed | None = None
