"""Pages are folded exactly once, whoever runs the projections and whenever it crashes."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import Any

import pytest
from psycopg import OperationalError

from domain.book import EVENTS
from domain.inventory.stock_item import StockMoved
from domain.kernel.event import AnyRecorded
from infra.event_store.codec import Codec
from infra.event_store.journal import Journal
from infra.postgres.pools import connector, tenant_conninfo
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import Checkpoint, read_checkpoints
from projections.kernel.projection import Projection, WrittenKeys
from projections.kernel.table import Change
from projections.stock_levels.fold import STOCK_LEVELS, StockLevels
from tests.support.commands import receive
from tests.support.journals import (
    Connection,
    answered,
    clerk_of,
    connected,
    journal_of,
    query,
    read_all,
    run,
)
from tests.support.postgres import Tenant
from tests.support.read_models import EVERYTHING, all_contents, contents, forget, made_anew, project
from workers import projection_runner as runner_module
from workers.projection_runner import SILENT_S, Overtaken, Runner
from workers.reading_ahead import ReadingAhead
from workers.rebuild import CannotFold


class Killed(BaseException):
    """The process ends."""


class Crashing(StockLevels):
    """It raises in the middle of a page: by a bug, or because the process ends."""

    events = EVENTS

    def __init__(self, at: int, error: type[BaseException] = Killed) -> None:
        self._at = at
        self._error = error

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        if entry.position == self._at:
            raise self._error
        return super().changes(entry) if isinstance(entry.data, StockMoved) else ()


def runner_of(tenant: Tenant, owner: str, projections: Sequence[Projection] = PROJECTIONS) -> Runner:
    return Runner(journal_of(tenant), projections, owner)


async def to_the_end(runner: Runner, connection: Connection, page: int = 50) -> None:
    while await runner.run_page(connection, page):
        pass


async def deliver(tenant: Tenant) -> None:
    """Something more happens in the shop."""
    async with clerk_of(tenant) as clerk:
        await answered(clerk, receive(("apple", 10)))


def fall_silent(tenant: Tenant) -> None:
    """As if the last sign of life were long ago."""
    query(
        tenant.owner_url,
        tenant,
        "UPDATE projection_checkpoints SET alive_at = alive_at - make_interval(secs => %s)",
        SILENT_S + 1,
    )


def checkpoints(tenant: Tenant) -> list[Checkpoint]:
    async def read() -> list[Checkpoint]:
        async with connected(tenant) as connection:
            return await read_checkpoints(connection)

    return run(read())


def test_a_second_runner_stands_by_until_the_first_has_left(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    async def test() -> None:
        async with connected(shop) as one, connected(shop) as other:
            first, second = runner_of(shop, "first"), runner_of(shop, "second")
            assert await first.begin(one)
            await first.run_page(one, 50)
            assert not await second.begin(other)
            await first.leave(one)
            assert await second.begin(other)
            await to_the_end(second, other)

    run(test())
    assert all_contents(shop) == expected
    assert {checkpoint.owner for checkpoint in checkpoints(shop)} == {"second"}


def test_a_second_runner_takes_over_from_one_that_fell_silent(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    """The first was only slow: when it comes back, it can't write."""

    async def test() -> None:
        async with connected(shop) as one, connected(shop) as other:
            first, second = runner_of(shop, "first"), runner_of(shop, "second")
            await first.begin(one)
            await first.run_page(one, 50)
            fall_silent(shop)
            assert await second.begin(other)
            before = (all_contents(shop), positions(shop))
            with pytest.raises(Overtaken):
                await first.run_page(one, 50)
            assert (all_contents(shop), positions(shop)) == before
            # It hasn't gone silent again, and leaving must not make room in the other's place.
            await first.leave(one)
            assert not await first.begin(one)
            await to_the_end(second, other)

    def positions(tenant: Tenant) -> list[tuple[Any, ...]]:
        return query(tenant.owner_url, tenant, "SELECT name, position FROM projection_checkpoints ORDER BY 1")

    run(test())
    assert all_contents(shop) == expected


