"""The long form: `make soak`. Flushed commits, real patience, and mishaps at random for as long as wanted."""

import itertools
import os
import secrets
import sys
import time
from collections import Counter
from random import Random

import pytest

from tests.crash.mishaps import MISHAPS
from tests.crash.shop import Shop, serving
from tests.crash.tills import Tills

SOAK_S = float(os.environ.get("DAYBOOK_TEST_SOAK_S") or 0)
SEED = os.environ.get("DAYBOOK_TEST_SOAK_SEED") or secrets.token_hex(4)
CHAPTER_S = 90.0
"""So long a shop lives: a journal is replayed after each mishap, and should stay short."""


@pytest.mark.skipif(SOAK_S == 0, reason="the soak has a command of its own: make soak")
def test_a_shop_to_which_everything_happens_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    deadline = time.monotonic() + SOAK_S
    for chapter in itertools.count(1):
        if time.monotonic() >= deadline:
            break
        with serving(tmp_path_factory.mktemp("soak"), test_durable="true") as shop:
            met = live(shop, f"{SEED}/{chapter}", min(deadline, time.monotonic() + CHAPTER_S))
            with capsys.disabled():
                sys.stdout.write(
                    f"\nsoak {SEED}/{chapter}: {len(shop.memory.acknowledged)} sales,"
                    f" {met.total()} mishaps {dict(sorted(met.items()))},"
                    f" tills met {dict(shop.memory.troubles)}\n"
                )


def live(shop: Shop, seed: str, until: float) -> Counter[str]:
    """Mishap after mishap, with an audit after each; returns how often each was met."""
    random = Random(seed)
    met: Counter[str] = Counter()
    for number in itertools.count(1):
        if time.monotonic() >= until:
            return met
        (mishap,) = random.choices(list(MISHAPS), list(MISHAPS.values()))
        try:
            with Tills(shop, f"{seed}/{number}", rivals=random.choice((1, 1, 2))) as tills:
                tills.sell(random.randint(1, 30))
                met[mishap(shop, tills, random)] += 1
                tills.sell()
            shop.audit()
        except BaseException as error:
            error.add_note(f"{mishap.__name__}, number {number} of {seed}\n{shop.last_words()}")
            raise
    raise AssertionError("a count never ends")
