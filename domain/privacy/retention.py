"""How long personal details are kept after a customer's last activity, by part, as the merchant set it."""

import enum
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

LONGEST_DAYS = 36_500


class Part(enum.StrEnum):
    """What may be known of a person; each part has a key of its own and can be forgotten alone."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    BIRTHDAY = "birthday"
    TEXT = "text"
    REASON = "reason"
    CODE = "code"
    PROOF = "proof"
    ADDRESS = "address"
    GENDER = "gender"
    CARD = "card"
    PERSONAL = "personal"


class RetentionSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on these parts are kept for so many days; a part that is not named is kept."""

    TYPE: ClassVar = "retention.set.v1"
    periods_days: dict[str, int]


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """The periods that are in force, in days by part."""

    periods_days: dict[str, int] = {}


def evolve(state: Retention, event: Event) -> Retention:
    """The periods after `event`."""
    return Retention(periods_days=event.periods_days) if isinstance(event, RetentionSet) else state


RETENTION = StreamKind("retention", Retention(), evolve)

POLICY = "policy"
"""The one policy of a tenant."""


class SetRetention(Command, frozen=True, kw_only=True):
    """Puts these periods in the place of all before. The same ones again change nothing."""

    periods_days: dict[str, int]

    def streams(self) -> tuple[str, ...]:
        return (RETENTION.stream(POLICY),)

    def decide(self, states: States, at: Moment) -> Decision:
        for part, days in self.periods_days.items():
            if part not in set(Part) or not 0 < days <= LONGEST_DAYS:
                raise InvalidCommand(f"Keep a part of what is known 1 to {LONGEST_DAYS} days.", part=part)
        stream = RETENTION.stream(POLICY)
        now = states.of(RETENTION, POLICY).periods_days
        set_ = RetentionSet(periods_days=dict(sorted(self.periods_days.items())))
        events = ((stream, set_),) if now != set_.periods_days or not states.version(stream) else ()
        return Decision(events=events, result=Done(id=POLICY))
