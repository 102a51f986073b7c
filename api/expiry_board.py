"""/v1/stores/{store_id}/expiry-board: lots by what expires first, and disposing of what has expired."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.money import money
from api.reading import MAX_PAGE, caught_up, decode_cursor, encode_cursor, written
from api.requests import Body, Cause, Instant, Positive, ShopRequest, command_origin
from domain.freshness.watch import WATCH
from domain.inventory.parts import Parts, at_location, lot_values
from domain.inventory.stock_item import STOCK_ITEM, StockItem, item_id
from domain.kernel.business_day import business_day
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stockroom.disposal import MAX_LOTS, Disposed, DisposedLot, DisposeExpired
from domain.stores.store import STORE, Store
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.expiry_board.fold import ExpiryBoard, LotRow
from projections.expiry_board.queries import KEEPS, lots_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Days = Annotated[int, Parameter(ge=-3_650, le=3_650, description="days of life left at most; 0 is today")]
START = (date.min, "", "")


class BoardLot(msgspec.Struct, frozen=True, kw_only=True):
    """A lot: what of it is on the shelf and held in quarantine, what both are worth, and how long it keeps.

    On its last day it has 0 days left; below 0 it has expired. It keeps where there is no `sell_by`.
    `expired_on` is the business day on which the watch wrote that down. `locations` tell where the goods on
    hand are, "" being the sales floor. `unit_cost` is what the delivery cost per piece or kilogram.
    """

    sku: str
    lot: str
    received_on: date | None
    sell_by: date | None
    days_left: int | None
    expired_on: date | None
    supplier_id: str | None
    unit_cost: Money | None
    on_hand: int
    value: Money
    held: int
    held_value: Money
    locations: dict[str, int]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a store's lots as of its business `day`, what expires first standing first.

    `watched_on` is the last business day on which the expiry watch looked at the store.
    """

    store_id: str
    day: date
    watched_on: date | None
    data: list[BoardLot]
    next_cursor: str | None


class ExpiredLot(Body, frozen=True, kw_only=True):
    """An expired lot: so much of it, or all that is left of it."""

    sku: Id
    lot: Id
    quantity: Positive | None = None


class Disposal(Body, frozen=True, kw_only=True):
    """What is disposed of, and why: these lots, or without any named all expired lots of the store."""

    reason: Cause
    lots: Annotated[list[ExpiredLot], Meta(min_length=1, max_length=MAX_LOTS)] | None = None
    reference: Id | None = None
    occurred_at: Instant | None = None


class DisposedView(msgspec.Struct, frozen=True, kw_only=True):
    """What went to waste of a lot, what that cost, and what is left of it."""

    sku: str
    lot: str
    quantity: int
    cost: Money
    from_quarantine: bool
    left: int


class DisposalView(msgspec.Struct, frozen=True, kw_only=True):
    """A booked disposal; with `more` the store has more expired lots than one document holds: call again."""

    store_id: str
    cost: Money
    lines: list[DisposedView]
    more: bool
    position: int


