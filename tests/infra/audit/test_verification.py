"""Somebody who may change everything in the database is found out, and the position is named."""

from collections.abc import Generator, Sequence
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.audit import verification
from infra.audit.checkpoint import Checkpoint, VerifierKey
from infra.audit.examination import Finding
from infra.audit.leaf import leaf_hashes
from infra.audit.merkle import HASH_BYTES
from infra.audit.seal_key import signer_of
from infra.audit.sink import FolderSink, Sink
from infra.audit.tiles import RightEdge
from infra.audit.verification import Verdict, verify_journal
from infra.event_store.journal import StoredEntry
from tests.support.audit import SealedShop, copy_of, sealed_once, sealed_shop
from tests.support.commands import add_product, open_store, receive
from tests.support.journals import answered, clerk_of, connected, journal_of, query, run
from tests.support.postgres import Tenant

COUNTS = (5, 300, 40)
SEALED = sum(COUNTS)
EVENT = "the event is not the one that was sealed"
MISSING = "the event is missing"
TILE = "the tile of the tree in the database is not what was sealed"


@pytest.fixture(scope="module")
def sealed(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[SealedShop]:
    """Sealed once for all tests of the file."""
    with sealed_once(worker_id, tmp_path_factory.mktemp("sealed"), *COUNTS) as shop:
        yield shop


@pytest.fixture
def shop(sealed: SealedShop, worker_id: str, tmp_path: Path) -> Generator[SealedShop]:
    with copy_of(sealed, worker_id, tmp_path) as shop:
        yield shop


def verdict_of(
    shop: SealedShop,
    given: Checkpoint | None = None,
    *,
    sink: Sink | None = None,
    key: VerifierKey | None = None,
) -> Verdict:
    async def work() -> Verdict:
        async with connected(shop.tenant) as connection:
            return await verify_journal(
                connection, journal_of(shop.tenant), sink or shop.sink, key or shop.signer.key, given
            )

    return run(work())


def told(verdict: Verdict) -> list[str]:
    return [str(finding) for finding in verdict.findings]


def found_at(verdict: Verdict, what: str) -> list[tuple[int, int]]:
    """The positions of which this is said."""
    return [(each.first, each.last) for each in verdict.findings if each.what == what]


def rewritten_tiles(shop: SealedShop, entries: Sequence[StoredEntry] | None = None) -> RightEdge:
    """The tree over what the journal says now, put in place of the sealed one: consistent damage."""
    edge = RightEdge()
    edge.extend(leaf_hashes(entries if entries is not None else shop.entries()))
    for (level, index), hashes in edge.changed.items():
        shop.tamper(
            "UPDATE audit_tiles SET hashes = %s WHERE level = %s AND index = %s",
            values=(hashes, level, index),
        )
    return edge


def test_a_journal_that_nobody_touched_is_proven_to_its_last_checkpoint(shop: SealedShop) -> None:
    verdict = verdict_of(shop)

    assert told(verdict) == []
    assert (verdict.position, verdict.proven, verdict.unproven) == (SEALED, SEALED, 0)
    assert (verdict.checkpoints, verdict.outside) == (3, True)


def test_an_empty_journal_has_nothing_to_prove(tenant: Tenant, tmp_path: Path) -> None:
    verdict = verdict_of(sealed_shop(tenant, tmp_path))
    assert (told(verdict), verdict.position, verdict.proven) == ([], 0, 0)


def test_events_that_are_not_sealed_are_unproven(shop: SealedShop) -> None:
    shop.write(7)
    verdict = verdict_of(shop)
    assert (told(verdict), verdict.proven, verdict.unproven) == ([], SEALED, 7)


def test_a_journal_that_was_never_sealed_is_unproven(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path)
    shop.write(7)
    verdict = verdict_of(shop)
    assert (told(verdict), verdict.proven, verdict.unproven) == ([], 0, 7)


@pytest.mark.parametrize("size", [4_096, 4_100, 8_192])
def test_pages_and_tiles_of_any_number_are_proven(tenant: Tenant, tmp_path: Path, size: int) -> None:
    shop = sealed_shop(tenant, tmp_path, size - 1, 1)
    verdict = verdict_of(shop)
    assert (told(verdict), verdict.proven) == ([], size)


# Events.


@pytest.mark.parametrize("position", [1, 5, 6, 256, 257, 305, SEALED])
@pytest.mark.parametrize(
    "change",
    [
        "state = set_byte(state, 40, get_byte(state, 40) # 1)",
        "originator_id = originator_id || ' '",
        "originator_version = originator_version + 1",
        "topic = 'store.changed.v1'",
        "state = ''",
    ],
)
def test_a_changed_event_is_named(shop: SealedShop, position: int, change: str) -> None:
    shop.tamper(f"UPDATE stored_events SET {change} WHERE notification_id = {position}")
    assert found_at(verdict_of(shop), EVENT) == [(position, position)]


@pytest.mark.parametrize("column", ["state", "topic"])
def test_an_event_that_is_not_whole_any_more_is_named(shop: SealedShop, column: str) -> None:
    shop.tamper(
        f"ALTER TABLE stored_events ALTER {column} DROP NOT NULL",
        f"UPDATE stored_events SET {column} = NULL WHERE notification_id = 200",
    )
    verdict = verdict_of(shop)
    assert found_at(verdict, "the event is not whole") == [(200, 200)]
    assert found_at(verdict, EVENT) == [(200, 200)]


def test_an_event_without_a_position_is_named(shop: SealedShop) -> None:
    """Decisions would see it: they read by stream."""
    first = shop.entries()[0]
    shop.tamper(
        "ALTER TABLE stored_events ALTER notification_id DROP NOT NULL",
        "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
        f" VALUES ('{first.stream}', {first.version + 1}, '{first.type}', '{{}}')",
    )
    assert told(verdict_of(shop)) == [f"version {first.version + 1} of {first.stream} has no position"]


@pytest.mark.parametrize(
    ("table", "what"),
    [("journal_head", "the journal's head is missing"), ("audit_seal", "the sealer's row is missing")],
)
def test_a_row_that_is_gone_is_named(shop: SealedShop, table: str, what: str) -> None:
    shop.tamper(f"DELETE FROM {table}")
    assert what in told(verdict_of(shop))


@pytest.mark.parametrize(("table", "column"), [("audit_tiles", "hashes"), ("audit_checkpoints", "note")])
def test_what_is_empty_in_the_tree_is_named(shop: SealedShop, table: str, column: str) -> None:
    shop.tamper(
        f"ALTER TABLE {table} ALTER {column} DROP NOT NULL",
        f"UPDATE {table} SET {column} = NULL",
    )
    assert told(verdict_of(shop))


def test_a_snapshot_that_its_events_do_not_make_is_named(tenant: Tenant, tmp_path: Path) -> None:
    """Decisions trust it: the next one would seal what follows from it."""
    shop = sealed_shop(tenant, tmp_path)

    async def trade() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product(), receive(("apple", 10)))
        async with connected(tenant) as connection:
            journal = journal_of(tenant)
            found, _ = (await journal.read_states(connection, ["stock-s1/apple"]))["stock-s1/apple"]
            await journal.write_snapshots(connection, {"stock-s1/apple": found})

    run(trade())
    shop.seal()
    assert told(verdict_of(shop)) == []

    shop.tamper("UPDATE snapshots SET state = replace(convert_from(state, 'UTF8'), '10', '99')::bytea")
    assert told(verdict_of(shop)) == [
        "the snapshot of stock-s1/apple at version 1 is not what its events say"
    ]


