"""Sending a care message: consent, quiet hours and caps count when it leaves, and its coupon is issued.

All under the lock, in one decision: what came in between, as a consent that was taken back, counts.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

import msgspec

from domain.care.quiet import not_before
from domain.care.rule import CARE, Cap, CareCoupon, CareRule, version_of
from domain.care.touch import (
    TOUCH,
    CareDeferred,
    CareSent,
    CareUndelivered,
    CareWithheld,
    Outcome,
    Told,
    Touch,
    Withheld,
    told_key,
)
from domain.customers.customer import CUSTOMER, Customer, require_known
from domain.customers.person import records_of
from domain.kernel.business_day import business_day, business_day_ends_at
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import NotFound
from domain.kernel.event import Event
from domain.kernel.person import person_streams, records
from domain.kernel.stream import States
from domain.outreach.plan_care import has_consent, touches_of
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import COUPON, CouponIssued, NewCoupon
from domain.stores.store import STORE, Store

MAX_LATE = timedelta(days=3)
"""After its business day a message is still worth having for so long: jobs may have stood still."""


class CareAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message when it was due; `deferred` until hours are not quiet any more."""

    outcome: Outcome
    deferred: bool = False
    coupon_id: str | None = None


class SendCare(Command, frozen=True, kw_only=True):
    """Has a planned message leave, or not. `coupon` is a drawn code where the planning version has one.

    A message that was sent or withheld stays so.
    """

    RESULT: ClassVar = CareAnswer

    rule_id: str
    customer_id: str
    occasion: str
    coupon: NewCoupon | None = None
    sku: str | None = None

    def streams(self) -> Sequence[str]:
        coupon = () if self.coupon is None else (COUPON.stream(self.coupon.coupon_id),)
        return (
            CARE.stream(self.rule_id),
            CUSTOMER.stream(self.customer_id),
            TOUCH.stream(self.customer_id),
            *coupon,
        )

    def linked(self, states: States) -> Sequence[str]:
        rules = states.of(CARE, self.rule_id).all
        stores = {STORE.stream(rule.store_id) for rule in rules}
        campaigns = {CAMPAIGN.stream(rule.coupon.campaign_id) for rule in rules if rule.coupon is not None}
        person = person_streams(states, self.customer_id)
        return [*sorted(stores | campaigns), *person, *touches_of(states, self.customer_id)]

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_known(states, self.customer_id)
        told = require_told(states, self.rule_id, self.customer_id, self.occasion)
        if told.outcome is not Outcome.PLANNED:
            return Decision(events=(), result=CareAnswer(outcome=told.outcome, coupon_id=told.coupon_id))
        versions = states.require(CARE, self.rule_id)
        rule = version_of(versions, self.rule_id, told.rule_version)
        assert versions.present is not None, "it has a version"
        store = states.require(STORE, rule.store_id)
        due_at = not_before(rule.quiet, at.recorded_at, store.time_zone)
        reason = self._reason(states, at, (rule, versions.present), customer, store)
        if reason is not None:
            return self._answer(Outcome.WITHHELD, self._withheld(told, reason))
        if due_at > at.recorded_at:
            return self._answer(Outcome.PLANNED, self._deferred(told, due_at))
        # Not earlier: what is full at night may have room in the morning.
        if is_full(versions.present.cap, self._touches(states), at.recorded_at):
            return self._answer(Outcome.WITHHELD, self._withheld(told, Withheld.FREQUENCY_CAP))
        sent = CareSent(
            rule_id=self.rule_id,
            rule_version=told.rule_version,
            customer_id=self.customer_id,
            occasion=self.occasion,
            channel=rule.channel.value,
            sent_at=at.recorded_at,
            coupon_id=None if self.coupon is None else self.coupon.coupon_id,
            sku=self.sku,
        )
        events: list[tuple[str, Event]] = [(TOUCH.stream(self.customer_id), sent)]
        if self.coupon is not None:
            assert rule.coupon is not None, "codes are drawn for the version that has a campaign"
            states.require_absent(COUPON.stream(self.coupon.coupon_id))
            issued = CouponIssued(
                coupon_id=self.coupon.coupon_id,
                campaign_id=rule.coupon.campaign_id,
                customer_id=self.customer_id,
                code=self.coupon.code,
                valid_until=coupon_ends_at(states, rule.coupon, store, at.recorded_at),
            )
            events.append((COUPON.stream(self.coupon.coupon_id), issued))
        return Decision(
            events=tuple(events), result=CareAnswer(outcome=Outcome.SENT, coupon_id=sent.coupon_id)
        )

    def _reason(
        self, states: States, at: Moment, rules: tuple[CareRule, CareRule], customer: Customer, store: Store
    ) -> Withheld | None:
        """Why it is not sent, by the version that planned it and that of now."""
        rule, present = rules
        now = at.recorded_at
        today = business_day(now, store.time_zone, store.day_starts_at_min)
        if customer.merged_into is not None or self._was_sent_to_another(states):
            return Withheld.MERGED
        if not has_consent(rule, records_of(states, self.customer_id)):
            return Withheld.NO_CONSENT
        if present.active_until is not None and today > present.active_until:
            return Withheld.RULE_ENDED
        if now >= _too_late_at(states.of(TOUCH, self.customer_id), self.rule_id, self.occasion):
            return Withheld.TOO_LATE
        if rule.coupon is not None:
            campaign = states.require(CAMPAIGN, rule.coupon.campaign_id).rule
            assert campaign is not None, "a campaign's stream begins with its rule"
            if now >= campaign.valid_until:
                return Withheld.COUPON_ENDED
        return None

    def _touches(self, states: States) -> list[Touch]:
        """What the person was told under each of their records, this one first."""
        return [states.of(TOUCH, id_) for id_ in records(states, self.customer_id)]

    def _was_sent_to_another(self, states: States) -> bool:
        """Whether the same has left to another record of the person: merged since it was planned."""
        key = told_key(self.rule_id, self.occasion)
        others = (touch.told.get(key) for touch in self._touches(states)[1:])
        return any(told is not None and told.sent_at is not None for told in others)

    def _withheld(self, told: Told, reason: Withheld) -> Event:
        return CareWithheld(
            rule_id=self.rule_id,
            rule_version=told.rule_version,
            customer_id=self.customer_id,
            occasion=self.occasion,
            reason=reason,
        )

    def _deferred(self, told: Told, due_at: datetime) -> Event:
        assert told.day is not None, "it was planned for a day"
        return CareDeferred(
            rule_id=self.rule_id,
            rule_version=told.rule_version,
            customer_id=self.customer_id,
            occasion=self.occasion,
            day=told.day,
            due_at=due_at,
            sku=self.sku,
        )

    def _answer(self, outcome: Outcome, event: Event) -> Decision:
        answer = CareAnswer(outcome=outcome, deferred=isinstance(event, CareDeferred))
        return Decision(events=((TOUCH.stream(self.customer_id), event),), result=answer)


