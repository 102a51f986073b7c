"""/v1/stores/{store_id}/sales and /v1/sales: selling, and looking up a sale."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.baskets import BasketLineBody, basket_of, currencies_of
from api.customer_facts import facts_of
from api.errors import Problem
from api.money import Amount, money
from api.reading import read, written
from api.requests import (
    Body,
    Instant,
    Positive,
    ShopRequest,
    Text,
    authority_of,
    command_origin,
)
from domain.checkout.check_out import CheckOut, SaleAnswer
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.sales.sale import (
    GIFT_CARD_TENDER,
    SALE,
    UNCOVERED,
    WHOLE_SHARE_BP,
    Attribution,
    Sale,
    SaleLine,
    Tender,
)
from infra.ids import uuid7
from infra.tenancy import Tenant

MAIN_REGISTER = "main"
"""The till of a store that doesn't say which."""

Method = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,29}$(?!\n)", description="cash, card, wechat, …")]


class TenderBody(Body, frozen=True, kw_only=True):
    """Part of the payment as it was handed over. Change is given from `cash` only.

    `code` is that of the gift card for `gift_card`.
    """

    method: Method
    amount: Amount
    code: Text | None = None


MAX_SHARES = 9
"""With more nobody sells."""


class ShareBody(Body, frozen=True, kw_only=True):
    """Somebody's share of a sale, in basis points of the whole."""

    employee_id: Id
    share: Annotated[int, Meta(ge=1, le=WHOLE_SHARE_BP)]


