"""`daybook import fresh-retail FILE`: what others saw of demand, as evidence and not as trade of ours.

It can be killed at any moment and started again: a series has the same name on every run, and days that are
known change nothing.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, time
from pathlib import Path

import click
import msgspec

from domain.kernel.errors import Refusal
from domain.replenishment.observed import OBSERVED, DemandObserved, ObserveDemand, series_id
from domain.replenishment.shelf_time import HOURS
from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.event_store.submission import Answer, CommandReused, Origin, OutcomeUnknown
from infra.postgres.migrate import TenantExists, create_tenant, migrate
from infra.process import calm_collector
from infra.settings import Settings
from infra.tenancy import Tenant, open_tenant
from workers.database import Database, database
from workers.imports.fresh_retail.file import Series, read_series
from workers.progress import meter

SOURCE = "fresh-retail"
WAITING = 64
"""Series on their way at once. Each is some 7 kB of events, and a batch of the clerk shouldn't take long."""
AT_ONCE = 200
"""So many streams are read back at a time."""
OPEN = range(6, 22)
"""The hours of which the publisher counts those out of stock."""


class ImportRefused(OperatorError):
    """The journal did not take a series of the file."""


class Sums(msgspec.Struct, kw_only=True):
    """What is counted on either side. Quantities in thousandths of the publisher's unit."""

    series: int = 0
    days: int = 0
    sold_milli: int = 0
    days_out: int = 0
    hours_out: int = 0

    def add(self, series: Series | DemandObserved) -> None:
        """Counts a series, or the part of one that an event holds."""
        self.series += 1
        for day in series.days:
            self.days += 1
            self.sold_milli += day.sold_milli
            self.days_out += any(day.out >> hour & 1 for hour in OPEN)
            self.hours_out += sum(day.out >> hour & 1 for hour in range(HOURS))


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """The file's sums and the journal's."""

    agrees: bool
    file: Sums
    journal: Sums


def import_file(settings: Settings, path: Path) -> bool:
    """Imports the file and reconciles. True if the journal holds what the file says.

    FileFormatError, before anything is written, if it isn't such a file. The reconciliation is kept under
    data_dir/imports/TENANT/fresh-retail.
    """
    expected = Sums()
    streams: list[str] = []
    with meter("reading", "days") as progress:
        for series in read_series(path):
            expected.add(series)
            streams.append(OBSERVED.stream(series_id(SOURCE, series.store_id, series.product_id)))
        progress.update(expected.days, expected.days)
    with database(settings) as connections:
        migrate(connections.owner, connections.keys_owner)
        with suppress(TenantExists):
            create_tenant(connections.owner, settings.tenant)
        found = asyncio.run(_import(settings, connections, path, expected, streams))
    reconciliation = Reconciliation(agrees=expected == found, file=expected, journal=found)
    folder = settings.data_dir / "imports" / settings.tenant / SOURCE
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reconciliation.json").write_bytes(msgspec.json.format(msgspec.json.encode(reconciliation)))
    click.echo(as_text(reconciliation))
    click.echo(f"Kept in {folder}: reconciliation.json")
    return reconciliation.agrees


def as_text(reconciliation: Reconciliation) -> str:
    """The reckoning as a person reads it."""
    file, journal = reconciliation.file, reconciliation.journal
    rows = (
        ("series (store and product)", file.series, journal.series),
        ("days", file.days, journal.days),
        ("sold, in thousandths", file.sold_milli, journal.sold_milli),
        ("days out of stock between 6 and 22", file.days_out, journal.days_out),
        ("hours out of stock", file.hours_out, journal.hours_out),
    )
    lines = [f"{name:<36}{told:>14,}{found:>14,}" for name, told, found in rows]
    said = "equal" if reconciliation.agrees else "DIFFERENT"
    return "\n".join((f"{'':<36}{'file':>14}{'journal':>14}", *lines, f"{'file and journal':<36}{said:>14}"))


async def _import(
    settings: Settings, connections: Database, path: Path, expected: Sums, streams: Sequence[str]
) -> Sums:
    master = MasterKey.of_settings(settings, connections.keys, settings.tenant)
    calm_collector()
    async with open_tenant(connections.service, connections.keys, master, settings.tenant) as tenant:
        await _tell_all(tenant, path, expected)
        return await _held(tenant, streams)


async def _tell_all(tenant: Tenant, path: Path, expected: Sums) -> None:
    waiting: deque[tuple[Series, asyncio.Future[Answer]]] = deque()
    done = 0
    with meter("importing", "days") as progress:

        async def settle() -> None:
            nonlocal done
            series, answer = waiting.popleft()
            await _accepted(series, answer)
            done += len(series.days)
            progress.update(done, expected.days)

        try:
            for series in read_series(path):
                if len(waiting) >= WAITING:
                    await settle()
                waiting.append((series, tenant.clerk.submit(_command(series), _origin(tenant, series))))
            while waiting:
                await settle()
        finally:
            for _, answer in waiting:
                answer.cancel()


def _command(series: Series) -> ObserveDemand:
    return ObserveDemand(source=SOURCE, store_id=series.store_id, sku=series.product_id, days=series.days)


def _origin(tenant: Tenant, series: Series) -> Origin:
    name = f"{SOURCE}/{series.store_id}/{series.product_id}"
    return Origin(
        command_id=name,
        actor="import",
        channel="import",
        occurred_at=datetime.combine(series.days[-1].day, time(), UTC),
        fingerprint=tenant.vault.fingerprint(name.encode(), msgspec.json.encode(series)),
    )


async def _accepted(series: Series, answer: "asyncio.Future[Answer]") -> None:
    try:
        await answer
    except Refusal as refusal:
        why = (
            "another file was imported into this tenant; choose one for this file with DAYBOOK_TENANT"
            if isinstance(refusal, CommandReused)
            else refusal.detail
        )
        what = f"Store {series.store_id}, product {series.product_id}"
        raise ImportRefused(f"{what} was refused: {why} ({refusal.code})") from None
    except OutcomeUnknown:
        raise ImportRefused("The database went away: run the import again, and it goes on.") from None


async def _held(tenant: Tenant, streams: Sequence[str]) -> Sums:
    """What the journal holds of the series, counted from its own events."""
    held = Sums()
    async with tenant.readers.connection() as connection:
        for first in range(0, len(streams), AT_ONCE):
            # A series is one event: its stream's first.
            for entry in await tenant.journal.read_first(connection, streams[first : first + AT_ONCE]):
                held.add(entry.data)
    return held
