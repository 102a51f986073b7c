"""What was destroyed or forgotten leaves the disk: the living rows are written anew, the dead stay behind."""

from typing import Any, LiteralString

from infra.postgres.pools import Connection

_REWRITE_KEYS: LiteralString = "SELECT daybook_keys.rewrite_subject_keys()"
_REWRITE_INDEX: LiteralString = "SELECT rewrite_customer_index()"
_REWRITE_USERS: LiteralString = "SELECT daybook.rewrite_users()"
_PRUNE_ACCESSES: LiteralString = "SELECT prune_accesses(%(days)s)"


async def rewrite_keys(connection: Connection) -> bool:
    """Removes destroyed keys from the key store's files; False if there were none."""
    return await _one(connection, _REWRITE_KEYS)


async def rewrite_index(connection: Connection) -> bool:
    """Removes hashes of the forgotten from a tenant's files; False if there were none."""
    return await _one(connection, _REWRITE_INDEX)


async def rewrite_users(connection: Connection) -> bool:
    """Removes names of the erased from the files of who signs in; False if there were none."""
    return await _one(connection, _REWRITE_USERS)


async def prune_accesses(connection: Connection, days: int) -> int:
    """Forgets accesses older than `days`, at least 183; returns how many."""
    return await _one(connection, _PRUNE_ACCESSES, {"days": days})


async def _one(connection: Connection, query: LiteralString, parameters: dict[str, int] | None = None) -> Any:
    row = await (await connection.execute(query, parameters)).fetchone()
    assert row is not None
    return row[0]
