"""The sale that the payment of an order makes, from what was frozen when it was placed."""

import msgspec

from domain.checkout import membership
from domain.checkout.issue import Issued, with_lots
from domain.kernel.business_day import business_day, utc_offset_min
from domain.kernel.command import Moment
from domain.kernel.stream import States
from domain.orders.order import OrderDiscount, OrderLine, OrderPlaced
from domain.sales.sale import (
    SALE,
    Discount,
    DiscountSource,
    LineShare,
    SaleCompleted,
    SaleLine,
    TaxPolicy,
    Tender,
)
from domain.stores.store import STORE
from domain.tills.till import TILL, ReceiptIssued, till_id
from domain.tills.totals import by_rate

ORDERS = "orders."


def is_of_orders(register_id: str) -> bool:
    """Whether sales of that till may be orders."""
    return register_id.startswith(ORDERS)


def register_of(channel: str) -> str:
    """The till that numbers the receipts of a channel: there is nobody at it."""
    return f"{ORDERS}{channel}"


def ordered_sale(states: States, at: Moment, placed: OrderPlaced, issued: Issued) -> SaleCompleted:
    """The sale, but for how it was paid and whose it is."""
    store = states.require(STORE, placed.store_id)
    register_id = register_of(placed.channel)
    return SaleCompleted(
        sale_id=placed.order_id,
        store_id=placed.store_id,
        register_id=register_id,
        receipt_number=states.of(TILL, till_id(placed.store_id, register_id)).last_number + 1,
        currency=placed.currency,
        business_day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
        utc_offset_min=utc_offset_min(at.occurred_at, store.time_zone),
        customer_id=placed.customer_id,
        customer_facts=placed.customer_facts,
        lines=with_lots(
            [_line(line, cost) for line, cost in zip(placed.lines, issued.costs, strict=True)], issued
        ),
        discounts=tuple(_discount(discount) for discount in placed.discounts),
        tax_policy=TaxPolicy(inclusive=placed.prices_include_tax, rounding=placed.tax_rounding),
        tenders=(),
        total_minor=placed.total_minor,
    )


def purchase_of(sale: SaleCompleted, tenders: tuple[Tender, ...]) -> membership.Purchase:
    """What the sale is to its customer's points."""
    return membership.Purchase(
        document=SALE.stream(sale.sale_id),
        customer_id=sale.customer_id,
        facts=sale.customer_facts,
        currency=sale.currency,
        business_day=sale.business_day,
        lines=sale.lines,
        tax_included=sale.tax_policy.inclusive,
        total_minor=sale.total_minor,
        tenders=tenders,
    )


def _line(line: OrderLine, cost_minor: int) -> SaleLine:
    return SaleLine(**msgspec.structs.asdict(line), cost_minor=cost_minor)


def _discount(discount: OrderDiscount) -> Discount:
    return Discount(
        source=DiscountSource(discount.source),
        rule_id=discount.rule_id,
        rule_version=discount.rule_version,
        name=discount.name,
        coupon_id=discount.coupon_id,
        base_minor=discount.base_minor,
        amount_minor=discount.amount_minor,
        shares=tuple(
            LineShare(line=share.line, amount_minor=share.amount_minor) for share in discount.shares
        ),
    )


def receipt_of(states: States, at: Moment, sale: SaleCompleted) -> ReceiptIssued:
    """Its receipt, as a till would have issued it."""
    roll = states.of(TILL, till_id(sale.store_id, sale.register_id))
    return ReceiptIssued(
        store_id=sale.store_id,
        register_id=sale.register_id,
        number=sale.receipt_number,
        document=SALE.stream(sale.sale_id),
        total_minor=sale.total_minor,
        taxes=by_rate(
            (
                line.tax_rate_bp,
                line.net_minor if sale.tax_policy.inclusive else line.net_minor + line.tax_minor,
                line.tax_minor,
            )
            for line in sale.lines
        ),
        late=roll.is_late(at.occurred_at),
    )
