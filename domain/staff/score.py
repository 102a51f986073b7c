"""Scores: how well somebody did by weighted indicators, each from nothing to full marks and beyond.

Points are thousandths (5.0 is 5000). A formula never changes; another has another name.
"""

import enum
from collections.abc import Callable, Mapping, Sequence

import msgspec

from domain.kernel.money import half_up

FORMULA = "score.v1"
"""What cycles that are opened now are scored by."""
WHOLE = 100


class Indicator(enum.StrEnum):
    """What can be weighed. Those in RATED are entered by managers, the others follow from facts.

    Conversion is both: what is entered counts where no lead ended.
    """

    SALES = "sales"
    """Minor units: what customers paid for the goods, without what came back."""
    MARGIN = "margin"
    """Thousandths of the revenue without tax."""
    RETURNS = "returns"
    """What came back, in thousandths of what was sold."""
    COMPLAINTS = "complaints"
    """How many there were about the person."""
    CSAT = "csat"
    """What customers say of resolutions, from 1 to 5, in thousandths: the mean of their answers."""
    CONVERSION = "conversion"
    """Leads that were won, in thousandths of those that ended."""
    ATTENDANCE = "attendance"
    """Thousandths of the shifts that were planned."""
    ATTITUDE = "attitude"
    """Thousandths of full marks."""


RATED = frozenset({Indicator.CONVERSION, Indicator.ATTENDANCE, Indicator.ATTITUDE})
MAX_RATING = 1_000


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """How an indicator counts: no points at `nothing_at`, full ones at `full_at`, in a straight line.

    `full_at` is below `nothing_at` where less is better. Never fewer than none, nor more than `cap_milli`.
    """

    indicator: Indicator
    weight: int
    nothing_at: int
    full_at: int
    cap_milli: int


class ScoredPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An indicator's figure and points. None: nothing is known, and the others count for it."""

    indicator: Indicator
    weight: int
    figure: int | None = None
    points_milli: int | None = None


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """The parts and the score. None: of no part anything is known."""

    parts: tuple[ScoredPart, ...]
    score_milli: int | None


Formula = Callable[[Sequence[Part], int, Mapping[Indicator, int]], Scored]


def score_v1(parts: Sequence[Part], full_milli: int, figures: Mapping[Indicator, int]) -> Scored:
    """The mean of the known parts by weight, rounded half up to a thousandth. (Domain rule "Scores".)"""
    scored = tuple(
        ScoredPart(
            indicator=part.indicator,
            weight=part.weight,
            figure=figures.get(part.indicator),
            points_milli=_points(part, full_milli, figures.get(part.indicator)),
        )
        for part in parts
    )
    known = [(part.weight, part.points_milli) for part in scored if part.points_milli is not None]
    weight = sum(weight for weight, _ in known)
    total = sum(weight * points for weight, points in known)
    return Scored(parts=scored, score_milli=half_up(total, weight) if weight else None)


FORMULAS: Mapping[str, Formula] = {FORMULA: score_v1}
"""Every formula there was: a cycle is scored by that of its opening."""


def _points(part: Part, full_milli: int, figure: int | None) -> int | None:
    if figure is None:
        return None
    way, gone = part.full_at - part.nothing_at, figure - part.nothing_at
    if way < 0:
        way, gone = -way, -gone
    return min(max(half_up(full_milli * gone, way), 0), part.cap_milli)
