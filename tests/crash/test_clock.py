"""The server's clock is set back: the journal's does not go back, and everything else goes on."""

from datetime import timedelta

from infra.event_store.journal import Head
from tests.crash.fuses import Victim
from tests.crash.shop import Shop
from tests.crash.tills import Tills
from tests.support.journals import connected, journal_of, read_all, run
from workers.jobs.maintenance import prune_kept_answers

BACK = timedelta(hours=-1)
OF_JOBS = frozenset({"jobs", "reactor"})


def test_a_clock_that_is_set_back_changes_nothing_but_the_time(shop: Shop) -> None:
    """Also across a restart of the API, whose new clerk knows the time of the last entry from the journal."""
    with Tills(shop, "clock", rivals=0) as tills:
        tills.sell()
    try:
        shop.fuses.turn_clock(BACK)
        before = run(head(shop))
        with Tills(shop, "clock set back", rivals=0) as tills:
            tills.sell()
            shop.fuses.light("commit", Victim.API)
            tills.until(lambda: not shop.fuses.burns("commit"))
            tills.sell()
        shop.audit()
        # It stands still until the clock has come this far again. The jobs, whose clock is their own, may
        # have raised an alert meanwhile: then it stands still there.
        new = run(read_all(shop.tenant()))[before.position :]
        sold = [entry.recorded_at for entry in new if entry.channel not in OF_JOBS]
        stood = {before.recorded_at, *(entry.recorded_at for entry in new if entry.channel in OF_JOBS)}
        assert sold
        assert set(sold) <= stood

        assert run(prune_kept_answers(shop.tenant().service_url)) == 0
        shop.ask_again(every=10)
    finally:
        shop.fuses.turn_clock(timedelta(0))


async def head(shop: Shop) -> Head:
    async with connected(shop.tenant()) as connection:
        return await journal_of(shop.tenant()).head(connection)
