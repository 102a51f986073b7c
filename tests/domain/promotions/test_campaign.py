"""Campaigns: what may be opened, and when a coupon of one is usable."""

from datetime import datetime, timedelta

import msgspec
import pytest

from domain.kernel.command import Done
from domain.kernel.errors import AlreadyExists, InvalidCommand, Refusal
from domain.promotions.campaign import (
    Campaign,
    CampaignOpened,
    CouponLimitReached,
    CouponNeedsCustomer,
    CouponOutsideValidity,
    CustomerQuota,
    DiscountKind,
    OpenCampaign,
    require_usable,
)
from tests.support.decisions import NOON, given
from tests.support.facts import SPRING, SUMMER

TICK = timedelta(microseconds=1)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's terms, most of them ordinary."""

    kind: DiscountKind = DiscountKind.AMOUNT
    value: int = 1000
    minimum_minor: int = 0
    valid_from: datetime = SPRING
    valid_until: datetime = SUMMER
    limit_total: int | None = None
    limit_per_customer: int | None = None

    def opened(self) -> CampaignOpened:
        return CampaignOpened(
            campaign_id="autumn", name="Autumn", currency="CNY", priority=7, **msgspec.structs.asdict(self)
        )

    def open(self) -> OpenCampaign:
        return OpenCampaign(
            campaign_id="autumn", name="Autumn", currency="CNY", priority=7, **msgspec.structs.asdict(self)
        )


def test_a_campaign_is_opened_as_described() -> None:
    terms = Terms(minimum_minor=10_000, limit_total=50, limit_per_customer=2)
    given().when(terms.open()).then(("campaign-autumn", terms.opened()))


def test_the_answer_names_the_campaign() -> None:
    assert given().when(Terms().open()).answer == Done(id="autumn")


def test_a_campaign_is_opened_once() -> None:
    given().after(Terms().open()).when(Terms().open()).refused(AlreadyExists, kind="campaign", id="autumn")


@pytest.mark.parametrize("kind", list(DiscountKind))
@pytest.mark.parametrize("value", [0, -1])
def test_a_coupon_is_worth_something(kind: DiscountKind, value: int) -> None:
    given().when(Terms(kind=kind, value=value).open()).refused(InvalidCommand, value=value)


def test_a_percentage_may_be_the_whole() -> None:
    opened = given().when(Terms(kind=DiscountKind.PERCENT, value=10_000).open()).only(CampaignOpened)
    assert opened.value == 10_000


def test_a_percentage_is_not_more_than_the_whole() -> None:
    given().when(Terms(kind=DiscountKind.PERCENT, value=10_001).open()).refused(InvalidCommand, value=10_001)


def test_an_amount_may_be_large() -> None:
    assert given().when(Terms(value=1_000_000).open()).only(CampaignOpened).value == 1_000_000


@pytest.mark.parametrize("until", [SPRING, SPRING - TICK])
def test_a_campaign_ends_after_it_begins(until: datetime) -> None:
    given().when(Terms(valid_until=until).open()).refused(InvalidCommand)


def test_a_campaign_may_be_for_one_use() -> None:
    opened = given().when(Terms(limit_total=1, limit_per_customer=1).open()).only(CampaignOpened)
    assert (opened.limit_total, opened.limit_per_customer) == (1, 1)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_total_limit_is_at_least_one(limit: int) -> None:
    given().when(Terms(limit_total=limit).open()).refused(InvalidCommand, limit=limit)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_customers_limit_is_at_least_one(limit: int) -> None:
    given().when(Terms(limit_per_customer=limit).open()).refused(InvalidCommand, limit=limit)


def test_a_minimum_is_not_below_zero() -> None:
    given().when(Terms(minimum_minor=-1).open()).refused(InvalidCommand, minimum=-1)


@pytest.mark.parametrize("at", [SPRING, SUMMER - TICK])
def test_a_coupon_is_usable_from_the_first_instant_to_just_before_the_last(at: datetime) -> None:
    assert require_usable(Campaign(rule=Terms().opened()), None, at) == Terms().opened()


@pytest.mark.parametrize("at", [SPRING - TICK, SUMMER, SUMMER + TICK])
def test_a_coupon_is_not_usable_before_or_after(at: datetime) -> None:
    with pytest.raises(CouponOutsideValidity) as refusal:
        require_usable(Campaign(rule=Terms().opened()), None, at)
    assert refusal.value.facts == {
        "valid_from": "2026-03-01T00:00:00+00:00",
        "valid_until": "2026-06-01T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("terms", "redeemed", "quota", "refusal"),
    [
        (Terms(limit_total=2), 1, None, None),
        (Terms(limit_total=2), 2, None, CouponLimitReached),
        (Terms(limit_per_customer=2), 9, CustomerQuota(redeemed=1), None),
        (Terms(limit_per_customer=2), 2, CustomerQuota(redeemed=2), CouponLimitReached),
        (Terms(limit_per_customer=2), 0, None, CouponNeedsCustomer),
    ],
)
def test_limits_are_met_exactly(
    terms: Terms, redeemed: int, quota: CustomerQuota | None, refusal: type[Refusal] | None
) -> None:
    campaign = Campaign(rule=terms.opened(), redeemed=redeemed)
    if refusal is None:
        require_usable(campaign, quota, NOON)
    else:
        with pytest.raises(refusal):
            require_usable(campaign, quota, NOON)
