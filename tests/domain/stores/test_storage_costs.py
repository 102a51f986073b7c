"""What places cost is set as a whole, and shared to the last unit."""

from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import Money
from domain.stores.storage_cost import NOBODY, STORAGE, LocationCost, SetStorageCosts, StorageCostsSet, shared
from domain.stores.store import ChangeStore
from tests.support.decisions import given
from tests.support.facts import a_store

STORE = given(a_store("s1")).after(ChangeStore(store_id="s1", locations=("cold room",)))


def costs(currency: str = "CNY", **month_minor: int) -> SetStorageCosts:
    """By location, its spaces underscores and `floor` the sales floor."""
    names = {"floor": ""}
    return SetStorageCosts(
        store_id="s1",
        costs={
            names.get(name, name.replace("_", " ")): Money(amount=amount, currency=currency)
            for name, amount in month_minor.items()
        },
    )


def test_costs_are_set_as_a_whole() -> None:
    after = STORE.after(costs(floor=300, cold_room=80), costs(cold_room=90))
    assert after.state(STORAGE, "s1").costs == (LocationCost(location="cold room", month_minor=90),)


def test_setting_what_is_set_writes_nothing() -> None:
    STORE.after(costs(floor=300)).when(costs(floor=300)).then()


def test_no_costs_end_all() -> None:
    STORE.after(costs(floor=300)).when(costs()).then_events(StorageCostsSet(store_id="s1"))


def test_only_places_of_the_store_cost_something() -> None:
    STORE.when(costs(attic=300)).refused(NotFound)


def test_a_cost_is_in_the_stores_currency() -> None:
    STORE.when(costs("EUR", floor=300)).refused(CurrencyMismatch)


def test_no_place_brings_money() -> None:
    STORE.when(costs(floor=-1)).refused(InvalidCommand)


def test_a_place_is_shared_by_value_and_time() -> None:
    """100.00 over 2,000 and 1,000 is 66.67 and 33.33."""
    assert shared(10_000, {"pear": 1_000, "apple": 2_000}) == {"apple": 6_667, "pear": 3_333}


def test_the_cost_of_an_empty_place_is_nobodys() -> None:
    assert shared(10_000, {"pear": 0}) == {NOBODY: 10_000}


@for_all(st.integers(0, 10**12), st.dictionaries(st.text(min_size=1, max_size=2), st.integers(0, 10**20)))
def test_the_parts_add_up_to_the_cost(cost_minor: int, weights: dict[str, int]) -> None:
    parts = shared(cost_minor, weights)
    assert sum(parts.values()) == cost_minor
    assert all(part > 0 for part in parts.values())
