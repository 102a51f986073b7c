"""/v1/stores/{store_id}/replenishment/suggestions: what should be ordered, why, and what is decided."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, Cause, Instant, Reference, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.replenishment.demand import Demand
from domain.replenishment.expiring import SellBy
from domain.replenishment.item import SuggestionMade
from domain.replenishment.levels import Levels, Shelf
from domain.replenishment.policy import MOST
from domain.replenishment.suggesting import MAX_ITEMS, DecideSuggestion, MarkOrdered, OrderedSuggestion
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.replenishment.fold import Replenishment, SuggestionRow
from projections.replenishment.queries import suggestions_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal["made", "accepted", "drafted", "dismissed", "ordered"]
Number = Annotated[int, Meta(ge=1, le=10**12)]
NumberText = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,11}$(?!\n)")]


class SuggestionView(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion with all that it followed from.

    position = on hand + on order + in transit − reserved − expiring + `waiting`, which was suggested before.
    It was at or below `levels.reorder_at`, so `suggested` brings it to `levels.up_to`, in whole packs. Demand
    is an average day's, in thousandths of a unit, and by weekday from Monday on in thousandths of that.
    `expires` is what has to be sold until which day before an order arrives, and what of it will be left.
    """

    store_id: str
    sku: str
    number: int
    status: str
    quantity: int
    suggested: int
    supplier_id: str | None
    day: str
    made_at: Instant | None
    settled_at: Instant | None
    settled_by: str | None
    reason: str | None
    reference: str | None
    shelf: Shelf
    expires: list[SellBy]
    waiting: int
    demand: Demand | None
    levels: Levels
    position: int
    pack: int
    formula: int
    why: str


class DecisionBody(Body, frozen=True, kw_only=True):
    """Accepts as suggested, or another quantity for a reason; 0 dismisses it, for a reason."""

    number: Number
    quantity: Annotated[int, Meta(ge=0, le=MOST)] | None = None
    reason: Cause | None = None


class OrderedLine(Body, frozen=True, kw_only=True):
    """Which suggestion of which SKU."""

    sku: Id
    number: Number


class OrderedBody(Body, frozen=True, kw_only=True):
    """By what accepted suggestions were ordered: all of them or none."""

    reference: Reference
    suggestions: Annotated[list[OrderedLine], Meta(min_length=1, max_length=MAX_ITEMS)]


class DecidedView(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on."""

    id: str


class SuggestionController(Controller):
    """Suggested orders of a store."""

    path = "/v1/stores/{store_id:str}/replenishment/suggestions"
    tags = ("replenishment",)

    @get(operation_id="listSuggestions", opt={"scope": "stock:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        status: Status | None = None,
        supplier_id: Id | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[SuggestionView]:
        """What waits to be decided or ordered, or what has another status; by SKU and number."""
        await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Id, NumberText]) or ("", "0")
        await caught_up(request, tenant, Replenishment.name)
        async with tenant.readers.connection() as connection:
            rows = await suggestions_of(
                connection,
                store_id,
                statuses=["made", "accepted", "drafted"] if status is None else [status],
                supplier_id=supplier_id,
                after=(after[0], int(after[1])),
                limit=limit + 1,
            )
        return page_of(list(map(_view, rows)), limit, lambda row: (row.sku, str(row.number)))

    @post("/{sku:str}/decision", operation_id="decideSuggestion", opt={"scope": "stock:write"})
    async def decide(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        sku: str,
        data: DecisionBody,
    ) -> Response[DecidedView]:
        """Accepts or dismisses a suggestion, once."""
        origin = await command_origin(request, tenant, "decideSuggestion", key_required=False)
        command = DecideSuggestion(
            store_id=store_id,
            sku=sku,
            number=data.number,
            quantity=data.quantity,
            reason=data.reason,
        )
        answer = await tenant.submit(command, origin)
        return written(DecidedView(id=answer.result.id), answer, 201)

    @post("/ordered", operation_id="markSuggestionsOrdered", opt={"scope": "stock:write"})
    async def ordered(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: OrderedBody
    ) -> Response[DecidedView]:
        """Says by what accepted suggestions were ordered: they count as on order from then on."""
        origin = await command_origin(request, tenant, "markSuggestionsOrdered", key_required=False)
        ordered = tuple(OrderedSuggestion(sku=line.sku, number=line.number) for line in data.suggestions)
        command = MarkOrdered(store_id=store_id, suggestions=ordered, reference=data.reference)
        answer = await tenant.submit(command, origin)
        return written(DecidedView(id=answer.result.id), answer, 201)


def _view(row: SuggestionRow) -> SuggestionView:
    made = msgspec.json.decode(row.made, type=SuggestionMade)
    return SuggestionView(
        store_id=row.store_id,
        sku=row.sku,
        number=row.number,
        status=row.status,
        quantity=row.quantity,
        suggested=row.suggested,
        supplier_id=row.supplier_id,
        day=made.day.isoformat(),
        made_at=row.made_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        reason=row.reason,
        reference=row.reference,
        shelf=made.shelf,
        expires=list(made.expires),
        waiting=made.suggested,
        demand=made.demand,
        levels=made.levels,
        position=made.position,
        pack=made.policy.pack,
        formula=made.formula,
        why=_why(made),
    )


def _why(made: SuggestionMade) -> str:
    """The figures as a sentence."""
    levels = made.levels
    fresh = ", which is all that would sell while it is good" if levels.kept_fresh else ""
    return (
        f"The position {made.position} is at or below {levels.reorder_at}. Up to {levels.up_to}{fresh}, "
        f"{levels.up_to - made.position} are missing: {made.quantity} in packs of {made.policy.pack}."
    )
