"""Stock: what moved, of which lot, what it cost, and what is to be ordered."""

from domain.counts.plan import CountPlanSet
from domain.inventory.cost import CostAdjusted
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import LotExpired, LotReceived
from domain.inventory.policy import StockPolicySet
from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.inventory.stock_item import StockMoved
from domain.replenishment.item import (
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDrafted,
    SuggestionMade,
    SuggestionOrdered,
)
from domain.replenishment.observed import DemandObserved
from domain.replenishment.ordering import OrderingPolicySet
from domain.stores.storage_cost import StorageCostsSet
from workers.audit_words.telling import count, money, words


@words(StockMoved)
def _(event: StockMoved) -> str:
    why = "".join(f", {part}" for part in (event.reason, event.reference) if part)
    places = f"from {event.from_} to {event.to}".replace("_", " ")
    return f"moved {event.quantity:,} {places}, worth {money(event.cost_minor)}{why}"


@words(StockReserved)
def _(event: StockReserved) -> str:
    return (
        f"{event.quantity:,} of {event.sku!r} promised to {event.reference} until {event.until.isoformat()}"
    )


@words(ReservationReleased)
def _(event: ReservationReleased) -> str:
    return f"{event.quantity:,} of {event.sku!r} not promised to {event.reference} any more: {event.reason}"


@words(LotReceived)
def _(event: LotReceived) -> str:
    supplier = "" if event.supplier_id is None else f" of supplier {event.supplier_id}"
    keeps = "" if event.sell_by is None else f", to be sold by {event.sell_by}"
    cost = "" if event.unit_cost_minor is None else f", at {money(event.unit_cost_minor)}"
    return f"lot {event.lot}{supplier} received on {event.received_on}{keeps}{cost}"


@words(LotExpired)
def _(event: LotExpired) -> str:
    held = f" and {event.held:,} in quarantine" if event.held else ""
    there = f"{event.quantity:,} on the shelf{held}, worth {money(event.value_minor)}"
    return f"lot {event.lot} expired after {event.sell_by}: {there}"


@words(StockRelocated)
def _(event: StockRelocated) -> str:
    lot = f" of lot {event.lot}" if event.lot else ""
    places = (event.from_location or "the sales floor", event.to_location or "the sales floor")
    return f"{event.quantity:,}{lot} went from {places[0]} to {places[1]}"


@words(CostAdjusted)
def _(event: CostAdjusted) -> str:
    cause = event.cause.replace("_", " ")
    sums = f"{money(event.stock_minor)} to the stock's value, {money(event.variance_minor)} variance"
    return f"cost adjusted, {cause}: {sums}" + (f", {event.reference}" if event.reference else "")


@words(StockPolicySet)
def _(event: StockPolicySet) -> str:
    return f"stock is valued by {event.cost_method}"


@words(StorageCostsSet)
def _(event: StorageCostsSet) -> str:
    costs = (f"{cost.location or 'the sales floor'} {money(cost.month_minor)}" for cost in event.costs)
    return f"a month in the store costs: {', '.join(costs) or 'nothing'}"


@words(CountPlanSet)
def _(event: CountPlanSet) -> str:
    plan = event.plan
    return f"counts A items every {plan.a_days} days, B every {plan.b_days}, C every {plan.c_days}"


@words(ReplenishmentPolicySet)
def _(event: ReplenishmentPolicySet) -> str:
    if event.policy is None:
        return "is replenished by no policy any more"
    kind = event.policy.rule.__struct_config__.tag
    supplier = "" if event.policy.supplier_id is None else f", from supplier {event.policy.supplier_id}"
    return f"is replenished by the policy {str(kind).replace('_', ' ')}{supplier}"


@words(SuggestionMade)
def _(event: SuggestionMade) -> str:
    levels = (
        f"position {event.position:,}, reorder at {event.levels.reorder_at:,}, up to {event.levels.up_to:,}"
    )
    return f"suggestion {event.number}: order {event.quantity:,} ({levels})"


@words(SuggestionAccepted)
def _(event: SuggestionAccepted) -> str:
    why = "" if event.reason is None else f" instead of {event.suggested:,}: {event.reason}"
    return f"suggestion {event.number} accepted: {event.quantity:,}{why}"


@words(SuggestionDismissed)
def _(event: SuggestionDismissed) -> str:
    return f"suggestion {event.number} dismissed: {event.reason}"


@words(SuggestionDrafted)
def _(event: SuggestionDrafted) -> str:
    return f"suggestion {event.number} stands in the draft {event.reference}"


@words(OrderingPolicySet)
def _(event: OrderingPolicySet) -> str:
    if event.automatic is None:
        return "suggestions are gathered into drafts by nobody any more"
    return f"{event.automatic} suggestions are gathered into drafts"


@words(SuggestionOrdered)
def _(event: SuggestionOrdered) -> str:
    return f"suggestion {event.number} ordered by {event.reference}"


@words(DemandObserved)
def _(event: DemandObserved) -> str:
    span = f"{event.days[0].day} to {event.days[-1].day}"
    return f"{event.source} observed {count(len(event.days), 'day')} of demand, {span}"
