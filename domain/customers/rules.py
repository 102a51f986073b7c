"""The rules of segments, as data: all, any and not, over conditions on what is measured of a customer."""

import enum
from collections.abc import Callable, Iterator, Sequence
from math import inf
from operator import attrgetter
from typing import assert_never

import msgspec

from domain.customers.measures import Measures, Seen, Stage, StageRules, stage_of, taste_permille
from domain.customers.rfm import Part, RfmCuts, score_of

Test = Callable[[Measures], bool]
Value = Callable[[Measures], int | None]

MAX_CONDITIONS = 50
MAX_DEPTH = 6


class Measure(enum.StrEnum):
    """What has thresholds. Money is in minor units of the definition's currency."""

    PURCHASES = "purchases"
    PURCHASE_DAYS = "purchase_days"
    RETURNS = "returns"
    SPEND_MINOR = "spend_minor"
    AVERAGE_MINOR = "average_minor"
    DAYS_SINCE_FIRST = "days_since_first"
    DAYS_SINCE_LAST = "days_since_last"
    INTERVAL_DAYS = "interval_days"


MONEY = frozenset({Measure.SPEND_MINOR, Measure.AVERAGE_MINOR})


class All(msgspec.Struct, frozen=True, kw_only=True, tag="all", tag_field="kind"):
    """Every one of these holds."""

    of: "tuple[Rule, ...]"


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, tag="any", tag_field="kind"):
    """At least one of these holds."""

    of: "tuple[Rule, ...]"


class Not(msgspec.Struct, frozen=True, kw_only=True, tag="not", tag_field="kind"):
    """This does not hold."""

    of: "Rule"


class Between(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="measure", tag_field="kind"):
    """A measure is within bounds, both included. One that there is none of is within no bounds.

    A value band is the spend between its two ends.
    """

    measure: Measure
    at_least: int | None = None
    at_most: int | None = None


class Scored(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="score", tag_field="kind"):
    """An RFM score is within bounds, both included."""

    part: Part
    at_least: int | None = None
    at_most: int | None = None


class InStage(msgspec.Struct, frozen=True, kw_only=True, tag="stage", tag_field="kind"):
    """The customer is in one of these stages."""

    stages: tuple[Stage, ...]


class InTier(msgspec.Struct, frozen=True, kw_only=True, tag="tier", tag_field="kind"):
    """The customer is in one of these tiers of the loyalty programme; '' is the lowest."""

    tiers: tuple[str, ...]


class BirthdayMonth(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="birthday", tag_field="kind"):
    """The customer's birthday is in the month of the date."""


class Taste(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="taste", tag_field="kind"):
    """So many thousandths or more of the goods bought were of the category."""

    category: str
    at_least_permille: int


Condition = Between | Scored | InStage | InTier | BirthdayMonth | Taste
Rule = All | AnyOf | Not | Between | Scored | InStage | InTier | BirthdayMonth | Taste


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a segment. One that is not `active` has no members.

    Purchases, returns, money and taste are those of `window_days` up to the date, or all there were. Stage,
    recency and interval are of all purchases ever.
    """

    rule: Rule
    currency: str | None = None
    window_days: int | None = None
    rfm: RfmCuts | None = None
    stages: StageRules = StageRules()
    active: bool = True


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """The conditions, in the order in which they stand."""
    match rule:
        case All() | AnyOf():
            for each in rule.of:
                yield from conditions_of(each)
        case Not():
            yield from conditions_of(rule.of)
        case _:
            yield rule


def is_empty(rule: Rule) -> bool:
    """Whether there is an all or an any of nothing in it."""
    match rule:
        case All() | AnyOf():
            return not rule.of or any(map(is_empty, rule.of))
        case Not():
            return is_empty(rule.of)
        case _:
            return False


def depth_of(rule: Rule) -> int:
    """How many rules stand inside one another; a condition alone is 1."""
    match rule:
        case All() | AnyOf():
            return 1 + max(map(depth_of, rule.of), default=0)
        case Not():
            return 1 + depth_of(rule.of)
        case _:
            return 1


def belongs(definition: Definition, measures: Measures) -> bool:
    """Whether a customer of whom this was measured is in the segment."""
    return asked_by(definition)(measures)


def asked_by(definition: Definition) -> Test:
    """The definition as a function: made once, it is asked of a million customers."""
    return _test(definition.rule, definition) if definition.active else _nobody


def _nobody(_measures: Measures) -> bool:
    return False


def _test(rule: Rule, definition: Definition) -> Test:
    match rule:
        case All():
            return _every([_test(each, definition) for each in rule.of])
        case AnyOf():
            return _some([_test(each, definition) for each in rule.of])
        case Not():
            inner = _test(rule.of, definition)
            return lambda measures: not inner(measures)
        case Between():
            return _within(attrgetter(rule.measure.value), rule.at_least, rule.at_most)
        case Scored():
            return _within(_score(rule, definition), rule.at_least, rule.at_most)
        case InStage():
            stages, rules = frozenset(rule.stages), definition.stages
            return lambda measures: stage_of(measures, rules) in stages
        case InTier():
            tiers = frozenset(rule.tiers)
            return lambda measures: (measures.tier or "") in tiers
        case BirthdayMonth():
            return attrgetter("birthday")
        case Taste(category=category):
            return _within(lambda measures: taste_permille(measures, category), rule.at_least_permille, None)
        case _:
            assert_never(rule)


def _every(tests: Sequence[Test]) -> Test:
    def every(measures: Measures) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would take longer than the tests
            if not test(measures):
                return False
        return True

    return every


def _some(tests: Sequence[Test]) -> Test:
    def some(measures: Measures) -> bool:
        for test in tests:  # noqa: SIM110 - the same
            if test(measures):
                return True
        return False

    return some


def _within(value: Value, at_least: int | None, at_most: int | None) -> Test:
    low = -inf if at_least is None else at_least
    high = inf if at_most is None else at_most

    def within(measures: Measures) -> bool:
        found = value(measures)
        return found is not None and low <= found <= high

    return within


def _score(rule: Scored, definition: Definition) -> Value:
    cuts, part = definition.rfm, rule.part
    return lambda measures: None if cuts is None else score_of(part, measures, cuts)


def reason(definition: Definition, measures: Measures) -> tuple[Seen, ...]:
    """What the rule looked at, each once. A birthday is 1 or 0: its day is told to nobody."""
    return reasons_by(definition)(measures)


def reasons_by(definition: Definition) -> Callable[[Measures], tuple[Seen, ...]]:
    """The same as a function."""
    values = dict(_named(one, definition) for one in conditions_of(definition.rule))
    looks = tuple(values.items())
    return lambda measures: tuple([Seen(name=name, value=value(measures)) for name, value in looks])


def _named(
    condition: Condition, definition: Definition
) -> tuple[str, Callable[[Measures], int | str | None]]:
    match condition:
        case Between():
            return condition.measure.value, attrgetter(condition.measure.value)
        case Scored():
            return condition.part.value, _score(condition, definition)
        case InStage():
            rules = definition.stages
            return "stage", lambda measures: stage_of(measures, rules).value
        case InTier():
            return "tier", attrgetter("tier")
        case BirthdayMonth():
            return "birthday", lambda measures: int(measures.birthday)
        case Taste(category=category):
            return f"taste/{category}", lambda measures: taste_permille(measures, category)
        case _:
            assert_never(condition)
