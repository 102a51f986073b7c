"""Earn rules and tiers at the till: what earns more, what qualifies, up at once and down by a review."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain.checkout.check_out import CheckOut
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.points import Lot
from domain.loyalty.earning import EarnRule, Tier, Window
from domain.loyalty.points import LOYALTY, Account, PointsEarned, PointsTakenBack
from domain.loyalty.programme import Programme, SetProgramme
from domain.loyalty.tiers import MONTHS_KEPT, TierChanged, TierGraceGiven, TierKept
from domain.loyalty.upkeep import LapsePoints, ReviewTier
from domain.promotions.offer import OnReturn, Phase, SpendAndSave, Step
from domain.sales.sale import CASH, POINTS, SaleCompleted, Tender
from domain.sales.tax import tax_minor
from tests.support.commands import publish
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import a_customer, a_store, by_piece, card, check_out, take_back
from tests.support.laws import a_law

SILVER, GOLD = (
    Tier(name="silver", from_minor=5_000),
    Tier(name="gold", from_minor=10_000, multiplier_bp=20_000),
)
PLAIN = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=5)


def programme(**terms: Any) -> Programme:
    return msgspec.structs.replace(PLAIN, **terms)


TIERS = programme(tiers=(SILVER, GOLD))


def a_shop(terms: Programme = TIERS, *, tax_included: bool = True) -> Shop:
    """A shop with an apple at 10.00 and a pear at 7.00, and a customer."""
    shop = Shop(
        a_store(prices_include_tax=tax_included),
        by_piece("apple", 1_000, tax_rate_bp=900),
        by_piece("pear", 700, tax_rate_bp=1300),
        a_customer("c1"),
    )
    done(shop.do(SetProgramme(programme=terms)))
    return shop


def done(outcome: object) -> None:
    assert not isinstance(outcome, Refusal), outcome


def due_minor(apples: int, pears: int, *, tax_included: bool) -> int:
    """What a basket costs: a line of each, tax by line."""
    nets = ((apples * 1_000, 900), (pears * 700, 1_300))
    return sum(
        net + (0 if tax_included else tax_minor(net, rate_bp, inclusive=False)) for net, rate_bp in nets
    )


def buying(
    apples: int,
    pears: int = 0,
    *,
    sale_id: str = "x1",
    points: int = 0,
    facts: CustomerFacts | None = None,
    tax_included: bool = True,
) -> CheckOut:
    due = due_minor(apples, pears, tax_included=tax_included)
    tenders = (Tender(method=POINTS, amount_minor=points),) if points else ()
    tenders += (card(due - points),) if due > points else ()
    lines = [(sku, count) for sku, count in (("apple", apples), ("pear", pears)) if count]
    sale = check_out(*lines, tenders=tenders, sale_id=sale_id, customer_id="c1")
    return msgspec.structs.replace(sale, facts=facts)


def account(shop: Shop) -> Account:
    return shop.state(LOYALTY, "c1")


def earned(shop: Shop) -> list[int]:
    return [event.lot.points for event in shop.events(PointsEarned)]


# --- rules ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "points"),
    [
        ({"rules": (EarnRule(name="all", multiplier_bp=20_000),)}, 34),
        ({"rules": (EarnRule(name="apples", multiplier_bp=20_000, skus=("apple",)),)}, 27),
        ({"rules": (EarnRule(name="fruit", multiplier_bp=30_000, categories=("fruit",)),)}, 51),
        ({"rules": (EarnRule(name="half", multiplier_bp=5_000, skus=("apple",)),)}, 12),
        ({"excluded_skus": ("apple",)}, 7),
        ({"excluded_categories": ("fruit",)}, 0),
        ({"rules": (EarnRule(name="ended", multiplier_bp=20_000, valid_until=NOON),)}, 17),
        ({"rules": (EarnRule(name="begun", multiplier_bp=20_000, valid_from=NOON),)}, 34),
        ({"rules": (EarnRule(name="later", multiplier_bp=20_000, valid_from=NOON + timedelta(1)),)}, 17),
        ({"rules": (EarnRule(name="birthday", multiplier_bp=20_000, birthday=True),)}, 17),
        ({"rules": (EarnRule(name="gold", multiplier_bp=20_000, tiers=("gold",)),), "tiers": (GOLD,)}, 17),
    ],
)
def test_an_apple_and_a_pear_earn_by_the_rules(terms: dict[str, Any], points: int) -> None:
    shop = a_shop(programme(**terms))
    done(shop.do(buying(1, 1)))
    assert sum(earned(shop)) == points


def test_the_highest_multiplier_of_a_line_counts() -> None:
    rules = tuple(EarnRule(name=str(bp), multiplier_bp=bp) for bp in (20_000, 30_000, 15_000))
    shop = a_shop(programme(rules=rules))
    done(shop.do(buying(1)))
    assert earned(shop) == [30]


def test_a_birthday_earns_more() -> None:
    shop = a_shop(programme(rules=(EarnRule(name="birthday", multiplier_bp=20_000, birthday=True),)))
    done(shop.do(buying(1, facts=CustomerFacts(birthday=True))))
    assert earned(shop) == [20]


def test_what_points_paid_earns_nothing_whatever_the_rule() -> None:
    shop = a_shop(programme(rules=(EarnRule(name="all", multiplier_bp=20_000),)))
    lot = Lot(number=1, points=100)
    shop.record([("loyalty-c1", PointsEarned(customer_id="c1", document="sale-x0", lot=lot))])
    done(shop.do(buying(1, points=500)))
    assert earned(shop)[-1] == 10


def test_a_return_of_what_earned_double_takes_double() -> None:
    shop = a_shop(programme(rules=(EarnRule(name="apples", multiplier_bp=20_000, skus=("apple",)),)))
    done(shop.do(buying(1, 1)))
    done(shop.do(take_back((1, 1))))
    assert account(shop).balance == 7


def test_a_return_of_what_is_excluded_takes_nothing() -> None:
    shop = a_shop(programme(excluded_skus=("pear",)))
    done(shop.do(buying(1, 1)))
    done(shop.do(take_back((2, 1))))
    assert (account(shop).balance, shop.events(PointsTakenBack)) == (10, [])


# --- tiers ------------------------------------------------------------------------------------------


def test_a_tier_is_reached_at_once() -> None:
    shop = a_shop()
    done(shop.do(buying(5)))
    assert shop.events(TierChanged) == [
        TierChanged(
            customer_id="c1", tier="silver", reason="qualified", qualifying_minor=5_000, document="sale-x1"
        )
    ]


def test_a_tier_may_be_skipped() -> None:
    shop = a_shop()
    done(shop.do(buying(10)))
    assert account(shop).standing.tier == "gold"


def test_a_tier_earns_faster_from_the_next_purchase_on() -> None:
    shop = a_shop()
    done(shop.do(buying(10)))
    done(shop.do(buying(1, sale_id="x2")))
    assert earned(shop) == [100, 20]
    assert [sale.points and sale.points.tier for sale in shop.events(SaleCompleted)] == [None, "gold"]


def test_spending_points_takes_nothing_off_what_qualifies() -> None:
    shop = a_shop()
    done(shop.do(buying(5)))
    done(shop.do(buying(1, points=250, sale_id="x2")))
    assert account(shop).standing.months[0].amount_minor == 5_750


def test_what_is_too_little_to_earn_qualifies_all_the_same() -> None:
    shop = a_shop(programme(tiers=(SILVER,), earn_minor=10**6))
    done(shop.do(buying(5)))
    assert (account(shop).balance, account(shop).standing.tier) == (0, "silver")


def test_a_return_takes_off_the_month_of_its_sale_and_leaves_the_tier_to_the_review() -> None:
    shop = a_shop()
    done(shop.do(buying(5)))
    april = NOON + timedelta(days=40)
    done(shop.do(buying(1, sale_id="x2"), at(april)))
    done(shop.do(take_back((1, 2)), at(april)))
    assert [month.amount_minor for month in account(shop).standing.months] == [3_000, 1_000]
    assert account(shop).standing.tier == "silver"


def review(shop: Shop, moment: datetime) -> None:
    done(shop.do(ReviewTier(customer_id="c1"), at(moment)))


def test_a_review_takes_a_tier_away_when_the_window_has_passed() -> None:
    shop = a_shop()
    done(shop.do(buying(5)))
    review(shop, datetime(2027, 2, 28, tzinfo=UTC))
    assert account(shop).standing.tier == "silver"
    review(shop, datetime(2027, 3, 1, tzinfo=UTC))
    assert shop.events(TierChanged)[-1] == TierChanged(
        customer_id="c1", before="silver", reason="reviewed", qualifying_minor=0
    )


def test_a_review_takes_one_tier_where_that_is_enough() -> None:
    shop = a_shop()
    done(shop.do(buying(10)))
    done(shop.do(take_back((1, 2))))
    review(shop, NOON)
    assert account(shop).standing.tier == "silver"


def test_a_calendar_tier_lasts_to_the_end_of_the_next_year() -> None:
    shop = a_shop(programme(tiers=(SILVER,), tier_window=Window.CALENDAR))
    done(shop.do(buying(5)))
    review(shop, datetime(2027, 12, 31, tzinfo=UTC))
    assert account(shop).standing.tier == "silver"
    review(shop, datetime(2028, 1, 1, tzinfo=UTC))
    assert account(shop).standing.tier is None


def test_the_years_of_a_calendar_are_not_added_up() -> None:
    shop = a_shop(programme(tiers=(SILVER,), tier_window=Window.CALENDAR))
    done(shop.do(buying(3), at(datetime(2026, 12, 20, tzinfo=UTC))))
    done(shop.do(buying(3, sale_id="x2"), at(datetime(2027, 1, 5, tzinfo=UTC))))
    assert account(shop).standing.tier is None


def test_grace_comes_first_and_then_the_tier_goes() -> None:
    shop = a_shop(programme(tiers=(SILVER,), tier_grace_days=30))
    done(shop.do(buying(5)))
    short = datetime(2027, 3, 1, tzinfo=UTC)
    for days in (0, 1, 29):
        review(shop, short + timedelta(days=days))
    assert [grace.until for grace in shop.events(TierGraceGiven)] == [short + timedelta(days=30)]
    assert account(shop).standing.tier == "silver"
    review(shop, short + timedelta(days=30))
    assert account(shop).standing.tier is None


def test_who_qualifies_again_in_the_grace_keeps_the_tier() -> None:
    shop = a_shop(programme(tiers=(SILVER,), tier_grace_days=30))
    done(shop.do(buying(5)))
    short = datetime(2027, 3, 1, tzinfo=UTC)
    review(shop, short)
    done(shop.do(buying(5, sale_id="x2"), at(short)))
    for days in (1, 40):
        review(shop, short + timedelta(days=days))
    assert len(shop.events(TierKept)) == 1
    assert account(shop).standing.tier == "silver"


def test_a_review_with_nothing_new_writes_nothing() -> None:
    shop = a_shop()
    done(shop.do(buying(5)))
    before = len(shop.facts)
    review(shop, NOON)
    assert len(shop.facts) == before


def test_a_tier_that_the_programme_has_no_more_goes_at_the_review() -> None:
    shop = a_shop()
    done(shop.do(buying(10)))
    done(shop.do(SetProgramme(programme=programme(tiers=(SILVER,)))))
    review(shop, NOON)
    assert account(shop).standing.tier == "silver"


def test_what_is_kept_of_the_months_is_bounded() -> None:
    shop = a_shop()
    for month in range(MONTHS_KEPT + 30):
        moment = datetime(2026 + month // 12, 1 + month % 12, 1, tzinfo=UTC)
        done(shop.do(buying(1, sale_id=f"x{month}"), at(moment)))
    assert len(account(shop).standing.months) == MONTHS_KEPT


@pytest.mark.parametrize(
    "terms",
    [
        {"tiers": (GOLD, SILVER)},
        {"tiers": (SILVER, SILVER)},
        {"tiers": (Tier(name="none", from_minor=0),)},
        {"tiers": (SILVER, Tier(name="silver", from_minor=9_000))},
        {"rules": (EarnRule(name="minus", multiplier_bp=-1),)},
        {"rules": (EarnRule(name="unknown", multiplier_bp=1, tiers=("gold",)),)},
        {"tier_months": 0},
        {"tier_months": 37},
        {"tier_grace_days": 0},
    ],
)
def test_tiers_and_rules_mean_something(terms: dict[str, Any]) -> None:
    given().when(SetProgramme(programme=programme(**terms))).refused(InvalidCommand)


# --- lapses -----------------------------------------------------------------------------------------

noting = pytest.mark.parametrize("noted", [True, False], ids=["written down", "not yet"])


def bought(*days: int, noted: bool, now: datetime) -> Shop:
    """An apple bought after so many days each, ten points that last 30 days; perhaps the lapses are noted."""
    shop = a_shop(programme(days=30))
    for number, day in enumerate(days):
        done(shop.do(buying(1, sale_id=f"x{number}"), at(NOON + timedelta(days=day))))
    if noted:
        done(shop.do(LapsePoints(customer_id="c1"), at(now)))
    return shop


@noting
def test_points_that_lapsed_unspent_are_not_taken_again(noted: bool) -> None:
    now = NOON + timedelta(days=40)
    shop = bought(0, 20, noted=noted, now=now)
    done(shop.do(take_back((1, 1), sale_id="x0"), at(now)))
    assert (account(shop).owed, account(shop).spendable(now)) == (0, 10)


@noting
def test_what_lapsed_of_another_purchase_pays_for_nothing(noted: bool) -> None:
    """The points of the second purchase are spent, those of the first have lapsed: the return owes."""
    now = NOON + timedelta(days=40)
    shop = bought(0, 20, noted=noted, now=now)
    done(shop.do(buying(1, points=50, sale_id="x9"), at(now)))
    done(shop.do(take_back((1, 1), sale_id="x1"), at(now)))
    # What the third had earned, nine, goes first.
    assert (account(shop).owed, account(shop).spendable(now)) == (1, 0)


@noting
def test_partial_returns_forgive_what_lapsed_once(noted: bool) -> None:
    now = NOON + timedelta(days=40)
    shop = a_shop(programme(days=30))
    done(shop.do(buying(3)))
    done(shop.do(buying(1, points=100, sale_id="x2")))
    if noted:
        done(shop.do(LapsePoints(customer_id="c1"), at(now)))
    for number in range(3):
        done(shop.do(take_back((1, 1), return_id=f"r{number}"), at(now)))
    # Of 30 earned 20 were spent, and ten lapsed.
    assert account(shop).owed == 20


def test_lapses_are_written_down_once() -> None:
    now = NOON + timedelta(days=40)
    shop = bought(0, 20, noted=True, now=now)
    before = len(shop.facts)
    done(shop.do(LapsePoints(customer_id="c1"), at(now)))
    assert len(shop.facts) == before


# --- laws -------------------------------------------------------------------------------------------

EVERYTHING = programme(
    tiers=(SILVER, GOLD),
    rules=(
        EarnRule(name="pears", multiplier_bp=17_777, skus=("pear",)),
        EarnRule(name="gold apples", multiplier_bp=33_333, skus=("apple",), tiers=("gold",)),
    ),
    days=90,
)


REPRICED = publish(
    "save",
    SpendAndSave(steps=(Step(from_minor=3_000, off_minor=600),)),
    Phase.ORDER,
    on_return=OnReturn.REPRICE,
)


@settings(parent=a_law, max_examples=60)
@drawn(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 100)).filter(
            lambda b: b[0] + b[1] > 0
        ),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_buying_returning_and_exchanging_makes_no_points(
    baskets: list[tuple[int, int, int]], tax_included: bool, repriced: bool, data: st.DataObject
) -> None:
    """An exchange is a return and a sale. Whatever was kept earns, and all that came back leaves nothing."""
    shop = a_shop(EVERYTHING, tax_included=tax_included)
    if repriced:
        done(shop.do(REPRICED))
    open_units: list[tuple[str, int, int]] = []
    for number, (apples, pears, share) in enumerate(baskets):
        due = due_minor(apples, pears, tax_included=tax_included)
        if repriced:
            due = due * 4 // 5  # whatever the offer takes off, points never pay more than is due
        spendable = account(shop).spendable(NOON)
        in_points = min(spendable, due * share // 100 // 5) * 5
        sale_id = f"x{number}"
        sale = buying(apples, pears, sale_id=sale_id, points=in_points, tax_included=tax_included)
        done(shop.do(_in_cash(sale)))
        lines = [count for count in (apples, pears) if count]
        open_units += [(sale_id, line, count) for line, count in enumerate(lines, start=1)]
        if data.draw(st.booleans()) and open_units:
            _return_some(shop, open_units, data, number)
    before_the_end = shop.state(LOYALTY, "c1").balance
    assert before_the_end <= sum(e.lot.points + e.repaid for e in shop.events(PointsEarned))
    while open_units:
        _return_some(shop, open_units, data, 1_000 + len(shop.facts))
    assert account(shop).balance == 0
    assert account(shop).standing.months == ()
    review(shop, NOON)
    assert account(shop).standing.tier is None


def _in_cash(sale: CheckOut) -> CheckOut:
    """Paid in cash instead of by card, so that change is given for what an offer takes off."""
    tenders = tuple(
        msgspec.structs.replace(tender, method=CASH) if tender.method == "card" else tender
        for tender in sale.tenders
    )
    return msgspec.structs.replace(sale, tenders=tenders)


def _return_some(
    shop: Shop, open_units: list[tuple[str, int, int]], data: st.DataObject, number: int
) -> None:
    index = data.draw(st.integers(0, len(open_units) - 1))
    sale_id, line, count = open_units.pop(index)
    back = data.draw(st.integers(1, count))
    if back < count:
        open_units.append((sale_id, line, count - back))
    done(shop.do(take_back((line, back), return_id=f"r{number}", sale_id=sale_id)))


@a_law
@drawn(
    st.lists(
        st.tuples(st.sampled_from(["buy", "spend", "return", "wait"]), st.integers(1, 60)),
        min_size=4,
        max_size=12,
    )
)
def test_decisions_are_the_same_whether_lapses_are_written_down_or_not(steps: list[tuple[str, int]]) -> None:
    terms = msgspec.structs.replace(EVERYTHING, days=30)
    noted, bare = a_shop(terms), a_shop(terms)
    now = NOON
    sales: list[str] = []
    for number, (step, value) in enumerate(steps):
        command: Any = None
        match step:
            case "buy":
                command = buying(1 + value % 9, value % 2, sale_id=f"x{number}")
                sales.append(f"x{number}")
            case "spend" if account(bare).spendable(now):
                command = buying(10, points=min(account(bare).spendable(now), 200) * 5, sale_id=f"x{number}")
            case "return" if sales:
                sale_id = sales[value % len(sales)]
                command = take_back((1, 1), return_id=f"r{number}", sale_id=sale_id)
            case _:
                now += timedelta(days=value)
        done(noted.do(LapsePoints(customer_id="c1"), at(now)))
        if command is not None:
            outcomes = [shop.do(command, at(now)) for shop in (noted, bare)]
            assert [isinstance(outcome, Refusal) for outcome in outcomes] in ([True] * 2, [False] * 2)
        assert account(noted).spendable(now) == account(bare).spendable(now)
        assert account(noted).owed == account(bare).owed
    done(bare.do(LapsePoints(customer_id="c1"), at(now)))
    assert account(noted).balance == account(bare).balance
