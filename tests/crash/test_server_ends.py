"""PostgreSQL is stopped by somebody else, fast or at once: the shop starts it again and goes on."""

import os
import signal

import pytest

from tests.crash.fuses import postmaster
from tests.crash.shop import Shop
from tests.crash.tills import Tills


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_a_postgresql_that_was_stopped_under_load_is_started_again(
    shop: Shop, number: signal.Signals
) -> None:
    with Tills(shop, number.name) as tills:
        tills.sell()
        stopped = postmaster(shop.data_dir)
        os.kill(stopped, number)
        tills.until(lambda: postmaster_of(shop) not in (None, stopped))
        tills.sell()
    shop.audit()


def postmaster_of(shop: Shop) -> int | None:
    try:
        return postmaster(shop.data_dir)
    except (FileNotFoundError, ValueError):  # it has stopped, or has just begun to write the file
        return None
