"""The journal: gapless, append-only, readable by people, by snapshots and by later versions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import psycopg
import pytest

from domain.book import EVENTS, Upcaster
from domain.inventory.stock_item import STOCK_ITEM, StockItem
from domain.kernel.event import Envelope, Event
from domain.kernel.stream import StreamKind, Versioned
from infra.event_store.codec import Codec, StateStore, UnknownEventType
from infra.event_store.journal import READ_NEEDED, Journal, NewEntry
from infra.event_store.submission import Origin
from tests.support.commands import add_product, open_store, receive, sell
from tests.support.journals import (
    answered,
    clerk_of,
    connected,
    folded,
    journal_of,
    query,
    read_all,
    run,
)
from tests.support.postgres import Tenant

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ITEM = STOCK_ITEM.stream("s1/apple")
NEEDED_BY_A_BATCH = ("command_ids", "long", "short", "snapshot_topics")
REWRITES = (
    "UPDATE stored_events SET state = ''",
    "DELETE FROM stored_events",
    "TRUNCATE stored_events",
)


class ShelfBuilt(Event, frozen=True, kw_only=True, omit_defaults=True):
    """As it was stored once: the height in inches."""

    TYPE: ClassVar = "shelf.built.v1"
    height_inch: int


class ShelfBuiltNow(Event, frozen=True, kw_only=True, omit_defaults=True):
    """As the program knows it now."""

    TYPE: ClassVar = "shelf.built.v3"
    height_mm: int
    colour: str


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A stream of another kind of stock item, whose state has other fields than today's."""

    on_hand: int = 0
    pallets: int = 0


