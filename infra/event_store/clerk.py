"""The clerk: takes every command that waits, decides them in memory, appends once, answers each caller.

One clerk per tenant and process. What it knows of the journal is exact up to a position (`known`). If the
head is still there when the batch is appended, every decision saw every earlier one; if not, another process
wrote in between: the clerk takes the head lock, folds that tail into its states and decides again under the
lock, where nothing can move. (Architecture, "Writing".)
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import structlog

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.event import Envelope
from domain.kernel.stream import States, Versioned
from infra.event_store.journal import AcceptedCommand, Connection, Journal, NewEntry
from infra.event_store.state_cache import StateCache

BATCH_COMMANDS = 256
BATCH_BYTES = 4_000_000
QUEUE_COMMANDS = 4_096
CACHE_BYTES = 24_000_000
TAIL_ENTRY_BYTES = 500
"""The usual size of an event, as the weight of a state that was brought up to date from the tail."""
TAIL_LIMIT = 10_000
"""Further behind than this, forgetting the states and reading those needed again is cheaper than the tail."""
FIND_OUT_LIMIT_S = 5.0
RECONNECT_PAUSE_S = 0.1

log = structlog.get_logger(__name__)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a command comes from; it becomes the envelope of its events.

    `fingerprint` is a keyed hash of the request and set where a repeat is to be recognised: the command's id
    and answer are then kept. `occurred_at` None means now.
    """

    command_id: str
    actor: str
    channel: str
    terminal: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    occurred_at: datetime | None = None
    fingerprint: bytes | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a command led to: the position of its last event (or the head's) and the decision's result."""

    position: int
    result: Any
    replayed: bool = False


class CommandReused(Refusal):
    """The key was used before for another request."""

    code = "idempotency_key_reused"


class CommandInFlight(Refusal):
    """The same command is being decided right now; ask again for its answer."""

    code = "command_in_flight"


class QueueFull(Exception):
    """More commands wait than the clerk will hold. Try again a little later."""


class DecisionFailed(Exception):
    """A bug of ours in the rules for this command; the cause says which. Nothing of it was written."""


class OutcomeUnknown(Exception):
    """The connection was lost at commit and the journal could not be asked in time.

    The same request with the same key resolves it.
    """


class _Request(msgspec.Struct, frozen=True, kw_only=True):
    command: Command
    origin: Origin
    answer: "asyncio.Future[Answer]"


class _Outcome:
    """One way a batch may end: what would be written and what each caller would be told."""

    def __init__(self, recorded_at: datetime) -> None:
        self.recorded_at = recorded_at
        self.entries: list[NewEntry] = []
        self.accepted: list[AcceptedCommand] = []
        self.answers: list[tuple[_Request, Answer | Refusal | DecisionFailed]] = []
        self.postponed: list[_Request] = []
        self.states: dict[str, Versioned] = {}
        self.weights: dict[str, int] = {}
        self.snapshots: dict[str, Versioned] = {}
        self.bytes = 0


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
        self._journal = journal
        self._connect = connect
        self._clock = clock
        self._connection: Connection | None = None
        self._waiting: deque[_Request] = deque()
        self._in_flight: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._cache = StateCache(CACHE_BYTES)
        self._needs_reconnect = False
        self._stopping = False
        self._known = 0
        self._recorded_at: datetime | None = None
        self._due_snapshots: dict[str, Versioned] = {}

    async def start(self) -> None:
        """Connects, learns where the journal ends, and begins to serve the queue."""
        await self._reconnect()
        self._task = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        """Finishes what waits, then closes the connection."""
        if self._task is None:
            return
        self._stopping = True
        self._wake.set()
        await self._task
        self._task = None
        if self._connection is not None:
            await self._connection.close()

    def submit(self, command: Command, origin: Origin) -> "asyncio.Future[Answer]":
        """Queues a command and returns its answer to come.

        The future raises the decision's Refusal, DecisionFailed, OutcomeUnknown, or psycopg.OperationalError
        where the database is away and nothing was tried. Raises at once: QueueFull (also while stopping),
        CommandInFlight.
        """
        if self._stopping or len(self._waiting) >= QUEUE_COMMANDS:
            raise QueueFull
        if origin.command_id in self._in_flight:
            raise CommandInFlight("The same request is being worked on. Ask again in a moment.")
        self._in_flight.add(origin.command_id)
        request = _Request(command=command, origin=origin, answer=asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._wake.set()
        return request.answer

    async def _serve(self) -> None:
        while True:
            if not self._waiting:
                await self._write_snapshots()
            while not self._waiting:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_COMMANDS))]
            try:
                outcome = await self._handle(batch)
            except Exception as error:
                # The loop must outlive any batch. Nothing of this one was written, or nobody knows: say so.
                log.exception("batch_failed", commands=len(batch))
                self._needs_reconnect = True
                answers: list[tuple[_Request, Answer | Exception]] = [(request, error) for request in batch]
            else:
                answers = [*outcome.answers]
            for request, answer in answers:
                self._in_flight.discard(request.origin.command_id)
                self._tell(request, answer)

    async def _handle(self, batch: list[_Request]) -> _Outcome:
        """Decides and appends a batch: on what is known, or under the lock if the journal has moved."""
        if self._needs_reconnect:
            await self._reconnect()
        before = self._known
        try:
            try:
                return await self._decide_and_append(batch) or await self._handle_under_lock(batch)
            except psycopg.errors.UniqueViolation:
                # Another process kept the answer of the same command without moving the head.
                return await self._handle_under_lock(batch)
        except psycopg.OperationalError as error:
            log.warning("connection_lost", error=str(error))
            return await self._find_out(batch, before)

    async def _decide_and_append(self, batch: list[_Request]) -> _Outcome | None:
        """Decides on what is known and appends if the journal is still there; None if it has moved."""
        outcome = await self._decide(batch)
        if outcome.entries or outcome.accepted:
            if not await self._append(outcome):
                return None
        elif (await self._journal.head(self._connected())).position != self._known:
            # A refusal, too, counts only if nothing has happened since that could change it.
            return None
        self._settle(outcome)
        return outcome

    async def _handle_under_lock(self, batch: list[_Request]) -> _Outcome:
        """Folds what other processes wrote and decides again while nobody can write."""
        async with self._connected().transaction():
            await self._catch_up()
            outcome = await self._decide(batch)
            if outcome.entries or outcome.accepted:
                landed = await self._append(outcome)
                assert landed, "the head can't move while we hold its lock"
        self._settle(outcome)
        return outcome

    async def _find_out(self, batch: list[_Request], before: int) -> _Outcome:
        """After a lost connection: did the batch land? The head lock and the journal itself tell.

        The lock waits for a backend that may still be committing. Commands with a kept answer that landed are
        then found among the accepted ones; the rest of the batch is decided anew.
        """
        try:
            async with asyncio.timeout(FIND_OUT_LIMIT_S):
                while True:
                    try:
                        await self._reconnect()
                        await self._stop_if_landed_without_answer(batch, before)
                        return await self._handle_under_lock(batch)
                    except psycopg.OperationalError:
                        await asyncio.sleep(RECONNECT_PAUSE_S)
        except TimeoutError:
            raise OutcomeUnknown("The database could not be reached to learn the outcome.") from None

    async def _stop_if_landed_without_answer(self, batch: list[_Request], before: int) -> None:
        """A command that kept no answer must not be decided twice: if the batch landed, OutcomeUnknown."""
        connection = self._connected()
        async with connection.transaction():
            await self._journal.head(connection, lock=True)
            landed: set[str] = set()
            while written := await self._journal.read_page(connection, before, TAIL_LIMIT):
                landed.update(entry.command_id for entry in written)
                before = written[-1].position
        if any(r.origin.fingerprint is None and r.origin.command_id in landed for r in batch):
            raise OutcomeUnknown("The change was recorded, but its answer was lost. Read it back.")

    async def _catch_up(self) -> None:
        """Takes the head lock and brings the cached states up to the journal's end."""
        connection = self._connected()
        head = await self._journal.head(connection, lock=True)
        if head.position - self._known > TAIL_LIMIT:
            self._cache.clear()
        elif head.position > self._known:
            for entry in await self._journal.read_page(connection, self._known, TAIL_LIMIT):
                state = self._cache.get(entry.stream)
                if state is not None and state.version + 1 == entry.version:
                    evolved = self._journal.states.evolve(entry.stream, state, entry.data)
                    self._cache.put(entry.stream, evolved, TAIL_ENTRY_BYTES)
        self._known, self._recorded_at = head.position, head.recorded_at

    async def _earlier(self, batch: Sequence[_Request]) -> dict[str, AcceptedCommand]:
        keyed = [request.origin.command_id for request in batch if request.origin.fingerprint is not None]
        return await self._journal.read_commands(self._connected(), keyed) if keyed else {}

    async def _load(self, streams: Iterable[str]) -> None:
        """Brings the streams into the cache, in one read."""
        if missing := self._cache.missing(streams):
            # A state may be newer than `known` here; its version says so when the tail is folded.
            read = await self._journal.read_states(self._connected(), missing)
            for stream, (state, weight_bytes) in read.items():
                self._cache.put(stream, state, weight_bytes)

    async def _load_linked(self, batch: Sequence[_Request], outcome: _Outcome) -> None:
        """Brings in the streams that are known only from the states of others, until none is new."""
        view = States(_Layers(outcome.states, self._cache))
        while missing := {
            stream
            for request in batch
            for stream in request.command.linked(view)
            if stream not in self._cache
        }:
            await self._load(missing)

    async def _decide(self, batch: Sequence[_Request]) -> _Outcome:
        """Decides in order, each seeing the effects of the ones before it.

        Stops at BATCH_BYTES; what is left goes back to the head of the queue.
        """
        earlier = await self._earlier(batch)
        fresh = [request for request in batch if request.origin.command_id not in earlier]
        await self._load(stream for request in fresh for stream in request.command.streams())
        now = self._clock()
        outcome = _Outcome(now if self._recorded_at is None else max(now, self._recorded_at))
        await self._load_linked(fresh, outcome)
        view = States(_Layers(outcome.states, self._cache))
        for index, request in enumerate(batch):
            if outcome.bytes > BATCH_BYTES:
                outcome.postponed = list(batch[index:])
                break
            kept = earlier.get(request.origin.command_id)
            try:
                if kept is not None:
                    answer = _repeat(request, kept)
                else:
                    # A command before this one in the batch may have made a link that was not there above.
                    if outcome.entries:
                        await self._load_linked((request,), outcome)
                    answer = self._decide_one(request, view, outcome)
            except (Refusal, DecisionFailed) as refusal:
                outcome.answers.append((request, refusal))
            else:
                outcome.answers.append((request, answer))
        return outcome

    def _decide_one(self, request: _Request, view: States, outcome: _Outcome) -> Answer:
        origin = request.origin
        # In UTC, whatever offset the till wrote: readers take local time from the event's own offset.
        occurred_at = (origin.occurred_at or outcome.recorded_at).astimezone(UTC)
        try:
            decision = request.command.decide(
                view, Moment(occurred_at=occurred_at, recorded_at=outcome.recorded_at)
            )
        except Refusal:
            raise
        except Exception as error:
            # Its neighbours in the batch are other people's sales.
            log.exception("decision_failed", command=type(request.command).__name__)
            raise DecisionFailed(type(request.command).__name__) from error
        envelope = Envelope(
            occurred_at=occurred_at,
            recorded_at=outcome.recorded_at,
            actor=origin.actor,
            channel=origin.channel,
            terminal=origin.terminal,
            command_id=origin.command_id,
            correlation_id=origin.correlation_id or origin.command_id,
            causation_id=origin.causation_id,
        )
        self._write_down(outcome, envelope, decision)
        answer = Answer(position=self._known + len(outcome.entries), result=decision.result)
        if origin.fingerprint is not None:
            outcome.accepted.append(
                AcceptedCommand(
                    command_id=origin.command_id,
                    fingerprint=origin.fingerprint,
                    position=answer.position,
                    result=msgspec.json.encode(decision.result),
                )
            )
        return answer

    def _write_down(self, outcome: _Outcome, envelope: Envelope, decision: Decision) -> None:
        """Adds the decision's events to the batch and folds them into its states."""
        states = self._journal.states
        encoded = self._journal.codec.encode(envelope, [event for _, event in decision.events])
        for (stream, event), state in zip(decision.events, encoded, strict=True):
            before = outcome.states.get(stream) or self._cache[stream]
            kind = states.kind_of(stream)
            after = Versioned(kind.evolve(before.state, event), before.version + 1)
            outcome.states[stream] = after
            outcome.weights[stream] = len(state)
            outcome.bytes += len(state)
            outcome.entries.append(
                NewEntry(stream=stream, version=after.version, type=event.TYPE, state=state)
            )
            if kind.snapshot_every is not None and after.version % kind.snapshot_every == 0:
                outcome.snapshots[stream] = after

    async def _append(self, outcome: _Outcome) -> bool:
        return await self._journal.append(
            self._connected(),
            known=self._known,
            recorded_at=outcome.recorded_at,
            entries=outcome.entries,
            accepted=outcome.accepted,
        )

    def _settle(self, outcome: _Outcome) -> None:
        """The batch is durable: its states become what is known."""
        for stream, state in outcome.states.items():
            self._cache.put(stream, state, outcome.weights[stream])
        if outcome.entries:
            self._known += len(outcome.entries)
            self._recorded_at = outcome.recorded_at
        self._due_snapshots.update(outcome.snapshots)
        self._waiting.extendleft(reversed(outcome.postponed))
        self._cache.shrink()

    async def _write_snapshots(self) -> None:
        """When nothing waits: keeps the states that have come far enough. Losing one costs only time."""
        if not self._due_snapshots:
            return
        due, self._due_snapshots = self._due_snapshots, {}
        try:
            await self._journal.write_snapshots(self._connected(), due)
        except psycopg.Error as error:
            log.warning("snapshots_not_written", error=str(error), streams=len(due))

    def _connected(self) -> Connection:
        assert self._connection is not None, "start() connects"
        return self._connection

    async def _reconnect(self) -> None:
        """A new connection; what was known may not be so any more and is forgotten."""
        if self._connection is not None:
            await self._connection.close()
        self._connection = await self._connect()
        self._needs_reconnect = False
        self._cache.clear()
        head = await self._journal.head(self._connected())
        self._known, self._recorded_at = head.position, head.recorded_at

    @staticmethod
    def _tell(request: _Request, answer: Answer | Exception) -> None:
        if request.answer.done():  # its caller has gone away
            return
        if isinstance(answer, Exception):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)


class _Layers(Mapping[str, Versioned]):
    """What the batch has changed so far, over what is known."""

    def __init__(self, changed: dict[str, Versioned], known: StateCache) -> None:
        self._changed = changed
        self._known = known

    def __getitem__(self, stream: str) -> Versioned:
        return self._changed.get(stream) or self._known[stream]

    def __iter__(self) -> Iterator[str]:
        return iter(self._changed)

    def __len__(self) -> int:
        return len(self._changed)


def _repeat(request: _Request, kept: AcceptedCommand) -> Answer:
    """The first answer of an accepted command, or CommandReused if this is another request."""
    if kept.fingerprint != request.origin.fingerprint:
        raise CommandReused("The key was used for another request. Use a new key for a new request.")
    result = msgspec.json.decode(kept.result, type=request.command.RESULT)
    return Answer(position=kept.position, result=result, replayed=True)
