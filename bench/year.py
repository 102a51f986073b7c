"""[catch_up], [rebuild_all], [fold_…]: the year of real invoices folded anew, live and by a rebuild."""

from bench.folding import MOST_MIB, Folding
from bench.import_lines import TENANT, import_year, present
from bench.measure import RUNS, Figure, figure, say
from bench.parts import database, scratch
from bench.peak import Ran
from infra.process import calm_collector
from projections.catalogue import PROJECTIONS
from projections.kernel.projection import Projection

US = 1e6


def measure() -> dict[str, Figure]:
    """Imports the year once; then each way of folding it in turns with its floors."""
    if not present("catch_up"):
        return {}
    # As the projector does first; the floors have it no worse.
    calm_collector()
    with scratch() as folder:
        import_year(folder / "year")
        with database(folder / "year") as data:
            year = Folding(data, TENANT)
            figures = _all_together(year)
            for projection in PROJECTIONS:
                figures |= _alone(year, projection)
    return figures


def _all_together(year: Folding) -> dict[str, Figure]:
    """Events a second of all projections, and the rebuild's memory."""
    caught_up: list[float] = []
    rebuilt: list[Ran] = []
    floors: list[float] = []
    copied: list[float] = []
    for _ in range(RUNS):
        floors.append(year.events / year.read_and_decode_s())
        caught_up.append(year.events / year.catch_up_s())
        rows = year.rows()
        rebuilt.append(year.rebuild())
        year.require_rows(rows)
        copied.append(year.events / year.copy_s())
        say(
            f"catch_up: {caught_up[-1]:,.0f} of {floors[-1]:,.0f} events/s;"
            f" rebuild of {year.events:,} in {rebuilt[-1].took_s:.1f} s, {rebuilt[-1].peak_mib:,.0f} MiB"
        )
    rates = [year.events / ran.took_s for ran in rebuilt]
    return {
        "catch_up": figure(caught_up, "events/s", floors),
        "rebuild_all": figure(rates, "events/s", floors),
        "rebuild_all_vs_copy": figure(rates, "events/s", copied),
        "rebuild_peak_memory": figure([ran.peak_mib for ran in rebuilt], "MiB", [MOST_MIB]),
    }


def _alone(year: Folding, projection: Projection) -> dict[str, Figure]:
    """Microseconds that one projection takes for an event of the journal, whether it folds it or not."""
    floors: list[float] = []
    runs: list[float] = []
    for _ in range(RUNS):
        floors.append(US * year.read_and_decode_s(projection) / year.events)
        runs.append(US * year.replay_s(projection) / year.events)
    return {f"fold_{projection.name}": figure(runs, "µs/event", floors)}
