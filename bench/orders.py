"""What is bought: order number n of a trade is always the same, and no two orders share a coupon."""

from typing import NamedTuple

import msgspec

from domain.checkout.check_out import CheckOut
from domain.checkout.pricing import BasketLine
from domain.sales.sale import CASH, Tender

CURRENCY = "CNY"
STORES = tuple(f"store-{number}" for number in range(4))
SKUS = tuple(f"sku-{number:03}" for number in range(200))
CUSTOMERS = tuple(f"customer-{number:04}" for number in range(2_000))
CAMPAIGNS = tuple(f"campaign-{number:02}" for number in range(20))
REGISTERS_A_STORE = 8
LINES_AN_ORDER = 3

PAID_MINOR = 10_000
"""A note that covers any three products; the change is given back."""

_APART = len(SKUS) // LINES_AN_ORDER
"""So far lie the products of an order from one another in the list."""


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A way of buying. `sku`, if there is one, is on a line of every order."""

    name: str
    stores: tuple[str, ...] = STORES
    campaigns: tuple[str, ...] = CAMPAIGNS
    sku: str | None = None


SPREAD = Trade(name="spread")


class Order(NamedTuple):
    """A basket and its coupon's code."""

    store_id: str
    register_id: str
    customer_id: str
    skus: tuple[str, ...]
    campaign_id: str
    code: str


def order(trade: Trade, number: int) -> Order:
    """Order `number` of the trade: stores, registers, goods, customers and campaigns take turns."""
    skus = tuple(SKUS[(number + line * _APART) % len(SKUS)] for line in range(LINES_AN_ORDER))
    return Order(
        store_id=trade.stores[number % len(trade.stores)],
        register_id=f"till-{number // len(trade.stores) % REGISTERS_A_STORE}",
        customer_id=CUSTOMERS[number % len(CUSTOMERS)],
        skus=skus if trade.sku is None else (trade.sku, *skus[1:]),
        campaign_id=campaign(trade, number),
        code=code(trade, number),
    )


def campaign(trade: Trade, number: int) -> str:
    """The campaign of the order's coupon."""
    return trade.campaigns[number % len(trade.campaigns)]


def code(trade: Trade, number: int) -> str:
    """The code of the order's coupon."""
    return f"{trade.name}-{number:010}".upper()


def path(order: Order) -> str:
    """Where the order is posted."""
    return f"/v1/stores/{order.store_id}/sales"


def body(order: Order) -> bytes:
    """The order as a till sends it."""
    return msgspec.json.encode(
        {
            "register_id": order.register_id,
            "customer_id": order.customer_id,
            "lines": [{"sku": sku, "quantity": 1} for sku in order.skus],
            "coupon_codes": [order.code],
            "tenders": [{"method": CASH, "amount": {"amount": PAID_MINOR, "currency": CURRENCY}}],
        }
    )


def command(order: Order, sale_id: str, coupon_id: str) -> CheckOut:
    """The order as the API has it decided."""
    return CheckOut(
        sale_id=sale_id,
        store_id=order.store_id,
        register_id=order.register_id,
        customer_id=order.customer_id,
        lines=tuple(BasketLine(sku=sku, quantity=1) for sku in order.skus),
        coupon_ids=(coupon_id,),
        tenders=(Tender(method=CASH, amount_minor=PAID_MINOR),),
        currencies=frozenset({CURRENCY}),
    )
