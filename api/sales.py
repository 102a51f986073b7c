"""/v1/stores/{store_id}/sales and /v1/sales: selling, looking up a sale, taking lines back."""

import contextlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.customer_facts import facts_of
from api.money import Amount, money
from api.reading import read, written
from api.requests import (
    NO_NUL,
    Body,
    Cause,
    Instant,
    Positive,
    ShopRequest,
    Text,
    authority_of,
    command_origin,
)
from domain.checkout.check_out import CheckOut, SaleAnswer
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES, BasketLine
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import ReturnLine, TakeBack
from domain.customers.customer import CUSTOMER
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.kernel.sealed import Sealed
from domain.sales.sale import SALE, Sale, SaleLine, Tender
from infra.crypto.vault import SubjectErased
from infra.ids import uuid7
from infra.tenancy import Tenant

MAIN_REGISTER = "main"
"""The till of a store that doesn't say which."""

Method = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,29}$(?!\n)", description="cash, card, wechat, …")]


class BasketLineBody(Body, frozen=True, kw_only=True):
    """What is bought, in the SKU's unit (pieces or grams).

    `unit_price` overrides the list price; it needs `price_reason` and the scope prices:override.
    """

    sku: Id
    quantity: Positive
    unit_price: Amount | None = None
    price_reason: Cause | None = None


class TenderBody(Body, frozen=True, kw_only=True):
    """Part of the payment as it was handed over. Change is given from `cash` only."""

    method: Method
    amount: Amount


class Basket(Body, frozen=True, kw_only=True):
    """A sale to make. An offline till sends its own `sale_id` (a UUIDv7) and `occurred_at`.

    `coupon_reference` is what the coupons are reserved under, if they are.
    """

    sale_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    customer_id: Id | None = None
    employee_id: Id | None = None
    lines: Annotated[list[BasketLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    coupon_codes: Annotated[list[Text], Meta(max_length=MAX_COUPONS)] = []  # noqa: RUF012 - msgspec copies it
    coupon_reference: Id | None = None
    tenders: Annotated[list[TenderBody], Meta(max_length=20)]
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
    """The till's answer. `total` is what was due; tax is part of it where prices include tax."""

    sale_id: str
    receipt_number: int
    lines: list[SoldLine]
    subtotal: Money
    discount: Money
    tax: Money
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
    """A line of a recorded sale, and how much of it has come back."""

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
    change: Money
    refunded: Money


class ReturnLineBody(Body, frozen=True, kw_only=True):
    """How much of which line comes back, in the line's unit."""

    line: Positive
    quantity: Positive


class ReturnBody(Body, frozen=True, kw_only=True):
    """A return. `reason` is free text and stored sealed."""

    return_id: Id | None = None
    register_id: Id = MAIN_REGISTER
    lines: Annotated[list[ReturnLineBody], Meta(min_length=1, max_length=MAX_LINES)]
    reason: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=NO_NUL)]
    occurred_at: Instant | None = None


class ReturnedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What came back of a line, and what was paid back for it."""

    line: int
    sku: str
    quantity: int
    refund: Money
    tax: Money


class ReturnView(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer to a return; `refunds` says which tender gets what."""

    return_id: str
    sale_id: str
    receipt_number: int
    lines: list[ReturnedLineView]
    refunds: list[TenderView]
    tax: Money
    total: Money
    position: int


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


def _sale_view(sale: SaleAnswer, position: int) -> SaleView:
    currency = sale.currency
    return SaleView(
        sale_id=sale.sale_id,
        receipt_number=sale.receipt_number,
        lines=[_sold(line, currency) for line in sale.lines],
        subtotal=money(sale.subtotal_minor, currency),
        discount=money(sale.discount_minor, currency),
        tax=money(sale.tax_minor, currency),
        total=money(sale.total_minor, currency),
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
                **msgspec.structs.asdict(_sold(line, currency)), returned=sale.returned.get(line.line, 0)
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
        change=money(completed.change_minor, currency),
        refunded=money(sum(sale.refunded), currency),
    )


