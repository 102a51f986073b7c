"""/v1/coupon-campaigns and /v1/coupons: codes are bearer secrets, so they stay out of addresses and logs."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.accesses import opened
from api.coupon_batches import Reason
from api.errors import Problem
from api.money import Amount, money
from api.offers import TargetBody
from api.reading import caught_up, read, written
from api.requests import Body, Instant, Positive, ShopRequest, Text, command_origin
from domain.checkout.coupon_return import RevokeCoupon
from domain.customers.customer import CUSTOMER
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.promotions.batch import BATCH, batch_of
from domain.promotions.campaign import CAMPAIGN, CampaignOpened, DiscountKind, OpenCampaign
from domain.promotions.coupon import (
    COUPON,
    MAX_COUPONS_PER_ISSUE,
    Coupon,
    CouponIssued,
    CouponsIssued,
    CouponUnknown,
    IssueCoupons,
    NewCoupon,
    no_coupon,
    of_batch,
    status_of,
)
from domain.promotions.offer import Target
from infra.crypto.codes import draw_code
from infra.event_store.clerk import now_utc
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.coupon_usage.fold import CouponUsages
from projections.coupon_usage.queries import standing_of, usage_of

Priority = Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="lower ones apply first")]
BasisPoints = Annotated[int, Meta(ge=1, le=10_000, description="1000 is 10 %")]


class CampaignToOpen(Body, frozen=True, kw_only=True):
    """A campaign: exactly one of `percent_off` (basis points) and `amount_off`.

    `minimum` is what must be left to pay; limits left out do not limit, but a code is used once unless
    `limit_per_code` says otherwise (null: as often as the other limits allow). `budget` is what all uses may
    take off and `cap` what one may; days are those of `time_zone`. With `restored_on_return` a coupon is
    issued again when its whole sale comes back. `covers` says which lines a coupon takes something off, and
    must reach the minimum. A `targeted` campaign is for those customers that are named for it, and those in
    its `segments`.
    """

    campaign_id: Id | None = None
    name: Text
    percent_off: BasisPoints | None = None
    amount_off: Amount | None = None
    currency: CurrencyCode | None = None
    minimum: Amount | None = None
    valid_from: Instant
    valid_until: Instant
    limit_total: Positive | None = None
    limit_per_customer: Positive | None = None
    limit_per_code: Positive | None = 1
    limit_per_day: Positive | None = None
    budget: Amount | None = None
    cap: Amount | None = None
    time_zone: Text = "UTC"
    restored_on_return: bool = False
    priority: Priority = 0
    limit_per_customer_and_code: Positive | None = None
    targeted: bool = False
    covers: TargetBody | None = None
    segments: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()


class CampaignOpenedView(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign's id."""

    campaign_id: str


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's rule and what it has done so far."""

    campaign_id: str
    name: str
    kind: DiscountKind
    percent_off: int | None
    amount_off: Money | None
    minimum: Money
    valid_from: Instant
    valid_until: Instant
    limit_total: int | None
    limit_per_customer: int | None
    limit_per_code: int | None
    limit_per_day: int | None
    budget: Money | None
    cap: Money | None
    time_zone: str
    restored_on_return: bool
    limit_per_customer_and_code: int | None
    targeted: bool
    covers: TargetBody | None
    segments: list[str]
    issued: int
    reserved: int
    redeemed: int
    returned: int
    revoked: int
    expired: int
    discount: Money
    sales: int
    sales_total: Money


class CouponsToIssue(Body, frozen=True, kw_only=True):
    """How many codes to draw; with `customer_id` only that customer may use them.

    `valid_until` is where they end before their campaign. More than a thousand are a batch.
    """

    count: Annotated[int, Meta(ge=1, le=MAX_COUPONS_PER_ISSUE)] = 1
    customer_id: Id | None = None
    valid_until: Instant | None = None


class IssuedCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon and its code, told to who asked; null where its key was destroyed since."""

    coupon_id: str
    code: str | None


class IssuedView(msgspec.Struct, frozen=True, kw_only=True):
    """The drawn codes."""

    campaign_id: str
    coupons: list[IssuedCoupon]
    position: int


class CodeToLookUp(Body, frozen=True, kw_only=True):
    """A code as the customer presents it."""

    code: Text


class CouponView(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon, without its code. `sale_id` is the last that used it.

    `status` is issued, reserved, redeemed, expired or revoked. A code for many uses is issued until it is
    used up, and reserved while the last of its uses are.
    """

    coupon_id: str
    campaign_id: str
    status: str
    customer_id: str | None
    sale_id: str | None
    valid_until: Instant | None


