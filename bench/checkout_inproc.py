"""[checkout_inproc]: the same checkouts straight to the clerk, 128 of them waiting at all times.

Floor B stands beside it: the events that each run appended, as many rows an order, inserted raw.
"""

import asyncio
import time
from collections.abc import Iterator

import msgspec
import uvloop

from bench.books import Books
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.parts import database, owner_conninfo, scratch
from bench.raw_insert import insert_again_s
from bench.shop import Shop, open_shop
from bench.supply import Supply
from domain.checkout.check_out import CheckOut
from infra.event_store.submission import Origin
from infra.process import calm_collector
from infra.tenancy import Tenant

NAME = "checkout_inproc"
WAITING = 128
WARM_UP_ORDERS = 2_000
ORDERS_A_SECOND = 4_000
"""Orders of a run, for each second that a run over HTTP takes: 20,000 in the usual five."""
FLOOR_BATCH_ORDERS = 100


def measure(seconds: int) -> dict[str, Figure]:
    """Orders a second of the clerk alone: no server, no projector, one process."""
    orders = ORDERS_A_SECOND * seconds
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        supply, books = Supply(shop), Books(shop)
        runs: list[float] = []
        floors: list[float] = []
        for _ in range(RUNS):
            supply.ensure(WARM_UP_ORDERS + orders)
            took_s, after = uvloop.run(_sell(shop, supply, orders))
            runs.append(orders / took_s)
            floors.append(orders / _floor_s(shop, orders, after, books.head()))
            say(f"{NAME}: {runs[-1]:,.0f} of {floors[-1]:,.0f}/s")
        books.require_exact()
    return {NAME: figure(runs, "orders/s", floors)}


def _floor_s(shop: Shop, orders: int, after: int, head: int) -> float:
    """Seconds that the run's events take, inserted raw, so many orders' a statement."""
    rows, rest = divmod(head - after, orders)
    if rest:
        raise BenchmarkFailed(
            f"{head - after:,} events are not the same number for each of {orders:,} orders"
        )
    conninfo = owner_conninfo(shop.database.owner, shop.tenant)
    return uvloop.run(insert_again_s(conninfo, FLOOR_BATCH_ORDERS * rows, after))


async def _sell(shop: Shop, supply: Supply, orders: int) -> tuple[float, int]:
    """Seconds that the next orders take, once the clerk knows the shop, and the position before them."""
    async with shop.open() as tenant:
        warm_up = _requests(tenant, supply, WARM_UP_ORDERS)
        requests = _requests(tenant, supply, orders)
        calm_collector()
        await _submit_all(tenant, warm_up)
        async with tenant.readers.connection() as connection:
            before = (await tenant.journal.head(connection)).position
        began = time.perf_counter()
        await _submit_all(tenant, requests)
        return time.perf_counter() - began, before


def _requests(tenant: Tenant, supply: Supply, count: int) -> list[tuple[CheckOut, Origin]]:
    """The next orders as the API hands them to the clerk."""
    return [(command, _origin(tenant, command)) for command in supply.commands(tenant, count)]


async def _submit_all(tenant: Tenant, requests: list[tuple[CheckOut, Origin]]) -> None:
    waiting = iter(requests)
    await asyncio.gather(*(_caller(tenant, waiting) for _ in range(WAITING)))


async def _caller(tenant: Tenant, waiting: Iterator[tuple[CheckOut, Origin]]) -> None:
    """Takes the next request as soon as its last one is answered."""
    for command, origin in waiting:
        await tenant.submit(command, origin)


def _origin(tenant: Tenant, command: CheckOut) -> Origin:
    """As the API makes it: named by its key, recognised by its fingerprint."""
    fingerprint = tenant.vault.fingerprint(b"/sales", msgspec.json.encode(command))
    return Origin(
        command_id=command.sale_id.replace("-", ""),
        actor="key:bench",
        channel="api",
        terminal=command.register_id,
        fingerprint=fingerprint,
    )
