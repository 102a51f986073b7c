"""At the demo's tills: who comes when, what they buy, how they pay and what they bring back."""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from domain.checkout.check_out import CheckOut
from domain.checkout.lines_back import ReturnLine
from domain.checkout.pricing import BasketLine
from domain.checkout.take_back import TakeBack
from domain.customers.customer import CUSTOMER
from domain.kernel.money import half_up
from domain.kernel.quantity import Unit, amount_minor
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import CASH, SALE, Tender
from workers.demo.shop import CAMPAIGN, CURRENCY, GOODS, REGISTERS, RETURN_REASONS, ZONE, Goods, Store
from workers.demo.steps import Step
from workers.demo.trade import GOODS_BY_SKU, Bought, Trade

VISITS_A_DAY = 60
WEEKDAY_PERCENT = (88, 86, 88, 92, 106, 132, 126)
"""Monday first: the weekend is the better half of the week."""
HOUR_WEIGHTS = {
    8: 7, 9: 9, 10: 7, 11: 6, 12: 4, 13: 3, 14: 3, 15: 4, 16: 7, 17: 12, 18: 15, 19: 12, 20: 8, 21: 4,
}  # fmt: skip
RUSH_HOURS = frozenset({9, 17, 18, 19})
OPENS, CLOSES = time(8), time(22)
SHIFT_ENDS = time(14, 30)
LINES_WEIGHTS = {1: 25, 2: 33, 3: 24, 4: 12, 5: 6}
PIECES_WEIGHTS = {1: 76, 2: 18, 3: 6}
METHODS_WEIGHTS = {"wechat": 52, "alipay": 22, CASH: 16, "card": 10}
CASH_STEPS_MINOR = (100, 500, 1_000, 5_000, 10_000)
MEMBER, NO_STAFF, PAID_IN_TWO, RETURNED, WHOLE_LINE = 0.42, 0.03, 0.04, 0.024, 0.6
USES_PERSONAL, USES_BEARER = 0.3, 0.12
SCALE_STEP_G = 2
RETURN_STEP_G = 10


def visits_expected(store: Store, day: date) -> float:
    """How many customers a store expects on a day."""
    return VISITS_A_DAY * store.trade_percent / 100 * WEEKDAY_PERCENT[day.weekday()] / 100


def visits(trade: Trade, store: Store, day: date) -> Iterator[datetime]:
    """When the customers of a day come, in no order."""
    expected = visits_expected(store, day)
    count = max(1, round(trade.random.gauss(expected, math.sqrt(expected))))
    for hour in trade.random.choices(list(HOUR_WEIGHTS), list(HOUR_WEIGHTS.values()), k=count):
        yield trade.between(day, time(hour), time(hour, 59))


def sell(trade: Trade, store: Store, when: datetime) -> Iterator[Step]:
    """A customer buys what is there, and may come back with some of it."""
    random = trade.random
    basket = _basket(trade, store)
    if not basket:
        return
    day = when.date()
    trade.receipts[store.store_id, day] += 1
    customer_id = None
    if random.random() < MEMBER:  # the first members come most
        customer_id = random.choices(trade.members, [1 / (rank + 4) for rank in range(len(trade.members))])[0]
    subtotal = sum(
        amount_minor(goods.price_minor, quantity, goods.unit) for goods, quantity in basket.values()
    )
    coupons = _coupons(trade, customer_id, subtotal)
    due = subtotal - (half_up(subtotal * CAMPAIGN.value_bp, 10_000) if coupons else 0)
    command = CheckOut(
        sale_id=f"s-{store.store_id}-{day:%Y%m%d}-{trade.receipts[store.store_id, day]:03}",
        store_id=store.store_id,
        register_id=random.choice(REGISTERS) if when.hour in RUSH_HOURS else REGISTERS[0],
        customer_id=customer_id,
        employee_id=_on_duty(trade, store, when),
        lines=tuple(BasketLine(sku=sku, quantity=quantity) for sku, (_, quantity) in basket.items()),
        tenders=_tenders(trade, due),
        currencies=frozenset({CURRENCY}),
    )
    bought = Bought(
        sale_id=command.sale_id,
        store_id=store.store_id,
        customer_id=customer_id,
        lines=tuple((line.sku, line.quantity) for line in command.lines),
    )
    for sku, quantity in bought.lines:
        if GOODS_BY_SKU[sku].stocked:
            trade.on_hand[store.store_id, sku] -= quantity
    trade.recent.append(bought)
    if random.random() < RETURNED:
        _plan_return(trade, bought, when)
    yield Step(occurred_at=when, command=command, terminal=command.register_id, coupons=coupons)


