"""/v1/survey-plan, links to surveys, and /v1/survey/{token}: asking customers, and their answers."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from msgspec import Meta

from api.accesses import opened
from api.auth import ANYBODY
from api.complaints import require_case
from api.links import link_is_over, open_link
from api.reading import read, written
from api.request_ids import request_id_of
from api.requests import NO_NUL, Body, Instant, ShopRequest, Text, command_origin, expected_version
from domain.aftercare.asking import AskAboutResolution, AskToRecommend, SurveyAsked, SurveyWithheld
from domain.customers.customer import CUSTOMER
from domain.kernel.business_day import business_day
from domain.kernel.command import Command
from domain.kernel.errors import Erased, NotFound
from domain.kernel.sealed import Sealed
from domain.service.survey import SCALES, SURVEY, AnswerSurvey, SurveyAnswered, SurveyKind, SurveySent
from domain.service.survey_plan import (
    MAIN,
    MAX_ANSWER_DAYS,
    SURVEY_PLAN,
    Period,
    SetSurveyPlan,
    SurveyPlan,
    SurveyPlanVersion,
)
from infra.crypto.links import LinkKind, make_token
from infra.crypto.vault import SubjectErased
from infra.event_store.clerk import now_utc
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.tenancy import Tenant

COMMENT = f"{SurveyAnswered.TYPE}/text"


class PlanBody(Body, frozen=True, kw_only=True):
    """What customers are asked: after each resolution (`csat`), and once each `nps` period.

    Nobody is sent a question without their consent to `survey` by `email`; with `csat_needs_consent` false
    the one about their own complaint is a part of the service. Periods go by the clock of `time_zone`.
    """

    csat: bool = False
    csat_needs_consent: bool = True
    nps: Period | None = None
    time_zone: Text = "UTC"
    answer_days: Annotated[int, Meta(ge=1, le=MAX_ANSWER_DAYS)] = 30


class PlanView(PlanBody, frozen=True, kw_only=True):
    """The plan of today and, counted from 1, its version."""

    version: int


class SurveyLinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link for the customer: whoever has it may answer, once. It is kept nowhere."""

    survey_id: str
    token: str
    path: str
    expires_at: Instant


class SurveyQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """What a link asks: how content with a resolution (csat), or would they recommend the shop (nps).

    A score is from `least` to `most`. It tells nothing of who is asked, or about which complaint.
    """

    kind: SurveyKind
    least: int
    most: int
    answered: bool
    expires_at: Instant


class SurveyAnswer(Body, frozen=True, kw_only=True):
    """The customer's answer. The comment is stored sealed."""

    score: Annotated[int, Meta(ge=0, le=10)]
    comment: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=NO_NUL)] | None = None


class AnswerTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The answer counts."""

    score: int


class SurveyView(msgspec.Struct, frozen=True, kw_only=True):
    """A survey, and its answer; a comment that is null was not given, or was erased."""

    survey_id: str
    kind: SurveyKind
    customer_id: str | None
    complaint_id: str | None
    resolution: int | None
    employee_id: str | None
    store_id: str | None
    period: str | None
    handed_over: bool
    expires_at: Instant
    answered_at: Instant | None
    score: int | None
    comment: str | None


class SurveyPlanController(Controller):
    """What customers are asked by themselves."""

    path = "/v1/survey-plan"
    tags = ("service",)

    @get(operation_id="getSurveyPlan", opt={"scope": "complaints:read"})
    async def show(self, tenant: Tenant) -> Response[PlanView]:
        """The plan and, as ETag, its version."""
        present = await tenant.state_of(SURVEY_PLAN, MAIN)
        if not present.version:
            raise NotFound(
                'There is no survey plan yet. PUT one with If-Match: "0".', kind="surveyplan", id=MAIN
            )
        view = msgspec.convert({**msgspec.structs.asdict(present.plan), "version": present.version}, PlanView)
        return read(view, present.version)

    @put(operation_id="setSurveyPlan", opt={"scope": "service_terms:write"})
    async def set(self, request: ShopRequest, tenant: Tenant, data: PlanBody) -> Response[SurveyPlanVersion]:
        """Makes the plan, or its next version; before the first, If-Match is "0"."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setSurveyPlan", key_required=False)
        plan = SurveyPlan(**msgspec.structs.asdict(data))
        answer = await tenant.submit(SetSurveyPlan(plan=plan, expected=expected_version(request)), origin)
        return written(answer.result, answer, version=answer.result.version)


async def _link(
    request: ShopRequest, tenant: Tenant, operation: str, command: Command
) -> Response[SurveyLinkView]:
    """A link to the survey that is asked, or was before: a repeat answers the same one."""
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(command, origin)
    asked: SurveyAsked = answer.result
    sent = (await tenant.state_of(SURVEY, asked.survey_id)).sent
    assert sent is not None, "it has just been asked"
    token = make_token(tenant.vault, tenant.name, asked.survey_id, sent.expires_at, LinkKind.SURVEY)
    view = SurveyLinkView(
        survey_id=asked.survey_id, token=token, path=f"/v1/survey/{token}", expires_at=sent.expires_at
    )
    return written(view, answer, 201)


