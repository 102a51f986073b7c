"""/v1/return-policy: how long what may come back, and for which reasons."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.reading import read, written
from api.requests import Body, Cause, ShopRequest, Text, command_origin, expected_version
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.sales.policy import (
    MAIN,
    MAX_DAYS,
    MAX_REASONS,
    MAX_TERMS,
    RETURN_POLICY,
    Policy,
    PolicyVersion,
    SetReturnPolicy,
    Terms,
)
from infra.tenancy import Tenant

Days = Annotated[int, Meta(ge=0, le=MAX_DAYS)]


class ReturnTerms(Body, frozen=True, kw_only=True):
    """How many days after the sale's business day goods may come back; null is without end, 0 the same day.

    Without the receipt it is `without_receipt_days`. What was a `final_sale` does not come back.
    """

    days: Days | None = None
    without_receipt_days: Days | None = None
    final_sale: bool = False


class ReturnPolicyBody(Body, frozen=True, kw_only=True):
    """A policy. Terms of a product stand before those of its category, and these before `default`.

    Where `reasons` are listed, a return names one of them as its `reason_code`.
    """

    default: ReturnTerms = ReturnTerms()
    categories: Annotated[dict[Text, ReturnTerms], Meta(max_length=MAX_TERMS)] = {}  # noqa: RUF012
    skus: Annotated[dict[Id, ReturnTerms], Meta(max_length=MAX_TERMS)] = {}  # noqa: RUF012
    reasons: Annotated[list[Cause], Meta(max_length=MAX_REASONS)] = []  # noqa: RUF012


class ReturnPolicyView(ReturnPolicyBody, frozen=True, kw_only=True):
    """The policy of today and, counted from 1, its version."""

    version: int


class ReturnPolicyController(Controller):
    """The return policy."""

    path = "/v1/return-policy"
    tags = ("sales",)

    @get(operation_id="getReturnPolicy", opt={"scope": "sales:read"})
    async def show(self, tenant: Tenant) -> Response[ReturnPolicyView]:
        """The policy and, as ETag, its version."""
        policies = await tenant.state_of(RETURN_POLICY, MAIN)
        if policies.present is None:
            raise NotFound(
                'There is no return policy yet. PUT one with If-Match: "0".', kind="return policy", id=MAIN
            )
        policy = policies.present
        view = ReturnPolicyView(
            default=_view(policy.default),
            categories={category: _view(terms) for category, terms in policy.categories.items()},
            skus={sku: _view(terms) for sku, terms in policy.skus.items()},
            reasons=list(policy.reasons),
            version=policies.version,
        )
        return read(view, view.version)

    @put(operation_id="setReturnPolicy", opt={"scope": "returns:policy"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, data: ReturnPolicyBody
    ) -> Response[PolicyVersion]:
        """Makes the policy, or its next version; before the first, If-Match is "0".

        Returns go by it at once, whenever the sale was. A return keeps the version that it went by.
        """
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setReturnPolicy", key_required=False)
        policy = Policy(
            default=_terms(data.default),
            categories={category: _terms(terms) for category, terms in data.categories.items()},
            skus={sku: _terms(terms) for sku, terms in data.skus.items()},
            reasons=tuple(data.reasons),
        )
        answer = await tenant.submit(
            SetReturnPolicy(policy=policy, expected=expected_version(request)), origin
        )
        return written(answer.result, answer, version=answer.result.version)


def _terms(body: ReturnTerms) -> Terms:
    return Terms(**msgspec.structs.asdict(body))


def _view(terms: Terms) -> ReturnTerms:
    return ReturnTerms(**msgspec.structs.asdict(terms))
