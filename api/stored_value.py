"""/v1/gift-cards: what the shop owes whoever bears the card. Codes are secrets and stay out of addresses."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.accesses import opened
from api.customers import known_customer
from api.money import money
from api.reading import read, written
from api.requests import Body, Cause, ShopRequest, Text, command_origin
from domain.customers.customer import CUSTOMER
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.stored_value.cards import (
    MAX_CARDS_AT_ONCE,
    MAX_VALID_DAYS,
    BlockCard,
    CardsMade,
    CardUnknown,
    MakeCards,
    NewCard,
)
from domain.stored_value.value import GIFT_CARD, Account, GiftCardMade
from infra.crypto.codes import draw_code
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant

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
