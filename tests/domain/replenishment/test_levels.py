"""From a policy and the demand to what is to be ordered now."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replenishment.demand import Demand
from domain.replenishment.levels import Levels, Shelf, levels_of, position_of, to_order
from domain.replenishment.policy import MinMax, Newsvendor, OrderUpTo, Policy, ReorderPoint, Rule

TWELVE_A_DAY = Demand(mean_milli=12_000, deviation_milli=4_000, days=56, censored_days=0)
MONDAY = date(2026, 3, 2)
AT_95 = OrderUpTo(service_level_bp=9_500)


def by(rule: Rule, **more: int) -> Policy:
    """A policy whose orders take two days and go out every day."""
    return msgspec.structs.replace(Policy(rule=rule, lead_time_h=48, review_h=24), **more)


def levels(policy: Policy, demand: Demand | None = TWELVE_A_DAY) -> Levels:
    found = levels_of(policy, demand, MONDAY)
    assert found is not None
    return found


def test_one_orders_at_or_below_what_covers_lead_time_and_review() -> None:
    """Domain rule "Reorder": 47.4, so at 47 one orders and at 48 not yet."""
    policy = by(ReorderPoint(service_level_bp=9_500, quantity=60))

    assert levels(policy) == Levels(reorder_at=47, up_to=107)
    assert to_order(policy, levels(policy), 48) == 0
    assert to_order(policy, levels(policy), 47) == 60


def test_without_a_quantity_the_economic_one_is_ordered() -> None:
    """√(2 · 4,380 · 2,000 / 120) = 382.1, and no unit less."""
    rule = ReorderPoint(service_level_bp=9_500, order_minor=2_000, holding_minor=120)

    assert levels(by(rule)) == Levels(reorder_at=47, up_to=47 + 383)


def test_at_each_review_one_orders_up_to_the_base_stock() -> None:
    policy = by(AT_95)

    assert levels(policy) == Levels(reorder_at=47, up_to=48)
    assert to_order(policy, levels(policy), 47) == 1
    assert to_order(policy, levels(policy), -5) == 53


def test_a_lead_time_that_varies_asks_for_more() -> None:
    """√(3 · 16 + 144 · 1) = 13.856, times 1.645 on 36: 58.8."""
    policy = by(AT_95, lead_deviation_h=24)

    assert levels(policy).up_to == 59


def test_minimum_and_maximum_ask_nobody_for_demand() -> None:
    policy = Policy(rule=MinMax(minimum=10, maximum=40))

    assert levels(policy, None) == Levels(reorder_at=10, up_to=40)
    assert to_order(policy, levels(policy, None), 11) == 0
    assert to_order(policy, levels(policy, None), 10) == 30


def test_goods_of_one_day_balance_too_few_against_too_many() -> None:
    """Snyder & Shen, example 4.3 (50 ± 8 newspapers, 0.70 and 0.18): 56.6, so 57."""
    papers = Demand(mean_milli=50_000, deviation_milli=8_000, days=56, censored_days=0)

    assert levels(Policy(rule=Newsvendor(underage_minor=70, overage_minor=18)), papers).up_to == 57


def test_slow_goods_of_one_day_are_counted_one_by_one() -> None:
    """Snyder & Shen, example 4.7."""
    slow = Demand(mean_milli=6_000, deviation_milli=2_449, days=56, censored_days=0)

    assert levels(Policy(rule=Newsvendor(underage_minor=4, overage_minor=1)), slow).up_to == 8


def test_no_more_is_ordered_than_can_be_sold_while_it_is_good() -> None:
    """μ(L + sellable life) = 12 · (2 + 1) = 36 is below s = 47, so S = 36 and s = 35."""
    policy = by(ReorderPoint(service_level_bp=9_500, quantity=60), sellable_days=1)

    assert levels(policy) == Levels(reorder_at=35, up_to=36, kept_fresh=True)


def test_what_keeps_long_enough_is_ordered_as_ever() -> None:
    policy = by(AT_95, sellable_days=3)

    assert levels(policy) == Levels(reorder_at=47, up_to=48)


def test_what_nobody_has_ever_been_able_to_buy_has_no_levels_by_demand() -> None:
    assert levels_of(Policy(rule=AT_95), None, MONDAY) is None


@pytest.mark.parametrize(
    "rule",
    [
        AT_95,
        ReorderPoint(service_level_bp=9_500, quantity=60),
        Newsvendor(underage_minor=4, overage_minor=1),
    ],
)
def test_what_nobody_asks_for_is_not_ordered(rule: Rule) -> None:
    nobody = Demand(mean_milli=0, deviation_milli=0, days=56, censored_days=0)
    policy = Policy(rule=rule)

    assert to_order(policy, levels(policy, nobody), 0) == 0
    assert to_order(policy, levels(policy, nobody), -2) == 2


def test_the_position_counts_what_comes_and_takes_off_what_goes() -> None:
    """Domain rule "Reorder"; what is suggested and not yet ordered counts once."""
    shelf = Shelf(on_hand=20, on_order=6, in_transit=4, reserved=3, expiring=2)

    assert position_of(shelf, suggested=0) == 25
    assert position_of(shelf, suggested=10) == 35


BUSY_WEEKENDS = msgspec.structs.replace(TWELVE_A_DAY, weekdays_milli=(800,) * 5 + (1_500, 1_500))


def test_a_weekend_asks_for_more_than_as_many_other_days() -> None:
    """Monday to Wednesday 3 · 9.6 = 28.8 and 11.4 in safety; from Friday on 9.6 + 18 + 18 = 45.6 and 11.4."""
    monday = levels_of(by(AT_95), BUSY_WEEKENDS, MONDAY)
    friday = levels_of(by(AT_95), BUSY_WEEKENDS, date(2026, 3, 6))

    assert (monday, friday) == (Levels(reorder_at=40, up_to=41), Levels(reorder_at=56, up_to=57))


def test_a_look_late_in_the_day_looks_ahead_as_far() -> None:
    """From Thursday at 18:00 on: 2.4 + 9.6 + 18 and 18 hours of Sunday, 13.5, is 43.5, and 11.4 in safety."""
    assert levels_of(by(AT_95), BUSY_WEEKENDS, date(2026, 3, 5), 18) == Levels(reorder_at=54, up_to=55)


def test_goods_of_one_day_go_by_the_day_on_which_they_are_sold() -> None:
    """Ordered on Friday with two days of lead time they are Sunday's: 18, and N(18, 4²) at 0.7955 is 21.3."""
    policy = by(Newsvendor(underage_minor=70, overage_minor=18))

    assert levels_of(policy, BUSY_WEEKENDS, date(2026, 3, 6)) == Levels(reorder_at=21, up_to=22)


