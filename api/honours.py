"""/v1/honours: by what employees are distinguished for a month."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Cause, ShopRequest, command_origin
from api.schemes import Month, Period
from domain.kernel.ids import Id
from domain.staff.honour import MAX_SHARED, AwardHonour
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.honours.fold import Honours
from projections.honours.queries import honours_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class HonourToAward(Body, frozen=True, kw_only=True):
    """Who is distinguished, by what, among how many. Whoever is level shares it.

    `title` is one to four lower-case words: it stands in the journal for ever.
    """

    honour_id: Id | None = None
    period: Month
    title: Cause
    employee_ids: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MAX_SHARED)]
    among: Annotated[int, Meta(ge=1, le=10**9)]
    store_id: Id | None = None


class HonourAwardedView(msgspec.Struct, frozen=True, kw_only=True):
    """Which honour it is."""

    honour_id: str


class HonourView(msgspec.Struct, frozen=True, kw_only=True):
    """An honour of an employee, one of `shared` who have it; `store_id` null: of all stores."""

    honour_id: str
    period: str
    title: str
    employee_id: str
    store_id: str | None
    shared: int
    among: int


class HonoursController(Controller):
    """Honours."""

    path = "/v1/honours"
    tags = ("employees",)

    @post(operation_id="awardHonour", opt={"scope": "honours:write"})
    async def award(
        self, request: ShopRequest, tenant: Tenant, data: HonourToAward
    ) -> Response[HonourAwardedView]:
        """Distinguishes employees, each of the store where one is named."""
        request.user.require_store(data.store_id)
        origin = await command_origin(request, tenant, "awardHonour", key_required=False)
        command = AwardHonour(
            honour_id=data.honour_id or uuid7(),
            period=data.period,
            title=data.title,
            employee_ids=data.employee_ids,
            among=data.among,
            store_id=data.store_id,
        )
        answer = await tenant.submit(command, origin)
        return written(HonourAwardedView(honour_id=answer.result.id), answer, 201)

    @get(operation_id="listHonours", opt={"scope": "reports:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        period: Period,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[HonourView]:
        """A month's honours, of the stores that are open to you and of all stores."""
        after = decode_cursor(cursor, tuple[Id, Id]) or ("", "")
        stores = None if request.user.stores is None else sorted(request.user.stores)
        await caught_up(request, tenant, Honours.name)
        async with tenant.readers.connection() as connection:
            rows = await honours_of(connection, period, stores=stores, after=after, limit=limit + 1)
        views = [
            HonourView(
                honour_id=row.honour_id,
                period=row.period,
                title=row.title,
                employee_id=row.employee_id,
                store_id=row.store_id,
                shared=row.shared,
                among=row.among,
            )
            for row in rows
        ]
        return page_of(views, limit, lambda view: (view.honour_id, view.employee_id))