def test_two_that_begin_at_once_never_fold_a_page_twice(shop: Tenant, expected: dict[str, list[str]]) -> None:
    async def keep_running(owner: str) -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, owner)
            while await behind(connection):
                try:
                    if await runner.begin(connection):
                        await to_the_end(runner, connection, 10)
                        await runner.leave(connection)
                except Overtaken:
                    continue

    async def behind(connection: Connection) -> bool:
        head = (await journal_of(shop).head(connection)).position
        found = await read_checkpoints(connection)
        return not found or any(checkpoint.position < head for checkpoint in found)

    async def test() -> None:
        await asyncio.gather(*[keep_running(owner) for owner in ("one", "two", "three")])

    run(test())
    assert all_contents(shop) == expected


@pytest.mark.parametrize("at", [1, 75, 140])
def test_a_crash_in_the_middle_of_a_page_changes_nothing(
    shop: Tenant, expected: dict[str, list[str]], at: int
) -> None:
    """The other projections had folded the page: that is undone with it, and done again by the next run."""
    others = [projection for projection in PROJECTIONS if projection.name != "stock_levels"]

    async def test() -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, "crashing", [*others, Crashing(at)])
            await runner.begin(connection)
            with pytest.raises(Killed):
                await to_the_end(runner, connection, 70)

    run(test())
    reached = (at - 1) // 70 * 70
    assert {checkpoint.position for checkpoint in checkpoints(shop)} == {reached}
    fall_silent(shop)
    run(project(shop))
    assert all_contents(shop) == expected


def test_a_crash_before_the_commit_changes_nothing(shop: Tenant, expected: dict[str, list[str]]) -> None:
    """Rows and position were written, and the connection is gone before they are durable."""

    async def test() -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, "crashing")
            await runner.begin(connection)
            async with connection.transaction(force_rollback=True):
                assert await runner.run_page(connection, 50) == 50
            assert await runner.run_page(connection, 50) == 50
            await to_the_end(runner, connection)

    run(test())
    assert all_contents(shop) == expected


def test_a_new_projection_catches_up_beside_the_others(shop: Tenant, expected: dict[str, list[str]]) -> None:
    """It begins at nought while they are at the end: nothing is folded into them again."""
    run(project(shop, projections=[p for p in PROJECTIONS if p.name != "customer_profile"]))
    run(deliver(shop))

    run(project(shop, 40))

    found = all_contents(shop)
    assert found["customer_profile"] == expected["customer_profile"]
    assert found["sales_report"] == expected["sales_report"]
    assert len({checkpoint.position for checkpoint in checkpoints(shop)}) == 1


def test_a_rebuild_under_a_running_projector_is_exact(shop: Tenant) -> None:
    """The projector notices, begins again behind the rebuilt position, and goes on."""

    async def test() -> None:
        async with connected(shop) as one:
            runner = runner_of(shop, "running")
            await runner.begin(one)
            await runner.run_page(one, 50)
            await made_anew(shop, StockLevels())
            await deliver(shop)
            with pytest.raises(Overtaken):
                await runner.run_page(one, 50)
            assert await runner.begin(one)
            await to_the_end(runner, one)

    run(test())
    found = all_contents(shop)
    forget(shop)
    run(project(shop))
    assert found == all_contents(shop)


