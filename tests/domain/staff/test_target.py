"""What is to be reached is set in versions, and stays when its days are over."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from domain.staff.target import (
    MAX_GOAL,
    EndTarget,
    Measure,
    SetTarget,
    Target,
    TargetEnded,
    TargetOver,
    TargetSet,
)
from tests.support.decisions import Fact, at, given
from tests.support.facts import a_store, an_employee

STREAM = "target-november"
NOVEMBER = Target(
    first=date(2026, 11, 1),
    last=date(2026, 11, 30),
    measure=Measure.MONEY,
    goal=100_000,
    currency="CNY",
    store_id="s1",
)


def set_(goal: int = 100_000) -> Fact:
    return STREAM, TargetSet(target_id="november", target=msgspec.structs.replace(NOVEMBER, goal=goal))


def command(target: Target = NOVEMBER, *, expected_version: int | None = None) -> SetTarget:
    return SetTarget(target_id="november", target=target, expected_version=expected_version)


def day(number: int, month: int = 11) -> Moment:
    return at(datetime(2026, month, number, 12, tzinfo=UTC))


def test_a_store_gets_a_target() -> None:
    given(a_store()).when(command()).then(set_())


def test_the_goal_changes_by_a_version() -> None:
    higher = msgspec.structs.replace(NOVEMBER, goal=120_000)
    given(a_store(), set_()).when(command(higher, expected_version=1), day(12)).then(set_(120_000))


def test_the_same_target_again_changes_nothing() -> None:
    given(a_store(), set_()).when(command(), day(12)).then()


def test_a_goal_that_somebody_else_changed_is_not_overwritten() -> None:
    given(a_store(), set_(), set_(90_000)).when(command(expected_version=1)).refused(VersionConflict)


def test_what_a_target_is_about_stays() -> None:
    units = Target(first=NOVEMBER.first, last=NOVEMBER.last, measure=Measure.UNITS, goal=5, store_id="s1")
    given(a_store(), set_()).when(command(units)).refused(InvalidCommand)


def test_a_goal_may_still_change_on_the_day_after_the_last() -> None:
    """It is the last day somewhere."""
    given(a_store(), set_()).when(command(msgspec.structs.replace(NOVEMBER, goal=1)), day(1, 12)).then(
        set_(1)
    )


def test_a_target_stays_as_it_is_when_its_days_are_over() -> None:
    easier = command(msgspec.structs.replace(NOVEMBER, goal=1))
    given(a_store(), set_()).when(easier, day(2, 12)).refused(TargetOver, last="2026-11-30")


def test_what_should_have_been_reached_may_be_told_later() -> None:
    given(a_store()).when(command(), day(2, 12)).then(set_())


def test_a_target_without_an_end_in_sight_changes_like_any_other() -> None:
    endless = msgspec.structs.replace(NOVEMBER, last=date.max)
    higher = msgspec.structs.replace(endless, goal=120_000)
    shop = given(a_store()).after(command(endless))
    shop.when(command(higher), day(12)).then((STREAM, TargetSet(target_id="november", target=higher)))


def test_a_target_ends_once() -> None:
    end, ended = EndTarget(target_id="november"), (STREAM, TargetEnded(target_id="november"))
    given(a_store(), set_()).when(end, day(5)).then(ended)
    given(a_store(), set_(), ended).when(end, day(5)).then()
    given(a_store(), set_(), ended).when(command(), day(5)).refused(TargetOver)


def test_a_target_that_is_over_does_not_end() -> None:
    given(a_store(), set_()).when(EndTarget(target_id="november"), day(5, 12)).refused(TargetOver)


def test_nothing_ends_that_was_not_set() -> None:
    given().when(EndTarget(target_id="november")).refused(NotFound)


def test_a_target_of_an_unknown_store_or_employee_or_product_is_refused() -> None:
    given().when(command()).refused(NotFound, kind="store")
    for field in ("employee_id", "sku"):
        about = msgspec.structs.replace(NOVEMBER, **{field: "x9"})
        given(a_store(), an_employee()).when(command(about)).refused(NotFound, id="x9")


@pytest.mark.parametrize(
    "wrong",
    [
        {"goal": 0},
        {"goal": MAX_GOAL + 1},
        {"first": date(2026, 12, 1)},
        {"currency": None},
        {"measure": Measure.UNITS},
        {"measure": Measure.COUNT, "currency": None, "category": "fruit"},
    ],
    ids=str,
)
def test_a_target_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    given(a_store()).when(command(msgspec.structs.replace(NOVEMBER, **wrong))).refused(InvalidCommand)
