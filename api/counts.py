"""/v1/stores/{store_id}/counts: counting what is there while the shop sells.

Who counts asks for the items and says what they found; who posts sees the differences. (Scopes `counts:count`
and `counts:write`.)
"""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, Response, get, post
from litestar.params import Parameter

from api.count_views import (
    CountApproval,
    CountOnBoard,
    CountPostedView,
    CountProgressView,
    CountToPost,
    CountToStart,
    CountView,
    DifferenceView,
    ItemsToCount,
    ItemToCount,
    LinesFound,
    count_view,
    difference_view,
    posted_view,
    progress_view,
    state_of,
)
from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import ShopRequest, command_origin
from domain.counts.count import COUNT, Count, CountStarted, Tolerance
from domain.inventory.counted import held_in, whereabouts
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.kernel.quantity import Unit
from domain.stockroom.counts import AddToCount, CancelCount, StartCount
from domain.stockroom.counts_compared import differences
from domain.stockroom.counts_posted import PostCount
from domain.stockroom.counts_taken import ApproveCount, AskRecount, CountLines, LineToCount
from domain.stores.store import STORE
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.count_board.fold import CountBoard
from projections.count_board.queries import counts

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal["open", "posted", "cancelled"]
DUE = "due"
"""Stands where a count's id does in an address."""


async def _count(tenant: Tenant, store_id: str, count_id: str) -> tuple[Count, CountStarted, int]:
    count, version = await tenant.require_state(COUNT, count_id)
    assert count.started is not None
    if count.started.store_id != store_id:
        raise NotFound("The store has no such count. Check the ids.", kind="count", id=count_id)
    return count, count.started, version


def _page_of_items(count: Count, cursor: str | None, limit: int, *, counted: bool) -> list[str]:
    """The SKUs of a page, by SKU, and one too many where there are more."""
    after = decode_cursor(cursor, tuple[Id])
    skus = sorted(sku for sku, item in count.items.items() if item.found or not counted)
    return [sku for sku in skus if after is None or sku > after[0]][: limit + 1]


