"""What a customer was written, or was not, and why: one stream a customer, so that caps see all rules.

Each (rule, occasion) is planned once. What is planned ends as sent or withheld. Ids and reasons only.
"""

import enum
import hashlib
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from domain.care.rule import MAX_CAP
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 100


class Withheld(enum.StrEnum):
    """Why a message was not sent."""

    NO_CONSENT = "no_consent"
    FREQUENCY_CAP = "frequency_cap"
    RULE_ENDED = "rule_ended"
    COUPON_ENDED = "coupon_ended"
    TOO_LATE = "too_late"
    MERGED = "merged"


class CarePlanned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer is to be written to on this occasion, of the business day, by this version of the rule.

    What they buy from then up to `counts_until` counts for it.
    """

    TYPE: ClassVar = "care.planned.v1"
    rule_id: str
    rule_version: int
    customer_id: str
    occasion: str
    day: date
    due_at: datetime
    counts_until: datetime
    sku: str | None = None


class CareHeldOut(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer would have been planned a message and gets none, so that others can be compared with them.

    What they buy from `due_at` up to `counts_until` counts, as it does after a message.
    """

    TYPE: ClassVar = "care.held_out.v1"
    rule_id: str
    rule_version: int
    customer_id: str
    occasion: str
    due_at: datetime
    counts_until: datetime


class CareDeferred(Event, frozen=True, kw_only=True, omit_defaults=True):
    """When it was due hours were quiet; it is due when they end."""

    TYPE: ClassVar = "care.deferred.v1"
    rule_id: str
    rule_version: int
    customer_id: str
    occasion: str
    day: date
    due_at: datetime
    sku: str | None = None


class CareSent(Event, frozen=True, kw_only=True, omit_defaults=True):
    """All was well when it was due: the message leaves, with the coupon that was issued for it."""

    TYPE: ClassVar = "care.sent.v1"
    rule_id: str
    rule_version: int
    customer_id: str
    occasion: str
    channel: str
    sent_at: datetime
    coupon_id: str | None = None
    sku: str | None = None


class CareWithheld(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer is not written to on this occasion, for this reason."""

    TYPE: ClassVar = "care.withheld.v1"
    rule_id: str
    rule_version: int
    customer_id: str
    occasion: str
    reason: Withheld


class CareUndelivered(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The message could not be delivered and never will be. `cause` is a code and holds no address."""

    TYPE: ClassVar = "care.undelivered.v1"
    rule_id: str
    customer_id: str
    occasion: str
    cause: str


class ReactionKind(enum.StrEnum):
    """What a customer did with a message."""

    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    RATED = "rated"


class CareReacted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer opened the message, followed a link of it, answered it or rated it, from 1 to 5."""

    TYPE: ClassVar = "care.reacted.v1"
    rule_id: str
    customer_id: str
    occasion: str
    kind: ReactionKind
    rating: int | None = None
    text: Sealed | None = None


class Outcome(enum.StrEnum):
    """What became of a message."""

    PLANNED = "planned"
    SENT = "sent"
    WITHHELD = "withheld"
    UNDELIVERED = "undelivered"
    HELD_OUT = "held_out"


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one message, and why."""

    outcome: Outcome
    rule_version: int
    day: date | None = None
    first_due_at: datetime | None = None
    due_at: datetime | None = None
    sent_at: datetime | None = None
    reason: str | None = None
    coupon_id: str | None = None
    reactions: tuple[ReactionKind, ...] = ()
    rating: int | None = None


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer was told, by (rule, occasion), and when messages left last, the oldest first."""

    told: dict[str, Told] = {}
    sent_at: tuple[datetime, ...] = ()


_NOTHING = Told(outcome=Outcome.PLANNED, rule_version=1)


def message_id(rule_id: str, customer_id: str, occasion: str) -> str:
    """The id of a message, wherever it is spoken of: the same for the same rule, customer and occasion."""
    return hashlib.sha256(f"care\0{rule_id}\0{customer_id}\0{occasion}".encode()).hexdigest()[:32]


def told_key(rule_id: str, occasion: str) -> str:
    """Which message; no id of a rule can hold a slash."""
    return f"{rule_id}/{occasion}"


def evolve(state: Touch, event: Event) -> Touch:
    """What the customer was told after `event`."""
    match event:
        case CarePlanned():
            return _with(
                state,
                event.rule_id,
                event.occasion,
                outcome=Outcome.PLANNED,
                rule_version=event.rule_version,
                day=event.day,
                first_due_at=event.due_at,
                due_at=event.due_at,
                reason=None,
            )
        case CareHeldOut():
            return _with(
                state,
                event.rule_id,
                event.occasion,
                outcome=Outcome.HELD_OUT,
                rule_version=event.rule_version,
                due_at=event.due_at,
            )
        case CareDeferred():
            return _with(state, event.rule_id, event.occasion, due_at=event.due_at)
        case CareSent():
            after = _with(
                state,
                event.rule_id,
                event.occasion,
                outcome=Outcome.SENT,
                sent_at=event.sent_at,
                coupon_id=event.coupon_id,
            )
            return msgspec.structs.replace(after, sent_at=(*state.sent_at, event.sent_at)[-MAX_CAP:])
        case CareWithheld():
            return _with(
                state,
                event.rule_id,
                event.occasion,
                outcome=Outcome.WITHHELD,
                rule_version=event.rule_version,
                reason=event.reason.value,
            )
        case CareUndelivered():
            return _with(
                state, event.rule_id, event.occasion, outcome=Outcome.UNDELIVERED, reason=event.cause
            )
        case CareReacted():
            known = state.told.get(told_key(event.rule_id, event.occasion), _NOTHING)
            kinds = known.reactions if event.kind in known.reactions else (*known.reactions, event.kind)
            rating = known.rating if event.rating is None else event.rating
            return _with(state, event.rule_id, event.occasion, reactions=kinds, rating=rating)
        case _:
            return state


def _with(state: Touch, rule_id: str, occasion: str, **changes: Any) -> Touch:
    key = told_key(rule_id, occasion)
    told = msgspec.structs.replace(state.told.get(key, _NOTHING), **changes)
    return msgspec.structs.replace(state, told={**state.told, key: told})


TOUCH = StreamKind("touch", Touch(), evolve, snapshot_every=SNAPSHOT_EVERY)
