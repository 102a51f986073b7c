"""A membership programme: what a purchase earns and what points are worth. Ratios of integers, no floats."""

import enum

import msgspec

from domain.kernel.money import half_up


class Shortfall(enum.StrEnum):
    """What becomes of points that a return takes back when they were spent: owed, or off the refund."""

    OWED = "owed"
    REFUND = "refund"


class Programme(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`earn_points` for every `earn_minor` paid; `redeem_points` pay `redeem_minor`.

    Points last `months` calendar months, None for ever. With `grace_days` lapsed points that a return gives
    back last so much longer.
    """

    currency: str
    earn_points: int
    earn_minor: int
    redeem_points: int
    redeem_minor: int
    months: int | None = None
    grace_days: int = 0
    shortfall: Shortfall = Shortfall.OWED

    def earned(self, net_minor: int) -> int:
        """floor(rate × net): of what was paid after discounts, tax included, not with points."""
        return max(0, net_minor) * self.earn_points // self.earn_minor

    def worth_minor(self, points: int) -> int:
        """What the points pay."""
        return half_up(points * self.redeem_minor, self.redeem_points)

    def to_take_back(self, earned: int, taken_before: int, kept_minor: int) -> int:
        """What a return takes back: what was earned, less what is kept, less what earlier returns took."""
        return max(0, earned - taken_before - self.earned(kept_minor))
