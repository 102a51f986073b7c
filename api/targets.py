"""/v1/targets: what stores and their people are to reach, and how much of it they have by now."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, put
from litestar.params import Parameter
from msgspec import Meta

from api.errors import RETRY_AFTER_S, Problem
from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version
from domain.kernel.errors import InvalidCommand
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.staff.target import MAX_GOAL, TARGET, EndTarget, Measure, SetTarget, Target
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.sales_report.fold import SalesReport
from projections.staff_scores.fold import StaffScores
from projections.targets.fold import Targets
from projections.targets.queries import Reached, targets_reached

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Goal = Annotated[int, Meta(ge=1, le=MAX_GOAL)]


class GoalBody(Body, frozen=True, kw_only=True):
    """One of `money`, `units` and `count` on the days from `first_day` to `last_day`, both included.

    Without `store_id` in all stores, without `employee_id` by everybody, without `sku` and `category` of all
    goods. `units` are pieces or grams of a product or category; of all goods a weighed line is one. `count`
    is of sales, less returns.
    """

    first_day: date
    last_day: date
    money: Amount | None = None
    units: Goal | None = None
    count: Goal | None = None
    store_id: Id | None = None
    employee_id: Id | None = None
    sku: Id | None = None
    category: Text | None = None


class MeasuredView(msgspec.Struct, frozen=True, kw_only=True):
    """The one that is counted; the others are null."""

    money: Money | None = None
    units: int | None = None
    count: int | None = None


class GoalView(msgspec.Struct, frozen=True, kw_only=True):
    """A target, what of it has been reached without what came back, and that in thousandths of the goal."""

    target_id: str
    version: int
    first_day: date
    last_day: date
    store_id: str | None
    employee_id: str | None
    sku: str | None
    category: str | None
    goal: MeasuredView
    reached: MeasuredView
    reached_permille: int
    ended: bool


class GoalVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    target_id: str
    version: int


def _measured(measure: str, figure: int, currency: str | None) -> MeasuredView:
    match measure:
        case Measure.MONEY:
            return MeasuredView(money=money(figure, currency or ""))
        case Measure.UNITS:
            return MeasuredView(units=figure)
        case _:
            return MeasuredView(count=figure)


def goal_view(found: Reached) -> GoalView:
    """What callers see of a target."""
    row = found.target
    assert row.first_day is not None
    assert row.last_day is not None
    return GoalView(
        target_id=row.target_id,
        version=row.version,
        first_day=row.first_day,
        last_day=row.last_day,
        store_id=row.store_id,
        employee_id=row.employee_id,
        sku=row.sku,
        category=row.category,
        goal=_measured(row.measure, row.goal, row.currency),
        reached=_measured(row.measure, found.reached, row.currency),
        reached_permille=found.reached * 1000 // row.goal,
        ended=row.ended,
    )


async def _target_of(tenant: Tenant, data: GoalBody) -> Target:
    goals = {
        Measure.MONEY: None if data.money is None else data.money.amount,
        Measure.UNITS: data.units,
        Measure.COUNT: data.count,
    }
    said = [(measure, goal) for measure, goal in goals.items() if goal is not None]
    if len(said) != 1:
        raise InvalidCommand("A target has one of money, units and count.")
    ((measure, goal),) = said
    currency = None if data.money is None else data.money.currency
    if currency is not None and data.store_id is not None:
        store, _ = await tenant.require_state(STORE, data.store_id)
        if store.currency != currency:
            raise InvalidCommand("The store has another currency.", currency=store.currency)
    return Target(
        first=data.first_day,
        last=data.last_day,
        measure=measure,
        goal=goal,
        currency=currency,
        store_id=data.store_id,
        employee_id=data.employee_id,
        sku=data.sku,
        category=data.category,
    )


async def _summed(request: ShopRequest, tenant: Tenant) -> None:
    for name in (Targets.name, StaffScores.name, SalesReport.name):
        await caught_up(request, tenant, name)


class TargetsController(Controller):
    """Targets."""

    path = "/v1/targets"
    tags = ("staff",)

    @get(operation_id="listGoals", opt={"scope": "reports:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        employee_id: Id | None = None,
        day: date | None = None,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> Page[GoalView]:
        """Targets by id, of somebody or that run on a day; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[Id])
        stores = request.user.stores
        await _summed(request, tenant)
        async with tenant.readers.connection() as connection:
            rows = await targets_reached(
                connection,
                stores=None if stores is None else sorted(stores),
                employee_id=employee_id,
                day=day,
                after=after[0] if after else "",
                limit=limit + 1,
            )
        return page_of([goal_view(row) for row in rows], limit, lambda view: (view.target_id,))

    @get("/{target_id:str}", operation_id="getGoal", opt={"scope": "reports:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, target_id: str) -> Response[GoalView]:
        """A target and what of it has been reached by now; as ETag, the version."""
        state, version = await tenant.require_state(TARGET, target_id)
        assert state.target is not None
        request.user.require_store(state.target.store_id)
        await _summed(request, tenant)
        async with tenant.readers.connection() as connection:
            rows = await targets_reached(connection, target_id=target_id)
        if not rows:
            raise Problem(
                503,
                "not_caught_up",
                "The read models have not seen the target yet. Try again.",
                headers={"Retry-After": RETRY_AFTER_S},
            )
        return read(goal_view(rows[0]), version)

    @put("/{target_id:str}", operation_id="setGoal", opt={"scope": "performance:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, target_id: Id, data: GoalBody
    ) -> Response[GoalVersion]:
        """Makes a target, or changes its goal until its days are over; before the first, If-Match is "0"."""
        request.user.require_store(data.store_id)
        origin = await command_origin(request, tenant, "setGoal", key_required=False)
        command = SetTarget(
            target_id=target_id,
            target=await _target_of(tenant, data),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        _, version = await tenant.state_at(TARGET, target_id, answer.position)
        return written(GoalVersion(target_id=target_id, version=version), answer, version=version)

    @delete("/{target_id:str}", operation_id="endGoal", opt={"scope": "performance:write"}, status_code=200)
    async def end(self, request: ShopRequest, tenant: Tenant, target_id: str) -> Response[GoalVersion]:
        """Ends a target before its days are over."""
        state, _ = await tenant.require_state(TARGET, target_id)
        assert state.target is not None
        request.user.require_store(state.target.store_id)
        origin = await command_origin(request, tenant, "endGoal", key_required=False)
        command = EndTarget(target_id=target_id, expected_version=expected_version(request))
        answer = await tenant.submit(command, origin)
        _, version = await tenant.state_at(TARGET, target_id, answer.position)
        return written(GoalVersion(target_id=target_id, version=version), answer, version=version)
