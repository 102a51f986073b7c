"""The demo's plan: pure, the same for a seed and a day, accepted by the rules, and like a shop's weeks."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import pytest

from domain.checkout.check_out import CheckOut
from domain.kernel.command import Moment
from domain.kernel.stream import States, Versioned
from domain.promotions.coupon import IssueCoupons, NewCoupon
from domain.sales.sale import CASH, Sale, SaleCompleted
from domain.service.case import CaseStatus
from domain.stockroom.moves import MoveKind, MoveStock
from infra.event_store.codec import StateStore
from workers.demo.plan import demo_plan
from workers.demo.shop import GOODS, STORES
from workers.demo.steps import TO_SEAL, Step

SEED = 7
FIRST_DAY = date(2026, 9, 3)
DAYS = 7
LATER = datetime(2026, 10, 1, tzinfo=UTC)
"""When it is told: coupons are valid by the server's clock."""


def a_plan(*, seed: int = SEED, first_day: date = FIRST_DAY, days: int = DAYS) -> list[Step]:
    return list(demo_plan(seed, first_day, days))


def decided(steps: Iterable[Step]) -> dict[str, Versioned]:
    """The states after deciding every step in memory; raises the first refusal."""
    store = StateStore()
    states: dict[str, Versioned] = {}
    for step in steps:
        command = step.command
        if isinstance(command, IssueCoupons):
            coupons = tuple(NewCoupon(coupon_id=name, code=TO_SEAL) for name in step.coupons)
            command = msgspec.structs.replace(command, coupons=coupons)
        elif isinstance(command, CheckOut):
            command = msgspec.structs.replace(command, coupon_ids=step.coupons)
        for stream in command.streams():
            states.setdefault(stream, store.initial(stream))
        for stream in command.linked(States(states)):
            states.setdefault(stream, store.initial(stream))
        moment = Moment(occurred_at=step.occurred_at, recorded_at=LATER)
        for stream, event in command.decide(States(states), moment).events:
            states[stream] = store.evolve(stream, states.get(stream) or store.initial(stream), event)
    return states


@cache
def the_states() -> dict[str, Versioned]:
    """Those of the usual plan, decided once."""
    return decided(a_plan())


def states_of(category: str) -> list[Any]:
    return [found.state for name, found in the_states().items() if name.startswith(f"{category}-")]


def the_sales() -> list[SaleCompleted]:
    sales: list[Sale] = states_of("sale")
    return [sale.completed for sale in sales if sale.completed is not None]


def stock_of(states: dict[str, Versioned]) -> dict[str, int]:
    """What is on hand, by stream, of what can be."""
    services = tuple(f"/{goods.sku}" for goods in GOODS if not goods.stocked)
    return {
        name: found.state.on_hand
        for name, found in states.items()
        if name.startswith("stock-") and not name.endswith(services)
    }


def test_a_seed_and_a_first_day_decide_every_step() -> None:
    assert a_plan() == a_plan()
    assert a_plan() != a_plan(seed=SEED + 1)
    assert a_plan() != a_plan(first_day=FIRST_DAY + timedelta(days=1))


def test_the_steps_are_in_the_order_of_time_and_end_with_the_last_day() -> None:
    times = [step.occurred_at for step in a_plan()]
    assert times == sorted(times)
    assert times[0].date() == FIRST_DAY - timedelta(days=1)
    assert times[-1].date() == FIRST_DAY + timedelta(days=DAYS - 1)


@pytest.mark.parametrize("later", range(7))
def test_the_rules_accept_every_step_on_whatever_day_the_demo_begins(later: int) -> None:
    states = decided(a_plan(seed=later, first_day=FIRST_DAY + timedelta(days=later), days=4))
    assert min(stock_of(states).values()) >= 0


def test_deliveries_suffice_for_every_article_in_both_stores() -> None:
    stock = stock_of(the_states())
    assert set(stock) == {
        f"stock-{store.store_id}/{goods.sku}" for store in STORES for goods in GOODS if goods.stocked
    }
    assert min(stock.values()) >= 0


def test_stock_also_goes_to_waste_and_is_counted() -> None:
    kinds = {step.command.kind for step in a_plan() if isinstance(step.command, MoveStock)}
    assert kinds >= {MoveKind.RECEIPT, MoveKind.WASTE, MoveKind.ADJUSTMENT}


def test_both_stores_sell_on_every_day() -> None:
    sold = Counter((sale.store_id, sale.business_day) for sale in the_sales())
    days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
    assert set(sold) == {(store.store_id, day) for store in STORES for day in days}
    assert min(sold.values()) > 20


def test_customers_pay_in_every_way() -> None:
    sales = the_sales()
    assert {tender.method for sale in sales for tender in sale.tenders} == {CASH, "card", "wechat", "alipay"}
    assert any(len(sale.tenders) > 1 for sale in sales)
    assert any(sale.change_minor > 0 for sale in sales)


def test_some_lines_come_back_whole_and_some_in_part() -> None:
    sales: list[Sale] = states_of("sale")
    back = [
        (quantity, sale.completed.lines[line - 1].quantity)
        for sale in sales
        for line, quantity in sale.returned.items()
        if sale.completed is not None
    ]
    assert any(quantity == bought for quantity, bought in back)
    assert any(quantity < bought for quantity, bought in back)


def test_coupons_of_both_sorts_are_redeemed_and_some_are_left() -> None:
    coupons = states_of("coupon")
    redeemed = [coupon for coupon in coupons if coupon.sale_id is not None]
    assert {coupon.customer_id is None for coupon in redeemed} == {True, False}
    assert 0 < len(redeemed) < len(coupons)


def test_complaints_are_in_every_state() -> None:
    cases = states_of("complaint")
    assert len(cases) == 15
    assert {case.status for case in cases} == set(CaseStatus)
    assert any(case.reopenings and case.status is CaseStatus.RESOLVED for case in cases)
    assert any(case.reopenings and case.status is CaseStatus.ASSIGNED for case in cases)
    assert any(case.opened.sale_id for case in cases)
    assert any(case.opened.customer_id is None for case in cases)
