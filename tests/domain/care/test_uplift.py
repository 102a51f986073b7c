"""What messages earned, as the formula says it."""

import pytest

from domain.care.uplift import incremental_minor, rate_permille


@pytest.mark.parametrize(
    ("planned", "planned_margin", "held_out", "held_out_margin", "profit"),
    [
        (900, 90_000, 100, 6_000, 36_000),
        (900, 40_000, 100, 6_000, -14_000),
        (2, 100, 4, 1, 99),
        (0, 0, 10, 500, 0),
        (3, 100, 0, 0, None),
    ],
)
def test_the_planned_are_held_against_the_held_out_at_their_rate(
    planned: int, planned_margin: int, held_out: int, held_out_margin: int, profit: int | None
) -> None:
    found = incremental_minor(
        planned=planned,
        planned_margin_minor=planned_margin,
        held_out=held_out,
        held_out_margin_minor=held_out_margin,
    )
    assert found == profit


def test_a_rate_is_per_thousand_members() -> None:
    assert (rate_permille(1, 3), rate_permille(2, 3), rate_permille(0, 0)) == (333, 667, None)
