"""[checkout_http_c1 …]: a checkout of three lines, a customer and a coupon of its own, over HTTP.

Floor A stands beside it: the same requests, decoded and answered by a bare handler on the same server.
"""

from collections.abc import Sequence

from bench.driving import Driver, Lane
from bench.measure import RUNS, Figure, figure, say
from bench.parts import api, bare, database, parts, scratch
from bench.shop import open_shop
from bench.supply import Supply
from bench.wrk import Load

CALLERS = 32
"""Of every benchmark that does not say otherwise."""


def measure(name: str, callers: int, seconds: int, *, projecting: bool = True) -> dict[str, Figure]:
    """Orders a second with so many callers, and how long an answer takes; jobs live, the projector if so."""
    others = ("jobs", "projector") if projecting else ("jobs",)
    floors: list[Load] = []
    runs: list[Load] = []
    with scratch() as folder, database(folder) as data:
        supply = Supply(open_shop(data))
        driver = Driver(folder, seconds, projecting=projecting)
        with bare() as floor_address, api(data) as address, parts(data, *others):
            lane = Lane(address=address, supplies=[supply], callers=callers)
            for _ in range(RUNS):
                floors.append(driver.answer(floor_address, supply, callers))
                runs += driver.loads(lane)
                say(f"{name}: {runs[-1].rate:,.0f} of {floors[-1].rate:,.0f}/s, {driver.lag:,} events behind")
    return figures_of(name, runs, floors)


def figures_of(name: str, runs: Sequence[Load], floors: Sequence[Load]) -> dict[str, Figure]:
    """Rate and percentiles of the runs, each beside the floor's."""
    return {
        name: figure([run.rate for run in runs], "orders/s", [floor.rate for floor in floors]),
        f"{name}_p50": figure([run.p50_ms for run in runs], "ms", [floor.p50_ms for floor in floors]),
        f"{name}_p99": figure([run.p99_ms for run in runs], "ms", [floor.p99_ms for floor in floors]),
    }
