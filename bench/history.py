"""A past: generated orders that continue a journal, many times faster than selling them."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bench.order_kinds import EVENTS_AN_ORDER, Kind, Memory, order_kind
from bench.orders import CUSTOMERS, REGISTERS_A_STORE, SKUS, STORES
from bench.shop import TIME_ZONE
from domain.kernel.business_day import business_day
from domain.kernel.event import Event
from domain.kernel.stream import Versioned
from domain.tills.till import TILL, ReceiptIssued, Till, till_id

KINDS = len(SKUS)
"""After so many orders, store, goods and campaign come round again."""
EVERY = timedelta(seconds=10)
"""From one order of the chain to the next."""


class History:
    """Orders that continue a journal, and the states that come of them.

    They occurred one after the other until `recorded_at`, and were all recorded then. `snapshots` are those
    that a clerk would have kept, by stream.
    """

    def __init__(self, states: Mapping[str, Versioned], position: int, recorded_at: datetime) -> None:
        """`states` are those of the shop's streams at the position, where the journal ends."""
        self.position = position
        self.snapshots: dict[str, Versioned] = {}
        self._recorded_at = recorded_at.replace(microsecond=0)
        self._states = Memory(states)
        self._kinds = [order_kind(self._states, number, recorded_at) for number in range(KINDS)]

    def orders(self, count: int) -> Iterator[bytes]:
        """The rows of each of so many orders, as COPY reads them."""
        for number in range(count):
            kind = self._kinds[number % KINDS]
            register = f"till-{number // len(STORES) % REGISTERS_A_STORE}"
            *moves, drawn = (self._fold(stream, event) for stream, event in kind.events)
            receipt_number, receipt_version = self._issue_receipt(kind, register)
            first = self.position + 1
            self.position += EVENTS_AN_ORDER
            yield kind.fill(
                (
                    *(
                        text.encode()
                        for text in self._texts(
                            number, self._recorded_at - EVERY * (count - number), register
                        )
                    ),
                    receipt_number,
                    # Each coupon has two events in a stream of its own, each sale one.
                    *(1, 1, *moves, 2, drawn, receipt_version),
                    *range(first, first + EVENTS_AN_ORDER),
                )
            )

    def _texts(self, number: int, at: datetime, register: str) -> tuple[str, ...]:
        """What differs in words, in the order of order_kinds.TEXTS. Ids are of the usual length and order."""
        return (
            f"{int(at.timestamp()):08x}-{number >> 16:04x}-7000-8000-{number:012x}",
            base64.b32encode(hashlib.sha256(b"history %d" % number).digest()[:15]).decode().lower(),
            CUSTOMERS[number % len(CUSTOMERS)],
            register,
            f"{2 * number:032x}",
            f"{2 * number + 1:032x}",
            f"{at.isoformat()[:19]}Z",
            business_day(at, TIME_ZONE, 0).isoformat(),
        )

    def _issue_receipt(self, kind: Kind, register: str) -> tuple[int, int]:
        """The receipt's number, and its version in the till's stream."""
        id_ = till_id(kind.store_id, register)
        till: Till = self._states[TILL.stream(id_)].state
        receipt = ReceiptIssued(
            store_id=kind.store_id,
            register_id=register,
            number=till.last_number + 1,
            document="",
            total_minor=kind.total_minor,
            taxes=kind.taxes,
        )
        return receipt.number, self._fold(TILL.stream(id_), receipt)

    def _fold(self, stream: str, event: Event) -> int:
        """The version of one more event in a long stream."""
        store = self._states.store
        after = self._states[stream] = store.evolve(stream, self._states[stream], event)
        every = store.kind_of(stream).snapshot_every
        assert every is not None, "the states of other streams are not followed"
        if after.version % every == 0:
            self.snapshots[stream] = after
        return after.version
