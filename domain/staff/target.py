"""A target: what a store, somebody, or both are to reach in a time, of all goods, a product or a category."""

import enum
from collections.abc import Iterable
from datetime import date, timedelta
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

MAX_GOAL = 10**15
# A business day is over everywhere at the latest a day after its date is over in UTC.
SETTLING = timedelta(days=1)


class Measure(enum.StrEnum):
    """What is counted, each without what came back."""

    MONEY = "money"
    """Minor units, as customers paid for the goods."""
    UNITS = "units"
    """Of a product or category pieces or grams; of all goods a weighed line is one unit."""
    COUNT = "count"
    """Sales less returns: an exchange, which is both, leaves one."""


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`goal` of `measure` on the business days from `first` to `last`, both included.

    Without `store_id` in all stores, without `employee_id` by everybody. `currency` is that of money.
    """

    first: date
    last: date
    measure: Measure
    goal: int
    currency: str | None = None
    store_id: str | None = None
    employee_id: str | None = None
    sku: str | None = None
    category: str | None = None


class TargetSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The target's next version: from now on this is to be reached."""

    TYPE: ClassVar = "target.set.v1"
    target_id: str
    target: Target


class TargetEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Nobody is held against it any more."""

    TYPE: ClassVar = "target.ended.v1"
    target_id: str


class TargetState(msgspec.Struct, frozen=True, kw_only=True):
    """A target as decisions see it: its last version."""

    target: Target | None = None
    ended: bool = False


def evolve(state: TargetState, event: Event) -> TargetState:
    """The target after `event`."""
    match event:
        case TargetSet():
            return TargetState(target=event.target)
        case TargetEnded():
            return msgspec.structs.replace(state, ended=True)
        case _:
            return state


TARGET = StreamKind("target", TargetState(), evolve)


class TargetOver(Refusal):
    """The target's days are over, or it was ended: it stays as it is."""

    code = "target_over"


def _require_running(state: TargetState, at: Moment) -> None:
    assert state.target is not None
    # The day is moved back: the last day of all has none after it.
    if state.ended or at.recorded_at.date() - SETTLING > state.target.last:
        raise TargetOver(
            "The target is over and stays as it is. Set another.", last=state.target.last.isoformat()
        )


class SetTarget(Command, frozen=True, kw_only=True):
    """Makes a target, or its next version. What it is about stays; only the goal changes."""

    target_id: str
    target: Target
    expected_version: int | None = None

    def streams(self) -> Iterable[str]:
        target = self.target
        about = (("store", target.store_id), ("employee", target.employee_id), ("product", target.sku))
        return (TARGET.stream(self.target_id), *(f"{kind}-{id_}" for kind, id_ in about if id_ is not None))

    def decide(self, states: States, at: Moment) -> Decision:
        stream, *about = self.streams()
        for known in about:
            if known.startswith("employee-"):
                states.require_person(known)
            else:
                states.require_stream(known)
        states.require_version(stream, self.expected_version)
        _check(self.target)
        state = states.of(TARGET, self.target_id)
        done = Done(id=self.target_id)
        if state.target is not None:
            _require_running(state, at)
            if msgspec.structs.replace(state.target, goal=self.target.goal) != self.target:
                raise InvalidCommand(
                    "What a target is about stays: only its goal changes. Set another target.",
                    target_id=self.target_id,
                )
            if state.target == self.target:
                return Decision(events=(), result=done)
        fact = TargetSet(target_id=self.target_id, target=self.target)
        return Decision(events=((stream, fact),), result=done)


class EndTarget(Command, frozen=True, kw_only=True):
    """Ends a target before its days are over. Once more changes nothing."""

    target_id: str
    expected_version: int | None = None

    def streams(self) -> Iterable[str]:
        return (TARGET.stream(self.target_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = TARGET.stream(self.target_id)
        state = states.require(TARGET, self.target_id)
        states.require_version(stream, self.expected_version)
        done = Done(id=self.target_id)
        if state.ended:
            return Decision(events=(), result=done)
        _require_running(state, at)
        return Decision(events=((stream, TargetEnded(target_id=self.target_id)),), result=done)


def _check(target: Target) -> None:
    if target.first > target.last:
        raise InvalidCommand(
            "A target's last day is its first or later.", first=str(target.first), last=str(target.last)
        )
    if not 0 < target.goal <= MAX_GOAL:
        raise InvalidCommand(f"goal is from 1 to {MAX_GOAL}.", goal=target.goal)
    if (target.measure is Measure.MONEY) != (target.currency is not None):
        raise InvalidCommand("A target of money has a currency, and no other has.", currency=target.currency)
    if target.sku is not None and target.category is not None:
        raise InvalidCommand("A target is of a product or of a category.", sku=target.sku)
    if target.measure is Measure.COUNT and (target.sku is not None or target.category is not None):
        raise InvalidCommand("Sales are counted of all goods. Of some, set units or money.")
