"""/v1/reports/complaints: where complaints come from, and what becomes of them."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.reading import MAX_PAGE, caught_up
from api.reports import First, Last, StoreId, instants_of, stores_asked
from api.requests import ShopRequest
from domain.service.case import CaseKind
from infra.tenancy import Tenant
from projections.complaint_board.fold import ComplaintBoard
from projections.complaint_board.sums import CaseGroup, CaseSum, sums_of_cases

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Groups = Literal["product", "channel", "category", "store", "lot", "supplier", "employee"]


class CaseCauses(msgspec.Struct, frozen=True, kw_only=True):
    """The groups, the one with most cases first."""

    data: list[CaseSum]


class ComplaintReportController(Controller):
    """Reports on complaints."""

    path = "/v1/reports/complaints"
    tags = ("reports",)

    @get(operation_id="complaintReport", opt={"scope": "reports:read"})
    async def show(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        group_by: Groups,
        store_id: StoreId = None,
        kind: CaseKind | None = None,
        limit: Limit = 100,
    ) -> CaseCauses:
        """Cases opened on days of the UTC calendar, by what they are about.

        Yes and no are counted apart from what nobody knows: `in_time` and `late`, `accepted` and `disputed`.
        """
        stores = await stores_asked(request, tenant, first, last, store_id)
        since, until = instants_of(first, last)
        await caught_up(request, tenant, ComplaintBoard.name)
        async with tenant.readers.connection() as connection:
            sums = await sums_of_cases(
                connection,
                CaseGroup[group_by.upper()],
                since=since,
                until=until,
                stores=stores,
                kind=kind,
                limit=limit,
            )
        return CaseCauses(data=sums)
