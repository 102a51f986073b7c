"""[sealing_cost]: selling while the sealer is at work. [verify_all]: a whole journal held against its seals.

The floors are the same sales without a sealer, in turns; and plain SHA-256 over the same stored bytes.
"""

import asyncio
import hashlib
import time
from typing import LiteralString

import psycopg

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.parts import api, database, parts, run_command, scratch
from bench.preload import preload
from bench.shop import Shop, open_shop
from bench.supply import Supply
from infra.audit.leaf import read_rows
from infra.audit.seal_key import load_seal_key, signer_of
from infra.audit.verification import PAGE, verify_journal
from infra.audit.web_sink import sink_of
from infra.event_store.journal import Journal
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection, connector, tenant_conninfo
from infra.process import calm_collector
from infra.settings import Settings

PAIRS = 8
"""Of runs with and without, in turns: what the sealer takes is less than what two runs differ by."""
EVENTS = 1_000_000
SEALED_LIMIT_S = 120.0
BEHIND_LIMIT_S = 10.0
POLL_S = 0.05

_UNSEALED: LiteralString = """
SELECT journal_head.position - audit_seal.size, error
FROM audit_seal
CROSS JOIN journal_head
"""


def cost(seconds: int) -> dict[str, Figure]:
    """Orders a second with the sealer and without, projector and jobs at work."""
    runs: list[float] = []
    floors: list[float] = []
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        driver = Driver(folder, seconds)
        with api(data) as address, parts(data, "projector", "jobs"):
            lane = Lane(address=address, supplies=[Supply(shop)], callers=CALLERS)
            for pair in range(PAIRS):
                # Each is the first of a pair as often as the second: a machine may grow slower by and by.
                if pair % 2:
                    floors.append(driver.sell(lane))
                with parts(data, "sealer"):
                    _sealed_s(shop, SEALED_LIMIT_S)
                    runs.append(driver.sell(lane))
                    behind_s = _sealed_s(shop, BEHIND_LIMIT_S)
                if not pair % 2:
                    floors.append(driver.sell(lane))
                say(f"sealing_cost: {runs[-1]:,.0f} of {floors[-1]:,.0f}/s, sealed {behind_s:.1f} s later")
    return {"sealing_cost": figure(runs, "orders/s", floors)}


def _sealed_s(shop: Shop, limit_s: float) -> float:
    """Seconds until everything is sealed. BenchmarkFailed if that takes too long, or can't be."""
    began = time.monotonic()
    with psycopg.connect(tenant_conninfo(shop.database.service, shop.tenant), autocommit=True) as connection:
        while time.monotonic() - began < limit_s:
            row = connection.execute(_UNSEALED).fetchone()
            assert row is not None, "migrations insert the rows"
            unsealed, error = row
            if error is not None:
                raise BenchmarkFailed(f"the sealer can't go on: {error}")
            if not unsealed:
                return time.monotonic() - began
            time.sleep(POLL_S)
    raise BenchmarkFailed(f"the sealer was still behind after {limit_s:.0f} s")


def verify_all() -> dict[str, Figure]:
    """Events a second of a full verification, without the replay of read models."""
    # As the command does first; the floors have it no worse.
    calm_collector()
    runs: list[float] = []
    floors: list[float] = []
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        preload(shop, EVENTS)
        run_command({**data.environment, "DAYBOOK_TENANT": shop.tenant}, "audit", "seal")
        for _ in range(RUNS):
            floors.append(asyncio.run(_plain(shop)))
            runs.append(asyncio.run(_verified(shop)))
            say(f"verify_all: {runs[-1]:,.0f} of {floors[-1]:,.0f} events/s")
    return {"verify_all": figure(runs, "events/s", floors)}


async def _verified(shop: Shop) -> float:
    settings = Settings(data_dir=shop.database.folder)
    sealing_key = load_seal_key(settings.seal_key_file, sealed=True)
    key = signer_of(sealing_key.private, shop.tenant, sealing_key.former).key
    async with await _connect(shop) as connection:
        began = time.perf_counter()
        verdict = await verify_journal(
            connection,
            Journal(tenant_schema(shop.tenant)),
            sink_of(settings.checkpoint_sink, shop.tenant),
            key,
        )
        took_s = time.perf_counter() - began
    if verdict.findings or verdict.unproven or verdict.position < EVENTS:
        raise BenchmarkFailed(f"the journal was not proven: {verdict}")
    return verdict.position / took_s


async def _plain(shop: Shop) -> float:
    """The same pages, and of each event only its stored bytes into one running hash."""
    hashed = hashlib.sha256()
    async with await _connect(shop) as connection:
        began = time.perf_counter()
        start = 0
        while rows := await read_rows(connection, start, start + PAGE):
            for row in rows:
                hashed.update(row[4])
            start += len(rows)
        return start / (time.perf_counter() - began)


async def _connect(shop: Shop) -> Connection:
    return await connector(tenant_conninfo(shop.database.service, shop.tenant))()