@pytest.mark.parametrize("position", [1, 5, 200, SEALED])
def test_a_deleted_event_is_named(shop: SealedShop, position: int) -> None:
    shop.tamper(f"DELETE FROM stored_events WHERE notification_id = {position}")
    assert found_at(verdict_of(shop), MISSING) == [(position, position)]


def test_two_events_that_changed_places_are_named(shop: SealedShop) -> None:
    shop.tamper(
        "UPDATE stored_events SET notification_id = -1 WHERE notification_id = 10",
        "UPDATE stored_events SET notification_id = 10 WHERE notification_id = 20",
        "UPDATE stored_events SET notification_id = 20 WHERE notification_id = -1",
    )
    assert found_at(verdict_of(shop), EVENT) == [(10, 10), (20, 20)]


INSERT = """
INSERT INTO stored_events
SELECT originator_id || 'x', 1, topic, state, {position}
FROM stored_events
WHERE notification_id = 3
"""


def test_an_event_that_was_inserted_moves_those_behind_it(shop: SealedShop) -> None:
    shop.tamper(
        "UPDATE stored_events SET notification_id = -notification_id WHERE notification_id >= 100",
        "UPDATE stored_events SET notification_id = -notification_id + 1 WHERE notification_id < 0",
        INSERT.format(position=100),
        "UPDATE journal_head SET position = position + 1",
    )
    verdict = verdict_of(shop)
    assert found_at(verdict, EVENT) == [(100, SEALED)]
    assert verdict.unproven == 1


