"""Looking at a tenant's journal from the command line."""

from collections.abc import Sequence

import click
import msgspec
from psycopg.sql import SQL, Identifier

from infra.errors import OperatorError
from infra.event_store.journal import Journal, StoredEntry, channel_of
from infra.postgres.pools import Connection
from infra.settings import Settings
from workers.database import on_journal

PAGE = 1_000
LAST = 10
POLL_S = 1.0


class StreamUnknown(OperatorError):
    """Nothing was ever recorded under that name."""


def events_tail(settings: Settings, after: int | None, *, follow: bool) -> None:
    """Prints events by position, and then each new one, until interrupted."""

    async def work(connection: Connection, journal: Journal) -> None:
        if follow:
            await connection.execute(SQL("LISTEN {}").format(Identifier(channel_of(journal.schema))))
        seen = max(0, (await journal.head(connection)).position - LAST) if after is None else after
        while True:
            entries = await journal.stored_page(connection, seen, PAGE)
            _print(entries)
            if entries:
                seen = entries[-1].position
            elif not follow:
                return
            else:
                async for _ in connection.notifies(timeout=POLL_S, stop_after=1):
                    break

    on_journal(settings, work)


def events_show(settings: Settings, stream: str) -> None:
    """Prints a stream's events, oldest first."""

    async def work(connection: Connection, journal: Journal) -> None:
        seen = 0
        while entries := await journal.stored_stream(connection, stream, seen, PAGE):
            _print(entries)
            seen = entries[-1].version
        if not seen:
            raise StreamUnknown(f"there is no stream {stream!r} in the tenant {settings.tenant}")

    on_journal(settings, work)


def _print(entries: Sequence[StoredEntry]) -> None:
    for entry in entries:
        envelope = msgspec.json.decode(entry.state)
        place = {
            "position": entry.position,
            "stream": entry.stream,
            "version": entry.version,
            "type": entry.type,
        }
        click.echo(msgspec.json.encode({**place, **envelope}).decode())
