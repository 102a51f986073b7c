"""Behind the demo's shop floor: deliveries in the morning, waste at closing, a count once a week."""

from collections.abc import Iterator
from datetime import datetime

from domain.kernel.money import Money, half_up
from domain.kernel.quantity import Unit
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from workers.demo.counter import LINES_WEIGHTS, PIECES_WEIGHTS, visits_expected
from workers.demo.shop import CURRENCY, GOODS, WASTE_REASONS, Goods, Store
from workers.demo.steps import Step
from workers.demo.trade import GOODS_BY_SKU, Trade

RESERVE_PERCENT = 150
"""What stands on the shelf in the morning, of what the day is expected to sell."""
REORDER_PERCENT = 75
"""A SKU is delivered when less than this part of it is left: every morning or two."""
COST_SWING_PERCENT = 8
WASTED_SKUS = (2, 5)
WASTED_PART = (0.01, 0.05)
COUNTED_SKUS = (3, 5)
WASTE_STEP_G = 10


def _mean(weights: dict[int, int]) -> float:
    return sum(value * weight for value, weight in weights.items()) / sum(weights.values())


def _wanted(store: Store, goods: Goods, when: datetime) -> int:
    """What should stand on the shelf this morning, in whole crates."""
    lines = visits_expected(store, when.date()) * _mean(LINES_WEIGHTS)
    share = goods.popularity / sum(other.popularity for other in GOODS)
    usual = goods.usual if goods.unit is Unit.GRAM else _mean(PIECES_WEIGHTS)
    crates = lines * share * usual * RESERVE_PERCENT / 100 / goods.crate
    return (int(crates) + 1) * goods.crate


def deliver(trade: Trade, store: Store, when: datetime) -> Iterator[Step]:
    """Fills up what runs low, at the day's market price."""
    lines: list[MoveLine] = []
    for goods in GOODS:
        on_hand = trade.on_hand[store.store_id, goods.sku]
        wanted = _wanted(store, goods, when)
        if not goods.stocked or on_hand * 100 >= wanted * REORDER_PERCENT:
            continue
        crates = -(-(wanted - on_hand) // goods.crate)
        swing = trade.random.randint(-COST_SWING_PERCENT, COST_SWING_PERCENT)
        cost = half_up(goods.price_minor * goods.cost_percent * (100 + swing), 10_000)
        lines.append(
            MoveLine(
                sku=goods.sku,
                quantity=crates * goods.crate,
                unit_cost=Money(amount=cost, currency=CURRENCY),
            )
        )
    yield from _book(trade, store, when, MoveKind.RECEIPT, lines)


def throw_away(trade: Trade, store: Store, when: datetime) -> Iterator[Step]:
    """The fruit that came back today, and what won't last until tomorrow."""
    random = trade.random
    lines: list[MoveLine] = []
    fruit = [goods for goods in GOODS if goods.perishable]
    for goods in random.sample(fruit, random.randint(*WASTED_SKUS)):
        left = trade.for_sale(store.store_id, goods.sku)
        quantity = WASTE_STEP_G * round(left * random.uniform(*WASTED_PART) / WASTE_STEP_G)
        if quantity > 0:
            lines.append(MoveLine(sku=goods.sku, quantity=quantity, reason=random.choice(WASTE_REASONS)))
    lines += [
        MoveLine(sku=goods.sku, quantity=quantity, reason="returned")
        for goods in GOODS
        if (quantity := trade.brought_back.pop((store.store_id, goods.sku), 0))
    ]
    yield from _book(trade, store, when, MoveKind.WASTE, lines)


def count(trade: Trade, store: Store, when: datetime) -> Iterator[Step]:
    """Some shelves are counted: a little is missing, seldom a little too much is there."""
    random = trade.random
    lines: list[MoveLine] = []
    for goods in random.sample([goods for goods in GOODS if goods.stocked], random.randint(*COUNTED_SKUS)):
        off = random.randrange(20, 300) if goods.unit is Unit.GRAM else 1
        difference = off if random.random() < 0.2 else -min(off, trade.on_hand[store.store_id, goods.sku])
        if difference:
            lines.append(MoveLine(sku=goods.sku, quantity=difference, reason="stocktake"))
    yield from _book(trade, store, when, MoveKind.ADJUSTMENT, lines)


def _book(
    trade: Trade, store: Store, when: datetime, kind: MoveKind, lines: list[MoveLine]
) -> Iterator[Step]:
    """The document, if it has lines; the plan's own book follows."""
    if not lines:
        return
    for line in lines:
        assert GOODS_BY_SKU[line.sku].stocked
        trade.on_hand[store.store_id, line.sku] += -line.quantity if kind is MoveKind.WASTE else line.quantity
    yield Step(occurred_at=when, command=MoveStock(store_id=store.store_id, kind=kind, lines=tuple(lines)))