def test_a_second_event_of_a_position_is_named(shop: SealedShop) -> None:
    shop.tamper("DROP INDEX stored_events_notification_id_idx", INSERT.format(position=50))
    assert found_at(verdict_of(shop), "there are two events of this position") == [(50, 50)]


def test_a_truncated_tail_is_named(shop: SealedShop) -> None:
    shop.tamper(
        "DELETE FROM stored_events WHERE notification_id > 300",
        "UPDATE journal_head SET position = 300",
        "DELETE FROM audit_checkpoints WHERE size > 300",
        "UPDATE audit_seal SET size = 5",
        "DELETE FROM audit_tiles",
    )
    verdict = verdict_of(shop)
    assert found_at(verdict, MISSING) == [(301, SEALED)]


def test_a_truncated_journal_is_named(shop: SealedShop) -> None:
    shop.tamper("TRUNCATE stored_events")
    verdict = verdict_of(shop)
    assert found_at(verdict, MISSING) == [(1, SEALED)]
    assert f"the journal's head says {SEALED}, and its last event is at 0" in told(verdict)


def test_a_hole_behind_what_was_sealed_is_named_however_wide(shop: SealedShop) -> None:
    shop.tamper(INSERT.format(position=10**15))
    verdict = verdict_of(shop)
    (first, last), *_ = found_at(verdict, MISSING)
    assert (first, last) == (SEALED + 1, 10**15 - 1)


def test_a_version_that_a_stream_lacks_is_named(shop: SealedShop) -> None:
    shop.write(1)
    shop.tamper(f"UPDATE stored_events SET originator_version = 3 WHERE notification_id = {SEALED + 1}")
    (finding,) = verdict_of(shop).findings
    assert (finding.first, finding.what[:9], finding.what[-17:]) == (
        SEALED + 1,
        "version 3",
        "follows version 0",
    )


def test_each_of_several_damaged_positions_is_named(shop: SealedShop) -> None:
    positions = [2, 5, 6, 100, 101, 344]
    chosen = ", ".join(map(str, positions))
    shop.tamper(f"UPDATE stored_events SET state = '{{}}' WHERE notification_id IN ({chosen})")
    assert found_at(verdict_of(shop), EVENT) == [(2, 2), (5, 6), (100, 101), (344, 344)]


# The tree.


@pytest.mark.parametrize("position", [1, 256, 257, SEALED])
def test_a_changed_tile_is_named_and_the_event_is_not_blamed(shop: SealedShop, position: int) -> None:
    index, first = divmod(position - 1, 256)
    shop.tamper(
        f"UPDATE audit_tiles SET hashes = set_byte(hashes, {first * 32}, get_byte(hashes, {first * 32}) # 1)"
        f" WHERE level = 0 AND index = {index}"
    )
    verdict = verdict_of(shop)
    assert [str(finding) for finding in verdict.findings] == [f"position {position}: {TILE}"]


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DELETE FROM audit_tiles WHERE level = 0 AND index = 1", f"positions 257-{SEALED}: {TILE}"),
        ("UPDATE audit_tiles SET hashes = hashes || hashes WHERE level = 1", "tile 0 of level 1"),
        ("UPDATE audit_tiles SET hashes = set_byte(hashes, 0, 1) WHERE level = 1", "tile 0 of level 1"),
        ("DELETE FROM audit_tiles WHERE level = 1", "tile 0 of level 1"),
        ("INSERT INTO audit_tiles VALUES (2, 0, 'x')", "tile 0 of level 2"),
        ("INSERT INTO audit_tiles VALUES (0, 7, 'x')", "bytes of leaf hashes"),
        ("UPDATE audit_seal SET size = 5", "says that 5 events are sealed"),
        ("UPDATE audit_seal SET size = size + 1", f"says that {SEALED + 1} events are sealed"),
        ("UPDATE journal_head SET position = 1", "the journal's head says 1"),
    ],
)
def test_any_other_damage_to_the_tables_is_named(shop: SealedShop, damage: str, what: str) -> None:
    shop.tamper(damage)
    assert any(what in line for line in told(verdict_of(shop)))


@pytest.mark.parametrize("position", [3, 100, SEALED])
def test_events_and_tiles_that_were_rewritten_alike_are_named(shop: SealedShop, position: int) -> None:
    shop.tamper(f"UPDATE stored_events SET state = '{{}}' WHERE notification_id = {position}")
    rewritten_tiles(shop)
    verdict = verdict_of(shop)
    assert found_at(verdict, EVENT) == [(position, position)]
    assert found_at(verdict, TILE) == [(position, position)]


