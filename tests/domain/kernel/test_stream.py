"""States: what a decision may look at and what it may insist on."""

import pytest

from domain.kernel.errors import AlreadyExists, NotFound, VersionConflict
from domain.kernel.stream import States, Versioned
from domain.stores.store import STORE, Store

OPENED = Store(store_id="s1", name="Main Street")
STATES = States({"store-s1": Versioned(OPENED, 3), "store-s2": Versioned(STORE.initial, 0)})


def test_the_state_of_a_stream_that_nothing_happened_in_is_the_first_one() -> None:
    assert STATES.of(STORE, "s2") == Store()


def test_what_exists_can_be_required() -> None:
    assert STATES.require(STORE, "s1") == OPENED


def test_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound) as refusal:
        STATES.require(STORE, "s2")
    assert refusal.value.facts == {"kind": "store", "id": "s2"}


def test_what_exists_cannot_be_required_absent() -> None:
    with pytest.raises(AlreadyExists) as refusal:
        STATES.require_absent("store-s1")
    assert refusal.value.facts == {"kind": "store", "id": "s1"}


def test_what_does_not_exist_is_absent() -> None:
    STATES.require_absent("store-s2")


def test_another_version_than_the_expected_is_a_conflict() -> None:
    with pytest.raises(VersionConflict) as refusal:
        STATES.require_version("store-s1", 2)
    assert refusal.value.facts == {"expected": 2, "actual": 3}


@pytest.mark.parametrize("expected", [3, None])
def test_the_present_version_or_none_at_all_is_no_conflict(expected: int | None) -> None:
    STATES.require_version("store-s1", expected)


def test_a_stream_that_was_not_declared_cannot_be_looked_at() -> None:
    assert "store-s3" not in STATES
    with pytest.raises(KeyError):
        STATES.of(STORE, "s3")
