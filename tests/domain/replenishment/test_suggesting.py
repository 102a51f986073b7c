"""Policies, suggestions, and what somebody decides about them."""

from datetime import date

import pytest

from domain.kernel.command import Command
from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from domain.replenishment.demand import Demand
from domain.replenishment.item import (
    REPLENISHED,
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionMade,
    SuggestionOrdered,
    SuggestionSettled,
)
from domain.replenishment.levels import FORMULA, Levels, Shelf
from domain.replenishment.policy import MinMax, Newsvendor, OrderUpTo, Policy, ReorderPoint
from domain.replenishment.suggesting import (
    MOST_WAITING,
    DecideSuggestion,
    Look,
    MarkOrdered,
    OrderedSuggestion,
    SetReplenishmentPolicy,
    SuggestOrders,
)
from tests.support.commands import add_product, open_store
from tests.support.decisions import Given, given

POLICY = Policy(rule=OrderUpTo(service_level_bp=9_500), lead_time_h=48, pack=6, supplier_id="orchard")
STREAM = "replenishment-main/apple"
DEMAND = Demand(mean_milli=12_000, deviation_milli=4_000, days=56, censored_days=3)
DAY = date(2026, 3, 1)


def policy(policy: Policy | None = POLICY, sku: str = "apple", version: int | None = None) -> Command:
    return SetReplenishmentPolicy(store_id="main", sku=sku, policy=policy, expected_version=version)


def look(
    on_hand: int = 20,
    demand: Demand | None = DEMAND,
    sku: str = "apple",
    numbers: int = 0,
    waiting: tuple[int, ...] = (),
) -> SuggestOrders:
    shelf = Shelf(on_hand=on_hand)
    looks = (Look(sku=sku, shelf=shelf, demand=demand, numbers=numbers, waiting=waiting),)
    return SuggestOrders(store_id="main", day=DAY, looks=looks)


def decided(number: int = 1, quantity: int | None = None, reason: str | None = None) -> DecideSuggestion:
    return DecideSuggestion(store_id="main", sku="apple", number=number, quantity=quantity, reason=reason)


def ordered(*numbers: int) -> MarkOrdered:
    suggestions = tuple(OrderedSuggestion(sku="apple", number=number) for number in numbers)
    return MarkOrdered(store_id="main", suggestions=suggestions, reference="purchase-p1")


def a_shop() -> Given:
    return given().after(open_store("main"), add_product("apple", 1000))


def a_replenished_shop() -> Given:
    return a_shop().after(policy())


def test_a_policy_is_set() -> None:
    set_ = ReplenishmentPolicySet(store_id="main", sku="apple", policy=POLICY)
    a_shop().when(policy()).then((STREAM, set_))


def test_the_same_policy_again_changes_nothing() -> None:
    a_replenished_shop().when(policy()).then()


def test_a_policy_is_ended() -> None:
    ended = ReplenishmentPolicySet(store_id="main", sku="apple")
    a_replenished_shop().when(policy(None)).then((STREAM, ended))


def test_to_end_what_was_never_set_changes_nothing() -> None:
    a_shop().when(policy(None)).then()


def test_what_is_not_sold_is_not_replenished() -> None:
    a_shop().when(policy(sku="pear")).refused(NotFound, kind="product", id="pear")


def test_a_store_that_is_not_there_orders_nothing() -> None:
    given().after(add_product("apple", 1000)).when(policy()).refused(NotFound, kind="store")


def test_a_policy_that_changed_meanwhile_is_not_overwritten() -> None:
    a_replenished_shop().when(policy(None, version=0)).refused(VersionConflict, actual=1)


@pytest.mark.parametrize(
    "unsound",
    [
        Policy(rule=MinMax(minimum=40, maximum=40)),
        Policy(rule=MinMax(minimum=-1, maximum=40)),
        Policy(rule=OrderUpTo(service_level_bp=10_000)),
        Policy(rule=OrderUpTo(service_level_bp=4_999)),
        Policy(rule=ReorderPoint(service_level_bp=9_500)),
        Policy(rule=ReorderPoint(service_level_bp=9_500, quantity=0)),
        Policy(rule=ReorderPoint(service_level_bp=9_500, order_minor=100)),
        Policy(rule=Newsvendor(underage_minor=0, overage_minor=1)),
        Policy(rule=POLICY.rule, lead_time_h=-1),
        Policy(rule=POLICY.rule, lead_deviation_h=-1),
        Policy(rule=POLICY.rule, review_h=0),
        Policy(rule=POLICY.rule, pack=0),
        Policy(rule=POLICY.rule, minimum_order=-1),
        Policy(rule=POLICY.rule, sellable_days=0),
    ],
)
def test_a_policy_that_no_order_can_follow_from_is_refused(unsound: Policy) -> None:
    a_shop().when(policy(unsound)).refused(InvalidCommand)


