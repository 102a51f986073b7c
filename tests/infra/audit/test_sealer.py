"""Sealing: whatever happens in between, one journal has one tree, and one checkpoint of a size."""

import asyncio
import itertools
import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.pq import TransactionStatus

from infra.audit import entries as entries_module
from infra.audit import sealer as sealer_module
from infra.audit.checkpoint import Checkpoint
from infra.audit.entries import Leaves, hash_ahead, hashed
from infra.audit.leaf import leaf_of
from infra.audit.seal_key import signer_of
from infra.audit.sealer import last_checkpoint, read_status
from infra.audit.sink import FolderSink, HistoryContradicted, Sink, SinkError
from infra.audit.tiles import read_leaf_hashes
from infra.event_store.journal import Journal
from infra.postgres.pools import Connection
from tests.infra.audit.trees import mth
from tests.support.audit import SealedShop, sealed_shop
from tests.support.journal_writers import append, new_streams
from tests.support.journals import connected, query, run
from tests.support.postgres import Tenant

REWIND = """
UPDATE audit_seal SET size = %(size)s;
DELETE FROM audit_checkpoints WHERE size > %(size)s
"""


class _Killed(Exception):
    """The process ends here."""


class CrashingSink(FolderSink):
    """A sink whose process is killed before or after it has kept the next checkpoint."""

    def __init__(self, sink: FolderSink, *, kept: bool) -> None:
        super().__init__(sink.notes.parent, sink.notes.stem)
        self._kept = kept

    def append(self, checkpoint: Checkpoint, first: int, hashes: bytes) -> None:
        if self._kept:
            super().append(checkpoint, first, hashes)
        raise _Killed


def root_of(shop: SealedShop, size: int) -> bytes:
    """By the RFC's own words, from the stored rows."""
    return mth([leaf_of(entry) for entry in shop.entries()[:size]])


def sizes(shop: SealedShop) -> list[int]:
    """Of the checkpoints in the sink, which are those in the database, no two of a size, and right."""
    kept = list(shop.sink.checkpoints())
    stored = query(
        shop.tenant.owner_url, shop.tenant, "SELECT size, note FROM audit_checkpoints ORDER BY size"
    )
    assert [(each.size, each.note) for each in kept] == stored
    assert len({each.size for each in kept}) == len(kept)
    for each in kept:
        assert each.root == root_of(shop, each.size)
        assert shop.signer.key.signed(each)
    hashes = shop.sink.leaf_hashes(0, 10**6)

    async def tiles() -> bytes:
        async with connected(shop.tenant) as connection:
            return await read_leaf_hashes(connection, 0, kept[-1].size if kept else 0)

    assert run(tiles()) == hashes[: 32 * (kept[-1].size if kept else 0)]
    return [each.size for each in kept]


def test_each_round_signs_what_was_new(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 3, 1, 260)

    assert shop.seal() is None
    assert sizes(shop) == [3, 4, 264]


def seal_all(shop: SealedShop, sink: Sink | None = None) -> None:
    """Seals until nothing is new, as the sealer does."""
    while shop.seal(sink) is not None:
        pass


def test_an_empty_journal_has_no_checkpoint(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path)

    assert shop.seal() is None
    assert shop.sink.last() is None


