"""That somebody looked through a store's lots on a business day: the watch does so once."""

from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 100


class LotsWatched(Event, frozen=True, kw_only=True, omit_defaults=True):
    """All of the store's lots were looked at on this business day. Days on which nobody did are missing."""

    TYPE: ClassVar = "freshness.lots_watched.v1"
    store_id: str
    day: date


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """The last business day on which the store's lots were looked at."""

    day: date | None = None


def evolve(state: Watch, event: Event) -> Watch:
    """The watch after `event`."""
    return Watch(day=event.day) if isinstance(event, LotsWatched) else state


WATCH = StreamKind("lotwatch", Watch(), evolve, snapshot_every=SNAPSHOT_EVERY)
