"""Rules of segments are data: all, any and not over what is measured of a customer."""

import pytest

from domain.customers.measures import Measures, Seen, Stage, StageRules
from domain.customers.rfm import Part, RfmCuts
from domain.customers.rules import (
    All,
    AnyOf,
    Between,
    BirthdayMonth,
    Definition,
    InStage,
    InTier,
    Measure,
    Not,
    Rule,
    Scored,
    Taste,
    belongs,
    reason,
)
from domain.customers.segment import DefineSegment, SegmentDefined, SegmentVersion
from domain.kernel.errors import InvalidCommand, VersionConflict
from tests.support.decisions import given

OFTEN = Between(measure=Measure.PURCHASES, at_least=3)
RICH = Between(measure=Measure.SPEND_MINOR, at_least=1_000)
CUTS = RfmCuts(recency_days=(30,), frequency=(2,), monetary_minor=(100,))
GUEST = Measures(
    days=4,
    days_since_first=40,
    days_since_last=10,
    purchases=5,
    purchase_days=4,
    spend_minor=999,
    goods_minor=900,
    tastes={"fruit": 600},
    tier="gold",
    birthday=True,
)


def by(rule: Rule) -> Definition:
    return Definition(rule=rule, currency="CNY", rfm=CUTS)


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (OFTEN, True),
        (RICH, False),
        (All(of=(OFTEN, RICH)), False),
        (AnyOf(of=(RICH, OFTEN)), True),
        (Not(of=RICH), True),
        (All(of=(OFTEN, Not(of=AnyOf(of=(RICH, BirthdayMonth()))))), False),
        (Between(measure=Measure.SPEND_MINOR, at_least=500, at_most=999), True),
        (Between(measure=Measure.AVERAGE_MINOR, at_most=198), False),
        (Between(measure=Measure.DAYS_SINCE_LAST, at_most=10), True),
        (Between(measure=Measure.INTERVAL_DAYS, at_least=10, at_most=10), True),
        (Scored(part=Part.MONETARY, at_least=2), True),
        (Scored(part=Part.RECENCY, at_most=1), False),
        (InStage(stages=(Stage.ACTIVE,)), True),
        (InTier(tiers=("", "silver")), False),
        (InTier(tiers=("gold",)), True),
        (BirthdayMonth(), True),
        (Taste(category="fruit", at_least_permille=666), True),
        (Taste(category="fruit", at_least_permille=667), False),
    ],
)
def test_a_customer_belongs_where_the_rule_holds(rule: Rule, holds: bool) -> None:
    assert belongs(by(rule), GUEST) is holds


@pytest.mark.parametrize("measure", [Measure.DAYS_SINCE_LAST, Measure.INTERVAL_DAYS, Measure.AVERAGE_MINOR])
def test_what_there_is_none_of_is_within_no_bounds(measure: Measure) -> None:
    assert not belongs(by(Between(measure=measure, at_most=10**9)), Measures())


def test_whoever_has_no_tier_is_in_the_lowest() -> None:
    assert belongs(by(InTier(tiers=("",))), Measures())


def test_a_segment_that_is_not_active_has_no_members() -> None:
    assert not belongs(Definition(rule=OFTEN, active=False), GUEST)


def test_the_reason_is_what_the_rule_looked_at_each_once() -> None:
    rule = All(
        of=(OFTEN, Not(of=RICH), Between(measure=Measure.PURCHASES, at_most=9), InTier(tiers=("gold",)))
    )
    assert reason(by(rule), GUEST) == (
        Seen(name="purchases", value=5),
        Seen(name="spend_minor", value=999),
        Seen(name="tier", value="gold"),
    )


def define(rule: Rule = OFTEN, segment_id: str = "regulars", expected: int | None = None) -> DefineSegment:
    return DefineSegment(segment_id=segment_id, definition=by(rule), expected=expected)


def test_a_segment_is_defined_in_versions() -> None:
    outcome = given().after(define(OFTEN)).when(define(RICH, expected=1))
    outcome.then_events(SegmentDefined(segment_id="regulars", definition=by(RICH)))
    assert outcome.answer == SegmentVersion(version=2)


def test_the_same_definition_again_writes_nothing() -> None:
    outcome = given().after(define()).when(define())
    outcome.then()
    assert outcome.answer == SegmentVersion(version=1)


def test_who_has_not_seen_the_last_version_changes_nothing() -> None:
    given().after(define(OFTEN), define(RICH)).when(define(OFTEN, expected=1)).refused(
        VersionConflict, actual=2
    )


@pytest.mark.parametrize("segment_id", ["Ada Lovelace", "t13800000000", ""])
def test_a_segments_name_is_no_persons(segment_id: str) -> None:
    given().when(define(segment_id=segment_id)).refused(InvalidCommand, segment=segment_id)


@pytest.mark.parametrize(
    "definition",
    [
        by(All(of=())),
        by(All(of=(OFTEN, AnyOf(of=())))),
        by(All(of=(OFTEN,) * 51)),
        by(Not(of=Not(of=Not(of=Not(of=Not(of=Not(of=OFTEN))))))),
        by(Between(measure=Measure.PURCHASES)),
        by(Between(measure=Measure.PURCHASES, at_least=2, at_most=1)),
        by(Between(measure=Measure.SPEND_MINOR, at_least=10**20)),
        by(InStage(stages=())),
        by(InTier(tiers=())),
        by(Taste(category="fruit", at_least_permille=0)),
        by(Taste(category="fruit", at_least_permille=1_001)),
        Definition(rule=RICH),
        Definition(rule=Taste(category="fruit", at_least_permille=1)),
        Definition(rule=Scored(part=Part.MONETARY, at_least=1), rfm=CUTS),
        Definition(rule=Scored(part=Part.RECENCY, at_least=1)),
        Definition(rule=OFTEN, window_days=0),
        Definition(rule=OFTEN, rfm=RfmCuts(recency_days=(), frequency=(1,), monetary_minor=(1,))),
        Definition(rule=OFTEN, rfm=RfmCuts(recency_days=(2, 2), frequency=(1,), monetary_minor=(1,))),
        Definition(rule=OFTEN, stages=StageRules(dormant_permille=3_000, lost_permille=3_000)),
        Definition(rule=OFTEN, stages=StageRules(least_days=0)),
    ],
)
def test_a_rule_that_can_mean_nothing_is_refused(definition: Definition) -> None:
    given().when(DefineSegment(segment_id="regulars", definition=definition)).refused(InvalidCommand)
