"""Killed at any packet, at any page, or stopped in its tracks: a projector folds each event once."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import aclosing, nullcontext

import pytest

from infra.postgres.pools import connector, tenant_conninfo
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints
from tests.support.commands import receive
from tests.support.journals import answered, clerk_of, connected, journal_of, run
from tests.support.postgres import Tenant
from tests.support.read_models import all_contents, contents_of, forget, project
from tests.support.wires import Wire
from workers import projection_runner
from workers.projection_runner import Runner
from workers.reading_ahead import ReadingAhead

LIMIT_S = 20
SOME = PROJECTIONS[::4]
"""A page of all projections takes as many packets, only larger ones: some are enough to try each."""
TABLES = [table for projection in SOME for table in projection.tables]


@pytest.mark.parametrize("delivered", [False, True])
@pytest.mark.parametrize(("page", "large"), [(300, False), (1_000, False), (1_000, True)])
def test_a_projector_that_is_killed_at_any_packet_leaves_what_a_clean_run_leaves(
    shop: Tenant,
    expected: dict[str, list[str]],
    page: int,
    monkeypatch: pytest.MonkeyPatch,
    *,
    large: bool,
    delivered: bool,
) -> None:
    """Before a packet is sent, or with the packet on its way: BEGIN, locks, reads, rows, COMMIT.

    In large pages also while the next is read, on a connection that is lost too.
    """
    if large:
        monkeypatch.setattr(projection_runner, "SMALL_PAGE", 100)
        monkeypatch.setattr(projection_runner, "PAGE", 400)

    async def killed_at(packet: int) -> bool:
        async with Wire.to(shop.service_url) as wire:
            wire.cut_at(packet, delivered=delivered)
            conninfo = tenant_conninfo(wire.conninfo, shop.name, plan_once=True)
            try:
                connect = connector(conninfo)
                ahead = ReadingAhead(journal_of(shop), connect) if large else None
                async with await connect() as connection, aclosing(ahead) if ahead else nullcontext():
                    runner = Runner(journal_of(shop), SOME, "test", ahead)
                    await runner.begin(connection)
                    while await runner.run_page(connection, page):
                        pass
            except Exception:
                if not wire.is_down:
                    raise
            return wire.is_down

    wanted = {table.name: expected[table.name] for table in TABLES}
    packet = 1
    while run(killed_at(packet)):
        run(project(shop, page, SOME))
        assert contents_of(shop, TABLES) == wanted
        forget(shop, TABLES)
        packet += 1
    assert packet > 10
    assert contents_of(shop, TABLES) == wanted


def test_an_owner_that_was_stopped_in_its_tracks_can_not_write_when_it_wakes(shop: Tenant) -> None:
    """SIGSTOP while the other takes over and folds on, then SIGCONT: the first stands by."""
    environment = {"DAYBOOK_DATABASE_URL": shop.service_url, "DAYBOOK_LOG_LEVEL": "critical"}

    async def until(condition: str) -> None:
        """Each look is a round trip: no sleep."""
        async with asyncio.timeout(LIMIT_S), connected(shop) as connection:
            while not (await (await connection.execute(condition.encode())).fetchone()):
                pass

    async def at_the_end() -> str:
        async with connected(shop) as connection:
            head = (await journal_of(shop).head(connection)).position
        await until(f"SELECT 1 FROM projection_checkpoints HAVING min(position) = {head} AND count(*) > 0")
        async with connected(shop) as connection:
            return str((await read_checkpoints(connection))[0].owner)

    async def deliver() -> None:
        async with clerk_of(shop) as clerk:
            await answered(clerk, receive(("apple", 10)))

    async def test() -> None:
        first = projector(shop, environment)
        try:
            assert (await at_the_end()).endswith(f":{first.pid}")
            first.send_signal(signal.SIGSTOP)
            second = projector(shop, environment)
            try:
                await deliver()
                assert (await at_the_end()).endswith(f":{second.pid}")
                await deliver()
                first.send_signal(signal.SIGCONT)
                assert (await at_the_end()).endswith(f":{second.pid}")
                await deliver()
                await at_the_end()
            finally:
                ended(second)
        finally:
            ended(first)

    run(test())
    found = all_contents(shop)
    forget(shop)
    run(project(shop))
    assert found == all_contents(shop)


def projector(tenant: Tenant, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that follows this tenant alone: others of the same database are of other tests."""
    program = (
        "import asyncio; from infra.process import owner_name; from workers import projector;"
        f"asyncio.run(projector.follow({tenant.service_url!r}, {tenant.name!r}, asyncio.Event()))"
    )
    return subprocess.Popen([sys.executable, "-c", program], env={**os.environ, **environment})


def ended(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()
