"""kill -9 at every phase of a batch, under load: nothing acknowledged is lost, nothing is there in halves."""

from random import Random

import pytest

from tests.crash.fuses import Victim, kill_postgres
from tests.crash.phases import FINDING_OUT, PHASES
from tests.crash.shop import Shop
from tests.crash.tills import Tills

KILLS = [
    *((Victim.API, phase) for phase in PHASES),
    *((Victim.BACKENDS, phase) for phase in PHASES),
    # Where PostgreSQL's first process dies too, all parts start anew: that is long. The soak does all phases.
    (Victim.POSTGRES, "insert"),
    (Victim.POSTGRES, "commit"),
]


@pytest.mark.parametrize(("victim", "phase"), KILLS)
def test_a_kill_at_any_phase_loses_nothing_and_the_shop_comes_back(
    shop: Shop, victim: Victim, phase: str
) -> None:
    seed = f"{victim} {phase}"
    with Tills(shop, seed) as tills:
        tills.sell()
        shop.fuses.light(phase, victim, passes=Random(seed).randint(1, 5))
        tills.until(lambda: not shop.fuses.burns(phase))
        tills.sell()
    shop.audit()


def test_kills_of_postgresql_at_any_time_lose_nothing(shop: Shop) -> None:
    """Wherever the clerks are: the test does not look."""
    random = Random("any time")
    with Tills(shop, "any time") as tills:
        for _ in range(4):
            tills.sell(random.randint(5, 30))
            kill_postgres(shop.data_dir, first=False)
        tills.sell()
    shop.audit()


def test_a_clerk_that_is_killed_while_it_finds_out_what_became_of_its_batch_loses_nothing(shop: Shop) -> None:
    """PostgreSQL is lost while it has the append; the API is, when it has connected again to ask."""
    with Tills(shop, "twice") as tills:
        tills.sell()
        shop.fuses.light(FINDING_OUT, Victim.API)
        shop.fuses.light("insert", Victim.BACKENDS)
        tills.until(lambda: not shop.fuses.burns(FINDING_OUT))
        tills.sell()
    assert not shop.fuses.burns("insert")
    shop.audit()
