"""/v1/employees/…/reviews: what employees are told of their work, what they say to it, and what follows."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from api.accesses import opened
from api.errors import Problem
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, LongText, ShopRequest, command_origin, expected_version
from domain.kernel.command import Command
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from domain.staff.employee import EMPLOYEE, unless_erased
from domain.staff.review import REVIEW, Outcome, Plan, PlanKind, Review, ReviewStatus, review_id
from domain.staff.review_steps import (
    MAX_PLANS,
    AcknowledgeReview,
    CommentReview,
    DraftReview,
    FollowUpPlan,
    GiveReview,
)
from domain.stores.store import STORE
from infra.access.people import read_users
from infra.tenancy import Tenant
from projections.review_board.fold import ReviewBoard, ReviewRow
from projections.review_board.queries import due_in, reviews_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
GIVES = "reviews:write"
"""Whoever has it in a store reads and writes the reviews of those who work there, but not their own."""


class PlanBody(Body, frozen=True, kw_only=True):
    """What the employee is to do by a day. The text is stored sealed."""

    kind: PlanKind
    text: LongText
    due: date


class DraftBody(Body, frozen=True, kw_only=True):
    """Feedback and plans; plans are numbered in their order, from 1. Texts are stored sealed."""

    text: LongText
    plans: Annotated[tuple[PlanBody, ...], Meta(max_length=MAX_PLANS)] = ()


class AcknowledgementBody(Body, frozen=True, kw_only=True):
    """What the employee says to it, if anything. It is stored sealed."""

    comment: LongText | None = None


class ReviewCommentBody(Body, frozen=True, kw_only=True):
    """What somebody says to it. It is stored sealed."""

    comment: LongText


class FollowUpBody(Body, frozen=True, kw_only=True):
    """What became of a plan; one that is put off has another day. The note is stored sealed."""

    plan: Annotated[int, Meta(ge=1, le=MAX_PLANS)]
    outcome: Outcome
    due: date | None = None
    note: LongText | None = None


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A plan; `due` is null once it was done or missed."""

    number: int
    kind: PlanKind
    text: str | None
    due: date | None


class SaidView(msgspec.Struct, frozen=True, kw_only=True):
    """A comment."""

    text: str | None
    by_employee: bool


class FollowUpView(msgspec.Struct, frozen=True, kw_only=True):
    """A look at a plan."""

    plan: int
    outcome: Outcome
    due: date | None
    note: str | None


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """A review with its texts."""

    employee_id: str
    cycle: str
    store_id: str
    status: ReviewStatus
    text: str | None
    plans: list[PlanView]
    comments: list[SaidView]
    follow_ups: list[FollowUpView]


class ReviewSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A review without its texts; `next_due` is the first day of a plan that is open."""

    employee_id: str
    cycle: str
    store_id: str
    status: str
    given_at: datetime | None
    acknowledged_at: datetime | None
    plans: int
    open_plans: int
    next_due: date | None


class ReviewChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Whose review of which cycle."""

    employee_id: str
    cycle: str


async def is_themself(request: ShopRequest, tenant: Tenant, employee_id: str) -> bool:
    """Whether whoever asks signs in as this employee; a key is nobody."""
    person = request.user.person
    if person is None:
        return False
    async with request.app.state.tenants.control.connection() as connection:
        (user,) = await read_users(connection, tenant.name, person.user_id)
    return user.employee_id == employee_id


async def _may_read(request: ShopRequest, tenant: Tenant, employee_id: str) -> bool:
    """Whether whoever asks is the employee, who sees no drafts. Problem 403 unless they are or give reviews.

    A key has no self: it reads by its scope what is of its stores.
    """
    employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
    own = await is_themself(request, tenant, employee_id)
    if not own and request.user.person is None:
        request.user.require_store(employee.store_id)
    elif not own:
        request.user.require_in(GIVES, employee.store_id)
    unless_erased(employee)
    return own


async def _require_giver(request: ShopRequest, tenant: Tenant, employee_id: str) -> None:
    employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
    request.user.require_store(employee.store_id)
    unless_erased(employee)
    if await is_themself(request, tenant, employee_id):
        raise Problem(403, "forbidden", "Nobody reviews themself.", store_id=employee.store_id)


