"""/v1/customers/{customer_id}/segments: groups of customers that offers and price lists name."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, put
from msgspec import Meta

from api.reading import written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version
from domain.customers.customer import CUSTOMER
from domain.customers.segments import MAX_SEGMENTS, SetSegments
from infra.tenancy import Tenant


class SegmentsBody(Body, frozen=True, kw_only=True):
    """All segments that the customer belongs to, as `regular-guests`: up to four lower-case words each.

    The names stand in the clear for ever and say nothing about a person.
    """

    segments: Annotated[tuple[Text, ...], Meta(max_length=MAX_SEGMENTS)]


class SegmentsView(msgspec.Struct, frozen=True, kw_only=True):
    """The segments that a customer belongs to."""

    customer_id: str
    segments: list[str]


class SegmentsController(Controller):
    """Segments of customers."""

    path = "/v1/customers/{customer_id:str}/segments"
    tags = ("customers",)

    # Whoever decides who gets a price or an offer: a till that may change addresses may not.
    @put(operation_id="setSegments", opt={"scope": "offers:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: SegmentsBody
    ) -> Response[SegmentsView]:
        """Puts a customer into these segments and takes them out of all others."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setSegments", key_required=False)
        command = SetSegments(
            customer_id=customer_id, segments=data.segments, expected_version=expected_version(request)
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(CUSTOMER, customer_id, answer.position)
        view = SegmentsView(customer_id=customer_id, segments=list(state.segments))
        return written(view, answer, version=version)
