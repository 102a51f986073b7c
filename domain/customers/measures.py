"""What segments ask about a customer as of a date: numbers of purchases, and nothing of who it is."""

import enum

import msgspec

PERMILLE = 1_000


class Stage(enum.StrEnum):
    """Where a customer stands by the rhythm of their own purchases."""

    NONE = "none"
    """Has never bought."""
    NEW = "new"
    ACTIVE = "active"
    DORMANT = "dormant"
    LOST = "lost"


class StageRules(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """When somebody is new, dormant or lost.

    Dormant and lost are those who stay away for so many thousandths of their own interval. Before the second
    day with a purchase there is none, and `usual_days` stands for it; one below `least_days` counts as that.
    """

    new_days: int = 30
    usual_days: int = 90
    least_days: int = 7
    dormant_permille: int = 1_500
    lost_permille: int = 3_000


class Seen(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A number that a rule looked at, or a word: the stage, the tier. None where there is none."""

    name: str
    value: int | str | None = None


class Measures(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A customer as of the end of a business day.

    `days` are those with a purchase, ever; `days_since_first` and `days_since_last` are None without any. Of
    the definition's window are `purchases`, `purchase_days`, `returns`, `spend_minor` (what was paid less
    what was paid back), `goods_minor` (the goods alone) and `tastes` (those of a category) in its currency.
    """

    days: int = 0
    days_since_first: int | None = None
    days_since_last: int | None = None
    purchases: int = 0
    purchase_days: int = 0
    returns: int = 0
    spend_minor: int = 0
    goods_minor: int = 0
    tastes: dict[str, int] = {}
    tier: str | None = None
    birthday: bool = False
    """Theirs is in the month of the date."""

    @property
    def average_minor(self) -> int | None:
        """What a purchase brought, rounded down; None without one."""
        return self.spend_minor // self.purchases if self.purchases else None

    @property
    def interval_days(self) -> int | None:
        """The mean of the days from one purchase to the next, half up; None before the second day."""
        if self.days < 2 or self.days_since_first is None or self.days_since_last is None:
            return None
        gaps = self.days - 1
        return (2 * (self.days_since_first - self.days_since_last) + gaps) // (2 * gaps)


def taste_permille(measures: Measures, category: str) -> int | None:
    """How much of the goods was of the category, rounded down; None where nothing is left of any."""
    if measures.goods_minor <= 0:
        return None
    return measures.tastes.get(category, 0) * PERMILLE // measures.goods_minor


def stage_of(measures: Measures, rules: StageRules) -> Stage:
    """The stage. Nothing is rounded: who stays away for exactly so long is not dormant yet."""
    first, away = measures.days_since_first, measures.days_since_last
    if first is None or away is None:
        return Stage.NONE
    gaps, span = measures.days - 1, first - away
    if not gaps:
        gaps, span = 1, rules.usual_days
    span = max(span, rules.least_days * gaps)
    thousandths = away * PERMILLE * gaps
    if thousandths > rules.lost_permille * span:
        return Stage.LOST
    if thousandths > rules.dormant_permille * span:
        return Stage.DORMANT
    return Stage.NEW if first <= rules.new_days else Stage.ACTIVE
