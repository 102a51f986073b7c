"""Writers that take their steps in turn, each on a connection of its own, in every order that is possible.

A step that has to wait for the head is started and shown to wait; its writer has no turn until it is done.
"""

import asyncio
import enum
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from infra.event_store.journal import Connection

Step = Callable[[], Awaitable[None]]
Order = tuple[int, ...]

# Row locks alone: a wait for anything else is over in a moment.
_WAITING_FOR_A_ROW = """
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
    AND wait_event_type = 'Lock'
    AND wait_event IN ('transactionid', 'tuple')
"""


class Row(NamedTuple):
    """An entry as a reader of positions sees it."""

    position: int
    stream: str


class Ending(enum.Enum):
    """What becomes of a writer's transaction. The backend of one that dies is gone before its commit."""

    COMMITS = "commits"
    ROLLS_BACK = "rolls back"
    DIES = "dies"


class Writer(ABC):
    """One who writes `streams`, one event each. It `holds` the head while nobody else can have it."""

    def __init__(self, streams: Sequence[str]) -> None:
        self.streams = list(streams)
        self.holds = False
        self.committed = False

    @abstractmethod
    def steps(self) -> list[Step]:
        """What it does, one after the other."""

    @abstractmethod
    def needs_the_head(self, position: int) -> bool:
        """Whether its next step waits for whoever holds the head of a journal that ends at `position`."""


async def in_every_order(run: Callable[[Order], Awaitable[list[Order]]]) -> int:
    """Repeats a run until every order was taken that is possible; says how many there were.

    A run is told how to begin and answers with the beginnings that it passed by.
    """
    beginnings: list[Order] = [()]
    runs = 0
    while beginnings:
        beginnings += await run(beginnings.pop())
        runs += 1
    return runs


class Play:
    """One run of some writers: whose turn it was, and the streams of each who has `committed`."""

    def __init__(
        self, writers: Sequence[Writer], watch: Connection, position: Callable[[], Awaitable[int]]
    ) -> None:
        self.turns: list[int] = []
        self.committed: list[list[str]] = []
        self._writers = writers
        self._left = [writer.steps() for writer in writers]
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._watch = watch
        self._position = position

    async def run(self, beginning: Order, look: Step) -> list[Order]:
        """Begins with these turns and goes on with the first who can; looks after each turn.

        Returns what else it could have begun with.
        """
        others: list[Order] = []
        while can := [who for who, left in enumerate(self._left) if left and who not in self._waiting]:
            turn = len(self.turns)
            if turn >= len(beginning):
                others += [(*self.turns, other) for other in can[1:]]
            # Of several who wait for the head nobody knows who gets it: another one than before, at times.
            who = beginning[turn] if turn < len(beginning) and beginning[turn] in can else can[0]
            self.turns.append(who)
            await self._turn(who)
            await look()
        assert not self._waiting
        return others

    async def _turn(self, who: int) -> None:
        writer = self._writers[who]
        others_hold = any(other.holds for other in self._writers if other is not writer)
        must_wait = others_hold and writer.needs_the_head(await self._position())
        step = asyncio.ensure_future(self._left[who].pop(0)())
        if must_wait:
            await self._until_waiting(step)
            self._waiting[who] = step
        else:
            await step
            self._has_taken(who)
        while self._waiting and not self._is_held():
            done, _ = await asyncio.wait(self._waiting.values(), return_when=asyncio.FIRST_COMPLETED)
            for waiter in [waiter for waiter, step in self._waiting.items() if step in done]:
                await self._waiting.pop(waiter)
                # A row that somebody waited for is theirs until their transaction ends, of use or not.
                self._writers[waiter].holds = bool(self._left[waiter])
                self._has_taken(waiter)

    def _is_held(self) -> bool:
        return any(writer.holds for who, writer in enumerate(self._writers) if who not in self._waiting)

    def _has_taken(self, who: int) -> None:
        if self._writers[who].committed and not self._left[who]:
            self.committed.append(self._writers[who].streams)

    async def _until_waiting(self, step: asyncio.Future[None]) -> None:
        """Returns when one more waits. Each look is a round trip: no sleep."""
        while await self._count_of_waiting() <= len(self._waiting):
            assert not step.done(), "it should have waited for the head"

    async def _count_of_waiting(self) -> int:
        row = await (await self._watch.execute(_WAITING_FOR_A_ROW)).fetchone()
        assert row is not None
        return int(row[0])


class Tail:
    """A reader who asks for what comes after the last position that it saw."""

    def __init__(self, read: Callable[[int], Awaitable[list[Row]]], start: int) -> None:
        self.seen: list[Row] = []
        self._read = read
        self._start = start

    async def look(self) -> None:
        """Reads on."""
        self.seen += await self._read(self.seen[-1].position if self.seen else self._start)

    async def everything(self) -> list[Row]:
        """What a reader who begins anew sees now."""
        return await self._read(self._start)
