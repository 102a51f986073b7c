"""/v1/stores/{store_id}/markdowns: labels for goods of one lot that are to be sold cheaper."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.money import Amount, money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, Cause, Instant, ShopRequest, authority_of, command_origin
from domain.catalog.markdown import MARKDOWN, MAX_LABELS, WHOLE_BP, Markdown, label_id
from domain.checkout.mark_down import EndMarkdown, MarkDown
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.event_store.clerk import now_utc
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.markdown_board.fold import LabelRow, MarkdownBoard
from projections.markdown_board.queries import labels_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


class MarkdownToMake(Body, frozen=True, kw_only=True):
    """Labels to print for goods of a lot: at a `price` per piece or kilogram, or `off` the list's.

    `label` is the code on them, an EAN or any other; without it one is made. `off` is in basis points.
    """

    label: Id | None = None
    sku: Id
    lot: Id
    labels: Annotated[int, Meta(ge=1, le=MAX_LABELS)]
    price: Amount | None = None
    off: Annotated[int, Meta(ge=1, le=WHOLE_BP)] | None = None
    reason: Cause
    until: Instant


class MarkdownView(msgspec.Struct, frozen=True, kw_only=True):
    """A markdown: what is printed on its labels, how many there are, and how many of them are `sold`.

    What came back is not sold. `price` is null where `off` counts.
    """

    label: str
    sku: str
    lot: str
    labels: int
    sold: int
    price: Money | None
    off: int | None
    reason: str
    until: datetime
    ended: bool


def _view(markdown: Markdown, currency: str) -> MarkdownView:
    made = markdown.made
    assert made is not None
    return MarkdownView(
        label=made.label,
        sku=made.sku,
        lot=made.lot,
        labels=made.labels,
        sold=markdown.sold,
        price=None if made.price_minor is None else money(made.price_minor, currency),
        off=made.off_bp or None,
        reason=made.reason,
        until=made.until,
        ended=markdown.ended,
    )


def _row_view(row: LabelRow, currency: str) -> MarkdownView:
    assert row.until is not None
    return MarkdownView(
        label=row.label,
        sku=row.sku,
        lot=row.lot,
        labels=row.labels,
        sold=row.sold,
        price=None if row.price_minor is None else money(row.price_minor, currency),
        off=row.off_bp or None,
        reason=row.reason,
        until=row.until,
        ended=row.ended_at is not None,
    )


class MarkdownsController(Controller):
    """Markdowns of a store."""

    path = "/v1/stores/{store_id:str}/markdowns"
    tags = ("products",)

    @get(operation_id="listMarkdowns", opt={"scope": "products:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        status: Literal["live", "any"] = "live",
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[MarkdownView]:
        """The store's markdowns by when they end: those by whose labels something can be sold now, or any."""
        store, _ = await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Instant, Id]) or (_BEFORE_ALL, "")
        await caught_up(request, tenant, MarkdownBoard.name)
        async with tenant.readers.connection() as connection:
            now = now_utc() if status == "live" else None
            rows = await labels_of(connection, store_id, now=now, after=after, limit=limit + 1)
        views = [_row_view(row, store.currency) for row in rows]
        return page_of(views, limit, lambda view: (view.until, view.label))

    @post(operation_id="markDown", opt={"scope": "markdowns:write"})
    async def make(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: MarkdownToMake
    ) -> Response[MarkdownView]:
        """Marks goods of a lot down. What is not sold by a label keeps its price."""
        origin = await command_origin(request, tenant, "markDown")
        command = MarkDown(
            code=data.label or uuid7(),
            store_id=store_id,
            sku=data.sku,
            lot=data.lot,
            labels=data.labels,
            price_minor=None if data.price is None else data.price.amount,
            currency=None if data.price is None else data.price.currency,
            off_bp=data.off or 0,
            reason=data.reason,
            until=data.until,
            authority=authority_of(request, store_id),
        )
        answer = await tenant.submit(command, origin)
        store = await tenant.state_of(STORE, store_id)
        return written(_view(Markdown(made=answer.result), store.currency), answer, 201)

    @get("/{label:str}", operation_id="getMarkdown", opt={"scope": "products:read"})
    async def show(self, tenant: Tenant, store_id: str, label: str) -> Response[MarkdownView]:
        """A markdown, by what stands on its labels, and how many of these are sold."""
        markdown, version = await tenant.require_state(MARKDOWN, label_id(label))
        if markdown.made is None or markdown.made.store_id != store_id:
            raise NotFound("The store has no such markdown.", kind="markdown", id=label)
        store = await tenant.state_of(STORE, store_id)
        return read(_view(markdown, store.currency), version)

    @post(
        "/{label:str}/ending", operation_id="endMarkdown", opt={"scope": "markdowns:write"}, status_code=200
    )
    async def end(
        self, request: ShopRequest, tenant: Tenant, store_id: str, label: str
    ) -> Response[MarkdownView]:
        """Ends a markdown before its time: its labels are worth nothing from now on."""
        origin = await command_origin(request, tenant, "endMarkdown", key_required=False)
        answer = await tenant.submit(EndMarkdown(store_id=store_id, label=label_id(label)), origin)
        markdown = await tenant.state_of(MARKDOWN, label_id(label))
        store = await tenant.state_of(STORE, store_id)
        return written(_view(markdown, store.currency), answer)
