"""Proofs from the tiles: an event is sealed, a checkpoint continues another; and whole exports."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import LiteralString

from psycopg.rows import tuple_row

from domain.kernel.errors import NotFound
from infra.audit.bundle import Begun, Since, event_lines, first_line, last_line
from infra.audit.checkpoint import Checkpoint
from infra.audit.merkle import consistency_spans, inclusion_spans, perfect_nodes
from infra.audit.sealer import key_changes, last_checkpoint
from infra.audit.tiles import node_hashes, span_roots
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection

PAGE = 500

_READ_NOTE: LiteralString = """
SELECT note
FROM audit_checkpoints
WHERE size = %(size)s
"""


async def checkpoint_of(connection: Connection, size: int | None = None) -> Checkpoint:
    """The checkpoint of a size, or the last one. NotFound where there is none."""
    if size is None:
        last = await last_checkpoint(connection)
        if last is None:
            raise NotFound("Nothing is sealed yet. Wait for the sealer.", kind="checkpoint", id="last")
        return last
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_NOTE, {"size": size})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(
            f"There is no checkpoint of size {size}. Take the size of one that you were given.",
            kind="checkpoint",
            id=str(size),
        )
    return Checkpoint.parse(row[0])


async def inclusion_proof(connection: Connection, position: int, size: int) -> list[bytes]:
    """RFC 9162's audit path of a position in the tree of a size. TilesMissing."""
    return await span_roots(connection, inclusion_spans(position - 1, size))


async def consistency_proof(connection: Connection, old: int, size: int) -> list[bytes]:
    """RFC 9162's proof that the tree of `old` leaves is the beginning of the other. TilesMissing."""
    return await span_roots(connection, consistency_spans(old, size))


async def begin_bundle(
    connection: Connection, checkpoint: Checkpoint, first: int, last: int, since: int | None = None
) -> Begun:
    """The first line's content of a bundle. TilesMissing."""
    size = checkpoint.size
    return Begun(
        first=first,
        last=last,
        checkpoint=checkpoint.note,
        before=await node_hashes(connection, perfect_nodes(0, first - 1)),
        after=await node_hashes(connection, perfect_nodes(last, size)),
        since=None
        if since is None
        else Since(size=since, proof=await consistency_proof(connection, since, size)),
        changes=[change.note for change in await key_changes(connection, size)],
    )


async def bundle_pieces(
    connect: Callable[[], AbstractAsyncContextManager[Connection]],
    journal: Journal,
    begun: Begun,
    checkpoint: Checkpoint,
) -> AsyncGenerator[bytes]:
    """The bundle, page by page; a connection is taken for each page only: a reader may be slow.

    Where an event is missing it ends without its last line, and so it is refused by whoever checks it.
    """
    yield first_line(begun, checkpoint.origin, checkpoint.size)
    after = begun.first - 1
    while after < begun.last:
        async with connect() as connection:
            entries = await journal.stored_page(connection, after, min(PAGE, begun.last - after))
        if not entries or entries[-1].position != after + len(entries):
            return
        yield event_lines(checkpoint.origin, entries)
        after = entries[-1].position
    yield last_line(begun, checkpoint.origin, checkpoint.size)
