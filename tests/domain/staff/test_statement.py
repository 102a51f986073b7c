"""Statements of incentive schemes: commission and bonuses follow the sales, and take back what they gave."""

from collections.abc import Sequence
from datetime import date

import msgspec
from hypothesis import given as laid_down
from hypothesis import strategies as st

from domain.kernel.money import allocate, half_up
from domain.staff.attributed import LineBack, LineSold, Sold, TakenBack
from domain.staff.scheme import (
    Aim,
    Base,
    BonusRule,
    BonusStep,
    ClosedPeriod,
    CommissionRule,
    Scheme,
    SchemeTerms,
    SchemeVersion,
    Tier,
)
from domain.staff.statement import SCALE, Entry, Kind, Statement, statements
from tests.support.laws import a_law

MAY, JUNE, JULY = "2026-05", "2026-06", "2026-07"


def flat(rate_bp: int, base: Base = Base.NET, aim: Aim | None = None) -> CommissionRule:
    return CommissionRule(base=base, tiers=(Tier(from_minor=0, rate_bp=rate_bp),), aim=aim or Aim())


def tiered(*tiers: tuple[int, int]) -> CommissionRule:
    return CommissionRule(
        base=Base.NET, tiers=tuple(Tier(from_minor=start, rate_bp=rate) for start, rate in tiers)
    )


def paying(*rules: CommissionRule | BonusRule, start: str = MAY) -> SchemeVersion:
    terms = SchemeTerms(
        currency="CNY",
        commission=tuple(rule for rule in rules if isinstance(rule, CommissionRule)),
        bonuses=tuple(rule for rule in rules if isinstance(rule, BonusRule)),
    )
    return SchemeVersion(from_period=start, terms=terms)


def scheme(*rules: CommissionRule | BonusRule) -> Scheme:
    return Scheme(versions=(paying(*rules),))


def closed(scheme: Scheme, *closings: tuple[str, int]) -> Scheme:
    closings_ = tuple(ClosedPeriod(period=period, up_to=up_to) for period, up_to in closings)
    return msgspec.structs.replace(scheme, closed=closings_)


def sold(
    position: int,
    net: int | Sequence[int],
    day: date = date(2026, 5, 7),
    *,
    cost: int = 0,
    share_bp: int = 10_000,
    category: str = "fruit",
) -> Sold:
    nets = [net] if isinstance(net, int) else net

    def own(amount: int) -> int:
        return allocate(amount, [share_bp, 10_000 - share_bp])[0]

    return Sold(
        sale_id=f"x{position}",
        position=position,
        store_id="s1",
        day=day,
        currency="CNY",
        share_bp=share_bp,
        lines=tuple(
            LineSold(
                line=number,
                sku=f"p{number}",
                category=category,
                net_minor=each,
                cost_minor=cost,
                own_net_minor=own(each),
                own_cost_minor=own(cost),
            )
            for number, each in enumerate(nets, start=1)
        ),
    )


def back(position: int, sale: Sold, net: int, day: date = date(2026, 5, 20), *, cost: int = 0) -> TakenBack:
    return TakenBack(
        return_id=f"r{position}",
        sale_id=sale.sale_id,
        position=position,
        day=day,
        lines=(LineBack(line=1, net_minor=net, cost_minor=cost),),
    )


def of_month(scheme: Scheme, *facts: Sold | TakenBack, month: str = MAY) -> Statement:
    found = statements(
        scheme,
        "e1",
        [fact for fact in facts if isinstance(fact, Sold)],
        [fact for fact in facts if isinstance(fact, TakenBack)],
    )
    return found.get(month, Statement())


def told(entries: Sequence[Entry]) -> list[tuple[str, int, int]]:
    return [(entry.document, entry.rate_bp, entry.amount_minor) for entry in entries]


def test_a_sale_gives_its_share_of_the_net() -> None:
    assert of_month(scheme(flat(300)), sold(1, 10_000)).commission_minor == 300


def test_a_share_of_the_margin_leaves_out_what_the_goods_cost() -> None:
    assert of_month(scheme(flat(1_000, Base.MARGIN)), sold(1, 10_000, cost=6_000)).commission_minor == 400


def test_a_line_gives_by_the_first_rule_that_fits_it() -> None:
    rules = scheme(flat(500, aim=Aim(categories=("wine",))), flat(200))

    statement = of_month(rules, sold(1, 10_000, category="wine"), sold(2, 10_000))

    assert told(statement.entries) == [("sale-x1", 500, 500), ("sale-x2", 200, 200)]


def test_a_rule_for_others_gives_nothing() -> None:
    aims = (Aim(stores=("s2",)), Aim(employees=("e2",)), Aim(skus=("p9",)))

    assert of_month(scheme(*(flat(500, aim=aim) for aim in aims)), sold(1, 10_000)) == Statement()


