"""Common facts and commands, with defaults that the test does not care about."""

from datetime import UTC, datetime
from typing import Any

from domain.catalog.product import NegativeStock, ProductAdded
from domain.checkout.check_out import CheckOut
from domain.checkout.lines_back import ReturnLine
from domain.checkout.pricing import BasketLine
from domain.checkout.take_back import TakeBack
from domain.customers.customer import CustomerRegistered
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.promotions.campaign import CampaignOpened, DiscountKind
from domain.promotions.coupon import CouponIssued
from domain.sales.sale import CASH, Tender
from domain.staff.employee import EmployeeHired
from domain.stores.store import StoreOpened, TaxRounding
from tests.support.decisions import Fact

STORE_ID = "s1"
REGISTER_ID = "till-1"
SPRING = datetime(2026, 3, 1, tzinfo=UTC)
SUMMER = datetime(2026, 6, 1, tzinfo=UTC)


def sealed(text: str = "…", subject: str = "customer-c1", place: str = "test.v1/text") -> Sealed:
    """A sealed text; the rules never open it, so the box is readable here."""
    return Sealed(key_id="key-1", subject=subject, place=place, box=text)


def a_store(
    store_id: str = STORE_ID,
    *,
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    day_starts_at_min: int = 0,
    prices_include_tax: bool = True,
    tax_rounding: TaxRounding = TaxRounding.LINE,
    cash_unit_minor: int = 0,
    shifts_required: bool = False,
) -> Fact:
    return f"store-{store_id}", StoreOpened(
        store_id=store_id,
        name="Main Street",
        currency=currency,
        time_zone=time_zone,
        day_starts_at_min=day_starts_at_min,
        prices_include_tax=prices_include_tax,
        tax_rounding=tax_rounding,
        cash_unit_minor=cash_unit_minor,
        shifts_required=shifts_required,
    )


def by_piece(
    sku: str = "apple",
    price_minor: int = 1000,
    *,
    unit: Unit = Unit.PIECE,
    currency: str = "CNY",
    tax_rate_bp: int = 0,
    stocked: bool = True,
    negative_stock: NegativeStock = NegativeStock.ALLOW,
) -> Fact:
    """A product at a price per piece."""
    return f"product-{sku}", ProductAdded(
        sku=sku,
        name=sku.title(),
        category="fruit",
        unit=unit,
        price_minor=price_minor,
        currency=currency,
        tax_rate_bp=tax_rate_bp,
        stocked=stocked,
        negative_stock=negative_stock,
    )


def by_gram(
    sku: str = "cherry",
    price_minor: int = 3990,
    *,
    tax_rate_bp: int = 0,
    negative_stock: NegativeStock = NegativeStock.ALLOW,
) -> Fact:
    """A product at a price per kilogram."""
    return by_piece(sku, price_minor, unit=Unit.GRAM, tax_rate_bp=tax_rate_bp, negative_stock=negative_stock)


def an_employee(employee_id: str = "e1", store_id: str = STORE_ID) -> Fact:
    return f"employee-{employee_id}", EmployeeHired(
        employee_id=employee_id, store_id=store_id, name=sealed("Ann", f"employee-{employee_id}")
    )


def a_customer(customer_id: str = "c1") -> Fact:
    return f"customer-{customer_id}", CustomerRegistered(customer_id=customer_id)


def a_campaign(
    campaign_id: str = "autumn",
    *,
    kind: DiscountKind = DiscountKind.AMOUNT,
    value: int = 1000,
    currency: str = "CNY",
    minimum_minor: int = 0,
    limit_total: int | None = None,
    limit_per_customer: int | None = None,
    priority: int = 0,
    **terms: Any,
) -> Fact:
    """A campaign from SPRING (inclusive) to SUMMER (exclusive)."""
    return f"campaign-{campaign_id}", CampaignOpened(
        campaign_id=campaign_id,
        name=campaign_id.title(),
        kind=kind,
        value=value,
        currency=currency,
        minimum_minor=minimum_minor,
        valid_from=SPRING,
        valid_until=SUMMER,
        limit_total=limit_total,
        limit_per_customer=limit_per_customer,
        priority=priority,
        **terms,
    )


def a_coupon(
    coupon_id: str = "k1",
    campaign_id: str = "autumn",
    customer_id: str | None = None,
    valid_until: datetime | None = None,
) -> Fact:
    return f"coupon-{coupon_id}", CouponIssued(
        coupon_id=coupon_id,
        campaign_id=campaign_id,
        customer_id=customer_id,
        code=sealed(f"code of {coupon_id}", f"coupon-{coupon_id}"),
        valid_until=valid_until,
    )


def received(sku: str = "apple", quantity: int = 10, cost_minor: int = 0, store_id: str = STORE_ID) -> Fact:
    """A delivery on the shelf; `cost_minor` is the whole delivery's."""
    return f"stock-{store_id}/{sku}", StockMoved(
        store_id=store_id,
        sku=sku,
        from_=Place.SUPPLIER,
        to=Place.SHELF,
        quantity=quantity,
        cost_minor=cost_minor,
    )


def cash(amount_minor: int) -> Tender:
    return Tender(method=CASH, amount_minor=amount_minor)


def card(amount_minor: int) -> Tender:
    return Tender(method="card", amount_minor=amount_minor)


def check_out(
    *lines: tuple[str, int] | BasketLine,
    tenders: tuple[Tender, ...] = (),
    coupons: tuple[str, ...] = (),
    sale_id: str = "x1",
    register_id: str = REGISTER_ID,
    customer_id: str | None = None,
    employee_id: str | None = None,
    currencies: frozenset[str] = frozenset(),
    reference: str | None = None,
) -> CheckOut:
    """A sale of (sku, quantity) lines."""
    return CheckOut(
        sale_id=sale_id,
        store_id=STORE_ID,
        register_id=register_id,
        customer_id=customer_id,
        employee_id=employee_id,
        lines=tuple(
            line if isinstance(line, BasketLine) else BasketLine(sku=line[0], quantity=line[1])
            for line in lines
        ),
        coupon_ids=coupons,
        coupon_reference=reference,
        tenders=tenders,
        currencies=currencies,
    )


def take_back(
    *lines: tuple[int, int],
    return_id: str = "r1",
    sale_id: str = "x1",
    register_id: str = REGISTER_ID,
    reason: Sealed | None = None,
) -> TakeBack:
    """A return of (line number, quantity) lines."""
    return TakeBack(
        return_id=return_id,
        sale_id=sale_id,
        register_id=register_id,
        lines=tuple(ReturnLine(line=line, quantity=quantity) for line, quantity in lines),
        reason=reason,
    )
