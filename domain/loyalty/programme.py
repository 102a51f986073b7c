"""A membership programme: what a purchase earns and what points are worth. Ratios of integers, no floats."""

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import MAX_AMOUNT_MINOR
from domain.kernel.stream import States, StreamKind, require_version
from domain.loyalty.earning import PLAIN_BP, EarnRule, Tier, Window, check_rules

MAIN = "main"
"""The one programme of a tenant."""
MAX_DAYS = 36_500
MAX_TIER_MONTHS = 36


class Pays(enum.Enum):
    """How points pay: as a tender, which changes no tax, or as a discount, which lowers it."""

    TENDER = "tender"
    DISCOUNT = "discount"


class Programme(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`earn_points` for every `earn_minor` paid; `redeem_points` pay `redeem_minor`.

    Points last `days`, None for ever. With `grace_days` lapsed points that a return gives back last so much
    longer. A sale keeps the number of the version that it used, counted from 1.

    `rules` say which lines earn more or less, excluded ones earn nothing. `tiers` rise; what qualifies for
    them is counted in the `tier_window`, of `tier_months` where it is rolling, and a review that finds too
    little lets a tier be for `tier_grace_days`.
    """

    currency: str
    earn_points: int
    earn_minor: int
    redeem_points: int
    redeem_minor: int
    days: int | None = None
    grace_days: int | None = None
    pays: Pays = Pays.TENDER
    rules: tuple[EarnRule, ...] = ()
    excluded_skus: tuple[str, ...] = ()
    excluded_categories: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    tier_window: Window = Window.ROLLING
    tier_months: int = 12
    tier_grace_days: int | None = None

    def earned(self, net_minor: int) -> int:
        """floor(rate × net): of what was paid after discounts, tax included, not with points."""
        return max(0, net_minor) * self.earn_points // self.earn_minor

    def weights_bp(
        self, lines: Sequence[tuple[str, str]], at: datetime, tier: str | None, *, birthday: bool
    ) -> tuple[int, ...]:
        """What each line (SKU, category) earns, in basis points of the base rate; empty where all earn it."""
        if not (self.rules or self.excluded_skus or self.excluded_categories or (tier and self.tiers)):
            return ()
        own_bp = next((each.multiplier_bp for each in self.tiers if each.name == tier), PLAIN_BP)
        rules = [rule for rule in self.rules if rule.holds(at, tier, birthday=birthday)]
        weights = tuple(self._weight_bp(sku, category, rules) * own_bp // PLAIN_BP for sku, category in lines)
        return () if all(weight == PLAIN_BP for weight in weights) else weights

    def _weight_bp(self, sku: str, category: str, rules: Sequence[EarnRule]) -> int:
        if sku in self.excluded_skus or category in self.excluded_categories:
            return 0
        return max((rule.multiplier_bp for rule in rules if rule.fits(sku, category)), default=PLAIN_BP)

    def earned_by_lines(
        self, paid_minor: Sequence[int], weights_bp: Sequence[int], earning_minor: int
    ) -> int:
        """floor(rate × weighted lines × the part of what was paid that earns: not with points)."""
        whole = sum(paid_minor)
        if whole <= 0 or earning_minor <= 0:
            return 0
        weighted = sum(paid * weight for paid, weight in zip(paid_minor, weights_bp, strict=True))
        return max(0, weighted) * earning_minor * self.earn_points // (whole * PLAIN_BP * self.earn_minor)

    def points_for(self, amount_minor: int) -> int:
        """The points that pay an amount, or InvalidCommand where no whole number of them does."""
        points, rest = divmod(amount_minor * self.redeem_points, self.redeem_minor)
        if rest:
            raise InvalidCommand(
                f"{self.redeem_points} points pay {self.redeem_minor}. Choose what whole points pay.",
                amount=amount_minor,
            )
        return points

    def worth_minor(self, points: int) -> int:
        """What points pay, or InvalidCommand where that is no whole amount."""
        worth, rest = divmod(points * self.redeem_minor, self.redeem_points)
        if rest or not worth > 0:
            raise InvalidCommand(
                f"{self.redeem_points} points pay {self.redeem_minor}. Choose what pays a whole amount.",
                points=points,
            )
        return worth

    def to_take_back(self, earned: int, kept_before_minor: int, kept_minor: int) -> int:
        """What a return takes back: what was earned on what is no longer kept, in whatever order it comes."""
        return min(earned, self.earned(kept_before_minor)) - min(earned, self.earned(kept_minor))

    def expires_at(self, earned_at: datetime) -> datetime | None:
        """When points that are earned now lapse."""
        return None if self.days is None else earned_at + timedelta(days=self.days)

    def grace_until(self, at: datetime) -> datetime | None:
        """Until when lapsed points last that are given back now."""
        return None if self.grace_days is None else at + timedelta(days=self.grace_days)


class ProgrammeSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on sales earn and spend points by this version."""

    TYPE: ClassVar = "programme.set.v1"
    programme: Programme


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """Every version there was: a return is reckoned by that of its sale."""

    all: tuple[Programme, ...] = ()

    @property
    def present(self) -> Programme | None:
        """The programme of today; None before the first."""
        return self.all[-1] if self.all else None


def evolve(state: Versions, event: Event) -> Versions:
    """The versions after `event`."""
    return Versions(all=(*state.all, event.programme)) if isinstance(event, ProgrammeSet) else state


PROGRAMME = StreamKind("programme", Versions(), evolve)


class ProgrammeVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class SetProgramme(Command, frozen=True, kw_only=True):
    """Makes the programme, or its next version."""

    RESULT: ClassVar = ProgrammeVersion

    programme: Programme
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        return (PROGRAMME.stream(MAIN),)

    def decide(self, states: States, at: Moment) -> Decision:
        versions = states.of(PROGRAMME, MAIN)
        require_version(len(versions.all), self.expected)
        _check(self.programme)
        if versions.present is not None and versions.present.currency != self.programme.currency:
            raise InvalidCommand("The currency of a programme never changes: points were earned in it.")
        if versions.present == self.programme:
            return Decision(events=(), result=ProgrammeVersion(version=len(versions.all)))
        events = ((PROGRAMME.stream(MAIN), ProgrammeSet(programme=self.programme)),)
        return Decision(events=events, result=ProgrammeVersion(version=len(versions.all) + 1))


def _check(programme: Programme) -> None:
    for name in ("earn_points", "earn_minor", "redeem_points", "redeem_minor"):
        if not 0 < getattr(programme, name) <= MAX_AMOUNT_MINOR:
            raise InvalidCommand(f"{name} is above zero.", **{name: getattr(programme, name)})
    for name in ("days", "grace_days", "tier_grace_days"):
        value: int | None = getattr(programme, name)
        if value is not None and not 0 < value <= MAX_DAYS:
            raise InvalidCommand(f"{name} is from 1 to {MAX_DAYS}.", **{name: value})
    if not 1 <= programme.tier_months <= MAX_TIER_MONTHS:
        raise InvalidCommand(
            f"tier_months is from 1 to {MAX_TIER_MONTHS}.", tier_months=programme.tier_months
        )
    check_rules(programme.rules, programme.tiers)
