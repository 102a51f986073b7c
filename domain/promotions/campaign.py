"""A coupon campaign: what its coupons are worth, for whom, until when and how often."""

import enum
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.business_day import business_day, is_time_zone
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.promotions.checks import check_target
from domain.promotions.holds import (
    CampaignHeld,
    CampaignReleased,
    CampaignRestored,
    CustomerRestored,
    Hold,
    hold_key,
    live,
    without,
)
from domain.promotions.offer import Target

SNAPSHOT_EVERY = 500
WHOLE_BP = 10_000
DAYS_COUNTED = 32
"""So many days are kept apart: a place can be given back while anybody may still ask for the day."""


class DiscountKind(enum.StrEnum):
    """How a coupon takes off: a share of what is left to pay, or a fixed amount."""

    PERCENT = "percent"
    AMOUNT = "amount"


class CampaignOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Coupons of this campaign can be issued. `value` is basis points or minor units, by `kind`.

    `minimum_minor` is what must be left to pay before the coupon; limits of None do not limit.
    `version` names the rule in every sale that used it. A code is used once unless `limit_per_code` says
    otherwise; days are those of `time_zone`; `cap_minor` is the most that one use takes off, `budget_minor`
    what all may. Only with `restored_on_return` does a coupon come back with the whole sale.
    A `targeted` campaign is for those customers who were named for it, and those in its `segments`. `covers`
    are the lines that a coupon takes something off, and that must reach the minimum; None is all.
    """

    TYPE: ClassVar = "campaign.opened.v1"
    campaign_id: str
    name: str
    kind: DiscountKind
    value: int
    currency: str
    minimum_minor: int = 0
    valid_from: datetime
    valid_until: datetime
    limit_total: int | None = None
    limit_per_customer: int | None = None
    priority: int = 0
    version: int = 1
    limit_per_code: int | None = 1
    limit_per_day: int | None = None
    budget_minor: int | None = None
    cap_minor: int | None = None
    time_zone: str = "UTC"
    restored_on_return: bool = False
    targeted: bool = False
    limit_per_customer_and_code: int | None = None
    covers: Target | None = None
    segments: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether a use takes a place that somebody else may want."""
        limits = (self.limit_total, self.limit_per_customer, self.limit_per_day, self.budget_minor)
        return any(limit is not None for limit in limits)

    @property
    def most_minor(self) -> int | None:
        """The most that one use can take off; None where only the basket tells."""
        if self.kind is DiscountKind.PERCENT:
            return self.cap_minor
        return self.value if self.cap_minor is None else min(self.value, self.cap_minor)

    def day_of(self, at: datetime) -> str | None:
        """The day that a use counts on; None where days are not counted."""
        if self.limit_per_day is None:
            return None
        return business_day(at, self.time_zone, 0).isoformat()


