"""Turnover, days of stock and GMROI: printed examples, and what they say where there is little to say."""

from domain.inventory.turnover import DAY_US, Turned, together

YEAR_US = 365 * DAY_US


def a_year(*, stock: int, **sums: int) -> Turned:
    """A year with the same stock all the time."""
    return Turned(length_us=YEAR_US, stock_us=stock * YEAR_US, **sums)


def test_gmroi_is_what_is_printed() -> None:
    """Sales 500,000, cost 260,000, average of thirteen looks at the stock 100,000: 48 % × 5 = 2.4.

    (The example of scribd.com/document/67179751/GMROI.)
    """
    year = a_year(stock=100_000, net_minor=500_000, cost_minor=260_000)
    assert (year.margin_minor, year.gmroi_milli) == (240_000, 2_400)


def test_days_of_stock_are_those_of_a_year_by_its_turnover() -> None:
    """600,000 sold of 120,000: 5 times, and 365 / 5 = 73 days."""
    year = a_year(stock=120_000, cost_minor=600_000)
    assert (year.turnover_milli, year.days_milli) == (5_000, 73_000)


def test_a_month_of_thirty_days_by_hand() -> None:
    """1,000.00 for ten days and 400.00 for twenty are 600.00 on average; 900.00 of it sold in 30 days.

    900 / 600 = 1.5 times, 600 / (900 / 30) = 20 days; sold for 1,200.00, freight of 60.00 came late:
    (1200 − 900 − 60) / 600 = 0.4.
    """
    stock_us = 100_000 * 10 * DAY_US + 40_000 * 20 * DAY_US
    month = Turned(
        length_us=30 * DAY_US, stock_us=stock_us, cost_minor=90_000, net_minor=120_000, variance_minor=6_000
    )
    assert month.average_minor == 60_000
    assert (month.turnover_milli, month.days_milli, month.gmroi_milli) == (1_500, 20_000, 400)


def test_figures_are_rounded_once_half_away_from_zero() -> None:
    """1 / 3 and 2 / 3 of the stock, sold with a loss of as much: 0.333, and −0.667."""
    year = a_year(stock=3, cost_minor=1, net_minor=-1)
    assert (year.turnover_milli, year.gmroi_milli) == (333, -667)


def test_without_stock_nothing_is_said_of_it() -> None:
    for stock in (0, -5):
        year = a_year(stock=stock, cost_minor=100, net_minor=200)
        assert (year.turnover_milli, year.gmroi_milli) == (None, None)


def test_what_is_not_sold_lasts_for_no_known_time() -> None:
    assert a_year(stock=100).days_milli is None


def test_the_figures_of_several_are_those_of_their_sums() -> None:
    """100 turned over once and 300 three times: 1,000 of 400, which is neither 2 nor the mean of 1 and 3."""
    both = together(YEAR_US, [a_year(stock=100, cost_minor=100), a_year(stock=300, cost_minor=900)])
    assert both.turnover_milli == 2_500