def test_with_checkpoints_alone_the_range_between_two_of_them_is_named(shop: SealedShop) -> None:
    shop.tamper("UPDATE stored_events SET state = '{}' WHERE notification_id = 100")
    edge = rewritten_tiles(shop)
    shop.sink.leaves.write_bytes(leaf_file(shop))

    verdict = verdict_of(shop)

    what = "events, tiles and leaf hashes are not what the checkpoint of size 305 has sealed"
    assert found_at(verdict, what) == [(6, 305)]
    assert (verdict.proven, edge.size) == (5, SEALED)


def leaf_file(shop: SealedShop) -> bytes:
    return b"".join(leaf_hashes(shop.entries()))


# Checkpoints.


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("DELETE FROM audit_checkpoints WHERE size = 305", "size 305 is missing from the database"),
        ("UPDATE audit_checkpoints SET note = 'x' WHERE size = 305", "size 305 in the database is none"),
        ("UPDATE audit_checkpoints SET size = 300 WHERE size = 305", "size 300 in the database is none"),
        (
            "UPDATE audit_checkpoints SET note = overlay(note placing 'A' from length(note) - 20 for 1)",
            "database's checkpoint of size 305 is not signed",
        ),
        ("UPDATE audit_checkpoints SET note = replace(note, E'\\n305\\n', E'\\n304\\n')", "size 305"),
    ],
)
def test_a_changed_checkpoint_in_the_database_is_named(shop: SealedShop, damage: str, what: str) -> None:
    shop.tamper(damage)
    verdict = verdict_of(shop)
    assert any(what in line for line in told(verdict)), told(verdict)
    assert verdict.proven == SEALED


def test_a_history_that_was_rewritten_with_the_key_contradicts_the_sink(shop: SealedShop) -> None:
    """Events, tiles and checkpoints are consistent and signed; the checkpoints outside are what tells."""
    shop.tamper("UPDATE stored_events SET state = '{}' WHERE notification_id = 100")
    entries = shop.entries()
    rewritten_tiles(shop)
    for size in (305, SEALED):
        edge = RightEdge()
        edge.extend(leaf_hashes(entries[:size]))
        note = shop.signer.sign(size, edge.root()).note
        shop.tamper("UPDATE audit_checkpoints SET note = %s WHERE size = %s", values=(note, size))

    verdict = verdict_of(shop)

    assert found_at(verdict, EVENT) == [(100, 100)]
    assert "the sink's checkpoint of size 305 in the database is another" in told(verdict)


def test_an_old_checkpoint_in_hand_exposes_a_history_that_was_rewritten_everywhere(
    shop: SealedShop, tmp_path: Path
) -> None:
    """Database, sink and key are in the wrong hands."""
    in_hand = next(each for each in shop.sink.checkpoints() if each.size == 305)
    shop.tamper(
        "UPDATE stored_events SET state = '{}' WHERE notification_id = 100",
        "DELETE FROM audit_tiles",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_seal SET size = 0",
    )
    shop.sink = FolderSink(tmp_path / "another", shop.tenant.name)
    shop.seal()
    assert told(verdict_of(shop)) == []

    verdict = verdict_of(shop, in_hand)

    assert told(verdict) == ["the checkpoint of size 305 is signed, and of another history"]


def test_without_a_sink_only_the_databases_own_checkpoints_prove_anything(shop: SealedShop) -> None:
    shop.sink.notes.unlink()
    shop.sink.leaves.unlink()
    verdict = verdict_of(shop)
    assert told(verdict) == ["the sink lacks checkpoints that the database has: run daybook audit seal"]
    assert (verdict.proven, verdict.outside) == (SEALED, False)


def test_a_damaged_leaf_hash_in_the_sink_is_not_blamed_on_the_event(shop: SealedShop) -> None:
    hashes = bytearray(shop.sink.leaves.read_bytes())
    hashes[99 * HASH_BYTES] ^= 1
    shop.sink.leaves.write_bytes(hashes)
    assert told(verdict_of(shop)) == ["position 100: the leaf hash in the sink is not what was sealed"]


def test_another_key_proves_nothing(shop: SealedShop) -> None:
    other = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(32)), shop.tenant.name).key
    verdict = verdict_of(shop, key=other)
    assert (verdict.proven, verdict.unproven) == (0, SEALED)
    assert f"the sink's checkpoint of size {SEALED} is not signed with the key" in told(verdict)
    assert "the database's checkpoint of size 5 is not signed with the key" in told(verdict)


