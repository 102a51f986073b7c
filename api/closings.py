"""/v1/stores/{store_id}/registers/{register_id}/closings: what a till's receipts of a period add up to."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.money import money
from api.reading import MAX_PAGE, Page, decode_cursor, page_of, written
from api.requests import Body, Instant, ShopRequest, command_origin
from domain.checkout.close_period import ClosePeriod, PeriodsClosed
from domain.kernel.money import Money
from domain.tills.till import TILL, Period, PeriodClosed, till_id
from domain.tills.totals import Totals
from infra.event_store.closings import BEFORE_NONE, read_closings
from infra.tenancy import Tenant

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Version = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$(?!\n)")]


class PeriodToClose(Body, frozen=True, kw_only=True):
    """What to close. An offline till sends its own `occurred_at`."""

    period: Period = Period.DAY
    occurred_at: Instant | None = None


class TaxView(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid at a rate (basis points), tax included, and the tax in it; less what came back."""

    tax_rate: int
    gross: Money
    tax: Money


class PerpetualView(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of all receipts that the till has ever issued."""

    receipts: int
    sales: Money
    refunds: Money
    total: Money


class ClosingView(msgspec.Struct, frozen=True, kw_only=True):
    """A closing. `first_receipt` and `last_receipt` are null where there was none.

    `total` is sales less refunds. `unsplit` is the part of it whose rates its receipts do not say (from
    before they did); `late` the part that came after the closing it belongs into.
    """

    store_id: str
    register_id: str
    period: Period
    number: int
    business_day: date
    covers_from: datetime | None
    closed_at: datetime
    first_receipt: int | None
    last_receipt: int | None
    receipts: int
    sales: Money
    refunds: Money
    total: Money
    taxes: list[TaxView]
    unsplit: Money
    late_receipts: int
    late: Money
    perpetual_before: PerpetualView
    perpetual_after: PerpetualView
    position: int


def _perpetual(totals: Totals, currency: str) -> PerpetualView:
    return PerpetualView(
        receipts=totals.receipts,
        sales=money(totals.sales_minor, currency),
        refunds=money(totals.refunds_minor, currency),
        total=money(totals.total_minor, currency),
    )


def _view(closed: PeriodClosed, position: int) -> ClosingView:
    totals, currency = closed.totals, closed.currency
    return ClosingView(
        store_id=closed.store_id,
        register_id=closed.register_id,
        period=closed.period,
        number=closed.number,
        business_day=closed.business_day,
        covers_from=closed.covers_from,
        closed_at=closed.closed_at,
        first_receipt=closed.first_receipt if totals.receipts else None,
        last_receipt=closed.last_receipt if totals.receipts else None,
        receipts=totals.receipts,
        sales=money(totals.sales_minor, currency),
        refunds=money(totals.refunds_minor, currency),
        total=money(totals.total_minor, currency),
        taxes=[
            TaxView(
                tax_rate=tax.rate_bp,
                gross=money(tax.gross_minor, currency),
                tax=money(tax.tax_minor, currency),
            )
            for tax in totals.taxes
        ],
        unsplit=money(totals.unsplit_minor, currency),
        late_receipts=totals.late_receipts,
        late=money(totals.late_minor, currency),
        perpetual_before=_perpetual(closed.perpetual_before, currency),
        perpetual_after=_perpetual(closed.perpetual_after, currency),
        position=position,
    )


class ClosingsController(Controller):
    """Closings of a till."""

    path = "/v1/stores/{store_id:str}/registers/{register_id:str}/closings"
    tags = ("closings",)

    @post(operation_id="closePeriod", opt={"scope": "closings:write"})
    async def close(
        self, request: ShopRequest, tenant: Tenant, store_id: str, register_id: str, data: PeriodToClose
    ) -> Response[ClosingView]:
        """Closes a till's day, month or year; the answer is its closing.

        A month closes the day first, and a year the month, where they hold receipts.
        """
        origin = await command_origin(
            request, tenant, "closePeriod", occurred_at=data.occurred_at, terminal=register_id
        )
        command = ClosePeriod(store_id=store_id, register_id=register_id, period=data.period)
        answer = await tenant.submit(command, origin)
        assert isinstance(answer.result, PeriodsClosed)
        return written(_view(answer.result.closings[-1], answer.position), answer, 201)

    @get(operation_id="listClosings", opt={"scope": "sales:read"})
    async def index(
        self,
        tenant: Tenant,
        store_id: str,
        register_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ClosingView]:
        """A till's closings, newest first."""
        till = till_id(store_id, register_id)
        await tenant.require_state(TILL, till)
        key = decode_cursor(cursor, tuple[Version])
        before = BEFORE_NONE if key is None else int(key[0])
        async with tenant.readers.connection() as connection:
            found = await read_closings(tenant.journal, connection, till, before, limit + 1)
        page = page_of(found, limit, lambda each: (str(each.version),))
        return Page(
            data=[_view(each.closing, each.position) for each in page.data], next_cursor=page.next_cursor
        )
