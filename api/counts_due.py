"""/v1/stores/{store_id}: what is due to be counted, by what plan, and how items are classed."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import Parameter
from msgspec import Meta

from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, ShopRequest, command_origin
from domain.counts.classes import WHOLE_BP, CountPlan
from domain.counts.due import Graded, due, grade
from domain.counts.plan import COUNT_PLAN, MAX_DAYS
from domain.kernel.business_day import business_day
from domain.kernel.money import Money
from domain.stockroom.count_plan import SetCountPlan
from domain.stores.store import STORE, Store
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.counts_due.fold import CountsDue
from projections.counts_due.queries import facts_of
from projections.expiry_board.fold import ExpiryBoard
from projections.stock_ledger.fold import StockLedger
from projections.stock_levels.fold import StockLevels

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]
Cut = Annotated[int, Meta(gt=0, le=WHOLE_BP)]
ClassName = Literal["A", "B", "C"]
RiskName = Literal["negative", "expired", "perishable", "shrink"]
READ = (StockLevels.name, StockLedger.name, CountsDue.name, ExpiryBoard.name)


class CountPlanBody(Body, frozen=True, kw_only=True):
    """How items are classed and how often they are counted; what is left out is as usual.

    A are the items whose predecessors come to less than `a_bp` of a year's issues, B those below `b_bp`, C
    the others. Whose own missing goods are above `shrink_bp` of its issues is counted as one class higher.
    """

    a_bp: Cut = 8_000
    b_bp: Cut = 9_500
    a_days: Days = 30
    b_days: Days = 90
    c_days: Days = 180
    shrink_bp: Annotated[int, Meta(ge=0, le=WHOLE_BP)] = 200


class CountPlanView(msgspec.Struct, frozen=True, kw_only=True):
    """The plan by which a store counts."""

    store_id: str
    a_bp: int
    b_bp: int
    a_days: int
    b_days: int
    c_days: int
    shrink_bp: int


class DueItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item that is to be counted, and why. What the book says of it is for nobody who counts.

    `due_on` is a business day of the store's; for what is below zero or was never counted it is today's.
    """

    sku: str
    why: Literal["negative", "never", "period"]
    counted_as: ClassName
    due_on: date
    counted_on: date | None


class ClassedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An item's class by the value of a year's issues, and the one that it is counted as by its risks."""

    sku: str
    issued: Money
    missing: Money
    by_value: ClassName
    counted_as: ClassName
    risks: list[RiskName]
    why: Literal["negative", "never", "period"]
    due_on: date
    counted_on: date | None
    counting: bool


class CountsDueController(Controller):
    """What is to be counted."""

    path = "/v1/stores/{store_id:str}"
    tags = ("counts",)

    @get("/counts/due", operation_id="listCountsDue", opt={"scope": "counts:count"})
    async def due(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[DueItem]:
        """What is to be counted today or should have been, the most urgent first, unless it is in a count."""
        after = decode_cursor(cursor, tuple[str, str, str, str])
        store, graded = await _graded(request, tenant, store_id)
        today = business_day(now_utc(), store.time_zone, store.day_starts_at_min)
        rows = [one for one in due(graded, today) if after is None or one.urgency > after]
        page = page_of(rows, limit, lambda one: one.urgency)
        return Page(data=[_due_view(one) for one in page.data], next_cursor=page.next_cursor)

    @get("/stock-classes", operation_id="listStockClasses", opt={"scope": "reports:read"})
    async def classes(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ClassedItem]:
        """The items of a store by SKU, with their classes, risks and when they are due to be counted."""
        after = decode_cursor(cursor, tuple[str])
        store, graded = await _graded(request, tenant, store_id)
        rows = sorted(
            (one for one in graded if after is None or one.item.sku > after[0]),
            key=lambda one: one.item.sku,
        )
        page = page_of(rows, limit, lambda one: (one.item.sku,))
        views = [_class_view(one, store.currency) for one in page.data]
        return Page(data=views, next_cursor=page.next_cursor)

    @get("/count-plan", operation_id="getCountPlan", opt={"scope": "stock:read"})
    async def plan(self, tenant: Tenant, store_id: str) -> CountPlanView:
        """By what plan a store counts; the usual one where nobody has said."""
        await tenant.require_state(STORE, store_id)
        return _plan_view(store_id, await tenant.state_of(COUNT_PLAN, store_id))

    @put("/count-plan", operation_id="setCountPlan", opt={"scope": "stores:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: CountPlanBody
    ) -> Response[CountPlanView]:
        """Sets by what plan a store counts from now on."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "setCountPlan", key_required=False)
        plan = CountPlan(**msgspec.structs.asdict(data))
        answer = await tenant.submit(SetCountPlan(store_id=store_id, plan=plan), origin)
        return written(_plan_view(store_id, plan), answer)


async def _graded(request: ShopRequest, tenant: Tenant, store_id: str) -> tuple[Store, list[Graded]]:
    store, _ = await tenant.require_state(STORE, store_id)
    plan = await tenant.state_of(COUNT_PLAN, store_id)
    for name in READ:
        await caught_up(request, tenant, name)
    now = now_utc()
    async with tenant.readers.connection() as connection:
        facts = await facts_of(connection, store_id, store.time_zone, store.day_starts_at_min, now)
    return store, grade(facts, plan, business_day(now, store.time_zone, store.day_starts_at_min))


def _due_view(one: Graded) -> DueItem:
    return DueItem(
        sku=one.item.sku,
        why=one.why.value,
        counted_as=one.counted_as.value,
        due_on=one.due_on,
        counted_on=one.item.counted_on,
    )


def _class_view(one: Graded, currency: str) -> ClassedItem:
    return ClassedItem(
        sku=one.item.sku,
        issued=money(one.item.issued_minor, currency),
        missing=money(one.item.missing_minor, currency),
        by_value=one.by_value.value,
        counted_as=one.counted_as.value,
        risks=[risk.value for risk in one.risks],
        why=one.why.value,
        due_on=one.due_on,
        counted_on=one.item.counted_on,
        counting=one.item.counting,
    )


def _plan_view(store_id: str, plan: CountPlan) -> CountPlanView:
    return CountPlanView(store_id=store_id, **msgspec.structs.asdict(plan))
