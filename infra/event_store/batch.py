"""Deciding a batch: in order, each command seeing the effects of the ones before it, nothing written yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import psycopg
import structlog

from domain.book import AMENDMENTS
from domain.kernel.amending import Facts, amended
from domain.kernel.command import Moment
from domain.kernel.errors import Refusal
from domain.kernel.event import Envelope
from domain.kernel.stream import States, Versioned
from infra.event_store.journal import AcceptedCommand, Journal, NewEntry
from infra.event_store.knowledge import Knowledge
from infra.event_store.submission import Answer, CommandReused, DecisionFailed, OutcomeUnknown, Request

BATCH_BYTES = 4_000_000

log = structlog.get_logger(__name__)


class Outcome:
    """One way a batch may end: what would be written and what each caller would be told.

    It counts only if the journal ends at position `known` when it is written. `states` are those that the
    batch looked at, with its own effects; `written_bytes` says by stream how much it would write there.
    `failure` is why it could not be decided at all.
    """

    def __init__(self, requests: Sequence[Request], known: int, recorded_at: datetime) -> None:
        self.requests = requests
        self.known = known
        self.recorded_at = recorded_at
        self.failure: Exception | None = None
        self.entries: list[NewEntry] = []
        self.accepted: list[AcceptedCommand] = []
        self.answers: list[tuple[Request, Answer | Refusal | DecisionFailed | OutcomeUnknown]] = []
        self.postponed: list[Request] = []
        self.states: dict[str, Versioned] = {}
        self.written_bytes: dict[str, int] = {}
        self.snapshots: dict[str, Versioned] = {}
        self.bytes = 0

    @property
    def end(self) -> int:
        """Where the journal would end."""
        return self.known + len(self.entries)


class Expectation:
    """What will be known when a batch that is being written has landed: the next one is decided on it."""

    def __init__(self, knowledge: Knowledge, outcome: Outcome) -> None:
        self.journal = knowledge.journal
        self.position = outcome.end
        self.recorded_at = outcome.recorded_at
        self._knowledge = knowledge
        self._written = {stream: outcome.states[stream] for stream in outcome.written_bytes}

    async def bring_in(
        self, streams: Iterable[str], into: dict[str, Versioned], command_ids: Sequence[str] = ()
    ) -> Mapping[str, AcceptedCommand]:
        """As Knowledge does, where the batch has written nothing."""
        others: list[str] = []
        for stream in streams:
            if (written := self._written.get(stream)) is None:
                others.append(stream)
            else:
                into.setdefault(stream, written)
        return await self._knowledge.bring_in(others, into, command_ids)


async def decide(knowledge: Knowledge | Expectation, batch: Sequence[Request], now: datetime) -> Outcome:
    """Decides the batch on what is known.

    A refusal, and a bug of ours, concerns its own command alone. Stops at BATCH_BYTES and postpones the rest.
    Where even reading failed, the outcome says why and is of no other use.
    """
    recorded_at = now if knowledge.recorded_at is None else max(now, knowledge.recorded_at)
    outcome = Outcome(batch, knowledge.position, recorded_at)
    try:
        await _decide_all(knowledge, batch, outcome)
    except Exception as error:  # noqa: BLE001 - the clerk asks for it
        outcome.failure = error
    return outcome


async def _decide_all(knowledge: Knowledge | Expectation, batch: Sequence[Request], outcome: Outcome) -> None:
    view = States(outcome.states)
    keyed = [request.origin.command_id for request in batch if request.origin.fingerprint is not None]
    streams = (stream for request in batch for stream in request.streams)
    earlier = await knowledge.bring_in(streams, outcome.states, keyed)
    fresh = [request for request in batch if request.origin.command_id not in earlier]
    await _bring_in_linked(knowledge, fresh, view, outcome)
    for index, request in enumerate(batch):
        if outcome.bytes > BATCH_BYTES:
            outcome.postponed = list(batch[index:])
            break
        kept = earlier.get(request.origin.command_id)
        try:
            if kept is not None:
                answer = _repeat(request, kept)
            else:
                if outcome.entries:
                    # A command before this one in the batch may have made a link that was not there above.
                    await _bring_in_linked(knowledge, (request,), view, outcome)
                answer = _decide_one(knowledge.journal, request, view, outcome)
        except Refusal as refusal:
            outcome.answers.append((request, refusal))
        except psycopg.Error:
            raise
        except Exception as error:
            # A bug of ours: its neighbours in the batch are other people's sales.
            log.exception(
                "decision_failed",
                command=type(request.command).__name__,
                request_id=request.origin.correlation_id,
            )
            failed = DecisionFailed(type(request.command).__name__)
            failed.__cause__ = error
            outcome.answers.append((request, failed))
        else:
            outcome.answers.append((request, answer))


async def _bring_in_linked(
    knowledge: Knowledge | Expectation, batch: Sequence[Request], view: States, outcome: Outcome
) -> None:
    """Brings in the streams that are known only from the states of others, until none is new."""
    asking: Iterable[Request] = batch
    while asking:
        missing: list[str] = []
        unsure: list[Request] = []
        for request in asking:
            before = len(missing)
            missing += [stream for stream in request.command.linked(view) if stream not in outcome.states]
            if len(missing) > before:
                unsure.append(request)
        if missing:
            await knowledge.bring_in(missing, outcome.states)
        asking = unsure


def _decide_one(journal: Journal, request: Request, view: States, outcome: Outcome) -> Answer:
    origin = request.origin
    # In UTC, whatever offset the till wrote: readers take local time from the event's own offset.
    occurred_at = (origin.occurred_at or outcome.recorded_at).astimezone(UTC)
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
    moment = Moment(occurred_at=occurred_at, recorded_at=outcome.recorded_at)
    decision = request.command.decide(view, moment)
    facts = amended(decision.events, outcome.states, moment, AMENDMENTS)
    # Everything that can fail comes before the first change to the outcome.
    encoded = journal.codec.encode(envelope, [event for _, event in facts])
    result = b"" if origin.fingerprint is None else msgspec.json.encode(decision.result)
    _write_down(journal, outcome, facts, encoded)
    position = outcome.end
    if origin.fingerprint is not None:
        outcome.accepted.append(
            AcceptedCommand(
                command_id=origin.command_id,
                fingerprint=origin.fingerprint,
                position=position,
                result=result,
            )
        )
    return Answer(position=position, result=decision.result)


def _write_down(journal: Journal, outcome: Outcome, facts: Facts, encoded: Sequence[bytes]) -> None:
    """Adds a decision's events to the batch and folds them into its states."""
    kind_of = journal.states.kind_of
    states, written_bytes = outcome.states, outcome.written_bytes
    for (stream, event), state in zip(facts, encoded, strict=True):
        before, kind = states[stream], kind_of(stream)
        after = states[stream] = Versioned(kind.evolve(before.state, event), before.version + 1)
        written_bytes[stream] = written_bytes.get(stream, 0) + len(state)
        outcome.bytes += len(state)
        outcome.entries.append(NewEntry(stream=stream, version=after.version, type=event.TYPE, state=state))
        if kind.snapshot_every is not None and after.version % kind.snapshot_every == 0:
            outcome.snapshots[stream] = after


def _repeat(request: Request, kept: AcceptedCommand) -> Answer:
    """The first answer of an accepted command, or CommandReused if this is another request."""
    if kept.fingerprint != request.origin.fingerprint:
        raise CommandReused("The key was used for another request. Use a new key for a new request.")
    result = msgspec.json.decode(kept.result, type=request.command.RESULT)
    return Answer(position=kept.position, result=result, replayed=True)
