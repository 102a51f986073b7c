"""Examples of what is stored of orders, reservations and crews."""

from datetime import UTC, datetime

from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.orders.attention import Attended, AttentionNeeded
from domain.orders.comeback import OrderReturned
from domain.orders.delivery import DeliverySet
from domain.orders.order import (
    AllocationShort,
    OrderAllocated,
    OrderAssigned,
    OrderCancelled,
    OrderDamaged,
    OrderDelayed,
    OrderDiscount,
    OrderFailed,
    OrderLine,
    OrderPaid,
    OrderPicked,
    OrderPlaced,
    OrderReceived,
    OrderShare,
    OrderShipped,
    Payment,
    ShortLine,
)
from domain.orders.shipment import CarrierReported, CarrierStatus, ShippedLine
from domain.promotions.book import OfferReleased, OfferUseReturned
from domain.staff.crew import (
    FORMULA,
    Candidate,
    CrewAbsenceSet,
    CrewMemberSet,
    WorkAssigned,
    WorkEnded,
    WorkQueued,
)

_UNTIL = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
_LINE = OrderLine(
    line=1,
    sku="apple",
    name="Apple",
    category="fruit",
    unit=Unit.PIECE,
    quantity=2,
    unit_price_minor=1000,
    amount_minor=2000,
    net_minor=1800,
    tax_rate_bp=900,
    tax_minor=149,
    stocked=False,
    price_reason="scratched",
    price_list="vip",
    price_list_version=3,
    weight_g=150,
    barcode="4006381333931",
)
_DISCOUNT = OrderDiscount(
    source="coupon",
    rule_id="autumn",
    rule_version=3,
    name="Autumn",
    coupon_id="k1",
    base_minor=2000,
    amount_minor=200,
    shares=(OrderShare(line=1, amount_minor=200),),
)


def _sealed(field: str) -> Sealed:
    return Sealed(key_id="k", subject="customer-c1", place=f"order.delivery_set.v1/{field}", box="AAAA")


_CREW = (Candidate(employee_id="e1", load=1, capacity=4, skills=("cold",)),)

ORDER_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    StockReserved: (
        StockReserved(store_id="s1", sku="apple", quantity=2, reference="order-o1", until=_UNTIL),
    ),
    ReservationReleased: (
        ReservationReleased(store_id="s1", sku="apple", quantity=2, reference="order-o2", reason="lapsed"),
    ),
    OfferReleased: (OfferReleased(offer_id="autumn", sale_id="o1", amount_minor=200),),
    OfferUseReturned: (
        OfferUseReturned(offer_id="autumn", customer_id="c1", sale_id="o1", year=2026),
        OfferUseReturned(offer_id="autumn", customer_id="c1", sale_id="o1"),
    ),
    OrderPlaced: (
        OrderPlaced(
            order_id="o1",
            store_id="s1",
            channel="web",
            currency="CNY",
            customer_id="c1",
            customer_facts=CustomerFacts(
                segments=("regulars",), first_purchase=True, birthday=True, tier="gold"
            ),
            lines=(_LINE,),
            discounts=(_DISCOUNT,),
            prices_include_tax=False,
            tax_rounding="document",
            total_minor=1949,
            pay_by=_UNTIL,
            ship_by=datetime(2026, 3, 4, tzinfo=UTC),
            skills=("cold",),
            drawn=("offer-autumn",),
            year=2026,
        ),
        OrderPlaced(
            order_id="o1",
            store_id="s1",
            channel="web",
            currency="CNY",
            lines=(),
            total_minor=0,
            pay_by=_UNTIL,
        ),
        OrderPlaced(
            order_id="o1",
            store_id="s1",
            channel="web",
            currency="CNY",
            lines=(),
            total_minor=0,
            pay_by=_UNTIL,
            guest_id="g1",
            language="zh-CN",
        ),
    ),
    DeliverySet: (
        DeliverySet(
            order_id="o1",
            pick_up=True,
            name=_sealed("name"),
            phone=_sealed("phone"),
            address=_sealed("address"),
        ),
        DeliverySet(order_id="o1"),
    ),
    OrderReturned: (
        OrderReturned(
            order_id="o1", return_id="r1", lines=(ShippedLine(line=1, quantity=1),), kept=2, rest=1
        ),
        OrderReturned(order_id="o1", return_id="r1", lines=()),
    ),
    AttentionNeeded: (
        AttentionNeeded(order_id="o1", matter="call", about="remind_to_pay", cause="no address"),
    ),
    Attended: (Attended(order_id="o1", matter="carrier", about="p1"),),
    OrderPaid: (
        OrderPaid(
            order_id="o1",
            sale_id="o1",
            payments=(Payment(method="wechat", amount_minor=1949, reference="wx-420"),),
        ),
        OrderPaid(order_id="o1", sale_id="o1"),
    ),
    OrderAllocated: (OrderAllocated(order_id="o1"),),
    AllocationShort: (AllocationShort(order_id="o1", lines=(ShortLine(sku="apple", missing=1),)),),
    OrderPicked: (OrderPicked(order_id="o1"),),
    OrderShipped: (
        OrderShipped(
            order_id="o1",
            shipment_id="p1",
            carrier="sf",
            tracking_number="SF100",
            lines=(ShippedLine(line=1, quantity=1),),
            rest=1,
        ),
        OrderShipped(order_id="o1", shipment_id="p1", carrier="sf", lines=()),
    ),
    CarrierReported: (
        CarrierReported(
            order_id="o1",
            shipment_id="p1",
            event_id="sf-1",
            status=CarrierStatus.IN_TRANSIT,
            happened_at=_UNTIL,
        ),
    ),
    OrderReceived: (OrderReceived(order_id="o1"),),
    OrderDelayed: (OrderDelayed(order_id="o1", ship_by=_UNTIL, cause="supplier late"),),
    OrderDamaged: (
        OrderDamaged(order_id="o1", lines=(ShippedLine(line=1, quantity=1),), cause="broken glass"),
    ),
    OrderCancelled: (
        OrderCancelled(order_id="o1", cause="customer request", return_id="r1"),
        OrderCancelled(order_id="o1", cause="unpaid"),
    ),
    OrderFailed: (OrderFailed(order_id="o1", cause="address unknown"),),
    OrderAssigned: (OrderAssigned(order_id="o1", employee_id="e1"),),
    CrewMemberSet: (
        CrewMemberSet(store_id="s1", employee_id="e1", capacity=4, skills=("cold",)),
        CrewMemberSet(store_id="s1", employee_id="e1", capacity=4),
    ),
    CrewAbsenceSet: (
        CrewAbsenceSet(store_id="s1", employee_id="e1", away=True),
        CrewAbsenceSet(store_id="s1", employee_id="e1", away=False),
    ),
    WorkAssigned: (
        WorkAssigned(
            store_id="s1",
            work="order-o1",
            employee_id="e1",
            candidates=_CREW,
            skills=("cold",),
            formula=FORMULA,
        ),
        WorkAssigned(
            store_id="s1", work="order-o1", employee_id="e1", candidates=(), formula="least_load.v1"
        ),
    ),
    WorkQueued: (
        WorkQueued(store_id="s1", work="order-o2", candidates=_CREW, skills=("gift",), formula=FORMULA),
        WorkQueued(store_id="s1", work="order-o2", candidates=(), formula=FORMULA),
    ),
    WorkEnded: (
        WorkEnded(store_id="s1", work="order-o3", employee_id="e1"),
        WorkEnded(store_id="s1", work="order-o3"),
    ),
}