# Ten thousand.

Row = tuple[int, str, int, str, bytes]
_PLACES = ("stream", "version", "type", "state", "gone", "swapped", "tile", "sink")


class Copy:
    """What was read of a sealed shop, to be damaged in memory and held against the checkpoints again."""

    def __init__(self, shop: SealedShop) -> None:
        self.rows: list[Row] = list(shop.entries())
        self.hashes = b"".join(leaf_hashes(shop.entries()))
        self.checkpoints = list(shop.sink.checkpoints())

    def damaged(self, random: Random) -> tuple[int, list[Finding]]:
        """Damages one thing; the position, and what the product's examination says."""
        rows, tiles, sink = list(self.rows), bytearray(self.hashes), bytearray(self.hashes)
        position = random.randrange(1, len(rows))
        place = random.choice(_PLACES)
        at, name, version, type_, state = rows[position - 1]
        match place:
            case "stream":
                rows[position - 1] = (at, _misspelt(random, name), version, type_, state)
            case "version":
                rows[position - 1] = (at, name, version ^ (1 << random.randrange(60)), type_, state)
            case "type":
                rows[position - 1] = (at, name, version, _misspelt(random, type_), state)
            case "state":
                rows[position - 1] = (at, name, version, type_, _flipped(random, state))
            case "gone":
                del rows[position - 1]
            case "swapped":
                _, *other = rows[position]
                rows[position - 1 : position + 1] = [
                    StoredEntry._make((at, *other)),
                    (at + 1, name, version, type_, state),
                ]
            case _:
                hashes = tiles if place == "tile" else sink
                hashes[32 * (position - 1) + random.randrange(32)] ^= 1 << random.randrange(8)
        return position, self.examined(rows, bytes(tiles), bytes(sink))

    def examined(self, rows: Sequence[Row], tiles: bytes, sink: bytes) -> list[Finding]:
        examination = verification.Examination()
        hashes = examination.hash_page(0, len(self.rows), rows)
        done = 0
        for checkpoint in self.checkpoints:
            span = slice(32 * done, 32 * checkpoint.size)
            examination.take(hashes[span], tiles[span], sink[span])
            examination.check(checkpoint)
            done = checkpoint.size
        examination.end(kept=True)
        return examination.findings.list


def _misspelt(random: Random, text: str) -> str:
    return _flipped(random, text.encode()).decode("latin-1")


def _flipped(random: Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
    return bytes(damaged)


def test_of_ten_thousand_random_corruptions_each_is_found_at_its_position(
    tenant: Tenant, tmp_path: Path
) -> None:
    copy = Copy(sealed_shop(tenant, tmp_path, 9, 14, 11))
    assert copy.examined(copy.rows, copy.hashes, copy.hashes) == []
    random = Random(20_261_128)

    for _ in range(10_000):
        position, findings = copy.damaged(random)
        assert findings
        assert min(finding.first for finding in findings) == position


_DAMAGES = (
    (
        "UPDATE {table} SET {column} = set_byte({column}, {byte}, get_byte({column}, {byte}) # {bit})"
        " WHERE {where}"
    ),
    "DELETE FROM {table} WHERE {where}",
)


def test_random_corruptions_in_the_database_are_all_found(shop: SealedShop) -> None:
    """Each is undone before the next."""
    random = Random(20_261_128)

    backup = "CREATE TABLE {0}_backup AS SELECT * FROM {0}"
    tables = ("stored_events", "audit_tiles", "audit_checkpoints")
    shop.tamper(*(backup.format(table) for table in tables))
    for _ in range(40):
        shop.tamper(_random_damage(random))
        assert told(verdict_of(shop))
        for table in tables:
            shop.tamper(f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM {table}_backup")
    assert told(verdict_of(shop)) == []
    assert query(shop.tenant.owner_url, shop.tenant, "SELECT count(*) FROM stored_events") == [(SEALED,)]


def _random_damage(random: Random) -> str:
    position = random.randint(1, SEALED)
    table, column, where = random.choice(
        (
            ("stored_events", "state", f"notification_id = {position}"),
            ("audit_tiles", "hashes", f"level = 0 AND index = {(position - 1) // 256}"),
            ("audit_tiles", "hashes", "level = 1"),
        )
    )
    byte = random.randrange(32)
    return random.choice(_DAMAGES).format(
        table=table, column=column, where=where, byte=byte, bit=1 << random.randrange(8)
    )
