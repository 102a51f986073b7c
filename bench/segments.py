"""[segments_1m_s]: six segments of a million customers as of a date, and their first members written down.

The floor is a plain scan of the same rows: the days of all customers, every value read, nothing kept.
"""

import time
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from typing import LiteralString

import psycopg
import uvloop

from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.parts import database, owner_conninfo, scratch
from bench.shop import CURRENCY, Shop, open_shop
from domain.customers.measures import Stage
from domain.customers.rfm import Part, RfmCuts
from domain.customers.rules import All, Between, Definition, InStage, Measure, Not, Scored, Taste
from infra.process import calm_collector
from infra.tenancy import Tenant
from workers.segments import Due, work_out

CUSTOMERS = 1_000_000
AS_OF = date(2026, 6, 30)
CUTS = RfmCuts(
    recency_days=(7, 30, 90, 180), frequency=(2, 4, 6, 8), monetary_minor=(5_000, 10_000, 20_000, 40_000)
)
LOYAL = All(of=(Scored(part=Part.FREQUENCY, at_least=4), Scored(part=Part.RECENCY, at_least=4)))
RULES = {
    "loyal-guests": LOYAL,
    "big-spenders": Scored(part=Part.MONETARY, at_least=5),
    "middle-band": Between(measure=Measure.SPEND_MINOR, at_least=10_000, at_most=19_999),
    "dormant-guests": InStage(stages=(Stage.DORMANT,)),
    "lost-guests": All(of=(InStage(stages=(Stage.LOST,)), Not(of=Scored(part=Part.FREQUENCY, at_most=1)))),
    "fruit-lovers": Taste(category="fruit", at_least_permille=700),
}

# What the projector would have written: one to nine days with a purchase each, half of them of fruit.
_FILL: LiteralString = """
INSERT INTO customers_since (customer_id, registered_at)
SELECT 'customer-' || n, '2024-01-01'
FROM generate_series(1, %(customers)s) AS n;

INSERT INTO customer_days (
    customer_id, business_day, purchases, returns, spend_minor, goods_minor, categories
)
SELECT 'customer-' || n, %(as_of)s::date - 650 + (hashint4(n) & 15) * 7 + bought * (30 + n %% 60), 1, 0,
    jsonb_build_object('CNY', amount), jsonb_build_object('CNY', amount),
    jsonb_build_object('CNY/' || CASE WHEN n %% 2 = 0 THEN 'fruit' ELSE 'tea' END, amount)
FROM generate_series(1, %(customers)s) AS n
CROSS JOIN LATERAL generate_series(1, 1 + n %% 9) AS bought
CROSS JOIN LATERAL (SELECT 1000 + (hashint4(n * 10 + bought) & 8191) AS amount) AS paid;

VACUUM ANALYZE customers_since;

VACUUM ANALYZE customer_days
"""
_FLOOR: LiteralString = """
SELECT count(customer_id), max(business_day), sum(purchases), sum(returns), max(spend_minor::text),
    max(goods_minor::text), max(categories::text)
FROM customer_days
"""


def measure() -> dict[str, Figure]:
    """Seconds from nothing to all who belong to one of the segments, with their reasons."""
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data, "segmented")
        began = time.monotonic()
        with psycopg.connect(owner_conninfo(data.owner, shop.tenant), autocommit=True) as connection:
            for statement in _FILL.split(";\n"):
                connection.execute(statement, {"customers": CUSTOMERS, "as_of": AS_OF})
        say(f"{CUSTOMERS:,} customers after {time.monotonic() - began:.0f} s")
        runs, floors = uvloop.run(_looked(shop))
    return {"segments_1m_s": figure(runs, "s", floors)}


async def _looked(shop: Shop) -> tuple[list[float], list[float]]:
    due = [
        Due(segment_id, 1, Definition(rule=rule, currency=CURRENCY, rfm=CUTS))
        for segment_id, rule in RULES.items()
    ]
    runs: list[float] = []
    floors: list[float] = []
    calm_collector()
    async with shop.open() as tenant:
        for _ in range(RUNS):
            began = time.perf_counter()
            await _scan(tenant)
            floors.append(time.perf_counter() - began)
            began = time.perf_counter()
            members = await _look(tenant, due)
            runs.append(time.perf_counter() - began)
            say(f"segments_1m_s: {runs[-1]:.1f} s, {floors[-1]:.1f} to read the rows; {members}")
            if not all(0 < members[segment_id] < CUSTOMERS for segment_id in RULES):
                raise BenchmarkFailed(f"a segment has nobody or everybody: {members}")
    return runs, floors


async def _look(tenant: Tenant, due: Sequence[Due]) -> dict[str, int]:
    members = dict.fromkeys(RULES, 0)
    async with (
        tenant.readers.connection() as connection,
        aclosing(work_out(connection, tenant.vault, due, AS_OF)) as looks,
    ):
        async for segment, more, moves in looks:
            # All of them are new.
            assert len(moves) == more
            members[segment.segment_id] += more
    return members


async def _scan(tenant: Tenant) -> None:
    async with tenant.readers.connection() as connection:
        await connection.execute(_FLOOR)