def test_a_rebuild_mends_rows_that_a_running_projector_remembers(shop: Tenant) -> None:
    """The projector is at the journal's end: after the rebuild its position is the same, its rows are not."""

    async def test() -> None:
        async with connected(shop) as one:
            runner = runner_of(shop, "running")
            await runner.begin(one)
            await to_the_end(runner, one)
            query(shop.owner_url, shop, "UPDATE stock_levels SET on_hand = on_hand + 1")
            damaged = runner_of(shop, "running")
            assert await damaged.begin(one)
            await deliver(shop)
            await to_the_end(damaged, one)
            await made_anew(shop, StockLevels())
            await deliver(shop)
            with pytest.raises(Overtaken):
                await damaged.run_page(one)
            assert await damaged.begin(one)
            await to_the_end(damaged, one)

    run(test())
    found = all_contents(shop)
    forget(shop)
    run(project(shop))
    assert found == all_contents(shop)


@pytest.mark.parametrize("most", [0, 3])
def test_a_runner_that_remembers_few_rows_or_none_is_exact(
    shop: Tenant, expected: dict[str, list[str]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner_module, "KNOWN_ROWS", most)

    async def test() -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, "forgetful")
            await runner.begin(connection)
            await to_the_end(runner, connection, 7)

    run(test())
    assert all_contents(shop) == expected


@pytest.fixture
def far_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal of a test is long: most of its pages are large."""
    monkeypatch.setattr(runner_module, "SMALL_PAGE", 20)
    monkeypatch.setattr(runner_module, "PAGE", 60)


def ahead_of(tenant: Tenant) -> ReadingAhead:
    return ReadingAhead(journal_of(tenant), connector(tenant_conninfo(tenant.service_url, tenant.name)))


async def folds_everything(tenant: Tenant, ahead: ReadingAhead | None) -> None:
    async with connected(tenant) as connection:
        runner = Runner(journal_of(tenant), PROJECTIONS, "test", ahead)
        assert await runner.begin(connection)
        await to_the_end(runner, connection, EVERYTHING)
        await runner.leave(connection)


@pytest.mark.usefixtures("far_behind")
@pytest.mark.parametrize("bits", [3, 26])
def test_a_runner_that_is_far_behind_is_exact(
    shop: Tenant, expected: dict[str, list[str]], bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it holds new rows for such that may be there: with so few bits nearly all look alike."""
    monkeypatch.setattr(WrittenKeys, "BITS", bits)

    run(folds_everything(shop, None))

    assert all_contents(shop) == expected


