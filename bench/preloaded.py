"""[preloaded_1m], [preloaded_10m]: selling on a journal with a past, and the first sale after a cold start.

The floors are the same on a shop that was opened today, in turns.
"""

import os
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.checkout_http import CALLERS, figures_of
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.parts import Database, api, database, parts, scratch
from bench.preload import catch_up, preload
from bench.shop import open_shop
from bench.supply import Supply
from bench.wrk import Load

DROP_CACHES = Path("/proc/sys/vm/drop_caches")
PAGES_DENTRIES_AND_INODES = "3"
CREATED = 201
ANSWER_LIMIT_S = 30.0


def measure(name: str, events: int, seconds: int) -> dict[str, Figure]:
    """A cold start's first checkout, then orders a second at the usual number of callers."""
    with scratch() as folder:
        old, young = folder / "old", folder / "young"
        supplies = [_supply(old, events), _supply(young, 0)]
        forgotten = "dropped" if _forget_files() else "could not be dropped"
        say(f"{name}: before each cold start, files {forgotten} from memory")
        first = [(_cold_start_s(old, supplies[0]), _cold_start_s(young, supplies[1])) for _ in range(RUNS)]
        with database(old) as old_data, database(young) as young_data:
            runs, floors = _sell(name, [old_data, young_data], supplies, Driver(folder, seconds))
    return {
        **figures_of(name, runs, floors),
        f"{name}_first_checkout": figure([cold for cold, _ in first], "s", [cold for _, cold in first]),
    }


def _supply(folder: Path, events: int) -> Supply:
    """The orders of a new shop with so many events of a past, its read models caught up."""
    folder.mkdir(mode=0o711)
    with database(folder) as data:
        shop = open_shop(data)
        if events:
            preload(shop, events)
        catch_up(shop)
        supply = Supply(shop)
        supply.ensure(RUNS)
    return supply


def _cold_start_s(folder: Path, supply: Supply) -> float:
    """Seconds from starting the API to the first order's answer; the database was started anew before it."""
    _forget_files()
    with database(folder) as data:
        _move(supply, data)
        began = time.perf_counter()
        with api(data) as address:
            _post(address, next(supply.requests(1)))
            took_s = time.perf_counter() - began
    supply.next += 1
    return took_s


def _forget_files() -> bool:
    """Whether the system let us have it forget what it holds of files in memory."""
    os.sync()
    try:
        DROP_CACHES.write_text(PAGES_DENTRIES_AND_INODES)
    except OSError:
        return False
    return True


def _post(address: str, request: bytes) -> None:
    """Makes an order of a line for load.lua. BenchmarkFailed unless it is a 201."""
    key, name, path, body = request.rstrip(b"\n").split(b"\t", 3)
    sent = urllib.request.Request(
        f"{address}{path.decode()}",
        data=body,
        headers={
            "Authorization": f"Bearer {key.decode()}",
            "Idempotency-Key": name.decode(),
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(sent, timeout=ANSWER_LIMIT_S) as response:
            assert response.status == CREATED
    except OSError as error:
        raise BenchmarkFailed(f"the first checkout: {error}") from None


def _sell(
    name: str, databases: Sequence[Database], supplies: Sequence[Supply], driver: Driver
) -> tuple[list[Load], list[Load]]:
    """Runs on the shop with a past and on the young one, in turns; both are open all the time."""
    old_data, young_data = databases
    for supply, data in zip(supplies, databases, strict=True):
        _move(supply, data)
    runs: list[Load] = []
    floors: list[Load] = []
    with (
        api(old_data) as old,
        api(young_data) as young,
        parts(old_data, "projector", "jobs"),
        parts(young_data, "projector", "jobs"),
    ):
        old_lane, young_lane = (
            Lane(address=address, supplies=[supply], callers=CALLERS)
            for address, supply in zip((old, young), supplies, strict=True)
        )
        for _ in range(RUNS):
            floors += driver.loads(young_lane)
            runs += driver.loads(old_lane)
            say(f"{name}: {runs[-1].rate:,.0f} of {floors[-1].rate:,.0f}/s, {driver.lag:,} events behind")
    return runs, floors


def _move(supply: Supply, data: Database) -> None:
    """The same shop, whose database was started anew and answers elsewhere."""
    supply.shop = msgspec.structs.replace(supply.shop, database=data)