def in_millimetres(data: dict[str, Any]) -> dict[str, Any]:
    return {"height_mm": data["height_inch"] * 254 // 10}


def painted(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "colour": "white"}


UPCASTERS: dict[str, tuple[str, Upcaster]] = {
    "shelf.built.v1": ("shelf.built.v2", in_millimetres),
    "shelf.built.v2": ("shelf.built.v3", painted),
}


def envelope(command_id: str = "c1") -> Envelope:
    return Envelope(
        occurred_at=NOON,
        recorded_at=NOON,
        actor="tester",
        channel="till",
        command_id=command_id,
        correlation_id=command_id,
    )


def entries_of(codec: Codec, events: Sequence[tuple[str, int, Event]]) -> list[NewEntry]:
    """Entries to append: (stream, version, event)."""
    states = codec.encode(envelope(), [event for _, _, event in events])
    return [
        NewEntry(stream=stream, version=version, type=event.TYPE, state=state)
        for (stream, version, event), state in zip(events, states, strict=True)
    ]


async def append(tenant: Tenant, journal: Journal, known: int, entries: Sequence[NewEntry]) -> bool:
    async with connected(tenant) as connection:
        return await journal.append(connection, known=known, recorded_at=NOON, entries=entries, accepted=[])


async def open_shop(tenant: Tenant) -> None:
    async with clerk_of(tenant) as clerk:
        await answered(clerk, open_store(), add_product())


async def busy_shop(tenant: Tenant) -> None:
    """A stock stream of 451 events, snapshots of which are due after 200 and 400."""
    async with clerk_of(tenant) as clerk:
        await answered(clerk, open_store(), add_product(), receive(("apple", 1000)))
        for part in range(3):
            await answered(clerk, *[sell(("apple", 1), sale_id=f"x{part}-{n}") for n in range(150)])


async def state_and_weight(tenant: Tenant, states: StateStore | None = None) -> tuple[StockItem, int, int]:
    """The stock item as it is read, its version, and the bytes that were read for it."""
    async with connected(tenant) as connection:
        journal = Journal(tenant.schema, states=states)
        versioned, weight_bytes = (await journal.read_states(connection, [ITEM]))[ITEM]
    return versioned.state, versioned.version, weight_bytes


def test_an_empty_journal_ends_at_nought(tenant: Tenant) -> None:
    async def test() -> None:
        async with connected(tenant) as connection:
            head = await journal_of(tenant).head(connection)
        assert (head.position, head.recorded_at) == (0, None)

    run(test())


def test_positions_follow_the_head_without_a_gap_over_many_streams(tenant: Tenant) -> None:
    codec = Codec([ShelfBuilt])
    journal = Journal(tenant.schema, codec)

    async def test() -> None:
        for batch in range(3):
            new = [(f"shelf-{n}", batch + 1, ShelfBuilt(height_inch=n)) for n in range(4)]
            assert await append(tenant, journal, batch * 4, entries_of(codec, new))
        async with connected(tenant) as connection:
            read = await journal.read_page(connection, 0, 100)
        assert [entry.position for entry in read] == list(range(1, 13))
        assert [entry.stream for entry in read] == [f"shelf-{n}" for n in range(4)] * 3

    run(test())


@pytest.mark.parametrize("known", [0, 1, 3])
def test_an_append_elsewhere_than_at_the_head_writes_nothing_at_all(tenant: Tenant, known: int) -> None:
    async def test() -> None:
        await open_shop(tenant)
        entries = entries_of(Codec([ShelfBuilt]), [("shelf-1", 1, ShelfBuilt(height_inch=1))])
        assert not await append(tenant, journal_of(tenant), known, entries)
        assert len(await read_all(tenant)) == 2

    run(test())


def test_a_version_that_is_taken_undoes_the_whole_append(tenant: Tenant) -> None:
    """The head included: its position isn't lost."""
    codec = Codec([ShelfBuilt])
    new = [("shelf-1", version, ShelfBuilt(height_inch=1)) for version in (1, 2, 2)]

    async def test() -> None:
        with pytest.raises(psycopg.errors.UniqueViolation):
            await append(tenant, journal_of(tenant), 0, entries_of(codec, new))
        assert await read_all(tenant) == []

    run(test())


def test_a_page_ends_at_its_limit_and_a_stream_knows_its_own(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_product())
            await answered(clerk, *[sell(("apple", 1), sale_id=f"x{n}") for n in range(5)])
        journal = journal_of(tenant)
        async with connected(tenant) as connection:
            page = await journal.read_page(connection, 3, 4)
            stream = await journal.read_stream(connection, "till-s1/till-1", 2, 2)
        assert [entry.position for entry in page] == [4, 5, 6, 7]
        assert [(entry.version, entry.data.number) for entry in stream] == [(3, 3), (4, 4)]

    run(test())


@pytest.mark.parametrize("statement", REWRITES)
def test_the_service_has_no_right_to_rewrite_history(tenant: Tenant, statement: str) -> None:
    run(open_shop(tenant))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(tenant.service_url, tenant, statement)


@pytest.mark.parametrize("statement", REWRITES)
def test_even_the_owner_meets_a_trigger(tenant: Tenant, statement: str) -> None:
    run(open_shop(tenant))

    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        query(tenant.owner_url, tenant, statement)

    assert len(run(read_all(tenant))) == 2


def test_the_service_can_neither_remove_the_head_nor_the_trigger(tenant: Tenant) -> None:
    for statement in (
        "DELETE FROM journal_head",
        "INSERT INTO journal_head VALUES (false, 0, now())",
        "DROP TRIGGER append_only ON stored_events",
        "ALTER TABLE stored_events DISABLE TRIGGER ALL",
        "UPDATE commands SET fingerprint = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(tenant.service_url, tenant, statement)


def test_an_auditor_reads_every_field_in_sql(tenant: Tenant) -> None:
    origin = Origin(
        command_id="command-1",
        actor="key-1",
        channel="pos",
        terminal="till-1",
        correlation_id="basket-1",
        causation_id="event-1",
        occurred_at=NOON,
    )

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await clerk.submit(open_store(), origin)

    run(test())
    ((recorded_at, *rest),) = query(
        tenant.service_url,
        tenant,
        "SELECT recorded_at, position, stream, version, type, occurred_at, actor, channel, terminal,"
        " command_id, correlation_id, causation_id, data ->> 'name' FROM history",
    )
    assert rest == [
        1,
        "store-s1",
        1,
        "store.opened.v1",
        NOON,
        "key-1",
        "pos",
        "till-1",
        "command-1",
        "basket-1",
        "event-1",
        "Main Street",
    ]
    assert recorded_at == run(read_all(tenant))[0].recorded_at


def test_a_command_without_a_correlation_begins_one(tenant: Tenant) -> None:
    run(open_shop(tenant))

    rows = query(
        tenant.service_url, tenant, "SELECT correlation_id = command_id, causation_id, terminal FROM history"
    )

    assert rows == [(True, None, None)] * 2


def test_a_long_stream_is_read_from_its_snapshot_and_equals_the_whole(tenant: Tenant) -> None:
    async def test() -> None:
        await busy_shop(tenant)
        state, version, weight_bytes = await state_and_weight(tenant)
        entries = await read_all(tenant)
        assert folded(tenant, entries)[ITEM] == Versioned(state, version) == Versioned(state, 451)
        assert state.on_hand == 550
        full_bytes = query(
            tenant.owner_url,
            tenant,
            "SELECT sum(octet_length(state)) FROM stored_events WHERE originator_id = %s",
            ITEM,
        )[0][0]
        assert weight_bytes < full_bytes / 5
        # Only the newest one is kept, of this stream and of the till's (which is due at 500).
        rows = query(tenant.owner_url, tenant, "SELECT originator_id, originator_version FROM snapshots")
        assert rows == [(ITEM, 400)]

    run(test())


def test_states_are_looked_up_one_stream_at_a_time_before_any_statistics(tenant: Tenant) -> None:
    """A planner that knows nothing of the tables would rather read all of the journal for every batch."""

    async def test() -> None:
        await busy_shop(tenant)
        async with connected(tenant) as connection:
            await connection.execute("SET plan_cache_mode = force_generic_plan")
            cursor = await connection.execute(
                "EXPLAIN " + READ_NEEDED, {name: ["x"] * 100 for name in NEEDED_BY_A_BATCH}, prepare=True
            )
            plan = "\n".join(line for (line,) in await cursor.fetchall())
        assert "Index Scan" in plan
        assert "Seq Scan" not in plan

    run(test())


def test_a_clerk_decides_on_a_snapshot_as_on_the_whole(tenant: Tenant) -> None:
    async def test() -> None:
        await busy_shop(tenant)
        async with clerk_of(tenant) as clerk:
            (answer,) = await answered(clerk, receive(("apple", 5)))
        assert answer.result.lines[0].on_hand == 555

    run(test())


def test_a_snapshot_of_another_shape_is_not_read(tenant: Tenant) -> None:
    """A later version of the program has another state: it folds the events, and keeps its own snapshot."""
    later: StreamKind[Any] = StreamKind(
        "stock",
        Shelf(),
        lambda state, event: Shelf(
            on_hand=STOCK_ITEM.evolve(StockItem(on_hand=state.on_hand), event).on_hand
        ),
        snapshot_every=200,
    )

    async def test() -> None:
        await busy_shop(tenant)
        shelf, version, weight_bytes = await state_and_weight(tenant, StateStore([later]))
        assert (shelf, version) == (Shelf(on_hand=550), 451)
        assert weight_bytes > 451 * 100

    run(test())


def test_a_snapshot_is_no_older_than_the_one_before(tenant: Tenant) -> None:
    """Two processes may keep one of the same version; a late one of an earlier version goes."""

    async def test() -> None:
        await busy_shop(tenant)
        journal = journal_of(tenant)
        async with connected(tenant) as connection:
            current = (await journal.read_states(connection, [ITEM]))[ITEM][0]
            for _ in range(2):
                await journal.write_snapshots(connection, {ITEM: current})
        rows = query(tenant.owner_url, tenant, "SELECT originator_version FROM snapshots")
        assert rows == [(451,)]

    run(test())


def test_old_bytes_are_read_as_the_newest_version(tenant: Tenant) -> None:
    """Over two steps; the envelope is as it was, the stored bytes and the stored type are not touched."""
    old = Codec([ShelfBuilt])
    now = Codec([*EVENTS, ShelfBuiltNow], UPCASTERS)

    async def test() -> None:
        await append(
            tenant,
            journal_of(tenant),
            0,
            entries_of(old, [("shelf-1", 1, ShelfBuilt(height_inch=10))]),
        )
        async with connected(tenant) as connection:
            (entry,) = await Journal(tenant.schema, now).read_page(connection, 0, 10)
        assert entry.data == ShelfBuiltNow(height_mm=254, colour="white")
        assert (entry.position, entry.stream, entry.version) == (1, "shelf-1", 1)
        assert (entry.occurred_at, entry.recorded_at, entry.command_id) == (NOON, NOON, "c1")
        rows = query(
            tenant.service_url, tenant, "SELECT type, data ->> 'height_inch' FROM history ORDER BY position"
        )
        assert rows == [("shelf.built.v1", "10")]

    run(test())


def test_a_type_that_nobody_knows_is_an_error_that_names_it(tenant: Tenant) -> None:
    """Never skipped: the state would be wrong without anybody noticing."""
    codec = Codec([ShelfBuilt])

    async def test() -> None:
        await append(
            tenant, journal_of(tenant), 0, entries_of(codec, [("store-1", 1, ShelfBuilt(height_inch=1))])
        )
        async with connected(tenant) as connection:
            with pytest.raises(UnknownEventType, match=r"shelf\.built\.v1"):
                await journal_of(tenant).read_page(connection, 0, 10)
            with pytest.raises(UnknownEventType, match=r"shelf\.built\.v1"):
                await journal_of(tenant).read_states(connection, ["store-1"])

    run(test())


def test_an_upcaster_to_a_type_that_nobody_knows_names_what_is_stored() -> None:
    codec = Codec(EVENTS, {"shelf.built.v1": UPCASTERS["shelf.built.v1"]})
    (state,) = Codec([ShelfBuilt]).encode(envelope(), [ShelfBuilt(height_inch=1)])

    with pytest.raises(UnknownEventType, match=r"shelf\.built\.v1"):
        codec.decode("shelf.built.v1", state, "shelf-1", 1)
