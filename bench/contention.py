"""[hot_sku], [hot_campaign]: every order needs the same stock item, or draws on the same campaign.

The floor is the spread load, on the same shop. And nothing is sold that is not there: of twice as many tries
as there are pieces (or uses), exactly those are sold.
"""

import math
from collections.abc import Sequence

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.orders import STORES, Trade
from bench.parts import api, database, parts, scratch
from bench.shop import RECEIVED, add_product, deliver, open_campaign, open_shop
from bench.supply import Supply
from domain.catalog.product import NegativeStock
from domain.kernel.command import Command

AMPLE, SCARCE = "ample", "scarce"
"""The product, or the campaign, of the runs, and that of the proof."""
THERE = 1_000
TRIES = 2 * THERE
ONE_STORE = STORES[:1]


def hot_sku(seconds: int) -> dict[str, Figure]:
    """One product, on a line of every order in one store; it blocks sales below zero."""
    commands = [
        *(add_product(sku, negative_stock=NegativeStock.BLOCK) for sku in (AMPLE, SCARCE)),
        deliver(ONE_STORE[0], [AMPLE], RECEIVED),
        deliver(ONE_STORE[0], [SCARCE], THERE),
    ]
    ample = Trade(name="ample-sku", stores=ONE_STORE, sku=AMPLE)
    scarce = Trade(name="scarce-sku", stores=ONE_STORE, sku=SCARCE)
    return _measure("hot_sku", seconds, commands, ample, scarce, "stock_short")


def hot_campaign(seconds: int) -> dict[str, Figure]:
    """One campaign with a budget, on which every order's coupon draws."""
    commands = [open_campaign(AMPLE, limit_total=RECEIVED), open_campaign(SCARCE, limit_total=THERE)]
    ample = Trade(name="ample-campaign", campaigns=(AMPLE,))
    scarce = Trade(name="scarce-campaign", campaigns=(SCARCE,))
    return _measure("hot_campaign", seconds, commands, ample, scarce, "coupon_limit_reached")


def _measure(
    name: str, seconds: int, commands: Sequence[Command], ample: Trade, scarce: Trade, refusal: str
) -> dict[str, Figure]:
    """Orders a second of the trade with enough for all, then the proof by the one without."""
    floors: list[float] = []
    runs: list[float] = []
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        shop.do(commands)
        driver = Driver(folder, seconds)
        with api(data) as address, parts(data, "projector", "jobs"):
            spread, hot, short = (
                Lane(address=address, supplies=[supply], callers=CALLERS)
                for supply in (Supply(shop), Supply(shop, ample), Supply(shop, scarce))
            )
            for _ in range(RUNS):
                floors.append(driver.sell(spread))
                runs.append(driver.sell(hot))
                say(f"{name}: {runs[-1]:,.0f} of {floors[-1]:,.0f}/s")
            _require_no_oversell(driver, short, refusal, math.ceil(2 * TRIES / min(runs)))
    return {name: figure(runs, "orders/s", floors)}


def _require_no_oversell(driver: Driver, lane: Lane, refusal: str, seconds: int) -> None:
    """All that there was is sold, no piece more, and who got nothing was told so by a 409."""
    load, sold = driver.burst(lane, TRIES, seconds)
    if sold != THERE or load.created != THERE:
        raise BenchmarkFailed(f"of {THERE:,} there were {sold:,} sold, and {load.created:,} told so")
    if load.failed or f'"{refusal}"' not in load.problem:
        raise BenchmarkFailed(f"{load.failed:,} answers were neither 201 nor 409; the first: {load.problem}")
    say(f"{THERE:,} of {load.composed:,} tries were sold, {load.refused:,} answered {refusal}")