def test_above_a_tier_only_what_is_above_it_has_the_higher_rate() -> None:
    rules = scheme(tiered((0, 100), (100_000, 200)))

    statement = of_month(rules, sold(1, 80_000), sold(2, 50_000))

    assert told(statement.entries) == [("sale-x1", 100, 800), ("sale-x2", 100, 200), ("sale-x2", 200, 600)]


def test_a_return_takes_back_what_its_sale_gave_and_not_what_the_next_would_give() -> None:
    rules = scheme(tiered((0, 100), (100_000, 200)))
    first, second = sold(1, 100_000), sold(2, 50_000)

    statement = of_month(rules, first, second, back(3, first, 100_000))

    assert told(statement.entries)[-1] == ("return-r3", 100, -1_000)
    assert statement.commission_minor == 1_000


def test_a_return_after_the_close_takes_back_in_the_open_month_by_the_version_of_the_sale() -> None:
    versions = Scheme(versions=(paying(flat(300)), paying(flat(100), start=JUNE)))
    sale = sold(1, 10_000)
    late = back(9, sale, 10_000, date(2026, 6, 3))
    after = closed(versions, (MAY, 5))

    assert of_month(after, sale, late).commission_minor == 300
    (entry,) = of_month(after, sale, late, month=JUNE).entries
    assert (entry.amount_minor, entry.version, entry.of_period) == (-300, 1, MAY)


def test_an_offline_sale_that_comes_after_the_close_counts_in_the_open_month_and_names_its_own() -> None:
    versions = Scheme(versions=(paying(flat(300)), paying(flat(100), start=JUNE)))
    late = msgspec.structs.replace(sold(9, 10_000, date(2026, 5, 31)), shift=4)

    statement = of_month(closed(versions, (MAY, 5)), late, month=JUNE)

    (entry,) = statement.entries
    assert (entry.amount_minor, entry.version) == (300, 1)
    assert (entry.of_period, entry.day, entry.shift, entry.sale_id) == (MAY, date(2026, 5, 31), 4, "x9")


def test_what_comes_after_two_closings_counts_in_the_month_that_is_open() -> None:
    twice = closed(scheme(flat(300)), (MAY, 5), (JUNE, 8))

    assert of_month(twice, sold(9, 10_000), month=JULY).commission_minor == 300


def test_a_late_sale_goes_on_in_the_tiers_of_its_own_month() -> None:
    rules = closed(scheme(tiered((0, 100), (100_000, 200))), (MAY, 5))

    late = of_month(rules, sold(1, 100_000), sold(9, 10_000), month=JUNE)

    assert told(late.entries) == [("sale-x9", 200, 200)]


def test_a_shared_sale_gives_by_share_and_takes_back_no_more() -> None:
    sale = sold(1, 101, share_bp=5_000)
    pieces = [back(position, sale, 1) for position in range(2, 103)]

    statement = of_month(scheme(flat(10_000)), sale, *pieces)

    assert statement.entries[0].amount_minor == 51
    assert statement.commission_minor == 0


def test_a_bonus_is_of_the_highest_step_alone() -> None:
    steps = (BonusStep(from_minor=100_000, amount_minor=500), BonusStep(from_minor=200_000, rate_bp=100))
    rules = scheme(BonusRule(base=Base.NET, steps=steps))

    statement = of_month(rules, sold(1, 99_999), sold(2, 1), sold(3, 150_000))

    assert told(statement.entries) == [("sale-x2", 0, 500), ("sale-x3", 100, 2_000)]
    assert statement.bonus_minor == 2_500


def test_a_return_below_the_step_takes_the_bonus_back_in_the_open_month() -> None:
    steps = (BonusStep(from_minor=100_000, amount_minor=500),)
    rules = closed(scheme(BonusRule(base=Base.NET, steps=steps)), (MAY, 5))
    sale = sold(1, 100_000)
    late = back(9, sale, 1, date(2026, 6, 2))

    assert of_month(rules, sale, late).bonus_minor == 500
    assert of_month(rules, sale, late, month=JUNE).bonus_minor == -500


def test_what_was_sold_before_the_scheme_gives_nothing_and_takes_nothing_back() -> None:
    sale = sold(1, 10_000, date(2026, 4, 30))

    assert of_month(scheme(flat(300)), sale, back(2, sale, 10_000)) == Statement()


def test_another_currency_is_another_schemes() -> None:
    pounds = msgspec.structs.replace(sold(1, 10_000), currency="GBP")

    assert of_month(scheme(flat(300)), pounds) == Statement()


facts_of_a_month = st.lists(
    st.tuples(
        st.integers(-50, 200_000),  # net: below zero where a till gave money with the goods
        st.integers(0, 150_000),  # cost
        st.sampled_from([10_000, 5_000, 3_333, 1]),
        st.lists(st.integers(0, 100), max_size=3),  # what comes back, in hundredths of what is left
    ),
    max_size=12,
)
every_rule = st.one_of(
    st.builds(flat, st.integers(0, 10_000), st.sampled_from(Base)),
    st.just(tiered((0, 150), (50_000, 275), (120_000, 333))),
)


