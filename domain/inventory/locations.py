"""Locations: where in a store its goods are. The sales floor is "", the others are the store's own words."""

from datetime import datetime
from typing import ClassVar

from domain.kernel.event import Event


class StockRelocated(Event, frozen=True, kw_only=True, omit_defaults=True):
    """`quantity` of a lot went from one location of the store to another. Changes no sum and no value.

    `moved_at` is when, of items that are being counted or that were counted later than that.
    """

    TYPE: ClassVar = "stock.relocated.v1"
    store_id: str
    sku: str
    lot: str = ""
    quantity: int
    from_location: str
    to_location: str
    moved_at: datetime | None = None
