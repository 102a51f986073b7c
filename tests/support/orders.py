"""Orders as tests place them, with defaults that the test does not care about."""

from datetime import timedelta

from domain.checkout.cancel_order import CancelOrder
from domain.checkout.pay_order import PayOrder
from domain.checkout.place_order import Guest, PlaceOrder
from domain.checkout.pricing import BasketLine
from domain.orders.delivery import DeliverySet
from domain.orders.order import Payment
from domain.orders.shipment import CarrierStatus, ShippedLine
from domain.orders.steps import ReportCarrier, ShipGoods
from tests.support.decisions import NOON

HOLD_S = 1800
LAPSED = NOON + timedelta(seconds=HOLD_S)
"""When an order of NOON is not reserved for any more."""


def place(
    *lines: tuple[str, int],
    order_id: str = "o1",
    store_id: str = "s1",
    customer_id: str | None = None,
    coupons: tuple[str, ...] = (),
    hold_s: int = HOLD_S,
    skills: tuple[str, ...] = (),
    guest: Guest | None = None,
    delivery: DeliverySet | None = None,
) -> PlaceOrder:
    """An order of (sku, quantity) lines."""
    return PlaceOrder(
        order_id=order_id,
        store_id=store_id,
        channel="web",
        customer_id=customer_id,
        lines=tuple(BasketLine(sku=sku, quantity=quantity) for sku, quantity in lines),
        coupon_ids=coupons,
        hold_s=hold_s,
        skills=skills,
        guest=guest,
        delivery=delivery,
    )


def pay(amount_minor: int, order_id: str = "o1", method: str = "wechat") -> PayOrder:
    payments = (Payment(method=method, amount_minor=amount_minor, reference="wx-1"),) if amount_minor else ()
    return PayOrder(order_id=order_id, payments=payments)


def cancel(order_id: str = "o1", return_id: str = "r1") -> CancelOrder:
    return CancelOrder(order_id=order_id, cause="changed mind", return_id=return_id)


def ship(*lines: tuple[int, int], order_id: str = "o1", shipment_id: str = "p1") -> ShipGoods:
    """A shipment of (line, quantity); without lines everything that is left."""
    return ShipGoods(
        order_id=order_id,
        shipment_id=shipment_id,
        carrier="sf",
        tracking_number="SF100",
        lines=tuple(ShippedLine(line=line, quantity=quantity) for line, quantity in lines),
    )


def said(
    status: CarrierStatus,
    *,
    minutes: int = 0,
    event_id: str | None = None,
    shipment_id: str = "p1",
    order_id: str = "o1",
) -> ReportCarrier:
    """A carrier's report of what happened so many minutes after NOON."""
    return ReportCarrier(
        order_id=order_id,
        shipment_id=shipment_id,
        event_id=event_id or f"{status}-{minutes}",
        status=status,
        happened_at=NOON + timedelta(minutes=minutes),
    )
