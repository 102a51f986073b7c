"""/v1/stores/{store_id}/turnover: how often stock was sold, how long it lasts and what it earned."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter, QueryParameter

from api.audit import AsOf, position_of
from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, caught_up, decode_cursor, folded, page_of
from api.requests import Instant, ShopRequest
from domain.catalog.product import PRODUCT
from domain.inventory.turnover import Turned, together
from domain.kernel.business_day import midnight
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stores.store import STORE, Store
from infra.event_store.clerk import now_utc
from infra.postgres.pools import Connection
from infra.tenancy import Tenant
from projections.report_keys.fold import ReportKeys
from projections.stock_ledger.fold import StockLedger
from projections.stock_locations.fold import StockLocations
from projections.stock_locations.queries import Month, storage_of
from projections.turnover.fold import Turnover
from projections.turnover.queries import Span, categories_of, turned_of

MAX_MONTHS = 24
READ = (StockLedger.name, StockLocations.name, Turnover.name, ReportKeys.name)
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)"
Group = Literal["sku", "category", "store"]
Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
FirstMonth = Annotated[
    str, QueryParameter(name="from", pattern=MONTH_PATTERN, description="first month of recording, 2026-11")
]
LastMonth = Annotated[
    str, QueryParameter(name="to", pattern=MONTH_PATTERN, description="last month, included")
]


class TurnoverRow(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU, a category or, where both are null, the whole store.

    net_sales − cost_of_goods_sold − variance = gross_margin. Sales are without tax and less what came back.
    `storage` is its part of what the places cost where it lay. `…_milli` are thousandths: the turnover of the
    time asked for, the days that the average stock lasts, and what each unit of money in stock earned. Null
    can't be said: nothing was in stock, or nothing sold.
    """

    sku: str | None
    category: str | None
    net_sales: Money
    cost_of_goods_sold: Money
    variance: Money
    gross_margin: Money
    opening_stock: Money
    closing_stock: Money
    average_stock: Money
    turnover_milli: int | None
    days_of_stock_milli: int | None
    gmroi_milli: int | None
    storage: Money
    gmroi_after_storage_milli: int | None


class TurnoverView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of turnover from `begins_at` to before `ends_at`: now, where the last month isn't over."""

    store_id: str
    begins_at: Instant
    ends_at: Instant
    data: list[TurnoverRow]
    next_cursor: str | None


