"""Closing a till: what its receipts add up to, once and for good."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.checkout.check_out import CheckOut
from domain.checkout.close_period import ClosePeriod
from domain.kernel.errors import NotFound
from domain.tills.till import Period, PeriodClosed, ReceiptIssued
from domain.tills.totals import TaxTotal, Totals
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import a_store, by_piece, card, check_out, take_back

SHOP = (a_store(), by_piece("apple", 1000, tax_rate_bp=900))
TWO_APPLES = Totals(
    receipts=1, sales_minor=2000, taxes=(TaxTotal(rate_bp=900, gross_minor=2000, tax_minor=165),)
)
ONE_KEPT = Totals(
    receipts=2,
    sales_minor=2000,
    refunds_minor=1000,
    taxes=(TaxTotal(rate_bp=900, gross_minor=1000, tax_minor=82),),
)
EVENING = NOON + timedelta(hours=2)  # 22:00 in Shanghai
NEXT_NOON = NOON + timedelta(days=1)


def sell(number: int = 1) -> CheckOut:
    return check_out(("apple", 2), tenders=(card(2000),), sale_id=f"x{number}")


def close(period: Period = Period.DAY, register_id: str = "till-1", store_id: str = "s1") -> ClosePeriod:
    return ClosePeriod(store_id=store_id, register_id=register_id, period=period)


def closed(number: int, receipts: tuple[int, int], totals: Totals, **fields: Any) -> PeriodClosed:
    usual: dict[str, Any] = {
        "period": Period.DAY,
        "business_day": date(2026, 3, 2),
        "closed_at": NOON,
        "perpetual_after": totals,
    }
    return PeriodClosed(
        store_id="s1",
        register_id="till-1",
        currency="CNY",
        number=number,
        first_receipt=receipts[0],
        last_receipt=receipts[1],
        totals=totals,
        **(usual | fields),
    )


def after(*commands: tuple[Any, datetime]) -> Shop:
    """A shop in which this was done then."""
    shop = Shop(*SHOP)
    for command, moment in commands:
        shop.record(shop.decide(command, at(moment)).events)
    return shop


def last_closing(shop: Shop) -> PeriodClosed:
    return shop.events(PeriodClosed)[-1]


def test_a_closing_adds_up_sales_refunds_and_tax_of_all_receipts_so_far() -> None:
    given(*SHOP).after(sell(), take_back((1, 1))).when(close()).then(
        ("till-s1/till-1", closed(1, (1, 2), ONE_KEPT))
    )


def test_the_next_closing_goes_on_where_the_last_one_ended() -> None:
    shop = after((sell(1), NOON), (close(), EVENING), (sell(2), NEXT_NOON), (close(), NEXT_NOON))
    assert last_closing(shop) == closed(
        2,
        (2, 2),
        TWO_APPLES,
        business_day=date(2026, 3, 3),
        covers_from=EVENING,
        closed_at=NEXT_NOON,
        perpetual_before=TWO_APPLES,
        perpetual_after=Totals(
            receipts=2,
            sales_minor=4000,
            taxes=(TaxTotal(rate_bp=900, gross_minor=4000, tax_minor=330),),
        ),
    )


def test_a_period_without_receipts_is_closed_too() -> None:
    """That nothing was sold is a fact; its number shows that no closing is missing."""
    shop = after((sell(), NOON), (close(), NOON), (close(), EVENING))
    assert last_closing(shop) == closed(
        2,
        (2, 1),
        Totals(),
        covers_from=NOON,
        closed_at=EVENING,
        perpetual_before=TWO_APPLES,
        perpetual_after=TWO_APPLES,
    )


def test_a_month_closes_the_day_first_and_then_all_its_days() -> None:
    shop = after((sell(1), NOON), (close(), NOON), (sell(2), NOON), (close(Period.MONTH), EVENING))
    closings = [(each.period, each.number, each.totals.receipts) for each in shop.events(PeriodClosed)]
    assert closings == [(Period.DAY, 1, 1), (Period.DAY, 2, 1), (Period.MONTH, 1, 2)]


def test_a_month_whose_days_are_closed_is_closed_alone() -> None:
    given(*SHOP).after(sell(), close()).when(close(Period.MONTH)).then_events(
        closed(1, (1, 1), TWO_APPLES, period=Period.MONTH)
    )


def test_a_year_closes_day_and_month_first() -> None:
    outcome = given(*SHOP).after(sell()).when(close(Period.YEAR))
    assert [each.period for each in outcome.all(PeriodClosed)] == [Period.DAY, Period.MONTH, Period.YEAR]
    assert outcome.answer.closings == tuple(outcome.all(PeriodClosed))


def test_what_came_too_late_for_a_closing_falls_into_the_next_and_says_so() -> None:
    """A till that was offline sends at 22:00 and later what it sold at 20:00."""
    shop = after((sell(1), NOON), (close(), EVENING))
    shop.record(shop.decide(sell(2), at(NOON, EVENING)).events)
    shop.record(shop.decide(sell(3), at(EVENING)).events)
    shop.record(shop.decide(close(), at(NEXT_NOON)).events)

    assert [receipt.late for receipt in shop.events(ReceiptIssued)] == [False, True, False]
    totals = last_closing(shop).totals
    assert (totals.receipts, totals.late_receipts, totals.late_minor) == (2, 1, 2000)


def test_what_came_too_late_for_a_month_says_so_though_its_last_day_was_closed_before() -> None:
    shop = after((sell(1), NOON), (close(), NOON), (close(Period.MONTH), NEXT_NOON))
    shop.record(shop.decide(sell(2), at(EVENING, NEXT_NOON)).events)
    assert [receipt.late for receipt in shop.events(ReceiptIssued)] == [False, True]


def test_a_late_return_says_so_too() -> None:
    shop = after((sell(), NOON), (close(), EVENING))
    shop.record(shop.decide(take_back((1, 1)), at(NOON, EVENING)).events)
    assert shop.events(ReceiptIssued)[-1].late


def test_the_day_is_the_stores() -> None:
    """At 01:00 in Shanghai the day that starts at 04:00 is still the one before."""
    night = datetime.fromisoformat("2026-03-03T01:00:00+08:00")
    outcome = (
        given(a_store(day_starts_at_min=240), by_piece("apple", 1000))
        .after(check_out(("apple", 2), tenders=(card(2000),)))
        .when(close(), at(night))
    )
    assert outcome.only(PeriodClosed).business_day == date(2026, 3, 2)


def test_a_clock_that_was_set_back_changes_no_order() -> None:
    shop = after((sell(), NOON), (close(), NEXT_NOON), (close(), NOON))
    closing = last_closing(shop)
    assert (closing.closed_at, closing.business_day) == (NEXT_NOON, date(2026, 3, 3))


@pytest.mark.parametrize(
    ("command", "kind", "id_"),
    [(close(store_id="s2"), "store", "s2"), (close(register_id="till-2"), "till", "s1/till-2")],
)
def test_a_till_that_has_issued_nothing_has_nothing_to_close(
    command: ClosePeriod, kind: str, id_: str
) -> None:
    given(*SHOP).after(sell()).when(command).refused(NotFound, kind=kind, id=id_)


def test_tills_are_closed_each_for_itself() -> None:
    other = check_out(("apple", 1), tenders=(card(1000),), sale_id="x9", register_id="till-2")
    outcome = given(*SHOP).after(sell(), other).when(close())
    assert outcome.only(PeriodClosed).totals == TWO_APPLES


def test_prices_without_tax_are_closed_with_it() -> None:
    shop = Shop(a_store(prices_include_tax=False), by_piece("apple", 1000, tax_rate_bp=900))
    shop.do(check_out(("apple", 2), tenders=(card(2180),)))
    shop.do(close())
    assert last_closing(shop).totals.taxes == (TaxTotal(rate_bp=900, gross_minor=2180, tax_minor=180),)
