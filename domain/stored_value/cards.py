"""Gift cards and store credit: cards are made, blocked and unblocked, and what expired is written off."""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.stored_value.value import (
    CREDIT,
    GIFT_CARD,
    Account,
    GiftCardBlocked,
    GiftCardMade,
    GiftCardUnblocked,
    expire,
)

MAX_CARDS_AT_ONCE = 1_000
MAX_VALID_DAYS = 36_500


class CardUnknown(NotFound):
    """No gift card has this code."""

    code = "card_unknown"


def require_card(states: States, card_id: str) -> Account:
    """The card, or CardUnknown."""
    if states.version(GIFT_CARD.stream(card_id)) == 0:
        raise CardUnknown("There is no such gift card. Check the code.")
    return states.of(GIFT_CARD, card_id)


class NewCard(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn code: its keyed hash and its sealed text."""

    card_id: str
    code: Sealed


class CardsMade(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: ids only; the API opens the sealed codes for the caller who asked."""

    card_ids: tuple[str, ...]


class MakeCards(Command, frozen=True, kw_only=True):
    """Makes cards of the drawn codes, all or none, worth nothing until a till loads them."""

    RESULT: ClassVar = CardsMade

    cards: tuple[NewCard, ...]
    currency: str
    valid_days: int | None = None
    customer_id: str | None = None

    def streams(self) -> Sequence[str]:
        customer = () if self.customer_id is None else (f"customer-{self.customer_id}",)
        return (*customer, *(GIFT_CARD.stream(card.card_id) for card in self.cards))

    def decide(self, states: States, at: Moment) -> Decision:
        if self.customer_id is not None:
            states.require_person(f"customer-{self.customer_id}")
        if not 0 < len({card.card_id for card in self.cards}) == len(self.cards) <= MAX_CARDS_AT_ONCE:
            raise InvalidCommand(f"Make 1 to {MAX_CARDS_AT_ONCE} cards at a time, each once.")
        if self.valid_days is not None and not 0 < self.valid_days <= MAX_VALID_DAYS:
            raise InvalidCommand(f"valid_days is from 1 to {MAX_VALID_DAYS}.", valid_days=self.valid_days)
        for card in self.cards:
            states.require_absent(GIFT_CARD.stream(card.card_id))
        made: list[tuple[str, Event]] = [
            (
                GIFT_CARD.stream(card.card_id),
                GiftCardMade(
                    card_id=card.card_id,
                    currency=self.currency,
                    valid_days=self.valid_days,
                    customer_id=self.customer_id,
                    code=card.code,
                ),
            )
            for card in self.cards
        ]
        ids = tuple(card.card_id for card in self.cards)
        return Decision(events=tuple(made), result=CardsMade(card_ids=ids))


class BlockCard(Command, frozen=True, kw_only=True):
    """Blocks a card, or unblocks it. What is so already writes nothing."""

    card_id: str
    blocked: bool
    reason: str

    def streams(self) -> Sequence[str]:
        return (GIFT_CARD.stream(self.card_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        card = states.require(GIFT_CARD, self.card_id)
        done = Done(id=self.card_id)
        if card.blocked == self.blocked:
            return Decision(events=(), result=done)
        change = GiftCardBlocked if self.blocked else GiftCardUnblocked
        event = change(card_id=self.card_id, customer_id=card.customer_id, reason=self.reason)
        return Decision(events=((GIFT_CARD.stream(self.card_id), event),), result=done)


class ExpireValue(Command, frozen=True, kw_only=True):
    """Writes off what has expired on an account (`giftcard-…` or `credit-…`). Again it writes nothing."""

    account: str

    def streams(self) -> Sequence[str]:
        return (self.account,)

    def decide(self, states: States, at: Moment) -> Decision:
        kind, _, id_ = self.account.partition("-")
        state = states.of(GIFT_CARD if kind == GIFT_CARD.category else CREDIT, id_)
        expired = expire(state, self.account, at.recorded_at)
        events = () if expired is None else ((self.account, expired),)
        return Decision(events=events, result=Done(id=self.account))