def _view(coupon_id: str, coupon: Coupon, rule: CampaignOpened) -> CouponView:
    return CouponView(
        coupon_id=coupon_id,
        campaign_id=coupon.campaign_id,
        status=status_of(coupon, rule, now_utc()).value,
        customer_id=coupon.customer_id,
        sale_id=coupon.sale_id,
        valid_until=coupon.valid_until,
    )


async def _standing(tenant: Tenant, coupon_id: str) -> tuple[CouponView, int] | None:
    """Where a coupon stands now, read from the journal itself; of a batch's, together with the batch."""
    coupon = await tenant.look_up(COUPON, coupon_id)
    state, version = coupon.state, coupon.version
    if (batch_id := batch_of(coupon_id)) is not None:
        state = of_batch(state, await tenant.state_of(BATCH, batch_id), coupon_id)
    if not state.campaign_id:
        return None
    rule = (await tenant.state_of(CAMPAIGN, state.campaign_id)).rule
    assert rule is not None
    return _view(coupon_id, state, rule), version


class CampaignsController(Controller):
    """Coupon campaigns."""

    path = "/v1/coupon-campaigns"
    tags = ("coupons",)

    @post(operation_id="openCampaign", opt={"scope": "coupons:write"})
    async def open(
        self, request: ShopRequest, tenant: Tenant, data: CampaignToOpen
    ) -> Response[CampaignOpenedView]:
        """Opens a campaign, in all stores."""
        request.user.require_store(None)
        if (data.percent_off is None) == (data.amount_off is None):
            raise Problem(400, "invalid_request", "Give exactly one of percent_off and amount_off.")
        amounts = (data.amount_off, data.minimum, data.budget, data.cap)
        currencies = {amount.currency for amount in amounts if amount is not None}
        if data.currency is not None:
            currencies.add(data.currency)
        if len(currencies) != 1:
            raise Problem(400, "invalid_request", "Say in one currency what the campaign is worth.")
        origin = await command_origin(request, tenant, "openCampaign")
        command = OpenCampaign(
            campaign_id=data.campaign_id or uuid7(),
            name=data.name,
            kind=DiscountKind.PERCENT if data.amount_off is None else DiscountKind.AMOUNT,
            value=(data.percent_off or 0) if data.amount_off is None else data.amount_off.amount,
            currency=currencies.pop(),
            minimum_minor=0 if data.minimum is None else data.minimum.amount,
            valid_from=data.valid_from,
            valid_until=data.valid_until,
            limit_total=data.limit_total,
            limit_per_customer=data.limit_per_customer,
            priority=data.priority,
            limit_per_code=data.limit_per_code,
            limit_per_day=data.limit_per_day,
            budget_minor=None if data.budget is None else data.budget.amount,
            cap_minor=None if data.cap is None else data.cap.amount,
            time_zone=data.time_zone,
            restored_on_return=data.restored_on_return,
            limit_per_customer_and_code=data.limit_per_customer_and_code,
            targeted=data.targeted,
            covers=None if data.covers is None else msgspec.convert(msgspec.to_builtins(data.covers), Target),
            segments=data.segments,
        )
        answer = await tenant.submit(command, origin)
        return written(CampaignOpenedView(campaign_id=answer.result.id), answer, 201)

    @get("/{campaign_id:str}", operation_id="getCampaign", opt={"scope": "coupons:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, campaign_id: str) -> Response[CampaignView]:
        """A campaign's rule, and how much it was used."""
        state, version = await tenant.require_state(CAMPAIGN, campaign_id)
        rule = state.rule
        assert rule is not None
        await caught_up(request, tenant, CouponUsages.name)
        async with tenant.readers.connection() as connection:
            usage = await usage_of(connection, campaign_id)
            standing = await standing_of(connection, campaign_id, rule.valid_until, now_utc())
        percent = rule.kind is DiscountKind.PERCENT
        view = CampaignView(
            campaign_id=campaign_id,
            name=rule.name,
            kind=rule.kind,
            percent_off=rule.value if percent else None,
            amount_off=None if percent else money(rule.value, rule.currency),
            minimum=money(rule.minimum_minor, rule.currency),
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
            limit_total=rule.limit_total,
            limit_per_customer=rule.limit_per_customer,
            limit_per_code=rule.limit_per_code,
            limit_per_day=rule.limit_per_day,
            budget=None if rule.budget_minor is None else money(rule.budget_minor, rule.currency),
            cap=None if rule.cap_minor is None else money(rule.cap_minor, rule.currency),
            time_zone=rule.time_zone,
            restored_on_return=rule.restored_on_return,
            limit_per_customer_and_code=rule.limit_per_customer_and_code,
            targeted=rule.targeted,
            segments=list(rule.segments),
            covers=(
                None if rule.covers is None else msgspec.convert(msgspec.to_builtins(rule.covers), TargetBody)
            ),
            issued=usage.issued,
            reserved=standing.reserved,
            redeemed=usage.redeemed,
            returned=standing.returned,
            revoked=standing.revoked,
            expired=standing.expired,
            discount=money(usage.discount_minor, rule.currency),
            sales=usage.sales,
            sales_total=money(usage.sales_minor, rule.currency),
        )
        return read(view, version)

    @post("/{campaign_id:str}/coupons", operation_id="issueCoupons", opt={"scope": "coupons:write"})
    async def issue(
        self, request: ShopRequest, tenant: Tenant, campaign_id: str, data: CouponsToIssue
    ) -> Response[IssuedView]:
        """Draws codes and answers them once; a repeat of the same request answers the same codes."""
        # They buy in every store.
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "issueCoupons")
        codes = [draw_code() for _ in range(data.count)]
        places = {f"coupon.issued.v1/code/{tenant.vault.coupon_id(code)}": code for code in codes}
        owner = data.customer_id
        subject = CAMPAIGN.stream(campaign_id) if owner is None else CUSTOMER.stream(owner)
        sealed = await tenant.vault.seal_all(subject, places)
        coupons = tuple(
            NewCoupon(coupon_id=place.rpartition("/")[2], code=box) for place, box in sealed.items()
        )
        command = IssueCoupons(
            campaign_id=campaign_id,
            coupons=coupons,
            customer_id=data.customer_id,
            valid_until=data.valid_until,
        )
        answer = await tenant.submit(command, origin)
        issued: CouponsIssued = answer.result
        codes_by_id: dict[str, str | None]
        if answer.replayed:
            codes_by_id = await stored_codes(request, tenant, issued)
        else:
            codes_by_id = {tenant.vault.coupon_id(code): code for code in codes}
        view = IssuedView(
            campaign_id=issued.campaign_id,
            coupons=[
                IssuedCoupon(coupon_id=coupon_id, code=codes_by_id[coupon_id])
                for coupon_id in issued.coupon_ids
            ],
            position=answer.position,
        )
        return written(view, answer, 201)


async def stored_codes(request: ShopRequest, tenant: Tenant, issued: CouponsIssued) -> dict[str, str | None]:
    """The codes of a repeated request, opened from the journal: the kept answer holds no secrets."""
    streams = [COUPON.stream(coupon_id) for coupon_id in issued.coupon_ids]
    async with tenant.readers.connection() as connection:
        entries = await tenant.journal.read_first(connection, streams)
    events: list[CouponIssued] = [entry.data for entry in entries]
    codes = await opened(request, tenant, [event.code for event in events])
    return {event.coupon_id: code for event, code in zip(events, codes, strict=True)}


class CouponsController(Controller):
    """Single coupons."""

    path = "/v1/coupons"
    tags = ("coupons",)

    @get("/{coupon_id:str}", operation_id="getCoupon", opt={"scope": "coupons:read"})
    async def show(self, tenant: Tenant, coupon_id: str) -> Response[CouponView]:
        """Where a coupon stands."""
        if (found := await _standing(tenant, coupon_id)) is None:
            raise no_coupon(coupon_id)
        return read(*found)

    @post("/lookup", operation_id="lookUpCoupon", opt={"scope": "coupons:read"}, status_code=200)
    async def look_up(self, tenant: Tenant, data: CodeToLookUp) -> Response[CouponView]:
        """The coupon with this code. The code travels in the body, never in an address."""
        if (found := await _standing(tenant, tenant.vault.coupon_id(data.code))) is None:
            raise CouponUnknown("There is no such coupon. Check the code.")
        return read(*found)

    @post(
        "/{coupon_id:str}/revocation",
        operation_id="revokeCoupon",
        opt={"scope": "coupons:write"},
        status_code=200,
    )
    async def revoke(
        self, request: ShopRequest, tenant: Tenant, coupon_id: str, data: Reason
    ) -> Response[CouponView]:
        """Revokes one code and ends what is reserved of it. Sales that used it stay."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "revokeCoupon")
        answer = await tenant.submit(RevokeCoupon(coupon_id=coupon_id, reason=data.reason), origin)
        found = await _standing(tenant, coupon_id)
        assert found is not None, "it was there to be revoked"
        return written(found[0], answer, 200)
