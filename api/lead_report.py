"""/v1/reports/leads: where leads come from, who wins them, and why others are lost."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.reading import MAX_PAGE, caught_up
from api.reports import First, Last, StoreId, instants_of, stores_asked
from api.requests import ShopRequest
from infra.tenancy import Tenant
from projections.lead_board.fold import LeadBoard
from projections.lead_board.queries import LeadGroup, LeadSum, LossReason, loss_reasons, sums_of_leads

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
LeadGroups = Literal["employee", "source", "store", "category", "month"]


class LeadConversion(msgspec.Struct, frozen=True, kw_only=True):
    """The groups, the one with most leads first, and why leads were lost."""

    data: list[LeadSum]
    lost_for: list[LossReason]


class LeadReportController(Controller):
    """Reports on leads."""

    path = "/v1/reports/leads"
    tags = ("reports",)

    @get(operation_id="leadReport", opt={"scope": "reports:read"})
    async def show(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        group_by: LeadGroups,
        store_id: StoreId = None,
        limit: Limit = 100,
    ) -> LeadConversion:
        """Leads opened on days of the UTC calendar, and how far they have come by now.

        A lead counts for whoever has it. `contacted`, `visited` and `quoted` came at least that far, also
        where a stage was left out; conversion is `won` of `opened`.
        """
        stores = await stores_asked(request, tenant, first, last, store_id)
        await caught_up(request, tenant, LeadBoard.name)
        since, until = instants_of(first, last)
        async with tenant.readers.connection() as connection:
            sums = await sums_of_leads(
                connection,
                LeadGroup[group_by.upper()],
                since=since,
                until=until,
                stores=stores,
                limit=limit,
            )
            reasons = await loss_reasons(connection, since=since, until=until, stores=stores, limit=limit)
        return LeadConversion(data=sums, lost_for=reasons)
