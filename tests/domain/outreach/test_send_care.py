"""When a message is due, consent, quiet hours and caps are looked at, and its coupon is issued with it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from domain.care.quiet import QuietHours
from domain.care.rule import Cap, CareCoupon
from domain.care.touch import (
    TOUCH,
    CareDeferred,
    CarePlanned,
    CareSent,
    CareUndelivered,
    CareWithheld,
    Outcome,
    Withheld,
)
from domain.kernel.business_day import business_day_ends_at
from domain.kernel.errors import NotFound
from domain.outreach.send_care import CareAnswer, NoteUndelivered, SendCare, last_day
from domain.promotions.coupon import CouponIssued, NewCoupon
from domain.stores.store import Store
from tests.support.care import a_care_rule, agreed, merged, took_back
from tests.support.decisions import NOON, Fact, given
from tests.support.decisions import Outcome as Decided
from tests.support.facts import a_campaign, a_customer, a_store, sealed

SEND = SendCare(rule_id="birthday", customer_id="c1", occasion="2026")
CODE = NewCoupon(coupon_id="k1", code=sealed())
KNOWN = (a_store(), a_customer(), agreed())


def was_planned(rule_id: str = "birthday", due_at: datetime = NOON) -> Fact:
    planned = CarePlanned(
        rule_id=rule_id,
        rule_version=1,
        customer_id="c1",
        occasion="2026",
        day=due_at.date(),
        due_at=due_at,
        counts_until=due_at + timedelta(days=14),
    )
    return TOUCH.stream("c1"), planned


def sent(rule_id: str = "birthday", sent_at: datetime = NOON, coupon_id: str | None = None) -> CareSent:
    return CareSent(
        rule_id=rule_id,
        rule_version=1,
        customer_id="c1",
        occasion="2026",
        channel="email",
        sent_at=sent_at,
        coupon_id=coupon_id,
    )


def autumn(valid_until: datetime) -> Fact:
    stream, opened = a_campaign()
    return stream, msgspec.structs.replace(opened, valid_until=valid_until)


def withheld(outcome: Decided) -> Withheld:
    ((_, event),) = outcome.decision.events
    assert isinstance(event, CareWithheld)
    return event.reason


def due(*facts: Fact, **rule: Any) -> Decided:
    return given(*KNOWN, a_care_rule(**rule), was_planned(), *facts).when(SEND)


def test_what_is_due_is_sent() -> None:
    due().then_events(sent())


def test_a_retry_sends_nothing_and_gets_the_same_answer() -> None:
    outcome = due((TOUCH.stream("c1"), sent(coupon_id="k1")))
    outcome.then_events()
    assert outcome.decision.result == CareAnswer(outcome=Outcome.SENT, coupon_id="k1")


def test_a_consent_that_was_taken_back_meanwhile_counts() -> None:
    assert withheld(due(took_back())) is Withheld.NO_CONSENT


def test_what_nobody_planned_is_not_sent() -> None:
    given(*KNOWN, a_care_rule()).when(SEND).refused(NotFound, kind="care", id="birthday/2026")


def test_the_coupon_is_issued_in_the_same_decision_and_ends_with_its_last_day() -> None:
    rule = a_care_rule(coupon=CareCoupon(campaign_id="autumn", valid_days=7))
    ends_at = datetime(2026, 3, 9, 16, tzinfo=UTC)
    campaign = autumn(NOON + timedelta(days=30))
    given(*KNOWN, campaign, rule, was_planned()).when(
        SendCare(rule_id="birthday", customer_id="c1", occasion="2026", coupon=CODE)
    ).then_events(
        sent(coupon_id="k1"),
        CouponIssued(
            coupon_id="k1",
            campaign_id="autumn",
            customer_id="c1",
            code=CODE.code,
            valid_until=ends_at,
        ),
    )


def test_a_customer_is_told_the_last_business_day_of_a_coupon_though_it_ends_after_midnight() -> None:
    late = Store(time_zone="Asia/Shanghai", day_starts_at_min=5 * 60)
    ends_at = business_day_ends_at(date(2026, 3, 9), late.time_zone, late.day_starts_at_min)
    assert last_day(ends_at, late) == date(2026, 3, 9)


def test_no_coupon_is_promised_of_a_campaign_that_is_over() -> None:
    rule = {"coupon": CareCoupon(campaign_id="autumn", valid_days=7)}
    assert withheld(due(autumn(NOON), **rule)) is Withheld.COUPON_ENDED


def test_in_quiet_hours_it_is_put_off_and_not_dropped() -> None:
    morning = NOON + timedelta(hours=13)
    due(quiet=QuietHours(from_min=19 * 60, until_min=9 * 60)).then_events(
        CareDeferred(
            rule_id="birthday",
            rule_version=1,
            customer_id="c1",
            occasion="2026",
            day=NOON.date(),
            due_at=morning,
        )
    )


def test_a_cap_counts_the_messages_of_all_rules_in_its_days() -> None:
    other = (was_planned("spring"), (TOUCH.stream("c1"), sent("spring", NOON - timedelta(days=6))))
    assert withheld(due(*other, cap=Cap(messages=1, days=7))) is Withheld.FREQUENCY_CAP
    due(*other, cap=Cap(messages=2, days=7)).then_events(sent())
    due(*other, cap=Cap(messages=1, days=6)).then_events(sent())


def to_another(rule_id: str) -> tuple[Fact, ...]:
    """The customer's other record, to which something has left, and that it is theirs."""
    planned, left = was_planned(rule_id)[1], sent(rule_id)
    told = [msgspec.structs.replace(event, customer_id="c2") for event in (planned, left)]
    return (a_customer("c2"), *((TOUCH.stream("c2"), event) for event in told))


