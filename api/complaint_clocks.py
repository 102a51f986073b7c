"""/v1/complaints: what their clocks run by: answers, waiting for the customer, priorities."""

from typing import Annotated

from litestar import Controller, Response, post
from msgspec import Meta

from api.complaints import ComplaintChanged, require_case, text_for_case, write_to_case
from api.requests import Body, Cause, LongText, ShopRequest
from domain.kernel.ids import Id
from domain.service.case import AnswerUsed
from domain.service.handling import PrioritiseComplaint
from domain.service.terms import Priority
from domain.service.waiting import RespondToCustomer, WaitForCustomer, WaitNoLonger
from infra.tenancy import Tenant


class AnswerUsedBody(Body, frozen=True, kw_only=True):
    """The canned answer of which a response was made, and its version."""

    answer_id: Id
    version: Annotated[int, Meta(ge=1)]


class CustomerResponse(Body, frozen=True, kw_only=True):
    """What the customer was told, by whom, and of which canned answer it was made."""

    text: LongText
    employee_id: Id | None = None
    answer: AnswerUsedBody | None = None


class Waiting(Body, frozen=True, kw_only=True):
    """What the shop waits for, a cause such as "photo", never about a person."""

    reason: Cause


class NewPriority(Body, frozen=True, kw_only=True):
    """How urgent it is."""

    priority: Priority


class ComplaintClocksController(Controller):
    """The clocks of complaints."""

    path = "/v1/complaints/{complaint_id:str}"
    tags = ("complaints",)

    @post("/responses", operation_id="respondToComplaint", opt={"scope": "complaints:write"})
    async def respond(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: CustomerResponse
    ) -> Response[ComplaintChanged]:
        """Records what the customer was told: the first response, or news. Sending it is not ours."""
        text = await text_for_case(request, tenant, complaint_id, "case.responded.v1", data.text)
        used = data.answer
        command = RespondToCustomer(
            case_id=complaint_id,
            text=text,
            employee_id=data.employee_id,
            answer=None if used is None else AnswerUsed(answer_id=used.answer_id, version=used.version),
        )
        return await write_to_case(request, tenant, "respondToComplaint", command)

    @post("/pauses", operation_id="pauseComplaint", opt={"scope": "complaints:write"})
    async def pause(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Waiting
    ) -> Response[ComplaintChanged]:
        """Waits for the customer: the clocks stand still. What waits already stays as it is."""
        await require_case(request, tenant, complaint_id)
        command = WaitForCustomer(case_id=complaint_id, reason=data.reason)
        return await write_to_case(request, tenant, "pauseComplaint", command)

    @post("/resumptions", operation_id="resumeComplaint", opt={"scope": "complaints:write"})
    async def resume(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str
    ) -> Response[ComplaintChanged]:
        """Waits no longer: the clocks go on."""
        await require_case(request, tenant, complaint_id)
        return await write_to_case(request, tenant, "resumeComplaint", WaitNoLonger(case_id=complaint_id))

    @post("/priorities", operation_id="prioritiseComplaint", opt={"scope": "complaints:write"})
    async def prioritise(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: NewPriority
    ) -> Response[ComplaintChanged]:
        """Makes it more or less urgent: from its opening on it has the time of that priority."""
        await require_case(request, tenant, complaint_id)
        command = PrioritiseComplaint(case_id=complaint_id, priority=data.priority)
        return await write_to_case(request, tenant, "prioritiseComplaint", command)
