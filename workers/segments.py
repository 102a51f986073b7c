"""Segments are worked out as of the end of a business day: who should belong to each, and who came and went.

Read models say so, and the journal decides, many customers a command. Killed in between and run again, or
twice at once, everybody enters and leaves once. (Decision 0066.)
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import date
from typing import NamedTuple

from domain.customers.belonging import MAX_MOVES, FinishEvaluation, Move, MoveMembers
from domain.customers.rules import BirthdayMonth, Definition, Taste, asked_by, conditions_of, reasons_by
from domain.kernel.command import Command
from infra.crypto.vault import Vault
from infra.event_store.submission import Answer, Origin
from infra.ids import uuid7
from infra.postgres.pools import Connection
from infra.tenancy import Tenant
from projections.customer_days.fold import CustomerDays
from projections.customer_days.queries import Asked, Measured, measured
from projections.segments.fold import Segments

LOOKED_AT = (CustomerDays.name, Segments.name)
COMMANDS_AT_ONCE = 2
"""Who sells meanwhile waits for no more than that."""
LONGEST_MONTH_DAYS = 31


class Due(NamedTuple):
    """A segment that is to be worked out."""

    segment_id: str
    version: int
    definition: Definition

    @property
    def asks_birthdays(self) -> bool:
        """Whether it goes by birthdays."""
        return any(isinstance(one, BirthdayMonth) for one in conditions_of(self.definition.rule))


class Looked(NamedTuple):
    """What some customers are to a segment: how many belong to it, and those who come or go."""

    segment: Due
    members: int
    moves: list[Move]


class Evaluated(NamedTuple):
    """What an evaluation wrote down."""

    segments: int = 0
    entered: int = 0
    left: int = 0

    def plus(self, other: "Evaluated") -> "Evaluated":
        """Both together."""
        return Evaluated(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


async def work_out(
    connection: Connection, vault: Vault, segments: Iterable[Due], as_of: date
) -> AsyncGenerator[Looked]:
    """Looks at all customers, page by page, once for all segments of the same currency and window."""
    groups: defaultdict[tuple[str | None, int | None], list[Due]] = defaultdict(list)
    for one in segments:
        groups[one.definition.currency, one.definition.window_days].append(one)
    for group in groups.values():
        async with aclosing(measured(connection, _asked(group, vault, as_of))) as pages:
            async for page in pages:
                for segment in group:
                    yield _look(segment, page)


def _asked(group: Sequence[Due], vault: Vault, as_of: date) -> Asked:
    first = group[0].definition
    conditions = [one for segment in group for one in conditions_of(segment.definition.rule)]
    birthdays = any(segment.asks_birthdays for segment in group)
    return Asked(
        as_of=as_of,
        currency=first.currency,
        window_days=first.window_days,
        categories=sorted({one.category for one in conditions if isinstance(one, Taste)}),
        birthdays=birthdays_in(as_of, vault) if birthdays else (),
        segments=[segment.segment_id for segment in group],
    )


def birthdays_in(day: date, vault: Vault) -> list[bytes]:
    """What the blind index holds instead of the days of the month."""
    days = range(1, LONGEST_MONTH_DAYS + 1)
    return [vault.blind("birthday", f"{day.month:02}-{number:02}") for number in days]


def _look(segment: Due, page: Iterable[Measured]) -> Looked:
    members, moves = 0, list[Move]()
    segment_id, _, definition = segment
    asks, why = asked_by(definition), reasons_by(definition)
    for customer_id, present, measures, speaks in page:
        # Who is spoken for belongs where the person does, and to nothing besides.
        is_member = speaks and asks(measures)
        members += is_member
        if is_member != (segment_id in present):
            moves.append(Move(customer_id=customer_id, enters=is_member, reason=why(measures)))
    return Looked(segment, members, moves)


async def evaluate(tenant: Tenant, segments: Sequence[Due], as_of: date) -> Evaluated:
    """Writes down who enters and leaves these segments as of a day, and then that this is done."""
    done, members = Evaluated(), Counter[str]()
    waiting: defaultdict[Due, list[Move]] = defaultdict(list)
    async with (
        tenant.readers.connection() as connection,
        aclosing(work_out(connection, tenant.vault, segments, as_of)) as looks,
    ):
        async for segment, more, moves in looks:
            members[segment.segment_id] += more
            waiting[segment] += moves
            whole = len(waiting[segment]) // MAX_MOVES * MAX_MOVES
            done = done.plus(await _move(tenant, segment, as_of, waiting[segment][:whole]))
            del waiting[segment][:whole]
    for segment, moves in waiting.items():
        done = done.plus(await _move(tenant, segment, as_of, moves))
    for segment in segments:
        # Only now: killed before, it is worked out again.
        finish = FinishEvaluation(
            segment_id=segment.segment_id,
            version=segment.version,
            as_of=as_of,
            members=members[segment.segment_id],
        )
        await _submit(tenant, finish)
    return done.plus(Evaluated(segments=len(segments)))


async def _move(tenant: Tenant, segment: Due, as_of: date, moves: Sequence[Move]) -> Evaluated:
    done = Evaluated()
    commands = [
        MoveMembers(
            segment_id=segment.segment_id,
            version=segment.version,
            as_of=as_of,
            moves=tuple(moves[first : first + MAX_MOVES]),
        )
        for first in range(0, len(moves), MAX_MOVES)
    ]
    for first in range(0, len(commands), COMMANDS_AT_ONCE):
        some = commands[first : first + COMMANDS_AT_ONCE]
        for answer in await asyncio.gather(*(_submit(tenant, command) for command in some)):
            done = done.plus(Evaluated(entered=answer.result.entered, left=answer.result.left))
    return done


async def _submit(tenant: Tenant, command: Command) -> Answer:
    # Named anew each time: it is the journal that knows who belongs where, and a repeat writes nothing.
    return await tenant.submit(command, Origin(command_id=uuid7(), actor="segments", channel="jobs"))
