"""Stacking: the worked numbers of the domain rules, every reason, and the laws that hold for any basket."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.quantity import Unit
from domain.promotions.offer import (
    AmountOff,
    Base,
    Benefit,
    Bundle,
    BuyGet,
    Conditions,
    FixedPrice,
    Gift,
    Limits,
    Offer,
    Part,
    PercentOff,
    Phase,
    SpendAndSave,
    Step,
    Target,
)
from domain.promotions.stacking import Line, Reason, Situation, Stacked, Used, stack

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
HERE = Situation(store_id="main", currency="CNY", at=NOON, local=NOON)


def piece(sku: str, amount_minor: int, quantity: int = 1, category: str = "fruit", floor: int = 0) -> Line:
    return Line(
        sku=sku,
        category=category,
        unit=Unit.PIECE,
        quantity=quantity,
        amount_minor=amount_minor,
        floor_minor=floor,
    )


def offer(offer_id: str, benefit: Benefit, phase: Phase = Phase.ORDER, **terms: Any) -> Offer:
    return Offer(
        offer_id=offer_id,
        version=1,
        name=offer_id,
        currency=terms.pop("currency", "CNY"),
        phase=phase,
        benefit=benefit,
        **terms,
    )


def percent(offer_id: str, rate_bp: int, phase: Phase = Phase.ORDER, **terms: Any) -> Offer:
    return offer(offer_id, PercentOff(rate_bp=rate_bp), phase, **terms)


def amount(offer_id: str, amount_minor: int, phase: Phase = Phase.ORDER, **terms: Any) -> Offer:
    return offer(offer_id, AmountOff(amount_minor=amount_minor), phase, **terms)


def priced(
    lines: list[Line], *offers: Offer, situation: Situation = HERE, used: dict[str, Used] | None = None
) -> Stacked:
    return stack(lines, offers, situation, used or {})


def reasons(stacked: Stacked) -> dict[str, Reason]:
    return {verdict.offer_id: verdict.reason for verdict in stacked.verdicts}


FROM_100 = Conditions(minimum_minor=10_000)


# --- the order --------------------------------------------------------------------------------------


def test_ten_percent_first_leaves_too_little_for_twenty_from_a_hundred() -> None:
    stacked = priced(
        [piece("a", 10_500)],
        percent("ten", 1_000, priority=1),
        percent("twenty", 2_000, priority=2, conditions=FROM_100),
    )
    assert (sum(stacked.net_minor), reasons(stacked)["twenty"]) == (9_450, Reason.BELOW_MINIMUM)


def test_twenty_percent_first_lets_ten_follow() -> None:
    stacked = priced(
        [piece("a", 10_500)],
        percent("ten", 1_000, priority=2),
        percent("twenty", 2_000, priority=1, conditions=FROM_100),
    )
    assert [grant.amount_minor for grant in stacked.grants] == [2_100, 840]


def test_of_equal_priority_the_smaller_id_goes_first() -> None:
    stacked = priced([piece("a", 10_000)], percent("b", 1_000), amount("a", 1_000))
    assert [(grant.offer.offer_id, grant.amount_minor) for grant in stacked.grants] == [
        ("a", 1_000),
        ("b", 900),
    ]


def test_lines_go_before_the_order_whatever_the_priority() -> None:
    stacked = priced(
        [piece("a", 10_000)], amount("order", 1_000, priority=-9), percent("line", 1_000, Phase.LINE)
    )
    assert [grant.offer.offer_id for grant in stacked.grants] == ["line", "order"]


def test_an_offer_may_reckon_with_the_original_amounts() -> None:
    stacked = priced(
        [piece("a", 10_500)], percent("ten", 1_000), percent("twenty", 2_000, base=Base.ORIGINAL)
    )
    assert [grant.amount_minor for grant in stacked.grants] == [1_050, 2_100]


def test_two_halves_and_more_of_the_original_take_no_more_than_all() -> None:
    stacked = priced(
        [piece("a", 1_000)], percent("a", 6_000), percent("b", 6_000, Phase.ORDER, base=Base.ORIGINAL)
    )
    assert ([grant.amount_minor for grant in stacked.grants], stacked.net_minor) == ([600, 400], (0,))


# --- groups -----------------------------------------------------------------------------------------


def test_of_a_group_the_offer_with_the_lowest_total_applies() -> None:
    stacked = priced(
        [piece("a", 10_000)], percent("five", 500, group="g"), amount("eight", 800, priority=9, group="g")
    )
    assert reasons(stacked) == {"five": Reason.LOST_TO_ANOTHER, "eight": Reason.APPLIED}


def test_a_loser_is_told_the_winner() -> None:
    stacked = priced([piece("a", 10_000)], percent("five", 500, group="g"), amount("eight", 800, group="g"))
    assert [verdict.facts for verdict in stacked.verdicts] == [{}, {"winner": "eight"}]


def test_equal_totals_go_to_the_smaller_id() -> None:
    stacked = priced([piece("a", 10_000)], percent("y", 1_000, group="g"), amount("x", 1_000, group="g"))
    assert reasons(stacked) == {"x": Reason.APPLIED, "y": Reason.LOST_TO_ANOTHER}


def test_the_lowest_total_counts_what_the_choice_does_to_others() -> None:
    # 15 off leaves too little for the 20 from 100; 10 % leaves enough.
    stacked = priced(
        [piece("a", 11_200)],
        amount("fifteen", 1_500, group="g"),
        percent("ten", 1_000, group="g"),
        amount("twenty", 2_000, priority=1, conditions=FROM_100),
    )
    assert reasons(stacked) == {
        "fifteen": Reason.LOST_TO_ANOTHER,
        "ten": Reason.APPLIED,
        "twenty": Reason.APPLIED,
    }


# --- proration --------------------------------------------------------------------------------------


def test_ten_off_is_split_by_largest_remainder() -> None:
    stacked = priced([piece("a", 1_990), piece("b", 550), piece("c", 320)], amount("ten", 1_000))
    assert stacked.grants[0].shares == (696, 192, 112)


def test_an_order_discount_weighs_what_earlier_ones_left() -> None:
    stacked = priced(
        [piece("a", 1_000), piece("b", 1_000)],
        percent("half", 5_000, Phase.LINE, target=Target(skus=("a",))),
        amount("three", 300),
    )
    assert stacked.grants[1].shares == (100, 200)


def test_buy_two_get_one_is_borne_by_the_group() -> None:
    lines = [piece("a", 1_000), piece("b", 800), piece("c", 600)]
    stacked = priced(lines, offer("321", BuyGet(buy=2, get=1), Phase.LINE))
    assert stacked.grants[0].shares == (250, 200, 150)


# --- benefits ---------------------------------------------------------------------------------------


def test_of_seven_pieces_two_groups_of_three_are_made() -> None:
    stacked = priced([piece("a", 700, 7)], offer("321", BuyGet(buy=2, get=1), Phase.LINE))
    assert stacked.net_minor == (500,)


def test_the_dearest_pieces_make_the_first_group() -> None:
    lines = [piece("a", 300, 3), piece("b", 3_000, 3)]
    stacked = priced(lines, offer("321", BuyGet(buy=2, get=1), Phase.LINE, limits=Limits(uses=1)))
    assert stacked.grants[0].shares == (0, 1_000)


def test_the_second_at_half_price() -> None:
    stacked = priced(
        [piece("a", 1_000), piece("b", 500)], offer("x", BuyGet(buy=1, get=1, rate_bp=5_000), Phase.LINE)
    )
    assert stacked.grants[0].shares == (167, 83)


def test_a_line_of_many_pieces_is_grouped_at_once() -> None:
    stacked = priced([piece("a", 10**12, 10**9)], offer("321", BuyGet(buy=2, get=1), Phase.LINE))
    assert stacked.grants[0].amount_minor == 333_333_333 * 1_000


def test_weighed_goods_make_no_group() -> None:
    weighed = Line(sku="a", category="fruit", unit=Unit.GRAM, quantity=3_000, amount_minor=900)
    stacked = priced([weighed], offer("321", BuyGet(buy=2, get=1), Phase.LINE))
    assert reasons(stacked) == {"321": Reason.NOTHING_TO_TAKE_OFF}


@pytest.mark.parametrize(("spent", "off"), [(9_999, 0), (10_000, 1_000), (19_999, 1_000), (20_000, 2_500)])
def test_the_highest_step_that_is_reached_counts(spent: int, off: int) -> None:
    steps = (Step(from_minor=10_000, off_minor=1_000), Step(from_minor=20_000, off_minor=2_500))
    assert priced([piece("a", spent)], offer("s", SpendAndSave(steps=steps))).net_minor == (spent - off,)


def test_a_repeated_step_counts_for_every_full_one() -> None:
    steps = (Step(from_minor=10_000, off_minor=1_000),)
    assert priced([piece("a", 35_000)], offer("s", SpendAndSave(steps=steps, repeat=True))).net_minor == (
        32_000,
    )


def test_a_fixed_price_is_for_each_kilogram() -> None:
    weighed = Line(sku="a", category="fruit", unit=Unit.GRAM, quantity=1_500, amount_minor=3_000)
    assert priced([weighed], offer("f", FixedPrice(price_minor=1_000), Phase.LINE)).net_minor == (1_500,)


def test_a_fixed_price_above_the_price_takes_nothing_off() -> None:
    stacked = priced([piece("a", 1_000)], offer("f", FixedPrice(price_minor=1_100), Phase.LINE))
    assert reasons(stacked) == {"f": Reason.NOTHING_TO_TAKE_OFF}


def test_an_amount_off_each_piece() -> None:
    assert priced([piece("a", 3_000, 3)], amount("x", 200, Phase.LINE)).net_minor == (2_400,)


BREAKFAST = Bundle(
    parts=(
        Part(
            skus=(
                "roll",
                "bun",
            ),
            quantity=2,
        ),
        Part(skus=("tea",), quantity=1),
    ),
    price_minor=1_000,
)


def test_a_bundle_has_its_price_as_often_as_its_parts_are_there() -> None:
    lines = [piece("roll", 1_500, 3), piece("bun", 400), piece("tea", 1_600, 2)]
    stacked = priced(lines, offer("b", BREAKFAST, Phase.LINE))
    # 500 + 500 + 800 and 500 + 400 + 800, for 1,000 each.
    assert stacked.grants[0].amount_minor == 800 + 700


def test_a_bundle_that_would_be_dearer_is_none() -> None:
    stacked = priced([piece("roll", 200, 2), piece("tea", 300)], offer("b", BREAKFAST, Phase.LINE))
    assert reasons(stacked) == {"b": Reason.NOTHING_TO_TAKE_OFF}


def test_a_gift_is_free_up_to_its_number() -> None:
    lines = [piece("a", 5_000), piece("mug", 900, 3)]
    stacked = priced(
        lines, offer("g", Gift(sku="mug"), Phase.LINE, conditions=Conditions(minimum_minor=5_000))
    )
    assert stacked.net_minor == (5_000, 600)


# --- limits -----------------------------------------------------------------------------------------


def test_a_cap_comes_after_stacking() -> None:
    # Stacked on 84.00, not on 100.00, though the twenty per cent are then cut to 5.00.
    stacked = priced(
        [piece("a", 10_500)],
        percent("twenty", 2_000, priority=1, limits=Limits(cap_minor=500)),
        percent("ten", 1_000, priority=2),
    )
    assert [grant.amount_minor for grant in stacked.grants] == [500, 840]


def test_a_cap_is_split_like_the_discount() -> None:
    stacked = priced([piece("a", 1_000), piece("b", 3_000)], percent("x", 5_000, limits=Limits(cap_minor=10)))
    assert stacked.grants[0].shares == (3, 7)


def test_a_floor_price_is_left_and_the_last_offer_gives_way() -> None:
    stacked = priced(
        [piece("a", 1_000, floor=650)], percent("x", 3_000, priority=1), amount("y", 200, priority=2)
    )
    assert [grant.amount_minor for grant in stacked.grants] == [300, 50]


def test_a_price_that_is_below_the_floor_already_is_not_raised() -> None:
    assert priced([piece("a", 500, floor=650)], amount("y", 200)).net_minor == (500,)


def test_an_offer_that_the_floor_cuts_to_nothing_did_not_apply() -> None:
    stacked = priced([piece("a", 1_000, floor=1_000)], amount("y", 200))
    assert (stacked.grants, reasons(stacked)) == ((), {"y": Reason.NOTHING_TO_TAKE_OFF})


def test_a_budget_is_kept_to_the_penny() -> None:
    limited = amount("y", 200, limits=Limits(budget_minor=1_000))
    within = priced([piece("a", 900)], limited, used={"y": Used(given_minor=800)})
    beyond = priced([piece("a", 900)], limited, used={"y": Used(given_minor=801)})
    assert (within.net_minor, reasons(beyond)) == ((700,), {"y": Reason.OVER_BUDGET})


def test_when_the_best_of_a_group_is_over_its_budget_the_next_applies() -> None:
    stacked = priced(
        [piece("a", 10_000)],
        amount("best", 3_000, group="g", limits=Limits(budget_minor=2_999)),
        amount("next", 1_000, group="g"),
    )
    assert reasons(stacked) == {"best": Reason.OVER_BUDGET, "next": Reason.APPLIED}


# --- conditions -------------------------------------------------------------------------------------

TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("terms", "used", "reason"),
    [
        ({"currency": "EUR"}, Used(), Reason.OTHER_CURRENCY),
        ({"conditions": Conditions(stores=("east",))}, Used(), Reason.OTHER_STORE),
        ({"conditions": Conditions(valid_from=NOON + TICK)}, Used(), Reason.NOT_BEGUN),
        ({"conditions": Conditions(valid_until=NOON)}, Used(), Reason.ENDED),
        (
            {
                "conditions": Conditions(
                    weekdays=(
                        2,
                        7,
                    )
                )
            },
            Used(),
            Reason.OTHER_WEEKDAY,
        ),
        ({"conditions": Conditions(from_min=721)}, Used(), Reason.OTHER_HOUR),
        ({"conditions": Conditions(until_min=720)}, Used(), Reason.OTHER_HOUR),
        ({"conditions": Conditions(from_min=1_320, until_min=720)}, Used(), Reason.OTHER_HOUR),
        ({"conditions": Conditions(segments=("vip",))}, Used(), Reason.OTHER_SEGMENT),
        ({"conditions": Conditions(tiers=("gold",))}, Used(), Reason.OTHER_TIER),
        ({"conditions": Conditions(first_purchase=True)}, Used(), Reason.NOT_FIRST_PURCHASE),
        ({"conditions": Conditions(birthday=True)}, Used(), Reason.NO_BIRTHDAY),
        ({"conditions": Conditions(minimum_quantity=2)}, Used(), Reason.TOO_FEW),
        ({"target": Target(skus=("b",))}, Used(), Reason.NOTHING_COVERED),
        ({"target": Target(categories=("tea",))}, Used(), Reason.NOTHING_COVERED),
        ({"target": Target(without_skus=("a",))}, Used(), Reason.NOTHING_COVERED),
        ({"limits": Limits(total_uses=5)}, Used(uses=5), Reason.USED_UP),
        ({"limits": Limits(customer_uses=1)}, Used(), Reason.CUSTOMER_NOT_NAMED),
    ],
)
def test_an_offer_says_why_it_does_not_apply(terms: dict[str, Any], used: Used, reason: Reason) -> None:
    stacked = priced([piece("a", 1_000)], amount("x", 100, **terms), used={"x": used})
    assert (reasons(stacked), stacked.net_minor) == ({"x": reason}, (1_000,))


@pytest.mark.parametrize(
    "conditions",
    [
        Conditions(stores=("main",)),
        Conditions(valid_from=NOON, valid_until=NOON + TICK),
        Conditions(weekdays=(1,)),
        Conditions(from_min=720, until_min=721),
        Conditions(from_min=1_320, until_min=721),
        Conditions(
            segments=(
                "vip",
                "new",
            )
        ),
        Conditions(first_purchase=True),
        Conditions(birthday=True),
        Conditions(minimum_minor=1_000, minimum_quantity=1),
    ],
)
def test_an_offer_applies_where_its_conditions_are_met(conditions: Conditions) -> None:
    member = Situation(
        store_id="main",
        currency="CNY",
        at=NOON,
        local=NOON,
        customer_id="c1",
        segments=("vip",),
        first_purchase=True,
        birthday=True,
    )
    stacked = priced([piece("a", 1_000)], amount("x", 100, conditions=conditions), situation=member)
    assert reasons(stacked) == {"x": Reason.APPLIED}


def test_a_customer_who_used_it_up_is_told() -> None:
    member = Situation(store_id="main", currency="CNY", at=NOON, local=NOON, customer_id="c1")
    limited = amount("x", 100, limits=Limits(customer_uses=1))
    stacked = priced([piece("a", 1_000)], limited, situation=member, used={"x": Used(customer_uses=1)})
    assert reasons(stacked) == {"x": Reason.CUSTOMER_USED_IT_UP}


# --- laws -------------------------------------------------------------------------------------------

SKUS = ("apple", "pear", "tea", "mug")
money = st.integers(0, 20_000)
some = st.lists(st.sampled_from(SKUS), max_size=2, unique=True).map(tuple)


@st.composite
def a_line(draw: st.DrawFn) -> Line:
    return Line(
        sku=draw(st.sampled_from(SKUS)),
        category=draw(st.sampled_from(("fruit", "drinks"))),
        unit=draw(st.sampled_from(Unit)),
        quantity=draw(st.integers(1, 30)),
        amount_minor=draw(money),
        floor_minor=draw(st.sampled_from((0, 0, 100, 5_000))),
    )


@st.composite
def a_benefit(draw: st.DrawFn) -> Benefit:
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return PercentOff(rate_bp=draw(st.integers(1, 10_000)))
    if kind == 1:
        return AmountOff(amount_minor=draw(st.integers(1, 5_000)))
    if kind == 2:
        return FixedPrice(price_minor=draw(money))
    if kind == 3:
        return BuyGet(
            buy=draw(st.integers(1, 4)), get=draw(st.integers(1, 3)), rate_bp=draw(st.integers(1, 10_000))
        )
    if kind == 4:
        step = Step(from_minor=draw(st.integers(1, 9_000)), off_minor=draw(st.integers(1, 9_000)))
        return SpendAndSave(steps=(step,), repeat=draw(st.booleans()))
    if kind == 5:
        return Bundle(
            parts=(
                Part(
                    skus=(
                        "apple",
                        "pear",
                    ),
                    quantity=draw(st.integers(1, 3)),
                ),
                Part(skus=("tea",), quantity=draw(st.integers(1, 2))),
            ),
            price_minor=draw(money),
        )
    return Gift(sku=draw(st.sampled_from(SKUS)), quantity=draw(st.integers(1, 3)))


maybe = st.none() | st.integers(1, 3_000)


def phases_of(benefit: Benefit) -> tuple[Phase, ...]:
    """Those in which it can be published."""
    if isinstance(benefit, PercentOff | AmountOff):
        return (Phase.LINE, Phase.ORDER)
    return (Phase.ORDER,) if isinstance(benefit, SpendAndSave) else (Phase.LINE,)


@st.composite
def an_offer(draw: st.DrawFn, number: int) -> Offer:
    benefit = draw(a_benefit())
    return Offer(
        offer_id=f"o{number}",
        version=1,
        name="",
        currency="CNY",
        phase=draw(st.sampled_from(phases_of(benefit))),
        priority=draw(st.integers(0, 3)),
        benefit=benefit,
        base=draw(st.sampled_from(Base)),
        target=Target(skus=draw(some), without_skus=draw(some)),
        conditions=Conditions(minimum_minor=draw(st.sampled_from((0, 0, 3_000)))),
        limits=Limits(
            cap_minor=draw(maybe), uses=draw(st.none() | st.integers(1, 3)), budget_minor=draw(maybe)
        ),
        group=draw(st.sampled_from((None, None, "g", "h"))),
    )


baskets = st.lists(a_line(), min_size=1, max_size=6)
books = st.integers(0, 7).flatmap(lambda count: st.tuples(*(an_offer(number) for number in range(count))))


@given(baskets, books)
def test_the_matrix_explains_every_penny(lines: list[Line], offers: tuple[Offer, ...]) -> None:
    stacked = stack(lines, offers, HERE, {})
    given_minor = [sum(grant.shares[at] for grant in stacked.grants) for at in range(len(lines))]
    paid = [line.amount_minor - off for line, off in zip(lines, given_minor, strict=True)]
    assert (tuple(paid), all(sum(grant.shares) == grant.amount_minor > 0 for grant in stacked.grants)) == (
        stacked.net_minor,
        True,
    )


@given(baskets, books)
def test_no_share_is_negative_and_no_line_below_its_floor(
    lines: list[Line], offers: tuple[Offer, ...]
) -> None:
    stacked = stack(lines, offers, HERE, {})
    assert all(share >= 0 for grant in stacked.grants for share in grant.shares)
    for net, line in zip(stacked.net_minor, lines, strict=True):
        assert net >= min(line.floor_minor, line.amount_minor)


@given(baskets, books)
def test_no_offer_gives_more_than_its_cap_and_its_budget(
    lines: list[Line], offers: tuple[Offer, ...]
) -> None:
    for grant in stack(lines, offers, HERE, {}).grants:
        limits = grant.offer.limits
        assert grant.amount_minor <= min(
            limit for limit in (limits.cap_minor, limits.budget_minor, 10**9) if limit is not None
        )


@given(baskets, books)
def test_of_a_group_one_offer_applies_and_every_offer_has_one_verdict(
    lines: list[Line], offers: tuple[Offer, ...]
) -> None:
    stacked = stack(lines, offers, HERE, {})
    groups = [grant.offer.group for grant in stacked.grants if grant.offer.group is not None]
    assert len(groups) == len(set(groups))
    assert sorted(verdict.offer_id for verdict in stacked.verdicts) == sorted(o.offer_id for o in offers)


@given(baskets, books, st.randoms(use_true_random=False))
def test_the_order_in_which_offers_are_named_changes_nothing(
    lines: list[Line], offers: tuple[Offer, ...], random: Any
) -> None:
    shuffled = list(offers)
    random.shuffle(shuffled)
    assert stack(lines, shuffled, HERE, {}) == stack(lines, offers, HERE, {})
