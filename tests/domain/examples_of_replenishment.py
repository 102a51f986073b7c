"""Examples of what is stored of policies, suggestions and observed demand."""

from datetime import date

from domain.kernel.event import Event
from domain.replenishment.demand import Demand
from domain.replenishment.expiring import SellBy
from domain.replenishment.item import (
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDrafted,
    SuggestionMade,
    SuggestionOrdered,
)
from domain.replenishment.levels import Levels, Shelf
from domain.replenishment.observed import DemandObserved, ObservedDay
from domain.replenishment.ordering import Automatic, OrderingPolicySet
from domain.replenishment.policy import MinMax, Newsvendor, OrderUpTo, Policy, ReorderPoint

_POLICY = Policy(
    rule=OrderUpTo(service_level_bp=9_500),
    lead_time_h=48,
    lead_deviation_h=6,
    review_h=12,
    pack=6,
    minimum_order=12,
    sellable_days=5,
    supplier_id="orchard",
)
_MIN_MAX = Policy(rule=MinMax(minimum=10, maximum=40))

REPLENISHMENT_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    ReplenishmentPolicySet: (
        ReplenishmentPolicySet(store_id="main", sku="apple", policy=_POLICY),
        ReplenishmentPolicySet(store_id="main", sku="apple"),
        ReplenishmentPolicySet(store_id="main", sku="apple", policy=_MIN_MAX),
        *(
            ReplenishmentPolicySet(store_id="main", sku="apple", policy=Policy(rule=rule))
            for rule in (
                ReorderPoint(service_level_bp=9_500, quantity=24, order_minor=2_000, holding_minor=120),
                ReorderPoint(service_level_bp=9_500),
                Newsvendor(underage_minor=70, overage_minor=18),
            )
        ),
    ),
    SuggestionMade: (
        SuggestionMade(
            store_id="main",
            sku="apple",
            number=2,
            quantity=36,
            day=date(2026, 3, 1),
            policy=_POLICY,
            formula=1,
            shelf=Shelf(on_hand=20, on_order=6, in_transit=4, reserved=3, expiring=2),
            suggested=6,
            demand=Demand(mean_milli=12_000, deviation_milli=4_000, days=56, censored_days=3),
            levels=Levels(reorder_at=47, up_to=60, kept_fresh=True),
            position=31,
        ),
        SuggestionMade(
            store_id="main",
            sku="apple",
            number=1,
            quantity=40,
            day=date(2026, 3, 1),
            policy=_MIN_MAX,
            formula=1,
            shelf=Shelf(),
            levels=Levels(reorder_at=10, up_to=40),
            position=0,
        ),
        SuggestionMade(
            store_id="main",
            sku="apple",
            number=3,
            quantity=36,
            day=date(2026, 3, 1),
            hour=9,
            policy=_POLICY,
            formula=2,
            shelf=Shelf(on_hand=20, expiring=2),
            expires=(
                SellBy(day=date(2026, 2, 28), quantity=2, expiring=2),
                SellBy(day=date(2026, 3, 1), quantity=4),
            ),
            demand=Demand(
                mean_milli=12_000,
                deviation_milli=4_000,
                days=56,
                censored_days=3,
                weekdays_milli=(800, 800, 800, 800, 800, 1_500, 1_500),
            ),
            levels=Levels(reorder_at=47, up_to=48),
            position=18,
        ),
    ),
    SuggestionAccepted: (
        SuggestionAccepted(
            store_id="main", sku="apple", number=2, quantity=48, suggested=36, reason="fair on Sunday"
        ),
        SuggestionAccepted(store_id="main", sku="apple", number=2, quantity=36, suggested=36),
    ),
    SuggestionDismissed: (
        SuggestionDismissed(store_id="main", sku="apple", number=2, reason="season is over"),
    ),
    SuggestionOrdered: (SuggestionOrdered(store_id="main", sku="apple", number=2, reference="purchase-p1"),),
    SuggestionDrafted: (SuggestionDrafted(store_id="main", sku="apple", number=2, reference="purchase-p1"),),
    OrderingPolicySet: (
        OrderingPolicySet(store_id="main", supplier_id="orchard", automatic=Automatic.ACCEPTED),
        OrderingPolicySet(store_id="main", supplier_id="orchard"),
        OrderingPolicySet(store_id="main", supplier_id="orchard", automatic=Automatic.OPEN),
    ),
    DemandObserved: (
        DemandObserved(
            source="fresh-retail",
            store_id="15",
            sku="4",
            days=(
                ObservedDay(
                    day=date(2024, 3, 28),
                    sold_milli=500,
                    out=0b111,
                    by_hour_milli=(0,) * 8 + (300, 200) + (0,) * 14,
                ),
                ObservedDay(day=date(2024, 3, 29), sold_milli=0),
            ),
        ),
    ),
}
