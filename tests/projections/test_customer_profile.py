"""A customer's page says what a count over the sales and returns themselves says."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.event import AnyRecorded
from domain.kernel.quantity import Unit
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import SaleCompleted, SaleLine, TaxPolicy
from projections.customer_profile.fold import (
    CATEGORY_PRICES,
    CUSTOMER_PROFILE,
    CUSTOMER_PURCHASES,
    CategoryPrice,
    CustomerProfile,
    CustomerProfiles,
)
from projections.customer_profile.page import (
    LOOKED_AT,
    Preference,
    price_levels,
    rhythm_of,
    times_of_day,
)
from projections.customer_profile.person import profile_of_person
from projections.customer_profile.queries import Purchase, household_of, prices_of, purchases_of
from tests.support.journals import connected, facts, run
from tests.support.postgres import Tenant
from tests.support.read_models import entry_of, fold_in_memory, forget, project
from tests.support.shop_day import CUSTOMERS
from tests.support.shop_people import FORGOTTEN, HOUSEHOLD

GOODS = {"apple": "fruit", "pear": "fruit", "juice": "drinks"}
OFFSET_MIN = 480


class Came(msgspec.Struct, frozen=True):
    """A purchase as it is drawn: whose, when, of what for how much; and what became of it."""

    customer_id: str
    day: int
    hour: int
    lines: dict[str, tuple[int, int]]
    """Quantity and net by SKU."""
    returned: bool
    corrected: bool


_LINES = st.dictionaries(
    st.sampled_from(sorted(GOODS)), st.tuples(st.integers(1, 9), st.integers(0, 3000)), min_size=1
)
CAME = st.builds(
    Came,
    st.sampled_from(["c1", "c2"]),
    st.integers(0, 400),
    st.integers(0, 23),
    _LINES,
    st.booleans(),
    st.booleans(),
)


def told(purchases: Sequence[Came]) -> Iterator[AnyRecorded]:
    """The entries that a journal has of them."""
    for number, came in enumerate(purchases):
        local = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=came.day, hours=came.hour)
        entry = entry_of(_sale(number, came, local.date()), 2 * number + 1)
        entry.occurred_at = local - timedelta(minutes=OFFSET_MIN)
        yield entry
        if came.returned or came.corrected:
            yield entry_of(_return(number, came), 2 * number + 2)


def _sale(number: int, came: Came, day: date) -> SaleCompleted:
    return SaleCompleted(
        sale_id=f"x{number}",
        store_id="s1",
        register_id="t1",
        receipt_number=number + 1,
        currency="CNY",
        business_day=day,
        utc_offset_min=OFFSET_MIN,
        customer_id=came.customer_id,
        lines=tuple(
            SaleLine(
                line=line,
                sku=sku,
                name=sku,
                category=GOODS[sku],
                unit=Unit.PIECE,
                quantity=quantity,
                unit_price_minor=0,
                amount_minor=net,
                net_minor=net,
            )
            for line, (sku, (quantity, net)) in enumerate(came.lines.items(), start=1)
        ),
        tax_policy=TaxPolicy(),
        tenders=(),
        total_minor=sum(net for _, net in came.lines.values()),
    )


def _return(number: int, came: Came) -> ReturnRecorded:
    """All of the first line; of a correction all lines."""
    back = list(came.lines.items())[: len(came.lines) if came.corrected else 1]
    return ReturnRecorded(
        return_id=f"r{number}",
        sale_id=f"x{number}",
        store_id="s1",
        register_id="t1",
        receipt_number=number + 1,
        currency="CNY",
        business_day=date(2027, 6, 1),
        utc_offset_min=OFFSET_MIN,
        customer_id=came.customer_id,
        lines=tuple(
            ReturnedLine(
                line=line,
                sku=sku,
                category=GOODS[sku],
                unit=Unit.PIECE,
                quantity=quantity,
                net_minor=net,
                refund_minor=net,
            )
            for line, (sku, (quantity, net)) in enumerate(back, start=1)
        ),
        refunds=(),
        total_minor=sum(net for _, (_, net) in back),
        correction=came.corrected,
    )


def folded(purchases: Sequence[Came]) -> dict[Any, dict[Any, Any]]:
    return fold_in_memory(CustomerProfiles(), told(purchases))


def of_customer(rows: dict[Any, dict[Any, Any]], customer_id: str) -> list[Purchase]:
    """As the query reads them."""
    return [
        Purchase(
            row.sale_id,
            row.business_day,
            row.sold_at,
            row.hour,
            row.store_id,
            row.currency,
            row.total_minor,
            row.returned_minor,
            row.goods,
        )
        for row in rows[CUSTOMER_PURCHASES].values()
        if row.customer_id == customer_id and not row.corrected
    ]


def _went(came: Came) -> set[str]:
    """What came back whole."""
    if came.corrected:
        return set(came.lines)
    return {next(iter(came.lines))} if came.returned else set()


@settings(max_examples=60, deadline=None)
@given(st.lists(CAME, max_size=12))
def test_the_rhythm_is_that_of_the_days_on_which_somebody_bought(purchases: list[Came]) -> None:
    for customer_id in ("c1", "c2"):
        days = sorted({c.day for c in purchases if c.customer_id == customer_id and not c.corrected})
        gaps = [Fraction(after - before) for before, after in pairwise(days)]
        found = rhythm_of(of_customer(folded(purchases), customer_id))
        assert found.days == len(days)
        assert found.median_days == (int(median(gaps) + Fraction(1, 2)) if gaps else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(CAME, max_size=12))
def test_the_times_of_day_are_those_of_the_stores_clock(purchases: list[Came]) -> None:
    hours = [c.hour for c in purchases if c.customer_id == "c1" and not c.corrected]
    parts = Counter(
        "night"
        if hour < 6
        else "morning"
        if hour < 11
        else "midday"
        if hour < 14
        else "afternoon"
        if hour < 18
        else "evening"
        for hour in hours
    )
    found = times_of_day(of_customer(folded(purchases), "c1"))
    assert {each.value: each.purchases for each in found} == parts
    assert found == sorted(found, key=lambda each: (-each.purchases, each.value))
    assert all(
        each.share_permille == int(Fraction(1000 * each.purchases, len(hours)) + Fraction(1, 2))
        for each in found
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(CAME, max_size=12))
def test_value_and_price_level_are_what_the_sales_less_the_returns_give(purchases: list[Came]) -> None:
    rows = folded(purchases)
    own, everyones = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    spent = returned = 0
    for came in purchases:
        for sku, (quantity, net) in came.lines.items():
            ours = came.customer_id == "c1"
            spent += net * ours
            if sku in _went(came):
                returned += net * ours
                continue
            for sums in (everyones, own) if ours else (everyones,):
                sums[GOODS[sku]].update({"quantity": quantity, "net": net})
    profile: CustomerProfile = rows[CUSTOMER_PROFILE].get(("c1",), CustomerProfile("c1"))
    assert profile.spend_minor.get("CNY", 0) == spent - returned
    assert profile.returned_minor.get("CNY", 0) == returned
    paid = sum(sums["net"] for sums in own.values())
    expected = sum(
        (
            Fraction(sums["quantity"] * everyones[category]["net"], everyones[category]["quantity"])
            for category, sums in own.items()
        ),
        Fraction(),
    )
    prices: list[CategoryPrice] = list(rows[CATEGORY_PRICES].values())
    found = [level.permille for level in price_levels(profile, prices)]
    assert found == ([int(1000 * paid / expected + Fraction(1, 2))] if expected else [])


# --- the story's journal, on PostgreSQL --------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _projected(shop: Tenant) -> None:
    forget(shop)
    run(project(shop))


def test_each_purchase_is_the_sale_less_what_came_back(shop: Tenant, journal: list[AnyRecorded]) -> None:
    sales = {sale.sale_id: sale for sale in facts(journal, SaleCompleted) if sale.customer_id}
    back: Counter[str] = Counter()
    corrected: set[str] = set()
    for each in facts(journal, ReturnRecorded):
        if each.sale_id is not None and each.customer_id is not None:
            back[each.sale_id] += each.total_minor
            corrected |= {each.sale_id} if each.correction else set()

    async def read() -> dict[str, list[Purchase]]:
        async with connected(shop) as connection:
            return {id_: await purchases_of(connection, [id_], LOOKED_AT) for id_ in CUSTOMERS}

    found = run(read())
    assert {
        purchase.sale_id: (customer_id, purchase.total_minor, purchase.returned_minor, purchase.business_day)
        for customer_id, purchases in found.items()
        for purchase in purchases
    } == {
        sale_id: (sale.customer_id, sale.total_minor, back[sale_id], sale.business_day)
        for sale_id, sale in sales.items()
        if sale_id not in corrected
    }
    for purchases in found.values():
        assert purchases == sorted(purchases, key=lambda each: each.sold_at, reverse=True)


def test_the_last_purchases_are_looked_at(shop: Tenant) -> None:
    async def read() -> tuple[list[Purchase], list[Purchase]]:
        async with connected(shop) as connection:
            two = await purchases_of(connection, ["c1"], 2)
            return two, await purchases_of(connection, ["c1"], LOOKED_AT)

    some, all_ = run(read())
    assert some == all_[:2]


def test_those_who_live_together_are_told_without_who_was_forgotten(shop: Tenant) -> None:
    async def read() -> list[str]:
        async with connected(shop) as connection:
            return await household_of(connection, ["c1"], 10)

    assert FORGOTTEN not in HOUSEHOLD
    assert run(read()) == list(HOUSEHOLD)


def test_price_levels_of_the_story_lie_around_the_average(shop: Tenant) -> None:
    async def read() -> list[int]:
        levels: list[int] = []
        async with connected(shop) as connection:
            for customer_id in CUSTOMERS:
                profile = await profile_of_person(connection, [customer_id])
                prices = await prices_of(connection, [customer_id])
                levels += [each.permille for each in price_levels(profile, prices)]
        return levels

    levels = run(read())
    assert min(levels) <= 1000 <= max(levels)


def test_a_preference_tells_how_many_of_the_purchases_have_it() -> None:
    noon, evening = (
        Came("c1", 0, 12, {"apple": (1, 1)}, False, False),
        Came("c1", 1, 20, {"pear": (1, 1)}, False, False),
    )
    found = times_of_day(of_customer(folded([noon, noon, evening]), "c1"))
    assert found == [
        Preference(value="midday", purchases=2, share_permille=667),
        Preference(value="evening", purchases=1, share_permille=333),
    ]
