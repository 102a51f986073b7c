"""/v1/complaints: those that others answer, and what the customer says of a resolution."""

from litestar import Controller, Response, post

from api.complaints import ComplaintChanged, require_case, text_for_case, write_to_case
from api.requests import Body, Cause, LongText, ShopRequest
from domain.service.referral import AcceptResolution, DisputeResolution, ReferCase, ReportReferral
from infra.tenancy import Tenant


class Referral(Body, frozen=True, kw_only=True):
    """To whom it is passed on: a sort of party ("supplier", "head office"), never a person."""

    to: Cause


class ReferralReport(Body, frozen=True, kw_only=True):
    """How it stands with them ("closed with explanation"). `in_time` is null where nobody says."""

    outcome: Cause
    in_time: bool | None = None


class Dispute(Body, frozen=True, kw_only=True):
    """Why the customer is not content."""

    text: LongText


class ComplaintReferralsController(Controller):
    """Referrals and judgements of complaints."""

    path = "/v1/complaints/{complaint_id:str}"
    tags = ("complaints",)

    @post("/referrals", operation_id="referComplaint", opt={"scope": "complaints:write"})
    async def refer(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Referral
    ) -> Response[ComplaintChanged]:
        """Passes it on to whom it concerns. Its clocks go on."""
        await require_case(request, tenant, complaint_id)
        command = ReferCase(case_id=complaint_id, to=data.to)
        return await write_to_case(request, tenant, "referComplaint", command)

    @post("/referral-reports", operation_id="reportReferral", opt={"scope": "complaints:write"})
    async def report(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: ReferralReport
    ) -> Response[ComplaintChanged]:
        """Notes what is known of their answer. The last report counts."""
        await require_case(request, tenant, complaint_id)
        command = ReportReferral(case_id=complaint_id, outcome=data.outcome, in_time=data.in_time)
        return await write_to_case(request, tenant, "reportReferral", command)

    @post("/acceptance", operation_id="acceptResolution", opt={"scope": "complaints:write"})
    async def accept(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str
    ) -> Response[ComplaintChanged]:
        """The customer is content with the resolution."""
        await require_case(request, tenant, complaint_id)
        return await write_to_case(
            request, tenant, "acceptResolution", AcceptResolution(case_id=complaint_id)
        )

    @post("/disputes", operation_id="disputeResolution", opt={"scope": "complaints:write"})
    async def dispute(
        self, request: ShopRequest, tenant: Tenant, complaint_id: str, data: Dispute
    ) -> Response[ComplaintChanged]:
        """The customer is not content: it is taken up again, with whoever had it."""
        text = await text_for_case(request, tenant, complaint_id, "case.reopened.v1", data.text)
        command = DisputeResolution(case_id=complaint_id, text=text)
        return await write_to_case(request, tenant, "disputeResolution", command)
