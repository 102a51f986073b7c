"""The reactor: what follows from events by itself, once per cause, whoever is killed when.

It follows the journal and records each reaction as a row of the tenant's outbox, in one transaction with its
position. Rows are relayed to the job queue in one transaction that takes them out of the outbox and puts them
into the queue. A job issues a command whose id is derived from its cause, so that one that runs again is a
repeat. (Architecture, "Reading"; decision 0043.)
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import structlog
from psycopg import OperationalError
from psycopg.rows import tuple_row
from psycopg_pool import PoolTimeout

from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.event import AnyRecorded, Event
from infra.event_store.journal import Journal
from infra.event_store.submission import Origin
from infra.jobs import SCHEMA
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.tenancy import Tenant, tenant_names
from workers.pausing import pause

PAGE = 500
"""Positions of a page: short transactions, also when it is far behind."""
RELAYED_AT_ONCE = 500
TASK = "react"
QUEUE = "default"
LOOK_EVERY_S = 0.5
RETRY_S = 5.0
NEW_TENANTS_EVERY_S = 5.0

_LOCK_HEAD: LiteralString = """
SELECT position
FROM reactor_head
FOR UPDATE
"""

_MOVE_HEAD: LiteralString = """
UPDATE reactor_head
SET position = %(position)s
"""

_RECORD: LiteralString = """
INSERT INTO outbox (reaction, position, due_at)
SELECT reaction, position, due_at
FROM unnest(%(reactions)s::text[], %(positions)s::bigint[], %(due)s::timestamptz[])
    AS new (reaction, position, due_at)
"""

# Another who relays takes other rows.
_TAKE: LiteralString = """
DELETE FROM outbox
WHERE (position, reaction) IN (
    SELECT position, reaction
    FROM outbox
    ORDER BY position, reaction
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
RETURNING reaction, position, due_at
"""

# Until the transaction ends it acts as the service: a tenant's role sees nothing of the queue.
_AS_THE_SERVICE: LiteralString = "SET LOCAL ROLE NONE"

_DEFER: LiteralString = """
SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW(%(queue)s, %(task)s, 0, NULL, NULL, args, due_at)::procrastinate_job_to_defer_v1
))
FROM unnest(%(args)s::jsonb[], %(due)s::timestamptz[]) AS new (args, due_at)
"""

log = structlog.get_logger(__name__)


class Cause(NamedTuple):
    """Which reaction to which event of which tenant; it names whatever it leads to."""

    tenant: str
    reaction: str
    position: int

    @property
    def id(self) -> str:
        """The same for the same cause, whoever asks how often: the id of its command or message."""
        return hashlib.sha256(f"{self.reaction}\0{self.position}".encode()).hexdigest()[:32]


CarryOut = Callable[[Tenant, AnyRecorded, Cause], Awaitable[None]]


class Reaction(NamedTuple):
    """What follows from events of some types: when (None: nothing), and what is then done.

    `due` is pure. `carry_out` may run more than once for one cause and must come to the same.
    """

    name: str
    events: tuple[type[Event], ...]
    due: Callable[[AnyRecorded], datetime | None]
    carry_out: CarryOut


def issuing(command: Callable[[AnyRecorded], Command]) -> CarryOut:
    """Has a command decided that follows from the event. What the rules refuse by then is off."""

    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        origin = Origin(
            command_id=cause.id,
            actor=f"reaction:{cause.reaction}",
            channel="reactor",
            correlation_id=entry.correlation_id,
            causation_id=entry.command_id,
            fingerprint=tenant.vault.fingerprint(cause.reaction.encode(), str(cause.position).encode()),
        )
        try:
            await tenant.submit(command(entry), origin)
        except Refusal as refusal:
            log.info("reaction_refused", **cause._asdict(), code=refusal.code)

    return carry_out


class Reactor:
    """Follows one tenant's journal; rows and position are written in one transaction."""

    def __init__(self, journal: Journal, tenant: str, reactions: Sequence[Reaction]) -> None:
        self._journal = journal
        self._tenant = tenant
        self._reactions = reactions
        events = {event for reaction in reactions for event in reaction.events}
        self._unwanted = journal.codec.types_outside(events)

    async def run_page(self, connection: Connection) -> int:
        """Records what follows from the next page; returns how many positions it had, 0 at the end."""
        async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_LOCK_HEAD)
            row = await cursor.fetchone()
            assert row is not None, "a migration inserts the row"
            after: int = row[0]
            up_to = min((await self._journal.head(connection)).position, after + PAGE)
            if up_to <= after:
                return 0
            found = await self._found(connection, after, up_to)
            if found:
                reactions, positions, due = zip(*found, strict=True)
                await cursor.execute(
                    _RECORD, {"reactions": list(reactions), "positions": list(positions), "due": list(due)}
                )
            await cursor.execute(_MOVE_HEAD, {"position": up_to})
            return up_to - after

    async def _found(self, connection: Connection, after: int, up_to: int) -> list[tuple[str, int, datetime]]:
        found: list[tuple[str, int, datetime]] = []
        for stored in await self._journal.stored_span(connection, after, up_to, self._unwanted):
            try:
                entry = self._journal.codec.decode(
                    stored.type, stored.state, stored.stream, stored.version, stored.position
                )
                found += [
                    (reaction.name, stored.position, due)
                    for reaction in self._reactions
                    if isinstance(entry.data, reaction.events) and (due := reaction.due(entry)) is not None
                ]
            except Exception:
                # One that nobody can read stops no others; rebuilds and the projector tell the operator too.
                log.exception("event_without_reaction", tenant=self._tenant, position=stored.position)
        return found

    async def relay(self, connection: Connection) -> int:
        """Moves rows of the outbox into the job queue, all of them or none; returns how many."""
        async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_TAKE, {"limit": RELAYED_AT_ONCE})
            rows: list[tuple[str, int, datetime]] = await cursor.fetchall()
            if not rows:
                return 0
            await cursor.execute(_AS_THE_SERVICE)
            await cursor.execute(f"SET LOCAL search_path = {SCHEMA}")
            args = [
                f'{{"tenant": "{self._tenant}", "reaction": "{reaction}", "position": {position}}}'
                for reaction, position, _ in rows
            ]
            parameters = {"queue": QUEUE, "task": TASK, "args": args, "due": [due for _, _, due in rows]}
            await cursor.execute(_DEFER, parameters)
            return len(rows)


