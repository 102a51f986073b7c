"""What is measured of customers in one statement is what counting the journal event by event comes to."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import pytest

from domain.customers.customer import CustomerErased, CustomerRegistered, SegmentEntered, SegmentLeft
from domain.customers.measures import Measures
from domain.kernel.event import AnyRecorded
from domain.loyalty.tiers import TierChanged
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from projections.customer_days.fold import CUSTOMER_DAYS, CUSTOMERS_SINCE, CustomerDays
from projections.customer_days.queries import Asked, Measured, measured
from projections.segments.fold import SEGMENT_COUNTS, SEGMENT_MEMBERS, SEGMENTS
from tests.support.decisions import given
from tests.support.facts import a_customer, a_store, by_piece, cash, check_out
from tests.support.journals import connected, facts, run
from tests.support.postgres import Tenant
from tests.support.read_models import entry_of, fold_in_memory, forget, project, rows_of
from tests.support.shop_merges import RECORD, SURVIVOR

SEGMENT = "first-guests"


@pytest.fixture(scope="module")
def told(shop: Tenant) -> Tenant:
    """The story's tenant with its read models made."""
    forget(shop)
    run(project(shop))
    return shop


def ask(shop: Tenant, asked: Asked) -> dict[str, Measured]:
    async def read() -> dict[str, Measured]:
        async with connected(shop) as connection:
            return {one.customer_id: one async for page in measured(connection, asked) for one in page}

    return run(read())


def counted(journal: list[AnyRecorded], ids: Sequence[str], asked: Asked) -> Measures:
    """The same of a customer's records, event by event; the first one speaks for them."""
    days: set[date] = set()
    within: Counter[str] = Counter()
    bought_on: set[date] = set()
    tier: str | None = None
    for entry in journal:
        event = entry.data
        if getattr(event, "customer_id", None) not in ids:
            continue
        if (
            isinstance(event, TierChanged)
            and event.customer_id == ids[0]
            and entry.recorded_at.date() <= asked.as_of
        ):
            tier = event.tier
        if not isinstance(event, SaleCompleted | ReturnRecorded) or event.business_day > asked.as_of:
            continue
        bought = isinstance(event, SaleCompleted)
        if bought:
            days.add(event.business_day)
        if asked.window_days is not None and (asked.as_of - event.business_day).days >= asked.window_days:
            continue
        within["purchases" if bought else "returns"] += 1
        if bought:
            bought_on.add(event.business_day)
        if event.currency == asked.currency:
            sign = 1 if bought else -1
            within["spend"] += sign * event.total_minor
            within["goods"] += sign * sum(line.net_minor for line in event.lines)
            within["fruit"] += sign * sum(line.net_minor for line in event.lines if line.category == "fruit")
    return Measures(
        days=len(days),
        days_since_first=(asked.as_of - min(days)).days if days else None,
        days_since_last=(asked.as_of - max(days)).days if days else None,
        purchases=within["purchases"],
        purchase_days=len(bought_on),
        returns=within["returns"],
        spend_minor=within["spend"],
        goods_minor=within["goods"],
        tastes={"fruit": within["fruit"]} if within["fruit"] else {},
        tier=tier,
    )


def kept(measures: Measures) -> Measures:
    """Of a category that all came back nothing is told, or 0."""
    return msgspec.structs.replace(measures, tastes={key: net for key, net in measures.tastes.items() if net})


@pytest.mark.parametrize("window_days", [None, 5])
@pytest.mark.parametrize("back_days", [0, 1, 7, 14])
def test_the_measures_as_of_a_day_are_what_the_journal_says(
    told: Tenant, journal: list[AnyRecorded], back_days: int, window_days: int | None
) -> None:
    last = max(event.business_day for event in facts(journal, SaleCompleted))
    asked = Asked(last - timedelta(days=back_days), "CNY", window_days, categories=("fruit",))

    found = ask(told, asked)

    assert {id_: kept(one.measures) for id_, one in found.items()} == {
        id_: counted(journal, [id_], asked) for id_ in found
    }
    gone = {event.customer_id for event in facts(journal, CustomerErased)}
    bought = {
        event.customer_id
        for event in facts(journal, SaleCompleted)
        if event.customer_id is not None and event.business_day <= asked.as_of
    }
    assert found.keys() >= bought - gone
    assert found.keys() <= {event.customer_id for event in facts(journal, CustomerRegistered)}