class CampaignDrawn(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One redemption counts against the campaign's limits.

    With `reference` it takes the place that this reservation held.
    """

    TYPE: ClassVar = "campaign.drawn.v1"
    campaign_id: str
    coupon_id: str
    sale_id: str
    customer_id: str | None = None
    amount_minor: int
    day: str | None = None
    reference: str | None = None


class CustomerDrew(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One redemption counts against one customer's limit. Only where the campaign has such a limit."""

    TYPE: ClassVar = "campaign.customer_drew.v1"
    campaign_id: str
    customer_id: str
    coupon_id: str
    sale_id: str


class CustomerTargeted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer is one of those whom a targeted campaign is for."""

    TYPE: ClassVar = "campaign.customer_targeted.v1"
    campaign_id: str
    customer_id: str


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """The rule, how much of it is used up, in all and by day, and what reservations hold."""

    rule: CampaignOpened | None = None
    redeemed: int = 0
    given_minor: int = 0
    days: dict[str, int] = {}
    held: dict[str, Hold] = {}


def evolve(state: Campaign, event: Event) -> Campaign:
    """The campaign after `event`."""
    match event:
        case CampaignDrawn():
            held = state.held
            if event.reference is not None:
                held = without(held, hold_key(event.coupon_id, event.reference))
            return Campaign(
                rule=state.rule,
                redeemed=state.redeemed + 1,
                given_minor=state.given_minor + event.amount_minor,
                days=_counted(state.days, event.day, 1),
                held=held,
            )
        case CampaignHeld():
            key = hold_key(event.coupon_id, event.reference)
            return msgspec.structs.replace(state, held={**state.held, key: event.hold})
        case CampaignReleased():
            key = hold_key(event.coupon_id, event.reference)
            return msgspec.structs.replace(state, held=without(state.held, key))
        case CampaignRestored():
            return msgspec.structs.replace(
                state,
                redeemed=state.redeemed - 1,
                given_minor=state.given_minor - event.amount_minor,
                days=_counted(state.days, event.day, -1),
            )
        case CampaignOpened():
            return Campaign(rule=event)
        case _:
            return state


def _counted(days: dict[str, int], day: str | None, by: int) -> dict[str, int]:
    if day is None:
        return days
    counted = {**days, day: days.get(day, 0) + by}
    # ISO dates sort by time.
    return counted if len(counted) <= DAYS_COUNTED else dict(sorted(counted.items())[-DAYS_COUNTED:])


class CustomerQuota(msgspec.Struct, frozen=True, kw_only=True):
    """How often one customer used one campaign, and whether it is for them where it is not for all."""

    redeemed: int = 0
    targeted: bool = False


def evolve_quota(state: CustomerQuota, event: Event) -> CustomerQuota:
    """The quota after `event`."""
    match event:
        case CustomerDrew():
            return CustomerQuota(redeemed=state.redeemed + 1, targeted=state.targeted)
        case CustomerRestored():
            return CustomerQuota(redeemed=state.redeemed - 1, targeted=state.targeted)
        case CustomerTargeted():
            return CustomerQuota(redeemed=state.redeemed, targeted=True)
        case _:
            return state


CAMPAIGN = StreamKind("campaign", Campaign(), evolve, snapshot_every=SNAPSHOT_EVERY)
QUOTA = StreamKind("quota", CustomerQuota(), evolve_quota)


def quota_id(campaign_id: str, customer_id: str) -> str:
    """A customer's quota of a campaign: `autumn/c-17`. Its own stream keeps the campaign's state small."""
    return f"{campaign_id}/{customer_id}"


def counted_quota(states: States, campaign_id: str, customer_id: str | None) -> str | None:
    """The id of the quota that a use by this customer counts against; None where none is counted."""
    rule = states.of(CAMPAIGN, campaign_id).rule
    if customer_id is None or rule is None or (rule.limit_per_customer is None and not rule.targeted):
        return None
    return quota_id(campaign_id, customer_id)


def quota_of_person(
    states: States, campaign_id: str, customer_id: str | None, person: Iterable[str]
) -> CustomerQuota | None:
    """What a person has used under all their ids, and whether one of them was targeted; None if uncounted."""
    if customer_id is None or counted_quota(states, campaign_id, customer_id) is None:
        return None
    quotas = [states.of(QUOTA, quota_id(campaign_id, record)) for record in person]
    if len(quotas) == 1:
        return quotas[0]
    return CustomerQuota(
        redeemed=sum(quota.redeemed for quota in quotas), targeted=any(quota.targeted for quota in quotas)
    )


class CouponOutsideValidity(Refusal):
    """The campaign has not begun or is over."""

    code = "coupon_expired"


class CouponLimitReached(Refusal):
    """The campaign's coupons are used up, in total or for this customer."""

    code = "coupon_limit_reached"


class CouponBelowMinimum(Refusal):
    """What is left to pay is below the campaign's minimum."""

    code = "coupon_below_minimum"


class CouponNeedsCustomer(Refusal):
    """The campaign counts per customer and the sale names none."""

    code = "coupon_needs_customer"


class CouponNotTargeted(Refusal):
    """The campaign is for customers who were named for it, or are in its segments; this one is neither."""

    code = "coupon_not_targeted"


def require_usable(
    campaign: Campaign,
    quota: CustomerQuota | None,
    at: datetime,
    *,
    customer_id: str | None = None,
    person: Collection[str] = (),
    segments: Collection[str] = (),
    before: int = 0,
) -> CampaignOpened:
    """The rule, if a coupon of it may be used now on a basket that reaches its minimum.

    `quota` and `segments` are the buyer's, None and none where the sale names no customer, and `person` are
    all ids that the buyer is known under; `before` are the uses that the same decision makes besides. Limits
    are exact because the decision is made on states that nobody else can change before it is committed. What
    others hold counts as used until it lapses.
    """
    rule = campaign.rule
    assert rule is not None
    if not rule.valid_from <= at < rule.valid_until:
        raise CouponOutsideValidity(
            "The coupon is not valid now.",
            valid_from=rule.valid_from.isoformat(),
            valid_until=rule.valid_until.isoformat(),
        )
    if rule.targeted:
        if quota is None:
            raise CouponNeedsCustomer("Name the customer: this campaign is for certain ones.")
        if not quota.targeted and set(rule.segments).isdisjoint(segments):
            raise CouponNotTargeted("The campaign is not for this customer.", customer_id=customer_id)
    holds = list(live(campaign.held, at)) if campaign.held else []
    if rule.limit_total is not None and campaign.redeemed + len(holds) + before >= rule.limit_total:
        raise CouponLimitReached("The campaign is used up.", limit=rule.limit_total)
    if rule.limit_per_customer is not None:
        if quota is None:
            raise CouponNeedsCustomer("Name the customer: this campaign counts uses per customer.")
        held = sum(hold.customer_id in person for hold in holds)
        if quota.redeemed + held + before >= rule.limit_per_customer:
            raise CouponLimitReached(
                "The customer has used this campaign as often as it allows.", limit=rule.limit_per_customer
            )
    if rule.limit_per_day is not None:
        day = rule.day_of(at)
        assert day is not None
        held = sum(hold.day == day for hold in holds)
        if campaign.days.get(day, 0) + held + before >= rule.limit_per_day:
            raise CouponLimitReached("The campaign is used up for today.", limit=rule.limit_per_day, day=day)
    return rule


def require_budget(
    campaign: Campaign, at: datetime, amount_minor: int, own: Hold | None = None, before_minor: int = 0
) -> None:
    """CouponLimitReached unless the campaign may still give that much.

    `own` is held for this very use; `before_minor` is what the same decision gives besides.
    """
    rule = campaign.rule
    assert rule is not None
    if rule.budget_minor is None or (own is not None and amount_minor <= own.amount_minor):
        return
    held = sum(hold.amount_minor for hold in live(campaign.held, at))
    left = rule.budget_minor - campaign.given_minor - held - before_minor
    if own is not None:
        left += own.amount_minor
    if amount_minor > left:
        raise CouponLimitReached(
            "The campaign's budget does not reach for this.", limit=rule.budget_minor, left=max(0, left)
        )


class OpenCampaign(Command, frozen=True, kw_only=True):
    """Opens a coupon campaign under an id of the caller's choice."""

    campaign_id: str
    name: str
    kind: DiscountKind
    value: int
    currency: str
    minimum_minor: int = 0
    valid_from: datetime
    valid_until: datetime
    limit_total: int | None = None
    limit_per_customer: int | None = None
    priority: int = 0
    limit_per_code: int | None = 1
    limit_per_day: int | None = None
    budget_minor: int | None = None
    cap_minor: int | None = None
    time_zone: str = "UTC"
    restored_on_return: bool = False
    targeted: bool = False
    limit_per_customer_and_code: int | None = None
    covers: Target | None = None
    segments: tuple[str, ...] = ()

    def streams(self) -> tuple[str, ...]:
        return (CAMPAIGN.stream(self.campaign_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = CAMPAIGN.stream(self.campaign_id)
        states.require_absent(stream)
        if self.value <= 0 or (self.kind is DiscountKind.PERCENT and self.value > WHOLE_BP):
            raise InvalidCommand(
                "A percentage is 1 to 10000 basis points; an amount is above zero.", value=self.value
            )
        if self.valid_until <= self.valid_from:
            raise InvalidCommand("valid_until must be after valid_from.")
        for limit in (
            self.limit_total,
            self.limit_per_customer,
            self.limit_per_code,
            self.limit_per_day,
            self.limit_per_customer_and_code,
            self.budget_minor,
            self.cap_minor,
        ):
            if limit is not None and limit < 1:
                raise InvalidCommand("A limit is at least 1; leave it out for no limit.", limit=limit)
        if not is_time_zone(self.time_zone):
            raise InvalidCommand("time_zone is a name as Asia/Shanghai.", time_zone=self.time_zone)
        if self.minimum_minor < 0:
            raise InvalidCommand("minimum is zero or more.", minimum=self.minimum_minor)
        if self.covers is not None:
            check_target(self.covers)
        if self.segments and not self.targeted:
            raise InvalidCommand("Only a targeted campaign is for segments. Say so: targeted.")
        opened = CampaignOpened(
            campaign_id=self.campaign_id,
            name=self.name,
            kind=self.kind,
            value=self.value,
            currency=self.currency,
            minimum_minor=self.minimum_minor,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            limit_total=self.limit_total,
            limit_per_customer=self.limit_per_customer,
            priority=self.priority,
            limit_per_code=self.limit_per_code,
            limit_per_day=self.limit_per_day,
            budget_minor=self.budget_minor,
            cap_minor=self.cap_minor,
            time_zone=self.time_zone,
            restored_on_return=self.restored_on_return,
            targeted=self.targeted,
            limit_per_customer_and_code=self.limit_per_customer_and_code,
            covers=self.covers,
            segments=self.segments,
        )
        return Decision(events=((stream, opened),), result=Done(id=self.campaign_id))