async def _sealed(tenant: Tenant, employee_id: str, place: str, text: str) -> Sealed:
    return await tenant.vault.seal(EMPLOYEE.stream(employee_id), place, text)


def _summary(row: ReviewRow) -> ReviewSummary:
    return ReviewSummary(
        employee_id=row.employee_id,
        cycle=row.cycle,
        store_id=row.store_id,
        status=row.status,
        given_at=row.given_at,
        acknowledged_at=row.acknowledged_at,
        plans=row.plans,
        open_plans=len(row.due),
        next_due=row.next_due,
    )


def _view(employee_id: str, cycle: str, review: Review, texts: dict[str, str | None]) -> ReviewView:
    def told(box: Sealed | None) -> str | None:
        return None if box is None else texts[box.box]

    return ReviewView(
        employee_id=employee_id,
        cycle=cycle,
        store_id=review.store_id,
        status=review.status,
        text=told(review.text),
        plans=[
            PlanView(number=number, kind=plan.kind, text=told(plan.text), due=review.due.get(number))
            for number, plan in enumerate(review.plans, start=1)
        ],
        comments=[SaidView(text=told(said.text), by_employee=said.by_employee) for said in review.comments],
        follow_ups=[
            FollowUpView(plan=one.plan, outcome=one.outcome, due=one.due, note=told(one.note))
            for one in review.follow_ups
        ],
    )


def _boxes(review: Review) -> list[Sealed]:
    boxes = [review.text, *(plan.text for plan in review.plans), *(said.text for said in review.comments)]
    return [box for box in (*boxes, *(one.note for one in review.follow_ups)) if box is not None]


