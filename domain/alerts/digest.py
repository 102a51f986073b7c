"""Digests: what was raised in a store since the last one is told together, once."""

from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

SNAPSHOT_EVERY = 100


class AlertsTold(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What was raised in the store from `after` to `up_to`, positions of the journal, and was open, is told.

    `raised` counts by kind.
    """

    TYPE: ClassVar = "alert.told.v1"
    store_id: str
    after: int
    up_to: int
    raised: dict[str, int]


class Digests(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Up to which position everything was told."""

    up_to: int = 0


def evolve(state: Digests, event: Event) -> Digests:
    """The digests after `event`."""
    return Digests(up_to=event.up_to) if isinstance(event, AlertsTold) else state


DIGESTS = StreamKind("digest", Digests(), evolve, snapshot_every=SNAPSHOT_EVERY)


class TellAlerts(Command, frozen=True, kw_only=True):
    """Tells what was raised after `after`. If somebody has told it meanwhile, nothing happens."""

    store_id: str
    after: int
    up_to: int
    raised: dict[str, int]

    def streams(self) -> tuple[str, ...]:
        return (DIGESTS.stream(self.store_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        (stream,) = self.streams()
        told = AlertsTold(store_id=self.store_id, after=self.after, up_to=self.up_to, raised=self.raised)
        new = states.of(DIGESTS, self.store_id).up_to == self.after < self.up_to and bool(self.raised)
        return Decision(events=((stream, told),) if new else (), result=Done(id=self.store_id))
