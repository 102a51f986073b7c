"""The blind index's SQL: whom a keyed hash names, in which streams a customer appears, who is forgotten."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString

from infra.crypto.vault import Vault
from infra.people.normal_forms import (
    LAST_DIGITS,
    month_and_day,
    normal_card,
    normal_email,
    normal_name,
    normal_phone,
)
from infra.postgres.pools import Connection

KINDS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "phone": ("phone", "phone_last4"),
    "email": ("email",),
    "birthday": ("birthday",),
    "card": ("card",),
}
"""By which kinds of hashes each detail is found."""

_REACHED: LiteralString = """
SELECT position
FROM customer_index_head
"""

# Whoever changes the index, the traces or who is forgotten comes one after another.
_LOCK: LiteralString = """
SELECT position
FROM customer_index_head
FOR UPDATE
"""

_MOVE: LiteralString = """
UPDATE customer_index_head
SET position = %(position)s
"""

_FIND: LiteralString = """
SELECT customer_id
FROM customer_index
WHERE kind = %(kind)s
    AND digest = %(digest)s
    AND customer_id > %(after)s
    AND NOT EXISTS (SELECT FROM forgotten_subjects WHERE subject = 'customer-' || customer_id)
ORDER BY customer_id
LIMIT %(limit)s
"""

_CLEAR_KINDS: LiteralString = """
DELETE FROM customer_index
USING unnest(%(customer_ids)s::text[], %(kinds)s::text[]) AS old (customer_id, kind)
WHERE customer_index.customer_id = old.customer_id AND customer_index.kind = old.kind
"""

# Somebody who is forgotten has no row again, also where the indexer opened a detail just before.
_ENTER: LiteralString = """
INSERT INTO customer_index (kind, digest, customer_id)
SELECT kind, digest, customer_id
FROM unnest(%(kinds)s::text[], %(digests)s::bytea[], %(customer_ids)s::text[])
    AS new (kind, digest, customer_id)
WHERE NOT EXISTS (SELECT FROM forgotten_subjects WHERE subject = 'customer-' || customer_id)
ON CONFLICT DO NOTHING
"""

# What is booked of the forgotten later, as points that lapse, leads nobody to the rest.
_TRACE: LiteralString = """
INSERT INTO customer_traces (customer_id, stream, active_at)
SELECT customer_id, stream, active_at
FROM unnest(%(customer_ids)s::text[], %(streams)s::text[], %(active_at)s::timestamptz[])
    AS new (customer_id, stream, active_at)
WHERE NOT EXISTS (SELECT FROM forgotten_subjects WHERE subject = 'customer-' || customer_id)
ON CONFLICT (customer_id, stream) DO UPDATE
SET active_at = GREATEST(customer_traces.active_at, excluded.active_at)
"""

_CUSTOMERS_IN: LiteralString = """
SELECT stream, customer_id
FROM customer_traces
WHERE stream = ANY (%(streams)s::text[])
ORDER BY stream, customer_id
"""

_TRACES_OF: LiteralString = """
SELECT stream
FROM customer_traces
WHERE customer_id = %(customer_id)s AND stream > %(after)s AND starts_with(stream, %(prefix)s)
ORDER BY stream
LIMIT %(limit)s
"""

_FORGET: LiteralString = """
WITH forgotten AS (
    INSERT INTO forgotten_subjects (subject)
    SELECT subject
    FROM unnest(%(subjects)s::text[]) AS new (subject)
    ON CONFLICT DO NOTHING
), unindexed AS (
    DELETE FROM customer_index
    WHERE customer_id = %(customer_id)s
    RETURNING kind
), untraced AS (
    DELETE FROM customer_traces
    WHERE customer_id = %(customer_id)s
)
UPDATE customer_index_head
SET forgotten_since = COALESCE(forgotten_since, now())
WHERE EXISTS (SELECT FROM unindexed)
"""

_NOTE_FORGOTTEN: LiteralString = """
UPDATE customer_index_head
SET forgotten_since = COALESCE(forgotten_since, now())
"""

_FORGOTTEN: LiteralString = """
SELECT subject
FROM forgotten_subjects
WHERE subject > %(after)s
ORDER BY subject
LIMIT %(limit)s
"""

_START_OVER: LiteralString = """
WITH unindexed AS (
    DELETE FROM customer_index
), untraced AS (
    DELETE FROM customer_traces
)
UPDATE customer_index_head
SET position = 0, forgotten_since = COALESCE(forgotten_since, now())
"""


def normal_form(kind: str, text: str, region: str) -> str | None:
    """A detail as a kind of hash has it; None where it has no such form."""
    match kind:
        case "phone":
            return normal_phone(text, region)
        case "phone_last4":
            phone = normal_phone(text, region)
            return phone and phone[-LAST_DIGITS:]
        case "email":
            return normal_email(text)
        case "name":
            return normal_name(text)
        case "card":
            return normal_card(text)
        case _:
            return month_and_day(text)


async def lock(connection: Connection) -> int:
    """How far the indexer is; until the transaction ends nobody else changes what this module keeps."""
    row = await (await connection.execute(_LOCK)).fetchone()
    assert row is not None, "migrations insert the row"
    return row[0]


async def reached(connection: Connection) -> int:
    """How far the indexer is."""
    row = await (await connection.execute(_REACHED)).fetchone()
    assert row is not None, "migrations insert the row"
    return row[0]


async def move(connection: Connection, position: int) -> None:
    """The indexer has followed the journal up to there."""
    await connection.execute(_MOVE, {"position": position})


async def start_over(connection: Connection) -> None:
    """Empties the index and the traces; the indexer begins with the journal's first event."""
    await connection.execute(_START_OVER)


