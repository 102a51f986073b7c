"""Honours: awarded once, to people who work there."""

from typing import Any

import pytest

from domain.kernel.errors import AlreadyExists, Erased, InvalidCommand, NotFound
from domain.staff.employee import EraseEmployee
from domain.staff.honour import AwardHonour, HonourAwarded
from tests.support.decisions import given
from tests.support.facts import a_store, an_employee

BEST: dict[str, Any] = {
    "honour_id": "h1",
    "period": "2026-11",
    "title": "best seller",
    "employee_ids": ("e1", "e2"),
    "among": 12,
}
NOBODY: dict[str, Any] = {"employee_ids": ("e9",)}
SHOP = (a_store(), a_store("s2"), an_employee("e1"), an_employee("e2"), an_employee("e3", "s2"))


def test_those_who_are_level_share_an_honour() -> None:
    given(*SHOP).when(AwardHonour(**BEST)).then(("honour-h1", HonourAwarded(**BEST)))


def test_an_honour_is_awarded_once() -> None:
    given(*SHOP).after(AwardHonour(**BEST)).when(AwardHonour(**BEST)).refused(AlreadyExists, kind="honour")


@pytest.mark.parametrize(
    "wrong",
    [
        {"employee_ids": ()},
        {"employee_ids": ("e1", "e1")},
        {"among": 1},
        {"store_id": "s1", "employee_ids": ("e1", "e3")},
    ],
)
def test_honours_that_can_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    given(*SHOP).when(AwardHonour(**{**BEST, **wrong})).refused(InvalidCommand)


def test_nobody_is_distinguished_who_is_not_there() -> None:
    given(*SHOP).when(AwardHonour(**{**BEST, **NOBODY})).refused(NotFound, kind="employee")
    given(*SHOP).when(AwardHonour(**BEST, store_id="s9")).refused(NotFound, kind="store")
    forgotten = given(*SHOP).after(EraseEmployee(employee_id="e1", reason="left"))
    forgotten.when(AwardHonour(**BEST)).refused(Erased)