class CountsController(Controller):
    """Counts of a store."""

    path = "/v1/stores/{store_id:str}/counts"
    tags = ("stock",)

    @post(operation_id="startCount", opt={"scope": "counts:write"})
    async def start(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: CountToStart
    ) -> Response[CountProgressView]:
        """Starts a count. Add its items next: each is in the count from then on."""
        if data.count_id == DUE:
            raise Problem(400, "invalid_request", f"{DUE!r} is what is due to be counted. Choose another id.")
        origin = await command_origin(request, tenant, "startCount", key_required=False)
        limit = data.approve_above
        command = StartCount(
            count_id=data.count_id or uuid7(),
            store_id=store_id,
            kind=data.kind,
            blind=data.blind,
            location=data.location,
            tolerance=Tolerance(
                permille=data.tolerance.permille,
                pieces=data.tolerance.pieces,
                weight_g=data.tolerance.weight_g,
            ),
            recount_by=data.recount_by,
            approve_above=None if limit is None else money(limit.amount, limit.currency),
        )
        answer = await tenant.submit(command, origin)
        return written(progress_view(answer), answer, 201)

    @get(operation_id="listCounts", opt={"scope": "counts:count"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        status: Status | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[CountOnBoard]:
        """The counts of the store, newest first."""
        after = decode_cursor(cursor, tuple[datetime, Id])
        await tenant.require_state(STORE, store_id)
        await caught_up(request, tenant, CountBoard.name)
        async with tenant.readers.connection() as connection:
            rows = await counts(connection, store_id=store_id, status=status, after=after, limit=limit + 1)
        board = [
            CountOnBoard(
                count_id=row.count_id,
                kind=row.kind,
                location=row.location,
                status=row.status,
                started_at=row.started_at,
                changed_at=row.changed_at,
                items=row.items,
                left=row.items_left,
            )
            for row in rows
            if row.started_at is not None and row.changed_at is not None
        ]
        return page_of(board, limit, lambda row: (row.started_at, row.count_id))

    @get("/{count_id:str}", operation_id="getCount", opt={"scope": "counts:count"})
    async def show(self, tenant: Tenant, store_id: str, count_id: str) -> Response[CountView]:
        """A count: how it is to be counted, and how far it is."""
        count, started, version = await _count(tenant, store_id, count_id)
        return read(count_view(count, started), version)

    @get("/{count_id:str}/items", operation_id="listCountItems", opt={"scope": "counts:count"})
    async def items(
        self,
        tenant: Tenant,
        store_id: str,
        count_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ItemToCount]:
        """What is to be counted, by SKU, for who counts: what others found is not told."""
        count, started, _ = await _count(tenant, store_id, count_id)
        skus = _page_of_items(count, cursor, limit, counted=False)
        book = {} if started.blind else await self._book(tenant, started, skus)
        rows = [
            ItemToCount(
                sku=sku,
                unit=(Unit.GRAM if count.items[sku].weighed else Unit.PIECE).value,
                state=state_of(count.items[sku]),
                book=book.get(sku),
            )
            for sku in skus
        ]
        return page_of(rows, limit, lambda row: (row.sku,))

    async def _book(self, tenant: Tenant, started: CountStarted, skus: "list[str]") -> dict[str, int]:
        states = await tenant.states_of(STOCK_ITEM.stream(item_id(started.store_id, sku)) for sku in skus)
        book: dict[str, int] = {}
        for sku in skus:
            item = states.of(STOCK_ITEM, item_id(started.store_id, sku))
            book[sku] = held_in(whereabouts(item.on_hand, item.parts), None, started.location)
        return book

    @get("/{count_id:str}/differences", operation_id="listCountDifferences", opt={"scope": "counts:write"})
    async def differences(
        self,
        tenant: Tenant,
        store_id: str,
        count_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[DifferenceView]:
        """What was counted and is not posted yet, against the book of that instant, by SKU."""
        count, started, _ = await _count(tenant, store_id, count_id)
        skus = _page_of_items(count, cursor, limit, counted=True)
        states = await tenant.states_of(STOCK_ITEM.stream(item_id(store_id, sku)) for sku in skus)
        rows = {
            sku: [
                difference_view(each, started.currency)
                for each in differences(
                    started, sku, count.items[sku], states.of(STOCK_ITEM, item_id(store_id, sku))
                )[0]
            ]
            for sku in skus
        }
        # Pages end with an item: what was counted of it, lot by lot, stays together.
        page = page_of(skus, limit, lambda sku: (sku,))
        return Page(data=[row for sku in page.data for row in rows[sku]], next_cursor=page.next_cursor)

    @post("/{count_id:str}/items", operation_id="addToCount", opt={"scope": "counts:write"})
    async def add(
        self, request: ShopRequest, tenant: Tenant, store_id: str, count_id: str, data: ItemsToCount
    ) -> Response[CountProgressView]:
        """Adds items: from now on the book keeps what moves of them, and when."""
        origin = await command_origin(request, tenant, "addToCount", key_required=False)
        command = AddToCount(count_id=count_id, store_id=store_id, skus=tuple(data.skus))
        answer = await tenant.submit(command, origin)
        return written(progress_view(answer), answer, 201)

    @post("/{count_id:str}/lines", operation_id="countLines", opt={"scope": "counts:count"})
    async def count(
        self, request: ShopRequest, tenant: Tenant, store_id: str, count_id: str, data: LinesFound
    ) -> Response[CountProgressView]:
        """Notes what was found. The answer is the same whatever the book says."""
        origin = await command_origin(
            request, tenant, "countLines", occurred_at=data.occurred_at, key_required=False
        )
        command = CountLines(
            count_id=count_id,
            store_id=store_id,
            counted_by=request.user.name,
            lines=tuple(
                LineToCount(
                    sku=line.sku,
                    quantity=line.quantity,
                    lot=line.lot,
                    location=line.location,
                    counted_at=line.counted_at,
                )
                for line in data.lines
            ),
        )
        answer = await tenant.submit(command, origin)
        return written(progress_view(answer), answer, 201)

    @post("/{count_id:str}/recounts", operation_id="askRecount", opt={"scope": "counts:write"})
    async def recount(
        self, request: ShopRequest, tenant: Tenant, store_id: str, count_id: str, data: ItemsToCount
    ) -> Response[CountProgressView]:
        """Has items counted again: what was found of them is set aside."""
        origin = await command_origin(request, tenant, "askRecount", key_required=False)
        command = AskRecount(count_id=count_id, store_id=store_id, skus=tuple(data.skus))
        answer = await tenant.submit(command, origin)
        return written(progress_view(answer), answer, 201)

    @post("/{count_id:str}/approvals", operation_id="approveCount", opt={"scope": "counts:write"})
    async def approve(
        self, request: ShopRequest, tenant: Tenant, store_id: str, count_id: str, data: CountApproval
    ) -> Response[CountProgressView]:
        """Stands up for the differences, so that somebody else may post them."""
        origin = await command_origin(request, tenant, "approveCount", key_required=False)
        command = ApproveCount(
            count_id=count_id,
            store_id=store_id,
            approved_by=request.user.name,
            up_to=money(data.up_to.amount, data.up_to.currency),
        )
        answer = await tenant.submit(command, origin)
        return written(progress_view(answer), answer, 201)

    @post("/{count_id:str}/postings", operation_id="postCount", opt={"scope": "counts:write"})
    async def book(
        self, request: ShopRequest, tenant: Tenant, store_id: str, count_id: str, data: CountToPost
    ) -> Response[CountPostedView]:
        """Books up to 200 items' differences, against the book of when each was counted."""
        origin = await command_origin(request, tenant, "postCount")
        command = PostCount(
            count_id=count_id,
            store_id=store_id,
            posted_by=request.user.name,
            skus=data.skus,
            leave_uncounted=data.leave_uncounted,
        )
        answer = await tenant.submit(command, origin)
        return written(posted_view(answer), answer, 201)

    @post("/{count_id:str}/cancellations", operation_id="cancelCount", opt={"scope": "counts:write"})
    async def cancel(
        self, request: ShopRequest, tenant: Tenant, store_id: str, count_id: str
    ) -> Response[CountProgressView]:
        """Calls a count off, up to 500 items at a time. What was posted stays posted."""
        origin = await command_origin(request, tenant, "cancelCount")
        answer = await tenant.submit(CancelCount(count_id=count_id, store_id=store_id), origin)
        return written(progress_view(answer), answer, 201)
