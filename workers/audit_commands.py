"""What an auditor, or an operator for one, does from the command line."""

import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click
import msgspec
from psycopg.errors import UndefinedTable

from infra.audit.bundle import verify_bundle as check_bundle
from infra.audit.checkpoint import Checkpoint, NoteError, VerifierKey
from infra.audit.proofs import begin_bundle, bundle_pieces, checkpoint_of
from infra.audit.seal_key import rotate_seal_key, signer_of
from infra.audit.sealer import Sealer, last_checkpoint
from infra.audit.sink import Sink
from infra.audit.verification import Verdict, verify_journal
from infra.audit.web_sink import sink_of
from infra.errors import OperatorError
from infra.event_store.codec import UnknownEventType
from infra.event_store.journal import StoredEntry
from infra.postgres.pools import Connection
from infra.process import calm_collector
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from workers.audit_words import told
from workers.database import AuditedTenant, TenantDatabase, on_history, on_tenant
from workers.progress import meter
from workers.replay import CannotVerify
from workers.replay import verify as replay_and_compare
from workers.sealer import seal_all, shop_signer

PAGE = 500
GROUPED_AT_MOST = 100_000


class CannotAudit(OperatorError):
    """There is nothing to do it with."""


def audit_public_key(settings: Settings) -> None:
    """Prints the key that checks the tenant's checkpoints, as C2SP's signed notes write it."""

    async def work(tenant: TenantDatabase) -> None:
        click.echo(str(shop_signer(settings, tenant.url, tenant.tenant).key))

    on_tenant(settings, work)


def audit_rotate_key(settings: Settings) -> None:
    """Has a new key follow the one that signs; prints it. Raises SealKeyError."""

    async def work(tenant: TenantDatabase) -> None:
        key = rotate_seal_key(settings.seal_key_file)
        click.echo(str(signer_of(key.private, tenant.tenant, key.former).key))

    on_tenant(settings, work)


def audit_seal(settings: Settings) -> None:
    """Seals what is new at once and prints the last checkpoint."""

    async def work(tenant: TenantDatabase) -> None:
        signer = shop_signer(settings, tenant.url, tenant.tenant)
        sink = sink_of(settings.checkpoint_sink, tenant.tenant)
        async with await tenant.connect() as connection:
            await seal_all(connection, Sealer(tenant.journal, sink, signer))
            click.echo((await last_sealed(connection)).note, nl=False)

    on_tenant(settings, work)


async def last_sealed(connection: Connection) -> Checkpoint:
    """The last checkpoint. CannotAudit where nothing was ever sealed."""
    checkpoint = await last_checkpoint(connection)
    if checkpoint is None:
        raise CannotAudit("nothing is sealed: the journal is empty, or no sealer has run")
    return checkpoint


def audit_verify(settings: Settings, public_key: str | None, checkpoint: Path | None, limit_s: float) -> bool:
    """Holds journal, tree and read models against what was sealed; prints it. Whether all is well."""
    # Rows are no garbage: looking for it in them takes time for nothing.
    calm_collector()
    given = None if checkpoint is None else read_checkpoint(checkpoint)
    wells: list[bool] = []

    async def work(tenant: TenantDatabase) -> None:
        key = _key_to_trust(settings, tenant, public_key)
        sink = _sink_to_compare(settings, tenant)
        with meter("verify", "events") as progress:
            async with await tenant.connect() as connection:
                try:
                    verdict = await verify_journal(
                        connection, tenant.journal, sink, key, given, progress.update
                    )
                except UndefinedTable as error:
                    # The tenant is there, so somebody has taken it away.
                    click.echo(f"WRONG {str(error).partition(chr(10))[0]}")
                    wells.append(False)
                    return
        _tell(verdict)
        wells.append(not verdict.findings)
        if sink is None:
            click.echo("not checked: the checkpoints outside: DAYBOOK_CHECKPOINT_SINK names no folder here")
        if isinstance(tenant, AuditedTenant):
            click.echo("not checked: read models: a replay writes tables, and this login may not")
        else:
            wells.append(await _read_models_agree(tenant, limit_s))

    on_history(settings, work)
    return all(wells)


def _key_to_trust(settings: Settings, tenant: TenantDatabase, public_key: str | None) -> VerifierKey:
    """CannotAudit where an auditor names none: the shop's own is not on their machine, and must not be."""
    if public_key is not None:
        return VerifierKey.parse(public_key)
    if isinstance(tenant, AuditedTenant):
        raise CannotAudit("say --public-key, as daybook audit public-key prints it where the shop runs")
    return shop_signer(settings, tenant.url, tenant.tenant).key


def _sink_to_compare(settings: Settings, tenant: TenantDatabase) -> Sink | None:
    """None where an auditor has no folder of checkpoints: it may well be on another machine."""
    place = settings.checkpoint_sink
    if isinstance(tenant, AuditedTenant) and "://" not in place and not Path(place).is_dir():
        return None
    return sink_of(place, tenant.tenant)


