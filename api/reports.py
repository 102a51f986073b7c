"""/v1/reports: sums over what was sold."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter, QueryParameter

from api.errors import Problem
from api.money import money
from api.reading import caught_up
from api.requests import ShopRequest
from domain.kernel.ids import ID_PATTERN
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.sales_report.fold import SalesReport
from projections.sales_report.queries import GroupBy, ReportLine, sales_report

GROUPS = ", ".join(GroupBy)

First = Annotated[date, QueryParameter(name="from", description="first business day")]
Last = Annotated[date, QueryParameter(name="to", description="last business day, included")]
StoreId = Annotated[str | None, Parameter(pattern=ID_PATTERN)]
Groups = Annotated[str, Parameter(description=f"comma-separated, of {GROUPS}")]


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """gross − discount − returns = net. `units` are pieces or grams: they add up only within a product."""

    group: dict[str, str]
    gross: Money
    discount: Money
    tax: Money
    net: Money
    returns: Money
    cost: Money
    units: int
    returned_units: int
    lines: int


class SalesReportView(msgspec.Struct, frozen=True, kw_only=True):
    """A report; without groups one row a currency."""

    data: list[ReportRow]


def _row(line: ReportLine) -> ReportRow:
    return ReportRow(
        group=line.group,
        gross=money(line.gross_minor, line.currency),
        discount=money(line.discount_minor, line.currency),
        tax=money(line.tax_minor, line.currency),
        net=money(line.net_minor, line.currency),
        returns=money(line.returns_minor, line.currency),
        cost=money(line.cost_minor, line.currency),
        units=line.units,
        returned_units=line.returned_units,
        lines=line.lines,
    )


def _groups(group_by: str) -> list[GroupBy]:
    names = list(dict.fromkeys(group_by.split(","))) if group_by else []
    try:
        return [GroupBy(name) for name in names]
    except ValueError as error:
        raise Problem(400, "invalid_request", f"{error}: group_by takes {GROUPS}.") from None


async def stores_asked(
    request: ShopRequest, tenant: Tenant, first: date, last: date, store_id: str | None
) -> list[str] | None:
    """The stores that a report is about, None for all. Problem where the days or the store can't be meant."""
    if last < first:
        raise Problem(400, "invalid_request", "to is the last day and must not be before from.")
    if store_id is None:
        return None if request.user.stores is None else sorted(request.user.stores)
    request.user.require_store(store_id)
    await tenant.require_state(STORE, store_id)
    return [store_id]


def instants_of(first: date, last: date) -> tuple[datetime, datetime]:
    """When days of the UTC calendar begin and are over; the last day there is goes on to its last instant."""
    since = datetime.combine(first, time(), UTC)
    if last == date.max:
        return since, datetime.max.replace(tzinfo=UTC)
    return since, datetime.combine(last + timedelta(days=1), time(), UTC)


class ReportsController(Controller):
    """Reports."""

    path = "/v1/reports"
    tags = ("reports",)

    @get("/sales", operation_id="salesReport", opt={"scope": "reports:read"})
    async def sales(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        store_id: StoreId = None,
        group_by: Groups = "",
    ) -> SalesReportView:
        """Sales by business day, product, employee, category and more, of one store or all."""
        groups = _groups(group_by)
        stores = await stores_asked(request, tenant, first, last, store_id)
        await caught_up(request, tenant, SalesReport.name)
        async with tenant.readers.connection() as connection:
            lines = await sales_report(connection, first=first, last=last, stores=stores, group_by=groups)
        return SalesReportView(data=[_row(line) for line in lines])
