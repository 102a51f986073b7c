"""/v1/reports/performance: how employees did in a month, ranked, and what their stores came to."""

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.performance_rows import Month, PerformanceRow, StorePerformance, rows_of_people, rows_of_stores
from api.reading import MAX_PAGE, caught_up
from api.reports import StoreId, stores_asked
from api.requests import ShopRequest
from api.schemes import Period
from domain.staff.scheme import first_day, period_after
from infra.tenancy import Tenant
from projections.complaint_board.fold import ComplaintBoard
from projections.honours.fold import Honours
from projections.incentives.fold import Incentives
from projections.incentives.performance import RankBy, performance_of
from projections.sales_report.fold import SalesReport
from projections.staff_scores.fold import StaffScores
from projections.staff_scores.month import days_of_stores
from projections.targets.fold import Targets
from projections.targets.queries import targets_between

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
PAY = "incentives:read"
MAX_TARGETS = 500
"""So many targets are added up for a report; the others are in the list of targets."""
READ = tuple(model.name for model in (Incentives, Honours, ComplaintBoard, StaffScores, SalesReport, Targets))


class PerformanceReport(msgspec.Struct, frozen=True, kw_only=True):
    """The month's rows by currency and rank, and its stores by currency and net."""

    month: str
    rank_by: RankBy
    data: list[PerformanceRow]
    stores: list[StorePerformance]


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
        """Who sold or took back in a month, in one store or all: the best first; and its stores.

        Returns count in their own month, for whoever sold. Complaints, answers and leads are those of the
        month of the UTC calendar. Commission and bonus are of all stores. No more than 500 targets are told.
        """
        first, after = first_day(month), first_day(period_after(month))
        stores = await stores_asked(request, tenant, first, first, store_id)
        days = Month(period=month, first=first, last=after - timedelta(days=1), stores=stores)
        for model in READ:
            await caught_up(request, tenant, model)
        async with tenant.readers.connection() as connection:
            people = await performance_of(connection, month, rank_by, stores=stores, limit=limit)
            places = await days_of_stores(
                connection, first=days.first, last=days.last, stores=stores, limit=MAX_PAGE
            )
            targets = await targets_between(
                connection,
                first=days.first,
                last=days.last,
                employee_ids=sorted({row.employee_id for row in people}),
                of_stores=[each.store_id for each in places],
                stores=stores,
                limit=MAX_TARGETS,
            )
            may_see_pay = _may_see_pay(request, store_id)
            rows = await rows_of_people(connection, days, people, targets, may_see_pay=may_see_pay)
            return PerformanceReport(
                month=month,
                rank_by=rank_by,
                data=rows,
                stores=await rows_of_stores(connection, days, places, targets),
            )