def test_what_is_sold_while_it_is_good_goes_by_the_weekdays_too() -> None:
    """Monday to Wednesday 28.8 are sold, with one day of shelf life after two on the way."""
    found = levels_of(by(AT_95, sellable_days=1), BUSY_WEEKENDS, MONDAY)

    assert found == Levels(reorder_at=27, up_to=28, kept_fresh=True)


@pytest.mark.parametrize(
    ("pack", "minimum", "ordered"), [(1, 0, 53), (6, 0, 54), (6, 60, 60), (25, 60, 75), (100, 0, 100)]
)
def test_orders_are_whole_packs_and_no_less_than_the_minimum(pack: int, minimum: int, ordered: int) -> None:
    policy = by(AT_95, pack=pack, minimum_order=minimum)

    assert to_order(policy, levels(policy), -5) == ordered


def between(minimum: int, more: int) -> Rule:
    return MinMax(minimum=minimum, maximum=minimum + more)


RULES: st.SearchStrategy[Rule] = st.one_of(
    st.builds(between, st.integers(0, 500), st.integers(1, 500)),
    st.builds(ReorderPoint, service_level_bp=st.integers(5_000, 9_999), quantity=st.integers(1, 500)),
    st.builds(OrderUpTo, service_level_bp=st.integers(5_000, 9_999)),
    st.builds(Newsvendor, underage_minor=st.integers(1, 900), overage_minor=st.integers(1, 900)),
)
POLICIES = st.builds(
    Policy,
    rule=RULES,
    lead_time_h=st.integers(0, 200),
    lead_deviation_h=st.integers(0, 50),
    review_h=st.integers(1, 200),
    pack=st.integers(1, 48),
    minimum_order=st.integers(0, 100),
    sellable_days=st.none() | st.integers(1, 30),
)
DEMANDS = st.builds(
    Demand,
    mean_milli=st.integers(0, 90_000),
    deviation_milli=st.integers(0, 90_000),
    days=st.just(56),
    censored_days=st.just(0),
)


@given(policy=POLICIES, demand=DEMANDS, position=st.integers(-500, 2_000))
def test_what_was_ordered_once_is_not_ordered_again(policy: Policy, demand: Demand, position: int) -> None:
    """An order, counted in the position, leaves nothing to order."""
    found = levels(policy, demand)
    ordered = to_order(policy, found, position)

    assert ordered % policy.pack == 0
    assert found.reorder_at < found.up_to or found.up_to <= 0
    assert to_order(policy, found, position + ordered) == 0
