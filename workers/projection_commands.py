"""What an operator does about read models from the command line."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

import click
import msgspec

from infra.errors import OperatorError
from infra.event_store.as_of import position_at
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection
from infra.postgres.roles import tenant_role
from infra.process import calm_collector, give_way, owner_name
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.parking import Place, count_parked, read_parked
from projections.kernel.projection import Projection
from projections.kernel.rebuilds import Rebuild, give_up_rebuild, list_previous, read_rebuilds
from workers.database import TenantDatabase, on_journal, on_tenant
from workers.parked_events import retry, skip_event
from workers.progress import meter
from workers.rebuild import MOST_ROWS, rebuild, rollback
from workers.rebuild_processes import PATIENCE, default_readers, rebuild_in_processes
from workers.replay import Verdict, keep_as_of, verify

POLL_S = 1.0


class PositionUnknown(OperatorError):
    """The journal has no such position yet."""


class ProjectionUnknown(click.UsageError):
    """There is no projection of that name."""


def projections_status(settings: Settings) -> None:
    """Prints each read model's position, lag and keeper, and what is being made anew."""

    async def work(connection: Connection, journal: Journal) -> None:
        for line in await _status_lines(connection, journal):
            click.echo(line)

    on_journal(settings, work)


def projections_watch(settings: Settings) -> None:
    """Prints the status every second until nothing is being made anew and all have caught up."""

    async def work(connection: Connection, journal: Journal) -> None:
        while True:
            lines = await _status_lines(connection, journal)
            if sys.stdout.isatty():
                click.clear()
            click.echo("\n".join(lines))
            head = (await journal.head(connection)).position
            versions = {each.name: each.version for each in PROJECTIONS}
            checkpoints = await read_checkpoints(connection)
            # What stands still at another version has no end to wait for, unless it is being made anew.
            folded = [each for each in checkpoints if versions.get(each.name) == each.version]
            behind = any(each.position < head for each in folded)
            if not behind and not any(each.error is None for each in await read_rebuilds(connection)):
                return
            await asyncio.sleep(POLL_S)

    on_journal(settings, work)


async def _status_lines(connection: Connection, journal: Journal) -> list[str]:
    parked = await count_parked(connection)
    kept = await list_previous(connection)
    rebuilds = {rebuild.name: rebuild for rebuild in await read_rebuilds(connection)}
    checkpoints = await read_checkpoints(connection)
    head = (await journal.head(connection)).position
    lines = [f"journal: position {head:,}"]
    software = {projection.name: projection.version for projection in PROJECTIONS}
    for checkpoint in checkpoints:
        silent = "never" if checkpoint.silent_s is None else f"{checkpoint.silent_s:.1f} s ago"
        lines.append(
            f"{checkpoint.name}: version {checkpoint.version}, position {checkpoint.position:,},"
            f" lag {head - checkpoint.position:,} ({checkpoint.lag_s:.1f} s),"
            f" keeper {checkpoint.owner or 'none'}, last sign of life {silent},"
            f" parked {parked.get(checkpoint.name, 0):,}"
        )
        if checkpoint.version != software.get(checkpoint.name):
            lines.append(f"  stands still: this software has version {software.get(checkpoint.name, 'none')}")
        if checkpoint.name in rebuilds:
            lines.append(_rebuild_line(rebuilds[checkpoint.name], head))
        if checkpoint.name in kept:
            previous = kept[checkpoint.name]
            lines.append(f"  previous: version {previous.version}, position {previous.position:,}")
    return lines


def _rebuild_line(rebuild: Rebuild, head: int) -> str:
    if rebuild.error is not None:
        return f"  rebuild of version {rebuild.version} stopped: {rebuild.error}"
    left_s = rebuild.seconds_left(head)
    left = "" if left_s is None else f", {left_s:,.0f} s left"
    return (
        f"  rebuild of version {rebuild.version}: {rebuild.folded:,} of {head:,},"
        f" {rebuild.rate:,.0f}/s{left}, by {rebuild.owner or 'nobody now'}"
    )


def projections_rebuild(
    settings: Settings, names: Sequence[str], readers: int | None, rows: int | None
) -> None:
    """Makes the named projections anew, or all, if none is named; each reader passes the journal once."""
    wanted = _projections(names)
    _stand_back()

    async def work(tenant: TenantDatabase) -> None:
        with meter("rebuild", "events") as progress:
            many = min(readers or default_readers(), len(wanted))
            if many == 1:
                await rebuild(tenant, wanted, owner_name(), progress.update, rows)
            else:
                await rebuild_in_processes(tenant, wanted, many, progress.update, rows or MOST_ROWS)
        async with await tenant.connect() as connection:
            reached = {each.name: each.position for each in await read_checkpoints(connection)}
        for projection in wanted:
            click.echo(f"{projection.name}: rebuilt up to position {reached[projection.name]:,}")

    on_tenant(settings, work)


