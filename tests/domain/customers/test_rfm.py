"""RFM scores by fixed cut points, and stages by a customer's own rhythm."""

import pytest

from domain.customers.measures import Measures, Stage, StageRules, stage_of, taste_permille
from domain.customers.rfm import RfmCuts, Scores, scores_of

CUTS = RfmCuts(
    recency_days=(7, 30, 90, 180), frequency=(2, 4, 8, 16), monetary_minor=(100, 500, 1_000, 5_000)
)


def bought(days: int, first: int, last: int) -> Measures:
    """A purchase on so many days, the first and the last so many days ago."""
    return Measures(
        days=days, days_since_first=first, days_since_last=last, purchases=days, purchase_days=days
    )


@pytest.mark.parametrize(
    ("away", "score"), [(0, 5), (7, 5), (8, 4), (30, 4), (31, 3), (90, 3), (180, 2), (181, 1), (9_999, 1)]
)
def test_whoever_bought_lately_scores_high(away: int, score: int) -> None:
    assert scores_of(bought(1, away, away), CUTS).recency == score


@pytest.mark.parametrize(("purchases", "score"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (15, 4), (16, 5)])
def test_a_cut_point_of_purchases_is_reached_by_as_many(purchases: int, score: int) -> None:
    assert scores_of(Measures(days=1, days_since_last=0, purchases=purchases), CUTS).frequency == score


@pytest.mark.parametrize(("spend", "score"), [(-1, 1), (99, 1), (100, 2), (999, 3), (1_000, 4), (5_000, 5)])
def test_what_was_paid_back_lowers_the_score(spend: int, score: int) -> None:
    assert scores_of(Measures(days=1, days_since_last=0, spend_minor=spend), CUTS).monetary == score


def test_whoever_never_bought_has_no_scores() -> None:
    assert scores_of(Measures(), CUTS) == Scores(0, 0, 0)


@pytest.mark.parametrize(
    ("measures", "stage"),
    [
        (Measures(), Stage.NONE),
        (bought(1, 0, 0), Stage.NEW),
        (bought(1, 30, 30), Stage.NEW),
        (bought(1, 31, 31), Stage.ACTIVE),
        (bought(1, 135, 135), Stage.ACTIVE),
        (bought(1, 136, 136), Stage.DORMANT),
        (bought(1, 270, 270), Stage.DORMANT),
        (bought(1, 271, 271), Stage.LOST),
        # Every ten days: away for 15 is still active, for more it is not.
        (bought(5, 55, 15), Stage.ACTIVE),
        (bought(5, 56, 16), Stage.DORMANT),
        (bought(5, 70, 30), Stage.DORMANT),
        (bought(5, 71, 31), Stage.LOST),
        # Once a year: after ten months nobody is missed.
        (bought(3, 1_030, 300), Stage.ACTIVE),
        # Every day is reckoned as every week.
        (bought(10, 19, 10), Stage.NEW),
        (bought(10, 20, 11), Stage.DORMANT),
    ],
)
def test_the_stage_goes_by_the_customers_own_interval(measures: Measures, stage: Stage) -> None:
    assert stage_of(measures, StageRules()) is stage


def test_the_interval_is_the_mean_between_days_with_a_purchase_half_up() -> None:
    assert bought(5, 56, 16).interval_days == 10
    assert bought(3, 15, 10).interval_days == 3
    assert bought(1, 9, 9).interval_days is None


def test_taste_is_the_share_of_a_category_in_what_was_kept() -> None:
    fruit = Measures(goods_minor=999, tastes={"fruit": 500})
    assert taste_permille(fruit, "fruit") == 500
    assert taste_permille(fruit, "tea") == 0
    assert taste_permille(Measures(), "fruit") is None
