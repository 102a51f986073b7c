"""Who belongs to a segment as of a day: who entered and left is written down once, come what may."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.customers.customer import CUSTOMER, SegmentEntered, SegmentLeft
from domain.customers.measures import Seen
from domain.customers.segment import SEGMENT, SegmentEvaluated
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States

MAX_MOVES = 500


class Move(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A customer who `enters` the segment, or else leaves it, and why."""

    customer_id: str
    enters: bool
    reason: tuple[Seen, ...] = ()


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: how many entered and left by this command."""

    entered: int
    left: int


class MoveMembers(Command, frozen=True, kw_only=True):
    """Has customers enter and leave a segment as of a day.

    Whoever is where they belong already is passed over, and so is whoever was forgotten: the others move.
    What was worked out by an older version, or for a day before the last evaluation, moves nobody.
    """

    RESULT: ClassVar = Moved

    segment_id: str
    version: int
    as_of: date
    moves: tuple[Move, ...]

    def streams(self) -> Iterable[str]:
        yield SEGMENT.stream(self.segment_id)
        for move in self.moves:
            yield CUSTOMER.stream(move.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        segment = states.require(SEGMENT, self.segment_id)
        if len(self.moves) > MAX_MOVES:
            raise InvalidCommand(f"Move up to {MAX_MOVES} customers at a time.", moves=len(self.moves))
        require_past(self.as_of, at)
        if segment.is_over(self.version, self.as_of):
            return Decision(events=(), result=Moved(entered=0, left=0))
        # The last word about a customer counts.
        moves = {move.customer_id: move for move in self.moves}.values()
        facts = tuple(
            (CUSTOMER.stream(move.customer_id), self._fact(move))
            for move in moves
            if self._moves(states, move)
        )
        entered = sum(isinstance(event, SegmentEntered) for _, event in facts)
        return Decision(events=facts, result=Moved(entered=entered, left=len(facts) - entered))

    def _moves(self, states: States, move: Move) -> bool:
        customer = states.of(CUSTOMER, move.customer_id)
        known = states.version(CUSTOMER.stream(move.customer_id)) > 0 and not customer.erased
        return known and (self.segment_id in customer.entered) != move.enters

    def _fact(self, move: Move) -> SegmentEntered | SegmentLeft:
        kind = SegmentEntered if move.enters else SegmentLeft
        return kind(
            customer_id=move.customer_id,
            segment_id=self.segment_id,
            version=self.version,
            as_of=self.as_of,
            reason=move.reason,
        )


class FinishEvaluation(Command, frozen=True, kw_only=True):
    """Notes that all moves as of the day are written down, once for a version and a day."""

    segment_id: str
    version: int
    as_of: date
    members: int

    def streams(self) -> tuple[str, ...]:
        return (SEGMENT.stream(self.segment_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        segment = states.require(SEGMENT, self.segment_id)
        require_past(self.as_of, at)
        done, result = segment.evaluated, Done(id=self.segment_id)
        again = done is not None and (done.version, done.as_of) == (self.version, self.as_of)
        if again or segment.is_over(self.version, self.as_of):
            return Decision(events=(), result=result)
        evaluated = SegmentEvaluated(
            segment_id=self.segment_id, version=self.version, as_of=self.as_of, members=self.members
        )
        return Decision(events=((SEGMENT.stream(self.segment_id), evaluated),), result=result)


def require_past(as_of: date, at: Moment) -> None:
    """InvalidCommand for a day to come: it would keep all days before it from being evaluated."""
    if as_of > at.recorded_at.date():
        raise InvalidCommand("as_of is a day that is over.", as_of=as_of.isoformat())
