"""What can happen to a shop, drawn at random: kills at a phase or at any time, stops, a turned clock."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.crash.fuses import Victim, kill_postgres, postmaster
from tests.crash.phases import FINDING_OUT, PHASES
from tests.crash.shop import Shop
from tests.crash.tills import Tills
from tests.support.processes import processes_of

AT_ANY_TIME_S = 0.5
MOST_PASSES = 12


def kill_at_a_phase(shop: Shop, tills: Tills, random: Random) -> str:
    phase, victim = random.choice(list(PHASES)), random.choice(list(Victim))
    shop.fuses.light(phase, victim, random.randint(1, MOST_PASSES))
    tills.until(lambda: not shop.fuses.burns(phase))
    return f"{victim} at {phase}"


def kill_while_finding_out(shop: Shop, tills: Tills, random: Random) -> str:
    phase, victim = random.choice(("insert", "commit")), random.choice((Victim.API, Victim.BACKENDS))
    shop.fuses.light(FINDING_OUT, victim)
    shop.fuses.light(phase, Victim.BACKENDS, random.randint(1, MOST_PASSES))
    tills.until(lambda: not shop.fuses.burns(FINDING_OUT) and not shop.fuses.burns(phase))
    return f"{victim} while finding out"


def end_postgres(shop: Shop, tills: Tills, random: Random) -> str:
    """At a time that nobody chose: it is not awaited, it only has to be another every time."""
    time.sleep(random.uniform(0, AT_ANY_TIME_S))
    number = random.choice((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
    ended = postmaster(shop.data_dir)
    if number is signal.SIGKILL:
        kill_postgres(shop.data_dir, first=random.random() < 0.5)
    else:
        os.kill(ended, number)
        tills.until(lambda: not _runs(ended))
    return f"PostgreSQL by {number.name}"


def kill_a_part(shop: Shop, _tills: Tills, random: Random) -> str:
    time.sleep(random.uniform(0, AT_ANY_TIME_S))
    part = random.choice(("api", "projector", "jobs"))
    found = [each.pid for each in processes_of(shop.data_dir) if each.arguments.endswith(f" {part}")]
    if found:
        os.kill(random.choice(found), signal.SIGKILL)
    return part


def turn_the_clock(shop: Shop, _tills: Tills, random: Random) -> str:
    shop.fuses.turn_clock(timedelta(minutes=random.randint(-90, 30)))
    return "clock"


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


MISHAPS: Mapping[Callable[[Shop, Tills, Random], str], int] = {
    kill_at_a_phase: 8,
    kill_while_finding_out: 2,
    end_postgres: 4,
    kill_a_part: 2,
    turn_the_clock: 1,
}
"""And how often each, compared to the others."""
