"""Examples of lots, locations and costs, for tests/domain/examples.py."""

from datetime import UTC, date, datetime

from domain.counts.classes import CountPlan
from domain.counts.plan import CountPlanSet
from domain.inventory.cost import CostAdjusted, CostCause, CostMethod
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import LotReceived
from domain.inventory.policy import StockPolicySet
from domain.kernel.event import Event
from domain.stores.storage_cost import LocationCost, StorageCostsSet

STOCK_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    LotReceived: (
        LotReceived(
            store_id="s1",
            sku="apple",
            lot="L7",
            supplier_id="orchard",
            received_on=date(2026, 3, 20),
            sell_by=date(2026, 3, 27),
            unit_cost_minor=340,
            reference="delivery-9",
        ),
        LotReceived(store_id="s1", sku="apple", lot="L8", received_on=date(2026, 3, 21)),
    ),
    StockRelocated: (
        StockRelocated(
            store_id="s1",
            sku="apple",
            lot="L7",
            quantity=2,
            from_location="cold room",
            to_location="back room",
        ),
        StockRelocated(store_id="s1", sku="apple", quantity=2, from_location="", to_location="cold room"),
        StockRelocated(
            store_id="s1",
            sku="apple",
            quantity=2,
            from_location="",
            to_location="cold room",
            moved_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        ),
    ),
    CostAdjusted: (
        CostAdjusted(
            store_id="s1",
            sku="apple",
            stock_minor=400,
            variance_minor=600,
            cause=CostCause.FREIGHT,
            reference="bill-7",
            lot="L7",
            quantity=10,
            receipt="delivery-9",
            held_minor=100,
        ),
        CostAdjusted(
            store_id="s1", sku="apple", stock_minor=-80, variance_minor=80, cause=CostCause.BELOW_ZERO
        ),
        CostAdjusted(store_id="s1", sku="apple", stock_minor=30, variance_minor=0, cause=CostCause.PRICE),
    ),
    StockPolicySet: (StockPolicySet(cost_method=CostMethod.FIFO), StockPolicySet()),
    CountPlanSet: (
        CountPlanSet(
            store_id="s1",
            plan=CountPlan(a_bp=7_000, b_bp=9_000, a_days=7, b_days=30, c_days=365, shrink_bp=100),
        ),
        CountPlanSet(store_id="s1"),
    ),
    StorageCostsSet: (
        StorageCostsSet(
            store_id="s1",
            costs=(
                LocationCost(location="", month_minor=300_000),
                LocationCost(location="cold room", month_minor=80_000),
            ),
        ),
        StorageCostsSet(store_id="s1"),
    ),
}
