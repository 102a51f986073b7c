"""[visibility_ms]: from a checkout's answer until every read model has seen it, at 500 checkouts a second."""

import asyncio
import math
import statistics
import time
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import LiteralString, NamedTuple

import uvloop
from psycopg.rows import tuple_row

from bench.books import Books
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.parts import api, database, parts, scratch
from bench.shop import Shop, open_shop
from bench.steady import Written, order_steadily
from bench.supply import Supply
from infra.postgres.pools import connector, tenant_conninfo
from infra.process import calm_collector
from projections.kernel.table import Connection

NAME = "visibility_ms"
RATE = 500
WARM_UP_S = 1
LOOK_EVERY_S = 0.002
CATCH_UP_LIMIT_S = 30.0
MS = 1_000
P50_MS, P99_MS = 20.0, 100.0
"""What is promised: the floors, since nothing that could be measured does the same work."""

_REACHED: LiteralString = """
SELECT min(position)
FROM projection_checkpoints
"""


class Seen(NamedTuple):
    """A look at the checkpoints: up to where every read model was, and when that was known here."""

    position: int
    seen_at: float


def measure(seconds: int) -> dict[str, Figure]:
    """Milliseconds that half, and 99 of 100, of the checkouts were invisible after their answer."""
    calm_collector()
    p50: list[float] = []
    p99: list[float] = []
    with scratch() as folder, database(folder) as data:
        supply = Supply(shop := open_shop(data))
        with api(data) as address, parts(data, "projector", "jobs"):
            _run(shop, address, _next_orders(supply, WARM_UP_S))
            for _ in range(RUNS):
                written, seen = _run(shop, address, _next_orders(supply, seconds))
                invisible_ms = [MS * delay for delay in delays_s(written, seen)]
                p50.append(percentile(invisible_ms, 0.5))
                p99.append(percentile(invisible_ms, 0.99))
                say(f"{NAME}: {p50[-1]:.1f}, p99 {p99[-1]:.1f}; {_resolution(seen)}")
    return {
        NAME: figure(p50, "ms", [P50_MS]),
        f"{NAME}_p99": figure(p99, "ms", [P99_MS]),
    }


def delays_s(written: Sequence[Written], seen: Sequence[Seen]) -> list[float]:
    """From each answer to the first look that found its position everywhere; 0 where that was earlier.

    Looks are in order, and the last one has found all.
    """
    positions = [look.position for look in seen]
    return [
        max(0.0, seen[bisect_left(positions, position)].seen_at - answered_at)
        for position, answered_at in written
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _next_orders(supply: Supply, seconds: int) -> list[bytes]:
    count = RATE * seconds
    supply.ensure(count)
    lines = list(supply.requests(count))
    supply.next += count
    return lines


def _run(shop: Shop, address: str, lines: Sequence[bytes]) -> tuple[list[Written], list[Seen]]:
    Books(shop).wait_until_caught_up()
    return uvloop.run(_order_and_look(shop, address, lines))


async def _order_and_look(
    shop: Shop, address: str, lines: Sequence[bytes]
) -> tuple[list[Written], list[Seen]]:
    """The answers, and all looks until the read models have seen them."""
    seen: list[Seen] = []
    async with await connector(tenant_conninfo(shop.database.service, shop.tenant))() as connection:
        looking = asyncio.create_task(_look(connection, seen))
        written = await order_steadily(address, lines, RATE)
        last = max(position for position, _ in written)
        deadline = time.monotonic() + CATCH_UP_LIMIT_S
        while seen[-1].position < last:
            if time.monotonic() > deadline:
                raise BenchmarkFailed("the projector does not catch up")
            await asyncio.sleep(LOOK_EVERY_S)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    return written, seen


async def _look(connection: Connection, seen: list[Seen]) -> None:
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        while True:
            await cursor.execute(_REACHED, prepare=True)
            row = await cursor.fetchone()
            assert row is not None, "an aggregate is a row"
            seen.append(Seen(row[0], time.perf_counter()))
            await asyncio.sleep(LOOK_EVERY_S)


def _resolution(seen: Sequence[Seen]) -> str:
    """How far the looks lay apart."""
    apart_ms = [MS * (later.seen_at - earlier.seen_at) for earlier, later in pairwise(seen)]
    return f"a look every {statistics.median(apart_ms):.1f} ms, {max(apart_ms):.1f} at most"
