"""Looking at a tenant from the command line: read models, and the journal itself."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import click
import msgspec
from psycopg.sql import SQL, Identifier

from infra.errors import OperatorError
from infra.event_store.journal import Journal, StoredEntry, channel_of
from infra.postgres.pools import Connection, connector
from infra.process import owner_name
from infra.settings import Settings
from infra.tenancy import TenantUnknown, tenant_names
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.parking import Place, count_parked, read_parked
from projections.kernel.projection import Projection
from workers.database import database
from workers.parked_events import retry, skip_event
from workers.progress import meter
from workers.rebuild import TenantDatabase, rebuild

Work = Callable[[Connection, Journal], Coroutine[Any, Any, None]]

PAGE = 1_000
LAST = 10
POLL_S = 1.0


class StreamUnknown(OperatorError):
    """Nothing was ever recorded under that name."""


class ProjectionUnknown(click.UsageError):
    """There is no projection of that name."""


def projections_status(settings: Settings) -> None:
    """Prints each read model's position, lag and keeper."""

    async def work(connection: Connection, journal: Journal) -> None:
        head = await journal.head(connection)
        parked = await count_parked(connection)
        click.echo(f"journal: position {head.position:,}")
        for checkpoint in await read_checkpoints(connection):
            silent = "never" if checkpoint.silent_s is None else f"{checkpoint.silent_s:.1f} s ago"
            click.echo(
                f"{checkpoint.name}: position {checkpoint.position:,},"
                f" lag {head.position - checkpoint.position:,} ({checkpoint.lag_s:.1f} s),"
                f" keeper {checkpoint.owner or 'none'}, last sign of life {silent},"
                f" parked {parked.get(checkpoint.name, 0):,}"
            )

    _on_journal(settings, work)


def projections_rebuild(settings: Settings, names: Sequence[str]) -> None:
    """Makes the named projections anew (all, if none is named) in one pass over the journal."""
    wanted = [_projection(name) for name in names] or PROJECTIONS

    async def work(tenant: TenantDatabase) -> None:
        with meter("rebuild", "events") as progress:
            position = await rebuild(tenant, wanted, owner_name(), progress.update)
        for projection in wanted:
            click.echo(f"{projection.name}: rebuilt up to position {position:,}")

    _on_tenant(settings, work)


def projections_park(settings: Settings, *, tracebacks: bool) -> None:
    """Prints what is parked, a JSON object a line: where, which event, and why if it failed itself."""

    async def work(connection: Connection, journal: Journal) -> None:
        for event in await read_parked(connection):
            shown = {**event.place._asdict(), "position": event.position, "error": event.error}
            shown |= {"parked_at": event.parked_at} | ({"traceback": event.traceback} if tracebacks else {})
            click.echo(msgspec.json.encode(shown).decode())

    _on_journal(settings, work)


def projections_retry(settings: Settings, place: Place) -> None:
    """Folds what waits at a place."""
    projection = _projection(place.projection)

    async def work(connection: Connection, journal: Journal) -> None:
        _say_what_waits(place, await retry(connection, journal, projection, place))

    _on_journal(settings, work)


def projections_skip(settings: Settings, place: Place, position: int, reason: str) -> None:
    """Leaves a failed event out of a place for good, and folds what waits behind it."""
    projection = _projection(place.projection)

    async def work(connection: Connection, journal: Journal) -> None:
        _say_what_waits(place, await skip_event(connection, journal, projection, place, position, reason))

    _on_journal(settings, work)


def _projection(name: str) -> Projection:
    known = {projection.name: projection for projection in PROJECTIONS}
    if name not in known:
        raise ProjectionUnknown(f"there is no projection {name!r}; there are {', '.join(known)}")
    return known[name]


def _say_what_waits(place: Place, waiting: int) -> None:
    click.echo(f"{place.projection} {place.table} {place.key}: {waiting:,} events wait")


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

    _on_journal(settings, work)


def events_show(settings: Settings, stream: str) -> None:
    """Prints a stream's events, oldest first."""

    async def work(connection: Connection, journal: Journal) -> None:
        seen = 0
        while entries := await journal.stored_stream(connection, stream, seen, PAGE):
            _print(entries)
            seen = entries[-1].version
        if not seen:
            raise StreamUnknown(f"there is no stream {stream!r} in the tenant {settings.tenant}")

    _on_journal(settings, work)


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


def _on_journal(settings: Settings, work: Work) -> None:
    async def on_connection(tenant: TenantDatabase) -> None:
        async with await tenant.connect() as connection:
            await work(connection, tenant.journal)

    _on_tenant(settings, on_connection)


def _on_tenant(settings: Settings, work: Callable[[TenantDatabase], Coroutine[Any, Any, None]]) -> None:
    async def main(url: str) -> None:
        async with await connector(url)() as connection:
            if settings.tenant not in await tenant_names(connection):
                raise TenantUnknown(settings.tenant)
        await work(TenantDatabase(url, settings.tenant))

    with database(settings) as connections:
        asyncio.run(main(connections.service))
