"""Two and three writers in every order of their steps: no reader passes a position that appears later."""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import LiteralString

import pytest

from infra.event_store.journal import Connection
from infra.postgres.roles import tenant_role
from tests.support.interleavings import Ending, Order, Play, Row, Step, Tail, Writer, in_every_order
from tests.support.journals import query, read_all, run
from tests.support.postgres import Tenant
from tests.support.stage import Stage, stage_of

IN_A_TRANSACTION = ("locks", "looks")
KINDS = (*IN_A_TRANSACTION, "at once", "library")
PAIRS = list(itertools.combinations_with_replacement(KINDS, 2))
TRIOS = [(*pair, "library") for pair in itertools.combinations(KINDS[:3], 2)]
ALIVE = (Ending.COMMITS, Ending.ROLLS_BACK)


class Follower:
    """A reader who looks after each step and never has to look back."""

    def __init__(self, stage: Stage, start: int) -> None:
        self.stage = stage
        self.start = start
        self.tails: list[Tail] = []

    async def look(self) -> None:
        if not self.tails:
            self.tails.append(await self.stage.tail("reader", self.start))
        await self.tails[0].look()
        assert self.tails[0].seen == await self.tails[0].everything()

    async def leave(self) -> list[Row]:
        """What was seen in the end."""
        return self.tails[0].seen


class FollowersWithin(Follower):
    """Readers in transactions that show the journal as it was; after each step one more begins."""

    async def look(self) -> None:
        before = [list(tail.seen) for tail in self.tails]
        for tail in self.tails:
            await tail.look()
        assert before == [tail.seen for tail in self.tails]
        whose = f"reader {len(self.tails)}"
        await (await self.stage.connection(whose)).execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self.tails.append(await self.stage.tail(whose, self.start))
        await self.tails[-1].look()

    async def leave(self) -> list[Row]:
        for number, tail in enumerate(self.tails):
            await (await self.stage.connection(f"reader {number}")).execute("COMMIT")
            await tail.look()
            assert tail.seen == await tail.everything()
        return self.tails[-1].seen


def require_whole(seen: Sequence[Row], start: int, committed: Iterable[list[str]]) -> None:
    """All that was committed was seen, each writer's events together, and no position is left out."""
    assert [row.position for row in seen] == list(range(start + 1, start + 1 + len(seen)))
    streams = [row.stream for row in seen]
    in_order = sorted(committed, key=lambda written: streams.index(written[0]))
    assert streams == [stream for written in in_order for stream in written]


async def play_all(
    tenant: Tenant,
    kinds: Sequence[str],
    endings: Sequence[Ending],
    following: Callable[[Stage, int], Follower] = Follower,
) -> None:
    """Every order of the writers' steps, with every ending of their transactions."""

    async def play(stage: Stage, endings_: Sequence[Ending], beginning: Order) -> list[Order]:
        about = zip(range(len(kinds)), kinds, endings_, strict=True)
        writers = [await stage.writer(number, kind, ending) for number, kind, ending in about]
        start = await stage.position()
        follower = following(stage, start)
        one_run = Play(writers, await stage.connection("watch"), stage.position)
        others = await one_run.run(beginning, follower.look)
        require_whole(await follower.leave(), start, one_run.committed)
        return others

    async with stage_of(tenant) as stage:
        each = [endings if kind in IN_A_TRANSACTION else [Ending.COMMITS] for kind in kinds]
        for endings_ in itertools.product(*each):
            await in_every_order(functools.partial(play, stage, endings_))
    assert await read_all(tenant)


@pytest.mark.parametrize("kinds", PAIRS, ids=" and ".join)
def test_a_reader_passes_no_position_that_appears_later(tenant: Tenant, kinds: Sequence[str]) -> None:
    """Whoever commits, takes back or dies, in whatever order: 1 to n is seen, without a gap."""
    run(play_all(tenant, kinds, list(Ending)))


@pytest.mark.parametrize("kinds", TRIOS, ids=" and ".join)
def test_of_three_writers_it_passes_none_either(tenant: Tenant, kinds: Sequence[str]) -> None:
    run(play_all(tenant, kinds, ALIVE))


def test_a_reader_within_a_transaction_passes_none_either(tenant: Tenant) -> None:
    """What it sees ends at a position, too: when the transaction is over, it goes on from there."""
    run(play_all(tenant, IN_A_TRANSACTION, ALIVE, FollowersWithin))


CREATE_NUMBERED = """
CREATE TABLE numbered (position bigint GENERATED ALWAYS AS IDENTITY, stream text);
GRANT SELECT, INSERT ON numbered TO {role}
"""
LAST_NUMBERED: LiteralString = "SELECT coalesce(max(position), 0) FROM numbered"
READ_NUMBERED: LiteralString = """
SELECT position, stream
FROM numbered
WHERE position > %(after)s
ORDER BY position
"""


class Numbered(Writer):
    """One who writes to a table that gives out its positions from a sequence, and commits."""

    def __init__(self, connection: Connection, name: str) -> None:
        super().__init__([name])
        self._connection = connection

    def steps(self) -> list[Step]:
        insert = "INSERT INTO numbered (stream) VALUES (%(stream)s)"
        return [lambda: self._do("BEGIN"), lambda: self._do(insert), lambda: self._do("COMMIT")]

    def needs_the_head(self, position: int) -> bool:
        return False

    async def _do(self, statement: LiteralString) -> None:
        await self._connection.execute(statement, {"stream": self.streams[0]})


def first_to(number: int, turns: Sequence[int]) -> int:
    """Who was the first to have that many turns."""
    return next(who for turn, who in enumerate(turns, start=1) if turns[:turn].count(who) == number)


def test_positions_from_a_sequence_would_be_passed_by_the_same_reader(tenant: Tenant) -> None:
    """In every order in which the first to insert isn't the first to commit, its event is never seen."""
    query(tenant.owner_url, tenant, CREATE_NUMBERED.format(role=tenant_role(tenant.schema)))

    async def test() -> None:
        async with stage_of(tenant) as stage:
            watch, reader = await stage.connection("watch"), await stage.connection("reader")

            async def end() -> int:
                return (await (await reader.execute(LAST_NUMBERED)).fetchall())[0][0]

            async def read(after: int) -> list[Row]:
                cursor = await reader.execute(READ_NUMBERED, {"after": after})
                return [Row(*row) for row in await cursor.fetchall()]

            async def play(beginning: Order) -> list[Order]:
                writers = [Numbered(await stage.connection(f"{who}"), f"{who}") for who in range(2)]
                tail = Tail(read, await end())
                one_run = Play(writers, watch, end)
                others = await one_run.run(beginning, tail.look)
                missed = [row.stream for row in await tail.everything() if row not in tail.seen]
                inserter, committer = first_to(2, one_run.turns), first_to(3, one_run.turns)
                assert missed == ([] if inserter == committer else [f"{inserter}"])
                return others

            assert await in_every_order(play) == 20

    run(test())
