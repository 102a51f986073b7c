"""/v1/gift-cards and customers' credit: what the shop owes until it pays for something. Codes are secrets."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.accesses import opened
from api.coupons import draw_code
from api.customers import known_customer
from api.money import Amount, money
from api.reading import caught_up, read, written
from api.requests import Body, Cause, Instant, ShopRequest, Text, command_origin
from api.sales import MAIN_REGISTER, Method
from domain.checkout.load_card import LoadAnswer, LoadCard
from domain.customers.customer import CUSTOMER
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.sales.sale import Tender
from domain.stored_value.cards import (
    MAX_CARDS_AT_ONCE,
    MAX_VALID_DAYS,
    BlockCard,
    CardsMade,
    CardUnknown,
    GrantCredit,
    MakeCards,
    NewCard,
)
from domain.stored_value.value import GIFT_CARD, Account, GiftCardMade
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.wallet.fold import Wallets
from projections.wallet.queries import owed

CODES = "giftcards"
"""Whose key seals the codes of cards that nobody in particular has."""


class CardsToMake(Body, frozen=True, kw_only=True):
    """How many codes to draw. What is put on the cards lasts `valid_days`, without it for ever.

    With `customer_id` the card shows in that customer's wallet; whoever has the code may pay all the same.
    """

    count: Annotated[int, Meta(ge=1, le=MAX_CARDS_AT_ONCE)] = 1
    currency: CurrencyCode
    valid_days: Annotated[int, Meta(ge=1, le=MAX_VALID_DAYS)] | None = None
    customer_id: Id | None = None


class MadeCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card and its code, told to who asked; null where its key was destroyed since."""

    card_id: str
    code: str | None


class CardsMadeView(msgspec.Struct, frozen=True, kw_only=True):
    """The drawn codes."""

    cards: list[MadeCard]
    position: int


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """A card without its code. `balance` is what it pays now; of a blocked card nothing."""

    card_id: str
    customer_id: str | None
    blocked: bool
    balance: Money
    lots: list["ValueView"]


class ValueView(msgspec.Struct, frozen=True, kw_only=True):
    """An amount that expires as one; null: never."""

    amount: Money
    expires_at: datetime | None


class CardCode(Body, frozen=True, kw_only=True):
    """A code as it stands on the card."""

    code: Text


class Why(Body, frozen=True, kw_only=True):
    """A cause."""

    reason: Cause


class CardDone(msgspec.Struct, frozen=True, kw_only=True):
    """The card that was changed."""

    card_id: str


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


class CreditToGrant(Body, frozen=True, kw_only=True):
    """Credit for a customer. `document` is the stream that it is about, as `return-…` or `complaint-…`."""

    amount: Amount
    reason: Cause
    expires_at: Instant | None = None
    document: Annotated[str, Meta(pattern=r"^[a-z]+-[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)")] | None = None


class CreditGrantedView(msgspec.Struct, frozen=True, kw_only=True):
    """Whose credit it is."""

    customer_id: str


def value_views(account: Account, at: datetime) -> list[ValueView]:
    """What has not expired, in the order in which it is spent."""
    return [
        ValueView(amount=money(lot.amount_minor, account.currency), expires_at=lot.expires_at)
        for lot in account.lots
        if not lot.has_expired(at)
    ]


def card_view(card_id: str, card: Account) -> CardView:
    """A card as the API tells it."""
    now = now_utc()
    return CardView(
        card_id=card_id,
        customer_id=card.customer_id,
        blocked=card.blocked,
        balance=money(card.spendable_minor(now), card.currency),
        lots=value_views(card, now),
    )


