"""/v1/coupon-campaigns and /v1/coupons: codes are bearer secrets, so they stay out of addresses and logs."""

import secrets
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.accesses import opened
from api.errors import Problem
from api.money import Amount, money
from api.reading import caught_up, read, written
from api.requests import Body, Instant, Positive, ShopRequest, Text, command_origin
from domain.customers.customer import CUSTOMER
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.promotions.campaign import CAMPAIGN, DiscountKind, OpenCampaign
from domain.promotions.coupon import (
    COUPON,
    MAX_COUPONS_PER_ISSUE,
    Coupon,
    CouponIssued,
    CouponsIssued,
    CouponUnknown,
    IssueCoupons,
    NewCoupon,
)
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.coupon_usage.fold import CouponUsages
from projections.coupon_usage.queries import usage_of

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 and O, 1 and I: people read codes aloud. 32 letters, so a letter is 5 bits."""
CODE_GROUPS, CODE_GROUP_LETTERS = 4, 4

Priority = Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="lower ones apply first")]
BasisPoints = Annotated[int, Meta(ge=1, le=10_000, description="1000 is 10 %")]


class CampaignToOpen(Body, frozen=True, kw_only=True):
    """A campaign: exactly one of `percent_off` (basis points) and `amount_off`.

    `minimum` is what must be left to pay; limits left out do not limit.
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
    priority: Priority = 0


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
    issued: int
    redeemed: int
    discount: Money
    sales: int
    sales_total: Money


class CouponsToIssue(Body, frozen=True, kw_only=True):
    """How many codes to draw; with `customer_id` only that customer may use them."""

    count: Annotated[int, Meta(ge=1, le=MAX_COUPONS_PER_ISSUE)] = 1
    customer_id: Id | None = None


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
    """A coupon, without its code. `status` is issued or redeemed."""

    coupon_id: str
    campaign_id: str
    status: str
    customer_id: str | None
    sale_id: str | None


def draw_code() -> str:
    """A code that nobody guesses."""
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(CODE_GROUPS * CODE_GROUP_LETTERS)]
    groups = range(0, len(letters), CODE_GROUP_LETTERS)
    return "-".join("".join(letters[start : start + CODE_GROUP_LETTERS]) for start in groups)


def _view(coupon_id: str, coupon: Coupon) -> CouponView:
    return CouponView(
        coupon_id=coupon_id,
        campaign_id=coupon.campaign_id,
        status="issued" if coupon.sale_id is None else "redeemed",
        customer_id=coupon.customer_id,
        sale_id=coupon.sale_id,
    )


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
        currencies = {amount.currency for amount in (data.amount_off, data.minimum) if amount is not None}
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
            issued=usage.issued,
            redeemed=usage.redeemed,
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
        command = IssueCoupons(campaign_id=campaign_id, coupons=coupons, customer_id=data.customer_id)
        answer = await tenant.submit(command, origin)
        issued: CouponsIssued = answer.result
        codes_by_id: dict[str, str | None]
        if answer.replayed:
            codes_by_id = await _stored_codes(request, tenant, issued)
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


async def _stored_codes(request: ShopRequest, tenant: Tenant, issued: CouponsIssued) -> dict[str, str | None]:
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
        state, version = await tenant.require_state(COUPON, coupon_id)
        return read(_view(coupon_id, state), version)

    @post("/lookup", operation_id="lookUpCoupon", opt={"scope": "coupons:read"}, status_code=200)
    async def look_up(self, tenant: Tenant, data: CodeToLookUp) -> Response[CouponView]:
        """The coupon with this code. The code travels in the body, never in an address."""
        coupon_id = tenant.vault.coupon_id(data.code)
        async with tenant.readers.connection() as connection:
            found, _ = (await tenant.journal.read_states(connection, [COUPON.stream(coupon_id)]))[
                COUPON.stream(coupon_id)
            ]
        if found.version == 0:
            raise CouponUnknown("There is no such coupon. Check the code.")
        return read(_view(coupon_id, found.state), found.version)
