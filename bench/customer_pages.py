"""[profile_read]: how long 99 of 100 looks at a customer's page take at most, while 32 callers sell.

The floor is the plain reading of the same customer's purchases, in turns with the pages.
"""

import http.client
import multiprocessing
import statistics
import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import cycle
from multiprocessing.connection import Connection
from typing import LiteralString
from urllib.parse import urlsplit

import msgspec
import psycopg
import uvloop

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.orders import CURRENCY, CUSTOMERS, STORES
from bench.parts import api, database, parts, scratch
from bench.shop import Shop, open_shop
from bench.supply import Supply
from infra.postgres.pools import tenant_conninfo

NAME = "profile_read"
PURCHASES = 200
"""Of each customer, before the run: some years of weekly shopping."""
EVERY_S = 0.005
LIMIT_S = 30.0
OK = 200
MS = 1_000
P99 = 98
"""The last but one of the 99 cuts of a hundred parts."""

_FILL: LiteralString = """
INSERT INTO customer_purchases (customer_id, sale_id, business_day, sold_at, hour, store_id, currency,
    total_minor, returned_minor, corrected, goods)
SELECT customer_id, 'past-' || n, date '2026-01-01' - 7 * n, timestamptz '2026-01-01' - n * interval '7 days',
    n %% 24, %(store_id)s, %(currency)s, 3000, 0, false,
    jsonb_build_object('sku-' || n %% 200, 1, 'sku-' || (n + 66) %% 200, 2, 'sku-' || (n + 132) %% 200, 1)
FROM unnest(%(customers)s::text[]) AS customer_id, generate_series(1, %(purchases)s) AS n
"""
_SCAN: LiteralString = "SELECT * FROM customer_purchases WHERE customer_id = %s"


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """Where pages and rows are read."""

    address: str
    key: str
    conninfo: str


def measure(seconds: int) -> dict[str, Figure]:
    """The 99th of 100 of the pages' times, beside that of the plain reading, in milliseconds."""
    runs: list[float] = []
    floors: list[float] = []
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        uvloop.run(_fill(shop))
        driver = Driver(folder, seconds)
        with api(data) as address, parts(data, "projector", "jobs"):
            lane = Lane(address=address, supplies=[Supply(shop)], callers=CALLERS)
            conninfo = tenant_conninfo(data.service, shop.tenant)
            for _ in range(RUNS):
                with _looking(Looks(address=address, key=shop.key, conninfo=conninfo)) as took_s:
                    rate = driver.sell(lane)
                pages, scans = ([MS * took for took in each] for each in took_s)
                runs.append(_p99(pages))
                floors.append(_p99(scans))
                say(
                    f"{NAME}: {runs[-1]:.1f} ms, {floors[-1]:.1f} to read the rows (medians"
                    f" {statistics.median(pages):.1f} and {statistics.median(scans):.1f}),"
                    f" {len(pages):,} looks beside {rate:,.0f} orders/s"
                )
    return {NAME: figure(runs, "ms", floors)}


def _p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100, method="inclusive")[P99]


async def _fill(shop: Shop) -> None:
    """What the customers bought in earlier years, as the projector would have left it."""
    async with shop.open() as tenant, tenant.readers.connection() as connection:
        await connection.execute(
            _FILL,
            {
                "store_id": STORES[0],
                "currency": CURRENCY,
                "customers": list(CUSTOMERS),
                "purchases": PURCHASES,
            },
        )


@contextmanager
def _looking(looks: Looks) -> Generator[tuple[list[float], list[float]]]:
    """Pages and rows of one customer after the other; after the block the lists have the seconds of each."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_look, args=(looks, theirs), daemon=True)
    process.start()
    took_s: tuple[list[float], list[float]] = ([], [])
    try:
        yield took_s
        ours.send(None)
        found = ours.recv()
        if isinstance(found, str):
            raise BenchmarkFailed(f"{NAME}: {found}")
        for ours_s, found_s in zip(took_s, found, strict=True):
            ours_s += found_s
    finally:
        process.kill()
        process.join()


def _look(looks: Looks, stop: Connection) -> None:
    """Sends the seconds of all looks, or what was wrong with one, when it is told to stop."""
    pages_s: list[float] = []
    scans_s: list[float] = []
    wrong = ""
    server = http.client.HTTPConnection(urlsplit(looks.address).netloc, timeout=LIMIT_S)
    with psycopg.connect(looks.conninfo, autocommit=True) as connection:
        for customer_id in cycle(CUSTOMERS):
            if stop.poll(EVERY_S):
                break
            began = time.perf_counter()
            path = f"/v1/customers/{customer_id}/profile"
            server.request("GET", path, headers={"Authorization": f"Bearer {looks.key}"})
            answer = server.getresponse()
            body = answer.read()
            pages_s.append(time.perf_counter() - began)
            began = time.perf_counter()
            rows = connection.execute(_SCAN, (customer_id,), prepare=True).fetchall()
            scans_s.append(time.perf_counter() - began)
            if answer.status != OK or len(rows) < PURCHASES:
                wrong = wrong or f"{answer.status} {body.decode(errors='replace')}, {len(rows)} rows"
    stop.send(wrong or (pages_s, scans_s))
