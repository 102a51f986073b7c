"""Before the demo's first day: stores, goods and staff, the first customers, a campaign and its coupons."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from domain.catalog.product import AddProduct
from domain.customers.customer import CUSTOMER, CustomerRegistered, RegisterCustomer
from domain.promotions.campaign import DiscountKind, OpenCampaign
from domain.promotions.coupon import IssueCoupons
from domain.staff.employee import EMPLOYEE, EmployeeHired, HireEmployee
from domain.stores.store import OpenStore
from workers.demo.shop import (
    CAMPAIGN,
    CURRENCY,
    CUSTOMERS,
    EMAIL,
    GIVEN_NAMES,
    GOODS,
    PHONE,
    STORES,
    SURNAMES,
    TIME_ZONE,
)
from workers.demo.steps import TO_SEAL, Step
from workers.demo.trade import Trade

FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1955, 2006
HAS_EMAIL, HAS_BIRTHDAY, HAS_BIRTH_YEAR = 0.6, 0.75, 0.8
BETWEEN_STEPS = timedelta(seconds=20)


def people(random: Random) -> list[dict[str, str]]:
    """The details of every customer to come, in the order of their ids."""
    names = [surname + given for surname in SURNAMES for given in GIVEN_NAMES]
    return [_details(random, number, name) for number, name in enumerate(random.sample(names, CUSTOMERS), 1)]


def _details(random: Random, number: int, name: str) -> dict[str, str]:
    details = {"name": name, "phone": PHONE.format(number=number)}
    if random.random() < HAS_EMAIL:
        details["email"] = EMAIL.format(number=number)
    if random.random() < HAS_BIRTHDAY:
        year = f"{random.randint(FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR)}-"
        month_day = f"{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        details["birthday"] = (year if random.random() < HAS_BIRTH_YEAR else "--") + month_day
    return details


def register(trade: Trade, details: dict[str, str], when: datetime) -> Iterator[Step]:
    """The next customer becomes known, and from then on may come shopping."""
    customer_id = f"c-{len(trade.members) + 1:04}"
    trade.members.append(customer_id)
    yield Step(
        occurred_at=when,
        command=RegisterCustomer(customer_id=customer_id),
        subject=CUSTOMER.stream(customer_id),
        texts={f"{CustomerRegistered.TYPE}/{field}": text for field, text in details.items()},
    )


def found(trade: Trade, founders: Sequence[dict[str, str]], when: datetime) -> Iterator[Step]:
    """The whole set-up, step by step."""
    ticks = (when + number * BETWEEN_STEPS for number in range(1_000))
    yield from _shops(ticks)
    yield from _staff(ticks)
    for details in founders:
        yield from register(trade, details, next(ticks))
    yield from _coupons(trade, ticks)


def _shops(ticks: Iterator[datetime]) -> Iterator[Step]:
    for store in STORES:
        opened = OpenStore(store_id=store.store_id, name=store.name, currency=CURRENCY, time_zone=TIME_ZONE)
        yield Step(occurred_at=next(ticks), command=opened)
    for goods in GOODS:
        added = AddProduct(
            sku=goods.sku,
            name=goods.name,
            category=goods.category,
            unit=goods.unit,
            price_minor=goods.price_minor,
            currency=CURRENCY,
            tax_rate_bp=goods.tax_rate_bp,
            stocked=goods.stocked,
            negative_stock=goods.negative_stock,
        )
        yield Step(occurred_at=next(ticks), command=added)


def _staff(ticks: Iterator[datetime]) -> Iterator[Step]:
    for store in STORES:
        for employee_id, name in store.staff:
            yield Step(
                occurred_at=next(ticks),
                command=HireEmployee(employee_id=employee_id, store_id=store.store_id, name=TO_SEAL),
                subject=EMPLOYEE.stream(employee_id),
                texts={f"{EmployeeHired.TYPE}/name": name},
            )


def _coupons(trade: Trade, ticks: Iterator[datetime]) -> Iterator[Step]:
    """The campaign; a coupon of their own for the first customers, and some for whoever bears them."""
    opens_at = next(ticks)
    yield Step(
        occurred_at=opens_at,
        command=OpenCampaign(
            campaign_id=CAMPAIGN.campaign_id,
            name=CAMPAIGN.name,
            kind=DiscountKind.PERCENT,
            value=CAMPAIGN.value_bp,
            currency=CURRENCY,
            minimum_minor=CAMPAIGN.minimum_minor,
            valid_from=opens_at,
            valid_until=opens_at + CAMPAIGN.valid_for,
            limit_total=CAMPAIGN.limit_total,
            limit_per_customer=CAMPAIGN.limit_per_customer,
        ),
    )
    for customer_id in trade.members[: CAMPAIGN.personal]:
        trade.personal_coupons[customer_id] = f"of {customer_id}"
        yield _issue(next(ticks), customer_id, trade.personal_coupons[customer_id])
    trade.bearer_coupons = [f"bearer {number}" for number in range(CAMPAIGN.bearer)]
    yield _issue(next(ticks), None, *trade.bearer_coupons)


def _issue(when: datetime, customer_id: str | None, *coupons: str) -> Step:
    command = IssueCoupons(campaign_id=CAMPAIGN.campaign_id, coupons=(), customer_id=customer_id)
    return Step(occurred_at=when, command=command, coupons=coupons)
