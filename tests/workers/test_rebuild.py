"""A rebuild stands beside what is read and takes its place at once, through kills, bugs and long reports."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg.errors import DependentObjectsStillExist, InsufficientPrivilege, RaiseException

from domain.inventory.stock_item import StockMoved
from domain.kernel.event import AnyRecorded
from domain.sales.sale import SaleCompleted
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.parking import read_parked
from projections.kernel.rebuilds import (
    NEXT,
    ask_for_rebuild,
    begin_rebuild,
    give_up_rebuild,
    list_previous,
    make_tables,
    read_rebuilds,
)
from projections.kernel.table import Change
from projections.stock_levels.fold import STOCK_LEVELS, StockLevels
from tests.support.broken_folds import broken, moves, row_of
from tests.support.commands import receive
from tests.support.journals import Connection, answered, clerk_of, connected, journal_of, query, run, watching
from tests.support.postgres import Tenant
from tests.support.read_models import (
    EVERYTHING,
    all_contents,
    contents,
    contents_of,
    database_of,
    forget,
    made_anew,
    project,
)
from tests.support.wires import Wire
from workers import rebuild as rebuild_module
from workers.database import TenantDatabase
from workers.parked_events import retry, skip_event
from workers.projection_runner import Overtaken, Runner
from workers.rebuild import CannotFold, InOtherHands, NoWayBack, rollback
from workers.rebuild_processes import left_to_do, spread

DAMAGE = "UPDATE stock_levels SET on_hand = on_hand + 1"


class Newer(StockLevels):
    """The next version of the software counts double what is on hand."""

    version = StockLevels.version + 1

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        for change in super().changes(entry):
            yield change
            yield change


async def deliver(tenant: Tenant) -> None:
    """Something more happens in the shop."""
    async with clerk_of(tenant) as clerk:
        await answered(clerk, receive(("apple", 10)))


def test_what_is_read_stays_as_it_is_until_all_is_made_anew(
    folded: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old rows are damaged, to tell them from the new."""
    monkeypatch.setattr(rebuild_module, "SPAN", 50)
    before = all_contents(folded)
    query(folded.owner_url, folded, DAMAGE)
    damaged = all_contents(folded)
    seen: list[bool] = []

    run(made_anew(folded, progress=lambda _done, _total: seen.append(all_contents(folded) == damaged)))

    assert len(seen) > 3
    assert all(seen)
    assert all_contents(folded) == before


@pytest.mark.parametrize(("span", "rows"), [(7, 0), (50, 5), (1_000, 20)])
def test_memory_that_is_full_again_and_again_changes_nothing(
    folded: Tenant, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, span: int, rows: int
) -> None:
    monkeypatch.setattr(rebuild_module, "SPAN", span)
    monkeypatch.setattr(rebuild_module, "MOST_ROWS", rows)
    query(folded.owner_url, folded, DAMAGE)

    run(made_anew(folded))

    assert all_contents(folded) == expected


def test_the_new_tables_have_the_old_ones_indexes_and_grants(folded: Tenant) -> None:
    shape = (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = %s"
        " UNION ALL SELECT relname || relacl::text FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relkind = 'r'"
        " UNION ALL SELECT relname || conname || pg_get_constraintdef(pg_constraint.oid)"
        " FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE connamespace = %s::regnamespace"
        " ORDER BY 1"
    )
    names = [folded.schema] * 3
    query(folded.owner_url, folded, "GRANT SELECT ON stock_levels TO PUBLIC")
    before = query(folded.owner_url, folded, shape, *names)

    for _ in range(2):
        run(made_anew(folded))

    assert query(folded.owner_url, folded, shape, *names) == before


