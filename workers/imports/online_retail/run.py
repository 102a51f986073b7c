"""`daybook import online-retail FILE`: a year of real invoices through the same commands as the API.

It can be killed at any moment and started again: every command has a name that is the same on every run, so
what was accepted before is recognised, and a command of the same name with other content is refused.
"""

import asyncio
import csv
import hashlib
from collections import Counter, deque
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click
import msgspec

from domain.checkout.take_back import TakeBack
from domain.checkout.take_back_unlinked import TakeBackUnlinked
from domain.kernel.errors import Refusal
from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.event_store.submission import Answer, CommandReused, Origin, OutcomeUnknown
from infra.postgres.migrate import TenantExists, create_tenant, migrate
from infra.process import calm_collector
from infra.settings import Settings
from infra.tenancy import Tenant, open_tenant
from workers.database import Database, database
from workers.imports.catching_up import ImportStuck, a_projector, caught_up
from workers.imports.online_retail.file import FIRST_LINE, LONDON, read_online_retail
from workers.imports.online_retail.plan import ImportPlan, plan_import
from workers.imports.online_retail.reconciliation import (
    Accounted,
    Reconciliation,
    as_table,
    reconcile,
)
from workers.imports.online_retail.telling import THE_STORE, Told, tell
from workers.progress import Meter, meter

WAITING = 1_024
"""Commands on their way at once: enough for several full batches of the clerk."""


class ImportRefused(OperatorError):
    """The journal did not take a command of the import. Some that waited behind it may have been taken."""

    def __init__(self, told: Told, refusal: Refusal) -> None:
        another_file = isinstance(refusal, CommandReused) and told.name == THE_STORE
        why = (
            "another file was imported into this tenant; choose one for this file with DAYBOOK_TENANT"
            if another_file
            else refusal.detail
        )
        super().__init__(f"{told.name} was refused: {why} ({refusal.code})")


def import_file(settings: Settings, path: Path) -> bool:
    """Imports the file and reconciles. True if the projections agree with it to the penny.

    FileFormatError, before anything is written, if it isn't such a file; ImportRefused, also before that, if
    the tenant holds another one. The reconciliation and the rejected
    lines are kept under data_dir/imports/TENANT/online-retail.
    """
    with meter("reading and planning", "lines") as progress:
        plan = plan_import(read_online_retail(path))
        progress.update(plan.sums.lines, plan.sums.lines)
    folder = settings.data_dir / "imports" / settings.tenant / "online-retail"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with database(settings) as connections:
        migrate(connections.owner, connections.keys_owner)
        with suppress(TenantExists):
            create_tenant(connections.owner, settings.tenant)
        with a_projector(connections):
            reconciliation = asyncio.run(_import(settings, connections, plan, sha256))
    folder.mkdir(parents=True, exist_ok=True)
    _write_rejects(folder / "rejects.csv", plan)
    (folder / "reconciliation.json").write_bytes(msgspec.json.format(msgspec.json.encode(reconciliation)))
    click.echo(as_table(reconciliation))
    click.echo(f"Kept in {folder}: reconciliation.json, rejects.csv")
    return reconciliation.agrees


async def _import(settings: Settings, connections: Database, plan: ImportPlan, sha256: str) -> Reconciliation:
    master = MasterKey.of_settings(settings, connections.keys, settings.tenant)
    calm_collector()
    async with open_tenant(connections.service, connections.keys, master, settings.tenant) as tenant:
        with meter("importing", "lines") as progress:
            accounted = await _tell_all(tenant, plan, progress)
        with meter("projections", "events") as progress:
            await caught_up(tenant, progress)
        async with tenant.readers.connection() as connection:
            return await reconcile(connection, plan.sums, accounted, plan.rejects, sha256)


async def _tell_all(tenant: Tenant, plan: ImportPlan, progress: Meter) -> Accounted:
    """Tells the journal everything, many commands waiting at once; what was accepted."""
    accounted = _rejected(plan)
    waiting: deque[tuple[Told, asyncio.Future[Answer]]] = deque()
    total, done = plan.sums.lines, 0
    digest = plan.file.digest()

    async def settle() -> None:
        nonlocal done
        told, answer = waiting.popleft()
        await _accepted(told, answer)
        if not told.is_sale:
            accounted.lines[_month(told.occurred_at)] += told.lines
            accounted.invoices[_month(told.occurred_at)] += told.invoices
        if isinstance(told.command, TakeBack | TakeBackUnlinked):
            accounted.returns[_month(told.occurred_at)] += 1
            accounted.returned_lines[_month(told.occurred_at)] += len(told.command.lines)
        done += told.lines
        progress.update(done, total)

    try:
        for told in tell(plan):
            if len(waiting) >= WAITING:
                await settle()
            waiting.append((told, tenant.clerk.submit(told.command, _origin(tenant, told, digest))))
            if told.name == THE_STORE:
                # It stands for the file: where that was another one, nothing else may be told.
                await settle()
        while waiting:
            await settle()
    finally:
        for _, answer in waiting:
            answer.cancel()
    return accounted


async def _accepted(told: Told, answer: "asyncio.Future[Answer]") -> None:
    try:
        await answer
    except Refusal as refusal:
        raise ImportRefused(told, refusal) from None
    except OutcomeUnknown:
        raise ImportStuck("The database went away: run the import again, and it goes on.") from None


def _origin(tenant: Tenant, told: Told, digest: bytes) -> Origin:
    """`digest` is the file's: the store is the same command only for the same file."""
    name = f"online-retail/{told.name}"
    content = (msgspec.json.encode(told.command), *((digest,) if told.name == THE_STORE else ()))
    return Origin(
        command_id=name,
        actor="import",
        channel="import",
        occurred_at=told.occurred_at,
        fingerprint=tenant.vault.fingerprint(name.encode(), *content),
    )


def _rejected(plan: ImportPlan) -> Accounted:
    """Begins the account with what is rejected: its lines, and the invoices of which nothing is left."""
    accounted = Accounted(lines=Counter(), invoices=Counter(), returns=Counter(), returned_lines=Counter())
    rejected = {reject.file_line - FIRST_LINE for reject in plan.rejects}
    for invoice in plan.file.invoices:
        lines = invoice.lines()
        if lost := rejected.intersection(lines):
            accounted.lines[_month(invoice.occurred_at)] += len(lost)
            accounted.invoices[_month(invoice.occurred_at)] += len(lost) == len(lines)
    return accounted


def _month(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%Y-%m")


def _write_rejects(path: Path, plan: ImportPlan) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "invoice", "amount_pounds", "reason"])
        for reject in plan.rejects:
            writer.writerow(
                [reject.file_line, reject.invoice, f"{reject.amount_thousandths / 1000:.3f}", reject.reason]
            )
