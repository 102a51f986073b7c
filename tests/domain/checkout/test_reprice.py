"""Returns that break an offer: KEEP leaves what was granted, REPRICE prices what is kept by itself."""

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.promotions.book import EndOffer
from domain.promotions.offer import (
    AmountOff,
    Benefit,
    BuyGet,
    Conditions,
    Limits,
    OnReturn,
    PercentOff,
    Phase,
    SpendAndSave,
    Step,
    Target,
)
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SALE, SaleCompleted
from tests.support.commands import publish
from tests.support.decisions import Shop
from tests.support.facts import a_store, by_piece, cash, check_out, take_back
from tests.support.laws import a_law

TWENTY = SpendAndSave(steps=(Step(from_minor=10_000, off_minor=2_000),))


def sold(
    *prices: int,
    benefit: Benefit = TWENTY,
    phase: Phase = Phase.ORDER,
    on_return: OnReturn = OnReturn.REPRICE,
    **terms: Any,
) -> Shop:
    """One piece at each price, under the offer; paid in cash with a large note."""
    shop = Shop(a_store())
    for number, price in enumerate(prices):
        shop.record([by_piece(f"p{number}", price)])
    shop.do(publish("twenty", benefit, phase, on_return=on_return, **terms))
    lines = [(f"p{number}", 1) for number in range(len(prices))]
    outcome = shop.do(check_out(*lines, tenders=(cash(10_000_000),)))
    assert not isinstance(outcome, Refusal), outcome
    return shop


def returned(shop: Shop, *lines: int) -> list[int]:
    """What is paid back for each line, returned one after the other."""
    paid: list[int] = []
    for line in lines:
        outcome = shop.do(take_back((line, 1), return_id=f"r{line}"))
        assert not isinstance(outcome, Refusal), outcome
        paid.append(shop.events(ReturnRecorded)[-1].total_minor)
    return paid


@pytest.mark.parametrize(("on_return", "refund"), [(OnReturn.KEEP, 4_091), (OnReturn.REPRICE, 3_000)])
def test_fifty_of_sixty_and_fifty_with_twenty_off(on_return: OnReturn, refund: int) -> None:
    assert returned(sold(6_000, 5_000, on_return=on_return), 2) == [refund]


def test_nobody_pays_for_bringing_something_back() -> None:
    assert returned(sold(9_500, 500), 2) == [0]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_in_either_order_everything_comes_back_in_the_end(order: tuple[int, int]) -> None:
    assert sum(returned(sold(6_000, 5_000), *order)) == 9_000
    assert sum(returned(sold(9_500, 500), *order)) == 8_000


def test_what_still_reaches_the_step_keeps_all_of_it() -> None:
    # 160 with 20 off; 100 are kept, which alone cost 80: 60 come back, not the 52.50 of their share.
    assert returned(sold(6_000, 10_000), 1) == [6_000]


def test_the_version_of_the_sale_counts_and_not_todays() -> None:
    shop = sold(6_000, 5_000)
    shop.do(publish("twenty", AmountOff(amount_minor=1), Phase.ORDER, on_return=OnReturn.REPRICE))
    shop.do(EndOffer(offer_id="twenty"))
    assert returned(shop, 2) == [3_000]


def test_the_kept_line_says_what_it_costs_more() -> None:
    shop = sold(6_000, 5_000)
    returned(shop, 2)
    (back,) = shop.events(ReturnRecorded)
    assert [(line.line, line.quantity, line.refund_minor) for line in back.lines] == [
        (1, 0, -1_091),
        (2, 1, 4_091),
    ]


def test_a_condition_that_held_at_the_sale_is_not_asked_again() -> None:
    shop = sold(
        6_000,
        5_000,
        benefit=PercentOff(rate_bp=1_000),
        conditions=Conditions(stores=("s1",), weekdays=(1,)),
        limits=Limits(total_uses=1),
    )
    assert returned(shop, 2) == [4_500]


def test_the_free_one_of_three_is_paid_when_another_comes_back() -> None:
    # 10, 8 and 6 for 18. Without the 8 there are two, for 16: 2 come back, then all that is left.
    shop = sold(1_000, 800, 600, benefit=BuyGet(buy=2, get=1), phase=Phase.LINE)
    assert returned(shop, 2, 1, 3) == [200, 1_000, 600]


Drawn = tuple[Benefit, Phase, dict[str, Any]]

FEW = st.lists(st.integers(0, 9_000), min_size=1, max_size=4)
ALL: tuple[Drawn, ...] = (
    (TWENTY, Phase.ORDER, {}),
    (PercentOff(rate_bp=1_500), Phase.ORDER, {"conditions": Conditions(minimum_minor=5_000)}),
    (BuyGet(buy=2, get=1), Phase.LINE, {}),
    (AmountOff(amount_minor=700), Phase.ORDER, {"target": Target(skus=("p0", "p1"))}),
    (SpendAndSave(steps=TWENTY.steps, repeat=True), Phase.ORDER, {"limits": Limits(cap_minor=3_000)}),
)
OFFERS = st.sampled_from(ALL)


@a_law
@drawn(FEW, st.lists(OFFERS, min_size=1, max_size=3), st.booleans(), st.data())
def test_any_order_of_returns_ends_at_what_was_paid(
    prices: list[int], offers: list[Drawn], inclusive: bool, data: st.DataObject
) -> None:
    shop = Shop(a_store(prices_include_tax=inclusive))
    for number, price in enumerate(prices):
        shop.record([by_piece(f"p{number}", price, tax_rate_bp=(0, 900, 2_200)[number % 3])])
    for number, (benefit, phase, terms) in enumerate(offers):
        on_return = data.draw(st.sampled_from(OnReturn))
        shop.do(publish(f"o{number}", benefit, phase, on_return=on_return, **terms))
    quantity = data.draw(st.integers(1, 3))
    lines = [(f"p{number}", quantity) for number in range(len(prices))]
    asked = shop.do(check_out(*lines, tenders=(cash(10_000_000),)))
    if isinstance(asked, Refusal):
        # Nothing is due.
        assert not isinstance(shop.do(check_out(*lines)), Refusal)
    (sale,) = shop.events(SaleCompleted)
    pieces = data.draw(st.permutations([line + 1 for line in range(len(prices)) for _ in range(quantity)]))
    refunded = 0
    for number, line in enumerate(pieces):
        outcome = shop.do(take_back((line, 1), return_id=f"r{number}"))
        assert not isinstance(outcome, Refusal), outcome
        back = shop.events(ReturnRecorded)[-1]
        assert back.total_minor >= 0
        refunded += back.total_minor
        assert refunded <= sale.total_minor
    backs = [line for back in shop.events(ReturnRecorded) for line in back.lines]
    assert refunded == sale.total_minor
    assert sum(line.net_minor for line in backs) == sum(line.net_minor for line in sale.lines)
    assert sum(line.tax_minor for line in backs) == sum(line.tax_minor for line in sale.lines)
    assert shop.state(SALE, "x1").returned == {line.line: quantity for line in sale.lines}
