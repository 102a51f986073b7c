"""/v1/coupon-campaigns/{campaign_id}/targets: whom a targeted campaign is for."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, written
from api.requests import Body, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.targeting import MAX_CUSTOMERS, TargetCustomers
from infra.tenancy import Tenant
from projections.campaign_targets.fold import CampaignTarget, CampaignTargets
from projections.campaign_targets.queries import targets_of

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class CustomersToTarget(Body, frozen=True, kw_only=True):
    """Customers whom the campaign is for, besides those who were named before."""

    customer_ids: Annotated[list[Id], Meta(min_length=1, max_length=MAX_CUSTOMERS)]


class TargetedView(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign, and where its targets can be read from."""

    campaign_id: str
    position: int


class TargetView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer whom the campaign is for, and since when."""

    customer_id: str
    named_at: datetime


def _view(row: CampaignTarget) -> TargetView:
    assert row.named_at is not None
    return TargetView(customer_id=row.customer_id, named_at=row.named_at)


class CouponTargetsController(Controller):
    """Whom a targeted campaign is for."""

    path = "/v1/coupon-campaigns/{campaign_id:str}/targets"
    tags = ("coupons",)

    @post(operation_id="targetCustomers", opt={"scope": "coupons:write"})
    async def name(
        self, request: ShopRequest, tenant: Tenant, campaign_id: str, data: CustomersToTarget
    ) -> Response[TargetedView]:
        """Names customers for a targeted campaign, all or none. Who was named before stays named."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "targetCustomers", key_required=False)
        command = TargetCustomers(campaign_id=campaign_id, customer_ids=tuple(data.customer_ids))
        answer = await tenant.submit(command, origin)
        return written(TargetedView(campaign_id=campaign_id, position=answer.position), answer, 201)

    @get(operation_id="listTargets", opt={"scope": "coupons:read"})
    async def index(
        self,
        request: ShopRequest,
        tenant: Tenant,
        campaign_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[TargetView]:
        """The customers whom a campaign is for, in the order of their ids."""
        (after,) = decode_cursor(cursor, tuple[str]) or ("",)
        await tenant.require_state(CAMPAIGN, campaign_id)
        await caught_up(request, tenant, CampaignTargets.name)
        async with tenant.readers.connection() as connection:
            rows = await targets_of(connection, campaign_id, after=after, limit=limit + 1)
        page = page_of(rows, limit, lambda row: (row.customer_id,))
        return Page(data=[_view(row) for row in page.data], next_cursor=page.next_cursor)