class ReviewsController(Controller):
    """Reviews of an employee."""

    path = "/v1/employees/{employee_id:str}/reviews"
    tags = ("employees",)

    @get(operation_id="listReviews", opt={"scope": "reviews:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        employee_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ReviewSummary]:
        """An employee's reviews by cycle, without texts. Employees see their own, once they are given."""
        own = await _may_read(request, tenant, employee_id)
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, ReviewBoard.name)
        async with tenant.readers.connection() as connection:
            rows = await reviews_of(
                connection,
                employee_id,
                drafts=not own,
                after="" if after is None else after[0],
                limit=limit + 1,
            )
        return page_of([_summary(row) for row in rows], limit, lambda row: (row.cycle,))

    @get("/{cycle:str}", operation_id="getReview", opt={"scope": "reviews:read"})
    async def show(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, cycle: str
    ) -> Response[ReviewView]:
        """A review and, as ETag, its version. Employees read their own, once it is given."""
        own = await _may_read(request, tenant, employee_id)
        review, version = await tenant.require_state(REVIEW, review_id(employee_id, cycle))
        if own and review.status is ReviewStatus.DRAFT:
            id_ = review_id(employee_id, cycle)
            raise NotFound(f"There is no review {id_!r}. Check the id.", kind="review", id=id_)
        boxes = _boxes(review)
        texts = await opened(request, tenant, boxes)
        by_box = {box.box: text for box, text in zip(boxes, texts, strict=True)}
        return read(_view(employee_id, cycle, review, by_box), version)

    @put("/{cycle:str}", operation_id="draftReview", opt={"scope": GIVES})
    async def draft(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, cycle: Id, data: DraftBody
    ) -> Response[ReviewChanged]:
        """Writes a draft, or writes it anew; before the first, If-Match is "0"."""
        await _require_giver(request, tenant, employee_id)
        origin = await command_origin(request, tenant, "draftReview", key_required=False)
        place = "review.drafted.v1/text"
        command = DraftReview(
            employee_id=employee_id,
            cycle=cycle,
            text=await _sealed(tenant, employee_id, place, data.text),
            plans=tuple(
                [
                    Plan(
                        kind=plan.kind,
                        text=await _sealed(tenant, employee_id, place, plan.text),
                        due=plan.due,
                    )
                    for plan in data.plans
                ]
            ),
            expected=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        _, version = await tenant.state_at(REVIEW, review_id(employee_id, cycle), answer.position)
        changed = ReviewChanged(employee_id=employee_id, cycle=cycle)
        return written(changed, answer, version=version)

    @post("/{cycle:str}/giving", operation_id="giveReview", opt={"scope": GIVES})
    async def give(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, cycle: str
    ) -> Response[ReviewChanged]:
        """Lets the employee read it. It does not change any more."""
        await _require_giver(request, tenant, employee_id)
        command = GiveReview(employee_id=employee_id, cycle=cycle)
        return await _submit(request, tenant, "giveReview", command, employee_id, cycle)

    @post("/{cycle:str}/acknowledgement", operation_id="acknowledgeReview", opt={"scope": "reviews:read"})
    async def acknowledge(
        self,
        request: ShopRequest,
        tenant: Tenant,
        employee_id: str,
        cycle: str,
        data: AcknowledgementBody,
    ) -> Response[ReviewChanged]:
        """The employee has read it. A person does this for themself alone, a key for whoever uses its app."""
        if not await _may_read(request, tenant, employee_id) and request.user.person is not None:
            raise Problem(403, "forbidden", "Employees acknowledge their reviews themselves.")
        comment = None
        if data.comment is not None:
            place = "review.acknowledged.v1/comment"
            comment = await _sealed(tenant, employee_id, place, data.comment)
        command = AcknowledgeReview(employee_id=employee_id, cycle=cycle, comment=comment)
        return await _submit(request, tenant, "acknowledgeReview", command, employee_id, cycle)

    @post("/{cycle:str}/comments", operation_id="commentReview", opt={"scope": "reviews:read"})
    async def comment(
        self,
        request: ShopRequest,
        tenant: Tenant,
        employee_id: str,
        cycle: str,
        data: ReviewCommentBody,
    ) -> Response[ReviewChanged]:
        """Says something to a review that was given: the employee, or whoever gives reviews in the store."""
        own = await _may_read(request, tenant, employee_id)
        command = CommentReview(
            employee_id=employee_id,
            cycle=cycle,
            comment=await _sealed(tenant, employee_id, "review.commented.v1/comment", data.comment),
            by_employee=own,
        )
        return await _submit(request, tenant, "commentReview", command, employee_id, cycle)

    @post("/{cycle:str}/follow-ups", operation_id="followUpPlan", opt={"scope": GIVES})
    async def follow_up(
        self, request: ShopRequest, tenant: Tenant, employee_id: str, cycle: str, data: FollowUpBody
    ) -> Response[ReviewChanged]:
        """Says what became of a plan, or puts it off."""
        await _require_giver(request, tenant, employee_id)
        note = None
        if data.note is not None:
            note = await _sealed(tenant, employee_id, "review.plan_followed_up.v1/note", data.note)
        command = FollowUpPlan(
            employee_id=employee_id,
            cycle=cycle,
            plan=data.plan,
            outcome=data.outcome,
            due=data.due,
            note=note,
        )
        return await _submit(request, tenant, "followUpPlan", command, employee_id, cycle)


async def _submit(
    request: ShopRequest, tenant: Tenant, operation: str, command: Command, employee_id: str, cycle: str
) -> Response[ReviewChanged]:
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(command, origin)
    return written(ReviewChanged(employee_id=employee_id, cycle=cycle), answer, 201)


class FollowUpsController(Controller):
    """What is to be followed up in a store."""

    path = "/v1/stores/{store_id:str}/follow-ups"
    tags = ("employees",)

    @get(operation_id="listFollowUps", opt={"scope": GIVES})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        due: date,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ReviewSummary]:
        """Reviews of the store with a plan that is open and due by a day."""
        request.user.require_store(store_id)
        await tenant.require_state(STORE, store_id)
        after = decode_cursor(cursor, tuple[Id, Id]) or ("", "")
        await caught_up(request, tenant, ReviewBoard.name)
        async with tenant.readers.connection() as connection:
            rows = await due_in(connection, store_id, by=due, after=after, limit=limit + 1)
        return page_of([_summary(row) for row in rows], limit, lambda row: (row.employee_id, row.cycle))
