"""Stored value is lots of money that the shop owes: issued = spent − refunded + expired + balance.

An account is a gift card (`giftcard-<card>`, the keyed hash of its code) or the credit of a customer
(`credit-<customer>`). What is put on it is no revenue; tax falls due when it pays for something.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.errors import CurrencyMismatch, Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stored_value import ValueLot
from domain.kernel.stream import StreamKind
from domain.stored_value.lots import draw, skip, together, total, without

SNAPSHOT_EVERY = 200


class GiftCardMade(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A card with a code exists, worth nothing yet. What is put on it lasts `valid_days`, None for ever.

    The code is a bearer secret: `card_id` is its keyed hash. `customer_id` is whose wallet shows the card.
    """

    TYPE: ClassVar = "giftcard.made.v1"
    card_id: str
    currency: str
    valid_days: int | None = None
    customer_id: str | None = None
    code: Sealed


class CardPayment(msgspec.Struct, frozen=True, kw_only=True):
    """Part of what was paid for a card's value, as it was handed over."""

    method: str
    amount_minor: int


class GiftCardLoaded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Value was sold onto a card at a till: the first time this activates the card, later it tops it up.

    The receipt `receipt_number` says it. It is no sale: what was paid is owed to whoever bears the card.
    """

    TYPE: ClassVar = "giftcard.loaded.v1"
    card_id: str
    customer_id: str | None = None
    store_id: str
    register_id: str
    receipt_number: int
    business_day: date
    currency: str
    lot: ValueLot
    payments: tuple[CardPayment, ...]
    change_minor: int = 0
    allowance: Allowance | None = None


class GiftCardBlocked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The card neither pays nor takes value until it is unblocked. `reason` is a cause, as "lost"."""

    TYPE: ClassVar = "giftcard.blocked.v1"
    card_id: str
    customer_id: str | None = None
    reason: str


class GiftCardUnblocked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The card pays again."""

    TYPE: ClassVar = "giftcard.unblocked.v1"
    card_id: str
    customer_id: str | None = None
    reason: str


class CreditGranted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The shop owes a customer an amount, for a `reason` (goodwill, refund) and perhaps about a document."""

    TYPE: ClassVar = "credit.granted.v1"
    customer_id: str
    currency: str
    lot: ValueLot
    reason: str
    document: str | None = None
    allowance: Allowance | None = None


class ValueSpent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document (`sale-…`) was paid from these lots, in this order."""

    TYPE: ClassVar = "value.spent.v1"
    account: str
    customer_id: str | None = None
    document: str
    lots: tuple[ValueLot, ...]


class ValueRefunded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A document (`return-…`) put value back where it had come from, with its original expiry."""

    TYPE: ClassVar = "value.refunded.v1"
    account: str
    customer_id: str | None = None
    document: str
    lots: tuple[ValueLot, ...]