class Goods(Body, frozen=True, kw_only=True):
    """What is sold, to whom and by whom, and how it is paid.

    `coupon_reference` is what the coupons are reserved under, if they are. `points` of the customer come off
    the price, where the programme makes points a discount. What those in `shared_with` don't have of the sale
    is the employee's.
    """

    sale_id: Id | None = None
    customer_id: Id | None = None
    employee_id: Id | None = None
    shared_with: Annotated[tuple[ShareBody, ...], Meta(max_length=MAX_SHARES)] = ()
    lines: Annotated[list[BasketLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    coupon_codes: Annotated[list[Text], Meta(max_length=MAX_COUPONS)] = []  # noqa: RUF012 - msgspec copies it
    coupon_reference: Id | None = None
    tenders: Annotated[list[TenderBody], Meta(max_length=20)]
    points: Positive | None = None


class Basket(Goods, frozen=True, kw_only=True):
    """A sale to make. An offline till sends its own `sale_id` (a UUIDv7) and `occurred_at`."""

    register_id: Id = MAIN_REGISTER
    occurred_at: Instant | None = None


class SoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as sold: amount at the price, its share of discounts, and what was paid for it."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: Money
    amount: Money
    discount: Money
    tax: Money
    total: Money


class SaleView(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer. `total` is what was due; tax is part of it where prices include tax.

    `rounding` is what cash rounding added to what is paid. `shift` is null where none was open.
    """

    sale_id: str
    receipt_number: int
    shift: int | None
    lines: list[SoldLine]
    subtotal: Money
    discount: Money
    tax: Money
    rounding: Money
    total: Money
    change: Money
    position: int


class DiscountShare(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of the line × promotion matrix."""

    line: int
    amount: Money


class DiscountView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that applied, in which version, and what it took off each line."""

    source: str
    rule_id: str
    rule_version: int
    coupon_id: str | None
    amount: Money
    shares: list[DiscountShare]


class TenderView(msgspec.Struct, frozen=True, kw_only=True):
    """Part of the payment."""

    method: str
    amount: Money


class RecordedLine(SoldLine, frozen=True, kw_only=True):
    """A line of a recorded sale, and how much of it has come back.

    `price_list` in its version gave the unit price; without it that was the product's own, or the till's.
    `markdown` is the label that it was sold by, on goods of the `lot`.
    """

    price_list: str | None
    price_list_version: int
    price_reason: str | None
    barcode: str | None
    markdown: str | None
    lot: str | None
    returned: int


class RecordedSaleView(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as recorded, and what has come back of it since."""

    sale_id: str
    store_id: str
    register_id: str
    receipt_number: int
    business_day: date
    customer_id: str | None
    employee_ids: list[str]
    lines: list[RecordedLine]
    discounts: list[DiscountView]
    tenders: list[TenderView]
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    rounding: Money
    change: Money
    refunded: Money


def _sold(line: SaleLine, currency: str) -> SoldLine:
    return SoldLine(
        line=line.line,
        sku=line.sku,
        name=line.name,
        quantity=line.quantity,
        unit_price=money(line.unit_price_minor, currency),
        amount=money(line.amount_minor, currency),
        discount=money(line.amount_minor - line.net_minor, currency),
        tax=money(line.tax_minor, currency),
        total=money(line.net_minor, currency),
    )


def sale_view(sale: SaleAnswer, position: int) -> SaleView:
    """A priced sale as the till is answered."""
    currency = sale.currency
    return SaleView(
        sale_id=sale.sale_id,
        receipt_number=sale.receipt_number,
        shift=sale.shift or None,
        lines=[_sold(line, currency) for line in sale.lines],
        subtotal=money(sale.subtotal_minor, currency),
        discount=money(sale.discount_minor, currency),
        tax=money(sale.tax_minor, currency),
        total=money(sale.total_minor, currency),
        rounding=money(sale.rounding_minor, currency),
        change=money(sale.change_minor, currency),
        position=position,
    )


def _recorded_view(sale: Sale) -> RecordedSaleView:
    completed = sale.completed
    assert completed is not None
    currency = completed.currency
    return RecordedSaleView(
        sale_id=completed.sale_id,
        store_id=completed.store_id,
        register_id=completed.register_id,
        receipt_number=completed.receipt_number,
        business_day=completed.business_day,
        customer_id=completed.customer_id,
        employee_ids=[attribution.employee_id for attribution in completed.attributions],
        lines=[
            RecordedLine(
                **msgspec.structs.asdict(_sold(line, currency)),
                returned=sale.returned.get(line.line, 0),
                price_list=line.price_list,
                price_list_version=line.price_list_version,
                price_reason=line.price_reason,
                barcode=line.barcode,
                markdown=line.markdown,
                lot=line.lot,
            )
            for line in completed.lines
        ],
        discounts=[
            DiscountView(
                source=discount.source,
                rule_id=discount.rule_id,
                rule_version=discount.rule_version,
                coupon_id=discount.coupon_id,
                amount=money(discount.amount_minor, currency),
                shares=[
                    DiscountShare(line=share.line, amount=money(share.amount_minor, currency))
                    for share in discount.shares
                ],
            )
            for discount in completed.discounts
        ],
        tenders=[
            TenderView(method=tender.method, amount=money(tender.amount_minor, currency))
            for tender in completed.tenders
        ],
        subtotal=money(sum(line.amount_minor for line in completed.lines), currency),
        discount=money(sum(discount.amount_minor for discount in completed.discounts), currency),
        tax=money(sum(line.tax_minor for line in completed.lines), currency),
        total=money(completed.total_minor, currency),
        rounding=money(completed.cash_rounding.amount_minor if completed.cash_rounding else 0, currency),
        change=money(completed.change_minor, currency),
        refunded=money(sum(sale.refunded), currency),
    )


def tender_of(tenant: Tenant, tender: TenderBody) -> Tender:
    """The tender; of a gift card's code only the keyed hash goes on."""
    if tender.method == UNCOVERED:
        raise Problem(400, "invalid_request", f"Nobody pays with {UNCOVERED}: it says what is missing.")
    if tender.method == GIFT_CARD_TENDER and tender.code is not None:
        reference = tenant.vault.card_id(tender.code)
        return Tender(method=tender.method, amount_minor=tender.amount.amount, reference=reference)
    if (tender.method == GIFT_CARD_TENDER) != (tender.code is not None):
        raise Problem(400, "invalid_request", f"A code goes with {GIFT_CARD_TENDER}, and only with it.")
    return Tender(method=tender.method, amount_minor=tender.amount.amount)


async def checkout_of(
    request: ShopRequest, tenant: Tenant, store_id: str, register_id: str, data: Goods
) -> CheckOut:
    """The command that sells the goods. Problem 403 for a price of the till's own without its scope."""
    authority = authority_of(request, store_id)
    if any(line.unit_price is not None for line in data.lines):
        request.user.require_in("prices:override", store_id)
    return CheckOut(
        sale_id=data.sale_id or uuid7(),
        store_id=store_id,
        register_id=register_id,
        customer_id=data.customer_id,
        employee_id=data.employee_id,
        shared_with=tuple(
            Attribution(employee_id=other.employee_id, share_bp=other.share) for other in data.shared_with
        ),
        facts=await facts_of(request.app.state.fact_finder, tenant, data.customer_id, store_id),
        lines=await basket_of(tenant, data.lines),
        coupon_ids=tuple(tenant.vault.coupon_id(code) for code in data.coupon_codes),
        coupon_reference=data.coupon_reference,
        tenders=tuple(tender_of(tenant, tender) for tender in data.tenders),
        currencies=currencies_of(data.lines) | {tender.amount.currency for tender in data.tenders},
        authority=authority,
        points=data.points or 0,
    )


class StoreSalesController(Controller):
    """Selling in a store."""

    path = "/v1/stores/{store_id:str}/sales"
    tags = ("sales",)

    @post(operation_id="checkOut", opt={"scope": "sales:write"})
    async def check_out(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Basket
    ) -> Response[SaleView]:
        """Sells a basket: prices, coupons, stock, payment and receipt, all or nothing."""
        origin = await command_origin(
            request, tenant, "checkOut", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = await checkout_of(request, tenant, store_id, data.register_id, data)
        answer = await tenant.submit(command, origin)
        return written(sale_view(answer.result, answer.position), answer, 201)


class SalesController(Controller):
    """Sales that were made."""

    path = "/v1/sales"
    tags = ("sales",)

    @get("/{sale_id:str}", operation_id="getSale", opt={"scope": "sales:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, sale_id: str) -> Response[RecordedSaleView]:
        """A sale as recorded: lines, what each rule took off which line, tenders, and what came back."""
        state, version = await tenant.require_state(SALE, sale_id)
        view = _recorded_view(state)
        request.user.require_store(view.store_id)
        return read(view, version)
