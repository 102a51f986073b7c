"""The clerk: takes every command that waits, decides them in memory, appends once, answers each caller.

One clerk per tenant and process. What it knows of the journal is exact up to a position (`known`). If the
head is still there when the batch is appended, every decision saw every earlier one; if not, another process
wrote in between: the clerk takes the head lock, folds that tail into its states and decides again under the
lock, where nothing can move. (Architecture, "Writing".)

While a batch is being written, the next one is decided on what it will leave. That counts only if the batch
lands as it was decided. (Decision 0019.)
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from datetime import UTC, datetime

import psycopg
import structlog

from domain.kernel.command import Command
from infra.event_store.batch import Expectation, Outcome, decide
from infra.event_store.journal import Connection, Journal
from infra.event_store.knowledge import Knowledge
from infra.event_store.snapshots import SnapshotKeeper
from infra.event_store.submission import Answer, CommandInFlight, Origin, OutcomeUnknown, QueueFull, Request

BATCH_COMMANDS = 256
BATCH_STREAMS = 20_000
QUEUE_COMMANDS = 4_096
QUEUE_STREAMS = 100_000
"""What a command holds in memory grows with the streams it names: queue and batch are bounded by both."""
SPLIT_FROM = 64
"""If so many wait while nothing is being written, half go first: the others are decided meanwhile."""
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
        try:
            await self._knowledge.reconnect()
        except BaseException:
            await self._knowledge.close()
            raise
        # In no request's context: what it logs is about all of them.
        self._task = asyncio.create_task(self._serve(), context=Context())

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
        """Writes batch after batch; while one is being written, the next is decided on what it will leave."""
        decided: Outcome | None = None
        while decided is not None or await self._something_waits():
            if decided is None:
                await self._let_others_come()
                batch = self._take(
                    len(self._waiting) // 2 if len(self._waiting) >= SPLIT_FROM else BATCH_COMMANDS
                )
                if not await self._is_connected(batch):
                    continue
                decided = await decide(self._knowledge, batch, self._clock())
            writing = asyncio.create_task(self._write(decided))
            writing.add_done_callback(lambda _: self._wake.set())
            ahead = await self._decide_ahead(decided, writing)
            await asyncio.wait([writing])
            as_decided = writing.exception() is None and writing.result()
            if ahead is not None and (ahead.failure is not None or not as_decided):
                self._put_back(ahead.requests)
                ahead = None
            if not as_decided:
                await self._write_otherwise(decided, writing)
            decided = ahead

    async def _something_waits(self) -> bool:
        """Waits until something does; False if the clerk is to stop instead."""
        while not self._waiting:
            if self._stopping:
                return False
            self._wake.clear()
            await self._wake.wait()
        return True

    async def _let_others_come(self, writing: asyncio.Task[bool] | None = None) -> None:
        """Turns the loop while that brings more: requests that are on their way already share the flush.

        No timer. A request takes some turns from the network to here, so a busy clerk gives them a few in a
        row that bring nothing; one whose last batch held a single command gives one.
        """
        idle = 0
        while idle < self._patience and len(self._waiting) < BATCH_COMMANDS:
            seen = len(self._waiting)
            await asyncio.sleep(0)
            if writing is not None and writing.done():
                return
            idle = idle + 1 if len(self._waiting) == seen else 0

    def _take(self, most: int) -> list[Request]:
        """The oldest that wait, within the bounds of a batch."""
        batch = [self._waiting.popleft()]
        streams = len(batch[0].streams)
        while self._waiting and len(batch) < min(most, BATCH_COMMANDS):
            streams += len(self._waiting[0].streams)
            if streams > BATCH_STREAMS:
                break
            batch.append(self._waiting.popleft())
        self._waiting_streams -= sum(len(request.streams) for request in batch)
        self._patience = min(len(batch), MOST_IDLE_TURNS)
        return batch

    def _put_back(self, requests: Sequence[Request]) -> None:
        """They are the next to be taken."""
        self._waiting.extendleft(reversed(requests))
        self._waiting_streams += sum(len(request.streams) for request in requests)

    async def _is_connected(self, batch: Sequence[Request]) -> bool:
        """Connects anew after a failure. If the database is away, the batch is told so: nothing was tried."""
        try:
            if self._needs_reconnect:
                await self._knowledge.reconnect()
                self._needs_reconnect = False
        except Exception as error:  # noqa: BLE001 - the loop must outlive it
            self._fail(batch, error)
            return False
        return True

    async def _decide_ahead(self, before: Outcome, writing: asyncio.Task[bool]) -> Outcome | None:
        """The next batch, decided on what the one being written will leave, if the loop finds the time."""
        await asyncio.sleep(0)  # the writing begins first
        while not (writing.done() or before.postponed):
            if self._waiting:
                await self._let_others_come(writing)
                if not writing.done():
                    batch = self._take(BATCH_COMMANDS)
                    return await decide(Expectation(self._knowledge, before), batch, self._clock())
            else:
                self._wake.clear()
                await self._wake.wait()
        return None

    async def _write(self, decided: Outcome) -> bool:
        """Makes a decided batch durable and tells its callers; False if the journal has moved."""
        if decided.failure is not None:
            raise decided.failure
        try:
            if decided.entries or decided.accepted:
                landed = await self._append(decided)
            else:
                # A refusal, too, counts only if nothing has happened since that could change it.
                landed = await self._knowledge.is_current()
        except psycopg.errors.UniqueViolation:
            # Another process kept the answer of the same command without moving the head.
            return False
        if landed:
            self._settle(decided)
        return landed

    async def _write_otherwise(self, decided: Outcome, written: asyncio.Task[bool]) -> None:
        """Decides a batch anew that could not be written as it was decided, or tells its callers why not.

        Nothing may be in the air: what is known changes, or is forgotten.
        """
        batch = decided.requests
        try:
            try:
                await written  # raises what went wrong; otherwise the journal has moved
                outcome = await self._handle_under_lock(batch)
            except psycopg.OperationalError as error:
                if error.sqlstate is not None and not error.sqlstate.startswith(CONNECTION_ERRORS):
                    # The server itself said no (a full disk): nothing was committed, nothing to find out.
                    raise
                log.warning("connection_lost", error=str(error))
                outcome = await self._find_out(batch, decided.known)
            self._settle(outcome)
        except Exception as error:  # noqa: BLE001 - the loop must outlive any batch
            # Nothing of it was written, or nobody knows: say so.
            self._fail(batch, error)

    async def _handle_under_lock(self, batch: Sequence[Request]) -> Outcome:
        """Folds what other processes wrote and decides again while nobody can write."""
        async with self._knowledge.held():
            outcome = await decide(self._knowledge, batch, self._clock())
            if outcome.failure is not None:
                raise outcome.failure
            if outcome.entries or outcome.accepted:
                landed = await self._append(outcome)
                assert landed, "the head can't move while we hold its lock"
        return outcome

    async def _find_out(self, batch: Sequence[Request], before: int) -> Outcome:
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

    async def _landed_without_answer(self, batch: Sequence[Request], before: int) -> list[Request]:
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
            known=outcome.known,
            fence=self._knowledge.fence,
            recorded_at=outcome.recorded_at,
            entries=outcome.entries,
            accepted=outcome.accepted,
        )

    def _settle(self, outcome: Outcome) -> None:
        """The batch is durable: its states become what is known, its callers are told."""
        knowledge = self._knowledge
        knowledge.keep(outcome.states, outcome.written_bytes)
        if outcome.entries:
            knowledge.position = outcome.end
            knowledge.recorded_at = outcome.recorded_at
        self._snapshots.add(outcome.snapshots)
        self._put_back(outcome.postponed)
        self._tell_all(outcome.answers)

    def _fail(self, batch: Sequence[Request], error: Exception) -> None:
        log.error("batch_failed", commands=len(batch), exc_info=error)
        self._needs_reconnect = True
        self._tell_all([(request, error) for request in batch])

    def _tell_all(self, answers: Iterable[tuple[Request, Answer | Exception]]) -> None:
        for request, answer in answers:
            self._in_flight.discard(request.origin.command_id)
            self._tell(request, answer)

    @staticmethod
    def _tell(request: Request, answer: Answer | Exception) -> None:
        if request.answer.done():  # its caller has gone away
            return
        if isinstance(answer, Exception):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)