class OwedView(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed on accounts of a kind in a currency: `issued` − `spent` + `refunded` − `expired`."""

    kind: str
    accounts: int
    balance: Money
    issued: Money
    spent: Money
    refunded: Money
    expired: Money


class LiabilitiesView(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop owes, by kind and currency."""

    data: list[OwedView]


class LiabilitiesController(Controller):
    """What is owed in all."""

    path = "/v1/reports/stored-value"
    tags = ("reports",)

    @get(operation_id="storedValueReport", opt={"scope": "reports:read"})
    async def show(self, request: ShopRequest, tenant: Tenant) -> LiabilitiesView:
        """What the shop owes on gift cards and credit, and what became of all that was ever issued."""
        request.user.require_store(None)
        await caught_up(request, tenant, Wallets.name)
        async with tenant.readers.connection() as connection:
            found = await owed(connection)
        return LiabilitiesView(
            data=[
                OwedView(
                    kind=each.kind,
                    accounts=each.accounts,
                    balance=money(each.balance_minor, each.currency),
                    issued=money(each.issued_minor, each.currency),
                    spent=money(each.spent_minor, each.currency),
                    refunded=money(each.refunded_minor, each.currency),
                    expired=money(each.expired_minor, each.currency),
                )
                for each in found
            ]
        )


class GiftCardsController(Controller):
    """Gift cards."""

    path = "/v1/gift-cards"
    tags = ("stored value",)

    @post(operation_id="makeGiftCards", opt={"scope": "stored_value:write"})
    async def make(self, request: ShopRequest, tenant: Tenant, data: CardsToMake) -> Response[CardsMadeView]:
        """Draws codes and answers them once; a repeat of the same request answers the same codes.

        The cards are worth nothing until a till loads them.
        """
        # They pay in every store.
        request.user.require_store(None)
        if data.customer_id is not None:
            await known_customer(tenant, data.customer_id)
        origin = await command_origin(request, tenant, "makeGiftCards")
        codes = {tenant.vault.card_id(code): code for code in (draw_code() for _ in range(data.count))}
        subject = CODES if data.customer_id is None else CUSTOMER.stream(data.customer_id)
        places = {f"{GiftCardMade.TYPE}/code/{card_id}": code for card_id, code in codes.items()}
        sealed = await tenant.vault.seal_all(subject, places)
        command = MakeCards(
            cards=tuple(NewCard(card_id=place.rpartition("/")[2], code=box) for place, box in sealed.items()),
            currency=data.currency,
            valid_days=data.valid_days,
            customer_id=data.customer_id,
        )
        answer = await tenant.submit(command, origin)
        made: CardsMade = answer.result
        told = await _stored_codes(request, tenant, made) if answer.replayed else codes
        cards = [MadeCard(card_id=card_id, code=told.get(card_id)) for card_id in made.card_ids]
        return written(CardsMadeView(cards=cards, position=answer.position), answer, 201)

    @get("/{card_id:str}", operation_id="getGiftCard", opt={"scope": "stored_value:read"})
    async def show(self, tenant: Tenant, card_id: str) -> Response[CardView]:
        """What a card holds."""
        state, version = await tenant.require_state(GIFT_CARD, card_id)
        return read(card_view(card_id, state), version)

    @post("/lookup", operation_id="lookUpGiftCard", opt={"scope": "stored_value:read"}, status_code=200)
    async def look_up(self, tenant: Tenant, data: CardCode) -> Response[CardView]:
        """The card with this code. The code travels in the body, never in an address."""
        card_id = tenant.vault.card_id(data.code)
        stream = GIFT_CARD.stream(card_id)
        async with tenant.readers.connection() as connection:
            found, _ = (await tenant.journal.read_states(connection, [stream]))[stream]
        if found.version == 0:
            raise CardUnknown("There is no such gift card. Check the code.")
        return read(card_view(card_id, found.state), found.version)

    @post("/{card_id:str}/block", operation_id="blockGiftCard", opt={"scope": "stored_value:write"})
    async def block(
        self, request: ShopRequest, tenant: Tenant, card_id: str, data: Why
    ) -> Response[CardDone]:
        """Stops a card, as when it is lost: it neither pays nor takes value. Refunds still reach it."""
        return await _blocked(request, tenant, card_id, data, blocked=True)

    @post("/{card_id:str}/unblock", operation_id="unblockGiftCard", opt={"scope": "stored_value:write"})
    async def unblock(
        self, request: ShopRequest, tenant: Tenant, card_id: str, data: Why
    ) -> Response[CardDone]:
        """Lets a card pay again."""
        return await _blocked(request, tenant, card_id, data, blocked=False)


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


class CreditsController(Controller):
    """What the shop owes a customer."""

    path = "/v1/customers/{customer_id:str}/credits"
    tags = ("stored value",)

    @post(operation_id="grantCredit", opt={"scope": "stored_value:write"})
    async def grant(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: CreditToGrant
    ) -> Response[CreditGrantedView]:
        """Gives a customer credit that pays in every store, for a cause."""
        request.user.require_store(None)
        await known_customer(tenant, customer_id)
        origin = await command_origin(request, tenant, "grantCredit")
        command = GrantCredit(
            customer_id=customer_id,
            currency=data.amount.currency,
            amount_minor=data.amount.amount,
            expires_at=data.expires_at,
            reason=data.reason,
            document=data.document,
        )
        answer = await tenant.submit(command, origin)
        return written(CreditGrantedView(customer_id=customer_id), answer, 201)


async def _blocked(
    request: ShopRequest, tenant: Tenant, card_id: str, data: Why, *, blocked: bool
) -> Response[CardDone]:
    request.user.require_store(None)
    operation = "blockGiftCard" if blocked else "unblockGiftCard"
    origin = await command_origin(request, tenant, operation, key_required=False)
    answer = await tenant.submit(BlockCard(card_id=card_id, blocked=blocked, reason=data.reason), origin)
    return written(CardDone(card_id=answer.result.id), answer, 201)


async def _stored_codes(request: ShopRequest, tenant: Tenant, made: CardsMade) -> dict[str, str | None]:
    """The codes of a repeated request, opened from the journal: the kept answer holds no secrets."""
    streams = [GIFT_CARD.stream(card_id) for card_id in made.card_ids]
    async with tenant.readers.connection() as connection:
        entries = await tenant.journal.read_first(connection, streams)
    events: list[GiftCardMade] = [entry.data for entry in entries]
    codes = await opened(request, tenant, [event.code for event in events])
    return {event.card_id: code for event, code in zip(events, codes, strict=True)}