class ExpiryController(Controller):
    """Lots by their remaining life."""

    path = "/v1/stores/{store_id:str}"
    tags = ("stock",)

    @get("/expiry-board", operation_id="expiryBoard", opt={"scope": "stock:read"})
    async def board(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        days: Days | None = None,
        sku: Id | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Board:
        """Lots with at most so many days left, or all, of all SKUs or one; figures are the journal's."""
        store, _ = await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[date, Id, Id])
        await caught_up(request, tenant, ExpiryBoard.name)
        day = _today(store)
        until = None if days is None else day + timedelta(days=days)
        async with tenant.readers.connection() as connection:
            rows = await lots_of(
                connection, store_id, until=until, sku=sku, after=after or START, limit=limit + 1
            )
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        return Board(
            store_id=store_id,
            day=day,
            watched_on=(await tenant.state_of(WATCH, store_id)).day,
            data=await _lots(tenant, store, page, day),
            next_cursor=None
            if last is None
            else encode_cursor((last.sell_by or KEEPS).isoformat(), last.sku, last.lot),
        )

    @post("/stock/expired-disposals", operation_id="disposeExpired", opt={"scope": "stock:write"})
    async def dispose(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Disposal
    ) -> Response[DisposalView]:
        """Books expired lots as waste in one document: all of the store's, or those that are named."""
        store, _ = await tenant.require_state(STORE, store_id)
        origin = await command_origin(request, tenant, "disposeExpired", occurred_at=data.occurred_at)
        more = False
        if data.lots is None:
            await caught_up(request, tenant, ExpiryBoard.name)
            lots, more = await _expired(tenant, store)
        else:
            lots = tuple(DisposedLot(**msgspec.structs.asdict(lot)) for lot in data.lots)
        command = DisposeExpired(
            store_id=store_id,
            reason=data.reason,
            lots=lots,
            by_board=data.lots is None,
            reference=data.reference,
        )
        answer = await tenant.submit(command, origin)
        done: Disposed = answer.result
        view = DisposalView(
            store_id=store_id,
            cost=money(sum(line.cost_minor for line in done.lines), done.currency),
            lines=[
                DisposedView(
                    sku=line.sku,
                    lot=line.lot,
                    quantity=line.quantity,
                    cost=money(line.cost_minor, done.currency),
                    from_quarantine=line.from_quarantine,
                    left=line.left,
                )
                for line in done.lines
            ],
            more=more,
            position=answer.position,
        )
        return written(view, answer, 201)


def _today(store: Store) -> date:
    return business_day(now_utc(), store.time_zone, store.day_starts_at_min)


async def _expired(tenant: Tenant, store: Store) -> tuple[tuple[DisposedLot, ...], bool]:
    """What the board says has expired; the decision looks at each of them once more."""
    yesterday = _today(store) - timedelta(days=1)
    async with tenant.readers.connection() as connection:
        rows = await lots_of(
            connection, store.store_id, until=yesterday, sku=None, after=START, limit=MAX_LOTS + 1
        )
    lots = tuple(DisposedLot(sku=row.sku, lot=row.lot) for row in rows[:MAX_LOTS])
    return lots, len(rows) > MAX_LOTS


async def _lots(tenant: Tenant, store: Store, rows: list[LotRow], day: date) -> list[BoardLot]:
    """The rows with what the journal says of their items now; what is gone since then is left out."""
    skus = list(dict.fromkeys(row.sku for row in rows))
    found = await asyncio.gather(*(tenant.state_of(STOCK_ITEM, item_id(store.store_id, sku)) for sku in skus))
    items = dict(zip(skus, found, strict=True))
    views = (_lot(row, items[row.sku], store.currency, day) for row in rows)
    return [view for view in views if view.on_hand or view.held]


def _lot(row: LotRow, item: StockItem, currency: str, day: date) -> BoardLot:
    parts = item.parts or Parts()
    lot, held = parts.lots.get(row.lot), parts.held.get(row.lot)
    on_hand = 0 if lot is None else lot.quantity
    value = lot_values(parts, item.on_hand, item.value_minor).get(row.lot, 0)
    places = {"": at_location(parts, row.lot, "", on_hand)} | {
        location: lots[row.lot] for location, lots in parts.elsewhere.items() if row.lot in lots
    }
    return BoardLot(
        sku=row.sku,
        lot=row.lot,
        received_on=row.received_on,
        sell_by=row.sell_by,
        days_left=None if row.sell_by is None else (row.sell_by - day).days,
        expired_on=row.expired_on,
        supplier_id=row.supplier_id,
        unit_cost=None if row.unit_cost_minor is None else money(row.unit_cost_minor, currency),
        on_hand=on_hand,
        value=money(value, currency),
        held=0 if held is None else held.quantity,
        held_value=money(0 if held is None else held.value_minor, currency),
        locations={place: quantity for place, quantity in places.items() if quantity},
    )
