"""Laws of closings: every receipt is in exactly one of each kind, and nothing is in none."""

from datetime import timedelta
from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.checkout.close_period import ClosePeriod
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from domain.tills.till import TILL, Period, PeriodClosed, ReceiptIssued
from domain.tills.totals import Totals
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import a_store, by_piece, card, check_out, take_back
from tests.support.laws import a_law

TILL_ID = "s1/till-1"
SUMS = ("receipts", "sales_minor", "refunds_minor", "unsplit_minor", "late_receipts", "late_minor")

# What is done, which earlier sale it may be about, and after how many hours; how late it arrives.
DEALS = st.lists(
    st.tuples(
        st.sampled_from(("sell", "sell", "sell dear", "return", *Period)),
        st.integers(0, 9),
        st.integers(0, 30),
        st.sampled_from((0, 0, 0, 5, 50)),
    ),
    max_size=30,
)


def traded(deals: list[tuple[str | Period, int, int, int]], *, inclusive: bool) -> Shop:
    """A till's life; what is refused has not happened."""
    shop = Shop(
        a_store(prices_include_tax=inclusive),
        by_piece("apple", 1000, tax_rate_bp=900),
        by_piece("wine", 777, tax_rate_bp=2200),
    )
    now = NOON
    for number, (what, pick, hours, late_h) in enumerate(deals):
        now += timedelta(hours=hours)
        moment = at(now - timedelta(hours=late_h), now)
        match what:
            case Period():
                shop.do(ClosePeriod(store_id="s1", register_id="till-1", period=what), moment)
            case "return":
                shop.do(take_back((1, 1), sale_id=f"x{pick}", return_id=f"r{number}"), moment)
            case _:
                lines = [("apple", 2), ("wine", 1)] if what == "sell dear" else [("apple", 1)]
                # With tax inside and with tax on top.
                due = {"sell dear": (2777, 3128), "sell": (1000, 1090)}[what][not inclusive]
                shop.do(check_out(*lines, tenders=(card(due),), sale_id=f"x{number}"), moment)
    return shop


def closings(shop: Shop, period: Period) -> list[PeriodClosed]:
    return [closing for closing in shop.events(PeriodClosed) if closing.period is period]


def summed(receipts: list[ReceiptIssued]) -> Totals:
    """The totals of some receipts, added up from nothing."""
    return reduce(
        lambda sum_, receipt: sum_.with_receipt(receipt.total_minor, receipt.taxes, late=receipt.late),
        receipts,
        Totals(),
    ).less(Totals())


@a_law
@given(DEALS, st.booleans())
def test_closings_are_numbered_and_their_receipts_follow_one_another_without_a_gap(
    deals: list[tuple[str | Period, int, int, int]], inclusive: bool
) -> None:
    shop = traded(deals, inclusive=inclusive)
    for period in Period:
        made = closings(shop, period)
        assert [closing.number for closing in made] == list(range(1, len(made) + 1))
        ends = [0, *(closing.last_receipt for closing in made)]
        assert [closing.first_receipt - 1 for closing in made] == ends[:-1]
        assert ends == sorted(ends)
        assert all(
            closing.totals.receipts == closing.last_receipt - closing.first_receipt + 1 for closing in made
        )


@a_law
@given(DEALS, st.booleans())
def test_a_closing_says_what_its_own_receipts_add_up_to(
    deals: list[tuple[str | Period, int, int, int]], inclusive: bool
) -> None:
    shop = traded(deals, inclusive=inclusive)
    receipts = shop.events(ReceiptIssued)
    for closing in shop.events(PeriodClosed):
        assert closing.totals == summed(receipts[closing.first_receipt - 1 : closing.last_receipt])
        assert closing.perpetual_after.less(Totals()) == summed(receipts[: closing.last_receipt])


@a_law
@given(DEALS, st.booleans())
def test_all_closings_of_a_kind_and_what_is_open_are_all_receipts(
    deals: list[tuple[str | Period, int, int, int]], inclusive: bool
) -> None:
    shop = traded(deals, inclusive=inclusive)
    till = shop.state(TILL, TILL_ID)
    for period in Period:
        made = closings(shop, period)
        open_ = till.perpetual.less(till.last(period).perpetual)
        for name in (
            "receipts",
            "sales_minor",
            "refunds_minor",
            "unsplit_minor",
            "late_receipts",
            "late_minor",
        ):
            parts = sum(getattr(closing.totals, name) for closing in made) + getattr(open_, name)
            assert parts == getattr(till.perpetual, name)
        for before, after in pairwise(made):
            assert after.perpetual_before == before.perpetual_after
            assert after.covers_from == before.closed_at


@a_law
@given(DEALS, st.booleans())
def test_receipts_are_the_documents_and_their_tax_is_the_documents_tax(
    deals: list[tuple[str | Period, int, int, int]], inclusive: bool
) -> None:
    shop = traded(deals, inclusive=inclusive)
    perpetual = shop.state(TILL, TILL_ID).perpetual
    sold, returned = shop.events(SaleCompleted), shop.events(ReturnRecorded)
    assert perpetual.sales_minor == sum(sale.total_minor for sale in sold)
    assert perpetual.refunds_minor == sum(taken.total_minor for taken in returned)
    assert sum(tax.gross_minor for tax in perpetual.taxes) == perpetual.total_minor
    assert sum(tax.tax_minor for tax in perpetual.taxes) == (
        sum(line.tax_minor for sale in sold for line in sale.lines)
        - sum(line.tax_minor for taken in returned for line in taken.lines)
    )


@a_law
@given(DEALS, st.booleans())
def test_a_month_is_whole_days_and_a_year_whole_months(
    deals: list[tuple[str | Period, int, int, int]], inclusive: bool
) -> None:
    shop = traded(deals, inclusive=inclusive)
    for longer, shorter in ((Period.MONTH, Period.DAY), (Period.YEAR, Period.MONTH)):
        ends = {0, *(closing.last_receipt for closing in closings(shop, shorter))}
        assert {closing.last_receipt for closing in closings(shop, longer)} <= ends


@a_law
@given(DEALS, st.booleans())
def test_the_late_part_of_a_closing_is_its_late_receipts(
    deals: list[tuple[str | Period, int, int, int]], inclusive: bool
) -> None:
    shop = traded(deals, inclusive=inclusive)
    receipts = shop.events(ReceiptIssued)
    for closing in shop.events(PeriodClosed):
        late = [each for each in receipts[closing.first_receipt - 1 : closing.last_receipt] if each.late]
        assert closing.totals.late_receipts == len(late)
        assert closing.totals.late_minor == sum(each.total_minor for each in late)
        # Before the first closing of a day nothing can be late.
        assert closing.covers_from is not None or closing.period is not Period.DAY or not late
