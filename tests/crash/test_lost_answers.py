"""The connection is cut when the server has committed and not yet answered: the callers never notice."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infra.event_store.journal import channel_of
from infra.postgres.migrate import tenant_schema
from tests.crash.shop import TENANT, serving
from tests.crash.tills import Tills
from tests.support.postgres import Database, worker_database
from tests.support.wires import Wire

CUTS = 8


@contextmanager
def wire_to(database: Database) -> Generator[Wire]:
    """A wire to the service's database, on a loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="wire")
    thread.start()
    wiring = Wire.to(database.service_url)
    try:
        yield asyncio.run_coroutine_threadsafe(wiring.__aenter__(), loop).result()
        asyncio.run_coroutine_threadsafe(wiring.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_answers_of_the_server_that_are_lost_under_load_cost_no_caller_an_answer(
    worker_id: str, tmp_path: Path
) -> None:
    """Here the shop's database is somebody else's, and the wire leads to it."""
    database = worker_database(f"{worker_id}_wire")
    with (
        wire_to(database) as wire,
        serving(
            tmp_path,
            database=database,
            database_url=wire.conninfo,
            owner_database_url=database.owner_url,
        ) as shop,
    ):
        with Tills(shop, "cut") as tills:
            for _ in range(CUTS):
                tills.sell(10)
                wire.cut_before_the_answer_to(channel_of(tenant_schema(TENANT)).encode())
                tills.until(lambda: wire.has_cut)
            tills.sell()
        assert shop.memory.troubles.total() == 0
        assert "connection_lost" in shop.log.read_text()
        shop.audit()
