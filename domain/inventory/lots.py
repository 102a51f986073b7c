"""Lots: goods of one item that came together and keep for equally long."""

from datetime import date
from typing import ClassVar

from domain.kernel.event import Event


class LotReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A lot's facts, told once, before its goods move for the first time.

    `lot` is the shop's own word for it, unique within the item: the supplier's lot number, or the delivery's.
    `received_on` is the store's business day. Nothing is sold after `sell_by`; None keeps. `unit_cost_minor`
    is per piece or per kilogram.
    """

    TYPE: ClassVar = "stock.lot_received.v1"
    store_id: str
    sku: str
    lot: str
    supplier_id: str | None = None
    received_on: date
    sell_by: date | None = None
    unit_cost_minor: int | None = None
    reference: str | None = None