def test_a_long_journal_is_sealed_in_many_checkpoints(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(sealer_module, "PAGE", 7)
    monkeypatch.setattr(entries_module, "PAGE", 11)
    shop = sealed_shop(tenant, tmp_path, 250)
    while shop.seal() is not None:
        pass

    assert sizes(shop) == [100, 200, 250]


def test_no_transaction_is_open_while_a_round_is_hashed(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is open keeps everybody's old rows from being cleared away."""
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(7)
    seen: list[TransactionStatus] = []

    async def watched(connection: Connection, start: int, end: int) -> list[bytes]:
        seen.append(connection.info.transaction_status)
        return await hashed(connection, start, end)

    monkeypatch.setattr(entries_module, "hashed", watched)
    monkeypatch.setattr(sealer_module, "hashed", watched)
    shop.seal()

    assert seen == [TransactionStatus.IDLE]
    assert sizes(shop) == [5, 12]


def test_what_comes_between_hashing_and_the_lock_is_sealed_too(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another sealer's round, and more entries than were hashed."""
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(4)

    async def and_then(connection: Connection, journal: Journal, most: int) -> Leaves:
        known = await hash_ahead(connection, journal, most)
        async with connected(shop.tenant) as other:
            monkeypatch.setattr(sealer_module, "hash_ahead", hash_ahead)
            await shop.sealer().seal(other)
            assert await append(journal, other, 9, new_streams(3))
        return known

    monkeypatch.setattr(sealer_module, "hash_ahead", and_then)
    shop.seal()

    assert sizes(shop) == [5, 9, 12]


@pytest.mark.parametrize("kept", [False, True])
def test_a_sealer_that_is_killed_around_the_sink_is_followed_by_one_that_goes_on(
    tenant: Tenant, tmp_path: Path, *, kept: bool
) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(4)
    with pytest.raises(_Killed):
        shop.seal(CrashingSink(shop.sink, kept=kept))
    shop.write(2)

    seal_all(shop)

    assert sizes(shop) == ([5, 9, 11] if kept else [5, 11])


def test_two_that_are_killed_in_a_row_leave_a_database_that_knows_every_checkpoint(
    tenant: Tenant, tmp_path: Path
) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    for _ in range(2):
        shop.write(4)
        with pytest.raises(_Killed):
            seal_all(shop, CrashingSink(shop.sink, kept=True))

    seal_all(shop)

    known = query(tenant.owner_url, tenant, "SELECT size FROM audit_checkpoints ORDER BY size")
    assert [size for (size,) in known] == sizes(shop) == [5, 9, 13]


@pytest.mark.parametrize("cut", [1, 20, 40, 100, 180])
def test_a_record_that_a_crash_cut_short_is_passed_over(tenant: Tenant, tmp_path: Path, cut: int) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    before = shop.sink.notes.read_bytes()
    shop.write(4)
    with pytest.raises(_Killed):
        shop.seal(CrashingSink(shop.sink, kept=True))
    shop.sink.notes.write_bytes(shop.sink.notes.read_bytes()[: len(before) + cut])
    shop.write(2)

    shop.seal()
    shop.write(1)
    shop.seal()

    assert sizes(shop) == [5, 11, 12]


@pytest.mark.parametrize("cut", [0, 1, 31, 32, 100])
def test_leaves_that_a_crash_left_half_written_are_completed(
    tenant: Tenant, tmp_path: Path, cut: int
) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    notes = shop.sink.notes.read_bytes()
    shop.write(4)
    with pytest.raises(_Killed):
        shop.seal(CrashingSink(shop.sink, kept=True))
    shop.sink.notes.write_bytes(notes)
    shop.sink.leaves.write_bytes(shop.sink.leaves.read_bytes()[: 5 * 32 + cut])

    shop.seal()

    assert sizes(shop) == [5, 9]


def test_two_sealers_at_once_make_one_tree(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path)

    async def keep_sealing(stop: asyncio.Event) -> None:
        async with connected(tenant) as connection:
            sealer = shop.sealer()
            while not stop.is_set():
                await sealer.seal(connection)
                await asyncio.sleep(0)
            await sealer.seal(connection)

    async def write(stop: asyncio.Event) -> None:
        for count in (1, 2, 3, 300, 5, 6, 7):
            await asyncio.to_thread(shop.write, count)
        stop.set()

    async def test() -> None:
        stop = asyncio.Event()
        await asyncio.gather(keep_sealing(stop), keep_sealing(stop), write(stop))

    run(test())
    assert sizes(shop)[-1] == 324


def test_a_new_sink_gets_everything_that_was_sealed(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5, 300)
    shop.sink = FolderSink(tmp_path / "elsewhere", tenant.name)
    shop.write(1)

    shop.seal()

    assert sizes(shop) == [5, 305, 306]


def test_a_sink_that_was_restored_gets_what_it_lacks(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    notes, leaves = shop.sink.notes.read_bytes(), shop.sink.leaves.read_bytes()
    for count in (4, 300):
        shop.write(count)
        shop.seal()
    shop.sink.notes.write_bytes(notes)
    shop.sink.leaves.write_bytes(leaves)

    assert shop.seal() is None
    assert sizes(shop) == [5, 9, 309]


# A database that is not the one that was sealed.


def refused(shop: SealedShop) -> str:
    """Why the sealer refuses; neither sink nor database has changed."""
    files = shop.sink.notes.read_bytes(), shop.sink.leaves.read_bytes()
    before = query(shop.tenant.owner_url, shop.tenant, "SELECT size FROM audit_seal")
    with pytest.raises(HistoryContradicted) as refusal:
        shop.seal()
    assert (shop.sink.notes.read_bytes(), shop.sink.leaves.read_bytes()) == files
    assert query(shop.tenant.owner_url, shop.tenant, "SELECT size FROM audit_seal") == before
    return str(refusal.value)


def restore(shop: SealedShop, size: int) -> None:
    """As if the database had been restored from a backup of that position."""
    shop.tamper(
        f"DELETE FROM stored_events WHERE notification_id > {size}",
        f"UPDATE journal_head SET position = {size}",
        f"DELETE FROM audit_checkpoints WHERE size > {size}",
        f"UPDATE audit_seal SET size = {size}",
        f"UPDATE audit_tiles SET hashes = substr(hashes, 1, 32 * {size}) WHERE level = 0 AND index = 0",
    )


def test_a_database_restored_from_an_old_backup_is_not_sealed_again(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5, 4)
    restore(shop, 5)

    assert "position 9 was sealed, and the journal ends at 5" in refused(shop)

    shop.write(10)
    assert "up to position 9 is not the one that was sealed" in refused(shop)


def test_leaves_without_a_checkpoint_count_too(tenant: Tenant, tmp_path: Path) -> None:
    """The sealer was killed before the checkpoint, and then the database was restored."""
    shop = sealed_shop(tenant, tmp_path, 5)
    notes = shop.sink.notes.read_bytes()
    shop.write(4)
    shop.seal()
    shop.sink.notes.write_bytes(notes)
    restore(shop, 5)
    shop.write(6)

    assert "holds leaves that this journal has not" in refused(shop)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("UPDATE audit_tiles SET hashes = overlay(hashes placing '\\x00' from 1 for 1)", "not the one"),
        ("UPDATE audit_tiles SET hashes = ''", "damaged"),
        ("DELETE FROM audit_tiles", "damaged"),
        ("UPDATE audit_seal SET size = 3", "not the one|damaged"),
    ],
)
def test_a_damaged_tree_is_not_built_on(tenant: Tenant, tmp_path: Path, damage: str, why: str) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.tamper(damage, "UPDATE stored_events SET state = '{}' WHERE notification_id = 4")
    shop.write(1)

    message = refused(shop)
    assert any(each in message for each in why.split("|"))


def test_a_missing_position_is_not_sealed(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(5)
    shop.tamper("DELETE FROM stored_events WHERE notification_id = 8")

    assert "position 8 is missing" in refused(shop)


def test_a_sink_of_another_key_is_not_written_to(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.signer = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(32)), tenant.name)
    shop.write(1)

    assert "not signed with this key" in refused(shop)


# A sink that can't be used.


def test_nothing_is_sealed_where_the_sink_can_not_be_written(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path)
    shop.folder.parent.mkdir(exist_ok=True)
    shop.folder.write_text("a file where the folder should be")
    shop.write(3)

    with pytest.raises(SinkError, match="can't be used"):
        shop.seal()

    shop.folder.unlink()
    shop.seal()
    assert sizes(shop) == [3]


@contextmanager
def full_at(size: int) -> Generator[None]:
    """No file of this process can become longer, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 1, 40, 100, 300])
def test_a_full_disk_leaves_nothing_that_has_to_be_mended_by_hand(
    tenant: Tenant, tmp_path: Path, room: int
) -> None:
    """The leaves still find room, or not even they; the checkpoint is cut short."""
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(4)
    size = max(shop.sink.notes.stat().st_size, shop.sink.leaves.stat().st_size)

    def seal_on_and_on() -> None:
        for _ in range(4):
            shop.seal()
            shop.write(1)

    with full_at(size + room), pytest.raises(SinkError, match="File too large"):
        seal_on_and_on()
    shop.seal()

    assert sizes(shop)[-1] == len(shop.entries())


def test_leaves_that_are_lost_are_an_error_that_says_what_to_do(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.sink.leaves.unlink()
    shop.write(1)

    with pytest.raises(SinkError, match="restore it, or move both files"):
        shop.seal()

    shop.sink.notes.unlink()
    shop.sink.leaves.unlink(missing_ok=True)
    shop.seal()
    assert sizes(shop) == [5, 6]


def test_a_sink_that_another_sealer_holds_is_left_alone(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(1)

    with shop.sink.held(), pytest.raises(SinkError, match="a sink of its own"):
        shop.seal()


def test_the_status_says_how_far_the_journal_is_sealed(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 5)
    shop.write(2)

    async def look() -> None:
        async with connected(tenant) as connection:
            status = await read_status(connection)
            assert (status.size, status.position, status.error) == (5, 7, None)
            assert status.checkpoint_age_s is not None
            assert status.silent_s is None
            last = await last_checkpoint(connection)
            assert last == shop.sink.last()

    run(look())


def test_checkpoints_of_a_long_file_are_read_piece_by_piece(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path)
    root = bytes(range(32))
    notes = [shop.signer.sign(size, root) for size in range(1, 8_000)]
    shop.folder.mkdir()
    shop.sink.notes.write_text("".join(f"{each.note}\n" for each in notes))

    assert all(kept == made for kept, made in itertools.zip_longest(shop.sink.checkpoints(), notes))
    assert shop.sink.last() == notes[-1]