def test_a_suggestion_says_what_went_in_and_what_came_out() -> None:
    """S = 48, s = 47, of which 20 are there: 28, in packs of six 30."""
    made = SuggestionMade(
        store_id="main",
        sku="apple",
        number=1,
        quantity=30,
        day=DAY,
        policy=POLICY,
        formula=FORMULA,
        shelf=Shelf(on_hand=20),
        demand=DEMAND,
        levels=Levels(reorder_at=47, up_to=48),
        position=20,
    )
    a_replenished_shop().when(look()).then((STREAM, made))


def test_a_suggestion_that_waits_counts_as_if_it_was_ordered() -> None:
    a_replenished_shop().after(look()).when(look()).then()


def test_an_accepted_one_that_is_not_yet_ordered_counts_too() -> None:
    a_replenished_shop().after(look(), decided()).when(look()).then()


def test_a_dismissed_one_counts_no_more() -> None:
    shop = a_replenished_shop().after(look(), decided(quantity=0, reason="fair is over"))
    assert shop.when(look(numbers=1)).only(SuggestionMade).number == 2


def test_where_nobody_decides_no_more_is_suggested_after_a_while() -> None:
    """Fifty times something is sold, and one more is suggested."""
    shop = a_replenished_shop().after(*(look(20 - 30 * night) for night in range(MOST_WAITING)))

    assert len(shop.state(REPLENISHED, "main/apple").waiting) == MOST_WAITING
    shop.when(look(-10_000)).then()


@pytest.mark.parametrize("seen", [look(), look(numbers=1, waiting=(1,))], ids=["made since", "waited then"])
def test_who_looked_before_something_was_ordered_does_not_know_what_is_on_order(seen: SuggestOrders) -> None:
    """Its look at the shelf is older than the order, which does not wait any more: nobody counts it."""
    a_replenished_shop().after(look(), decided(), ordered(1)).when(seen).then()


def test_what_sold_meanwhile_is_suggested_besides_what_waits() -> None:
    made = a_replenished_shop().after(look(20)).when(look(5)).only(SuggestionMade)
    assert (made.number, made.suggested, made.position, made.quantity) == (2, 30, 35, 18)


def test_nothing_is_suggested_where_there_is_enough() -> None:
    assert a_replenished_shop().when(look(48)).then().answer.made == 0


def test_nothing_is_suggested_of_an_item_without_a_policy() -> None:
    a_shop().when(look()).then()


def test_nothing_is_suggested_where_demand_is_unknown() -> None:
    a_replenished_shop().when(look(demand=None)).then()


def test_a_look_is_at_one_item_at_least() -> None:
    given().when(SuggestOrders(store_id="main", day=DAY, looks=())).refused(InvalidCommand, items=0)


def test_a_suggestion_is_accepted_as_it_is() -> None:
    accepted = SuggestionAccepted(store_id="main", sku="apple", number=1, quantity=30, suggested=30)
    a_replenished_shop().after(look()).when(decided()).then((STREAM, accepted))


def test_another_quantity_is_ordered_for_a_reason() -> None:
    accepted = SuggestionAccepted(
        store_id="main", sku="apple", number=1, quantity=60, suggested=30, reason="fair on Sunday"
    )
    waiting = a_replenished_shop().after(look())
    waiting.when(decided(quantity=60, reason="fair on Sunday")).then((STREAM, accepted))
    waiting.when(decided(quantity=60)).refused(InvalidCommand, sku="apple")


def test_a_suggestion_is_dismissed_for_a_reason() -> None:
    dismissed = SuggestionDismissed(store_id="main", sku="apple", number=1, reason="season is over")
    waiting = a_replenished_shop().after(look())
    waiting.when(decided(quantity=0, reason="season is over")).then((STREAM, dismissed))
    waiting.when(decided(quantity=0)).refused(InvalidCommand)
    waiting.when(decided(quantity=-1, reason="x")).refused(InvalidCommand)


def test_a_suggestion_is_decided_once() -> None:
    a_replenished_shop().after(look(), decided()).when(decided()).refused(SuggestionSettled, number=1)


def test_what_was_never_suggested_can_not_be_decided() -> None:
    a_replenished_shop().when(decided()).refused(NotFound, number=1)
    a_replenished_shop().after(look()).when(decided(0)).refused(NotFound)


def test_an_accepted_suggestion_is_ordered() -> None:
    fact = SuggestionOrdered(store_id="main", sku="apple", number=1, reference="purchase-p1")
    a_replenished_shop().after(look(), decided()).when(ordered(1)).then((STREAM, fact))


def test_a_suggestion_is_ordered_once_and_after_it_was_accepted() -> None:
    waiting = a_replenished_shop().after(look())
    waiting.when(ordered(1)).refused(SuggestionSettled, number=1)
    waiting.after(decided()).when(ordered(1, 1)).refused(InvalidCommand)
    waiting.after(ordered(1)).when(ordered(1)).refused(SuggestionSettled, number=1)


def test_nothing_is_ordered_by_naming_nothing() -> None:
    given().when(ordered()).refused(InvalidCommand, suggestions=0)


def test_a_policy_that_changes_leaves_what_waits() -> None:
    shop = a_replenished_shop().after(look(), policy(None))
    shop.when(decided()).then_events(
        SuggestionAccepted(store_id="main", sku="apple", number=1, quantity=30, suggested=30)
    )
