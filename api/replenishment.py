"""/v1/stores/{store_id}/replenishment: policies, what is known of an item's demand, and a look at all."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from msgspec import Meta

from api.reading import caught_up, read, written
from api.requests import Body, ShopRequest, command_origin, expected_version, unkeyed_origin
from domain.catalog.product import PRODUCT
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.replenishment.demand import Demand
from domain.replenishment.expiring import SellBy
from domain.replenishment.item import REPLENISHED, item_id
from domain.replenishment.levels import FORMULA, Levels, Shelf, levels_of, position_of
from domain.replenishment.policy import (
    DAY_H,
    LONGEST_DAYS,
    LONGEST_H,
    MOST,
    WHOLE_BP,
    MinMax,
    Newsvendor,
    OrderUpTo,
    Policy,
    ReorderPoint,
)
from domain.replenishment.suggesting import ItemVersion, SetReplenishmentPolicy, orders_due
from domain.stores.store import STORE
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.replenishment.history import Clock
from projections.replenishment.looks import LOOKED_AT, Seen, looks_of

Quantity = Annotated[int, Meta(ge=0, le=MOST)]
Least = Annotated[int, Meta(ge=1, le=MOST)]
Level = Annotated[int, Meta(ge=WHOLE_BP // 2, lt=WHOLE_BP)]
Hours = Annotated[int, Meta(ge=0, le=LONGEST_H)]


class MinMaxBody(Body, frozen=True, kw_only=True, tag="min_max", tag_field="kind"):
    """At or below the minimum, up to the maximum."""

    minimum: Quantity
    maximum: Least


class ReorderPointBody(Body, frozen=True, kw_only=True, tag="reorder_point", tag_field="kind"):
    """At or below what covers lead time and review at this service level, so much more.

    Without `quantity` it is the economic one: an order costs `order_cost`, and holding a unit for a year
    `holding_cost`, both in minor units. A service level is in basis points.
    """

    service_level: Level
    quantity: Least | None = None
    order_cost: Quantity = 0
    holding_cost: Quantity = 0


class OrderUpToBody(Body, frozen=True, kw_only=True, tag="order_up_to", tag_field="kind"):
    """At each review, up to what covers lead time and review at this service level, in basis points."""

    service_level: Level


class NewsvendorBody(Body, frozen=True, kw_only=True, tag="newsvendor", tag_field="kind"):
    """Goods of one day: what a unit too few costs (its margin), and one too many, in minor units."""

    underage_cost: Least
    overage_cost: Least


RuleBody = MinMaxBody | ReorderPointBody | OrderUpToBody | NewsvendorBody


class PolicyBody(Body, frozen=True, kw_only=True):
    """How an item is replenished. Quantities are in its unit, times in hours and days."""

    rule: RuleBody
    lead_time_h: Hours = DAY_H
    lead_deviation_h: Hours = 0
    review_h: Annotated[int, Meta(ge=1, le=LONGEST_H)] = DAY_H
    pack: Least = 1
    minimum_order: Quantity = 0
    sellable_days: Annotated[int, Meta(ge=1, le=LONGEST_DAYS)] | None = None
    supplier_id: Id | None = None


class PolicyToSet(Body, frozen=True, kw_only=True):
    """The policy from now on; null ends it."""

    policy: PolicyBody | None


class DemandView(msgspec.Struct, frozen=True, kw_only=True):
    """Why something would be ordered, or would not, as it is now.

    Demand is a day's, in thousandths of a unit, by so many days; of the censored ones the shelf saw only a
    part. It is null where nobody could buy any, and levels are where there is no policy.
    """

    store_id: str
    sku: str
    demand: Demand | None
    shelf: Shelf
    expires: list[SellBy]
    suggested: int
    position: int
    levels: Levels | None
    formula: int


class LookView(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a store's items led to."""

    items: int
    suggested: int
    position: int