def _stand_back() -> None:
    """The shop comes first, and what is folded is no garbage."""
    give_way(PATIENCE)
    calm_collector()


def projections_cancel(settings: Settings, names: Sequence[str]) -> None:
    """Gives up rebuilds of the named projections, or all."""
    wanted = [projection.name for projection in _projections(names)]

    async def work(connection: Connection, journal: Journal) -> None:
        click.echo(f"{await give_up_rebuild(connection, wanted):,} rebuilds given up")

    on_journal(settings, work)


def projections_rollback(settings: Settings, name: str) -> None:
    """Puts back the tables that the last rebuild replaced."""
    projection = _projection(name)

    async def work(tenant: TenantDatabase) -> None:
        position = await rollback(tenant, projection)
        click.echo(
            f"{name}: back to what it was, at position {position:,}; the projector goes on from there,"
            " and the other read models wait until it has caught up"
        )

    on_tenant(settings, work)


def projections_verify(settings: Settings, names: Sequence[str], limit_s: float) -> bool:
    """Replays the journal and compares; prints each row that differs. Whether there was none."""
    wanted = _projections(names)
    _stand_back()
    found: list[Verdict] = []

    async def work(tenant: TenantDatabase) -> None:
        with meter("verify", "events") as progress:
            found.append(await verify(tenant, wanted, limit_s=limit_s, progress=progress.update))

    on_tenant(settings, work)
    (verdict,) = found
    for difference in verdict.differences:
        click.echo(msgspec.json.encode(difference).decode())
    for table, rows in verdict.rows.items():
        click.echo(
            f"{table}: {rows:,} rows at position {verdict.position:,}, {verdict.differing[table]:,} differ"
        )
    return not verdict.differences


def projections_as_of(
    settings: Settings, names: Sequence[str], position: int | None, instant: datetime | None, **limits: float
) -> None:
    """Folds the named projections as they were, into a schema of their own whose name it prints."""
    wanted = _projections(names)

    _stand_back()

    async def work(tenant: TenantDatabase) -> None:
        async with await tenant.connect() as connection:
            head = (await tenant.journal.head(connection)).position
            if instant is not None:
                until = await position_at(connection, tenant.journal, instant)
            else:
                until = head if position is None else position
        if until > head:
            raise PositionUnknown(f"the journal ends at position {head:,}")
        with meter("as of", "events") as progress:
            slot, expires_at = await keep_as_of(tenant, wanted, until, progress=progress.update, **limits)
        home = tenant.journal.schema
        schema = f"{home}.{slot}"
        click.echo(f"position {until:,} in schema {schema} until {expires_at:%Y-%m-%d %H:%M:%S%z}")
        click.echo(f'SET ROLE {tenant_role(home)}; SET search_path = "{schema}", {home};')

    on_tenant(settings, work)


def projections_park(settings: Settings, *, tracebacks: bool) -> None:
    """Prints what is parked, a JSON object a line: where, which event, and why if it failed itself."""

    async def work(connection: Connection, journal: Journal) -> None:
        for event in await read_parked(connection):
            shown = {**event.place._asdict(), "position": event.position, "error": event.error}
            shown |= {"parked_at": event.parked_at} | ({"traceback": event.traceback} if tracebacks else {})
            click.echo(msgspec.json.encode(shown).decode())

    on_journal(settings, work)


def projections_retry(settings: Settings, place: Place) -> None:
    """Folds what waits at a place."""
    projection = _projection(place.projection)

    async def work(connection: Connection, journal: Journal) -> None:
        _say_what_waits(place, await retry(connection, journal, projection, place))

    on_journal(settings, work)


def projections_skip(settings: Settings, place: Place, position: int, reason: str) -> None:
    """Leaves a failed event out of a place for good, and folds what waits behind it."""
    projection = _projection(place.projection)

    async def work(connection: Connection, journal: Journal) -> None:
        _say_what_waits(place, await skip_event(connection, journal, projection, place, position, reason))

    on_journal(settings, work)


def _projections(names: Sequence[str]) -> Sequence[Projection]:
    """Those that are named, each once; all where none is."""
    return [_projection(name) for name in dict.fromkeys(names)] or PROJECTIONS


def _projection(name: str) -> Projection:
    known = {projection.name: projection for projection in PROJECTIONS}
    if name not in known:
        raise ProjectionUnknown(f"there is no projection {name!r}; there are {', '.join(known)}")
    return known[name]


def _say_what_waits(place: Place, waiting: int) -> None:
    click.echo(f"{place.projection} {place.table} {place.key}: {waiting:,} events wait")
