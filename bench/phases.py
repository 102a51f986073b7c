"""[phases], [phases_two]: where the time of a checkout goes, phase by phase, as one order sees it."""

from pathlib import Path

import msgspec

from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, Figure, figure, say
from bench.orders import Trade
from bench.parts import api, database, parts, profiled, scratch
from bench.profiled import Profile
from bench.shop import open_shop
from bench.supply import Supply

OF_ORDER = ("route", "parse", "command", "queue", "answer")
OF_BATCH = ("lock", "tail", "read", "decide", "encode", "turn", "insert", "commit")
MS = 1_000


def alone(seconds: int) -> dict[str, Figure]:
    """One process writes: it never has to take the head's lock or to read a tail."""
    return _measure("phases", seconds, processes=1)


def shared(seconds: int) -> dict[str, Figure]:
    """A second process writes as much: the profile of the first shows what sharing costs it."""
    return _measure("phases_two", seconds, processes=2)


def _measure(name: str, seconds: int, processes: int) -> dict[str, Figure]:
    """Milliseconds of each phase; the floor is the whole, so that the ratio is the phase's share.

    What a batch does counts in full for each of its orders, since each of them waits for all of it.
    """
    runs: list[dict[str, float]] = []
    with scratch() as folder, database(folder) as data, parts(data, "projector", "jobs"):
        shop = open_shop(data)
        driver = Driver(folder, seconds)
        mine, others = Supply(shop), Supply(shop, Trade(name="other"))
        for run in range(RUNS):
            file = folder / f"profile-{run}"
            with profiled(data, file) as address:
                lane = Lane(address=address, supplies=[mine], callers=CALLERS // processes)
                if processes == 1:
                    driver.loads(lane)
                else:
                    with api(data) as other:
                        second = Lane(address=other, supplies=[others], callers=CALLERS // processes)
                        driver.loads(lane, second)
            runs.append(_phases(file))
            say(f"{name}: {runs[-1]['orders_a_batch']:.1f} orders a batch, {runs[-1]['total']:.2f} ms each")
    return _figures(name, runs)


def _phases(file: Path) -> dict[str, float]:
    profile = msgspec.json.decode(file.read_bytes(), type=Profile)
    of_order = {phase: MS * profile.order_s[phase] / profile.orders for phase in ("total", *OF_ORDER)}
    of_batch = {phase: MS * profile.batch_s.get(phase, 0.0) / profile.batches for phase in OF_BATCH}
    return {**of_order, **of_batch, "orders_a_batch": profile.orders / profile.batches}


def _figures(name: str, runs: list[dict[str, float]]) -> dict[str, Figure]:
    totals = [run["total"] for run in runs]
    figures = {name: figure(totals, "ms", totals)}
    for phase in (*OF_ORDER[:-1], *OF_BATCH, OF_ORDER[-1]):
        figures[f"{name}_{phase}"] = figure([run[phase] for run in runs], "ms", totals)
    figures[f"{name}_orders_a_batch"] = figure([run["orders_a_batch"] for run in runs], "orders", [CALLERS])
    return figures