def _basket(trade: Trade, store: Store) -> dict[str, tuple[Goods, int]]:
    """Different goods with their quantities, none above what the shelf holds."""
    random = trade.random
    wanted = random.choices(list(LINES_WEIGHTS), list(LINES_WEIGHTS.values()))[0]
    basket: dict[str, tuple[Goods, int]] = {}
    for goods in random.choices(GOODS, [goods.popularity for goods in GOODS], k=3 * wanted):
        if len(basket) == wanted:
            break
        if goods.unit is Unit.GRAM:
            factor = min(2.2, max(0.3, random.gauss(1, 0.4)))
            quantity = SCALE_STEP_G * round(goods.usual * factor / SCALE_STEP_G)
        else:
            quantity = random.choices(list(PIECES_WEIGHTS), list(PIECES_WEIGHTS.values()))[0]
        if not goods.stocked:
            quantity = 1
        elif quantity > trade.for_sale(store.store_id, goods.sku):
            continue
        basket.setdefault(goods.sku, (goods, quantity))
    # Nobody has nothing delivered: the service comes with goods or not at all.
    return basket if any(goods.stocked for goods, _ in basket.values()) else {}


def _coupons(trade: Trade, customer_id: str | None, subtotal_minor: int) -> tuple[str, ...]:
    """The coupon that the customer presents, if they have one and the campaign lets them use it."""
    if (
        customer_id is None
        or subtotal_minor < CAMPAIGN.minimum_minor
        or trade.redeemed[customer_id] == CAMPAIGN.limit_per_customer
        or trade.redeemed.total() == CAMPAIGN.limit_total
    ):
        return ()
    if customer_id in trade.personal_coupons and trade.random.random() < USES_PERSONAL:
        coupon = trade.personal_coupons.pop(customer_id)
    elif trade.bearer_coupons and trade.random.random() < USES_BEARER:
        coupon = trade.bearer_coupons.pop()
    else:
        return ()
    trade.redeemed[customer_id] += 1
    return (coupon,)


def _on_duty(trade: Trade, store: Store, when: datetime) -> str | None:
    """Half of the staff works early, half late; a few sales are nobody's."""
    if trade.random.random() < NO_STAFF:
        return None
    half = len(store.staff) // 2
    shift = store.staff[:half] if when.time() < SHIFT_ENDS else store.staff[half:]
    return trade.random.choice(shift)[0]


def _tenders(trade: Trade, due_minor: int) -> tuple[Tender, ...]:
    """How it is paid: exactly, or in cash rounded up to what a purse holds; sometimes in two parts."""
    random = trade.random
    method = random.choices(list(METHODS_WEIGHTS), list(METHODS_WEIGHTS.values()))[0]
    if method == CASH:
        return (_cash(trade, due_minor),)
    if random.random() < PAID_IN_TWO and due_minor > CASH_STEPS_MINOR[0]:
        part = random.randrange(1, due_minor)
        return (Tender(method=method, amount_minor=part), _cash(trade, due_minor - part))
    return (Tender(method=method, amount_minor=due_minor),)


def _cash(trade: Trade, due_minor: int) -> Tender:
    step = trade.random.choice(CASH_STEPS_MINOR)
    return Tender(method=CASH, amount_minor=-(-due_minor // step) * step)


def _plan_return(trade: Trade, bought: Bought, when: datetime) -> None:
    """They come back within hours, or the next morning if it is late; after the last day not at all."""
    back = when + timedelta(minutes=trade.random.randrange(20, 240))
    if back.date() != when.date() or back.time() >= CLOSES:
        back = trade.between(when.date() + timedelta(days=1), OPENS, time(11))
    if back < datetime.combine(trade.days[-1], CLOSES, ZONE):
        trade.plan(back, partial(_take_back, trade, bought))


def _take_back(trade: Trade, bought: Bought, when: datetime) -> Iterator[Step]:
    random = trade.random
    goods_lines = [
        (number, sku, quantity)
        for number, (sku, quantity) in enumerate(bought.lines, start=1)
        if GOODS_BY_SKU[sku].stocked
    ]
    taken: list[ReturnLine] = []
    for number, sku, quantity in random.sample(goods_lines, random.randint(1, min(2, len(goods_lines)))):
        goods = GOODS_BY_SKU[sku]
        smallest = RETURN_STEP_G if goods.unit is Unit.GRAM else 1
        back = quantity
        if random.random() > WHOLE_LINE and quantity > smallest:
            back = random.randrange(smallest, quantity, smallest)
        taken.append(ReturnLine(line=number, quantity=back))
        trade.on_hand[bought.store_id, sku] += back
        if goods.perishable:
            trade.brought_back[bought.store_id, sku] += back
    command = TakeBack(
        return_id=f"r{bought.sale_id[1:]}",
        sale_id=bought.sale_id,
        register_id=REGISTERS[0],
        lines=tuple(taken),
    )
    customer_id = bought.customer_id
    subject = SALE.stream(bought.sale_id) if customer_id is None else CUSTOMER.stream(customer_id)
    yield Step(
        occurred_at=when,
        command=command,
        terminal=command.register_id,
        subject=subject,
        texts={f"{ReturnRecorded.TYPE}/reason": random.choice(RETURN_REASONS)},
    )
