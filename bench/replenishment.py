"""[replenish_100k_s]: the nightly look at 100,000 store-items in one process, its suggestions written.

Each has eight weeks of sales behind it, some outages, and half of them have to be ordered. The floor is the
same look when all suggestions wait already: it reads and estimates, and writes nothing.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
import uvloop

from bench.books import Books
from bench.measure import BenchmarkFailed, Figure, figure, say
from bench.orders import CURRENCY
from bench.parts import database, owner_conninfo, parts, scratch
from bench.shop import TIME_ZONE, Shop, add_product, open_shop, submit_all
from domain.kernel.command import Command
from domain.replenishment.policy import OrderUpTo, Policy
from domain.replenishment.suggesting import SetReplenishmentPolicy
from domain.stores.store import OpenStore
from infra.process import calm_collector
from projections.replenishment.history import DAYS
from workers.jobs.replenishment import Replenished, replenish

STORES = 100
ITEMS = 1_000
AT_ONCE = 2_000
LEAST_SUGGESTED = STORES * ITEMS // 5

# What the projector would have written in eight weeks, in a minute: shelves of 0 to 39, of which an item of
# ten or twenty a day needs more; outages in every third item's row.
_FILL: LiteralString = """
INSERT INTO item_demand (store_id, sku, business_day, sold, returned)
SELECT item.store_id, item.sku, day::date, 5 + (hashtext(item.sku || day::date) & 15), 0
FROM replenished_items AS item
CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day;

INSERT INTO item_outages (store_id, sku, on_hand, since, out_since, outages)
SELECT store_id, sku, hashtext(store_id || sku) & 63, %(first)s::date - 30, NULL,
    CASE WHEN hashtext(sku) %% 3 = 0 THEN jsonb_build_object(
        to_char(%(last)s::date - 5, 'YYYY-MM-DD') || 'T05:00:00+00:00', 600,
        to_char(%(last)s::date - 25, 'YYYY-MM-DD') || 'T03:00:00+00:00', 2000
    ) ELSE '{}' END
FROM replenished_items;

INSERT INTO selling_hours (store_id, hour, lines)
SELECT DISTINCT store_id, hour, 1000 + hour
FROM replenished_items
CROSS JOIN generate_series(8, 21) AS hour
"""


def measure() -> dict[str, Figure]:
    """Seconds of the look, the suggestions durable in the journal; and of the next, which finds nothing."""
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data, "replenished")
        began = time.monotonic()
        uvloop.run(_found(shop))
        with parts(data, "projector"):
            Books(shop).wait_until_caught_up()
        now = datetime.now(UTC)
        with psycopg.connect(owner_conninfo(data.owner, shop.tenant), autocommit=True) as connection:
            _fill(connection, now)
        say(f"{STORES * ITEMS:,} items with {DAYS} days each after {time.monotonic() - began:.0f} s")
        took_s, done = uvloop.run(_look(shop, now))
        with parts(data, "projector"):
            Books(shop).wait_until_caught_up()
        floor_s, again = uvloop.run(_look(shop, now))
    say(f"replenish_100k_s: {done.suggested:,} suggestions of {done.items:,} items in {took_s:.1f} s")
    if done.items != STORES * ITEMS or done.suggested < LEAST_SUGGESTED or again.suggested:
        raise BenchmarkFailed(f"the first look found {done}, the second {again}")
    return {"replenish_100k_s": figure([took_s], "s", [floor_s])}


async def _found(shop: Shop) -> None:
    commands = list(_founding())
    async with shop.open() as tenant:
        for first in range(0, len(commands), AT_ONCE):
            await submit_all(tenant, commands[first : first + AT_ONCE])


def _founding() -> Iterator[Command]:
    stores = [f"branch-{number:03}" for number in range(STORES)]
    skus = [f"item-{number:04}" for number in range(ITEMS)]
    for store_id in stores:
        yield OpenStore(store_id=store_id, name=store_id, currency=CURRENCY, time_zone=TIME_ZONE)
    for sku in skus:
        yield add_product(sku)
    for number, store_id in enumerate(stores):
        for sku in skus:
            rule = OrderUpTo(service_level_bp=9_000 + number % 10 * 99)
            yield SetReplenishmentPolicy(store_id=store_id, sku=sku, policy=Policy(rule=rule, pack=6))


def _fill(connection: "psycopg.Connection[tuple[object, ...]]", now: datetime) -> None:
    last = now.date() - timedelta(days=1)
    for statement in _FILL.split(";\n"):
        connection.execute(statement, {"first": last - timedelta(days=DAYS), "last": last})
    for table in ("item_demand", "item_outages", "selling_hours", "replenished_items"):
        connection.execute(f"VACUUM ANALYZE {table}")


async def _look(shop: Shop, now: datetime) -> tuple[float, Replenished]:
    async with shop.open() as tenant:
        calm_collector()
        began = time.perf_counter()
        done = await replenish(tenant, now)
        return time.perf_counter() - began, done
