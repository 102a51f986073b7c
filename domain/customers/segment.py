"""A segment that is worked out: its definition in versions, and as of which day it was worked out last."""

from datetime import date
from typing import ClassVar

import msgspec

from domain.customers.measures import PERMILLE
from domain.customers.rfm import MOST, Part, require_cuts
from domain.customers.rules import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MONEY,
    Between,
    BirthdayMonth,
    Condition,
    Definition,
    InStage,
    InTier,
    Scored,
    Taste,
    conditions_of,
    depth_of,
    is_empty,
)
from domain.customers.words import is_few_words
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version

MAX_DAYS = 36_500


class SegmentDefined(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From its next evaluation on the segment has the members that this says."""

    TYPE: ClassVar = "segment.defined.v1"
    segment_id: str
    definition: Definition


class SegmentEvaluated(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Who entered and who left as of the day's end is written down; so many belong to it."""

    TYPE: ClassVar = "segment.evaluated.v1"
    segment_id: str
    version: int
    as_of: date
    members: int


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """By which version, and as of which day."""

    version: int
    as_of: date


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The definition of today with its version, counted from 1, and the last evaluation."""

    definition: Definition | None = None
    version: int = 0
    evaluated: Evaluated | None = None

    def is_over(self, version: int, as_of: date) -> bool:
        """Whether an evaluation comes too late: of an older version, or of a day before the last."""
        return version != self.version or (self.evaluated is not None and as_of < self.evaluated.as_of)


def evolve(state: Segment, event: Event) -> Segment:
    """The segment after `event`."""
    match event:
        case SegmentDefined():
            return Segment(definition=event.definition, version=state.version + 1, evaluated=state.evaluated)
        case SegmentEvaluated():
            evaluated = Evaluated(version=event.version, as_of=event.as_of)
            return msgspec.structs.replace(state, evaluated=evaluated)
        case _:
            return state


SEGMENT = StreamKind("segment", Segment(), evolve)


class SegmentVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class DefineSegment(Command, frozen=True, kw_only=True):
    """Makes a segment, or its next version. What it was named by before stays: offers and lists name it."""

    RESULT: ClassVar = SegmentVersion

    segment_id: str
    definition: Definition
    expected: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (SEGMENT.stream(self.segment_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        segment = states.of(SEGMENT, self.segment_id)
        require_version(segment.version, self.expected)
        if not is_few_words(self.segment_id):
            raise InvalidCommand(
                "A segment is one to four lower-case words joined by - or _, as regular-guests.",
                segment=self.segment_id,
            )
        _check(self.definition)
        if segment.definition == self.definition:
            return Decision(events=(), result=SegmentVersion(version=segment.version))
        defined = SegmentDefined(segment_id=self.segment_id, definition=self.definition)
        return Decision(
            events=((SEGMENT.stream(self.segment_id), defined),),
            result=SegmentVersion(version=segment.version + 1),
        )


def _check(definition: Definition) -> None:
    conditions = list(conditions_of(definition.rule))
    if not 0 < len(conditions) <= MAX_CONDITIONS or depth_of(definition.rule) > MAX_DEPTH:
        raise InvalidCommand(
            f"A rule has 1 to {MAX_CONDITIONS} conditions and is up to {MAX_DEPTH} deep.",
            conditions=len(conditions),
        )
    if is_empty(definition.rule):
        raise InvalidCommand("all and any are of one rule or more.")
    if definition.window_days is not None and not 0 < definition.window_days <= MAX_DAYS:
        raise InvalidCommand(
            f"window_days is from 1 to {MAX_DAYS}, or left out.", window_days=definition.window_days
        )
    if definition.rfm is not None:
        require_cuts(definition.rfm)
    _check_stages(definition)
    for condition in conditions:
        _check_condition(condition, definition)


def _check_stages(definition: Definition) -> None:
    rules = definition.stages
    for name in ("new_days", "usual_days", "least_days"):
        if not 0 < getattr(rules, name) <= MAX_DAYS:
            raise InvalidCommand(f"{name} is from 1 to {MAX_DAYS}.", **{name: getattr(rules, name)})
    if not 0 < rules.dormant_permille < rules.lost_permille <= MAX_DAYS * PERMILLE:
        raise InvalidCommand(
            "Who is lost has been away for longer than who is dormant.",
            dormant_permille=rules.dormant_permille,
            lost_permille=rules.lost_permille,
        )


def _check_condition(condition: Condition, definition: Definition) -> None:
    match condition:
        case Between():
            _check_bounds(condition.measure.value, condition.at_least, condition.at_most)
        case Scored():
            _check_bounds(condition.part.value, condition.at_least, condition.at_most)
            if definition.rfm is None:
                raise InvalidCommand("Give the cut points of the scores in rfm.", part=condition.part.value)
        case InStage():
            if not condition.stages:
                raise InvalidCommand("Name a stage.")
        case InTier():
            if not condition.tiers:
                raise InvalidCommand("Name a tier; '' is the lowest.")
        case Taste():
            if not 0 < condition.at_least_permille <= PERMILLE:
                raise InvalidCommand(
                    f"at_least_permille is from 1 to {PERMILLE}.",
                    at_least_permille=condition.at_least_permille,
                )
        case BirthdayMonth():
            pass
    if definition.currency is None and _is_money(condition):
        raise InvalidCommand("Name the currency: amounts of different ones are never added.")


def _check_bounds(name: str, at_least: int | None, at_most: int | None) -> None:
    if at_least is None and at_most is None:
        raise InvalidCommand("Give at_least, at_most or both.", measure=name)
    low, high = (-MOST if at_least is None else at_least), (MOST if at_most is None else at_most)
    if not -MOST <= low <= high <= MOST:
        raise InvalidCommand(
            "at_least is not above at_most.", measure=name, at_least=at_least, at_most=at_most
        )


def _is_money(condition: Condition) -> bool:
    match condition:
        case Between():
            return condition.measure in MONEY
        case Scored():
            return condition.part is Part.MONETARY
        case _:
            return isinstance(condition, Taste)
