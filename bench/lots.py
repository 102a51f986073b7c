"""[checkout_lots], [valuation_as_of_s]: what lots cost a checkout, and the value of a past instant.

The floors are the same orders of goods without lots, and a count of the ledger's rows.
"""

import time
from collections.abc import Iterator
from datetime import date
from typing import LiteralString

import uvloop

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.orders import CURRENCY, SKUS, STORES
from bench.parts import api, database, parts, scratch
from bench.shop import COST_MINOR, RECEIVED, Shop, open_shop
from bench.supply import Supply
from domain.inventory.cost import CostMethod
from domain.inventory.policy import SetStockPolicy
from domain.kernel.command import Command
from domain.kernel.money import Money
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from projections.stock_ledger.queries import stock_value

SMALL = 300
"""Pieces of the lots that expire first: a run opens many of them."""
LOTS = ((2050, SMALL), (2051, SMALL), (2052, SMALL), (2060, RECEIVED), (2061, SMALL))
"""Year of the sell-by and quantity of each product's lots in each store."""
MOVEMENTS = 1_000_000

_FILL: LiteralString = """
INSERT INTO stock_ledger (position, number, store_id, sku, lot, recorded_at, occurred_at, from_place,
    to_place, quantity, on_hand, held, cost_minor, value_minor, variance_minor)
SELECT 1000000 + n, 1, %(store_id)s, 'sku-' || n %% 5000, 'lot-' || n %% 50000, now(), now(), 'supplier',
    'shelf', 1, 1, 0, n %% 997, n %% 997, 0
FROM generate_series(1, %(rows)s) AS n
"""
_FLOOR: LiteralString = "SELECT count(*) FROM stock_ledger"


def checkout(seconds: int) -> dict[str, Figure]:
    """Orders a second of goods in five lots each, first in, first out, 32 callers, all parts at work."""
    runs: list[float] = []
    floors: list[float] = []
    with scratch() as folder, database(folder) as data:
        plain, lotted = open_shop(data, "plain"), open_shop(data, "lots")
        lotted.do((SetStockPolicy(cost_method=CostMethod.FIFO),))
        lotted.do(deliveries())
        driver = Driver(folder, seconds)
        with api(data) as address, parts(data, "projector", "jobs"):
            without, with_lots = (
                Lane(address=address, supplies=[Supply(shop)], callers=CALLERS) for shop in (plain, lotted)
            )
            for _ in range(RUNS):
                floors.append(driver.sell(without))
                runs.append(driver.sell(with_lots))
                say(f"checkout_lots: {runs[-1]:,.0f} of {floors[-1]:,.0f}/s")
    return {"checkout_lots": figure(runs, "orders/s", floors)}


def deliveries() -> Iterator[Command]:
    """The lots of every product in every store."""
    cost = Money(amount=COST_MINOR, currency=CURRENCY)
    for store_id in STORES:
        for year, quantity in LOTS:
            lines = tuple(
                MoveLine(
                    sku=sku, quantity=quantity, unit_cost=cost, lot=f"L{year}", sell_by=date(year, 1, 31)
                )
                for sku in SKUS
            )
            yield MoveStock(store_id=store_id, kind=MoveKind.RECEIPT, lines=lines)


def valuation() -> dict[str, Figure]:
    """Seconds to sum up what a store's stock was worth, half of a million movements ago."""
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        runs, floors = uvloop.run(_valued(shop))
    say(f"valuation_as_of_s: {runs[-1]:.2f} s, {floors[-1]:.2f} to count the rows")
    return {"valuation_as_of_s": figure(runs, "s", floors)}


async def _valued(shop: Shop) -> tuple[list[float], list[float]]:
    runs: list[float] = []
    floors: list[float] = []
    then = MOVEMENTS + MOVEMENTS // 2
    async with shop.open() as tenant, tenant.readers.connection() as connection:
        await connection.execute(_FILL, {"store_id": STORES[0], "rows": MOVEMENTS})
        for _ in range(RUNS):
            began = time.perf_counter()
            found = await stock_value(connection, STORES[0], then, None)
            runs.append(time.perf_counter() - began)
            if found.on_hand != MOVEMENTS // 2:
                raise BenchmarkFailed(f"{found.on_hand:,} pieces were there, not {MOVEMENTS // 2:,}")
            began = time.perf_counter()
            await connection.execute(_FLOOR)
            floors.append(time.perf_counter() - began)
    return runs, floors
