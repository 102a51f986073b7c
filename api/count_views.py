"""What the API takes and tells of counts. What is told to who counts is apart from what the book says."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from api.money import Amount, money
from api.requests import Body, Instant
from domain.counts.count import Count, CountItem, CountKind, CountStarted, PostedLine, RecountBy, Tolerance
from domain.kernel.ids import ID_PATTERN, Id
from domain.kernel.money import Money
from domain.stockroom.counts import MAX_LINES
from domain.stockroom.counts_compared import Difference
from domain.stockroom.counts_posted import MAX_POSTED
from infra.event_store.submission import Answer

Quantity = Annotated[int, Meta(ge=0, le=10**12)]
Skus = Annotated[list[Id], Meta(min_length=1, max_length=MAX_LINES)]
Place = Annotated[
    str,
    Meta(
        max_length=60,
        pattern=r"^([a-z]+([ _-][a-z]+){0,3})?$(?!\n)",
        description="a location of the store; empty is the sales floor",
    ),
]
LotOrNone = Annotated[
    str, Meta(pattern=rf"^$|{ID_PATTERN}", description="a lot; empty is what belongs to none")
]
Waiting = Literal["to_count", "to_recount", "counted"]


class ToleranceBody(Body, frozen=True, kw_only=True):
    """Near enough is within any one of these: permille of the book, pieces, or grams of what is weighed."""

    permille: Annotated[int, Meta(ge=0, le=1_000)] = 0
    pieces: Quantity = 0
    weight_g: Quantity = 0


class CountToStart(Body, frozen=True, kw_only=True):
    """A count of a store, or of one of its locations. Who counts blind is not told what the book says.

    What is further from the book than the tolerance is counted again, by `another` or by `anyone`. Where the
    differences come to more than `approve_above` a second person approves them.
    """

    count_id: Id | None = None
    kind: CountKind
    blind: bool = True
    location: Place | None = None
    tolerance: ToleranceBody = ToleranceBody()
    recount_by: RecountBy = RecountBy.ANOTHER
    approve_above: Amount | None = None


class ItemsToCount(Body, frozen=True, kw_only=True):
    """What is to be counted, or counted again."""

    skus: Skus


class FoundLine(Body, frozen=True, kw_only=True):
    """How much is there of a SKU: in all, of each lot, or at each location; just now, or at `counted_at`."""

    sku: Id
    quantity: Quantity
    lot: LotOrNone | None = None
    location: Place | None = None
    counted_at: Instant | None = None


class LinesFound(Body, frozen=True, kw_only=True):
    """What somebody counted. It stands in place of what was said of the same before."""

    lines: Annotated[list[FoundLine], Meta(min_length=1, max_length=MAX_LINES)]
    occurred_at: Instant | None = None


class CountApproval(Body, frozen=True, kw_only=True):
    """What the differences may come to, surplus and shrink added up."""

    up_to: Amount


class CountToPost(Body, frozen=True, kw_only=True):
    """Everything that was counted, or some of it. What nobody counted is left alone only if that is said."""

    skus: Annotated[tuple[Id, ...], Meta(max_length=MAX_POSTED)] = ()
    leave_uncounted: bool = False


class CountProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a count stands, and how many items are still in it."""

    count_id: str
    status: str
    left: int
    position: int


class CountView(msgspec.Struct, frozen=True, kw_only=True):
    """A count, and how many items are to be counted, to be counted again, and counted but not posted."""

    count_id: str
    store_id: str
    kind: str
    status: str
    blind: bool
    location: str | None
    tolerance: Tolerance
    recount_by: str
    approve_above: Money | None
    approved_by: str | None
    to_count: int
    to_recount: int
    counted: int
    posted_lines: int


class CountOnBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A count of the store: how many items it began with, and how many are still in it."""

    count_id: str
    kind: str
    location: str | None
    status: str
    started_at: Instant
    changed_at: Instant
    items: int
    left: int


class ItemToCount(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a count. `book` is null where who counts is blind."""

    sku: str
    unit: str
    state: Waiting
    book: int | None


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted, what the book says of that instant as far as is known now, and what that is worth."""

    sku: str
    lot: str | None
    location: str | None
    counted: int
    counted_at: Instant
    counted_by: str
    book: int
    difference: int
    cost: Money
    recount_needed: bool


class PostedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted, what the book said of that instant, and the difference that was booked."""

    sku: str
    lot: str | None
    location: str | None
    counted: int
    counted_at: Instant
    book: int
    difference: int
    cost: Money


class CountPostedView(msgspec.Struct, frozen=True, kw_only=True):
    """What was posted this time. Post again until nothing is left."""

    count_id: str
    status: str
    left: int
    lines: list[PostedLineView]
    uncounted: list[str]
    position: int


def state_of(item: CountItem) -> Waiting:
    """What is to be done with an item."""
    if item.found:
        return "counted"
    return "to_recount" if item.recounts else "to_count"


def count_view(count: Count, started: CountStarted) -> CountView:
    """A count without anything that the book says."""
    states = [state_of(item) for item in count.items.values()]
    limit = started.approve_above_minor
    return CountView(
        count_id=started.count_id,
        store_id=started.store_id,
        kind=started.kind.value,
        status=count.status.value,
        blind=started.blind,
        location=started.location,
        tolerance=started.tolerance,
        recount_by=started.recount_by.value,
        approve_above=None if limit is None else money(limit, started.currency),
        approved_by=count.approved_by,
        to_count=states.count("to_count"),
        to_recount=states.count("to_recount"),
        counted=states.count("counted"),
        posted_lines=count.posted,
    )


def progress_view(answer: Answer) -> CountProgressView:
    """Where a count stands after a change."""
    done = answer.result
    return CountProgressView(
        count_id=done.count_id, status=done.status, left=done.left, position=answer.position
    )


def posted_view(answer: Answer) -> CountPostedView:
    """What a posting booked."""
    booked = answer.result
    return CountPostedView(
        count_id=booked.count_id,
        status=booked.status,
        left=booked.left,
        lines=[_posted_line(line, booked.currency) for line in booked.lines],
        uncounted=list(booked.uncounted),
        position=answer.position,
    )


def _posted_line(line: PostedLine, currency: str) -> PostedLineView:
    return PostedLineView(
        sku=line.sku,
        lot=line.lot,
        location=line.location,
        counted=line.counted,
        counted_at=line.counted_at,
        book=line.book,
        difference=line.difference,
        cost=money(line.cost_minor, currency),
    )


def difference_view(difference: Difference, currency: str) -> DifferenceView:
    """A difference as who posts sees it."""
    found = difference.found
    return DifferenceView(
        sku=difference.sku,
        lot=found.lot,
        location=found.location,
        counted=found.quantity,
        counted_at=found.counted_at,
        counted_by=found.counted_by,
        book=difference.book,
        difference=difference.difference,
        cost=money(difference.cost_minor, currency),
        recount_needed=difference.recount_needed,
    )
