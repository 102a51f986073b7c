"""score.v1: the known parts by their weights, each from nothing to its cap."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.staff.figures import Facts, figures_of
from domain.staff.score import FORMULA, FORMULAS, Indicator, Part, score_v1

FULL = 5_000
A, B, C = Indicator.SALES, Indicator.ATTENDANCE, Indicator.CSAT


def part(
    indicator: Indicator, weight: int, *, nothing_at: int = 0, full_at: int = 5, cap: int = FULL
) -> Part:
    return Part(indicator=indicator, weight=weight, nothing_at=nothing_at, full_at=full_at, cap_milli=cap)


THREE = (part(A, 50), part(B, 30), part(C, 20))


def test_a_missing_part_renormalises() -> None:
    """Weights 50/30/20, scores 5, 5 and none: 5.0, not 4.0."""
    scored = score_v1(THREE, FULL, {A: 5, B: 5})

    assert scored.score_milli == 5_000
    assert [one.points_milli for one in scored.parts] == [5_000, 5_000, None]


def test_known_parts_count_by_their_weights() -> None:
    assert score_v1(THREE, FULL, {A: 5, B: 0, C: 2}).score_milli == (50 * 5_000 + 20 * 2_000) // 100


def test_where_nothing_is_known_there_is_no_score() -> None:
    assert score_v1(THREE, FULL, {}).score_milli is None


def test_nobody_gets_more_than_the_parts_cap() -> None:
    parts = (part(A, 50, full_at=100, cap=6_000), part(B, 50, full_at=100))

    scored = score_v1(parts, FULL, {A: 500, B: 500})

    assert [one.points_milli for one in scored.parts] == [6_000, 5_000]
    assert scored.score_milli == 5_500


def test_where_less_is_better_points_fall() -> None:
    returns = (part(Indicator.RETURNS, 100, nothing_at=100, full_at=20),)
    points = {
        figure: score_v1(returns, FULL, {Indicator.RETURNS: figure}).score_milli for figure in (20, 60, 100)
    }
    assert points == {20: 5_000, 60: 2_500, 100: 0}
    assert score_v1(returns, FULL, {Indicator.RETURNS: 300}).score_milli == 0


@given(
    figures=st.dictionaries(st.sampled_from([A, B, C]), st.integers(-(10**15), 10**15)),
    weights=st.permutations([50, 30, 20]),
)
def test_a_score_is_between_nothing_and_the_caps_and_the_order_of_parts_is_no_matter(
    figures: Mapping[Indicator, int], weights: list[int]
) -> None:
    parts = [part(indicator, weight) for indicator, weight in zip((A, B, C), weights, strict=True)]

    score = score_v1(parts, FULL, figures).score_milli

    assert (score is None) == (not figures)
    assert score is None or 0 <= score <= FULL
    assert score == score_v1(parts[::-1], FULL, figures).score_milli


def test_new_cycles_are_scored_by_a_formula_that_there_is() -> None:
    assert FORMULA in FORMULAS


def test_figures_are_net_of_returns() -> None:
    facts = Facts(
        sales=3,
        returns=1,
        sold_minor=10_000,
        returned_minor=1_000,
        revenue_minor=8_000,
        cost_minor=6_000,
        complaints=2,
        csat_answers=3,
        csat_points=13,
        leads_ended=3,
        leads_won=2,
    )
    assert figures_of(facts) == {
        Indicator.SALES: 9_000,
        Indicator.MARGIN: 250,
        Indicator.RETURNS: 100,
        Indicator.COMPLAINTS: 2,
        Indicator.CSAT: 4_333,
        Indicator.CONVERSION: 667,
    }


@pytest.mark.parametrize(
    "missing",
    [Indicator.SALES, Indicator.MARGIN, Indicator.RETURNS, Indicator.CSAT, Indicator.CONVERSION],
)
def test_of_who_sold_nothing_nothing_is_said(missing: Indicator) -> None:
    assert missing not in figures_of(Facts(complaints=1))


@pytest.mark.parametrize(
    ("ended", "won", "figure"),
    [(4, 1, 250), (4, 0, 0), (1, -1, 0), (1, 2, 1_000), (0, -1, None), (-1, -1, None)],
)
def test_leads_that_were_taken_up_again_leave_a_conversion_from_none_to_all(
    ended: int, won: int, figure: int | None
) -> None:
    """Of those that had ended before, more may be taken back than ended since: then nothing is known."""
    figures = figures_of(Facts(leads_ended=ended, leads_won=won))

    assert figures.get(Indicator.CONVERSION) == figure