async def react(tenant: Tenant, cause: Cause, reactions: Sequence[Reaction]) -> None:
    """Carries a reaction out. One that this version of the software no longer knows is off."""
    known = {reaction.name: reaction for reaction in reactions}
    reaction = known.get(cause.reaction)
    if reaction is None:
        log.warning("reaction_unknown", **cause._asdict())
        return
    async with tenant.readers.connection() as connection:
        (stored,) = await tenant.journal.stored_span(connection, cause.position - 1, cause.position, [])
    entry = tenant.journal.codec.decode(
        stored.type, stored.state, stored.stream, stored.version, stored.position
    )
    await reaction.carry_out(tenant, entry, cause)


async def follow_reactions(url: str, reactions: Sequence[Reaction], stop: asyncio.Event) -> None:
    """Follows every tenant's journal until `stop` is set, new tenants' too."""
    async with asyncio.TaskGroup() as group:
        followed: set[str] = set()
        while not stop.is_set():
            try:
                async with await connector(url)() as connection:
                    names = set(await tenant_names(connection))
                for tenant in sorted(names - followed):
                    followed.add(tenant)
                    group.create_task(_follow(url, tenant, reactions, stop))
            except OperationalError as error:
                log.warning("reactor_waits_for_database", error=str(error))
            await pause(stop, NEW_TENANTS_EVERY_S)


async def _follow(url: str, tenant: str, reactions: Sequence[Reaction], stop: asyncio.Event) -> None:
    reactor = Reactor(Journal(tenant_schema(tenant)), tenant, reactions)
    connect: Callable[[], Awaitable[Any]] = connector(tenant_conninfo(url, tenant))
    while not stop.is_set():
        try:
            async with await connect() as connection:
                while not stop.is_set():
                    moved = await reactor.run_page(connection)
                    if not await reactor.relay(connection) and not moved:
                        await pause(stop, LOOK_EVERY_S)
        except (OperationalError, PoolTimeout) as error:
            log.warning("reactor_interrupted", tenant=tenant, error=str(error))
            await pause(stop, RETRY_S)
        except Exception:
            # The shop sells on; what should follow waits until somebody has looked.
            log.exception("reactor_stuck", tenant=tenant)
            await pause(stop, RETRY_S)
