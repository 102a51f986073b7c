"""What counts found: the worked number, a late sale in a later month, and the ledger's own sums."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from domain.counts.count import CountKind, CountPosted, PostedLine, Tolerance
from domain.inventory.movement import LATE, Place, StockMoved
from domain.inventory.stock_item import STOCK_ITEM
from domain.kernel.event import AnyRecorded
from domain.kernel.lot_share import LotShare
from domain.stockroom.counts import AddToCount, StartCount
from domain.stockroom.counts_posted import PostCount
from domain.stockroom.counts_taken import CountLines, LineToCount
from domain.stores.store import StoreChanged
from projections.count_results.fold import COUNT_VARIANCES, CountResults, CountVariance
from projections.count_results.queries import CountGroup, CountResult, count_results
from projections.report_keys.fold import ReportKeys
from projections.stock_ledger.fold import STOCK_LEDGER, StockEntry, StockLedger
from tests.support.commands import receive, sell
from tests.support.decisions import Fact
from tests.support.diary import Diary
from tests.support.facts import a_store, by_piece
from tests.support.journals import connected, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.read_models import fold_in_memory

COUNTED = datetime(2026, 3, 31, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def tenant(database: Database) -> Tenant:
    return new_tenant(database, "test_count_results")


@pytest.fixture
def diary() -> Diary:
    diary = Diary()
    diary.note(COUNTED, a_store("s1"))
    return diary


def results(
    tenant: Tenant, diary: Diary, group_by: CountGroup, *, sku: str | None = None, limit: int = 100
) -> list[CountResult]:
    async def read() -> list[CountResult]:
        await diary.write(tenant, (CountResults(), ReportKeys()))
        async with connected(tenant) as connection:
            return await count_results(
                connection,
                "s1",
                first=date(2026, 1, 1),
                last=date(2026, 12, 31),
                sku=sku,
                group_by=group_by,
                after=("", ""),
                limit=limit,
            )

    return run(read())


def line(sku: str, counted: int, book: int, cost_minor: int) -> PostedLine:
    return PostedLine(
        sku=sku,
        counted=counted,
        book=book,
        difference=counted - book,
        cost_minor=cost_minor,
        counted_at=COUNTED,
    )


def posted(*lines: PostedLine, count_id: str = "k1") -> list[Fact]:
    """A posted count, and its movements of what differed."""
    count = CountPosted(count_id=count_id, store_id="s1", posted_by="e1", lines=lines, last=True)
    differ = (each for each in lines if each.difference)
    return [
        (f"count-{count_id}", count),
        *(
            difference(each.sku, each.difference, abs(each.cost_minor), "count", f"count-{count_id}")
            for each in differ
        ),
    ]


def difference(
    sku: str, quantity: int, cost_minor: int, reason: str, reference: str | None, *shares: LotShare
) -> Fact:
    """What was found (above zero) or missing of a SKU."""
    ends = (Place.COUNT_DIFFERENCE, Place.SHELF)
    from_, to = ends if quantity > 0 else ends[::-1]
    return f"stock-s1/{sku}", StockMoved(
        store_id="s1",
        sku=sku,
        from_=from_,
        to=to,
        quantity=abs(quantity),
        cost_minor=cost_minor,
        reason=reason,
        reference=reference,
        shares=shares,
    )


def test_two_missing_of_sixty_are_a_shrink_of_their_count(tenant: Tenant, diary: Diary) -> None:
    """Book 100, 40 sold, 58 counted: two missing at 3.00. Three pears were as the book had them."""
    diary.note(COUNTED, *posted(line("apple", 58, 60, -600), line("pear", 3, 3, 0)))
    assert results(tenant, diary, "count") == [CountResult("2026-03", "k1", 2, 600, 0, 0, 0, 0, 2, 1)]
    assert results(tenant, diary, "sku") == [
        CountResult("2026-03", "apple", 2, 600, 0, 0, 0, 0, 1, 0),
        CountResult("2026-03", "pear", 0, 0, 0, 0, 0, 0, 1, 1),
    ]


def test_a_sale_that_is_told_late_is_of_its_count_and_of_the_month_it_is_told_in(
    tenant: Tenant, diary: Diary
) -> None:
    """The two that were missing were sold: in April in the store's time zone, on 31 March still in UTC."""
    diary.note(COUNTED, *posted(line("apple", 58, 60, -600)))
    before = results(tenant, diary, "count")
    told_at = datetime(2026, 3, 31, 16, tzinfo=UTC)
    diary.note(told_at, difference("apple", 2, 600, LATE, "count-k1"))
    assert results(tenant, diary, "count") == [
        *before,
        CountResult("2026-04", "k1", 0, 0, 0, 0, 2, 600, 0, 0),
    ]


