"""The sealer process: it seals every tenant, whatever happens to one of them, and says where it can't."""

import asyncio
import itertools
import os
import signal
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg
import pytest

from infra.audit.seal_key import SealKeyError
from infra.audit.sink import FolderSink
from infra.postgres.pools import connector, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import tenant_names
from tests.support.audit import SealedShop
from tests.support.command_line import start, wait_until
from tests.support.journals import query
from tests.support.postgres import Database, Tenant, new_tenant, worker_database
from workers.sealer import Rounds, shop_key

_numbers = itertools.count(1)

STATUS = "SELECT size, error FROM audit_seal"


@pytest.fixture
def database(worker_id: str) -> Database:
    """A database of its own: a round goes to every tenant that there is."""
    return worker_database(f"{worker_id}_sealer_{next(_numbers)}")


class Chain:
    """Some tenants, and the settings under which they are sealed."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.settings = Settings(database_url=database.service_url, data_dir=folder, log_level="critical")
        self.url = database.service_url
        self.shops = {name: self._shop(new_tenant(database, name)) for name in ("a", "b")}
        self.rounds = Rounds(self.settings, self.url)

    def _shop(self, tenant: Tenant) -> SealedShop:
        return SealedShop(tenant, Path(self.settings.checkpoint_sink))

    def go(self) -> bool:
        async def work() -> bool:
            async with await connector(self.url)() as connection:
                return await self.rounds.go(connection, await tenant_names(connection))

        return asyncio.run(work())

    def status(self, name: str) -> tuple[int, str | None]:
        ((size, error),) = query(self.url, self.shops[name].tenant, STATUS)
        return size, error


@pytest.fixture
def chain(database: Database, tmp_path: Path) -> Chain:
    return Chain(database, tmp_path)


def test_a_round_seals_every_tenant_in_files_of_its_own(chain: Chain) -> None:
    chain.shops["a"].write(3)
    chain.shops["b"].write(5)

    assert not chain.go()

    assert (chain.status("a"), chain.status("b")) == ((3, None), (5, None))
    for shop in chain.shops.values():
        last = shop.sink.last()
        assert last is not None
        assert last.origin.startswith("daybook-")
        assert last.origin.endswith(f"/{shop.tenant.name}")


def test_what_ails_one_tenant_is_told_and_stops_no_other(chain: Chain) -> None:
    chain.shops["a"].write(3)
    chain.go()
    chain.shops["a"].tamper("UPDATE stored_events SET state = '{}' WHERE notification_id = 2")
    chain.shops["a"].sink.notes.unlink()
    chain.shops["a"].sink.leaves.write_bytes(bytes(96))
    chain.shops["a"].write(1)
    chain.shops["b"].write(2)

    chain.go()

    size, error = chain.status("a")
    assert size == 3
    assert error is not None
    assert "leaves that this journal has not" in error
    assert chain.status("b") == (2, None)


def test_an_error_goes_when_its_cause_has_gone(chain: Chain) -> None:
    chain.shops["a"].write(3)
    folder = Path(chain.settings.checkpoint_sink)
    folder.write_text("in the way")
    chain.go()
    assert chain.status("a")[1] is not None

    folder.unlink()
    chain.go()
    assert chain.status("a") == (3, None)


def test_the_key_is_made_once_and_for_its_owner_only(chain: Chain) -> None:
    chain.shops["a"].write(1)
    chain.go()
    first = chain.settings.seal_key_file.read_bytes()
    chain.shops["a"].write(1)
    chain.go()

    assert chain.settings.seal_key_file.read_bytes() == first
    assert chain.settings.seal_key_file.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_not_replaced_once_something_is_sealed(chain: Chain) -> None:
    chain.shops["a"].write(1)
    chain.go()
    chain.settings.seal_key_file.unlink()

    with pytest.raises(SealKeyError, match="is missing"):
        shop_key(chain.settings.seal_key_file, chain.url)
    chain.shops["b"].write(1)
    chain.go()
    assert "Restore it from its backup" in str(chain.status("b")[1])


def test_a_damaged_key_is_an_error_that_names_the_file(chain: Chain) -> None:
    chain.settings.seal_key_file.write_text("no key")
    with pytest.raises(SealKeyError, match=r"seal\.key can't be read"):
        shop_key(chain.settings.seal_key_file, chain.url)


# The process itself.


@pytest.fixture
def sealing(chain: Chain) -> Generator[Callable[[], subprocess.Popen[str]]]:
    """Starts sealers; those that still run are ended."""
    started: list[subprocess.Popen[str]] = []

    def begin() -> subprocess.Popen[str]:
        settings = {"database_url": chain.url, "data_dir": str(chain.settings.data_dir)}
        started.append(start(settings, "sealer"))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def test_a_sealer_that_is_killed_again_and_again_makes_one_history(
    chain: Chain, sealing: Callable[[], subprocess.Popen[str]]
) -> None:
    shop = chain.shops["a"]
    for count in (10, 300, 7):
        shop.write(count)
        process = sealing()
        before = shop.sink.last()
        known = before.size if before is not None else 0

        def has_begun(known: int = known) -> bool:
            return shop.sink.leaves.exists() and shop.sink.leaves.stat().st_size > 32 * known

        # At the first byte that is kept: somewhere between the leaves and the commit.
        wait_until(has_begun, poll_s=0.0001)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    process = sealing()
    wait_until(lambda: chain.status("a") == (317, None))
    process.terminate()
    process.wait()

    assert process.returncode == 0
    kept = list(FolderSink(Path(chain.settings.checkpoint_sink), "a").checkpoints())
    assert len({each.size for each in kept}) == len(kept)
    with psycopg.connect(tenant_conninfo(chain.url, "a")) as connection:
        stored = connection.execute("SELECT note FROM audit_checkpoints ORDER BY size").fetchall()
    assert [each.note for each in kept] == [note for (note,) in stored]
