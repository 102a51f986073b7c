"""Receipts: what a customer is handed for a sale or a return, by what its event froze and nothing later."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

import msgspec

from domain.kernel.quantity import Unit
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import DiscountSource, SaleCompleted, SaleLine
from domain.stores.store import Store
from domain.tills.totals import TaxTotal, by_rate


class ReceiptDiscount(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer or a coupon took off a line, or something without a name of its own, as points do."""

    source: DiscountSource
    name: str
    amount_minor: int


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line: its amount before discounts, what was taken off, and what is paid for it (or paid back).

    On a return there is no price: what is paid back follows from what was paid.
    """

    sku: str
    name: str
    unit: Unit
    quantity: int
    unit_price_minor: int | None
    amount_minor: int
    discounts: tuple[ReceiptDiscount, ...] = ()
    total_minor: int


class ReceiptTender(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a payment or of a refund; what is `carried` went from a return to the sale in exchange."""

    method: str
    amount_minor: int
    carried: bool = False


class ReceiptPoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points that the sale earned, and those that paid."""

    earned: int
    spent: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt. Amounts are minor units of `currency` and zero or more; a `return` pays them back.

    Tenders less change make the total and, where cash was rounded, `rounding_minor`, which may be below zero.

    `of_sale` is the sale whose lines came back; `exchange` is the other half of an exchange. A `copy` is
    every receipt but the first, of which only the till knows.
    """

    kind: str
    document: str
    number: int
    store_name: str
    store_address: str | None
    register_id: str
    issued_at: datetime
    currency: str
    lines: tuple[ReceiptLine, ...]
    subtotal_minor: int
    discount_minor: int
    tax_included: bool
    taxes: tuple[TaxTotal, ...]
    tax_minor: int
    total_minor: int
    rounding_minor: int = 0
    tenders: tuple[ReceiptTender, ...]
    change_minor: int = 0
    points: ReceiptPoints | None = None
    of_sale: str | None = None
    exchange: str | None = None
    copy: bool = True


def sale_receipt(sale: SaleCompleted, occurred_at: datetime, store: Store, *, copy: bool) -> Receipt:
    """The receipt of a sale."""
    inclusive = sale.tax_policy.inclusive
    points = sale.points
    return Receipt(
        kind="sale",
        document=sale.sale_id,
        number=sale.receipt_number,
        store_name=store.name,
        store_address=store.address,
        register_id=sale.register_id,
        issued_at=_local(occurred_at, sale.utc_offset_min),
        currency=sale.currency,
        lines=_sold_lines(sale),
        subtotal_minor=sum(line.amount_minor for line in sale.lines),
        discount_minor=sum(discount.amount_minor for discount in sale.discounts),
        tax_included=inclusive,
        taxes=by_rate(
            (line.tax_rate_bp, line.net_minor + (0 if inclusive else line.tax_minor), line.tax_minor)
            for line in sale.lines
        ),
        tax_minor=sum(line.tax_minor for line in sale.lines),
        total_minor=sale.total_minor,
        rounding_minor=0 if sale.cash_rounding is None else sale.cash_rounding.amount_minor,
        tenders=tuple(
            ReceiptTender(method=tender.method, amount_minor=tender.amount_minor, carried=tender.carried)
            for tender in sale.tenders
        ),
        change_minor=sale.change_minor,
        points=None
        if points is None
        else ReceiptPoints(earned=points.earned, spent=sum(lot.points for lot in points.spent)),
        exchange=sale.exchange_of,
        copy=copy,
    )


def _sold_lines(sale: SaleCompleted) -> tuple[ReceiptLine, ...]:
    taken_off: dict[int, list[ReceiptDiscount]] = {}
    for discount in sale.discounts:
        # Sales from before names were kept say which rule it was.
        name = discount.name or discount.rule_id
        for share in discount.shares:
            off = ReceiptDiscount(source=discount.source, name=name, amount_minor=share.amount_minor)
            taken_off.setdefault(share.line, []).append(off)
    return tuple(
        ReceiptLine(
            sku=line.sku,
            name=line.name,
            unit=line.unit,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            amount_minor=line.amount_minor,
            discounts=tuple(taken_off.get(line.line, ())),
            total_minor=line.net_minor,
        )
        for line in sale.lines
    )


def return_receipt(
    returned: ReturnRecorded,
    sale: SaleCompleted | None,
    occurred_at: datetime,
    store: Store,
    *,
    copy: bool,
) -> Receipt:
    """The receipt of a return; `sale` is the one whose lines came back, where it is known."""
    inclusive = store.prices_include_tax if sale is None else sale.tax_policy.inclusive
    sold = {} if sale is None else {line.line: line for line in sale.lines}
    net = sum(line.net_minor for line in returned.lines)
    return Receipt(
        kind="correction" if returned.correction else "return",
        document=returned.return_id,
        number=returned.receipt_number,
        store_name=store.name,
        store_address=store.address,
        register_id=returned.register_id,
        issued_at=_local(occurred_at, returned.utc_offset_min),
        currency=returned.currency,
        lines=tuple(_returned_lines(returned.lines, sold)),
        subtotal_minor=net,
        discount_minor=0,
        tax_included=inclusive,
        taxes=by_rate((line.tax_rate_bp, line.refund_minor, line.tax_minor) for line in returned.lines),
        tax_minor=sum(line.tax_minor for line in returned.lines),
        total_minor=returned.total_minor,
        rounding_minor=sum(refund.rounding_minor for refund in returned.refunds),
        tenders=tuple(
            ReceiptTender(method=refund.method, amount_minor=refund.amount_minor + refund.rounding_minor)
            for refund in returned.refunds
        ),
        of_sale=returned.sale_id,
        exchange=returned.exchanged_for,
        copy=copy,
    )


def _returned_lines(lines: Iterable[ReturnedLine], sold: Mapping[int, SaleLine]) -> Iterable[ReceiptLine]:
    for line in lines:
        yield ReceiptLine(
            sku=line.sku,
            # Without a sale nobody wrote down what the product was called.
            name=sold[line.line].name if line.line in sold else line.sku,
            unit=line.unit,
            quantity=line.quantity,
            unit_price_minor=None,
            amount_minor=line.net_minor,
            total_minor=line.net_minor,
        )


def _local(occurred_at: datetime, utc_offset_min: int) -> datetime:
    return occurred_at.astimezone(timezone(timedelta(minutes=utc_offset_min)))
