"""Laws of reservations: whatever is reserved, released, redeemed and returned when, no limit is overrun."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.checkout.coupon_reservation import ReleaseCoupon, ReserveCoupons
from domain.kernel.command import Command
from domain.promotions.campaign import CAMPAIGN, QUOTA
from domain.promotions.coupon import COUPON
from domain.promotions.holds import live
from tests.domain.checkout.test_coupon_reservation import SHOP, buy
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import a_campaign, a_coupon, take_back
from tests.support.laws import a_law

COUPONS = ("k1", "k2", "k3")
LIMITS = st.fixed_dictionaries(
    {
        "limit_total": st.one_of(st.none(), st.integers(1, 4)),
        "limit_per_customer": st.one_of(st.none(), st.integers(1, 2)),
        "limit_per_code": st.one_of(st.none(), st.integers(1, 2)),
        "limit_per_day": st.one_of(st.none(), st.integers(1, 3)),
        "budget_minor": st.one_of(st.none(), st.integers(500, 4_000)),
        "restored_on_return": st.booleans(),
    }
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("reserve", "release", "buy", "return")),
        st.sampled_from(COUPONS),
        st.sampled_from(("c1", "c2")),
        st.sampled_from(("order-1", "order-2", None)),
        st.integers(0, 90),
    ),
    max_size=25,
)


def step(number: int, kind: str, coupon: str, customer: str, reference: str | None, now: Any) -> Command:
    match kind:
        case "reserve":
            return ReserveCoupons(
                coupon_ids=(coupon,),
                customer_id=customer,
                reference=reference or "order-3",
                until=now + timedelta(minutes=60),
            )
        case "release":
            return ReleaseCoupon(coupon_id=coupon, reference=reference or "order-3")
        case "buy":
            return buy(coupon, sale_id=f"x{number}", reference=reference, customer_id=customer)
        case _:
            return take_back((1, 1), sale_id=f"x{number - 1}", return_id=f"r{number}")


@a_law
@given(LIMITS, STEPS)
def test_what_is_used_and_held_never_exceeds_a_limit(
    limits: dict[str, Any], steps: list[tuple[str, str, str, str | None, int]]
) -> None:
    shop = Shop(*SHOP, a_campaign(**limits), *map(a_coupon, COUPONS))
    now = NOON
    for number, (kind, coupon, customer, reference, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        shop.do(step(number, kind, coupon, customer, reference, now), at(now))

        campaign = shop.state(CAMPAIGN, "autumn")
        holds = list(live(campaign.held, now))
        within(campaign.redeemed + len(holds), limits["limit_total"])
        within(campaign.given_minor + sum(hold.amount_minor for hold in holds), limits["budget_minor"])
        for day in {*campaign.days, *(hold.day for hold in holds if hold.day)}:
            held = sum(hold.day == day for hold in holds)
            within(campaign.days.get(day, 0) + held, limits["limit_per_day"])
        for id_ in ("c1", "c2"):
            own = sum(hold.customer_id == id_ for hold in holds)
            within(shop.state(QUOTA, f"autumn/{id_}").redeemed + own, limits["limit_per_customer"])
        for id_ in COUPONS:
            state = shop.state(COUPON, id_)
            within(state.redeemed + len(list(live(state.held, now))), limits["limit_per_code"])
            assert state.redeemed >= 0
        assert campaign.redeemed == sum(shop.state(COUPON, id_).redeemed for id_ in COUPONS)


def within(used: int, limit: int | None) -> None:
    assert limit is None or used <= limit
