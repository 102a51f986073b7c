"""/v1/stores/{store_id}/orders and /v1/orders: ordering, paying, giving up, looking up."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.customer_facts import facts_of
from api.customers import known_customer
from api.details import Language
from api.errors import Problem
from api.money import Amount, money
from api.order_views import OrderLineView, OrderView, line_view, order_view
from api.reading import read, written
from api.recipients import DeliveryBody, GuestBody, delivery_of, guest_of
from api.requests import (
    Body,
    Cause,
    Instant,
    Positive,
    Reference,
    ShopRequest,
    Text,
    authority_of,
    command_origin,
)
from api.returns import ReturnView, return_view
from api.sales import Method
from domain.checkout.cancel_order import CancelOrder
from domain.checkout.line_prices import BasketLine
from domain.checkout.pay_order import PayOrder
from domain.checkout.place_order import MAX_HOLD_S, PlaceOrder
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.orders.order import ORDER, Order, OrderPlaced, Payment
from domain.sales.sale import GIFT_CARD_TENDER
from infra.ids import uuid7
from infra.tenancy import Tenant

HOLD_S = 30 * 60
"""How long goods wait for their payment if nothing else is said."""
MAX_SKILLS = 20

Skill = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,29}$(?!\n)", description="cold, gift, heavy, …")]


class OrderedLine(Body, frozen=True, kw_only=True):
    """What is ordered, in the SKU's unit (pieces or grams)."""

    sku: Id
    quantity: Positive


class OrderToPlace(Body, frozen=True, kw_only=True):
    """A basket to order. `skills` are what whoever takes care of it must have.

    It is a customer's, or a `guest`'s, who is known for this order alone; or nobody's. `language` is that of
    what they are told.
    """

    order_id: Id | None = None
    channel: Annotated[Id, Meta(description="web, app, phone, …")]
    customer_id: Id | None = None
    lines: Annotated[list[OrderedLine], Meta(min_length=1, max_length=MAX_LINES)]
    coupon_codes: Annotated[list[Text], Meta(max_length=MAX_COUPONS)] = []  # noqa: RUF012 - msgspec copies it
    hold_s: Annotated[int, Meta(gt=0, le=MAX_HOLD_S)] = HOLD_S
    ship_by: Instant | None = None
    skills: Annotated[list[Skill], Meta(max_length=MAX_SKILLS)] = []  # noqa: RUF012 - msgspec copies it
    guest: GuestBody | None = None
    delivery: DeliveryBody | None = None
    language: Language | None = None


class PlacedView(msgspec.Struct, frozen=True, kw_only=True):
    """What the order costs, and until when it is held."""

    order_id: str
    lines: list[OrderLineView]
    tax: Money
    total: Money
    pay_by: Instant
    position: int


class PaymentBody(Body, frozen=True, kw_only=True):
    """Part of a payment; `reference` is what whoever took the money calls it.

    `code` is that of the gift card for `gift_card`.
    """

    method: Method
    amount: Amount
    reference: Reference | None = None
    code: Text | None = None


class PaymentToTake(Body, frozen=True, kw_only=True):
    """How the order was paid. Daybook moves no money: it was taken elsewhere.

    But for `gift_card`, `store_credit` and `points`, which are Daybook's own.
    """

    payments: Annotated[list[PaymentBody], Meta(max_length=20)]


class PaidView(msgspec.Struct, frozen=True, kw_only=True):
    """The sale that the payment made."""

    order_id: str
    sale_id: str
    receipt_number: int
    total: Money
    change: Money
    position: int


class Cancellation(Body, frozen=True, kw_only=True):
    """Why it is given up. `return_id` is that of the return which gives back what was paid."""

    cause: Cause
    return_id: Id | None = None


class CancelledView(msgspec.Struct, frozen=True, kw_only=True):
    """The order is off; `returned` is the return of what was paid."""

    order_id: str
    returned: ReturnView | None
    position: int


async def require_order(
    request: ShopRequest, tenant: Tenant, order_id: str
) -> tuple[Order, OrderPlaced, int]:
    """The order, its placing and its version, if it exists and its store is open to whoever asks."""
    order, version = await tenant.require_state(ORDER, order_id)
    assert order.placed is not None
    request.user.require_store(order.placed.store_id)
    return order, order.placed, version