class ValueExpired(Event, frozen=True, kw_only=True, omit_defaults=True):
    """These lots had expired and are owed no more."""

    TYPE: ClassVar = "value.expired.v1"
    account: str
    customer_id: str | None = None
    lots: tuple[ValueLot, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account: its lots in the order in which they are spent, and the sums of all that ever happened."""

    currency: str = ""
    customer_id: str | None = None
    valid_days: int | None = None
    blocked: bool = False
    lots: tuple[ValueLot, ...] = ()
    last_number: int = 0
    issued_minor: int = 0
    spent_minor: int = 0
    refunded_minor: int = 0
    expired_minor: int = 0

    @property
    def balance_minor(self) -> int:
        """What the books say is owed, lots included whose expiry is not written down yet."""
        return total(self.lots)

    def spendable_minor(self, at: datetime) -> int:
        """What can be spent now."""
        return 0 if self.blocked else sum(lot.amount_minor for lot in self.lots if not lot.has_expired(at))


def evolve(state: Account, event: Event) -> Account:
    """The account after `event`."""
    match event:
        case GiftCardMade():
            return Account(
                currency=event.currency, customer_id=event.customer_id, valid_days=event.valid_days
            )
        case GiftCardLoaded():
            return _issued(state, event.lot)
        case CreditGranted():
            state = msgspec.structs.replace(state, currency=event.currency, customer_id=event.customer_id)
            return _issued(state, event.lot)
        case GiftCardBlocked():
            return msgspec.structs.replace(state, blocked=True)
        case GiftCardUnblocked():
            return msgspec.structs.replace(state, blocked=False)
        case ValueSpent():
            spent = state.spent_minor + total(event.lots)
            return msgspec.structs.replace(state, lots=without(state.lots, event.lots), spent_minor=spent)
        case ValueRefunded():
            refunded = state.refunded_minor + total(event.lots)
            lots = together(state.lots, event.lots)
            return msgspec.structs.replace(state, lots=lots, refunded_minor=refunded)
        case ValueExpired():
            expired = state.expired_minor + total(event.lots)
            lots = without(state.lots, event.lots)
            return msgspec.structs.replace(state, lots=lots, expired_minor=expired)
        case _:
            return state


GIFT_CARD = StreamKind("giftcard", Account(), evolve, snapshot_every=SNAPSHOT_EVERY)
CREDIT = StreamKind("credit", Account(), evolve, snapshot_every=SNAPSHOT_EVERY)


class StoredValueShort(Refusal):
    """The card or credit holds less than is to be paid."""

    code = "stored_value_short"


class CardBlocked(Refusal):
    """The card neither pays nor takes value."""

    code = "card_blocked"


def spend(
    state: Account, account: str, document: str, currency: str, amount_minor: int, at: datetime
) -> ValueSpent:
    """Takes the amount from what expires first, or the refusal that says why it can't be."""
    assert amount_minor > 0
    require_usable(state, currency)
    if amount_minor > (most := state.spendable_minor(at)):
        raise StoredValueShort(
            f"There are {most} to spend. Take the rest another way.", spendable=most, asked=amount_minor
        )
    drawn = draw((lot for lot in state.lots if not lot.has_expired(at)), amount_minor)
    return ValueSpent(account=account, customer_id=state.customer_id, document=document, lots=drawn)


def require_usable(state: Account, currency: str) -> None:
    """CardBlocked or CurrencyMismatch where the account neither pays nor takes this money."""
    if state.blocked:
        raise CardBlocked("The card is blocked. Take another payment, and ask who blocked it.")
    if state.currency and state.currency != currency:
        raise CurrencyMismatch(f"It holds {state.currency}.", currency=currency)


def refund(
    state: Account,
    account: str,
    document: str,
    spent: Sequence[ValueLot],
    refunded_before_minor: int,
    amount_minor: int,
) -> ValueRefunded:
    """Puts part of a payment back, the last spent first, after what earlier returns put back.

    The lots keep their expiry: what has expired meanwhile can't be spent. A blocked card takes it too.
    """
    assert 0 < amount_minor <= total(spent) - refunded_before_minor
    back = draw(skip(reversed(spent), refunded_before_minor), amount_minor)
    return ValueRefunded(account=account, customer_id=state.customer_id, document=document, lots=back)


def expire(state: Account, account: str, at: datetime) -> ValueExpired | None:
    """What has expired by now, written off; None where nothing has."""
    gone = tuple(lot for lot in state.lots if lot.has_expired(at))
    return ValueExpired(account=account, customer_id=state.customer_id, lots=gone) if gone else None


def next_lot(state: Account, amount_minor: int, expires_at: datetime | None) -> ValueLot:
    """A new lot of the account."""
    return ValueLot(number=state.last_number + 1, amount_minor=amount_minor, expires_at=expires_at)


def _issued(state: Account, lot: ValueLot) -> Account:
    return msgspec.structs.replace(
        state,
        lots=together(state.lots, (lot,)),
        last_number=max(state.last_number, lot.number),
        issued_minor=state.issued_minor + lot.amount_minor,
    )
