"""A coupon campaign: what its coupons are worth, for whom, until when and how often."""

import enum
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

SNAPSHOT_EVERY = 500
WHOLE_BP = 10_000


class DiscountKind(enum.StrEnum):
    """How a coupon takes off: a share of what is left to pay, or a fixed amount."""

    PERCENT = "percent"
    AMOUNT = "amount"


class CampaignOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Coupons of this campaign can be issued. `value` is basis points or minor units, by `kind`.

    `minimum_minor` is what must be left to pay before the coupon; limits of None do not limit.
    `version` names the rule in every sale that used it.
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


class CampaignDrawn(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One redemption counts against the campaign's limits."""

    TYPE: ClassVar = "campaign.drawn.v1"
    campaign_id: str
    coupon_id: str
    sale_id: str
    customer_id: str | None = None
    amount_minor: int


class CustomerDrew(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One redemption counts against one customer's limit. Only where the campaign has such a limit."""

    TYPE: ClassVar = "campaign.customer_drew.v1"
    campaign_id: str
    customer_id: str
    coupon_id: str
    sale_id: str


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """The rule and how much of it is used up."""

    rule: CampaignOpened | None = None
    redeemed: int = 0
    given_minor: int = 0


def evolve(state: Campaign, event: Event) -> Campaign:
    """The campaign after `event`."""
    match event:
        case CampaignOpened():
            return Campaign(rule=event)
        case CampaignDrawn():
            return Campaign(
                rule=state.rule,
                redeemed=state.redeemed + 1,
                given_minor=state.given_minor + event.amount_minor,
            )
        case _:
            return state


class CustomerQuota(msgspec.Struct, frozen=True, kw_only=True):
    """How often one customer used one campaign."""

    redeemed: int = 0


def evolve_quota(state: CustomerQuota, event: Event) -> CustomerQuota:
    """The quota after `event`."""
    return CustomerQuota(redeemed=state.redeemed + 1) if isinstance(event, CustomerDrew) else state


CAMPAIGN = StreamKind("campaign", Campaign(), evolve, snapshot_every=SNAPSHOT_EVERY)
QUOTA = StreamKind("quota", CustomerQuota(), evolve_quota)


def quota_id(campaign_id: str, customer_id: str) -> str:
    """A customer's quota of a campaign: `autumn/c-17`. Its own stream keeps the campaign's state small."""
    return f"{campaign_id}/{customer_id}"


def counted_quota(states: States, campaign_id: str, customer_id: str | None) -> str | None:
    """The id of the quota that a use by this customer counts against; None where none is counted."""
    rule = states.of(CAMPAIGN, campaign_id).rule
    if customer_id is None or rule is None or rule.limit_per_customer is None:
        return None
    return quota_id(campaign_id, customer_id)


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


def require_usable(campaign: Campaign, quota: CustomerQuota | None, at: datetime) -> CampaignOpened:
    """The rule, if a coupon of it may be used now on a basket that reaches its minimum.

    `quota` is the buyer's, None where none is counted or the sale names no customer. Limits are exact because
    the decision is made on states that nobody else can change before it is committed.
    """
    rule = campaign.rule
    assert rule is not None
    if not rule.valid_from <= at < rule.valid_until:
        raise CouponOutsideValidity(
            "The coupon is not valid now.",
            valid_from=rule.valid_from.isoformat(),
            valid_until=rule.valid_until.isoformat(),
        )
    if rule.limit_total is not None and campaign.redeemed >= rule.limit_total:
        raise CouponLimitReached("The campaign is used up.", limit=rule.limit_total)
    if rule.limit_per_customer is not None:
        if quota is None:
            raise CouponNeedsCustomer("Name the customer: this campaign counts uses per customer.")
        if quota.redeemed >= rule.limit_per_customer:
            raise CouponLimitReached(
                "The customer has used this campaign as often as it allows.", limit=rule.limit_per_customer
            )
    return rule


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
        for limit in (self.limit_total, self.limit_per_customer):
            if limit is not None and limit < 1:
                raise InvalidCommand("A limit is at least 1; leave it out for no limit.", limit=limit)
        if self.minimum_minor < 0:
            raise InvalidCommand("minimum is zero or more.", minimum=self.minimum_minor)
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
        )
        return Decision(events=((stream, opened),), result=Done(id=self.campaign_id))
