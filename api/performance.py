"""/v1/reports/performance: how employees did in a month, ranked."""

from datetime import UTC, datetime, time
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.money import money
from api.reading import MAX_PAGE, caught_up
from api.reports import StoreId, stores_asked
from api.requests import ShopRequest
from api.schemes import Period
from domain.kernel.money import Money
from domain.staff.scheme import first_day, period_after
from infra.tenancy import Tenant
from projections.complaint_board.fold import ComplaintBoard
from projections.complaint_board.sums import complaints_about
from projections.honours.fold import Honours
from projections.honours.queries import titles_of
from projections.incentives.fold import Incentives
from projections.incentives.performance import RankBy, paid_for, performance_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
SMALL_GROUP = 5
"""Among fewer than these a rank says little, and says it of people whom everybody knows."""
PAY = "incentives:read"


class PerformanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """An employee's month in a currency. Money is without tax, of shared sales by share.

    `net` is what was sold less `returned`, and `margin` that less what the goods cost. Those who are level
    share a `rank`, `among` so many; `small_group` says that these are few. `commission` and `bonus` are of
    closed months, null where there is none or where you may not read them.
    """

    employee_id: str
    rank: int
    among: int
    small_group: bool
    sales: int
    returns: int
    net: Money
    returned: Money
    margin: Money
    complaints: int
    commission: Money | None
    bonus: Money | None
    honours: list[str]


class PerformanceReport(msgspec.Struct, frozen=True, kw_only=True):
    """The month's rows by currency and rank."""

    month: str
    rank_by: RankBy
    data: list[PerformanceRow]


def _may_see_pay(request: ShopRequest, store_id: str | None) -> bool:
    """Whether they read incentives in these stores: what somebody gets is not in every report."""
    if not request.user.may(PAY):
        return False
    stores = request.user.acting(PAY).stores
    return stores is None or store_id in stores


class PerformanceController(Controller):
    """How employees did."""

    path = "/v1/reports/performance"
    tags = ("reports",)

    @get(operation_id="performanceReport", opt={"scope": "reports:read"})
    async def show(
        self,
        request: ShopRequest,
        tenant: Tenant,
        month: Period,
        store_id: StoreId = None,
        rank_by: RankBy = RankBy.NET,
        limit: Limit = 100,
    ) -> PerformanceReport:
        """Who sold or took back in a month, in one store or all: the best first.

        Returns count in their own month, for whoever sold. Complaints are those about the employee that were
        opened in the month of the UTC calendar. Commission and bonus are of all stores.
        """
        start, end = first_day(month), first_day(period_after(month))
        stores = await stores_asked(request, tenant, start, start, store_id)
        for model in (Incentives.name, Honours.name, ComplaintBoard.name):
            await caught_up(request, tenant, model)
        async with tenant.readers.connection() as connection:
            found = await performance_of(connection, month, rank_by, stores=stores, limit=limit)
            names = sorted({row.employee_id for row in found})
            complaints = await complaints_about(
                connection,
                names,
                since=datetime.combine(start, time(), UTC),
                until=datetime.combine(end, time(), UTC),
                stores=stores,
            )
            pay = await paid_for(connection, month, names) if _may_see_pay(request, store_id) else {}
            titles = await titles_of(connection, month, names)
        rows: list[PerformanceRow] = []
        for row in found:
            paid = pay.get((row.employee_id, row.currency))
            rows.append(
                PerformanceRow(
                    employee_id=row.employee_id,
                    rank=row.rank,
                    among=row.among,
                    small_group=row.among < SMALL_GROUP,
                    sales=row.sales,
                    returns=row.returns,
                    net=money(row.net_minor, row.currency),
                    returned=money(row.returned_minor, row.currency),
                    margin=money(row.net_minor - row.cost_minor, row.currency),
                    complaints=complaints.get(row.employee_id, 0),
                    commission=None if paid is None else money(paid[0], row.currency),
                    bonus=None if paid is None else money(paid[1], row.currency),
                    honours=titles.get(row.employee_id, []),
                )
            )
        return PerformanceReport(month=month, rank_by=rank_by, data=rows)
