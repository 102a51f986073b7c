"""The only map from what can go wrong to application/problem+json (RFC 9457)."""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.status_codes import (
    HTTP_400_BAD_REQUEST,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_409_CONFLICT,
    HTTP_410_GONE,
    HTTP_412_PRECONDITION_FAILED,
    HTTP_422_UNPROCESSABLE_ENTITY,
    HTTP_500_INTERNAL_SERVER_ERROR,
    HTTP_503_SERVICE_UNAVAILABLE,
)
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from api.request_ids import marks_of, request_id_of
from domain.kernel.errors import Erased, Refusal
from infra.access.passwords import PasswordUnfit, TooManySignIns
from infra.crypto.vault import SubjectErased
from infra.event_store.submission import OutcomeUnknown, QueueFull

REFUSALS = frozenset({401, 403, 429})
"""Answers of the doors, which are logged: many of them are somebody who tries."""
PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_S = "1"

_STATUS_OF_REFUSAL = {
    "not_found": HTTP_404_NOT_FOUND,
    "coupon_unknown": HTTP_404_NOT_FOUND,
    "card_unknown": HTTP_404_NOT_FOUND,
    "coupon_not_reserved": HTTP_404_NOT_FOUND,
    "consent_unknown": HTTP_404_NOT_FOUND,
    "wish_unknown": HTTP_404_NOT_FOUND,
    "hold_unknown": HTTP_404_NOT_FOUND,
    "customer_not_merged": HTTP_404_NOT_FOUND,
    "customer_merged": HTTP_409_CONFLICT,
    "legal_hold": HTTP_409_CONFLICT,
    "erased": HTTP_410_GONE,
    "already_exists": HTTP_409_CONFLICT,
    "stock_short": HTTP_409_CONFLICT,
    "lot_differs": HTTP_409_CONFLICT,
    "coupon_spent": HTTP_409_CONFLICT,
    "card_blocked": HTTP_409_CONFLICT,
    "coupon_reserved": HTTP_409_CONFLICT,
    "coupon_revoked": HTTP_409_CONFLICT,
    "coupon_batch_revoked": HTTP_409_CONFLICT,
    "coupon_limit_reached": HTTP_409_CONFLICT,
    "too_many_offers": HTTP_409_CONFLICT,
    "too_many_price_lists": HTTP_409_CONFLICT,
    "too_many_tax_rates": HTTP_409_CONFLICT,
    "exception_settled": HTTP_409_CONFLICT,
    "markdown_over": HTTP_409_CONFLICT,
    "labels_used_up": HTTP_409_CONFLICT,
    "too_many_ladders": HTTP_409_CONFLICT,
    "ladder_overlaps": HTTP_409_CONFLICT,
    "proposal_settled": HTTP_409_CONFLICT,
    "proposal_lapsed": HTTP_409_CONFLICT,
    "lot_not_expired": HTTP_409_CONFLICT,
    "label_elsewhere": HTTP_409_CONFLICT,
    "barcode_taken": HTTP_409_CONFLICT,
    "return_exceeds_sale": HTTP_409_CONFLICT,
    "order_not_ready": HTTP_409_CONFLICT,
    "order_left": HTTP_409_CONFLICT,
    "purchase_not_ready": HTTP_409_CONFLICT,
    "delivery_exceeds_order": HTTP_409_CONFLICT,
    "return_exceeds_delivery": HTTP_409_CONFLICT,
    "supplier_inactive": HTTP_409_CONFLICT,
    "transfer_ended": HTTP_409_CONFLICT,
    "count_ended": HTTP_409_CONFLICT,
    "not_in_count": HTTP_409_CONFLICT,
    "not_counted": HTTP_409_CONFLICT,
    "counted_too_early": HTTP_409_CONFLICT,
    "recount_needed": HTTP_409_CONFLICT,
    "recount_by_another": HTTP_409_CONFLICT,
    "count_unapproved": HTTP_409_CONFLICT,
    "shipment_exceeds_order": HTTP_409_CONFLICT,
    "too_many_reports": HTTP_409_CONFLICT,
    "case_resolved": HTTP_409_CONFLICT,
    "case_not_referred": HTTP_409_CONFLICT,
    "case_open": HTTP_409_CONFLICT,
    "lead_closed": HTTP_409_CONFLICT,
    "lead_open": HTTP_409_CONFLICT,
    "lead_further": HTTP_409_CONFLICT,
    "task_closed": HTTP_409_CONFLICT,
    "case_compensated": HTTP_409_CONFLICT,
    "survey_answered": HTTP_409_CONFLICT,
    "survey_withheld": HTTP_409_CONFLICT,
    "survey_over": HTTP_409_CONFLICT,
    "command_in_flight": HTTP_409_CONFLICT,
    "key_outlives_maker": HTTP_403_FORBIDDEN,
    "last_owner": HTTP_409_CONFLICT,
    "approval_required": HTTP_403_FORBIDDEN,
    "approval_own": HTTP_403_FORBIDDEN,
    "approval_unfit": HTTP_403_FORBIDDEN,
    "approval_beyond_limit": HTTP_403_FORBIDDEN,
    "approval_spent": HTTP_409_CONFLICT,
    "shift_open": HTTP_409_CONFLICT,
    "target_over": HTTP_409_CONFLICT,
    "cycle_closed": HTTP_409_CONFLICT,
    "cycle_open": HTTP_409_CONFLICT,
    "cycle_not_over": HTTP_409_CONFLICT,
    "shift_not_open": HTTP_409_CONFLICT,
    "count_missing": HTTP_409_CONFLICT,
    "parked_gone": HTTP_409_CONFLICT,
    "suggestion_settled": HTTP_409_CONFLICT,
    "review_not_ready": HTTP_409_CONFLICT,
    "plan_settled": HTTP_409_CONFLICT,
    "too_many_notes": HTTP_409_CONFLICT,
    "period_closed": HTTP_409_CONFLICT,
    "period_not_next": HTTP_409_CONFLICT,
    "period_not_over": HTTP_409_CONFLICT,
    "version_conflict": HTTP_412_PRECONDITION_FAILED,
}
"""Refusals that are not here are 422: the request was understood and the rules forbid it."""

