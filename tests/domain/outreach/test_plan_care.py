"""A message is planned once per rule, customer and occasion; without consent none."""

from datetime import date, datetime, timedelta

import msgspec

from domain.care.quiet import QuietHours
from domain.care.touch import TOUCH, CareHeldOut, CarePlanned, CareWithheld, Withheld
from domain.customers.customer import SegmentsSet
from domain.kernel.errors import NotFound
from domain.outreach.plan_care import CarePlan, PlanCare
from tests.support.care import a_care_rule, agreed, merged
from tests.support.decisions import NOON, Fact, given
from tests.support.facts import a_customer, a_store

DAY = NOON.date()
PLAN = PlanCare(rule_id="birthday", customer_id="c1", occasion="2026", day=DAY)


def planned(due_at: datetime = NOON, customer_id: str = "c1") -> CarePlanned:
    return CarePlanned(
        rule_id="birthday",
        rule_version=1,
        customer_id=customer_id,
        occasion="2026",
        day=DAY,
        due_at=due_at,
        counts_until=due_at + timedelta(days=14),
    )


def was_planned() -> Fact:
    return TOUCH.stream("c1"), planned()


def test_who_agreed_is_planned_a_message() -> None:
    given(a_store(), a_customer(), agreed(), a_care_rule()).when(PLAN).then_events(planned())


def test_planned_again_it_is_planned_once() -> None:
    given(a_store(), a_customer(), agreed(), a_care_rule(), was_planned()).when(PLAN).then_events()


def test_without_consent_nothing_is_planned_and_that_is_recorded_once() -> None:
    withheld = CareWithheld(
        rule_id="birthday",
        rule_version=1,
        customer_id="c1",
        occasion="2026",
        reason=Withheld.NO_CONSENT,
    )
    known = (a_store(), a_customer(), a_care_rule())
    given(*known).when(PLAN).then_events(withheld)
    given(*known, (TOUCH.stream("c1"), withheld), agreed()).when(PLAN).then_events()


def test_consent_to_another_channel_is_none() -> None:
    facts = (a_store(), a_customer(), agreed(channel="sms"), a_care_rule())
    assert given(*facts).when(PLAN).decision.result == CarePlan(withheld=True)


def test_a_message_for_the_night_waits_for_the_morning() -> None:
    quiet = QuietHours(from_min=19 * 60, until_min=9 * 60)
    rule = a_care_rule(quiet=quiet)
    morning = NOON + timedelta(hours=13)
    given(a_store(), a_customer(), agreed(), rule).when(PLAN).then_events(planned(morning))


def test_who_is_in_no_segment_of_the_rule_is_left_alone() -> None:
    facts = (a_store(), a_customer(), agreed(), a_care_rule(segments=("vip", "regulars")))
    vip = ("customer-c1", SegmentsSet(customer_id="c1", segments=("vip",)))
    given(*facts).when(PLAN).then_events()
    given(*facts, vip).when(PLAN).then_events(planned())


def test_a_rule_plans_nothing_outside_its_days() -> None:
    for rule in (a_care_rule(active_from=date(2026, 3, 3)), a_care_rule(active_until=date(2026, 3, 1))):
        given(a_store(), a_customer(), agreed(), rule).when(PLAN).then_events()


def test_nobody_is_written_to_by_a_rule_that_is_not_there() -> None:
    given(a_store(), a_customer(), agreed()).when(PLAN).refused(NotFound, kind="care", id="birthday")


def test_whose_lot_is_below_the_holdout_gets_none_and_counts_for_comparison() -> None:
    facts = (a_store(), a_customer(), agreed(), a_care_rule(holdout_permille=100, conversion_days=30))
    held_out = CareHeldOut(
        rule_id="birthday",
        rule_version=1,
        customer_id="c1",
        occasion="2026",
        due_at=NOON,
        counts_until=NOON + timedelta(days=30),
    )
    given(*facts).when(msgspec.structs.replace(PLAN, lot_permille=99)).then_events(held_out)
    assert given(*facts).when(msgspec.structs.replace(PLAN, lot_permille=100)).decision.result == CarePlan(
        planned=True
    )
    given(*facts, (TOUCH.stream("c1"), held_out)).when(PLAN).then_events()


def test_who_was_told_under_another_record_of_theirs_is_not_told_again() -> None:
    facts = (a_store(), a_customer(), a_customer("c2"), agreed(), a_care_rule())
    told = (TOUCH.stream("c2"), planned(customer_id="c2"))
    given(*facts, told, *merged()).when(PLAN).then_events()
    given(*facts, told).when(PLAN).then_events(planned())


def test_what_a_merge_cut_off_is_planned_for_who_speaks_now_and_once() -> None:
    cut_off = CareWithheld(
        rule_id="birthday", rule_version=1, customer_id="c2", occasion="2026", reason=Withheld.MERGED
    )
    told = ((TOUCH.stream("c2"), planned(customer_id="c2")), (TOUCH.stream("c2"), cut_off))
    facts = (a_store(), a_customer(), a_customer("c2"), agreed(), a_care_rule(), *merged(), *told)
    given(*facts).when(PLAN).then_events(planned())
    given(*facts, was_planned()).when(PLAN).then_events()
