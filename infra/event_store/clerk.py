"""The clerk: takes every command that waits, decides them in memory, appends once, answers each caller.

One clerk per tenant and process. What it knows of the journal is exact up to a position (`known`). If the
head is still there when the batch is appended, every decision saw every earlier one; if not, another process
wrote in between: the clerk takes the head lock, folds that tail into its states and decides again under the
lock, where nothing can move. (Architecture, "Writing".)
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import psycopg
import structlog

from domain.kernel.command import Command
from infra.event_store.batch import Outcome, decide
from infra.event_store.journal import Connection, Journal
from infra.event_store.knowledge import Knowledge
from infra.event_store.snapshots import SnapshotKeeper
from infra.event_store.submission import Answer, CommandInFlight, Origin, OutcomeUnknown, QueueFull, Request

BATCH_COMMANDS = 256
BATCH_STREAMS = 20_000
QUEUE_COMMANDS = 4_096
QUEUE_STREAMS = 100_000
"""What a command holds in memory grows with the streams it names: queue and batch are bounded by both."""
MOST_IDLE_TURNS = 8
"""Of the loop, before a batch is taken. More brought no larger batches."""
CONNECTION_ERRORS = ("08", "57")
"""SQLSTATE classes that leave the outcome open: connection exceptions, and the server going down."""
FIND_OUT_LIMIT_S = 5.0
RECONNECT_PAUSE_S = 0.1
ANSWER_LOST = "The change was recorded, but its answer was lost. Read it back."

log = structlog.get_logger(__name__)


def now_utc() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


class Clerk:
    """The writer of one tenant's journal in this process. Start it, submit commands, stop it."""

    def __init__(
        self,
        journal: Journal,
        connect: Callable[[], Awaitable[Connection]],
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._knowledge = Knowledge(journal, connect)
        self._snapshots = SnapshotKeeper(journal, connect)
        self._clock = clock
        self._waiting: deque[Request] = deque()
        self._waiting_streams = 0
        self._in_flight: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._needs_reconnect = False
        self._stopping = False
        self._patience = 1

    async def start(self) -> None:
        """Connects, learns where the journal ends, and begins to serve the queue."""
        await self._knowledge.reconnect()
        self._task = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        """Finishes what waits, then closes the connection."""
        if self._task is None:
            return
        self._stopping = True
        self._wake.set()
        await self._task
        self._task = None
        await self._snapshots.stop()
        await self._knowledge.close()

    def submit(self, command: Command, origin: Origin) -> asyncio.Future[Answer]:
        """Queues a command and returns its answer to come.

        The future raises the decision's Refusal, DecisionFailed, OutcomeUnknown, or psycopg.OperationalError
        where the database is away and nothing was tried. Raises at once: QueueFull (also while stopping),
        CommandInFlight.
        """
        streams = tuple(command.streams())
        if self._stopping or len(self._waiting) >= QUEUE_COMMANDS or self._is_too_much(len(streams)):
            raise QueueFull
        if origin.command_id in self._in_flight:
            raise CommandInFlight("The same request is being worked on. Ask again in a moment.")
        self._in_flight.add(origin.command_id)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(Request(command=command, streams=streams, origin=origin, answer=answer))
        self._waiting_streams += len(streams)
        self._wake.set()
        return answer

    def _is_too_much(self, streams: int) -> bool:
        # One alone always fits: a command has bounds of its own.
        return bool(self._waiting) and self._waiting_streams + streams > QUEUE_STREAMS

    async def _serve(self) -> None:
        while True:
            while not self._waiting:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
            await self._let_others_come()
            batch = self._take()
            try:
                outcome = await self._handle(batch)
            except Exception as error:
                # The loop must outlive any batch. Nothing of this one was written, or nobody knows: say so.
                log.exception("batch_failed", commands=len(batch))
                self._needs_reconnect = True
                answers: list[tuple[Request, Answer | Exception]] = [(request, error) for request in batch]
            else:
                answers = [*outcome.answers]
            for request, answer in answers:
                self._in_flight.discard(request.origin.command_id)
                self._tell(request, answer)

    async def _let_others_come(self) -> None:
        """Turns the loop while that brings more: requests that are on their way already share the flush.

        No timer. A request takes some turns from the network to here, so a busy clerk gives them a few in a
        row that bring nothing; one whose last batch held a single command gives one.
        """
        idle = 0
        while idle < self._patience and len(self._waiting) < BATCH_COMMANDS:
            seen = len(self._waiting)
            await asyncio.sleep(0)
            idle = idle + 1 if len(self._waiting) == seen else 0

    def _take(self) -> list[Request]:
        """The oldest that wait, within the bounds of a batch."""
        batch = [self._waiting.popleft()]
        streams = len(batch[0].streams)
        while self._waiting and len(batch) < BATCH_COMMANDS:
            streams += len(self._waiting[0].streams)
            if streams > BATCH_STREAMS:
                break
            batch.append(self._waiting.popleft())
        self._waiting_streams -= sum(len(request.streams) for request in batch)
        self._patience = min(len(batch), MOST_IDLE_TURNS)
        return batch

    async def _handle(self, batch: list[Request]) -> Outcome:
        """Decides and appends a batch: on what is known, or under the lock if the journal has moved."""
        if self._needs_reconnect:
            await self._knowledge.reconnect()
            self._needs_reconnect = False
        before = self._knowledge.position
        try:
            try:
                return await self._decide_and_append(batch) or await self._handle_under_lock(batch)
            except psycopg.errors.UniqueViolation:
                # Another process kept the answer of the same command without moving the head.
                return await self._handle_under_lock(batch)
        except psycopg.OperationalError as error:
            if error.sqlstate is not None and not error.sqlstate.startswith(CONNECTION_ERRORS):
                # The server itself said no (a full disk): nothing was committed, nothing has to be found out.
                raise
            log.warning("connection_lost", error=str(error))
            return await self._find_out(batch, before)

    async def _decide_and_append(self, batch: list[Request]) -> Outcome | None:
        """Decides on what is known and appends if the journal is still there; None if it has moved."""
        outcome = await decide(self._knowledge, batch, self._clock())
        if outcome.entries or outcome.accepted:
            if not await self._append(outcome):
                return None
        elif not await self._knowledge.is_current():
            # A refusal, too, counts only if nothing has happened since that could change it.
            return None
        self._settle(outcome)
        return outcome

    async def _handle_under_lock(self, batch: list[Request]) -> Outcome:
        """Folds what other processes wrote and decides again while nobody can write."""
        async with self._knowledge.connection.transaction():
            await self._knowledge.catch_up()
            outcome = await decide(self._knowledge, batch, self._clock())
            if outcome.entries or outcome.accepted:
                landed = await self._append(outcome)
                assert landed, "the head can't move while we hold its lock"
        self._settle(outcome)
        return outcome

    async def _find_out(self, batch: list[Request], before: int) -> Outcome:
        """After a lost connection: did the batch land? The head lock and the journal itself tell.

        The lock waits for a backend that may still be committing, the fence keeps off one that has not begun.
        Commands that landed are then found by their kept answers, and told OutcomeUnknown if they kept none;
        the rest of the batch is decided anew.
        """
        try:
            async with asyncio.timeout(FIND_OUT_LIMIT_S):
                while True:
                    try:
                        await self._knowledge.reconnect()
                        lost = await self._landed_without_answer(batch, before)
                        outcome = await self._handle_under_lock([r for r in batch if r not in lost])
                    except psycopg.OperationalError:
                        await asyncio.sleep(RECONNECT_PAUSE_S)
                    else:
                        outcome.answers += [(request, OutcomeUnknown(ANSWER_LOST)) for request in lost]
                        return outcome
        except TimeoutError:
            raise OutcomeUnknown("The database could not be reached to learn the outcome.") from None

    async def _landed_without_answer(self, batch: list[Request], before: int) -> list[Request]:
        """Those that are in the journal and kept no answer: they must not be decided twice.

        What has not landed by now never will.
        """
        knowledge = self._knowledge
        async with knowledge.connection.transaction():
            await knowledge.journal.head(knowledge.connection, lock=True)
            await knowledge.journal.raise_fence(knowledge.connection)
            landed = await knowledge.commands_since(before)
        return [r for r in batch if r.origin.fingerprint is None and r.origin.command_id in landed]

    async def _append(self, outcome: Outcome) -> bool:
        return await self._knowledge.journal.append(
            self._knowledge.connection,
            known=self._knowledge.position,
            fence=self._knowledge.fence,
            recorded_at=outcome.recorded_at,
            entries=outcome.entries,
            accepted=outcome.accepted,
        )

    def _settle(self, outcome: Outcome) -> None:
        """The batch is durable: its states become what is known."""
        knowledge = self._knowledge
        knowledge.keep(outcome.states, outcome.written_bytes)
        if outcome.entries:
            knowledge.position += len(outcome.entries)
            knowledge.recorded_at = outcome.recorded_at
        self._snapshots.add(outcome.snapshots)
        self._waiting.extendleft(reversed(outcome.postponed))
        self._waiting_streams += sum(len(request.streams) for request in outcome.postponed)

    @staticmethod
    def _tell(request: Request, answer: Answer | Exception) -> None:
        if request.answer.done():  # its caller has gone away
            return
        if isinstance(answer, Exception):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)