def test_a_count_while_the_shop_sells_finds_what_was_missing_then(tenant: Tenant) -> None:
    """Book 100 at 09:00, 40 sold, 58 counted at 10:00, 10 sold, posted at 11:00: two are missing.

    At 12:00 a till tells of two that it had sold at 09:30: nothing was missing after all.
    """

    def at(hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)

    diary = Diary()
    diary.note(at(8), a_store("s1"), by_piece("apple"))
    diary.do(at(8), receive(("apple", 100), unit_cost_minor=300))
    tolerance = Tolerance(pieces=5)
    diary.do(at(9), StartCount(count_id="k1", store_id="s1", kind=CountKind.SPOT, tolerance=tolerance))
    diary.do(at(9), AddToCount(count_id="k1", store_id="s1", skus=("apple",)))
    diary.do(at(9, 15), sell(("apple", 40), sale_id="x1"))
    counted = LineToCount(sku="apple", quantity=58)
    diary.do(at(10), CountLines(count_id="k1", store_id="s1", counted_by="e1", lines=(counted,)))
    diary.do(at(10, 30), sell(("apple", 10), sale_id="x2"))
    diary.do(at(11), PostCount(count_id="k1", store_id="s1", posted_by="e2"))
    assert results(tenant, diary, "count") == [CountResult("2026-03", "k1", 2, 600, 0, 0, 0, 0, 1, 0)]
    diary.do(at(12), sell(("apple", 2), sale_id="x3"), occurred_at=at(9, 30))
    assert results(tenant, diary, "count") == [CountResult("2026-03", "k1", 2, 600, 0, 0, 2, 600, 1, 0)]
    assert diary.shop.state(STOCK_ITEM, "s1/apple").on_hand == 48


def test_a_month_that_is_over_stays_when_the_store_has_another_time_zone(
    tenant: Tenant, diary: Diary
) -> None:
    """Posted on 1 April in Shanghai, when it was still 31 March in UTC."""
    diary.note(datetime(2026, 3, 31, 20, tzinfo=UTC), *posted(line("apple", 58, 60, -600)))
    diary.note(datetime(2026, 4, 2, tzinfo=UTC), ("store-s1", StoreChanged(store_id="s1", time_zone="UTC")))
    assert results(tenant, diary, "store") == [CountResult("2026-04", "", 2, 600, 0, 0, 0, 0, 1, 0)]


def test_what_a_late_receipt_had_too_much_is_below_zero(tenant: Tenant, diary: Diary) -> None:
    diary.note(COUNTED, *posted(line("apple", 62, 60, 600)))
    diary.note(COUNTED, difference("apple", -2, 600, LATE, "count-k1"))
    assert results(tenant, diary, "count") == [CountResult("2026-03", "k1", 0, 0, 2, 600, -2, -600, 1, 0)]


def test_an_adjustment_by_hand_is_of_no_count_and_has_its_cause(tenant: Tenant, diary: Diary) -> None:
    diary.note(COUNTED, *posted(line("pear", 3, 3, 0)))
    diary.note(COUNTED, difference("apple", -4, 1_200, "theft", "count-of-monte-cristo"))
    assert [(row.name, row.shrink_minor) for row in results(tenant, diary, "count")] == [
        ("", 1_200),
        ("k1", 0),
    ]
    assert results(tenant, diary, "cause") == [CountResult("2026-03", "theft", 4, 1_200, 0, 0, 0, 0, 0, 0)]


def test_one_sku_is_told_by_itself(tenant: Tenant, diary: Diary) -> None:
    diary.note(COUNTED, *posted(line("apple", 58, 60, -600), line("pear", 4, 3, 200)))
    (row,) = results(tenant, diary, "store", sku="pear")
    assert (row.shrink_minor, row.surplus_minor, row.lines) == (0, 200, 1)


def test_a_difference_of_several_lots_is_a_row_a_lot(diary: Diary) -> None:
    shares = (LotShare(lot="A", quantity=1, cost_minor=100), LotShare(lot="", quantity=2, cost_minor=250))
    diary.note(COUNTED, difference("apple", -3, 350, "count", "count-k1", *shares))
    rows = fold_in_memory(CountResults(), diary.entries)[COUNT_VARIANCES].values()
    assert [(row.lot, row.shrink, row.shrink_minor) for row in rows] == [("A", 1, 100), (None, 2, 250)]


def test_what_counts_found_is_the_count_difference_of_the_ledger(journal: list[AnyRecorded]) -> None:
    by_counts, by_ledger = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in fold_in_memory(CountResults(), journal)[COUNT_VARIANCES].values():
        assert isinstance(row, CountVariance)
        found = row.surplus_minor - row.shrink_minor + row.late_minor
        by_counts[row.store_id, row.sku] += found
    for entry in fold_in_memory(StockLedger(), journal)[STOCK_LEDGER].values():
        assert isinstance(entry, StockEntry)
        sign = (entry.from_place == "count_difference") - (entry.to_place == "count_difference")
        by_ledger[entry.store_id, entry.sku] += sign * entry.cost_minor
    assert any(by_counts.values())
    assert {key: value for key, value in by_counts.items() if value} == {
        key: value for key, value in by_ledger.items() if value
    }