def _return_view(taken: ReturnAnswer, position: int) -> ReturnView:
    currency = taken.currency
    assert taken.sale_id is not None
    by_method: defaultdict[str, int] = defaultdict(int)
    for refund in taken.refunds:
        by_method[refund.method] += refund.amount_minor
    return ReturnView(
        return_id=taken.return_id,
        sale_id=taken.sale_id,
        receipt_number=taken.receipt_number,
        lines=[
            ReturnedLineView(
                line=line.line,
                sku=line.sku,
                quantity=line.quantity,
                refund=money(line.refund_minor, currency),
                tax=money(line.tax_minor, currency),
            )
            for line in taken.lines
        ],
        refunds=[
            TenderView(method=method, amount=money(amount, currency)) for method, amount in by_method.items()
        ],
        tax=money(taken.tax_minor, currency),
        total=money(taken.total_minor, currency),
        position=position,
    )


def currencies_of(lines: Iterable[BasketLineBody]) -> frozenset[str]:
    """The currencies of the till's own prices."""
    return frozenset(line.unit_price.currency for line in lines if line.unit_price is not None)


def basket_lines(lines: Iterable[BasketLineBody]) -> tuple[BasketLine, ...]:
    """What a body wants to buy."""
    return tuple(
        BasketLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_price_minor=None if line.unit_price is None else line.unit_price.amount,
            price_reason=line.price_reason,
        )
        for line in lines
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
        authority = authority_of(request, store_id)
        if any(line.unit_price is not None for line in data.lines):
            request.user.require_in("prices:override", store_id)
        origin = await command_origin(
            request, tenant, "checkOut", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = CheckOut(
            sale_id=data.sale_id or uuid7(),
            store_id=store_id,
            register_id=data.register_id,
            customer_id=data.customer_id,
            employee_id=data.employee_id,
            facts=await facts_of(request.app.state.fact_finder, tenant, data.customer_id, store_id),
            lines=basket_lines(data.lines),
            coupon_ids=tuple(tenant.vault.coupon_id(code) for code in data.coupon_codes),
            coupon_reference=data.coupon_reference,
            tenders=tuple(
                Tender(method=tender.method, amount_minor=tender.amount.amount) for tender in data.tenders
            ),
            currencies=currencies_of(data.lines) | {tender.amount.currency for tender in data.tenders},
            authority=authority,
        )
        answer = await tenant.submit(command, origin)
        return written(_sale_view(answer.result, answer.position), answer, 201)


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

    @post("/{sale_id:str}/returns", operation_id="returnLines", opt={"scope": "sales:write"})
    async def take_back(
        self, request: ShopRequest, tenant: Tenant, sale_id: str, data: ReturnBody
    ) -> Response[ReturnView]:
        """Takes back lines of a sale and refunds what was paid for them, to the original tenders."""
        state, _ = await tenant.require_state(SALE, sale_id)
        assert state.completed is not None
        request.user.require_store(state.completed.store_id)
        authority = authority_of(request, state.completed.store_id)
        origin = await command_origin(
            request, tenant, "returnLines", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = TakeBack(
            return_id=data.return_id or uuid7(),
            sale_id=sale_id,
            register_id=data.register_id,
            lines=tuple(ReturnLine(line=line.line, quantity=line.quantity) for line in data.lines),
            reason=await _sealed_reason(tenant, sale_id, state.completed.customer_id, data.reason),
            authority=authority,
        )
        answer = await tenant.submit(command, origin)
        return written(_return_view(answer.result, answer.position), answer, 201)


async def _sealed_reason(tenant: Tenant, sale_id: str, customer_id: str | None, reason: str) -> Sealed:
    """Sealed for the customer, or for the sale where none is known or the customer was forgotten."""
    place = "return.recorded.v1/reason"
    if customer_id is not None:
        with contextlib.suppress(SubjectErased):
            return await tenant.vault.seal(CUSTOMER.stream(customer_id), place, reason)
    return await tenant.vault.seal(SALE.stream(sale_id), place, reason)