class ReplenishmentController(Controller):
    """Replenishment of a store."""

    path = "/v1/stores/{store_id:str}/replenishment"
    tags = ("replenishment",)

    @get("/policies/{sku:str}", operation_id="getReplenishmentPolicy", opt={"scope": "stock:read"})
    async def show(self, tenant: Tenant, store_id: str, sku: str) -> Response[PolicyBody]:
        """The policy in force and, as ETag, the item's version."""
        found = await tenant.look_up(REPLENISHED, item_id(store_id, sku))
        policy: Policy | None = found.state.policy
        if policy is None:
            raise NotFound(
                f'The item has no policy. PUT one with If-Match: "{found.version}".',
                kind="replenishment policy",
                id=sku,
            )
        return read(_view(policy), found.version)

    @put("/policies/{sku:str}", operation_id="setReplenishmentPolicy", opt={"scope": "stock:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, sku: str, data: PolicyToSet
    ) -> Response[ItemVersion]:
        """Puts a policy in the place of the one before, or ends it; before the first, If-Match is "0"."""
        origin = await command_origin(request, tenant, "setReplenishmentPolicy", key_required=False)
        command = SetReplenishmentPolicy(
            store_id=store_id,
            sku=sku,
            policy=None if data.policy is None else _policy(data.policy),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)

    @get("/demand/{sku:str}", operation_id="getDemand", opt={"scope": "stock:read"})
    async def demand(self, request: ShopRequest, tenant: Tenant, store_id: str, sku: str) -> DemandView:
        """The demand of an item with a policy, and the levels that follow from it."""
        await tenant.require_state(PRODUCT, sku)
        seen = await _seen(request, tenant, store_id, sku)
        if not seen:
            raise NotFound("The item has no policy. PUT one first.", kind="replenishment policy", id=sku)
        ((look, item),) = seen
        store, _ = await tenant.require_state(STORE, store_id)
        local = Clock(store.time_zone, store.day_starts_at_min).of(now_utc())
        return DemandView(
            store_id=store_id,
            sku=sku,
            demand=look.demand,
            shelf=look.shelf,
            expires=list(look.expires),
            suggested=item.suggested,
            position=position_of(look.shelf, item.suggested),
            levels=None
            if item.policy is None
            else levels_of(item.policy, look.demand, local.date(), local.hour),
            formula=FORMULA,
        )

    @post("/looks", operation_id="suggestOrders", opt={"scope": "stock:write"}, status_code=200)
    async def look(self, request: ShopRequest, tenant: Tenant, store_id: str) -> Response[LookView]:
        """Suggests now what is suggested every night. What waits already is not suggested again."""
        store, _ = await tenant.require_state(STORE, store_id)
        seen = await _seen(request, tenant, store_id)
        local = Clock(store.time_zone, store.day_starts_at_min).of(now_utc())
        due = orders_due(store_id, local.date(), local.hour, seen)
        answers = await tenant.submit_all(due, lambda: unkeyed_origin(request))
        async with tenant.readers.connection() as connection:
            head = (await tenant.journal.head(connection)).position
        position = max((answer.position for answer in answers), default=head)
        made = sum(answer.result.made for answer in answers)
        view = LookView(items=len(seen), suggested=made, position=position)
        return Response(view, headers={"Daybook-Position": str(position)})


async def _seen(request: ShopRequest, tenant: Tenant, store_id: str, sku: str | None = None) -> list[Seen]:
    """The items as they are now, by read models that have seen what the caller asks for."""
    store, _ = await tenant.require_state(STORE, store_id)
    for projection in LOOKED_AT:
        await caught_up(request, tenant, projection)
    clock = Clock(store.time_zone, store.day_starts_at_min)
    async with tenant.readers.connection() as connection:
        return await looks_of(connection, store_id, clock, now_utc(), sku)


def _policy(body: PolicyBody) -> Policy:
    match body.rule:
        case MinMaxBody(minimum=minimum, maximum=maximum):
            rule = MinMax(minimum=minimum, maximum=maximum)
        case ReorderPointBody() as given:
            rule = ReorderPoint(
                service_level_bp=given.service_level,
                quantity=given.quantity,
                order_minor=given.order_cost,
                holding_minor=given.holding_cost,
            )
        case OrderUpToBody(service_level=service_level):
            rule = OrderUpTo(service_level_bp=service_level)
        case NewsvendorBody(underage_cost=underage, overage_cost=overage):
            rule = Newsvendor(underage_minor=underage, overage_minor=overage)
    return Policy(
        rule=rule,
        lead_time_h=body.lead_time_h,
        lead_deviation_h=body.lead_deviation_h,
        review_h=body.review_h,
        pack=body.pack,
        minimum_order=body.minimum_order,
        sellable_days=body.sellable_days,
        supplier_id=body.supplier_id,
    )


def _view(policy: Policy) -> PolicyBody:
    match policy.rule:
        case MinMax(minimum=minimum, maximum=maximum):
            rule = MinMaxBody(minimum=minimum, maximum=maximum)
        case ReorderPoint() as found:
            rule = ReorderPointBody(
                service_level=found.service_level_bp,
                quantity=found.quantity,
                order_cost=found.order_minor,
                holding_cost=found.holding_minor,
            )
        case OrderUpTo(service_level_bp=service_level):
            rule = OrderUpToBody(service_level=service_level)
        case Newsvendor(underage_minor=underage, overage_minor=overage):
            rule = NewsvendorBody(underage_cost=underage, overage_cost=overage)
    return PolicyBody(
        rule=rule,
        lead_time_h=policy.lead_time_h,
        lead_deviation_h=policy.lead_deviation_h,
        review_h=policy.review_h,
        pack=policy.pack,
        minimum_order=policy.minimum_order,
        sellable_days=policy.sellable_days,
        supplier_id=policy.supplier_id,
    )
