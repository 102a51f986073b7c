"""/v1/stores/{store_id}/count-results: what counts found, and what of it was told late."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.requests import ShopRequest
from api.stock_ledger import FirstDay, LastDay
from domain.catalog.product import PRODUCT
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.count_results.fold import CountResults
from projections.count_results.queries import CountGroup, CountResult, count_results
from projections.report_keys.fold import ReportKeys

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class CountResultRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a month: surplus − shrink + late is what the book changed by, at its cost.

    `group` is the SKU, the count ("" by hand), the cause or, of the whole store, "". Quantities are in the
    SKU's unit and null where several SKUs are added. `late` is what facts of before a count, told after it,
    gave back. Of `lines` that were counted `exact` were as the book had them; by cause both are null.
    """

    month: str
    group: str
    shrink: Money
    surplus: Money
    late: Money
    net: Money
    shrink_quantity: int | None
    surplus_quantity: int | None
    late_quantity: int | None
    lines: int | None
    exact: int | None


class CountResultsController(Controller):
    """Results of counts."""

    path = "/v1/stores/{store_id:str}"
    tags = ("reports",)

    @get("/count-results", operation_id="countResults", opt={"scope": "reports:read"})
    async def results(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        first: FirstDay,
        last: LastDay,
        group_by: CountGroup = "count",
        sku: Id | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[CountResultRow]:
        """Shrink and surplus by month and SKU, count or cause; a month that is over never changes."""
        store, _ = await tenant.require_state(STORE, store_id)
        if last < first:
            raise Problem(400, "invalid_request", "to is the last day and must not be before from.")
        if sku is not None:
            await tenant.require_state(PRODUCT, sku)
        after = decode_cursor(cursor, tuple[str, str])
        for projection in (CountResults.name, ReportKeys.name):
            await caught_up(request, tenant, projection)
        async with tenant.readers.connection() as connection:
            found = await count_results(
                connection,
                store_id,
                first=first,
                last=last,
                sku=sku,
                group_by=group_by,
                after=after or ("", ""),
                limit=limit + 1,
            )
        with_quantity = group_by == "sku" or sku is not None
        rows = [_row(result, store.currency, group_by, with_quantity=with_quantity) for result in found]
        return page_of(rows, limit, lambda row: (row.month, row.group))


def _row(result: CountResult, currency: str, group_by: CountGroup, *, with_quantity: bool) -> CountResultRow:
    with_lines = group_by != "cause"
    return CountResultRow(
        month=result.month,
        group=result.name,
        shrink=money(result.shrink_minor, currency),
        surplus=money(result.surplus_minor, currency),
        late=money(result.late_minor, currency),
        net=money(result.surplus_minor - result.shrink_minor + result.late_minor, currency),
        shrink_quantity=result.shrink if with_quantity else None,
        surplus_quantity=result.surplus if with_quantity else None,
        late_quantity=result.late if with_quantity else None,
        lines=result.lines if with_lines else None,
        exact=result.exact if with_lines else None,
    )
