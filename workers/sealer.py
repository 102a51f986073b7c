"""The sealer process: every SEAL_EVERY_S it seals what is new in each tenant's journal.

Any number may run: they take turns at a tenant's row. What can't be sealed is an error in that row, in the
log and in the metrics, and holds up nobody else.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString

import psycopg
import structlog
from psycopg import OperationalError

from infra.audit.checkpoint import Checkpoint, Signer
from infra.audit.seal_key import SealKey, load_seal_key, signer_of
from infra.audit.sealer import Sealer, give_sign_of_life, read_status
from infra.audit.web_sink import sink_of
from infra.errors import OperatorError
from infra.event_store.journal import Journal
from infra.postgres.migrate import LIST_TENANTS, tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.postgres.roles import tenant_role
from infra.process import calm_collector
from infra.settings import Settings
from infra.tenancy import tenant_names
from workers.pausing import pause

SEAL_EVERY_S = 2.0
RETRY_S = 1.0
MUCH = 4_096
"""So many events waiting are sealed at once, without a pause."""
PATIENCE = 10
"""Niceness: the shop comes first, but a busy one is sealed too."""

_IS_SEALED: LiteralString = """
SELECT size > 0
FROM audit_seal
"""

# As the role that alone opens the tenant's schema, in whose place the login steps again afterwards.
_ENTER: LiteralString = """
SELECT set_config('role', %(role)s, false), set_config('search_path', %(schema)s, false)
"""

_LEAVE: LiteralString = "RESET ROLE"

log = structlog.get_logger(__name__)


def shop_key(path: Path, url: str) -> SealKey:
    """The sealing key; a new one only where nothing of any tenant is sealed yet. Raises SealKeyError."""
    if path.exists():
        return load_seal_key(path, sealed=True)
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(LIST_TENANTS).fetchall()]
    return load_seal_key(path, sealed=any(_is_sealed(tenant_conninfo(url, name)) for name in names))


def _is_sealed(conninfo: str) -> bool:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(_IS_SEALED).fetchone()
    return row is not None and row[0]


def shop_signer(settings: Settings, url: str, tenant: str) -> Signer:
    """Who signs a tenant's checkpoints. Raises SealKeyError."""
    key = shop_key(settings.seal_key_file, url)
    return signer_of(key.private, tenant, key.former)


async def seal_all(connection: Connection, sealer: Sealer) -> Checkpoint | None:
    """Seals until nothing is new; the last checkpoint that was made."""
    made: Checkpoint | None = None
    while (checkpoint := await sealer.seal(connection)) is not None:
        made = checkpoint
    return made


class Rounds:
    """Goes round the tenants on one connection; remembers which of them it has looked after."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._settings = settings
        self._url = url
        self._well: set[str] = set()

    async def go(self, connection: Connection, tenants: Sequence[str]) -> bool:
        """Seals a part of what is new in each; whether there may be more."""
        more = False
        for tenant in tenants:
            try:
                more |= await self._seal(connection, tenant)
            except OperationalError:
                raise
            except Exception:
                # Such as a tenant whose schema is of another version: the others are sealed.
                log.exception("sealer_stuck", tenant=tenant)
        await connection.execute(_LEAVE)
        return more

    async def _seal(self, connection: Connection, tenant: str) -> bool:
        """Raises what is a bug; then the signs of life stop, which tells."""
        schema = tenant_schema(tenant)
        await connection.execute(_ENTER, {"role": tenant_role(schema), "schema": schema})
        error: str | None = None
        checkpoint: Checkpoint | None = None
        try:
            status = await read_status(connection)
            # Where nothing is new the sink is looked at once, in case that it is behind or ahead.
            if status.position != status.size or tenant not in self._well:
                checkpoint = await self._sealer(tenant).seal(connection)
            self._well.add(tenant)
        except OperatorError as found:
            error = str(found)
            log.error("not_sealed", tenant=tenant, error=error)
            self._well.discard(tenant)
        await give_sign_of_life(connection, error)
        return checkpoint is not None and (await read_status(connection)).position > checkpoint.size + MUCH

    def _sealer(self, tenant: str) -> Sealer:
        signer = shop_signer(self._settings, self._url, tenant)
        sink = sink_of(self._settings.checkpoint_sink, tenant)
        return Sealer(Journal(tenant_schema(tenant)), sink, signer)


async def run(settings: Settings, url: str, stop: asyncio.Event) -> None:
    """Seals every tenant, new ones too, until `stop` is set. Reconnects after a lost connection."""
    calm_collector()
    rounds = Rounds(settings, url)
    while not stop.is_set():
        try:
            async with await connector(url)() as connection:
                while not stop.is_set():
                    more = await rounds.go(connection, await tenant_names(connection))
                    await pause(stop, 0 if more else SEAL_EVERY_S)
        except OperationalError as error:
            log.warning("sealer_interrupted", error=str(error))
            await pause(stop, RETRY_S)
