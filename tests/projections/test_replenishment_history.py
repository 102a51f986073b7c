"""An item's days say how much of each the shelf saw, as far back as anybody remembers."""

from datetime import UTC, datetime, timedelta

from domain.replenishment.shelf_time import Trade
from projections.item_demand.fold import OUTAGES_KEPT
from projections.replenishment.history import DAYS, Clock, History, Times, history_of

NOW = datetime(2026, 3, 21, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=300)
LAST = NOW.date() - timedelta(days=1)
DAY_BY_DAY = [LAST - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def seen(outages: dict[str, int]) -> History:
    found = history_of(DAY_BY_DAY, ([], []), Times(LONG_AGO, None, outages), Trade(), Clock("UTC", 0), NOW)
    assert found is not None
    return found


def twice_a_day(times: int) -> dict[str, int]:
    """The last outages, of six hours each."""
    last = datetime.combine(LAST, datetime.min.time(), UTC) + timedelta(hours=18)
    return {(last - timedelta(hours=12 * number)).isoformat(): 360 for number in range(times)}


def test_a_day_counts_for_the_part_that_the_shelf_was_not_empty() -> None:
    found = seen(twice_a_day(2))

    assert (found.begun, len(found.sold)) == (0, DAYS)
    assert found.exposure is not None
    assert list(found.exposure[-2:]) == [1.0, 0.5]


def test_days_of_which_the_outages_were_forgotten_are_no_days_in_stock() -> None:
    """Sixty outages are thirty days; what was before them nobody can tell."""
    found = seen(twice_a_day(OUTAGES_KEPT))

    assert (found.begun, len(found.sold)) == (DAYS - 30, 30)
    assert found.exposure is not None
    assert set(found.exposure) == {0.5}


def test_as_long_as_all_outages_are_remembered_all_days_count() -> None:
    assert seen(twice_a_day(OUTAGES_KEPT - 1)).begun == 0
