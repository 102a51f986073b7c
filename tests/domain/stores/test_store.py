"""Opening and changing stores."""

import pytest

from domain.kernel.command import Done
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound, VersionConflict
from domain.stores.store import STORE, ChangeStore, OpenStore, Store, StoreChanged, StoreOpened
from tests.support.decisions import Shop, given
from tests.support.facts import a_store


def open_store(time_zone: str = "Asia/Shanghai", day_starts_at_min: int = 0) -> OpenStore:
    return OpenStore(
        store_id="s1",
        name="Main Street",
        currency="CNY",
        time_zone=time_zone,
        day_starts_at_min=day_starts_at_min,
        prices_include_tax=False,
    )


def test_a_store_opens_as_described() -> None:
    given().when(open_store(day_starts_at_min=1439)).then(
        (
            "store-s1",
            StoreOpened(
                store_id="s1",
                name="Main Street",
                currency="CNY",
                time_zone="Asia/Shanghai",
                day_starts_at_min=1439,
                prices_include_tax=False,
            ),
        )
    )


def test_the_answer_names_the_store() -> None:
    assert given().when(open_store()).answer == Done(id="s1")


def test_a_store_opens_once() -> None:
    given().after(open_store()).when(open_store()).refused(AlreadyExists, kind="store", id="s1")


def test_a_time_zone_that_nobody_knows_is_refused() -> None:
    given().when(open_store(time_zone="Mars/Olympus")).refused(InvalidCommand, time_zone="Mars/Olympus")


@pytest.mark.parametrize("minute", [-1, 1440])
def test_a_day_starts_within_the_day(minute: int) -> None:
    given().when(open_store(day_starts_at_min=minute)).refused(InvalidCommand, day_starts_at_min=minute)


def test_only_what_is_given_is_changed() -> None:
    given(a_store()).when(ChangeStore(store_id="s1", day_starts_at_min=240)).then(
        ("store-s1", StoreChanged(store_id="s1", day_starts_at_min=240))
    )


def test_what_is_not_given_stays() -> None:
    shop = Shop(a_store(), ("store-s1", StoreChanged(store_id="s1", name="Side Street")))
    assert shop.state(STORE, "s1") == Store(
        store_id="s1", name="Side Street", currency="CNY", time_zone="Asia/Shanghai"
    )


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    given(a_store()).when(ChangeStore(store_id="s1", name="Main Street", day_starts_at_min=0)).then()


def test_the_same_change_again_writes_nothing() -> None:
    change = ChangeStore(store_id="s1", time_zone="Europe/Berlin")
    given(a_store()).after(change).when(change).then()


def test_a_store_that_does_not_exist_cannot_be_changed() -> None:
    given().when(ChangeStore(store_id="s1", name="x")).refused(NotFound, kind="store", id="s1")


def test_a_change_decided_on_an_older_version_is_refused() -> None:
    given(a_store(), ("store-s1", StoreChanged(store_id="s1", name="Side Street"))).when(
        ChangeStore(store_id="s1", name="x", expected_version=1)
    ).refused(VersionConflict, expected=1, actual=2)


def test_a_change_decided_on_the_present_version_is_made() -> None:
    given(a_store()).when(ChangeStore(store_id="s1", name="x", expected_version=1)).then_events(
        StoreChanged(store_id="s1", name="x")
    )


def test_a_store_cannot_move_to_a_time_zone_that_nobody_knows() -> None:
    given(a_store()).when(ChangeStore(store_id="s1", time_zone="CST?")).refused(
        InvalidCommand, time_zone="CST?"
    )


@pytest.mark.parametrize("minute", [-1, 1440])
def test_a_changed_day_starts_within_the_day(minute: int) -> None:
    given(a_store()).when(ChangeStore(store_id="s1", day_starts_at_min=minute)).refused(
        InvalidCommand, day_starts_at_min=minute
    )
