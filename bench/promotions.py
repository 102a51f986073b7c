"""[quote_50], [checkout_promotions]: what fifty active offers cost a quote of twenty lines, and a checkout.

The floors are the same quote, and the same orders, in a shop without offers.
"""

import time
from collections.abc import Iterator

import uvloop

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.orders import CURRENCY, SKUS, STORES
from bench.parts import api, database, parts, scratch
from bench.shop import CATEGORIES, RECEIVED, Shop, open_shop, origin
from bench.supply import Supply
from domain.checkout.line_prices import BasketLine
from domain.checkout.pricing import Basket
from domain.checkout.quote import Quote, Quoted
from domain.kernel.command import Command
from domain.promotions.book import PublishOffer
from domain.promotions.offer import (
    AmountOff,
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
from infra.process import calm_collector

OFFERS = 50
LINES = 20
QUOTES_A_SECOND = 40
WARM_UP_QUOTES = 20


def quote(seconds: int) -> dict[str, Figure]:
    """Milliseconds of a quote, one after the other, straight to the clerk."""
    runs: list[float] = []
    floors: list[float] = []
    with scratch() as folder, database(folder) as data:
        plain, promoted = open_shop(data, "plain"), open_shop(data, "promoted")
        promoted.do(offers())
        for _ in range(RUNS):
            floors.append(uvloop.run(_quote_ms(plain, QUOTES_A_SECOND * seconds, 0)))
            runs.append(uvloop.run(_quote_ms(promoted, QUOTES_A_SECOND * seconds, OFFERS)))
            say(f"quote_50: {runs[-1]:.2f} ms, {floors[-1]:.2f} without offers")
    return {"quote_50": figure(runs, "ms", floors)}


def checkout(seconds: int) -> dict[str, Figure]:
    """Orders a second with the offers on, 32 callers, projector and jobs at work."""
    runs: list[float] = []
    floors: list[float] = []
    with scratch() as folder, database(folder) as data:
        plain, promoted = open_shop(data, "plain"), open_shop(data, "promoted")
        promoted.do(offers())
        driver = Driver(folder, seconds)
        with api(data) as address, parts(data, "projector", "jobs"):
            without, with_offers = (
                Lane(address=address, supplies=[Supply(shop)], callers=CALLERS) for shop in (plain, promoted)
            )
            for _ in range(RUNS):
                floors.append(driver.sell(without))
                runs.append(driver.sell(with_offers))
                say(f"checkout_promotions: {runs[-1]:,.0f} of {floors[-1]:,.0f}/s")
    return {"checkout_promotions": figure(runs, "orders/s", floors)}


def offers() -> Iterator[Command]:
    """Fifty that apply now: goods, categories, bundles, exclusive tiers, with groups, caps and a budget."""
    for number in range(OFFERS):
        benefit, target = _benefit(number)
        order = isinstance(benefit, SpendAndSave)
        yield PublishOffer(
            offer=Offer(
                offer_id=f"offer-{number:02}",
                version=0,
                name=f"Offer {number}",
                currency=CURRENCY,
                phase=Phase.ORDER if order else Phase.LINE,
                priority=number % 5,
                benefit=benefit,
                target=Target() if order else target,
                conditions=Conditions(minimum_minor=1_000 * (number % 3)),
                limits=_limits(number),
                group="tiers" if order else f"group-{number % 4}" if number % 5 == 0 else None,
            )
        )


def _benefit(number: int) -> tuple[Benefit, Target]:
    sku, other = SKUS[number], SKUS[number + OFFERS]
    category = Target(categories=(f"category-{number % CATEGORIES}",))
    match number % 8:
        case 0:
            return BuyGet(buy=2, get=1), category
        case 1:
            return AmountOff(amount_minor=20), Target(skus=SKUS[number : number + 20])
        case 2:
            return FixedPrice(price_minor=490), Target(skus=(sku, other))
        case 3:
            parts_ = (Part(skus=(sku,), quantity=1), Part(skus=(other,), quantity=1))
            return Bundle(parts=parts_, price_minor=900), Target(skus=(sku, other))
        case 4:
            return Gift(sku=sku), Target(skus=SKUS[number : number + 20])
        case 5:
            steps = (Step(from_minor=3_000, off_minor=50), Step(from_minor=9_000, off_minor=200))
            return SpendAndSave(steps=steps), Target()
        case _:
            return PercentOff(rate_bp=200), category


def _limits(number: int) -> Limits:
    if number == 6:
        return Limits(budget_minor=1_000 * RECEIVED)
    return Limits(cap_minor=500) if number % 7 == 0 else Limits()


async def _quote_ms(shop: Shop, quotes: int, tried: int) -> float:
    """The time of one quote. BenchmarkFailed unless each tried as many offers as there are."""
    command = Quote(
        basket=Basket(
            store_id=STORES[0],
            lines=tuple(
                BasketLine(sku=sku, quantity=1 + at % 3) for at, sku in enumerate(SKUS[: LINES * 3 : 3])
            ),
        )
    )
    async with shop.open() as tenant:
        calm_collector()
        for _ in range(WARM_UP_QUOTES):
            await tenant.submit(command, origin())
        began = time.perf_counter()
        for _ in range(quotes):
            quoted = (await tenant.submit(command, origin())).result
            assert isinstance(quoted, Quoted)
            if len(quoted.verdicts) != tried:
                raise BenchmarkFailed(f"{len(quoted.verdicts)} offers were tried, not {tried}")
        return (time.perf_counter() - began) / quotes * 1_000