async def find(
    connection: Connection, vault: Vault, kind: str, form: str, after: str, limit: int
) -> list[str]:
    """The customers with this detail, by id, after an id."""
    parameters = {"kind": kind, "digest": vault.blind(kind, form), "after": after, "limit": limit}
    return [customer_id for (customer_id,) in await (await connection.execute(_FIND, parameters)).fetchall()]


async def enter(
    connection: Connection, vault: Vault, region: str, details: Mapping[tuple[str, str], str | None]
) -> None:
    """Puts details, by customer and field, in the place of those of before; None has none."""
    old = [(customer_id, kind) for customer_id, field in details for kind in KINDS[field]]
    forms = [
        (customer_id, kind, normal_form(kind, text, region))
        for (customer_id, field), text in details.items()
        if text is not None
        for kind in KINDS[field]
    ]
    new = [(kind, vault.blind(kind, form), customer_id) for customer_id, kind, form in forms if form]
    await connection.execute(
        _CLEAR_KINDS, {"customer_ids": [id_ for id_, _ in old], "kinds": [kind for _, kind in old]}
    )
    await connection.execute(
        _ENTER,
        {
            "kinds": [kind for kind, _, _ in new],
            "digests": [digest for _, digest, _ in new],
            "customer_ids": [customer_id for _, _, customer_id in new],
        },
    )


async def trace(connection: Connection, traces: Mapping[tuple[str, str], datetime | None]) -> None:
    """Notes by customer and stream when the customer was active there; None where somebody else was."""
    await connection.execute(
        _TRACE,
        {
            "customer_ids": [customer_id for customer_id, _ in traces],
            "streams": [stream for _, stream in traces],
            "active_at": list(traces.values()),
        },
    )


async def customers_in(connection: Connection, streams: Iterable[str]) -> dict[str, str]:
    """The customer of each stream, as far as there is one."""
    cursor = await connection.execute(_CUSTOMERS_IN, {"streams": list(streams)})
    return dict(await cursor.fetchall())


async def traces_of(
    connection: Connection, customer_id: str, after: str, limit: int, prefix: str = ""
) -> list[str]:
    """The streams in which a customer appears, by name, after a name; with a prefix, those of a kind."""
    parameters = {"customer_id": customer_id, "after": after, "limit": limit, "prefix": prefix}
    return [stream for (stream,) in await (await connection.execute(_TRACES_OF, parameters)).fetchall()]


async def forget(connection: Connection, customer_id: str, subjects: Sequence[str]) -> None:
    """Removes a customer from the index and the traces, and notes whose keys are destroyed."""
    await connection.execute(_FORGET, {"customer_id": customer_id, "subjects": list(subjects)})


async def note_forgotten(connection: Connection) -> None:
    """Hashes that are to leave the disk were removed from the index."""
    await connection.execute(_NOTE_FORGOTTEN)


async def forgotten(connection: Connection, after: str, limit: int) -> list[str]:
    """Whose keys are destroyed for good, by name, after a name."""
    cursor = await connection.execute(_FORGOTTEN, {"after": after, "limit": limit})
    return [subject for (subject,) in await cursor.fetchall()]