def test_a_cap_counts_what_left_to_all_records_of_a_person() -> None:
    cap = Cap(messages=1, days=7)
    assert withheld(due(*to_another("spring"), *merged(), cap=cap)) is Withheld.FREQUENCY_CAP
    due(*to_another("spring"), cap=cap).then_events(sent())


def test_what_has_left_to_another_record_of_the_person_does_not_leave_again() -> None:
    assert withheld(due(*to_another("birthday"), *merged())) is Withheld.MERGED


def test_what_is_full_at_night_may_have_room_in_the_morning() -> None:
    other = (was_planned("spring"), (TOUCH.stream("c1"), sent("spring", NOON - timedelta(hours=23))))
    decided = due(*other, cap=Cap(messages=1, days=1), quiet=QuietHours(from_min=19 * 60, until_min=9 * 60))
    assert decided.decision.result == CareAnswer(outcome=Outcome.PLANNED, deferred=True)


def test_what_was_withheld_counts_against_no_cap() -> None:
    kept = CareWithheld(
        rule_id="spring",
        rule_version=1,
        customer_id="c1",
        occasion="2026",
        reason=Withheld.NO_CONSENT,
    )
    due((TOUCH.stream("c1"), kept), cap=Cap(messages=1, days=7)).then_events(sent())


def test_a_rule_that_has_ended_meanwhile_sends_nothing() -> None:
    ended = a_care_rule(version=2, active_until=date(2026, 3, 1))
    assert withheld(due(ended)) is Withheld.RULE_ENDED


def test_a_greeting_that_is_days_late_is_not_sent() -> None:
    facts = (*KNOWN, a_care_rule(), was_planned(due_at=NOON - timedelta(days=3)))
    assert withheld(given(*facts).when(SEND)) is Withheld.TOO_LATE


def test_what_never_arrives_is_noted_once() -> None:
    note = NoteUndelivered(rule_id="birthday", customer_id="c1", occasion="2026", cause="no address")
    gone = CareUndelivered(rule_id="birthday", customer_id="c1", occasion="2026", cause="no address")
    facts = (*KNOWN, a_care_rule(), was_planned(), (TOUCH.stream("c1"), sent()))
    given(*facts).when(note).then_events(gone)
    given(*facts, (TOUCH.stream("c1"), gone)).when(note).then_events()
