"""The formulas give what was printed, to the last digit that was printed. Each test names its source."""

import pytest

from domain.replenishment.formulas import (
    critical_ratio,
    deviation_over,
    economic_order_quantity,
    newsvendor_discrete,
    newsvendor_normal,
    poisson,
    reorder_point,
    z_of,
)


def test_the_economic_order_quantity_of_a_shop_for_candy_bars() -> None:
    """Snyder & Shen, Fundamentals of Supply Chain Theory, 2nd ed. (Wiley 2019), example 3.1; its digits from
    the documentation of stockpyl (pypi.org/project/stockpyl)."""
    assert economic_order_quantity(1_300, 8, 0.225) == pytest.approx(304.0467800264368, abs=1e-12)


def test_the_newsvendors_newspapers() -> None:
    """Snyder & Shen, example 4.3; its digits from the documentation of stockpyl."""
    ratio = critical_ratio(0.70, 0.18)

    assert newsvendor_normal(50, 8, ratio) == pytest.approx(56.60395592743389, abs=1e-9)


def test_a_newsvendor_who_pays_nine_times_as_much_for_a_lost_sale() -> None:
    """stockpyl, "Some Examples" (pypi.org/project/stockpyl): h = 2, p = 18, N(120, 10²)."""
    ratio = critical_ratio(18, 2)

    assert newsvendor_normal(120, 10, ratio) == pytest.approx(132.815515655446, abs=1e-9)


def test_a_newsvendor_who_buys_less_than_the_mean_for_a_margin_below_the_loss() -> None:
    """qammunity.org/6843903: cost 140, profit 60, salvage 30, N(80, 30²): ratio 0.35, z −0.3853. (The answer
    there adds its z where it has to be taken off: 80 − 0.3853 · 30 = 68.4.)"""
    ratio = critical_ratio(60, 110)

    assert round(ratio, 2) == 0.35
    assert z_of(0.35) == pytest.approx(-0.3853, abs=5e-5)
    assert round(newsvendor_normal(80, 30, 0.35), 1) == 68.4


def test_the_newsvendor_of_goods_that_are_asked_for_one_by_one() -> None:
    """Snyder & Shen, example 4.7: Poisson demand of 6, h = 1, p = 4: S* = 8."""
    assert newsvendor_discrete(poisson(6), critical_ratio(4, 1)) == 8


def test_the_newsvendor_of_fifty_newspapers_one_by_one() -> None:
    """stockpyl, newsvendor_poisson (stockpyl.readthedocs.io, newsvendor): h = 0.18, p = 0.70, mean 50: 56."""
    assert newsvendor_discrete(poisson(50), critical_ratio(0.70, 0.18)) == 56


def test_the_reorder_point_of_sand_whose_demand_over_the_lead_time_is_known() -> None:
    """Stevenson, Operations Management, 14th ed. (McGraw-Hill 2021), p. 528, example 8."""
    z = z_of(0.97)

    assert round(z, 2) == 1.88
    assert round(1.88 * deviation_over(1, 5), 2) == 9.40
    assert round(reorder_point(50, 5, 1, 1.88), 2) == 59.40


def test_the_reorder_point_of_a_carpet() -> None:
    """Taylor, Introduction to Management Science, ch. 16, "Reorder Point with Variable Demand", I-75 Carpet
    Discount Store (flylib.com/books/en/3.287.1.225/1): 30 yards a day, σ 5, 10 days, 95 %: 26.1 in safety."""
    assert round(1.65 * deviation_over(10, 5), 1) == 26.1
    assert round(reorder_point(30, 5, 10, 1.65), 1) == 326.1


def test_the_reorder_point_where_the_lead_time_alone_varies() -> None:
    """Stevenson, 14th ed., p. 543: 600 bottles of water a day, 6 days with σ 2, 90 %: 5,136 bottles."""
    assert round(z_of(0.90), 2) == 1.28
    assert round(reorder_point(600, 0, 6, 1.28, lead_time_deviation=2)) == 5_136


def test_the_reorder_point_where_demand_and_lead_time_vary() -> None:
    """Stevenson, 14th ed., p. 543: 25 glasses a day with σ 3, 10 days with σ 2, 95 %: 334 glasses."""
    assert round(reorder_point(25, 3, 10, 1.65, lead_time_deviation=2)) == 334


def test_what_to_order_up_to_where_orders_go_out_every_thirty_days() -> None:
    """Stevenson, 14th ed., p. 543, "Fixed-order-interval": 15.2 ml a day with σ 1.6, a lead time of 5 days,
    11 jars of 25 ml on hand, 95 %: as many jars again."""
    up_to_ml = reorder_point(15.2, 1.6, 30 + 5, 1.65)

    assert round((up_to_ml - 11 * 25) / 25) == 11


def test_the_worked_number_of_the_reorder_rule() -> None:
    """Domain rule "Reorder": 12 a day, σ 4, L 2, R 1, z 1.645 -> 47.4."""
    assert round(reorder_point(12, 4, 2 + 1, 1.645), 1) == 47.4


@pytest.mark.parametrize(("service_level", "z"), [(0.90, 1.28), (0.95, 1.645), (0.975, 1.96), (0.99, 2.326)])
def test_a_service_level_has_its_deviations_above_the_mean(service_level: float, z: float) -> None:
    """The standard normal table."""
    assert z_of(service_level) == pytest.approx(z, abs=2e-3)
