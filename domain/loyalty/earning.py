"""Rules beyond the base rate: lines that earn more, less or nothing, and tiers that earn faster."""

import enum
from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.errors import InvalidCommand
from domain.kernel.money import MAX_AMOUNT_MINOR

PLAIN_BP = 10_000
"""The base rate: a multiplier of one."""
MAX_MULTIPLIER_BP = 1_000_000
MAX_RULES = 100
MAX_TIERS = 10


class EarnRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Lines that earn `multiplier_bp` of the base rate: 20000 doubles it. What is empty does not restrict.

    Of the rules that fit a line the highest multiplier counts. `birthday` and `tiers` are of the customer.
    """

    name: str
    multiplier_bp: int
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    birthday: bool = False

    def fits(self, sku: str, category: str) -> bool:
        """Whether a line of this SKU and category is meant."""
        return not (self.skus or self.categories) or sku in self.skus or category in self.categories

    def holds(self, at: datetime, tier: str | None, *, birthday: bool) -> bool:
        """Whether it counts now and for this customer."""
        if self.valid_from is not None and at < self.valid_from:
            return False
        if self.valid_until is not None and at >= self.valid_until:
            return False
        return (not self.tiers or tier in self.tiers) and (birthday or not self.birthday)


class Tier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Reached by a qualifying amount in the window; its members earn `multiplier_bp` of what others do."""

    name: str
    from_minor: int
    multiplier_bp: int = PLAIN_BP


class Window(enum.Enum):
    """What qualifies: the last so many months, or a calendar year, for which and the next the tier lasts."""

    ROLLING = "rolling"
    CALENDAR = "calendar"


def check_rules(rules: Iterable[EarnRule], tiers: tuple[Tier, ...]) -> None:
    """InvalidCommand unless multipliers and tiers mean something."""
    rules = tuple(rules)
    if len(rules) > MAX_RULES or len(tiers) > MAX_TIERS:
        raise InvalidCommand(f"A programme has up to {MAX_RULES} rules and {MAX_TIERS} tiers.")
    for each in (*rules, *tiers):
        if not 0 <= each.multiplier_bp <= MAX_MULTIPLIER_BP:
            raise InvalidCommand(f"A multiplier is up to {MAX_MULTIPLIER_BP} basis points.", name=each.name)
    amounts = [tier.from_minor for tier in tiers]
    if amounts != sorted(set(amounts)) or not all(0 < amount <= MAX_AMOUNT_MINOR for amount in amounts):
        raise InvalidCommand("Tiers rise: each begins above the one before.", tiers=amounts)
    names = [tier.name for tier in tiers]
    if len(set(names)) < len(names):
        raise InvalidCommand("Each tier has a name of its own.", tiers=names)
    unknown = sorted({name for rule in rules for name in rule.tiers} - set(names))
    if unknown:
        raise InvalidCommand("A rule names a tier that there is not.", tiers=unknown)
