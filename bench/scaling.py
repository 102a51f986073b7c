"""[two_processes], [four_tenants]: more processes on one journal, more journals in one process."""

from collections.abc import Sequence

from bench.books import Books
from bench.checkout_http import CALLERS
from bench.driving import Driver, Lane
from bench.measure import RUNS, Figure, figure, say
from bench.orders import Trade
from bench.parts import api, database, parts, scratch
from bench.shop import open_shop
from bench.supply import Supply

TENANTS = 4


def two_processes(seconds: int) -> dict[str, Figure]:
    """Two API processes on one tenant, half of the callers each; the floor is one with all of them.

    Afterwards positions and receipts have no gap, and no coupon was used twice.
    """
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data)
        with api(data) as one, api(data) as other, parts(data, "projector", "jobs"):
            alone = Lane(address=one, supplies=[Supply(shop)], callers=CALLERS)
            halves = [
                Lane(address=address, supplies=[Supply(shop, Trade(name=name))], callers=CALLERS // 2)
                for name, address in (("one", one), ("other", other))
            ]
            figures = _measure("two_processes", Driver(folder, seconds), [alone], halves)
        Books(shop).require_exact()
    return figures


def four_tenants(seconds: int) -> dict[str, Figure]:
    """One API process, its callers spread over four tenants; the floor is one tenant with all of them."""
    with scratch() as folder, database(folder) as data:
        shops = [open_shop(data, f"bench_{number}") for number in range(TENANTS)]
        with api(data) as address, parts(data, "projector", "jobs"):
            supplies = [Supply(shop) for shop in shops]
            one = Lane(address=address, supplies=supplies[:1], callers=CALLERS)
            all_of_them = Lane(address=address, supplies=supplies, callers=CALLERS)
            figures = _measure("four_tenants", Driver(folder, seconds), [one], [all_of_them])
        for shop in shops:
            Books(shop).require_exact()
    return figures


def _measure(name: str, driver: Driver, one: Sequence[Lane], several: Sequence[Lane]) -> dict[str, Figure]:
    """Orders a second of several beside those of one, in turns."""
    floors: list[float] = []
    runs: list[float] = []
    for _ in range(RUNS):
        floors.append(driver.sell(*one))
        runs.append(driver.sell(*several))
        say(f"{name}: {runs[-1]:,.0f} of {floors[-1]:,.0f}/s")
    return {name: figure(runs, "orders/s", floors)}
