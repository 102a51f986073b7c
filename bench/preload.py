"""Filling a shop's journal with a past: COPY without indexes, then indexes, head and snapshots at once."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from typing import LiteralString

import psycopg

from bench.books import Books
from bench.history import History
from bench.measure import say
from bench.order_kinds import EVENTS_AN_ORDER
from bench.parts import owner_conninfo, parts
from bench.shop import Shop, founding
from domain.kernel.stream import Versioned
from infra.event_store.codec import StateStore
from infra.event_store.journal import Head

CHUNK_BYTES = 1 << 20

# One sort of all entries at the end is faster than finding each one's place.
_DROP_INDEXES: LiteralString = """
SET LOCAL maintenance_work_mem = '1GB';
ALTER TABLE stored_events DROP CONSTRAINT stored_events_pkey;
DROP INDEX stored_events_notification_id_idx
"""

_COPY: LiteralString = """
COPY stored_events (originator_id, originator_version, topic, state, notification_id) FROM STDIN
"""

_CREATE_INDEXES: LiteralString = """
ALTER TABLE stored_events ADD PRIMARY KEY (originator_id, originator_version);
CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events (notification_id)
"""

_MOVE_HEAD: LiteralString = """
UPDATE journal_head
SET position = %(position)s
"""

_INSERT_SNAPSHOT: LiteralString = """
INSERT INTO snapshots (originator_id, originator_version, topic, state)
VALUES (%s, %s, %s, %s)
"""


def preload(shop: Shop, events: int) -> None:
    """Puts some `events` of earlier trade into a shop that has sold nothing yet, and folds them."""
    began = time.monotonic()
    orders = events // EVENTS_AN_ORDER
    states, head = asyncio.run(_present(shop))
    assert head.recorded_at is not None
    history = History(states, head.position, head.recorded_at)
    with psycopg.connect(owner_conninfo(shop.database.owner, shop.tenant), autocommit=True) as connection:
        with connection.transaction():
            _write(connection, history, orders)
        # As autovacuum leaves a journal that has grown by and by; it must not begin in the midst of a run.
        connection.execute("VACUUM (ANALYZE) stored_events")
    say(f"{history.position:,} events in the journal after {time.monotonic() - began:.1f} s")


def catch_up(shop: Shop) -> None:
    """Has the projector fold the whole journal."""
    began = time.monotonic()
    with parts(shop.database, "projector"):
        Books(shop).wait_until_caught_up()
    say(f"read models caught up after {time.monotonic() - began:.1f} s")


async def _present(shop: Shop) -> tuple[dict[str, Versioned], Head]:
    """The states of the streams that the shop was founded with, and where the journal ends."""
    streams = sorted({stream for command in founding() for stream in command.streams()})
    async with shop.open() as tenant, tenant.readers.connection() as connection:
        found = await tenant.journal.read_states(connection, streams)
        head = await tenant.journal.head(connection)
    return {stream: state for stream, (state, _) in found.items()}, head


def _write(connection: "psycopg.Connection[tuple[object, ...]]", history: History, orders: int) -> None:
    connection.execute(_DROP_INDEXES)
    with connection.cursor() as cursor:
        with cursor.copy(_COPY) as copy:
            for chunk in _chunks(history.orders(orders)):
                copy.write(chunk)
        cursor.executemany(_INSERT_SNAPSHOT, _snapshots(history))
    connection.execute(_CREATE_INDEXES)
    connection.execute(_MOVE_HEAD, {"position": history.position})


def _snapshots(history: History) -> Iterator[tuple[str, int, str, bytes]]:
    store = StateStore()
    for stream, state in history.snapshots.items():
        topic, encoded = store.encode_snapshot(stream, state)
        yield stream, state.version, topic, encoded


def _chunks(rows: Iterable[bytes]) -> Iterator[bytes]:
    """The rows in pieces that are worth a call."""
    chunk = bytearray()
    for row in rows:
        chunk += row
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)
