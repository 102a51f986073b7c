"""What a year tells of a store's items: what they issued, what was missing, which lots expire."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.counts.classes import ItemFacts
from domain.inventory.counted import CountClosed, CountedPart, CountOpened
from domain.kernel.money import Money
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from projections.counts_due.fold import CountsDue
from projections.counts_due.queries import facts_of
from projections.expiry_board.fold import ExpiryBoard
from projections.stock_ledger.fold import StockLedger
from projections.stock_levels.fold import StockLevels
from tests.support.commands import adjust, receive, sell
from tests.support.decisions import Fact
from tests.support.diary import Diary
from tests.support.facts import a_store, by_piece, take_back
from tests.support.journals import connected, run
from tests.support.postgres import Database, Tenant, new_tenant

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LAST_YEAR = NOW - timedelta(days=366)


@pytest.fixture(scope="module")
def tenant(database: Database) -> Tenant:
    return new_tenant(database, "test_counts_due")


@pytest.fixture
def diary() -> Diary:
    """A store in UTC whose day starts at 04:00, with ten apples at 6.00."""
    diary = Diary()
    store = a_store("s1", time_zone="UTC", day_starts_at_min=240)
    diary.note(LAST_YEAR, store, by_piece("apple"), by_piece("pear"))
    diary.do(LAST_YEAR, receive(("apple", 10)))
    return diary


def facts(tenant: Tenant, diary: Diary) -> dict[str, ItemFacts]:
    async def read() -> list[ItemFacts]:
        await diary.write(tenant, (StockLevels(), StockLedger(), CountsDue(), ExpiryBoard()))
        async with connected(tenant) as connection:
            return await facts_of(connection, "s1", "UTC", 240, NOW)

    return {item.sku: item for item in run(read())}


def opened(count: str) -> Fact:
    return "stock-s1/apple", CountOpened(store_id="s1", sku="apple", count=count)


def closed(count: str, *counted_at: datetime) -> Fact:
    counted = tuple(CountedPart(counted_at=instant) for instant in counted_at)
    return "stock-s1/apple", CountClosed(store_id="s1", sku="apple", count=count, counted=counted)


def lot(sku: str, name: str, sell_by: date | None) -> MoveStock:
    cost = Money(amount=100, currency="CNY")
    line = MoveLine(sku=sku, quantity=5, unit_cost=cost, lot=name, sell_by=sell_by)
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,), reference=None)


def test_issues_are_a_years_sales_less_what_came_back(tenant: Tenant, diary: Diary) -> None:
    """Three sold long ago, and four of which one came back: three at 6.00."""
    diary.do(LAST_YEAR, sell(("apple", 3), sale_id="old"))
    diary.do(NOW - timedelta(days=9), sell(("apple", 4), sale_id="x1"), take_back((1, 1)))
    assert facts(tenant, diary) == {"apple": ItemFacts(sku="apple", on_hand=4, issued_minor=1_800)}


def test_what_counts_missed_is_told_less_what_they_found(tenant: Tenant, diary: Diary) -> None:
    diary.do(NOW - timedelta(days=9), adjust("apple", -3), adjust("apple", 1))
    assert facts(tenant, diary)["apple"].missing_minor == 1_200


def test_a_lot_past_its_sell_by_makes_an_item_expired_while_something_is_left(
    tenant: Tenant, diary: Diary
) -> None:
    diary.do(
        NOW - timedelta(days=9), lot("apple", "A", date(2026, 5, 31)), lot("pear", "B", date(2026, 6, 1))
    )
    found = facts(tenant, diary)
    assert (found["apple"].perishable, found["apple"].expired) == (True, True)
    assert (found["pear"].perishable, found["pear"].expired) == (True, False)
    gone = MoveLine(sku="apple", quantity=5, lot="A", reason="expired")
    diary.do(NOW, MoveStock(store_id="s1", kind=MoveKind.WASTE, lines=(gone,), reference=None))
    assert not facts(tenant, diary)["apple"].expired


def test_lots_that_keep_are_not_perishable(tenant: Tenant, diary: Diary) -> None:
    diary.do(NOW - timedelta(days=9), lot("apple", "A", None))
    assert not facts(tenant, diary)["apple"].perishable


def test_an_item_is_in_a_count_until_that_is_closed(tenant: Tenant, diary: Diary) -> None:
    diary.note(NOW, opened("k1"))
    assert facts(tenant, diary)["apple"].counting
    diary.note(NOW, closed("k1"))
    apple = facts(tenant, diary)["apple"]
    assert (apple.counting, apple.counted_on) == (False, None)


def test_an_item_is_in_one_count_while_another_of_it_is_called_off(tenant: Tenant, diary: Diary) -> None:
    diary.note(NOW, opened("k1"), opened("k2"), closed("k2"))
    assert facts(tenant, diary)["apple"].counting
    diary.note(NOW, closed("k1"))
    assert not facts(tenant, diary)["apple"].counting


def test_an_item_was_counted_on_the_business_day_of_its_last_count(tenant: Tenant, diary: Diary) -> None:
    night = datetime(2026, 5, 2, 3, tzinfo=UTC)
    diary.note(NOW, opened("k1"), closed("k1", night, night - timedelta(days=2)))
    assert facts(tenant, diary)["apple"].counted_on == date(2026, 5, 1)


def test_what_is_gone_for_a_year_is_not_looked_for(tenant: Tenant, diary: Diary) -> None:
    diary.do(LAST_YEAR, sell(("apple", 10), sale_id="x1"))
    assert facts(tenant, diary) == {}


def test_what_is_below_zero_is_looked_for_however_old(tenant: Tenant, diary: Diary) -> None:
    diary.do(LAST_YEAR, sell(("apple", 12), sale_id="x1"))
    assert facts(tenant, diary)["apple"].on_hand == -2
