"""The read models of a tenant in tests: run them, empty them, look at their rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.kernel.event import AnyRecorded, Event, Recorded
from projections.catalogue import PROJECTIONS
from projections.kernel.projection import Projection
from projections.kernel.table import Key, Table
from tests.support.decisions import NOON
from tests.support.journals import connected, journal_of, query
from tests.support.postgres import Tenant
from workers.database import TenantDatabase
from workers.projection_runner import Runner
from workers.rebuild import Progress, rebuild

TABLES: list[Table[Any, Any]] = [table for projection in PROJECTIONS for table in projection.tables]
EVERYTHING = 1_000_000
"""A page that holds any journal of a test."""


def forget(tenant: Tenant, tables: Sequence[Table[Any, Any]] = TABLES) -> None:
    """Empties every read model, or all that there is anything in, as if no projector had ever run."""
    emptied = [f"DELETE FROM {table}" for table in ("projection_checkpoints", *(t.name for t in tables))]
    query(tenant.owner_url, tenant, "; ".join(emptied))


async def project(
    tenant: Tenant, page: int = EVERYTHING, projections: Sequence[Projection] = PROJECTIONS
) -> int:
    """Runs the projections to the journal's end; returns how many pages that took."""
    pages = 0
    async with connected(tenant) as connection:
        runner = Runner(journal_of(tenant), projections, "test")
        assert await runner.begin(connection)
        while await runner.run_page(connection, page):
            pages += 1
        await runner.leave(connection)
    return pages


def database_of(tenant: Tenant) -> TenantDatabase:
    """Where its projections are made anew."""
    return TenantDatabase(tenant.service_url, tenant.name)


async def made_anew(
    tenant: Tenant,
    *projections: Projection,
    owner: str = "rebuilder",
    progress: Progress = lambda _done, _total: None,
) -> int:
    """A rebuild of these projections, or of all; returns the position that it reached."""
    return await rebuild(database_of(tenant), projections or PROJECTIONS, owner, progress)


def contents(tenant: Tenant, table: Table[Any, Any]) -> list[str]:
    """The rows as text, in the order of their keys."""
    return contents_of(tenant, [table])[table.name]


def all_contents(tenant: Tenant) -> dict[str, list[str]]:
    """The rows of every read model."""
    return contents_of(tenant, TABLES)


def contents_of(tenant: Tenant, tables: Sequence[Table[Any, Any]]) -> dict[str, list[str]]:
    """The rows of these tables, by one look."""
    looks = [
        f"SELECT coalesce(array_agg(whole::text ORDER BY {', '.join(table.key_columns)}), '{{}}')"
        f" FROM {table.name} AS whole"
        for table in tables
    ]
    (found,) = query(tenant.service_url, tenant, f"SELECT {', '.join(f'({look})' for look in looks)}")
    return {table.name: rows for table, rows in zip(tables, found, strict=True)}


def rows_of(tenant: Tenant, table: Table[Any, Any]) -> list[Any]:
    """The rows as their structs."""
    columns = ", ".join(table.columns)
    rows = query(tenant.service_url, tenant, f"SELECT {columns} FROM {table.name}")
    return [table.row(*row) for row in rows]


def entry_of(event: Event, position: int = 1) -> AnyRecorded:
    """The event as a journal shows it, told at noon by nobody in particular."""
    return Recorded(
        occurred_at=NOON,
        recorded_at=NOON,
        actor="tester",
        channel="till",
        command_id=f"c{position}",
        correlation_id=f"c{position}",
        data=event,
        position=position,
    )


def fold_in_memory(
    projection: Projection, entries: Iterable[AnyRecorded]
) -> dict[Table[Any, Any], dict[Key, Any]]:
    """The rows of each table by key, folded entry by entry without a database."""
    rows: dict[Table[Any, Any], dict[Key, Any]] = {table: {} for table in projection.tables}
    for entry in entries:
        if type(entry.data) in projection.events:
            for table, key, delta in projection.changes(entry):
                table.fold(rows[table].setdefault(key, table.row(*key)), delta)
    return rows