def _tell(verdict: Verdict) -> None:
    for finding in verdict.findings:
        click.echo(f"WRONG {finding}")
    if verdict.untold:
        click.echo(f"WRONG and {verdict.untold:,} more")
    where = "outside the database" if verdict.outside else "in the database itself alone"
    click.echo(
        f"journal: {verdict.position:,} events; {verdict.checkpoints:,} checkpoints are right, kept {where}"
    )
    if verdict.proven:
        but = ", but for what is wrong" if verdict.findings else ""
        click.echo(f"proven: positions 1 to {verdict.proven:,}{but}")
    if verdict.unproven:
        click.echo(f"unproven: {verdict.unproven:,} events behind position {verdict.proven:,} are not sealed")


async def _read_models_agree(tenant: TenantDatabase, limit_s: float) -> bool:
    """Whether the read models are what the journal says; prints it."""
    try:
        with meter("replay", "events") as progress:
            verdict = await replay_and_compare(tenant, PROJECTIONS, limit_s=limit_s, progress=progress.update)
    except CannotVerify as error:
        click.echo(f"WRONG read models: {error}")
        return False
    for difference in verdict.differences:
        click.echo(f"WRONG read model {msgspec.json.encode(difference).decode()}")
    rows = sum(verdict.rows.values())
    differ = sum(verdict.differing.values())
    click.echo(f"read models: {rows:,} rows at position {verdict.position:,}, {differ:,} differ")
    return not verdict.differences


def verify_bundle(file: Path, public_key: str, checkpoint: Path | None) -> None:
    """Checks a bundle from the file alone and prints what it proves. Raises BundleRefused."""
    older = None if checkpoint is None else read_checkpoint(checkpoint)
    with file.open("rb") as lines:
        bundle = check_bundle(lines, VerifierKey.parse(public_key), older)
    click.echo(f"proven: positions {bundle.first:,} to {bundle.last:,} of {bundle.checkpoint.origin}")
    is_given = bundle.key == str(VerifierKey.parse(public_key))
    which = "the key given" if is_given else f"a key, which the one given leads to: {bundle.key}"
    click.echo(f"sealed by the checkpoint of size {bundle.checkpoint.size:,}, signed with {which}")
    if bundle.older is not None:
        click.echo(f"the checkpoint in hand, of size {bundle.older:,}, is the beginning of the same history")


def read_checkpoint(file: Path) -> Checkpoint:
    """A checkpoint of a file: the note itself, or the API's answer that holds it."""
    try:
        text = file.read_text()
        if text.startswith("{"):
            text = msgspec.json.decode(text, type=_Answer).note
        return Checkpoint.parse(text)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError, NoteError) as error:
        raise CannotAudit(f"{file} holds no checkpoint: {error}") from None


class _Answer(msgspec.Struct):
    note: str


def audit_export(
    settings: Settings, first: int, last: int | None, size: int | None, since: int | None
) -> None:
    """Writes a bundle to standard output."""

    async def work(tenant: TenantDatabase) -> None:
        async with await tenant.connect() as connection:
            checkpoint = await checkpoint_of(connection, size)
            until = checkpoint.size if last is None else last
            if not first <= until <= checkpoint.size or (since or 1) > checkpoint.size:
                raise CannotAudit(f"the checkpoint has sealed positions 1 to {checkpoint.size} and no others")
            begun = await begin_bundle(connection, checkpoint, first, until, since)
            pieces = bundle_pieces(lambda: _Lent(connection), tenant.journal, begun, checkpoint)
            async for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()

    on_history(settings, work)


class _Lent(AbstractAsyncContextManager[Connection]):
    """A connection that stays open when the block ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def __aenter__(self) -> Connection:
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        return


def audit_diff(settings: Settings, before: int, after: int) -> None:
    """Prints what happened behind a position up to another, stream by stream, in words."""

    async def work(tenant: TenantDatabase) -> None:
        async with await tenant.connect() as connection:
            head = (await tenant.journal.head(connection)).position
            if not 0 <= before <= after <= head:
                raise CannotAudit(f"say two positions from 0 to {head}, the earlier one first")
            if after - before > GROUPED_AT_MOST:
                raise CannotAudit(f"more than {GROUPED_AT_MOST:,} events: say positions nearer together")
            streams: dict[str, list[str]] = {}
            at = before
            while at < after:
                page = await tenant.journal.stored_page(connection, at, min(PAGE, after - at))
                if not page:
                    break
                for entry in page:
                    streams.setdefault(entry.stream, []).append(_line(tenant, entry))
                at = page[-1].position
        _print_streams(streams, before, after)

    on_history(settings, work)


def _print_streams(streams: Mapping[str, list[str]], before: int, after: int) -> None:
    for stream, lines in streams.items():
        click.echo(stream)
        for line in lines:
            click.echo(f"  {line}")
    events = sum(map(len, streams.values()))
    click.echo(f"{events:,} events in {len(streams):,} streams behind position {before:,} up to {after:,}")


def _line(tenant: TenantDatabase, entry: StoredEntry) -> str:
    try:
        recorded = tenant.journal.codec.decode(entry.type, entry.state, entry.stream, entry.version)
    except (UnknownEventType, msgspec.MsgspecError, UnicodeDecodeError) as error:
        return f"{entry.position} {entry.type}: can't be read ({error})"
    at = f"{recorded.recorded_at:%Y-%m-%d %H:%M:%S}"
    return f"{entry.position} {at} {told(recorded.data)}, by {recorded.actor}"
