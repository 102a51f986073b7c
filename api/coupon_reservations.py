"""/v1/coupons/reservations and releases: a coupon kept for a basket until a time limit."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount
from api.reading import written
from api.requests import Body, Instant, ShopRequest, Text, command_origin
from domain.checkout.coupon_reservation import ReleaseCoupon, Reservation, ReserveCoupons
from domain.checkout.pricing import MAX_COUPONS
from domain.kernel.ids import Id
from infra.tenancy import Tenant


class CouponToReserve(Body, frozen=True, kw_only=True):
    """A code, and at most how much it will take off where a campaign's budget has to know."""

    code: Text
    at_most: Amount | None = None


class CouponsToReserve(Body, frozen=True, kw_only=True):
    """Which codes to keep until when. `reference` is yours, an order's or a basket's id."""

    coupons: Annotated[list[CouponToReserve], Meta(min_length=1, max_length=MAX_COUPONS)]
    reference: Id
    customer_id: Id | None = None
    until: Instant


class CouponToRelease(Body, frozen=True, kw_only=True):
    """A code, and the reference that it was reserved under."""

    code: Text
    reference: Id


class ReservationView(msgspec.Struct, frozen=True, kw_only=True):
    """What is reserved until when; null where it no longer is."""

    coupon_ids: list[str]
    reference: str
    until: Instant | None
    position: int


class CouponReservationsController(Controller):
    """Keeping coupons for a while."""

    path = "/v1/coupons"
    tags = ("coupons",)

    @post("/reservations", operation_id="reserveCoupons", opt={"scope": "sales:write"})
    async def reserve(
        self, request: ShopRequest, tenant: Tenant, data: CouponsToReserve
    ) -> Response[ReservationView]:
        """Reserves coupons, all or none. A sale with the same `coupon_reference` redeems them.

        The same reference again prolongs. A reservation holds its place in all limits and outlives expiry
        until its limit; when that has passed it holds nothing.
        """
        origin = await command_origin(request, tenant, "reserveCoupons")
        ids = [tenant.vault.coupon_id(coupon.code) for coupon in data.coupons]
        command = ReserveCoupons(
            coupon_ids=tuple(ids),
            customer_id=data.customer_id,
            reference=data.reference,
            until=data.until,
            amounts_minor={
                id_: coupon.at_most.amount
                for id_, coupon in zip(ids, data.coupons, strict=True)
                if coupon.at_most is not None
            },
            currencies=frozenset(
                coupon.at_most.currency for coupon in data.coupons if coupon.at_most is not None
            ),
        )
        answer = await tenant.submit(command, origin)
        return written(_view(answer.result, answer.position), answer, 201)

    @post("/releases", operation_id="releaseCoupon", opt={"scope": "sales:write"}, status_code=200)
    async def release(
        self, request: ShopRequest, tenant: Tenant, data: CouponToRelease
    ) -> Response[ReservationView]:
        """Ends a reservation: the coupon and its place in all limits are free again."""
        origin = await command_origin(request, tenant, "releaseCoupon")
        command = ReleaseCoupon(coupon_id=tenant.vault.coupon_id(data.code), reference=data.reference)
        answer = await tenant.submit(command, origin)
        return written(_view(answer.result, answer.position), answer, 200)


def _view(reservation: Reservation, position: int) -> ReservationView:
    return ReservationView(
        coupon_ids=list(reservation.coupon_ids),
        reference=reservation.reference,
        until=reservation.until,
        position=position,
    )
