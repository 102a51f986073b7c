"""Common commands, with defaults that the test does not care about. (Sales and returns: facts.py.)"""

from datetime import UTC, datetime
from typing import Any

from domain.catalog.product import AddProduct, NegativeStock
from domain.checkout.check_out import CheckOut
from domain.checkout.pricing import BasketLine
from domain.customers.customer import RegisterCustomer
from domain.kernel.money import Money
from domain.kernel.quantity import Unit
from domain.promotions.book import PublishOffer
from domain.promotions.campaign import DiscountKind, OpenCampaign
from domain.promotions.coupon import IssueCoupons, NewCoupon
from domain.promotions.offer import Benefit, Offer, Phase
from domain.service.case import OpenComplaint
from domain.staff.employee import HireEmployee
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stores.store import OpenStore
from tests.support.facts import REGISTER_ID, STORE_ID, cash, sealed

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


def open_store(
    store_id: str = STORE_ID,
    *,
    time_zone: str = "Asia/Shanghai",
    day_starts_at_min: int = 0,
    prices_include_tax: bool = True,
) -> OpenStore:
    return OpenStore(
        store_id=store_id,
        name="Main Street",
        currency="CNY",
        time_zone=time_zone,
        day_starts_at_min=day_starts_at_min,
        prices_include_tax=prices_include_tax,
    )


def add_product(
    sku: str = "apple",
    price_minor: int = 1000,
    *,
    unit: Unit = Unit.PIECE,
    tax_rate_bp: int = 0,
    category: str = "fruit",
    stocked: bool = True,
    negative_stock: NegativeStock = NegativeStock.ALLOW,
) -> AddProduct:
    return AddProduct(
        sku=sku,
        name=sku.title(),
        category=category,
        unit=unit,
        price_minor=price_minor,
        currency="CNY",
        tax_rate_bp=tax_rate_bp,
        stocked=stocked,
        negative_stock=negative_stock,
    )


def add_scarce(sku: str = "apple", price_minor: int = 1000) -> AddProduct:
    """A product that can't be sold when the book says that nothing is left."""
    return add_product(sku, price_minor, negative_stock=NegativeStock.BLOCK)


def receive(*lines: tuple[str, int], store_id: str = STORE_ID, unit_cost_minor: int = 600) -> MoveStock:
    """A delivery of (sku, quantity) lines."""
    cost = Money(amount=unit_cost_minor, currency="CNY")
    return MoveStock(
        store_id=store_id,
        kind=MoveKind.RECEIPT,
        lines=tuple(MoveLine(sku=sku, quantity=quantity, unit_cost=cost) for sku, quantity in lines),
    )


def waste(sku: str, quantity: int, *, store_id: str = STORE_ID) -> MoveStock:
    line = MoveLine(sku=sku, quantity=quantity, reason="spoiled")
    return MoveStock(store_id=store_id, kind=MoveKind.WASTE, lines=(line,))


def adjust(sku: str, difference: int, *, store_id: str = STORE_ID) -> MoveStock:
    line = MoveLine(sku=sku, quantity=difference, reason="counted")
    return MoveStock(store_id=store_id, kind=MoveKind.ADJUSTMENT, lines=(line,))


def open_campaign(
    campaign_id: str = "autumn",
    *,
    kind: DiscountKind = DiscountKind.AMOUNT,
    value: int = 100,
    limit_total: int | None = None,
    limit_per_customer: int | None = None,
    restored_on_return: bool = False,
) -> OpenCampaign:
    """A campaign that is open whatever the clock says."""
    return OpenCampaign(
        campaign_id=campaign_id,
        name=campaign_id.title(),
        kind=kind,
        value=value,
        currency="CNY",
        valid_from=LONG_AGO,
        valid_until=LONG_AFTER,
        limit_total=limit_total,
        limit_per_customer=limit_per_customer,
        restored_on_return=restored_on_return,
    )


def issue(*coupon_ids: str, campaign_id: str = "autumn", customer_id: str | None = None) -> IssueCoupons:
    coupons = tuple(NewCoupon(coupon_id=id_, code=sealed("code", f"coupon-{id_}")) for id_ in coupon_ids)
    return IssueCoupons(campaign_id=campaign_id, coupons=coupons, customer_id=customer_id)


def sell(
    *lines: tuple[str, int],
    sale_id: str,
    coupons: tuple[str, ...] = (),
    store_id: str = STORE_ID,
    register_id: str = REGISTER_ID,
    customer_id: str | None = None,
    employee_id: str | None = None,
) -> CheckOut:
    """A sale of (sku, quantity) lines, paid with a note that is large enough for any basket."""
    return CheckOut(
        sale_id=sale_id,
        store_id=store_id,
        register_id=register_id,
        customer_id=customer_id,
        employee_id=employee_id,
        lines=tuple(BasketLine(sku=sku, quantity=quantity) for sku, quantity in lines),
        coupon_ids=coupons,
        tenders=(cash(100_000_000),),
    )


def publish(offer_id: str, benefit: Benefit, phase: Phase = Phase.LINE, **terms: Any) -> PublishOffer:
    """An offer in the currency of the shops."""
    offer = Offer(
        offer_id=offer_id,
        version=0,
        name=offer_id.title(),
        currency="CNY",
        phase=phase,
        benefit=benefit,
        **terms,
    )
    return PublishOffer(offer=offer)


def hire(employee_id: str = "e1", store_id: str = STORE_ID) -> HireEmployee:
    return HireEmployee(
        employee_id=employee_id, store_id=store_id, name=sealed("Ann", f"employee-{employee_id}")
    )


def register(customer_id: str = "c1") -> RegisterCustomer:
    return RegisterCustomer(customer_id=customer_id, phone=sealed("1380", f"customer-{customer_id}"))


def complain(case_id: str = "k1", **about: str) -> OpenComplaint:
    """`about`: customer_id, store_id, sale_id, sku."""
    text = sealed("The apples were soft.", f"customer-{about.get('customer_id', case_id)}")
    return OpenComplaint(case_id=case_id, category="quality", text=text, **about)
