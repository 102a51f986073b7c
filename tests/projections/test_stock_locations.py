"""What places cost is shared among what lay there, and that is where the item's own state says it lay."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from domain.inventory.parts import Parts
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.money import Money
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.relocation import Relocate, RelocateLine
from domain.stores.storage_cost import NOBODY, SetStorageCosts
from domain.stores.store import ChangeStore
from projections.stock_ledger.fold import StockLedger
from projections.stock_locations.fold import StockLocations
from projections.stock_locations.queries import Month, storage_of
from tests.support.commands import sell, waste
from tests.support.diary import Diary
from tests.support.facts import a_store, by_piece
from tests.support.journals import connected, run
from tests.support.postgres import Database, Tenant, new_tenant

COLD = "cold room"
Shares = dict[str, dict[str, int]]


def day(number: int, month: int = 4) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


def april(until: datetime | None = None) -> Month:
    return Month(begins_at=day(1), ends_at=day(1, 5), until=until or day(1, 5), position=10_000)


@pytest.fixture(scope="module")
def tenant(database: Database) -> Tenant:
    return new_tenant(database, "test_stock_locations")


def storage(tenant: Tenant, diary: Diary, *months: Month) -> Shares:
    async def read() -> Shares:
        await diary.write(tenant, (StockLedger(), StockLocations()))
        async with connected(tenant) as connection:
            return await storage_of(connection, "s1", months)

    return run(read())


def cost(**month_minor: int) -> SetStorageCosts:
    names = {"floor": "", "cold": COLD}
    return SetStorageCosts(
        store_id="s1",
        costs={names[name]: Money(amount=amount, currency="CNY") for name, amount in month_minor.items()},
    )


def opened() -> Diary:
    diary = Diary()
    diary.note(day(1, 3), a_store("s1", time_zone="UTC"), by_piece("apple"), by_piece("pear"))
    diary.do(day(1, 3), ChangeStore(store_id="s1", locations=(COLD,)))
    return diary


def receipt(sku: str, quantity: int, unit_cost_minor: int, location: str | None = None) -> MoveStock:
    unit_cost = Money(amount=unit_cost_minor, currency="CNY")
    line = MoveLine(sku=sku, quantity=quantity, unit_cost=unit_cost, location=location)
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,), reference=None)


def carried(sku: str, quantity: int, from_location: str = "", to_location: str = "") -> Relocate:
    line = RelocateLine(sku=sku, quantity=quantity, from_location=from_location, to_location=to_location)
    return Relocate(store_id="s1", lines=(line,))


def test_an_april_by_hand(tenant: Tenant) -> None:
    """Apples for 100.00 lie in the cold room for 30 days, pears for 100.00 for 15 of them, then on the floor.

    The cold room costs 90.00: 60.00 for apples and 30.00 for pears. The floor's 50.00 are the pears'.
    """
    diary = opened()
    diary.do(day(2, 3), receipt("apple", 10, 1_000, COLD), receipt("pear", 10, 1_000, COLD))
    diary.do(day(2, 3), cost(cold=9_000, floor=5_000))
    diary.do(day(16), carried("pear", 10, COLD))
    found = storage(tenant, diary, april())
    assert found == {"": {"pear": 5_000}, COLD: {"apple": 6_000, "pear": 3_000}}


def test_what_is_sold_is_taken_from_the_floor_and_then_from_the_cold_room(tenant: Tenant) -> None:
    """Twelve sold of ten on the floor and ten in the cold room leave eight there, also once ten more came."""
    diary = opened()
    diary.do(day(1), receipt("apple", 10, 1_000), receipt("apple", 10, 1_000, COLD), cost(cold=3_000))
    diary.do(day(1), sell(("apple", 12), sale_id="x1"), receipt("apple", 10, 1_000))
    diary.do(day(1), receipt("pear", 8, 1_000, COLD))
    assert storage(tenant, diary, april()) == {COLD: {"apple": 1_500, "pear": 1_500}}


def test_where_nothing_lay_the_cost_is_nobodys(tenant: Tenant) -> None:
    diary = opened()
    diary.do(day(2, 3), receipt("apple", 10, 1_000), cost(cold=9_000))
    assert storage(tenant, diary, april()) == {COLD: {NOBODY: 9_000}}


def test_of_a_month_that_goes_on_the_part_that_is_over_counts(tenant: Tenant) -> None:
    diary = opened()
    diary.do(day(2, 3), receipt("apple", 10, 1_000), cost(floor=9_000))
    assert storage(tenant, diary, april(day(11))) == {"": {"apple": 3_000}}


def test_a_cost_that_is_set_counts_for_its_month_and_changes_none_before(tenant: Tenant) -> None:
    diary = opened()
    diary.do(day(2, 3), receipt("apple", 10, 1_000), cost(floor=9_000))
    diary.do(day(20), cost(floor=6_000))
    diary.do(day(1, 5), cost(cold=1))
    assert storage(tenant, diary, april()) == {"": {"apple": 6_000}}


def test_several_months_cost_what_they_cost_one_by_one(tenant: Tenant) -> None:
    march = Month(begins_at=day(1, 3), ends_at=day(1), until=day(1), position=10_000)
    may = Month(begins_at=day(1, 5), ends_at=day(1, 6), until=day(11, 5), position=10_000)
    june = Month(begins_at=day(1, 6), ends_at=day(1, 7), until=day(1, 6), position=10_000)

    def told() -> Diary:
        diary = opened()
        diary.do(day(3, 3), cost(floor=900, cold=10_000))
        diary.do(day(11, 3), receipt("apple", 7, 100), receipt("pear", 3, 500, COLD))
        diary.do(day(20), cost(cold=7_777), carried("apple", 2, to_location=COLD))
        diary.do(day(3, 5), sell(("pear", 3), sale_id="x1"))
        return diary

    one_by_one: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for month in (march, april(), may, june):
        for location, shares in storage(tenant, told(), month).items():
            for sku, share in shares.items():
                one_by_one[location][sku] += share
    assert storage(tenant, told(), march, april(), may, june) == one_by_one
    assert {name: sum(shares.values()) for name, shares in one_by_one.items()} == {
        "": 900,
        COLD: 10_000 + 7_777 + 2_509,
    }


def test_what_is_sold_below_zero_takes_no_place(tenant: Tenant) -> None:
    diary = opened()
    diary.do(day(2, 3), receipt("pear", 1, 1_000), sell(("apple", 5), sale_id="x1"), cost(floor=900))
    assert storage(tenant, diary, april()) == {"": {"pear": 900}}


def some_command(random: Random, number: int) -> Command:
    sku, quantity = random.choice(("apple", "pear")), random.randint(1, 9)
    location = random.choice((None, COLD))
    return random.choice(
        (
            receipt(sku, quantity, random.randint(1, 500), location),
            sell((sku, quantity), sale_id=f"x{number}"),
            waste(sku, quantity),
            carried(sku, quantity, to_location=COLD),
            carried(sku, quantity, COLD),
        )
    )


@pytest.mark.parametrize("seed", range(5))
def test_goods_lie_where_the_state_of_the_item_has_them(tenant: Tenant, seed: int) -> None:
    """Whatever is received, sold, wasted and carried: the shares are those of a sum over the states."""
    random, diary, month = Random(seed), opened(), april()
    diary.do(day(1, 3), cost(floor=10_000_019, cold=7_000_003))
    weights: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    now = day(28, 3)
    for number in range(60):
        following = now + timedelta(seconds=random.randint(1, 90_000))
        length = min(following, month.until) - max(now, month.begins_at)
        for sku in ("apple", "pear"):
            item = diary.shop.state(STOCK_ITEM, item_id("s1", sku))
            if length > timedelta() and item.on_hand > 0 and item.value_minor > 0:
                cold = (item.parts or Parts()).elsewhere.get(COLD, {}).get("", 0)
                whole = Fraction(item.value_minor * (length // timedelta(seconds=1)), item.on_hand)
                weights[COLD][sku] += whole * cold
                weights[""][sku] += whole * (item.on_hand - cold)
        now = following
        try:
            diary.do(now, some_command(random, number))
        except Refusal:
            continue
    assert now < month.until, "the story ends within the month, and the goods lie on"
    found = storage(tenant, diary, Month(begins_at=day(1), ends_at=day(1, 5), until=now, position=10_000))
    ratio = Fraction((now - day(1)) // timedelta(seconds=1), 30 * 86_400)
    for location, month_minor in (("", 10_000_019), (COLD, 7_000_003)):
        there = weights[location]
        for sku, share in found[location].items():
            part = Fraction(1) if sku == NOBODY else there[sku] / sum(there.values())
            assert abs(share - month_minor * ratio * part) <= 2
