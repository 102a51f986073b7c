"""Imports that reconcile with read models have a projector beside them, and wait for it."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from infra.errors import OperatorError
from infra.tenancy import Tenant
from projections.kernel.checkpoints import read_checkpoints
from workers.database import Database
from workers.processes import start_part
from workers.progress import Meter

CATCH_UP_POLL_S = 0.1
CATCH_UP_STALLED_S = 60.0


class ImportStuck(OperatorError):
    """The projections do not move, or the database is away."""


async def caught_up(tenant: Tenant, progress: Meter) -> None:
    """Waits until every projection has folded what the journal holds now, whoever wrote it.

    ImportStuck if none moves for a minute.
    """
    reached, moved_at = -1, time.monotonic()
    position: int | None = None
    while position is None or reached < position:
        now = reached
        # A lost connection is replaced by the pool, and one that stays away is a projector that stands still.
        with suppress(OperationalError, PoolTimeout):
            async with tenant.readers.connection() as connection:
                if position is None:
                    position = (await tenant.journal.head(connection)).position
                checkpoints = await read_checkpoints(connection)
            now = min((checkpoint.position for checkpoint in checkpoints), default=0)
        if now != reached:
            reached, moved_at = now, time.monotonic()
        elif time.monotonic() - moved_at > CATCH_UP_STALLED_S:
            raise ImportStuck("The projector does not move: see its log, then run the import again.")
        if position is not None:
            progress.update(min(reached, position), position)
        await asyncio.sleep(CATCH_UP_POLL_S)


@contextmanager
def a_projector(connections: Database) -> Generator[None]:
    """A projector beside the import; it stands by where the shop's own is at work."""
    process = start_part("projector", {"DAYBOOK_DATABASE_URL": connections.service})
    try:
        yield
    finally:
        process.terminate()
        process.wait()
