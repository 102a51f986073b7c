"""`daybook import complaints FILE`: a register of complaints through the same commands as the API.

It can be killed at any moment and started again: every command has a name that is the same on every run, so
what was accepted before is recognised. The first one stands for the file.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click
import msgspec

from domain.kernel.errors import Refusal
from domain.service.case import COMPLAINT
from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.event_store.submission import CommandReused, Origin, OutcomeUnknown
from infra.postgres.migrate import TenantExists, create_tenant, migrate
from infra.process import calm_collector
from infra.settings import Settings
from infra.tenancy import Tenant, open_tenant
from workers.database import Database, database
from workers.imports.catching_up import ImportStuck, a_projector, caught_up
from workers.imports.complaints.file import Complaint, read_complaints
from workers.imports.complaints.reconciliation import Reconciliation, as_table, reconcile, sums_of_file
from workers.imports.complaints.telling import DISPUTED, Texts, Told, a_product, case_id, tell
from workers.progress import meter

AT_ONCE = 100
"""Complaints on their way together: some 400 commands, a full batch of the clerk."""


class ImportRefused(OperatorError):
    """The journal did not take a command of the import."""


def import_file(settings: Settings, path: Path) -> bool:
    """Imports the file and reconciles. True if the board agrees with it.

    FileFormatError, before anything is written, if it isn't such a file. The reconciliation is kept under
    data_dir/imports/TENANT/complaints.
    """
    complaints = list(read_complaints(path))
    digest = hashlib.sha256(path.read_bytes()).digest()
    with database(settings) as connections:
        migrate(connections.owner, connections.keys_owner)
        with suppress(TenantExists):
            create_tenant(connections.owner, settings.tenant)
        with a_projector(connections):
            reconciliation = asyncio.run(_import(settings, connections, complaints, digest))
    folder = settings.data_dir / "imports" / settings.tenant / "complaints"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reconciliation.json").write_bytes(msgspec.json.format(msgspec.json.encode(reconciliation)))
    click.echo(as_table(reconciliation))
    click.echo(f"Kept in {folder}: reconciliation.json")
    return reconciliation.agrees


async def _import(
    settings: Settings, connections: Database, complaints: Sequence[Complaint], digest: bytes
) -> Reconciliation:
    master = MasterKey.of_settings(settings, connections.keys, settings.tenant)
    calm_collector()
    async with open_tenant(connections.service, connections.keys, master, settings.tenant) as tenant:
        await _tell_products(tenant, complaints, digest)
        with meter("importing", "complaints") as progress:
            for start in range(0, len(complaints), AT_ONCE):
                some = complaints[start : start + AT_ONCE]
                await _tell_some(tenant, some)
                progress.update(start + len(some), len(complaints))
        with meter("projections", "events") as progress:
            await caught_up(tenant, progress)
        async with tenant.readers.connection() as connection:
            return await reconcile(connection, sums_of_file(complaints))


async def _tell_products(tenant: Tenant, complaints: Sequence[Complaint], digest: bytes) -> None:
    """What the complaints are about; the first stands for the file, so nothing is told of another."""
    first = min((complaint.received for complaint in complaints), default=None)
    if first is None:
        return
    products = [a_product(name, first) for name in sorted({complaint.product for complaint in complaints})]
    for number, told in enumerate(products):
        content = (msgspec.json.encode(told.command), *((digest,) if number == 0 else ()))
        await _submit(tenant, [(told, content)])


async def _tell_some(tenant: Tenant, complaints: Sequence[Complaint]) -> None:
    texts = await asyncio.gather(*(_sealed(tenant, complaint) for complaint in complaints))
    # The boxes are others on every run; the line is the same.
    await _submit(
        tenant,
        [
            (told, (msgspec.json.encode(complaint),))
            for complaint, sealed in zip(complaints, texts, strict=True)
            for told in tell(complaint, sealed)
        ],
    )


async def _sealed(tenant: Tenant, complaint: Complaint) -> Texts:
    opening, resolution, dispute = (
        "case.opened.v1/text",
        "case.resolved.v1/text",
        "case.reopened.v1/text",
    )
    texts = {opening: complaint.narrative, resolution: complaint.outcome, dispute: DISPUTED}
    boxes = await tenant.vault.seal_all(COMPLAINT.stream(case_id(complaint)), texts)
    return Texts(opening=boxes[opening], resolution=boxes[resolution], dispute=boxes[dispute])


async def _submit(tenant: Tenant, some: Sequence[tuple[Told, tuple[bytes, ...]]]) -> None:
    """Has the journal take them all, in their order. ImportRefused for the first that it doesn't take."""
    answers = await asyncio.gather(
        *(tenant.clerk.submit(told.command, _origin(tenant, told, content)) for told, content in some),
        return_exceptions=True,
    )
    for (told, _), answer in zip(some, answers, strict=True):
        if isinstance(answer, CommandReused):
            raise ImportRefused(
                "Another file was imported into this tenant; choose one for this file with DAYBOOK_TENANT."
            )
        if isinstance(answer, Refusal):
            raise ImportRefused(f"{told.name} was refused: {answer.detail} ({answer.code})")
        if isinstance(answer, OutcomeUnknown):
            raise ImportStuck("The database went away: run the import again, and it goes on.") from answer
        if isinstance(answer, BaseException):
            raise answer


def _origin(tenant: Tenant, told: Told, content: tuple[bytes, ...]) -> Origin:
    name = f"complaints/{told.name}"
    return Origin(
        command_id=name,
        actor="import",
        channel="import",
        occurred_at=told.occurred_at,
        fingerprint=tenant.vault.fingerprint(name.encode(), *content),
    )