def test_events_that_come_meanwhile_are_in_it(folded: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some while it folds, some when it has only to change places: then the projector waits for a moment."""
    monkeypatch.setattr(rebuild_module, "NEARLY_THERE", 0)
    came = 0

    async def test() -> int:
        nonlocal came
        tasks: list[asyncio.Task[None]] = []

        def progress(_done: int, _total: int) -> None:
            if len(tasks) < 5:
                tasks.append(asyncio.create_task(deliver(folded)))

        reached = await made_anew(folded, progress=progress)
        await asyncio.gather(*tasks)
        came = len(tasks)
        return reached

    reached = run(test())
    assert came
    run(project(folded))
    found = all_contents(folded)
    forget(folded)
    run(project(folded))
    assert found == all_contents(folded)
    assert reached <= run(head_of(folded))


async def head_of(tenant: Tenant) -> int:
    async with connected(tenant) as connection:
        return (await journal_of(tenant).head(connection)).position


# Kills and rivals.


@pytest.mark.parametrize("delivered", [False, True])
def test_a_rebuild_that_is_killed_at_any_moment_is_gone_on_with(
    folded: Tenant, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, *, delivered: bool
) -> None:
    """Before or after each packet that it sends. What is read is either the old tables or the new ones.

    Of eight projections one is made anew: each packet takes as long as all before it.
    """
    some = PROJECTIONS[::8]
    tables = [table for projection in some for table in projection.tables]
    expected_of_some = contents_of(folded, tables)
    monkeypatch.setattr(rebuild_module, "SPAN", 100)
    monkeypatch.setattr(rebuild_module, "MOST_ROWS", 30)

    async def killed_at(packet: int) -> bool:
        async with Wire.to(folded.service_url) as wire:
            wire.cut_at(packet, delivered=delivered)
            try:
                await rebuild_module.rebuild(TenantDatabase(wire.conninfo, folded.name), some, "one")
            except Exception:
                if not wire.is_down:
                    raise
            return wire.is_down

    packet = 1
    while run(killed_at(packet)):
        assert contents_of(folded, tables) == expected_of_some
        if packet % 7 == 0:
            run(made_anew(folded, *some, owner="one"))
            assert contents_of(folded, tables) == expected_of_some
        packet += 1
    assert packet > 40
    assert all_contents(folded) == expected
    assert run(rebuilds_of(folded)) == []


async def rebuilds_of(tenant: Tenant) -> list[str]:
    async with connected(tenant) as connection:
        return [rebuild.name for rebuild in await read_rebuilds(connection)]


def test_a_rebuild_goes_on_from_what_was_written(
    folded: Tenant, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_module, "SPAN", 40)
    monkeypatch.setattr(rebuild_module, "MOST_ROWS", 0)

    class Killed(BaseException):
        pass

    def dies(done: int, _total: int) -> None:
        if done >= 120:
            raise Killed

    with pytest.raises(Killed):
        run(made_anew(folded, progress=dies))
    told: list[int] = []
    run(made_anew(folded, progress=lambda done, _total: told.append(done)))

    assert min(told) > 80
    assert all_contents(folded) == expected


def test_two_rebuilds_of_one_projection_are_not_made_at_once(
    folded: Tenant, expected: dict[str, list[str]]
) -> None:
    """The second is refused until the first has been silent; then the first can't write any more."""

    async def test() -> None:
        async with connected(folded) as connection:
            await ask_for_rebuild(connection, {"stock_levels": StockLevels.version})
            assert await begin_rebuild(connection, ["stock_levels"], "first", 10)
            with pytest.raises(InOtherHands, match="stock_levels: a rebuild is under way"):
                await made_anew(folded, owner="second")
            query(folded.owner_url, folded, "UPDATE projection_rebuilds SET alive_at = '-infinity'")

            def is_overtaken(_done: int, _total: int) -> None:
                query(folded.owner_url, folded, "UPDATE projection_rebuilds SET epoch = epoch + 1")

            with pytest.raises(InOtherHands, match="another has gone on with it"):
                await made_anew(folded, owner="second", progress=is_overtaken)
            await made_anew(folded, owner="third")

    run(test())
    assert all_contents(folded) == expected


def test_a_rebuild_that_is_given_up_writes_nothing_more(
    folded: Tenant, expected: dict[str, list[str]]
) -> None:
    def give_up(_done: int, _total: int) -> None:
        query(folded.owner_url, folded, "DELETE FROM projection_rebuilds")

    with pytest.raises(InOtherHands, match="was given up"):
        run(made_anew(folded, progress=give_up))

    async def of_another() -> int:
        async with connected(folded) as connection:
            return await give_up_rebuild(connection, ["stock_levels", "sales_report"])

    run(asked(folded))
    assert run(of_another()) == 1
    assert run(rebuilds_of(folded)) == []
    assert all_contents(folded) == expected


async def asked(tenant: Tenant) -> None:
    async with connected(tenant) as connection:
        await ask_for_rebuild(connection, {"stock_levels": StockLevels.version})
        await make_tables(connection, NEXT, ["stock_levels"])


def test_a_rebuild_that_was_given_up_can_not_write_into_the_one_that_was_asked_for_next(
    folded: Tenant, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are the first of their kind: only an epoch that is never given again tells them apart."""
    monkeypatch.setattr(rebuild_module, "SPAN", 60)
    monkeypatch.setattr(rebuild_module, "MOST_ROWS", 0)

    async def given_up_and_begun_by_another() -> None:
        async with connected(folded) as connection:
            await give_up_rebuild(connection, ["stock_levels"])
            await ask_for_rebuild(connection, {"stock_levels": StockLevels.version})
            await begin_rebuild(connection, ["stock_levels"], "next", 10)
            await make_tables(connection, NEXT, ["stock_levels"])

    def progress(done: int, _total: int) -> None:
        if done == 180:
            with ThreadPoolExecutor() as elsewhere:
                elsewhere.submit(run, given_up_and_begun_by_another()).result()

    with pytest.raises(InOtherHands, match="given up"):
        run(made_anew(folded, StockLevels(), progress=progress))
    run(made_anew(folded, StockLevels(), owner="next"))

    assert all_contents(folded) == expected


def test_a_rebuild_that_is_refused_has_asked_for_nothing(folded: Tenant) -> None:
    async def test() -> list[str]:
        async with connected(folded) as connection:
            await ask_for_rebuild(connection, {"stock_levels": StockLevels.version})
            await begin_rebuild(connection, ["stock_levels"], "first", 10)
            with pytest.raises(InOtherHands):
                await made_anew(folded, owner="second")
            return [rebuild.name for rebuild in await read_rebuilds(connection)]

    assert run(test()) == ["stock_levels"]


def test_what_a_newer_version_asks_for_is_given_up_until_somebody_asks(folded: Tenant) -> None:
    """A projector would begin it again."""

    async def give_up() -> tuple[list[str], list[str | None]]:
        async with connected(folded) as connection:
            await ask_for_rebuild(connection, {"stock_levels": Newer.version})
            await give_up_rebuild(connection, ["stock_levels"])
            errors = [rebuild.error for rebuild in await read_rebuilds(connection)]
            return await left_to_do(database_of(folded), [Newer()]), errors

    assert run(give_up()) == ([], ["given up by an operator"])
    run(made_anew(folded, Newer()))
    assert run(rebuilds_of(folded)) == []


# Bugs.


def test_what_only_an_operator_can_mend_waits_for_one(folded: Tenant) -> None:
    """Somebody's view is in the way of dropping the table that it reads: to try again helps nothing."""
    run(made_anew(folded, StockLevels()))
    query(
        folded.owner_url,
        folded,
        f'CREATE VIEW shelf AS SELECT * FROM "{folded.schema}.previous".stock_levels',
    )

    with pytest.raises(DependentObjectsStillExist):
        run(made_anew(folded, StockLevels()))

    async def error() -> str | None:
        async with connected(folded) as connection:
            return (await read_rebuilds(connection))[0].error

    assert str(run(error())).startswith("DependentObjectsStillExist: ")


def test_an_event_that_can_not_be_folded_stops_a_rebuild_and_is_named(
    folded: Tenant, expected: dict[str, list[str]]
) -> None:
    """It waits for an operator; asked again, it begins anew."""
    bad = moves(folded)[2]
    with broken({bad.position}), pytest.raises(CannotFold, match=f"position {bad.position}, stock.moved.v1"):
        run(made_anew(folded))

    async def look() -> tuple[list[str], set[str | None]]:
        async with connected(folded) as connection:
            left = await left_to_do(database_of(folded), PROJECTIONS)
            return left, {rebuild.error for rebuild in await read_rebuilds(connection)}

    left, errors = run(look())
    assert left == []
    assert {str(error).split(",")[0] for error in errors} == {
        f"stock_levels can't fold position {bad.position}"
    }
    assert all_contents(folded) == expected
    run(made_anew(folded))
    assert all_contents(folded) == expected


def test_a_rebuild_folds_what_was_parked_and_a_rollback_parks_it_again(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    bad = moves(shop)[2]
    with broken({bad.position}):
        run(project(shop))

    async def parked() -> list[int]:
        async with connected(shop) as connection:
            return [event.position for event in await read_parked(connection)]

    before = (run(parked()), contents(shop, STOCK_LEVELS))
    run(made_anew(shop))
    assert (run(parked()), all_contents(shop)) == ([], expected)

    run(rollback(database_of(shop), StockLevels()))
    assert (run(parked()), contents(shop, STOCK_LEVELS)) == before

    async def mend() -> int:
        async with connected(shop) as connection:
            return await retry(connection, journal_of(shop), StockLevels(), row_of(bad))

    assert run(mend()) == 0
    assert all_contents(shop) == expected


def test_what_an_operator_skipped_stays_out_when_memory_is_short(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuild_module, "MOST_ROWS", 0)
    monkeypatch.setattr(rebuild_module, "SPAN", 30)
    bad = moves(shop)[2]

    async def skip() -> int:
        async with connected(shop) as connection:
            journal = journal_of(shop)
            return await skip_event(connection, journal, StockLevels(), row_of(bad), bad.position, "twice")

    with broken({bad.position}):
        run(project(shop))
        assert run(skip()) == 0
        without = all_contents(shop)
        run(made_anew(shop))
    assert all_contents(shop) == without


# Changing places, and back.


def test_a_rollback_puts_back_what_was_replaced_and_the_projector_goes_on(
    folded: Tenant, expected: dict[str, list[str]]
) -> None:
    """A running projector, which remembers rows, notices both."""
    query(folded.owner_url, folded, DAMAGE)
    damaged = contents(folded, STOCK_LEVELS)

    async def test() -> None:
        async with connected(folded) as connection:
            runner = Runner(journal_of(folded), PROJECTIONS, "running")
            await runner.begin(connection)
            await made_anew(folded, StockLevels())
            assert contents(folded, STOCK_LEVELS) == expected["stock_levels"]
            with pytest.raises(Overtaken):
                await runner.run_page(connection)
            await deliver(folded)
            await rollback(database_of(folded), StockLevels())
            assert contents(folded, STOCK_LEVELS) == damaged
            assert await runner.begin(connection)
            while await runner.run_page(connection):
                pass
            await rollback(database_of(folded), StockLevels())
            assert await runner.begin(connection)
            while await runner.run_page(connection):
                pass

    run(test())
    found = all_contents(folded)
    forget(folded)
    run(project(folded))
    assert found == all_contents(folded)


def test_there_is_no_way_back_where_nothing_was_replaced(folded: Tenant) -> None:
    with pytest.raises(NoWayBack, match="stock_levels was never made anew"):
        run(rollback(database_of(folded), StockLevels()))


def test_a_long_report_delays_the_change_and_keeps_no_other_reader_waiting(
    folded: Tenant, expected: dict[str, list[str]]
) -> None:
    query(folded.owner_url, folded, DAMAGE)

    async def test() -> None:
        async with connected(folded) as report, connected(folded) as reader, watching(folded) as watch:
            async with report.transaction():
                await report.execute("SELECT count(*) FROM stock_levels")
                rebuilding = asyncio.create_task(made_anew(folded))
                # Whatever the rebuild waits for, others get through: each look ends.
                while not await waits_for_a_lock(watch):
                    await reader.execute("SELECT count(*) FROM stock_levels")
                for _ in range(20):
                    await reader.execute("SELECT count(*) FROM stock_levels")
                assert not rebuilding.done()
            await rebuilding

    async def waits_for_a_lock(watch: Connection) -> bool:
        cursor = await watch.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return await cursor.fetchone() is not None

    run(test())
    assert all_contents(folded) == expected


def test_a_prepared_read_goes_on_in_the_new_table(folded: Tenant) -> None:
    async def test() -> None:
        async with connected(folded) as connection:
            key = ("s1", "apple")
            before = await STOCK_LEVELS.load(connection, [key])
            for _ in range(3):
                await made_anew(folded, StockLevels())
                assert await STOCK_LEVELS.load(connection, [key]) == before

    run(test())


# Versions of the software.


def test_a_newer_version_leaves_old_tables_alone_until_its_own_are_in_place(
    folded: Tenant, expected: dict[str, list[str]]
) -> None:
    """And an older one leaves newer tables alone, until a rollback has put back its own."""
    newer = [Newer() if projection.name == "stock_levels" else projection for projection in PROJECTIONS]

    async def at_the_end() -> dict[str, bool]:
        async with connected(folded) as connection:
            head = await head_of(folded)
            return {each.name: each.position == head for each in await read_checkpoints(connection)}

    assert run(left_to_do(database_of(folded), newer)) == ["stock_levels"]
    assert run(left_to_do(database_of(folded), PROJECTIONS)) == []

    run(deliver(folded))
    run(project(folded, 20, newer))
    assert contents(folded, STOCK_LEVELS) == expected["stock_levels"]
    assert [name for name, there in run(at_the_end()).items() if not there] == ["stock_levels"]

    run(made_anew(folded, Newer()))
    doubled = contents(folded, STOCK_LEVELS)
    run(project(folded, EVERYTHING, newer))
    assert all(run(at_the_end()).values())

    run(deliver(folded))
    run(project(folded))
    assert contents(folded, STOCK_LEVELS) == doubled
    was, newer_is = StockLevels.version, Newer.version
    with pytest.raises(NoWayBack, match=f"of its version {was}, but this software folds version {newer_is}"):
        run(rollback(database_of(folded), Newer()))
    run(rollback(database_of(folded), StockLevels()))
    run(project(folded))
    found = all_contents(folded)
    forget(folded)
    run(project(folded))
    assert found == all_contents(folded)


def test_what_was_kept_is_told(folded: Tenant) -> None:
    run(made_anew(folded, Newer()))

    async def kept() -> dict[str, tuple[int, int]]:
        async with connected(folded) as connection:
            previous = await list_previous(connection)
            return {name: (each.version, each.position) for name, each in previous.items()}

    assert run(kept()) == {"stock_levels": (StockLevels.version, run(head_of(folded)))}


def test_a_changed_shape_is_the_same_in_every_slot(folded: Tenant) -> None:
    """Otherwise a rollback would bring back a table that lacks a column."""
    run(made_anew(folded, StockLevels()))
    run(asked(folded))
    query(
        folded.owner_url,
        folded,
        "SELECT alter_read_model('stock_levels', 'ADD COLUMN lots bigint NOT NULL DEFAULT 0')",
    )

    found = query(
        folded.owner_url,
        folded,
        "SELECT table_schema FROM information_schema.columns"
        " WHERE table_name = 'stock_levels' AND column_name = 'lots' AND starts_with(table_schema, %s)",
        folded.schema,
    )
    assert {schema for (schema,) in found} == {
        folded.schema,
        f"{folded.schema}.next",
        f"{folded.schema}.previous",
    }


# What the service may.


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT alter_read_model('stock_levels', 'DROP COLUMN sku')", InsufficientPrivilege),
        ("SELECT open_slot('next')", InsufficientPrivilege),
        ("INSERT INTO read_models VALUES ('stored_events', 'mine')", InsufficientPrivilege),
        ("SELECT swap_read_model('scratch_a', 'stock_levels')", RaiseException),
        ("SELECT make_read_model('public', 'stock_levels')", RaiseException),
        ("SELECT drop_scratch('next')", RaiseException),
    ],
)
def test_the_service_moves_read_models_and_nothing_else(
    folded: Tenant, statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        query(folded.service_url, folded, statement)


def test_no_table_of_a_callers_own_is_taken_for_the_list_of_read_models(folded: Tenant) -> None:
    """A temporary table comes first in every search path that does not say otherwise."""

    async def test() -> None:
        async with connected(folded) as connection:
            await connection.execute("CREATE TEMPORARY TABLE read_models (table_name text, projection text)")
            await connection.execute("INSERT INTO read_models VALUES ('stored_events', 'mine')")
            await connection.execute("SELECT drop_read_model('next', 'mine')")
            for slot in ("next", "previous"):
                with pytest.raises(RaiseException, match="no table of mine is entered"):
                    await connection.execute("SELECT swap_read_model(%s, 'mine')", [slot])

    before = run(head_of(folded))
    run(test())
    assert run(head_of(folded)) == before
    assert len(query(folded.service_url, folded, "SELECT 1 FROM stored_events")) == before


# Several processes.


@pytest.mark.parametrize("readers", [1, 2, 4, 10])
@pytest.mark.parametrize("journal", [{}, {StockMoved.TYPE: 900, SaleCompleted.TYPE: 400}])
def test_readers_share_the_projections_and_none_is_left_out(readers: int, journal: dict[str, int]) -> None:
    groups = spread(PROJECTIONS, readers, journal)

    assert sorted(each.name for group in groups for each in group) == sorted(
        each.name for each in PROJECTIONS
    )
    assert len(groups) == min(readers, len(PROJECTIONS))
    assert all(groups)


def test_two_readers_have_about_as_much_to_fold() -> None:
    """What folds the most is divided first, and what folds less evens that out."""
    journal = {StockMoved.TYPE: 1_000, SaleCompleted.TYPE: 300}

    shares = spread(PROJECTIONS, 2, journal)

    bytes_of = [journal.get(event.TYPE, 0) for share in shares for each in share for event in each.events]
    first = sum(journal.get(event.TYPE, 0) for each in shares[0] for event in each.events)
    assert abs(2 * first - sum(bytes_of)) <= 300