class NoteUndelivered(Command, frozen=True, kw_only=True):
    """Notes that a message which was sent never arrives. Noted again, nothing changes."""

    rule_id: str
    customer_id: str
    occasion: str
    cause: str

    def streams(self) -> Sequence[str]:
        return (CUSTOMER.stream(self.customer_id), TOUCH.stream(self.customer_id))

    def decide(self, states: States, at: Moment) -> Decision:
        require_known(states, self.customer_id)
        told = require_told(states, self.rule_id, self.customer_id, self.occasion)
        if told.outcome is not Outcome.SENT:
            return Decision(events=(), result=Done(id=self.customer_id))
        event = CareUndelivered(
            rule_id=self.rule_id, customer_id=self.customer_id, occasion=self.occasion, cause=self.cause
        )
        return Decision(events=((TOUCH.stream(self.customer_id), event),), result=Done(id=self.customer_id))


def require_told(states: States, rule_id: str, customer_id: str, occasion: str) -> Told:
    """What became of a message, or NotFound where none was planned."""
    told = states.of(TOUCH, customer_id).told.get(told_key(rule_id, occasion))
    if told is None:
        raise NotFound("No such message was planned.", kind="care", id=told_key(rule_id, occasion))
    return told


def is_full(cap: Cap | None, touches: Iterable[Touch], now: datetime) -> bool:
    """Whether as many messages have left to a person as may in the days before `now`."""
    if cap is None:
        return False
    since = now - timedelta(days=cap.days)
    return sum(at > since for touch in touches for at in touch.sent_at) >= cap.messages


def coupon_ends_at(states: States, coupon: CareCoupon, store: Store, now: datetime) -> datetime:
    """The end of the last business day on which a coupon that is issued now counts, or of its campaign."""
    rule = states.require(CAMPAIGN, coupon.campaign_id).rule
    assert rule is not None, "a campaign's stream begins with its rule"
    today = business_day(now, store.time_zone, store.day_starts_at_min)
    last = today + timedelta(days=coupon.valid_days)
    return min(rule.valid_until, business_day_ends_at(last, store.time_zone, store.day_starts_at_min))


def last_day(ends_at: datetime, store: Store) -> date:
    """The last business day on which a coupon counts that ends then: what its customer is told."""
    return business_day(ends_at - timedelta(seconds=1), store.time_zone, store.day_starts_at_min)


def _too_late_at(touch: Touch, rule_id: str, occasion: str) -> datetime:
    due_at = touch.told[told_key(rule_id, occasion)].first_due_at
    assert due_at is not None, "it was planned"
    return due_at + MAX_LATE
