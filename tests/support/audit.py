"""A tenant whose journal is sealed, and somebody who may change anything in the database."""

import itertools
import secrets
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from infra.audit.checkpoint import Checkpoint, Signer
from infra.audit.seal_key import signer_of
from infra.audit.sealer import Sealer
from infra.audit.sink import FolderSink, Sink
from infra.event_store.journal import StoredEntry
from tests.support.journal_writers import append, new_streams
from tests.support.journals import connected, journal_of, run
from tests.support.postgres import Tenant, shop_alone

TABLES = ("stored_events", "audit_checkpoints")

_copies = itertools.count(1)


class SealedShop:
    """A tenant, the folder and the key with which it is sealed."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.tenant = tenant
        self.folder = folder
        self.sink = FolderSink(folder, tenant.name)
        self.signer: Signer = signer_of(
            Ed25519PrivateKey.from_private_bytes(b"a shop's key for tests, 32 bytes"), tenant.name
        )

    def sealer(self, sink: Sink | None = None) -> Sealer:
        """A sealer of this shop; several may be at work."""
        return Sealer(journal_of(self.tenant), sink or self.sink, self.signer)

    def seal(self, sink: Sink | None = None) -> Checkpoint | None:
        """Seals what is new."""

        async def work() -> Checkpoint | None:
            async with connected(self.tenant) as connection:
                return await self.sealer(sink).seal(connection)

        return run(work())

    def write(self, count: int) -> None:
        """So many more entries, each in a stream of its own."""

        async def work() -> None:
            async with connected(self.tenant) as connection:
                journal = journal_of(self.tenant)
                known = (await journal.head(connection)).position
                assert await append(journal, connection, known, new_streams(count))

        run(work())

    def entries(self) -> list[StoredEntry]:
        """The journal as it is stored."""

        async def work() -> list[StoredEntry]:
            async with connected(self.tenant) as connection:
                return await journal_of(self.tenant).stored_page(connection, 0, 1_000_000)

        return run(work())

    def tamper(self, *statements: str, values: Sequence[object] = ()) -> None:
        """Does what the schemas' owner can do: without triggers, to any table."""
        with psycopg.connect(self.tenant.owner_url) as connection:
            connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(self.tenant.schema)))
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
            for statement in statements:
                connection.execute(statement.encode(), values)
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())


def sealed_shop(tenant: Tenant, folder: Path, *counts: int) -> SealedShop:
    """A shop with so many entries, sealed after each count."""
    shop = SealedShop(tenant, folder / f"sink-{secrets.token_hex(4)}")
    for count in counts:
        shop.write(count)
        shop.seal()
    return shop


@contextmanager
def sealed_once(worker: str, folder: Path, *counts: int) -> Generator[SealedShop]:
    """One that stays as it is, to be copied for each test that changes it."""
    with shop_alone(f"{worker}_sealed_{next(_copies)}") as tenant:
        yield sealed_shop(tenant, folder, *counts)


@contextmanager
def copy_of(shop: SealedShop, worker: str, folder: Path) -> Generator[SealedShop]:
    """The same with a database and a sink of its own."""
    with shop_alone(f"{worker}_sealed_{next(_copies)}", like=shop.tenant) as tenant:
        copy = SealedShop(tenant, folder / shop.folder.name)
        shutil.copytree(shop.folder, copy.folder)
        yield copy
