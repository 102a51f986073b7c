"""/v1/markdown-ladders and /v1/stores/{store_id}/markdown-proposals: how goods get cheaper near their end."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from api.errors import Problem
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Cause, Instant, ShopRequest, Text, authority_of, command_origin
from domain.catalog.markdown import MAX_LABELS
from domain.checkout.markdown_proposals import AcceptMarkdown, RejectMarkdown
from domain.freshness.ladder import (
    BOOK,
    LADDERS,
    MAX_DAYS,
    MAX_STEPS,
    WHOLE_BP,
    MarkdownLadderSet,
    SetMarkdownLadder,
    Step,
)
from domain.kernel.ids import Id
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.markdown_board.fold import MarkdownBoard, ProposalRow
from projections.markdown_board.queries import proposals_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal["waiting", "accepted", "rejected", "replaced"]
Number = Annotated[int, Meta(ge=1, le=10**12)]
NumberText = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,11}$(?!\n)")]


class StepBody(Body, frozen=True, kw_only=True):
    """At so many days left or less, `off` basis points below the list; 0 days is the last day of sale.

    Where it is `automatic` the watch makes the markdown by itself; else it proposes one.
    """

    days_left: Annotated[int, Meta(ge=0, le=MAX_DAYS)]
    off: Annotated[int, Meta(ge=1, le=WHOLE_BP)]
    automatic: bool = False


class LadderBody(Body, frozen=True, kw_only=True):
    """Steps for a store or all (null), and for a product, a category or all goods (both null).

    The earliest step stands first. A ladder without steps has ended.
    """

    steps: Annotated[list[StepBody], Meta(max_length=MAX_STEPS)]
    store_id: Id | None = None
    sku: Id | None = None
    category: Text | None = None


class LadderView(msgspec.Struct, frozen=True, kw_only=True):
    """A ladder as it is now; `version` counts its changes from 1."""

    ladder: str
    version: int
    store_id: str | None
    sku: str | None
    category: str | None
    steps: list[StepBody]


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """A markdown that the watch proposed on a business day, by a version of a ladder, and what became of it.

    `quantity` was on the shelf then. `label` is what it was accepted with, `automatic` by the ladder alone.
    """

    store_id: str
    sku: str
    number: int
    status: Status
    lot: str
    sell_by: date | None
    day: date | None
    days_left: int
    off: int
    quantity: int
    ladder: str
    ladder_version: int
    label: str | None
    automatic: bool
    reason: str | None
    proposed_at: Instant | None
    settled_at: Instant | None
    settled_by: str | None


class ProposalDecision(Body, frozen=True, kw_only=True):
    """Accepts a proposal, or rejects it for a `reason`.

    `label` is the code on the labels; without it they have the proposal's. Without `labels` there is one
    for each piece on the shelf; goods by weight need a number.
    """

    number: Number
    accept: bool
    reason: Cause | None = None
    label: Id | None = None
    labels: Annotated[int, Meta(ge=1, le=MAX_LABELS)] | None = None


class ProposalDecided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on, and the label of the markdown where it was accepted."""

    sku: str
    number: int
    label: str | None


class MarkdownLaddersController(Controller):
    """Markdown ladders."""

    path = "/v1/markdown-ladders"
    tags = ("products",)

    @put("/{ladder:str}", operation_id="setMarkdownLadder", opt={"scope": "offers:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, ladder: Id, data: LadderBody
    ) -> Response[LadderView]:
        """Sets a ladder, or ends it. What it is for never changes; what it led to stays."""
        request.user.require_store(data.store_id)
        origin = await command_origin(request, tenant, "setMarkdownLadder", key_required=False)
        command = SetMarkdownLadder(
            ladder=ladder,
            store_id=data.store_id,
            sku=data.sku,
            category=data.category,
            steps=tuple(
                Step(days_left=step.days_left, off_bp=step.off, automatic=step.automatic)
                for step in data.steps
            ),
        )
        answer = await tenant.submit(command, origin)
        return written(_ladder_view(answer.result), answer)

    @get(operation_id="listMarkdownLadders", opt={"scope": "products:read"})
    async def list(self, tenant: Tenant) -> Page[LadderView]:
        """Every ladder by its name, ended ones included. They are few enough for one page."""
        ladders = (await tenant.state_of(LADDERS, BOOK)).ladders
        return Page(data=[_ladder_view(ladders[name]) for name in sorted(ladders)], next_cursor=None)


class MarkdownProposalsController(Controller):
    """Proposed markdowns of a store."""

    path = "/v1/stores/{store_id:str}/markdown-proposals"
    tags = ("products",)

    @get(operation_id="listMarkdownProposals", opt={"scope": "products:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        status: Status = "waiting",
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ProposalView]:
        """What waits to be decided on, or what has another status; by SKU and number."""
        await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Id, NumberText]) or ("", "0")
        await caught_up(request, tenant, MarkdownBoard.name)
        async with tenant.readers.connection() as connection:
            rows = await proposals_of(
                connection, store_id, status=status, after=(after[0], int(after[1])), limit=limit + 1
            )
        return page_of(list(map(_proposal_view, rows)), limit, lambda row: (row.sku, str(row.number)))

    @post(
        "/{sku:str}/decision",
        operation_id="decideMarkdown",
        opt={"scope": "markdowns:write"},
        status_code=200,
    )
    async def decide(
        self, request: ShopRequest, tenant: Tenant, store_id: str, sku: str, data: ProposalDecision
    ) -> Response[ProposalDecided]:
        """Makes the markdown that was proposed, or leaves the lot at its price; once."""
        if not data.accept and data.reason is None:
            raise Problem(400, "invalid_request", "Say why it is rejected.")
        origin = await command_origin(request, tenant, "decideMarkdown", key_required=False)
        if data.accept:
            accept = AcceptMarkdown(
                store_id=store_id,
                sku=sku,
                number=data.number,
                code=data.label,
                labels=data.labels,
                authority=authority_of(request, store_id),
            )
            answer = await tenant.submit(accept, origin)
            label: str | None = answer.result.id
        else:
            reject = RejectMarkdown(store_id=store_id, sku=sku, number=data.number, reason=data.reason or "")
            answer = await tenant.submit(reject, origin)
            label = None
        return written(ProposalDecided(sku=sku, number=data.number, label=label), answer)


def _ladder_view(ladder: MarkdownLadderSet) -> LadderView:
    return LadderView(
        ladder=ladder.ladder,
        version=ladder.version,
        store_id=ladder.store_id,
        sku=ladder.sku,
        category=ladder.category,
        steps=[
            StepBody(days_left=step.days_left, off=step.off_bp, automatic=step.automatic)
            for step in ladder.steps
        ],
    )


def _proposal_view(row: ProposalRow) -> ProposalView:
    fields: dict[str, Any] = msgspec.structs.asdict(row)
    return ProposalView(off=fields.pop("off_bp"), automatic=bool(fields.pop("automatic")), **fields)
