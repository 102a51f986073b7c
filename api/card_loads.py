"""/v1/stores/{store_id}/gift-cards/loads: a till sells value onto a gift card."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.money import Amount, money
from api.reading import written
from api.requests import Body, Instant, ShopRequest, Text, authority_of, command_origin
from api.sales import MAIN_REGISTER, Method
from domain.checkout.load_card import LoadAnswer, LoadCard
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.sales.sale import Tender
from infra.tenancy import Tenant


class LoadTender(Body, frozen=True, kw_only=True):
    """Part of the payment as it was handed over. Change is given from `cash` only."""

    method: Method
    amount: Amount


class Load(Body, frozen=True, kw_only=True):
    """What is put on a card, and how it is paid: with money, not with points or stored value."""

    code: Text
    register_id: Id = MAIN_REGISTER
    amount: Amount
    tenders: Annotated[list[LoadTender], Meta(min_length=1, max_length=20)]
    occurred_at: Instant | None = None


class LoadView(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer to a load; `balance` is what the card pays now."""

    card_id: str
    receipt_number: int
    amount: Money
    change: Money
    balance: Money
    position: int


class CardLoadsController(Controller):
    """Selling value in a store."""

    path = "/v1/stores/{store_id:str}/gift-cards/loads"
    tags = ("stored value",)

    @post(operation_id="loadGiftCard", opt={"scope": "sales:write"})
    async def load(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: Load
    ) -> Response[LoadView]:
        """Sells value onto a card; the first time this activates it. A receipt without revenue and tax."""
        request.user.require_store(store_id)
        origin = await command_origin(
            request, tenant, "loadGiftCard", occurred_at=data.occurred_at, terminal=data.register_id
        )
        command = LoadCard(
            card_id=tenant.vault.card_id(data.code),
            store_id=store_id,
            register_id=data.register_id,
            amount_minor=data.amount.amount,
            tenders=tuple(
                Tender(method=tender.method, amount_minor=tender.amount.amount) for tender in data.tenders
            ),
            currencies=frozenset(
                {data.amount.currency, *(tender.amount.currency for tender in data.tenders)}
            ),
            authority=authority_of(request, store_id),
        )
        answer = await tenant.submit(command, origin)
        loaded: LoadAnswer = answer.result
        view = LoadView(
            card_id=loaded.card_id,
            receipt_number=loaded.receipt_number,
            amount=money(loaded.amount_minor, loaded.currency),
            change=money(loaded.change_minor, loaded.currency),
            balance=money(loaded.balance_minor, loaded.currency),
            position=answer.position,
        )
        return written(view, answer, 201)