def story(raw: list[tuple[int, int, int, list[int]]]) -> list[Sold | TakenBack]:
    """Sales, each followed by what came back of it, a part of what was left at a time."""
    facts: list[Sold | TakenBack] = []
    for net, cost, share_bp, parts in raw:
        sale = sold(len(facts) + 1, net, cost=cost, share_bp=share_bp)
        facts.append(sale)
        for part in parts:
            came = (half_up(net * part, 100), half_up(cost * part, 100))
            net, cost = net - came[0], cost - came[1]
            facts.append(back(len(facts) + 1, sale, came[0], cost=came[1]))
    return facts


@a_law
@laid_down(facts_of_a_month, st.integers(0, 10_000))
def test_commission_is_the_rate_times_what_was_sold_net_of_what_came_back(
    raw: list[tuple[int, int, int, list[int]]], rate_bp: int
) -> None:
    facts = story(raw)

    statement = of_month(scheme(flat(rate_bp)), *facts)

    left = {fact.sale_id: (fact, fact.lines[0].net_minor) for fact in facts if isinstance(fact, Sold)}
    for fact in facts:
        if isinstance(fact, TakenBack):
            sale, net = left[fact.sale_id]
            left[fact.sale_id] = sale, net - fact.lines[0].net_minor
    # What somebody has of what came back: their share of it, and all of theirs once all of it came back.
    own = sum(
        sale.lines[0].own_net_minor
        - (
            sale.lines[0].own_net_minor
            if net == 0
            else half_up((sale.lines[0].net_minor - net) * sale.share_bp, 10_000)
        )
        for sale, net in left.values()
    )
    assert statement.commission_minor == half_up(rate_bp * own, SCALE)


@a_law
@laid_down(facts_of_a_month, every_rule)
def test_lines_add_up_to_the_statement_and_each_is_exact_but_for_its_rounding(
    raw: list[tuple[int, int, int, list[int]]], rule: CommissionRule
) -> None:
    statement = of_month(scheme(rule), *story(raw))

    assert sum(entry.amount_minor for entry in statement.entries) == statement.commission_minor
    assert statement.commission_minor == half_up(sum(entry.exact for entry in statement.entries), SCALE)
    assert all(abs(entry.amount_minor * SCALE - entry.exact) <= SCALE for entry in statement.entries)
    assert all(entry.exact == entry.base_minor * entry.rate_bp for entry in statement.entries)


@a_law
@laid_down(facts_of_a_month, every_rule)
def test_a_month_of_which_everything_came_back_gives_nothing(
    raw: list[tuple[int, int, int, list[int]]], rule: CommissionRule
) -> None:
    everything = [(net, cost, share_bp, [*parts, 100]) for net, cost, share_bp, parts in raw]
    steps = (BonusStep(from_minor=1, amount_minor=7, rate_bp=13), BonusStep(from_minor=90_000, rate_bp=99))

    statement = of_month(scheme(rule, BonusRule(base=rule.base, steps=steps)), *story(everything))

    assert sum(entry.exact for entry in statement.entries) == 0
    assert (statement.commission_minor, statement.bonus_minor) == (0, 0)


@a_law
@laid_down(facts_of_a_month, facts_of_a_month, every_rule)
def test_nothing_that_comes_later_changes_a_closed_month_and_nothing_is_lost(
    before: list[tuple[int, int, int, list[int]]],
    later: list[tuple[int, int, int, list[int]]],
    rule: CommissionRule,
) -> None:
    steps = (BonusStep(from_minor=1, amount_minor=7, rate_bp=13), BonusStep(from_minor=90_000, rate_bp=99))
    open_scheme = scheme(rule, BonusRule(base=Base.NET, steps=steps))
    facts = story([*before, *later])
    known = story(before)

    after = closed(open_scheme, (MAY, len(known)))
    may, june = of_month(after, *facts), of_month(after, *facts, month=JUNE)

    assert may == of_month(open_scheme, *known)
    whole = of_month(open_scheme, *facts)
    assert sum(e.exact for e in (*may.entries, *june.entries)) == sum(e.exact for e in whole.entries)
    assert all(entry.of_period == MAY for entry in june.entries)


@a_law
@laid_down(facts_of_a_month)
def test_tiers_split_a_month_wherever_the_sales_cut_it(raw: list[tuple[int, int, int, list[int]]]) -> None:
    sales = [sold(i, net) for i, (net, *_) in enumerate(raw, start=1) if net > 0]
    total = sum(sale.lines[0].net_minor for sale in sales)
    rules = scheme(tiered((0, 150), (50_000, 275), (120_000, 333)))

    statement = of_month(rules, *sales)

    exact = (
        150 * min(total, 50_000) + 275 * min(max(total - 50_000, 0), 70_000) + 333 * max(total - 120_000, 0)
    )
    assert statement.commission_minor == half_up(exact, SCALE)
    assert {entry.kind for entry in statement.entries} <= {Kind.COMMISSION}
