"""A transfer: goods leave one store, are in transit, and arrive at another. Every unit leaves transit.

What doesn't arrive is missing, what arrives unfit is waste, what arrives beyond what left was miscounted.
(Domain rule "Transfers".)
"""

import enum
from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.stream import StreamKind


class TransferStatus(enum.StrEnum):
    """Where a transfer stands."""

    IN_TRANSIT = "in_transit"
    RECEIVED = "received"


class SentLot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lot's facts, which go with its goods."""

    lot: str
    received_on: date
    sell_by: date | None = None


class SentLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """So much of a SKU left, at what it cost; `shares` is what is of which lot, of goods that have lots."""

    sku: str
    quantity: int
    cost_minor: int
    shares: tuple[LotShare, ...] = ()
    lots: tuple[SentLot, ...] = ()


class TransferSent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods left `from_store_id` for `to_store_id`: they are in transit, and neither store's to sell."""

    TYPE: ClassVar = "transfer.sent.v1"
    transfer_id: str
    from_store_id: str
    to_store_id: str
    currency: str
    lines: tuple[SentLine, ...]
    expected_on: date | None = None


class ArrivedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What arrived of a SKU, in its unit: `good` on the shelf, `damaged` to waste, `over` beyond what left.

    `missing` left transit without having arrived, which only the last receipt says.
    """

    sku: str
    good: int = 0
    damaged: int = 0
    missing: int = 0
    over: int = 0


class TransferReceived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods arrived. With the last receipt (`ends`) nothing is in transit any more."""

    TYPE: ClassVar = "transfer.received.v1"
    transfer_id: str
    receipt_id: str
    to_store_id: str
    lines: tuple[ArrivedLine, ...]
    ends: bool = False


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer as decisions see it; `left` is by SKU what has left transit."""

    sent: TransferSent | None = None
    status: TransferStatus = TransferStatus.IN_TRANSIT
    left: dict[str, int] = {}
    receipts: tuple[TransferReceived, ...] = ()


def evolve(state: Transfer, event: Event) -> Transfer:
    """The transfer after `event`."""
    match event:
        case TransferSent():
            return Transfer(sent=event)
        case TransferReceived():
            return Transfer(
                sent=state.sent,
                status=TransferStatus.RECEIVED if event.ends else state.status,
                left=_left(state.left, event.lines),
                receipts=(*state.receipts, event),
            )
        case _:
            return state


def _left(before: dict[str, int], lines: Iterable[ArrivedLine]) -> dict[str, int]:
    after = dict(before)
    for line in lines:
        after[line.sku] = after.get(line.sku, 0) + line.good + line.damaged + line.missing
    return after


TRANSFER = StreamKind("transfer", Transfer(), evolve)
