"""/v1/stores/{store_id}/stock: lots, quarantine and locations."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.money import money
from api.reading import written
from api.requests import Body, Cause, Instant, Positive, ShopRequest, command_origin
from api.stock import BookedView, book
from domain.catalog.product import PRODUCT
from domain.inventory.parts import Parts, at_location, lot_values
from domain.inventory.stock_item import STOCK_ITEM, StockItem, item_id
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stockroom.moves import MAX_LINES, MoveKind, MoveLine
from domain.stockroom.relocation import Relocate, RelocateLine
from domain.stores.store import STORE
from infra.tenancy import Tenant


class HeldLine(Body, frozen=True, kw_only=True):
    """What goes into quarantine, and why. Without a lot it is what expires first, expired goods included."""

    sku: Id
    quantity: Positive
    reason: Cause
    lot: Id | None = None
    location: Cause | None = None


class ReleasedLine(Body, frozen=True, kw_only=True):
    """What comes back from quarantine."""

    sku: Id
    quantity: Positive
    reason: Cause | None = None
    lot: Id | None = None
    location: Cause | None = None


class CarriedLine(Body, frozen=True, kw_only=True):
    """What is carried from where to where; null is the sales floor."""

    sku: Id
    quantity: Positive
    lot: Id | None = None
    from_location: Cause | None = None
    to_location: Cause | None = None


class Quarantine(Body, frozen=True, kw_only=True):
    """What may not be sold for now."""

    lines: Annotated[list[HeldLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class Releases(Body, frozen=True, kw_only=True):
    """What may be sold again."""

    lines: Annotated[list[ReleasedLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class Relocations(Body, frozen=True, kw_only=True):
    """What is carried within the store."""

    lines: Annotated[list[CarriedLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class RelocatedView(msgspec.Struct, frozen=True, kw_only=True):
    """What was carried is booked."""

    store_id: str
    position: int


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """A lot on the shelf and in quarantine; `lot` is null for what belongs to none, which may be below zero.

    `locations` tells what of it is on hand where; "" is the sales floor.
    """

    lot: str | None
    received_on: date | None
    sell_by: date | None
    on_hand: int
    value: Money
    held: int
    held_value: Money
    locations: dict[str, int]


class LotsView(msgspec.Struct, frozen=True, kw_only=True):
    """The lots of a SKU in a store, those that expire first standing first. They add up to what it holds."""

    store_id: str
    sku: str
    on_hand: int
    value: Money
    fifo: bool
    lots: list[LotView]


class StockLotsController(Controller):
    """Lots of a store's stock."""

    path = "/v1/stores/{store_id:str}/stock"
    tags = ("stock",)

    @post("/quarantine", operation_id="holdStock", opt={"scope": "stock:write"})
    async def hold(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Quarantine
    ) -> Response[BookedView]:
        """Puts goods into quarantine: they stay in the store and are not sold."""
        lines = [MoveLine(**msgspec.structs.asdict(line)) for line in data.lines]
        kind = MoveKind.QUARANTINE
        return await book(request, tenant, store_id, "holdStock", kind, lines, data.occurred_at)

    @post("/releases", operation_id="releaseStock", opt={"scope": "stock:write"})
    async def release(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Releases
    ) -> Response[BookedView]:
        """Takes goods out of quarantine, back on the shelf."""
        lines = [MoveLine(**msgspec.structs.asdict(line)) for line in data.lines]
        return await book(
            request, tenant, store_id, "releaseStock", MoveKind.RELEASE, lines, data.occurred_at
        )

    @post("/relocations", operation_id="relocateStock", opt={"scope": "stock:write"})
    async def relocate(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Relocations
    ) -> Response[RelocatedView]:
        """Carries goods between the sales floor and the locations of the store."""
        origin = await command_origin(request, tenant, "relocateStock", occurred_at=data.occurred_at)
        lines = tuple(
            RelocateLine(
                sku=line.sku,
                quantity=line.quantity,
                lot=line.lot,
                from_location=line.from_location or "",
                to_location=line.to_location or "",
            )
            for line in data.lines
        )
        answer = await tenant.submit(Relocate(store_id=store_id, lines=lines), origin)
        return written(RelocatedView(store_id=store_id, position=answer.position), answer, 201)

    @get("/{sku:str}/lots", operation_id="listLots", opt={"scope": "stock:read"})
    async def lots(self, tenant: Tenant, store_id: str, sku: str) -> LotsView:
        """The lots of one SKU that there is something of, from the journal itself."""
        store, _ = await tenant.require_state(STORE, store_id)
        await tenant.require_state(PRODUCT, sku)
        item = await tenant.state_of(STOCK_ITEM, item_id(store_id, sku))
        return LotsView(
            store_id=store_id,
            sku=sku,
            on_hand=item.on_hand,
            value=money(item.value_minor, store.currency),
            fifo=item.parts is not None and item.parts.fifo,
            lots=_lots(item, store.currency),
        )


def _lots(item: StockItem, currency: str) -> list[LotView]:
    parts = item.parts or Parts()
    values = lot_values(parts, item.on_hand, item.value_minor)
    loose = item.on_hand - sum(lot.quantity for lot in parts.lots.values())
    views: list[LotView] = []
    for name in dict.fromkeys((*parts.lots, "")):
        lot = parts.lots.get(name)
        quantity = loose if lot is None else lot.quantity
        held = parts.held.get(name)
        if not (quantity or held or values.get(name)):
            continue
        places = {"": at_location(parts, name, "", quantity)} | {
            location: lots[name] for location, lots in parts.elsewhere.items() if name in lots
        }
        views.append(
            LotView(
                lot=name or None,
                received_on=None if lot is None else lot.received_on,
                sell_by=None if lot is None else lot.sell_by,
                on_hand=quantity,
                value=money(values.get(name, 0), currency),
                held=0 if held is None else held.quantity,
                held_value=money(0 if held is None else held.value_minor, currency),
                locations={place: there for place, there in places.items() if there},
            )
        )
    views.sort(key=lambda view: (view.lot is None, view.sell_by or date.max, view.received_on or date.max))
    return views
