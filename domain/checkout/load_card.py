"""Selling value onto a gift card: a receipt of the till that is no sale, without revenue and tax."""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

import msgspec

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation
from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.money import MAX_AMOUNT_MINOR
from domain.kernel.stream import States
from domain.sales.cash_rounding import require_coins
from domain.sales.sale import GIFT_CARD_TENDER, POINTS, STORE_CREDIT, Tender
from domain.sales.tendering import change_minor
from domain.stored_value.cards import require_card
from domain.stored_value.value import (
    GIFT_CARD,
    Account,
    CardPayment,
    GiftCardLoaded,
    evolve,
    next_lot,
    require_usable,
)
from domain.stores.store import STORE, Store
from domain.tills.receipts import paid_by_method, require_shift
from domain.tills.till import TILL, ReceiptIssued, till_id

MAX_LOTS = 100
"""Of a card, not spent: each payment looks at them all."""


class LoadAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer: the receipt, the change and what the card holds now."""

    card_id: str
    receipt_number: int
    currency: str
    amount_minor: int
    change_minor: int
    balance_minor: int


class LoadCard(Command, frozen=True, kw_only=True):
    """Sells an amount onto a card that was made; the first time this activates it.

    Value is not bought with value: points and stored value, which may expire, would come out as new money.
    What the card is worth afterwards is held against the limit of `authority`; None is without limit. An
    approval for it names the card.
    """

    RESULT: ClassVar = LoadAnswer

    card_id: str
    store_id: str
    register_id: str
    amount_minor: int
    tenders: tuple[Tender, ...]
    currencies: frozenset[str] = frozenset()
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        if self.authority is not None:
            yield from self.authority.streams()
        yield GIFT_CARD.stream(self.card_id)
        yield STORE.stream(self.store_id)
        yield TILL.stream(till_id(self.store_id, self.register_id))

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        card = require_card(states, self.card_id)
        for currency in sorted(self.currencies):
            if currency != store.currency:
                raise CurrencyMismatch(f"The store sells in {store.currency}.", currency=currency)
        require_usable(card, store.currency)
        if not 0 < self.amount_minor <= MAX_AMOUNT_MINOR:
            raise InvalidCommand("The amount is above zero.", amount=self.amount_minor)
        if len(card.lots) >= MAX_LOTS:
            raise InvalidCommand(f"A card holds up to {MAX_LOTS} loads. Use another.", loads=len(card.lots))
        for tender in self.tenders:
            if tender.method in (POINTS, GIFT_CARD_TENDER, STORE_CREDIT):
                raise InvalidCommand("A gift card is paid with money.", method=tender.method)
        change = change_minor(self.amount_minor, self.tenders)
        require_coins(store.cash_unit_minor, self.tenders, change)
        till = till_id(self.store_id, self.register_id)
        roll = states.of(TILL, till)
        shift = require_shift(roll, at.occurred_at, required=store.shifts_required)
        allowance, used = self._allow(states, at, card, store)
        lasts = card.valid_days
        loaded = GiftCardLoaded(
            card_id=self.card_id,
            customer_id=card.customer_id,
            store_id=self.store_id,
            register_id=self.register_id,
            receipt_number=roll.last_number + 1,
            business_day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
            currency=store.currency,
            lot=next_lot(
                card, self.amount_minor, None if lasts is None else at.recorded_at + timedelta(days=lasts)
            ),
            payments=tuple(
                CardPayment(method=tender.method, amount_minor=tender.amount_minor) for tender in self.tenders
            ),
            change_minor=change,
            allowance=allowance,
        )
        receipt = ReceiptIssued(
            store_id=self.store_id,
            register_id=self.register_id,
            number=loaded.receipt_number,
            document=GIFT_CARD.stream(self.card_id),
            total_minor=0,
            late=roll.is_late(at.occurred_at),
            shift=shift,
            paid=(
                paid_by_method(((tender.method, tender.amount_minor) for tender in self.tenders), change)
                if shift
                else ()
            ),
            loaded_minor=self.amount_minor if shift else 0,
        )
        answer = LoadAnswer(
            card_id=self.card_id,
            receipt_number=loaded.receipt_number,
            currency=store.currency,
            amount_minor=self.amount_minor,
            change_minor=change,
            balance_minor=evolve(card, loaded).spendable_minor(at.recorded_at),
        )
        events = ((GIFT_CARD.stream(self.card_id), loaded), (TILL.stream(till), receipt), *used)
        return Decision(events=events, result=answer)

    def _allow(self, states: States, at: Moment, card: Account, store: Store) -> Allowed:
        request = Request(
            operation=Operation.CARD_LOAD,
            store_id=self.store_id,
            target=self.card_id,
            needed=card.spendable_minor(at.recorded_at) + self.amount_minor,
            currency=store.currency,
            document=GIFT_CARD.stream(self.card_id),
        )
        return allow(states, at, self.authority, request)
