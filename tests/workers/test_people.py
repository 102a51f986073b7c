"""What the jobs' process and the command line do about people: follow, finish, rotate, make anew."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from infra.crypto.master_key import MasterKey, MasterKeyError
from tests.support.api import World, add_shop, problem, world
from tests.support.command_line import REPOSITORY, Settings, daybook
from tests.support.erasing import PLACES
from tests.support.personal import follow, opened_elsewhere, sealed_in_journal
from workers.jobs.people import existing_master_key, follow_people, look_after_people

ROWS = "SELECT kind, digest, customer_id FROM customer_index ORDER BY 1, 2, 3"
HEAD = "SELECT (SELECT position FROM customer_index_head) = (SELECT position FROM journal_head)"
RECORDED = "SELECT count(*) FROM stored_events WHERE topic = 'customer.erased.v1'"
KEYS = "SELECT key_id, tenant, subject, part, wrapped_key, created_at FROM daybook_keys.subject_keys"
PUT_BACK = """
INSERT INTO daybook_keys.subject_keys (key_id, tenant, subject, part, wrapped_key, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        yield opened


def printed(shop: World, *arguments: str) -> str:
    settings: Settings = {
        "database_url": shop.tenant.service_url,
        "owner_database_url": shop.tenant.owner_url,
        "tenant": shop.tenant.name,
        "data_dir": str(shop.settings.data_dir),
    }
    ended = daybook(settings, *arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_the_jobs_process_keeps_the_index_up_to_the_journal(shop: World) -> None:
    async def test() -> None:
        stop = asyncio.Event()
        following = asyncio.create_task(follow_people(shop.settings, stop))
        while True:
            if shop.query(HEAD) == [(True,)]:
                break
            await asyncio.sleep(0)
        stop.set()
        await following

    asyncio.run(asyncio.wait_for(test(), 30))
    assert len(shop.query(ROWS)) == 3


def test_it_waits_for_a_master_key_and_makes_none(shop: World, tmp_path: Path) -> None:
    """One that it made would open nothing of what the API seals."""
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(MasterKeyError):
        existing_master_key(type(shop.settings)(data_dir=elsewhere))
    assert not elsewhere.exists()


def test_after_a_restore_of_the_key_store_the_erased_are_erased_again(shop: World) -> None:
    boxes = [box for box in sealed_in_journal(shop) if box.subject == "customer-c1"]
    backup = shop.query(KEYS)
    shop.made("/v1/customers/c1/erasure", {})
    follow(shop)
    for row in backup:
        if row[2] == "customer-c1":
            shop.query(PUT_BACK, *row)
    assert None not in opened_elsewhere(shop, boxes)

    done = asyncio.run(look_after_people(shop.settings))

    assert done.destroyed_again == 2
    assert set(opened_elsewhere(shop, boxes)) == {None}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("by", ["the indexer", "a repeat"])
def test_whoever_is_killed_while_erasing_the_erasure_is_finished(shop: World, place: str, by: str) -> None:
    follow(shop)
    boxes = [box for box in sealed_in_journal(shop) if box.subject == "customer-c1"]
    where = (shop.tenant.service_url, shop.tenant.name, str(shop.settings.master_key_file))
    killed = subprocess.run(
        [sys.executable, "-m", "tests.support.erasing", place, *where], cwd=REPOSITORY, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert shop.query(RECORDED) == [(1,)]
    assert problem(shop.get("/v1/customers/c1")) == (410, "erased")

    if by == "the indexer":
        follow(shop)
    else:
        shop.made("/v1/customers/c1/erasure", {})

    assert set(opened_elsewhere(shop, boxes)) == {None}
    assert [row for row in shop.query(ROWS) if row[2] == "c1"] == []
    assert shop.query(RECORDED) == [(1,)]


def test_what_was_destroyed_leaves_the_disk_once(shop: World) -> None:
    follow(shop)
    shop.made("/v1/customers/c1/erasure", {})
    assert asyncio.run(look_after_people(shop.settings)).rewritten == 2
    assert asyncio.run(look_after_people(shop.settings)).rewritten == 0


def test_a_rewrite_keeps_every_living_key_and_row(shop: World) -> None:
    shop.made("/v1/customers", {"customer_id": "c2", "name": "Li", "phone": "13800002222"})
    follow(shop)
    keys = {row for row in shop.query(KEYS) if row[2] != "customer-c1"}
    rows = [row for row in shop.query(ROWS) if row[2] != "c1"]
    shop.made("/v1/customers/c1/erasure", {})
    asyncio.run(look_after_people(shop.settings))
    assert set(shop.query(KEYS)) == keys
    assert shop.query(ROWS) == rows


# --- the command line ---------------------------------------------------------------------------------


def test_the_master_key_is_rotated_from_the_command_line_while_the_shop_is_open(shop: World) -> None:
    file = shop.settings.master_key_file
    before = MasterKey.of_file(file).id
    assert "0 are not" in printed(shop, "keys", "rotate-master")
    assert MasterKey.of_file(file).ids[1:] == [before]

    file.write_bytes(file.read_bytes().splitlines()[0] + b"\n")

    assert shop.read("/v1/customers/c1")["name"] == "Han Meimei"
    customer_id = shop.made("/v1/customers", {"name": "Li"})["customer_id"]
    with shop.restarted() as again:
        assert again.read(f"/v1/customers/{customer_id}")["name"] == "Li"


def test_the_index_is_made_anew_from_the_command_line(shop: World) -> None:
    follow(shop)
    rows = shop.query(ROWS)
    shop.query("DELETE FROM customer_index")
    assert "follows the journal" in printed(shop, "customers", "reindex")
    assert shop.query(ROWS) == rows


def test_what_is_done_every_night_is_done_at_once_from_the_command_line(shop: World) -> None:
    follow(shop)
    shop.made("/v1/customers/c1/erasure", {})
    assert "2 tables were written anew" in printed(shop, "privacy", "run")
    assert problem(shop.get("/v1/customers/c1")) == (410, "erased")
