"""Goods of an order that came back, at a till or by post."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from domain.kernel.event import Event
from domain.orders.shipment import ShippedLine


class OrderReturned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These goods were taken back with the return `return_id`.

    The customer keeps `kept` of the order, over all lines, and `rest` has still to leave. With nothing kept
    the order is over.
    """

    TYPE: ClassVar = "order.returned.v1"
    order_id: str
    return_id: str
    lines: tuple[ShippedLine, ...]
    kept: int = 0
    rest: int = 0


def withdrawn_after(
    lines: Iterable[ShippedLine],
    shipped: Mapping[int, int],
    returned: Mapping[int, int],
    withdrawn: Mapping[int, int],
) -> dict[int, int]:
    """How much of each line came back without having left: what has left comes back first."""
    after = dict(withdrawn)
    for line in lines:
        gone_back = returned.get(line.line, 0) - withdrawn.get(line.line, 0)
        out = shipped.get(line.line, 0) - gone_back
        if line.quantity > out:
            after[line.line] = withdrawn.get(line.line, 0) + line.quantity - max(out, 0)
    return after
