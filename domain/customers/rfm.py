"""RFM: how lately, how often and for how much somebody bought, in scores by cut points that are fixed.

A score hangs on the customer and the date alone, and not, as with fifths of all customers, on the others.
"""

import enum
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from domain.customers.measures import Measures
from domain.kernel.errors import InvalidCommand

MAX_CUTS = 9
MOST = 10**15


class Part(enum.StrEnum):
    """What a score is for."""

    RECENCY = "recency"
    FREQUENCY = "frequency"
    MONETARY = "monetary"


class RfmCuts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Cut points in ascending order. Four of them make scores from 1 to 5.

    A recency cut is reached by whoever bought at most so many days ago, the others by so many purchases and
    so much money, or more.
    """

    recency_days: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary_minor: tuple[int, ...]


class Scores(NamedTuple):
    """From 1, each cut point that is reached adding one; 0 for whoever has never bought."""

    recency: int
    frequency: int
    monetary: int


def scores_of(measures: Measures, cuts: RfmCuts) -> Scores:
    """The customer's scores."""
    return Scores(*(score_of(part, measures, cuts) for part in Part))


def score_of(part: Part, measures: Measures, cuts: RfmCuts) -> int:
    """One of the customer's scores."""
    away = measures.days_since_last
    if away is None:
        return 0
    if part is Part.RECENCY:
        return 1 + len(cuts.recency_days) - bisect_left(cuts.recency_days, away)
    if part is Part.FREQUENCY:
        return 1 + bisect_right(cuts.frequency, measures.purchases)
    return 1 + bisect_right(cuts.monetary_minor, measures.spend_minor)


def require_cuts(cuts: RfmCuts) -> None:
    """InvalidCommand unless each score has its cut points, in ascending order."""
    for name in cuts.__struct_fields__:
        points: Sequence[int] = getattr(cuts, name)
        ascending = all(low < high for low, high in pairwise(points))
        if not (0 < len(points) <= MAX_CUTS and ascending and points[0] >= 0 and points[-1] <= MOST):
            raise InvalidCommand(
                f"{name} has 1 to {MAX_CUTS} cut points in ascending order.", **{name: list(points)}
            )
