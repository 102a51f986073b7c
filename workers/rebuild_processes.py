"""Rebuilds in processes of their own: several readers side by side, and none in the projector's way."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from typing import LiteralString

import structlog

from infra.errors import OperatorError
from infra.process import die_with_parent
from projections.kernel.projection import Projection
from projections.kernel.rebuilds import ask_for_rebuild, read_rebuilds
from projections.kernel.table import Connection
from workers.database import TenantDatabase
from workers.processes import PROGRAM
from workers.rebuild import MOST_ROWS, SILENT_S, Progress

LOOK_S = 0.5
PATIENCE = 19
"""The shop comes first: a rebuild takes what is left of the processor."""

# What an older version of the software made, unless that rebuild has failed; and what was begun for this
# version and has been in nobody's hands for a while: whoever asks for a rebuild begins it soon.
_LEFT_TO_DO: LiteralString = """
SELECT known.name
FROM unnest(%(names)s::text[], %(versions)s::bigint[]) AS known (name, version)
JOIN projection_checkpoints AS checkpoint ON checkpoint.name = known.name
LEFT JOIN projection_rebuilds AS rebuild ON rebuild.name = known.name AND rebuild.version = known.version
WHERE (checkpoint.version < known.version OR rebuild.name IS NOT NULL)
    AND rebuild.error IS NULL
    AND (
        rebuild.name IS NULL
        OR COALESCE(rebuild.alive_at, rebuild.resumed_at)
            < now() - make_interval(secs => %(silent_s)s)
    )
ORDER BY known.name
"""

# About a thousand pages, of however many.
_SAMPLE: LiteralString = """
SELECT topic, sum(octet_length(state))::bigint
FROM stored_events
TABLESAMPLE SYSTEM (
    (SELECT LEAST(100, 1e5 / GREATEST(relpages, 1)) FROM pg_class WHERE oid = 'stored_events'::regclass)
) REPEATABLE (1)
GROUP BY topic
"""

log = structlog.get_logger(__name__)


class ReaderFailed(OperatorError):
    """A process that made projections anew has ended with an error, which this repeats."""


def default_readers() -> int:
    """As many as there are processors, and not more than four: each holds its rows in memory."""
    return min(4, os.cpu_count() or 1)


def spread(
    projections: Sequence[Projection], readers: int, bytes_of: Mapping[str, int]
) -> list[list[Projection]]:
    """The projections, divided so that each reader has about as many bytes of events to fold."""
    groups: list[list[Projection]] = [[] for _ in range(min(readers, len(projections)))]
    loads = [0] * len(groups)
    weights = {each.name: sum(bytes_of.get(event.TYPE, 0) for event in each.events) for each in projections}
    for projection in sorted(projections, key=lambda each: weights[each.name], reverse=True):
        lightest = loads.index(min(loads))
        groups[lightest].append(projection)
        # One that folds nothing still goes to the reader that has fewest.
        loads[lightest] += weights[projection.name] + 1
    return groups


async def _sample(connection: Connection) -> dict[str, int]:
    """Bytes of the events of each type in some pages of the journal, wherever they lie."""
    cursor = await connection.execute(_SAMPLE)
    return dict(await cursor.fetchall())


async def left_to_do(database: TenantDatabase, projections: Sequence[Projection]) -> list[str]:
    """What this version of the software must make anew and nobody is at: the names."""
    async with await database.connect() as connection:
        cursor = await connection.execute(
            _LEFT_TO_DO,
            {
                "names": [projection.name for projection in projections],
                "versions": [projection.version for projection in projections],
                "silent_s": SILENT_S,
            },
        )
        return [name for (name,) in await cursor.fetchall()]


async def rebuild_in_processes(
    database: TenantDatabase,
    projections: Sequence[Projection],
    readers: int,
    progress: Progress = lambda _done, _total: None,
    most_rows: int = MOST_ROWS,
) -> None:
    """Makes the projections anew, in so many processes, each with its share of them. Raises ReaderFailed.

    `most_rows` is what all of them together hold in memory.

    What a process has finished stays done when another fails.
    """
    async with await database.connect() as connection:
        await ask_for_rebuild(connection, {each.name: each.version for each in projections})
        shares = spread(projections, readers, await _sample(connection))
    watching = asyncio.create_task(_watch(database, {each.name for each in projections}, progress))
    try:
        async with asyncio.TaskGroup() as group:
            for share in shares:
                names = [projection.name for projection in share]
                group.create_task(_read(database, names, max(1, most_rows // len(shares))))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(database: TenantDatabase, names: set[str], progress: Progress) -> None:
    async with await database.connect() as connection:
        while True:
            head = (await database.journal.head(connection)).position
            under_way = [each.folded for each in await read_rebuilds(connection) if each.name in names]
            # The others are finished.
            progress((sum(under_way) + head * (len(names) - len(under_way))) // len(names), head)
            await asyncio.sleep(LOOK_S)


async def _read(database: TenantDatabase, names: Sequence[str], rows: int) -> None:
    parent = os.getpid()

    def begin() -> None:
        die_with_parent(signal.SIGTERM, parent_pid=parent)
        os.nice(PATIENCE)

    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        "projections",
        "rebuild",
        *names,
        "--readers",
        "1",
        "--rows",
        str(rows),
        env={**os.environ, **_environment(database)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=begin,
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or [f"status {process.returncode}"]
        raise ReaderFailed(lines[-1].removeprefix("daybook: "))


def _environment(database: TenantDatabase) -> Mapping[str, str]:
    return {"DAYBOOK_DATABASE_URL": database.url, "DAYBOOK_TENANT": database.tenant}
