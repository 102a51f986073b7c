"""[rebuild_all_5m]: a rebuild of 5 million generated events, and whether an event costs more there.

Events are made up as bench/preload.py does, so that those of the small journal are of the same kinds.
"""

from bench.folding import MOST_MIB, Folding
from bench.measure import RUNS, Figure, figure, say
from bench.parts import Database, database, scratch
from bench.peak import Ran
from bench.preload import preload
from bench.shop import open_shop
from infra.process import calm_collector

NAME = "rebuild_all_5m"
SHOPS = {"new": 0, "small": 600_000, "large": 5_000_000}
US = 1e6


def measure() -> dict[str, Figure]:
    """Rebuilds of a large, a small and a new shop in turns; the new one tells what is not of the events."""
    calm_collector()
    with scratch() as folder, database(folder) as data:
        new, small, large = (_shop(data, name, events) for name, events in SHOPS.items())
        return _measure(new, small, large)


def _shop(data: Database, name: str, events: int) -> Folding:
    shop = open_shop(data, name)
    if events:
        preload(shop, events)
    return Folding(data, shop.tenant)


def _measure(new: Folding, small: Folding, large: Folding) -> dict[str, Figure]:
    floors: list[float] = []
    rates: list[float] = []
    peaks: list[float] = []
    small_us: list[float] = []
    large_us: list[float] = []
    for _ in range(RUNS):
        started, short, long = new.rebuild(), small.rebuild(), large.rebuild()
        floors.append(large.events / large.read_and_decode_s())
        rates.append(large.events / long.took_s)
        peaks.append(long.peak_mib)
        small_us.append(_event_us(small, short, new, started))
        large_us.append(_event_us(large, long, new, started))
        say(
            f"{NAME}: {large.events:,} events in {long.took_s:.1f} s, {long.peak_mib:,.0f} MiB;"
            f" {large_us[-1]:.2f} µs each, {small_us[-1]:.2f} among {small.events:,};"
            f" {started.took_s:.2f} s without them"
        )
    return {
        NAME: figure(rates, "events/s", floors),
        "rebuild_5m_flatness": figure(large_us, "µs/event", small_us),
        "rebuild_5m_peak_memory": figure(peaks, "MiB", [MOST_MIB]),
    }


def _event_us(shop: Folding, ran: Ran, new: Folding, started: Ran) -> float:
    """Microseconds of each event that the shop has more than the new one, which tells the command's start."""
    return US * (ran.took_s - started.took_s) / (shop.events - new.events)