def _payment(tenant: Tenant, body: PaymentBody) -> Payment:
    """The payment; of a gift card's code only the keyed hash goes on. Problem 400 for half of one."""
    reference = body.reference
    by_card = body.method == GIFT_CARD_TENDER
    if by_card != (body.code is not None) or (by_card and reference is not None):
        raise Problem(
            400, "invalid_request", f"A code goes with {GIFT_CARD_TENDER}, in the place of a reference."
        )
    if body.code is not None:
        reference = tenant.vault.card_id(body.code)
    return Payment(method=body.method, amount_minor=body.amount.amount, reference=reference)


class StoreOrdersController(Controller):
    """Ordering from a store."""

    path = "/v1/stores/{store_id:str}/orders"
    tags = ("orders",)

    @post(operation_id="placeOrder", opt={"scope": "orders:write"})
    async def place(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: OrderToPlace
    ) -> Response[PlacedView]:
        """Orders a basket: its price is frozen, and the goods are reserved until it must be paid."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "placeOrder")
        order_id = data.order_id or uuid7()
        facts = await facts_of(request.app.state.fact_finder, tenant, data.customer_id, store_id)
        if data.customer_id is not None and data.delivery is not None:
            await known_customer(tenant, data.customer_id)
        guest = await guest_of(tenant, data.guest)
        person_id = data.customer_id if guest is None else guest.customer_id
        command = PlaceOrder(
            order_id=order_id,
            store_id=store_id,
            channel=data.channel,
            customer_id=data.customer_id,
            facts=facts,
            lines=tuple(BasketLine(sku=line.sku, quantity=line.quantity) for line in data.lines),
            coupon_ids=tuple(tenant.vault.coupon_id(code) for code in data.coupon_codes),
            hold_s=data.hold_s,
            ship_by=data.ship_by,
            skills=tuple(data.skills),
            guest=guest,
            delivery=await delivery_of(tenant, order_id, person_id, data.delivery),
            language=data.language,
        )
        answer = await tenant.submit(command, origin)
        placed = answer.result
        view = PlacedView(
            order_id=placed.order_id,
            lines=[line_view(line, placed.currency) for line in placed.lines],
            tax=money(placed.tax_minor, placed.currency),
            total=money(placed.total_minor, placed.currency),
            pay_by=placed.pay_by,
            position=answer.position,
        )
        return written(view, answer, 201)


class OrdersController(Controller):
    """Orders that were placed."""

    path = "/v1/orders"
    tags = ("orders",)

    @get("/{order_id:str}", operation_id="getOrder", opt={"scope": "orders:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, order_id: str) -> Response[OrderView]:
        """An order with its shipments, and everything that happened to it: what, when and by whom."""
        order, _, version = await require_order(request, tenant, order_id)
        async with tenant.readers.connection() as connection:
            entries = await tenant.journal.read_stream(connection, ORDER.stream(order_id), 0, version)
        return read(order_view(order, entries), version)

    @post("/{order_id:str}/payments", operation_id="payOrder", opt={"scope": "orders:write"})
    async def pay(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: PaymentToTake
    ) -> Response[PaidView]:
        """Takes note of the payment, which makes the order a sale."""
        await require_order(request, tenant, order_id)
        origin = await command_origin(request, tenant, "payOrder")
        command = PayOrder(
            order_id=order_id,
            payments=tuple(_payment(tenant, one) for one in data.payments),
            currencies=frozenset(one.amount.currency for one in data.payments),
        )
        answer = await tenant.submit(command, origin)
        paid = answer.result
        view = PaidView(
            order_id=paid.order_id,
            sale_id=paid.sale_id,
            receipt_number=paid.receipt_number,
            total=money(paid.total_minor, paid.currency),
            change=money(paid.change_minor, paid.currency),
            position=answer.position,
        )
        return written(view, answer, 201)

    @post("/{order_id:str}/cancellation", operation_id="cancelOrder", opt={"scope": "orders:write"})
    async def cancel(
        self, request: ShopRequest, tenant: Tenant, order_id: str, data: Cancellation
    ) -> Response[CancelledView]:
        """Gives up an order of which nothing has left. What was paid goes back to the original tenders."""
        _, placed, _ = await require_order(request, tenant, order_id)
        authority = authority_of(request, placed.store_id)
        origin = await command_origin(request, tenant, "cancelOrder")
        command = CancelOrder(
            order_id=order_id,
            cause=data.cause,
            return_id=data.return_id or uuid7(),
            authority=authority,
        )
        answer = await tenant.submit(command, origin)
        returned = answer.result.returned
        view = CancelledView(
            order_id=order_id,
            returned=None if returned is None else return_view(returned, answer.position),
            position=answer.position,
        )
        return written(view, answer, 201)
