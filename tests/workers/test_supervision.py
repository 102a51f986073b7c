"""What ends now and then is started again; what ends again and again closes the shop."""

import itertools

import pytest

from workers.supervision import ENDINGS, ENDINGS_WITHIN_S, Endings, PartEnded


def test_the_first_new_start_is_at_once_and_each_further_one_waits_longer() -> None:
    endings = Endings(lambda: 0.0)

    pauses = [endings.count("api", "with status 1") for _ in range(ENDINGS - 1)]

    assert pauses[0] == 0
    assert all(longer > shorter for shorter, longer in itertools.pairwise(pauses))
    assert sum(pauses) < ENDINGS_WITHIN_S, "else the limit would never be met"


def test_a_part_that_ends_again_and_again_is_given_up() -> None:
    endings = Endings(lambda: 0.0)
    for _ in range(ENDINGS - 1):
        endings.count("api", "with status 1")

    with pytest.raises(PartEnded, match=r"^api ended 5 times within 60 s, the last time with status 7$"):
        endings.count("api", "with status 7")


def test_each_part_is_counted_for_itself() -> None:
    endings = Endings(lambda: 0.0)
    for _ in range(ENDINGS - 1):
        endings.count("api", "with status 1")

    assert endings.count("jobs", "with status 1") == 0


def test_endings_of_long_ago_count_no_more() -> None:
    now = [0.0]
    endings = Endings(lambda: now[0])
    for _ in range(20 * ENDINGS):
        assert endings.count("api", "with status 1") == 0
        now[0] += ENDINGS_WITHIN_S