@pytest.mark.usefixtures("far_behind")
def test_a_runner_that_is_far_behind_takes_rows_that_were_there_before(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    """It did not begin with empty tables, so it looks its rows up."""

    async def test() -> None:
        async with connected(shop) as connection:
            first = runner_of(shop, "first")
            await first.begin(connection)
            await first.run_page(connection, 50)
            await first.leave(connection)
        await folds_everything(shop, None)

    run(test())
    assert all_contents(shop) == expected


@pytest.mark.usefixtures("far_behind")
def test_a_runner_that_reads_ahead_is_exact(shop: Tenant, expected: dict[str, list[str]]) -> None:
    async def test() -> None:
        async with aclosing(ahead_of(shop)) as ahead:
            await folds_everything(shop, ahead)

    run(test())
    assert all_contents(shop) == expected


@pytest.mark.usefixtures("far_behind")
def test_a_runner_that_can_not_read_ahead_reads_when_it_is_time(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    async def refused() -> Connection:
        raise OperationalError("too many connections")

    run(folds_everything(shop, ReadingAhead(journal_of(shop), refused)))

    assert all_contents(shop) == expected


def test_what_was_read_ahead_is_taken_only_where_it_fits(shop: Tenant) -> None:
    """Another may have folded on, or a page may have failed and must be smaller now."""

    async def taken(after: int, up_to: int) -> tuple[int, int, int] | None:
        async with aclosing(ahead_of(shop)) as ahead:
            ahead.begin(10, 20, [])
            span = await ahead.take(after, up_to)
            assert await ahead.take(after, up_to) is None
            return span and (span.after, span.up_to, len(span.entries))

    async def test() -> None:
        assert await taken(10, 20) == (10, 20, 10)
        assert await taken(10, 25) == (10, 20, 10)
        assert await taken(10, 19) is None
        assert await taken(11, 20) is None

    run(test())


def test_what_can_not_be_decoded_is_not_read_ahead(shop: Tenant) -> None:
    """What comes before it is; the rest is left to whoever folds, who knows what to do."""
    unknown = next(
        entry.position
        for entry in run(read_all(shop))
        if isinstance(entry.data, StockMoved) and entry.position > 1
    )
    older = Codec([event for event in EVENTS if event is not StockMoved])

    async def taken(after: int) -> int | None:
        connect = connector(tenant_conninfo(shop.service_url, shop.name))
        async with aclosing(ReadingAhead(Journal(journal_of(shop).schema, older), connect)) as ahead:
            ahead.begin(after, unknown + 5, [])
            span = await ahead.take(after, unknown + 5)
            return span and span.up_to

    async def test() -> None:
        assert await taken(unknown - 2) == unknown - 1
        assert await taken(unknown - 1) is None

    run(test())


def test_a_rebuild_where_no_projector_ever_ran_is_not_folded_again(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    run(made_anew(shop, StockLevels()))
    run(project(shop))

    assert all_contents(shop) == expected


@pytest.mark.parametrize(
    ("error", "raised", "told"),
    [(Killed, Killed, None), (ZeroDivisionError, CannotFold, "position 75, .+: ZeroDivisionError")],
)
def test_a_rebuild_that_fails_leaves_the_old_rows(
    shop: Tenant,
    expected: dict[str, list[str]],
    error: type[BaseException],
    raised: type[BaseException],
    told: str | None,
) -> None:
    """Where an event is to blame, it is named."""
    run(project(shop))

    with pytest.raises(raised, match=told):
        run(made_anew(shop, Crashing(75, error)))

    assert contents(shop, STOCK_LEVELS) == expected["stock_levels"]
    run(project(shop))
    assert all_contents(shop) == expected


def test_a_rebuild_tells_how_far_it_is(shop: Tenant) -> None:
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    reached = run(made_anew(shop, StockLevels(), progress=progress))

    assert told == [(reached, reached)]


def test_checkpoints_tell_position_owner_and_silence(shop: Tenant) -> None:
    async def test() -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, "host:1")
            await runner.begin(connection)
            await runner.run_page(connection, 50)

    run(test())
    found = checkpoints(shop)
    assert [checkpoint.name for checkpoint in found] == sorted(p.name for p in PROJECTIONS)
    assert {(checkpoint.position, checkpoint.owner) for checkpoint in found} == {(50, "host:1")}
    assert all(checkpoint.silent_s is not None and checkpoint.silent_s < SILENT_S for checkpoint in found)


def test_checkpoints_tell_the_age_of_the_oldest_event_that_is_not_folded(shop: Tenant) -> None:

    ages = "SELECT extract(epoch FROM now() - recorded_at)::float8 FROM history WHERE position = %s"

    async def test() -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, "host:1")
            await runner.begin(connection)
            await runner.run_page(connection, 50)
            before = query(shop.owner_url, shop, ages, 51)[0][0]
            behind = {checkpoint.lag_s for checkpoint in await read_checkpoints(connection)}
            after = query(shop.owner_url, shop, ages, 51)[0][0]
            assert all(before <= lag_s <= after for lag_s in behind)
            await runner.run_page(connection, EVERYTHING)
            assert {checkpoint.lag_s for checkpoint in await read_checkpoints(connection)} == {0}

    run(test())


def test_an_idle_runner_gives_signs_of_life(shop: Tenant) -> None:
    async def test() -> None:
        async with connected(shop) as connection:
            runner = runner_of(shop, "idle")
            await runner.begin(connection)
            await runner.run_page(connection, EVERYTHING)
            fall_silent(shop)
            assert await runner.run_page(connection) == 0
            assert not await runner_of(shop, "other").begin(connection)

    run(test())