class TurnoverController(Controller):
    """Turnover of stock."""

    path = "/v1/stores/{store_id:str}"
    tags = ("reports",)

    @get("/turnover", operation_id="turnoverReport", opt={"scope": "reports:read"})
    async def turnover(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        first: FirstMonth,
        last: LastMonth,
        group_by: Group = "sku",
        sku: Id | None = None,
        as_of: AsOf = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> TurnoverView:
        """Turnover, days of stock and GMROI of the months together, by when things were recorded."""
        store, _ = await tenant.require_state(STORE, store_id)
        if sku is not None:
            await tenant.require_state(PRODUCT, sku)
        after = decode_cursor(cursor, tuple[str])
        span = await span_of(request, tenant, store, first, last, as_of, READ)
        async with tenant.readers.connection() as connection:
            found = await turned_of(connection, store_id, span, sku=sku)
            months = parts_of(months_of(first, last), store, span)
            found = await _with_storage(connection, found, store_id, months)
            categories = await categories_of(connection, span)
        grouped = _grouped(found, categories, group_by, span)
        rows = [
            _row(name, turned, group_by, categories, store.currency)
            for name, turned in sorted(grouped.items())
            if after is None or name > after[0]
        ]
        page = page_of(rows, limit, lambda row: (row.sku or row.category or "",))
        return TurnoverView(
            store_id=store_id,
            begins_at=span.begins_at,
            ends_at=span.ends_at,
            data=page.data,
            next_cursor=page.next_cursor,
        )


async def span_of(
    request: ShopRequest,
    tenant: Tenant,
    store: Store,
    first: str,
    last: str,
    as_of: str | None,
    projections: tuple[str, ...],
) -> Span:
    """The months in the store's time zone, as far as they are over, once the read models have seen them.

    Problem where the months can't be meant.
    """
    months = months_of(first, last)
    begins_at = midnight(months[0], store.time_zone)
    ends_at = min(midnight(_next(months[-1]), store.time_zone), now_utc())
    for name in projections:
        await caught_up(request, tenant, name)
    async with tenant.readers.connection() as connection:
        position = await position_of(connection, tenant, as_of)
        if as_of is not None:
            ends_at = await _until(connection, tenant, as_of, position, ends_at)
    if as_of is not None:
        for name in projections:
            await folded(request, tenant, name, position)
    return Span(begins_at=begins_at, ends_at=max(begins_at, ends_at), position=position)


async def _until(
    connection: Connection, tenant: Tenant, as_of: str, position: int, ends_at: datetime
) -> datetime:
    """When a time ends that is looked at as of an instant or a position, which belongs to it."""
    if not as_of.isdigit():
        instant = datetime.fromisoformat(as_of)
    elif position:
        (entry,) = await tenant.journal.read_page(connection, position - 1, 1)
        instant = entry.recorded_at
    else:
        return ends_at
    return ends_at if instant >= ends_at else instant.astimezone(UTC) + timedelta(microseconds=1)


def months_of(first: str, last: str) -> list[date]:
    """The first days of the months. Problem where they are too many, or none."""
    day, end = _day(first), _day(last)
    if end < day:
        raise Problem(400, "invalid_request", "to is the last month and must not be before from.")
    months = [day]
    while months[-1] < end:
        months.append(_next(months[-1]))
        if len(months) > MAX_MONTHS:
            raise Problem(400, "invalid_request", f"Ask for up to {MAX_MONTHS} months at once.")
    return months


def parts_of(months: Sequence[date], store: Store, span: Span) -> list[Month]:
    """The months by themselves, as far as each is over."""
    parts: list[Month] = []
    for month in months:
        begins_at = midnight(month, store.time_zone)
        ends_at = midnight(_next(month), store.time_zone)
        until = max(begins_at, min(ends_at, span.ends_at))
        parts.append(Month(begins_at=begins_at, ends_at=ends_at, until=until, position=span.position))
    return parts


async def _with_storage(
    connection: Connection, found: Mapping[str, Turned], store_id: str, months: Sequence[Month]
) -> dict[str, Turned]:
    stored: defaultdict[str, int] = defaultdict(int)
    for shares in (await storage_of(connection, store_id, months)).values():
        for sku, cost_minor in shares.items():
            stored[sku] += cost_minor
    return {
        sku: msgspec.structs.replace(turned, storage_minor=stored[sku]) if sku in stored else turned
        for sku, turned in found.items()
    }


def _day(month: str) -> date:
    # The last years of the calendar have no next month, or none in every time zone.
    if not "1970" <= month[:4] <= "9000":
        raise Problem(400, "invalid_request", "A month is of the years 1970 to 9000.")
    return date.fromisoformat(f"{month}-01")


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _grouped(
    found: Mapping[str, Turned], categories: Mapping[str, str], group_by: Group, span: Span
) -> Mapping[str, Turned]:
    if group_by == "sku":
        return found
    groups: defaultdict[str, list[Turned]] = defaultdict(list)
    for sku, turned in found.items():
        groups[categories.get(sku, "") if group_by == "category" else ""].append(turned)
    return {name: together(span.length_us, several) for name, several in groups.items()}


def _row(
    name: str, turned: Turned, group_by: Group, categories: Mapping[str, str], currency: str
) -> TurnoverRow:
    sku = name if group_by == "sku" else None
    return TurnoverRow(
        sku=sku,
        category=name if group_by == "category" else None if sku is None else categories.get(sku),
        net_sales=money(turned.net_minor, currency),
        cost_of_goods_sold=money(turned.cost_minor, currency),
        variance=money(turned.variance_minor, currency),
        gross_margin=money(turned.margin_minor, currency),
        opening_stock=money(turned.opening_minor, currency),
        closing_stock=money(turned.closing_minor, currency),
        average_stock=money(turned.average_minor, currency),
        turnover_milli=turned.turnover_milli,
        days_of_stock_milli=turned.days_milli,
        gmroi_milli=turned.gmroi_milli,
        storage=money(turned.storage_minor, currency),
        gmroi_after_storage_milli=turned.stored_gmroi_milli,
    )
