"""Thresholds: from where on something is told, by item, product, store or for all, as data.

What an item does not say its product says, then its store, then the tenant, and then `DEFAULTS`.
"""

import enum
from collections.abc import Iterable

import msgspec

from domain.kernel.errors import InvalidCommand

MOST = 10**9
MOST_DAYS = 3_650
WHOLE_BP = 10_000
MOST_MINUTES = 7 * 24 * 60


class AlertKind(enum.StrEnum):
    """What there is to tell of an item."""

    LOW = "low"
    HIGH = "high"
    OUT = "out"
    NEGATIVE = "negative"
    EXPIRING = "expiring"
    SLOW_MOVING = "slow_moving"
    DEAD = "dead"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """From where on something is told. None leaves it to what is less particular. Units are the item's.

    Below `low` available units an item is low, above `high` on hand it is high. A lot is expiring that has
    `expiring_days` days of life or less, an item slow-moving that lasts for more than `slow_days` days, and
    dead that was not sold for `dead_days` days. What was told is over only `margin` units beyond its
    threshold, or `margin_bp` basis points of it, so that it does not come and go with every sale. Kinds that
    are `off` are not told. Digests of a store are `digest_min` minutes apart.
    """

    low: int | None = None
    high: int | None = None
    expiring_days: int | None = None
    slow_days: int | None = None
    dead_days: int | None = None
    margin: int | None = None
    margin_bp: int | None = None
    off: tuple[AlertKind, ...] | None = None
    digest_min: int | None = None


DEFAULTS = Thresholds(expiring_days=2, margin_bp=1_000, off=(), digest_min=15)
"""Where nobody says anything: what is out, below zero or about to expire is told."""

_NAMES = Thresholds.__struct_fields__


def in_force(levels: Iterable[Thresholds | None]) -> Thresholds:
    """Of levels from the most to the least particular, each value from the first that has one."""
    said = [level for level in levels if level is not None]
    if not said:
        return DEFAULTS
    values = {
        name: next((value for level in said if (value := getattr(level, name)) is not None), default)
        for name, default in _DEFAULT_VALUES
    }
    return Thresholds(**values)


_DEFAULT_VALUES = [(name, getattr(DEFAULTS, name)) for name in _NAMES]


def item_levels(
    item: Thresholds | None,
    product: Thresholds | None,
    store: Thresholds | None,
    tenant: Thresholds | None,
    reorder_at: int | None = None,
) -> Thresholds:
    """What is in force for an item. Its reorder point is its `low`, unless item or product say another."""
    reorder = None if reorder_at is None else Thresholds(low=reorder_at)
    return in_force((item, product, reorder, store, tenant))


def require_sound(thresholds: Thresholds, *, of_goods: bool) -> None:
    """InvalidCommand for thresholds that can mean nothing; `of_goods` are those of an item or product."""
    for name in ("low", "high", "margin"):
        _check(name, getattr(thresholds, name), MOST)
    for name in ("expiring_days", "slow_days", "dead_days"):
        _check(name, getattr(thresholds, name), MOST_DAYS)
    _check("margin_bp", thresholds.margin_bp, WHOLE_BP)
    _check("digest_min", thresholds.digest_min, MOST_MINUTES)
    if thresholds.digest_min is not None and of_goods:
        raise InvalidCommand("digest_min is for a store, or for all of them.")
    low, high = thresholds.low, thresholds.high
    if low is not None and high is not None and low > high:
        raise InvalidCommand("high is at or above low.", low=low, high=high)


def _check(name: str, value: int | None, most: int) -> None:
    if value is not None and not 0 <= value <= most:
        raise InvalidCommand(f"{name} is from 0 to {most}, or left out.", **{name: value})
