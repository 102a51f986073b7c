"""/v1/customers/{customer_id}: what a customer was written, or was not and why, and what they wish for."""

import msgspec
from litestar import Controller, Response, get, post

from api.accesses import opened
from api.customers import known_customer
from api.reading import caught_up, written
from api.requests import Body, Instant, ShopRequest, command_origin
from domain.care.touch import TOUCH, Touch
from domain.care.wish import NoteWish, WithdrawWish
from domain.customers.customer import CUSTOMER
from domain.kernel.command import Command
from domain.kernel.ids import Id
from infra.tenancy import Tenant
from projections.care_audience.fold import CareAudience
from projections.care_audience.queries import wishes_of

MAX_WISHES = 1_000


class CareMessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One message: planned, sent, withheld or undelivered; `reason` says why of the last two.

    `occasion` names what it was for: a year's birthday, a day, a product.
    """

    rule_id: str
    rule_version: int
    occasion: str
    outcome: str
    reason: str | None
    due_at: Instant | None
    sent_at: Instant | None
    coupon_id: str | None


class CareMessagesView(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer was written, or was not, by rule and occasion."""

    customer_id: str
    data: list[CareMessageView]


class WishToNote(Body, frozen=True, kw_only=True):
    """What the customer wants to hear of."""

    sku: Id


class WishView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's wish; `number` counts those for the same product."""

    customer_id: str
    sku: str
    number: int


class OpenWish(msgspec.Struct, frozen=True, kw_only=True):
    """A product that a customer wants to hear of."""

    sku: str
    number: int


class WishesView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's open wishes, by SKU."""

    customer_id: str
    data: list[OpenWish]


class CareMessagesController(Controller):
    """What customers are written."""

    path = "/v1/customers/{customer_id:str}/care-messages"
    tags = ("care",)

    @get(operation_id="listCareMessages", opt={"scope": "customers:read"})
    async def list(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> CareMessagesView:
        """Every message that was planned for the customer, and what became of it."""
        await known_customer(tenant, customer_id)
        await opened(request, tenant, (), about=(CUSTOMER.stream(customer_id),))
        touch: Touch = await tenant.state_of(TOUCH, customer_id)
        views = [
            CareMessageView(
                rule_id=key.partition("/")[0],
                rule_version=told.rule_version,
                occasion=key.partition("/")[2],
                outcome=told.outcome.value,
                reason=told.reason,
                due_at=told.due_at,
                sent_at=told.sent_at,
                coupon_id=told.coupon_id,
            )
            for key, told in sorted(touch.told.items())
        ]
        return CareMessagesView(customer_id=customer_id, data=views)


class WishesController(Controller):
    """What customers want to hear of."""

    path = "/v1/customers/{customer_id:str}/wishes"
    tags = ("care",)

    @get(operation_id="listWishes", opt={"scope": "customers:read"})
    async def list(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> WishesView:
        """The customer's open wishes."""
        await known_customer(tenant, customer_id)
        await opened(request, tenant, (), about=(CUSTOMER.stream(customer_id),))
        await caught_up(request, tenant, CareAudience.name)
        async with tenant.readers.connection() as connection:
            rows = await wishes_of(connection, customer_id, MAX_WISHES)
        data = [OpenWish(sku=row.sku, number=row.number) for row in rows]
        return WishesView(customer_id=customer_id, data=data)

    @post(operation_id="noteWish", opt={"scope": "customers:write"})
    async def note(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: WishToNote
    ) -> Response[WishView]:
        """Notes that the customer wants to hear when the product is back, or costs less."""
        return await self._write(request, tenant, "noteWish", NoteWish(customer_id=customer_id, sku=data.sku))

    @post("/withdrawals", operation_id="withdrawWish", opt={"scope": "customers:write"})
    async def withdraw(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: WishToNote
    ) -> Response[WishView]:
        """Notes that the customer does not want to hear of the product any more."""
        return await self._write(
            request, tenant, "withdrawWish", WithdrawWish(customer_id=customer_id, sku=data.sku)
        )

    async def _write(
        self, request: ShopRequest, tenant: Tenant, operation: str, command: Command
    ) -> Response[WishView]:
        origin = await command_origin(request, tenant, operation, key_required=False)
        answer = await tenant.submit(command, origin)
        return written(msgspec.convert(msgspec.to_builtins(answer.result), WishView), answer, 201)
