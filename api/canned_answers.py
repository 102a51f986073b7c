"""/v1/answers: canned answers, and what they read like for a complaint."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from api.accesses import opened
from api.complaints import require_case
from api.details import Language
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, LongText, ShopRequest, command_origin, expected_version, purpose
from domain.catalog.product import PRODUCT
from domain.customers.customer import CUSTOMER
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.service.answers import (
    ANSWER,
    AnswerVersion,
    CannedText,
    Placeholder,
    RetireAnswer,
    SetAnswer,
    filled_in,
    placeholders_of,
    require_text,
)
from domain.service.case import Case
from domain.service.kinds import CaseKind
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.canned_answers.queries import answers_offered

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Version = Annotated[int, Meta(ge=1)]


class AnswerBody(Body, frozen=True, kw_only=True):
    """A text of the shop in a language; `kind` null: for complaints of any kind.

    Filled in are {case_id}, {category}, {customer_name}, {product_name} and {store_name}; a literal brace is
    doubled. It stands in the clear: nothing personal belongs here.
    """

    language: Language
    text: LongText
    kind: CaseKind | None = None


class AnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """A canned answer and its version, counted from 1. `retired`: it is not offered any more."""

    answer_id: str
    version: int
    language: str
    kind: CaseKind | None
    text: str
    retired: bool


class AnswerChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that was written to, and its version now."""

    answer_id: str
    version: int
    position: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer reads like for the complaint. What is `missing` is still to be written by hand."""

    answer_id: str
    version: int
    text: str
    missing: list[Placeholder]


class CannedAnswersController(Controller):
    """Canned answers."""

    path = "/v1/answers"
    tags = ("complaints",)

    @get(operation_id="listAnswers", opt={"scope": "complaints:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        language: Language | None = None,
        kind: CaseKind | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[AnswerView]:
        """The answers that are offered, by id; for a kind of complaint those of any kind, too."""
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, "canned_answers")
        async with tenant.readers.connection() as connection:
            rows = await answers_offered(
                connection,
                language=language,
                case_kind=None if kind is None else kind.value,
                after="" if after is None else after[0],
                limit=limit + 1,
            )
        answers = [
            AnswerView(
                answer_id=row.answer_id,
                version=row.version,
                language=row.language,
                kind=None if row.case_kind is None else CaseKind(row.case_kind),
                text=row.text,
                retired=row.retired,
            )
            for row in rows
        ]
        return page_of(answers, limit, lambda row: (row.answer_id,))

    @get("/{answer_id:str}", operation_id="getAnswer", opt={"scope": "complaints:read"})
    async def show(self, tenant: Tenant, answer_id: str) -> Response[AnswerView]:
        """An answer as it reads now and, as ETag, its version."""
        answer, _ = await tenant.require_state(ANSWER, answer_id)
        present = answer.all[-1]
        view = AnswerView(
            answer_id=answer_id,
            version=len(answer.all),
            language=present.language,
            kind=present.kind,
            text=present.text,
            retired=answer.retired,
        )
        return read(view, view.version)

    @put("/{answer_id:str}", operation_id="setAnswer", opt={"scope": "service_terms:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, answer_id: Id, data: AnswerBody
    ) -> Response[AnswerChanged]:
        """Makes an answer, or its next version; before the first, If-Match is "0". A retired one is back."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setAnswer", key_required=False)
        command = SetAnswer(
            answer_id=answer_id,
            answer=CannedText(language=data.language, text=data.text, kind=data.kind),
            expected=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        changed = _changed(answer.result, answer.position)
        return written(changed, answer, version=changed.version)

    @post("/{answer_id:str}/retirement", operation_id="retireAnswer", opt={"scope": "service_terms:write"})
    async def retire(self, request: ShopRequest, tenant: Tenant, answer_id: str) -> Response[AnswerChanged]:
        """Takes an answer out of the list; what was answered with it names it all the same."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "retireAnswer", key_required=False)
        answer = await tenant.submit(RetireAnswer(answer_id=answer_id), origin)
        return written(_changed(answer.result, answer.position), answer, 201)


def _changed(result: AnswerVersion, position: int) -> AnswerChanged:
    return AnswerChanged(answer_id=result.answer_id, version=result.version, position=position)


class DraftsController(Controller):
    """Drafts of answers to a complaint."""

    path = "/v1/complaints/{complaint_id:str}/drafts/{answer_id:str}"
    tags = ("complaints",)

    @get(operation_id="draftAnswer", opt={"scope": "complaints:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, complaint_id: str, answer_id: str) -> Draft:
        """A canned answer filled in from the complaint. Nothing is written: it is sent and recorded by you.

        The customer's name is opened, and that is on record, only where the answer has it and the key may
        read customers.
        """
        why = purpose(request)
        case = await require_case(request, tenant, complaint_id)
        answer, _ = await tenant.require_state(ANSWER, answer_id)
        if answer.retired:
            raise NotFound(f"The answer {answer_id!r} was retired.", kind="answer", id=answer_id)
        present = require_text(answer, answer_id, len(answer.all))
        values = await _values(request, tenant, case, placeholders_of(present.text), why)
        text, missing = filled_in(present.text, values)
        return Draft(answer_id=answer_id, version=len(answer.all), text=text, missing=missing)


async def _values(
    request: ShopRequest, tenant: Tenant, case: Case, wanted: list[Placeholder], why: str
) -> dict[Placeholder, str]:
    """What of it is known of the case."""
    facts = case.opened
    assert facts is not None
    values = {Placeholder.CASE_ID: facts.case_id, Placeholder.CATEGORY: facts.category}
    if Placeholder.CUSTOMER_NAME in wanted and facts.customer_id is not None:
        name = await _name(request, tenant, facts.customer_id, why)
        values |= {} if name is None else {Placeholder.CUSTOMER_NAME: name}
    if Placeholder.PRODUCT_NAME in wanted and facts.sku is not None:
        values[Placeholder.PRODUCT_NAME] = (await tenant.state_of(PRODUCT, facts.sku)).name
    if Placeholder.STORE_NAME in wanted and facts.store_id is not None:
        values[Placeholder.STORE_NAME] = (await tenant.state_of(STORE, facts.store_id)).name
    return values


async def _name(request: ShopRequest, tenant: Tenant, customer_id: str, why: str) -> str | None:
    """The customer's name, None where there is none, or where it is none of the caller's business."""
    sealed = (await tenant.state_of(CUSTOMER, customer_id)).name
    if sealed is None or not request.user.may("customers:read"):
        return None
    [name] = await opened(request, tenant, [sealed], because=why)
    return name