class ComplaintSurveysController(Controller):
    """Surveys about resolutions."""

    path = "/v1/complaints/{complaint_id:str}/survey-links"
    tags = ("complaints",)

    @post(operation_id="makeComplaintSurvey", opt={"scope": "complaints:write"})
    async def make(self, request: ShopRequest, tenant: Tenant, complaint_id: str) -> Response[SurveyLinkView]:
        """A link by which the customer says, once, how content they are with the present resolution.

        For whoever hands it over themselves: nothing is sent.
        """
        await require_case(request, tenant, complaint_id)
        command = AskAboutResolution(case_id=complaint_id, handed_over=True)
        return await _link(request, tenant, "makeComplaintSurvey", command)


class CustomerSurveysController(Controller):
    """Surveys about the shop."""

    path = "/v1/customers/{customer_id:str}/survey-links"
    tags = ("customers",)

    @post(operation_id="makeCustomerSurvey", opt={"scope": "complaints:write"})
    async def make(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> Response[SurveyLinkView]:
        """A link by which a customer says, once in the present period, whether they recommend the shop.

        For whoever hands it over themselves: nothing is sent.
        """
        plan = (await tenant.state_of(SURVEY_PLAN, MAIN)).plan
        await tenant.require_state(CUSTOMER, customer_id)
        if plan.nps is None:
            raise SurveyWithheld("The plan has no period: set one for `nps`.", kind=SurveyKind.NPS)
        period = plan.nps.of(business_day(now_utc(), plan.time_zone, 0))
        command = AskToRecommend(customer_id=customer_id, period=period, handed_over=True)
        return await _link(request, tenant, "makeCustomerSurvey", command)


class SurveysController(Controller):
    """Surveys and their answers."""

    path = "/v1/surveys"
    tags = ("complaints",)

    @get("/{survey_id:str}", operation_id="getSurvey", opt={"scope": "complaints:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, survey_id: str) -> Response[SurveyView]:
        """What was asked, and what the customer says."""
        survey, version = await tenant.require_state(SURVEY, survey_id)
        sent = survey.sent
        assert sent is not None
        if sent.kind is SurveyKind.CSAT:
            request.user.require_store(sent.store_id)
        async with tenant.readers.connection() as connection:
            entries = await tenant.journal.read_stream(connection, SURVEY.stream(survey_id), 0, version)
        found = [entry for entry in entries if isinstance(entry.data, SurveyAnswered)]
        answer: SurveyAnswered | None = found[0].data if found else None
        boxes = [] if answer is None or answer.text is None else [answer.text]
        about = () if sent.customer_id is None else (CUSTOMER.stream(sent.customer_id),)
        texts = await opened(request, tenant, boxes, about=about)
        view = SurveyView(
            survey_id=survey_id,
            kind=sent.kind,
            customer_id=sent.customer_id,
            complaint_id=sent.case_id,
            resolution=sent.resolution,
            employee_id=sent.employee_id,
            store_id=sent.store_id,
            period=sent.period,
            handed_over=sent.handed_over,
            expires_at=sent.expires_at,
            answered_at=found[0].recorded_at if found else None,
            score=None if answer is None else answer.score,
            comment=texts[0] if texts else None,
        )
        return read(view, version)


class SurveyAnswersController(Controller):
    """Surveys as customers see them."""

    path = "/v1/survey/{token:str}"
    tags = ("service",)

    @get(operation_id="showSurvey", opt={"scope": ANYBODY})
    async def show(self, request: ShopRequest, token: str) -> SurveyQuestion:
        """The question that a link asks."""
        _, sent, answered = await _asked(request, token)
        least, most = SCALES[sent.kind]
        return SurveyQuestion(
            kind=sent.kind, least=least, most=most, answered=answered, expires_at=sent.expires_at
        )

    @post(operation_id="answerSurvey", opt={"scope": ANYBODY})
    async def answer(self, request: ShopRequest, token: str, data: SurveyAnswer) -> Response[AnswerTaken]:
        """Takes the answer, once: a second one is told so, whoever sends it."""
        tenant, sent, _ = await _asked(request, token)
        comment: Sealed | None = None
        if data.comment is not None:
            owner = sent.customer_id
            subject = SURVEY.stream(sent.survey_id) if owner is None else CUSTOMER.stream(owner)
            try:
                comment = await tenant.vault.seal(subject, COMMENT, data.comment)
            except SubjectErased:
                raise link_is_over() from None
        command = AnswerSurvey(survey_id=sent.survey_id, score=data.score, text=comment)
        origin = Origin(
            command_id=uuid7(), actor="survey", channel="link", correlation_id=request_id_of(request.scope)
        )
        try:
            answer = await tenant.submit(command, origin)
        except Erased:
            raise link_is_over() from None
        return written(AnswerTaken(score=data.score), answer, 201)


async def _asked(request: ShopRequest, token: str) -> tuple[Tenant, SurveySent, bool]:
    """What a link asks; Problem 410 where whoever is asked was forgotten."""
    tenant, survey_id = await open_link(request, token, LinkKind.SURVEY)
    survey, _ = await tenant.require_state(SURVEY, survey_id)
    assert survey.sent is not None
    customer_id = survey.sent.customer_id
    if customer_id is not None and (await tenant.state_of(CUSTOMER, customer_id)).erased:
        raise link_is_over()
    return tenant, survey.sent, survey.answered
