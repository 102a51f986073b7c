"""/v1/segments: all of them, who belongs to one, and how many did so when."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter, QueryParameter

from api.errors import Problem
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.requests import ShopRequest
from domain.customers.segment import SEGMENT
from infra.tenancy import Tenant
from projections.segments.fold import SegmentCount, SegmentMember, SegmentRow, Segments
from projections.segments.queries import counts_of, members_of, segments_after

MAX_DAYS = 366

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
First = Annotated[date, QueryParameter(name="from", description="first day")]
Last = Annotated[date, QueryParameter(name="to", description="last day, included")]


class SegmentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A segment, and how many belonged to it as of the day that it was last worked out."""

    segment_id: str
    version: int
    active: bool
    evaluated_as_of: date | None
    members: int


class SegmentDay(msgspec.Struct, frozen=True, kw_only=True):
    """Who came and went as of a day; `members` is null while not all of it is written down."""

    as_of: date
    version: int
    entered: int
    left: int
    members: int | None


class SegmentCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The days as of which a segment was worked out, the first one first."""

    segment_id: str
    days: list[SegmentDay]


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer who belongs to the segment, and as of which day they entered."""

    customer_id: str
    entered_as_of: date


def _summary(row: SegmentRow) -> SegmentSummary:
    return SegmentSummary(
        segment_id=row.segment_id,
        version=row.version,
        active=row.active,
        evaluated_as_of=row.evaluated_as_of,
        members=row.members,
    )


def _day(row: SegmentCount) -> SegmentDay:
    return SegmentDay(
        as_of=row.as_of, version=row.version, entered=row.entered, left=row.departed, members=row.members
    )


def _member(row: SegmentMember) -> MemberView:
    assert row.entered_as_of is not None, "who has not entered is no member"
    return MemberView(customer_id=row.customer_id, entered_as_of=row.entered_as_of)


class SegmentListController(Controller):
    """Segments and their members."""

    path = "/v1/segments"
    tags = ("segments",)

    @get(operation_id="listSegments", opt={"scope": "offers:read"})
    async def index(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100, cursor: str | None = None
    ) -> Page[SegmentSummary]:
        """All segments that are worked out, by name."""
        (after,) = decode_cursor(cursor, tuple[str]) or ("",)
        await caught_up(request, tenant, Segments.name)
        async with tenant.readers.connection() as connection:
            rows = await segments_after(connection, after, limit + 1)
        page = page_of(rows, limit, lambda row: (row.segment_id,))
        return Page(data=[_summary(row) for row in page.data], next_cursor=page.next_cursor)

    @get("/{segment_id:str}/counts", operation_id="countSegment", opt={"scope": "offers:read"})
    async def counts(
        self, request: ShopRequest, tenant: Tenant, segment_id: str, first: First, last: Last
    ) -> SegmentCounts:
        """How many entered, left and belonged to it as of each day on which it was worked out."""
        if (last - first).days >= MAX_DAYS:
            raise Problem(400, "invalid_request", f"Ask for up to {MAX_DAYS} days.")
        await tenant.require_state(SEGMENT, segment_id)
        await caught_up(request, tenant, Segments.name)
        async with tenant.readers.connection() as connection:
            rows = await counts_of(connection, segment_id, first, last)
        return SegmentCounts(segment_id=segment_id, days=[_day(row) for row in rows])

    @get("/{segment_id:str}/members", operation_id="listSegmentMembers", opt={"scope": "customers:read"})
    async def members(
        self,
        request: ShopRequest,
        tenant: Tenant,
        segment_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[MemberView]:
        """Who belongs to it, by id. Who was put into a segment of this name by hand is not listed."""
        (after,) = decode_cursor(cursor, tuple[str]) or ("",)
        await tenant.require_state(SEGMENT, segment_id)
        await caught_up(request, tenant, Segments.name)
        async with tenant.readers.connection() as connection:
            rows = await members_of(connection, segment_id, after, limit + 1)
        page = page_of(rows, limit, lambda row: (row.customer_id,))
        return Page(data=[_member(row) for row in page.data], next_cursor=page.next_cursor)