def test_records_of_a_person_are_measured_as_one(told: Tenant, journal: list[AnyRecorded]) -> None:
    asked = Asked(date(2100, 1, 1), "CNY", categories=("fruit",))
    found = ask(told, asked)
    persons = {id_: [id_] for id_, one in found.items() if one.speaks and id_ != SURVIVOR}
    persons[SURVIVOR] = [SURVIVOR, RECORD]
    assert found.keys() - persons.keys() == {RECORD}
    assert {id_: kept(found[id_].measures) for id_ in persons} == {
        id_: counted(journal, ids, asked) for id_, ids in persons.items()
    }
    assert found[RECORD].measures == Measures()
    one, other = (
        {event.business_day for event in facts(journal, SaleCompleted) if event.customer_id == id_}
        for id_ in persons[SURVIVOR]
    )
    assert one & other, "a day on which both bought is one"


def test_before_the_day_of_a_merge_records_are_measured_alone(told: Tenant) -> None:
    before = min(row.merged_on for row in rows_of(told, CUSTOMERS_SINCE) if row.merged_on is not None)
    found = ask(told, Asked(before - timedelta(days=1)))
    assert all(one.speaks for one in found.values())
    assert found[RECORD].measures.purchases > 0


def test_without_a_currency_no_money_is_counted(told: Tenant) -> None:
    found = ask(told, Asked(date(2100, 1, 1)))
    assert {one.measures.spend_minor for one in found.values()} == {0}
    assert any(one.measures.purchases for one in found.values())


def test_one_customer_alone_is_measured_as_among_all(told: Tenant) -> None:
    asked = Asked(date(2100, 1, 1), "CNY")
    everybody = ask(told, asked)
    assert ask(told, asked._replace(only="c1")) == {"c1": everybody["c1"]}


def test_the_members_so_far_are_told(told: Tenant, journal: list[AnyRecorded]) -> None:
    left = {event.customer_id for event in facts(journal, SegmentLeft)}
    members = {event.customer_id for event in facts(journal, SegmentEntered)} - left

    found = ask(told, Asked(date(2100, 1, 1), segments=(SEGMENT,)))

    assert {id_ for id_, one in found.items() if SEGMENT in one.segments} == members
    assert members


def test_counts_of_segments_are_their_events(told: Tenant) -> None:
    first = {row.segment_id: row for row in rows_of(told, SEGMENTS)}[SEGMENT]
    assert (first.version, first.evaluated_as_of, first.members) == (1, date(2026, 1, 1), 1)
    count = {row.segment_id: row for row in rows_of(told, SEGMENT_COUNTS)}[SEGMENT]
    assert (count.entered, count.departed, count.members) == (2, 1, 1)
    present = [row.departed_as_of is None for row in rows_of(told, SEGMENT_MEMBERS)]
    assert sorted(present) == [False, True]


def test_a_sale_that_was_corrected_was_no_purchase() -> None:
    shop = given(a_store(), by_piece(), a_customer())
    sale = shop.when(check_out(("apple", 2), customer_id="c1", tenders=(cash(10_000),))).only(SaleCompleted)
    undone = ReturnRecorded(
        return_id="r1",
        sale_id=sale.sale_id,
        store_id="s1",
        register_id="t1",
        receipt_number=2,
        currency="CNY",
        business_day=sale.business_day,
        utc_offset_min=480,
        customer_id="c1",
        lines=(),
        refunds=(),
        total_minor=sale.total_minor,
        correction=True,
    )

    rows = fold_in_memory(CustomerDays(), map(entry_of, (sale, undone)))

    (day,) = rows[CUSTOMER_DAYS].values()
    assert (day.purchases, day.returns, day.spend_minor) == (0, 0, {"CNY": 0})