_CODE_OF_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    428: "precondition_required",
    503: "unavailable",
}

# Litestar takes a caller who hangs up, or whose body is broken, for a fault of ours.
_HUNG_UP = "client disconnected prematurely"

log = structlog.get_logger(__name__)


class Problem(Exception):
    """A refusal of the shell: the request itself can't be served."""

    def __init__(
        self, status: int, code: str, detail: str, headers: dict[str, str] | None = None, **facts: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
        self.facts = facts


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457. `type` is stable; `code` is its last part; `facts` are the refusal's own figures.

    `request_id` is the one under which our logs speak of it.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    facts: dict[str, Any] = {}
    request_id: str = ""


def respond(
    status: int,
    code: str,
    detail: str,
    facts: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[ProblemDetails]:
    """The response for a problem."""
    problem = ProblemDetails(
        type=f"urn:daybook:problem:{code}",
        title=code.replace("_", " ").capitalize(),
        status=status,
        code=code,
        detail=detail,
        facts=facts or {},
    )
    return Response(problem, status_code=status, media_type=PROBLEM_JSON, headers=headers)


def _refusal(_request: Request[Any, Any, Any], error: Refusal) -> Response[ProblemDetails]:
    status = _STATUS_OF_REFUSAL.get(error.code, HTTP_422_UNPROCESSABLE_ENTITY)
    return respond(status, error.code, error.detail, error.facts)


def _erased(request: Request[Any, Any, Any], error: SubjectErased) -> Response[ProblemDetails]:
    kind, _, id_ = error.subject.partition("-")
    return _refusal(request, Erased(f"The {kind} {id_!r} was erased.", kind=kind, id=id_))


def _problem(_request: Request[Any, Any, Any], error: Problem) -> Response[ProblemDetails]:
    return respond(error.status, error.code, error.detail, error.facts, error.headers)


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[ProblemDetails]:
    if error.detail == _HUNG_UP:
        return respond(HTTP_400_BAD_REQUEST, "bad_request", "The body did not arrive whole. Send it again.")
    if error.status_code >= HTTP_500_INTERNAL_SERVER_ERROR:
        return _bug(request, error)
    if isinstance(error, ValidationException):
        return respond(error.status_code, "invalid_request", _what_is_invalid(request, error))
    code = _CODE_OF_STATUS.get(error.status_code, "bad_request")
    return respond(error.status_code, code, f"{error.detail}.", headers=error.headers)


def query_name(handler: BaseRouteHandler, argument: str) -> str:
    """What an argument is called in the query: `from` is no name that Python would take."""
    parameter = handler.parsed_fn_signature.parameters.get(argument)
    definition = None if parameter is None else parameter.kwarg_definition
    return definition.name or argument if isinstance(definition, ParameterKwarg) else argument


def _what_is_invalid(request: Request[Any, Any, Any], error: ValidationException) -> str:
    """Litestar's list of errors as one sentence."""
    found = cast("list[dict[str, str]]", error.extra) if isinstance(error.extra, list) else []
    if any(entry.get("source") == "body" for entry in found):
        return "The body is missing: send a JSON object."
    named = [f"{query_name(request.route_handler, entry['key'])}: {entry['message']}" for entry in found]
    return "; ".join(named) or f"{error.detail}."


def _busy(_request: Request[Any, Any, Any], _error: Exception) -> Response[ProblemDetails]:
    return respond(
        HTTP_503_SERVICE_UNAVAILABLE,
        "unavailable",
        "The journal can't take the request right now. Repeat it with the same Idempotency-Key.",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def _invalid(_request: Request[Any, Any, Any], error: msgspec.ValidationError) -> Response[ProblemDetails]:
    return respond(HTTP_400_BAD_REQUEST, "invalid_request", str(error))


def _route_of(request: Request[Any, Any, Any]) -> str | None:
    return cast("dict[str, Any]", request.scope).get("path_template")


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemDetails]:
    log.error("request_failed", method=request.method, route=_route_of(request), exc_info=error)
    return respond(
        HTTP_500_INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side; it was recorded."
    )


def _crowded(_request: Request[Any, Any, Any], _error: TooManySignIns) -> Response[ProblemDetails]:
    return respond(
        HTTP_503_SERVICE_UNAVAILABLE,
        "unavailable",
        "Too many people sign in right now. Try again.",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def _unfit(_request: Request[Any, Any, Any], error: PasswordUnfit) -> Response[ProblemDetails]:
    return respond(HTTP_422_UNPROCESSABLE_ENTITY, "password_unfit", str(error))


_HANDLERS: dict[type[Exception], Callable[[Request[Any, Any, Any], Any], Response[ProblemDetails]]] = {
    Refusal: _refusal,
    Problem: _problem,
    HTTPException: _http,
    msgspec.ValidationError: _invalid,
    SubjectErased: _erased,
    QueueFull: _busy,
    OutcomeUnknown: _busy,
    PoolTimeout: _busy,
    OperationalError: _busy,
    TooManySignIns: _crowded,
    PasswordUnfit: _unfit,
    Exception: _bug,
}


def _answer(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemDetails]:
    """The response for an error, with the request's id; a refusal at a door is logged."""
    kind = next(kind for kind in type(error).__mro__ if kind in _HANDLERS)
    response = _HANDLERS[kind](request, error)
    problem = response.content
    response.content = msgspec.structs.replace(problem, request_id=request_id_of(request.scope))
    if "route_handler" not in request.scope:
        # No route, so no middleware that would mark it.
        response.headers.update({name.decode(): value.decode() for name, value in marks_of(request.scope)})
    if problem.status in REFUSALS:
        scope = request.scope
        # A caller's text stands in no line of ours: the route is told, not the path.
        log.info(
            "refused",
            status=problem.status,
            code=problem.code,
            method=scope["method"],
            route=_route_of(request),
            actor=None if "user" not in scope or scope["user"] is None else scope["user"].name,
        )
    return response


EXCEPTION_HANDLERS: dict[Any, Any] = dict.fromkeys(_HANDLERS, _answer)


def response_to(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemDetails]:
    """The response for whatever went wrong, for code that runs where Litestar doesn't look."""
    return _answer(request, error)
