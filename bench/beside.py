"""[rebuild_beside]: selling and reading while all read models are made anew, one rebuild after the other.

The floors are the same shop without rebuilds, in turns.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import NamedTuple

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.orders import STORES
from bench.parts import api, database, parts, run_command, scratch
from bench.peak import Ran
from bench.preload import catch_up, preload
from bench.reader import Page, reading
from bench.shop import Shop, open_shop
from bench.supply import Supply
from bench.wrk import Load

NAME = "rebuild_beside"
EVENTS = 1_000_000
MOST_LOADS = 30
MS = 1_000


class Run(NamedTuple):
    """What a run is made of: the callers' loads, one after the other, and the longest read meanwhile."""

    loads: list[Load]
    longest_read_ms: float

    @property
    def rate(self) -> float:
        """Orders a second, the pauses between the loads left out."""
        return sum(load.created for load in self.loads) * 1e6 / sum(load.duration_us for load in self.loads)


def measure(seconds: int) -> dict[str, Figure]:
    """Orders a second and the longest read, with rebuilds and without."""
    runs: list[Run] = []
    floors: list[Run] = []
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        preload(shop, EVENTS)
        catch_up(shop)
        driver = Driver(folder, seconds)
        with api(data) as address, parts(data, "projector", "jobs"):
            lane = Lane(address=address, supplies=[Supply(shop)], callers=CALLERS)
            for _ in range(RUNS):
                with _rebuilding(shop) as done:
                    runs.append(_sell_until(driver, lane, shop, lambda _loads: bool(done)))
                floors.append(_sell_until(driver, lane, shop, partial(_as_long_as, runs[-1].loads)))
                say(
                    f"{NAME}: {runs[-1].rate:,.0f} of {floors[-1].rate:,.0f}/s, the longest read"
                    f" {runs[-1].longest_read_ms:.0f} beside {floors[-1].longest_read_ms:.0f} ms;"
                    f" a rebuild in {done[0].took_s:.0f} s, {driver.lag:,} events behind"
                )
    return {
        NAME: figure([run.rate for run in runs], "orders/s", [floor.rate for floor in floors]),
        f"{NAME}_read_ms": figure(
            [run.longest_read_ms for run in runs], "ms", [floor.longest_read_ms for floor in floors]
        ),
    }


def _as_long_as(those: list[Load], loads: list[Load]) -> bool:
    """The longest of more reads would be longer."""
    return len(loads) == len(those)


def _sell_until(driver: Driver, lane: Lane, shop: Shop, enough: Callable[[list[Load]], bool]) -> Run:
    """Runs of the callers until it is enough, a report being read all the time."""
    loads: list[Load] = []
    with reading(_report(lane.address, shop)) as reads_s:
        while not enough(loads):
            if len(loads) == MOST_LOADS:
                raise BenchmarkFailed(f"no rebuild was done in {MOST_LOADS} runs")
            loads += driver.loads(lane)
    return Run(loads, MS * max(reads_s))


@contextmanager
def _rebuilding(shop: Shop) -> Generator[list[Ran]]:
    """Rebuilds of all projections follow each other for the length of the block: those that are done."""
    done: list[Ran] = []
    stop = Event()

    def rebuild_again_and_again() -> None:
        while not stop.is_set():
            environment = {**shop.database.environment, "DAYBOOK_TENANT": shop.tenant}
            done.append(run_command(environment, "projections", "rebuild"))

    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(rebuild_again_and_again)
        try:
            yield done
        finally:
            stop.set()
        # The last one, which is still under way, is not to be a part of the floor.
        work.result()


def _report(address: str, shop: Shop) -> Page:
    """A day's sales of one of the stores by product: a page that a shop looks at."""
    day = datetime.now(tz=UTC).date() - timedelta(days=2)
    path = f"/v1/reports/sales?from={day}&to={day}&store_id={STORES[0]}&group_by=product"
    return Page(address=address, path=path, key=shop.key)
