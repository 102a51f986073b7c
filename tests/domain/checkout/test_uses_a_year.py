"""Offers that a customer may have so often a year: a birthday's once, unless it says otherwise."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from domain.checkout.check_out import CheckOut
from domain.checkout.pricing import Basket
from domain.checkout.quote import Quote, Quoted
from domain.kernel.customer_facts import CustomerFacts
from domain.promotions.book import OfferUsedByCustomer, PublishOffer
from domain.promotions.offer import Conditions, Limits, Offer, PercentOff, Phase
from domain.promotions.stacking import Reason
from domain.sales.sale import SaleCompleted
from tests.support.decisions import Fact, Given, at, given
from tests.support.facts import a_customer, a_store, by_piece, cash, check_out

BIRTHDAY = Conditions(birthday=True)
TODAY = CustomerFacts(birthday=True)
MARCH_2026, MARCH_2027 = (at(datetime(year, 3, 2, 12, tzinfo=UTC)) for year in (2026, 2027))
USES = "offeruse-gift/c1"


NO_LIMITS = Limits()


def offered(conditions: Conditions = BIRTHDAY, limits: Limits = NO_LIMITS) -> PublishOffer:
    """Ten per cent off."""
    return PublishOffer(
        offer=Offer(
            offer_id="gift",
            version=0,
            name="Gift",
            currency="CNY",
            phase=Phase.ORDER,
            benefit=PercentOff(rate_bp=1_000),
            conditions=conditions,
            limits=limits,
        )
    )


def shop(*commands: PublishOffer) -> Given:
    return given(a_store(), a_customer(), by_piece("apple", 1000)).after(*commands)


def bought(sale_id: str = "x1", facts: CustomerFacts | None = TODAY, **fields: Any) -> CheckOut:
    basket = check_out(("apple", 1), tenders=(cash(1000),), sale_id=sale_id, customer_id="c1", **fields)
    return msgspec.structs.replace(basket, facts=facts)


def used(sale_id: str, year: int) -> Fact:
    return USES, OfferUsedByCustomer(offer_id="gift", customer_id="c1", sale_id=sale_id, year=year)


def test_a_birthdays_offer_counts_in_its_year() -> None:
    outcome = shop(offered()).when(bought(), MARCH_2026)
    assert outcome.only(SaleCompleted).total_minor == 900
    assert (USES, outcome.only(OfferUsedByCustomer)) == used("x1", 2026)


def test_the_second_time_on_the_same_birthday_it_is_used_up() -> None:
    again = shop(offered()).after(bought("x1")).when(bought("x2"), MARCH_2026)
    assert again.only(SaleCompleted).total_minor == 1000


def test_a_year_later_it_is_there_again() -> None:
    again = shop(offered()).after(bought("x1")).when(bought("x2"), MARCH_2027)
    assert again.only(SaleCompleted).total_minor == 900


def test_a_birthday_may_be_more_often_a_year() -> None:
    twice = shop(offered(limits=Limits(customer_uses_a_year=2))).after(bought("x1"), bought("x2"))
    assert twice.when(bought("x3"), MARCH_2026).only(SaleCompleted).total_minor == 1000


def test_an_offer_without_a_birthday_may_be_limited_a_year_too() -> None:
    yearly = shop(offered(Conditions(), Limits(customer_uses_a_year=1))).after(bought("x1", None))
    assert yearly.when(bought("x2", None), MARCH_2026).only(SaleCompleted).total_minor == 1000
    assert yearly.when(bought("x2", None), MARCH_2027).only(SaleCompleted).total_minor == 900


def test_the_year_is_that_of_the_stores_clock() -> None:
    """In Shanghai it is 2027 when it is still 2026 in London."""
    new_year = at(datetime(2026, 12, 31, 20, tzinfo=UTC))
    assert shop(offered()).when(bought(), new_year).only(OfferUsedByCustomer).year == 2027


def test_on_other_days_nothing_is_read_or_counted() -> None:
    outcome = shop(offered()).when(bought(facts=None), MARCH_2026)
    assert outcome.all(OfferUsedByCustomer) == []
    assert outcome.only(SaleCompleted).total_minor == 1000


def test_a_quote_says_that_this_year_is_used_up() -> None:
    basket = Basket(store_id="s1", customer_id="c1", facts=TODAY, lines=bought().lines)
    quoted = shop(offered()).after(bought()).when(Quote(basket=basket), MARCH_2026).answer
    assert isinstance(quoted, Quoted)
    assert [verdict.reason for verdict in quoted.verdicts] == [Reason.CUSTOMER_USED_IT_UP]
