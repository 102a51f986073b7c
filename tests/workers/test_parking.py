"""What can't be folded waits with its row; everything else goes on, and nothing is lost or folded twice."""

from collections.abc import Iterable

import pytest

from domain.kernel.event import AnyRecorded
from infra.event_store.journal import NewEntry
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.parking import WHOLE_STREAM, Aside, ParkedEvent, Place, count_parked, read_parked
from projections.kernel.table import Change
from projections.stock_levels.fold import STOCK_LEVELS, StockLevels
from tests.support.broken_folds import Break, broken, does_not_fit, moves, of_busiest, raises, row_of
from tests.support.facts import SUMMER
from tests.support.journals import Connection, connected, journal_of, query, run
from tests.support.postgres import Tenant
from tests.support.read_models import EVERYTHING, all_contents, contents, made_anew, project
from workers.parked_events import NeedsRebuild, NothingParked, retry, skip_event
from workers.projection_runner import Overtaken, Runner
from workers.rebuild import CannotFold

OTHERS = [projection for projection in PROJECTIONS if projection.name != "stock_levels"]


class Lost(StockLevels):
    """It can't say which rows an event of these streams touches."""

    def __init__(self, streams: set[str]) -> None:
        self._streams = streams

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        if entry.stream in self._streams:
            raise ZeroDivisionError
        return super().changes(entry)


def parked(tenant: Tenant) -> list[ParkedEvent]:
    async def read() -> list[ParkedEvent]:
        async with connected(tenant) as connection:
            return await read_parked(connection)

    return run(read())


def where(events: Iterable[ParkedEvent]) -> list[tuple[Place, int, bool]]:
    return [(event.place, event.position, event.error is not None) for event in events]


async def is_at_the_end(tenant: Tenant, connection: Connection) -> bool:
    head = await journal_of(tenant).head(connection)
    return {checkpoint.position for checkpoint in await read_checkpoints(connection)} == {head.position}


async def up_to(position: int, runner: Runner, connection: Connection) -> None:
    """Folds the journal up to a position."""
    reached = 0
    while reached < position:
        reached += await runner.run_page(connection, position - reached)


def without(found: dict[str, list[str]], *tables: str) -> dict[str, list[str]]:
    return {name: rows for name, rows in found.items() if name not in tables}


@pytest.mark.parametrize("how", [raises, does_not_fit])
@pytest.mark.parametrize("page", [1, 7, 1_000])
def test_a_row_that_lacks_an_event_takes_no_later_one_and_all_others_go_on(
    shop: Tenant, expected: dict[str, list[str]], how: Break, page: int
) -> None:
    moved = moves(shop)
    bad, later = moved[2], moved[3:]

    with broken({bad.position}, how):
        run(project(shop, page))

    assert where(parked(shop)) == [
        (row_of(bad), bad.position, True),
        *[(row_of(bad), entry.position, False) for entry in later],
    ]
    found = all_contents(shop)
    assert without(found, "stock_levels") == without(expected, "stock_levels")
    assert len(set(found["stock_levels"]) - set(expected["stock_levels"])) == 1

    async def mend() -> None:
        async with connected(shop) as connection:
            assert await is_at_the_end(shop, connection)
            assert await count_parked(connection) == {"stock_levels": 1}
            assert await retry(connection, journal_of(shop), StockLevels(), row_of(bad)) == 0
            assert await count_parked(connection) == {}

    run(mend())
    assert all_contents(shop) == expected


def test_a_parked_event_says_what_was_wrong_and_where(shop: Tenant) -> None:
    bad = moves(shop)[2]

    with broken({bad.position}):
        run(project(shop))

    (failed, *_) = parked(shop)
    assert failed.error == "ZeroDivisionError: "
    assert failed.traceback is not None
    assert "in buggy" in failed.traceback


def test_an_event_waits_once_at_a_place_however_often_it_names_it(tenant: Tenant) -> None:
    """A product may stand on several lines of a sale. An error stays, and is text that can be stored."""
    place = Place("sales_report", "sales_report", '["s1"]')

    async def test() -> list[ParkedEvent]:
        async with connected(tenant) as connection:
            aside = Aside()
            for error in (None, None, ValueError("\x00 \ud800"), None):
                aside.park(place, 5, error)
            await aside.write(connection)
            return await read_parked(connection)

    (event,) = run(test())
    assert (event.place, event.position, event.error) == (place, 5, "ValueError: \\x00 \\ud800")


class Renamed(StockLevels):
    """It folds each movement into another row than it did."""

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        yield STOCK_LEVELS.change((entry.data.store_id, f"{entry.data.sku}/new"), entry)


def test_a_retry_does_not_lose_what_belongs_to_another_row_now(shop: Tenant) -> None:
    moved = moves(shop)
    with broken({moved[2].position}):
        run(project(shop))

    async def attempt() -> int:
        async with connected(shop) as connection:
            return await retry(connection, journal_of(shop), Renamed(), row_of(moved[0]))

    assert run(attempt()) == len(moved) - 2
    assert "NeedsRebuild" in str(parked(shop)[0].error)


def test_a_projector_that_begins_later_leaves_a_parked_row_alone(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    """The bug was mended with the restart: what came in the meantime still waits in its order."""
    moved = moves(shop)

    async def begin_and_leave() -> None:
        async with connected(shop) as connection:
            runner = Runner(journal_of(shop), PROJECTIONS, "first")
            await runner.begin(connection)
            with broken({moved[2].position}):
                await up_to(moved[2].position, runner, connection)
            await runner.leave(connection)

    run(begin_and_leave())
    run(project(shop, 20))

    assert [event.position for event in parked(shop)] == [entry.position for entry in moved[2:]]

    async def mend() -> None:
        async with connected(shop) as connection:
            await retry(connection, journal_of(shop), StockLevels(), row_of(moved[2]))

    run(mend())
    assert all_contents(shop) == expected


def test_a_retry_stops_where_it_fails_again_and_keeps_what_it_folded(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    moved = moves(shop)
    with broken({moved[2].position, moved[4].position}):
        run(project(shop))

    async def attempt() -> int:
        async with connected(shop) as connection:
            return await retry(connection, journal_of(shop), StockLevels(), row_of(moved[0]))

    with broken({moved[2].position}):
        assert run(attempt()) == len(moved) - 2
    with broken({moved[4].position}, does_not_fit):
        assert run(attempt()) == len(moved) - 4
    assert where(parked(shop))[0] == (row_of(moved[0]), moved[4].position, True)
    assert run(attempt()) == 0
    assert all_contents(shop) == expected
    with pytest.raises(NothingParked):
        run(attempt())


def test_a_projector_at_work_goes_on_with_a_row_that_was_mended(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    """It must notice: what it remembers of the row, and that events wait there, is no longer so."""
    moved = moves(shop)

    async def test() -> None:
        async with connected(shop) as one, connected(shop) as other:
            runner = Runner(journal_of(shop), PROJECTIONS, "running")
            await runner.begin(one)
            with broken({moved[1].position}):
                await up_to(moved[-2].position, runner, one)
            assert await retry(other, journal_of(shop), StockLevels(), row_of(moved[0])) == 0
            with pytest.raises(Overtaken):
                await runner.run_page(one)
            assert await runner.begin(one)
            while await runner.run_page(one):
                pass

    run(test())
    assert parked(shop) == []
    assert all_contents(shop) == expected


def test_what_is_skipped_stays_out_in_a_rebuild_too(shop: Tenant, expected: dict[str, list[str]]) -> None:
    moved = moves(shop)
    bad = moved[2].position

    async def skip() -> int:
        async with connected(shop) as connection:
            with pytest.raises(NothingParked):
                await skip_event(connection, journal_of(shop), StockLevels(), row_of(moved[0]), bad + 1, "?")
            return await skip_event(
                connection,
                journal_of(shop),
                StockLevels(),
                row_of(moved[0]),
                bad,
                "booked twice",
            )

    with broken({bad}):
        run(project(shop))
        assert run(skip()) == 0
        skipped = contents(shop, STOCK_LEVELS)
        assert len(set(skipped) - set(expected["stock_levels"])) == 1
        query(shop.owner_url, shop, "UPDATE stock_levels SET on_hand = 0")
        run(made_anew(shop, StockLevels()))

    assert contents(shop, STOCK_LEVELS) == skipped
    kept = query(shop.service_url, shop, "SELECT position, error, reason FROM skipped_events")
    assert kept == [(bad, "ZeroDivisionError: ", "booked twice")]


def test_a_rebuild_whose_rows_do_not_fit_names_the_table_and_changes_nothing(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    run(project(shop))

    with (
        broken({moves(shop)[2].position}, does_not_fit),
        pytest.raises(CannotFold, match=r"a row that stock_levels can't hold: .*out of range"),
    ):
        run(made_anew(shop, StockLevels()))

    assert all_contents(shop) == expected


def test_a_stream_whose_rows_are_not_known_waits_for_a_rebuild(
    shop: Tenant, expected: dict[str, list[str]]
) -> None:
    moved = [entry for entry in of_busiest(shop) if isinstance(entry.data, StockLevels.events)]
    lost = Lost({moved[0].stream})
    place = Place("stock_levels", WHOLE_STREAM, moved[0].stream)

    run(project(shop, 9, [*OTHERS, lost]))

    assert where(parked(shop)) == [(place, entry.position, True) for entry in moved]
    its_own = [table.name for table in StockLevels.tables]
    assert without(all_contents(shop), *its_own) == without(expected, *its_own)
    assert set(contents(shop, STOCK_LEVELS)) < set(expected["stock_levels"])

    async def mend() -> None:
        async with connected(shop) as connection:
            with pytest.raises(NeedsRebuild, match="projections rebuild stock_levels"):
                await retry(connection, journal_of(shop), lost, place)
            with pytest.raises(CannotFold, match=f"position {moved[0].position}, stock.moved.v1"):
                await made_anew(shop, lost)
            await made_anew(shop, StockLevels())

    run(mend())
    assert parked(shop) == []
    assert all_contents(shop) == expected


def test_a_rebuild_need_not_know_which_rows_a_skipped_event_touches(shop: Tenant) -> None:
    moved = [entry for entry in of_busiest(shop) if isinstance(entry.data, StockLevels.events)]
    lost = Lost({moved[0].stream})
    place = Place("stock_levels", WHOLE_STREAM, moved[0].stream)
    run(project(shop, 9, [*OTHERS, lost]))
    before = all_contents(shop)

    async def skip_all() -> None:
        async with connected(shop) as connection:
            for entry in moved:
                await skip_event(connection, journal_of(shop), lost, place, entry.position, "not ours")

    run(skip_all())
    run(made_anew(shop, lost))

    assert all_contents(shop) == before


@pytest.mark.parametrize("page", [1, 30, EVERYTHING])
def test_an_event_of_a_later_version_of_the_software_stops_nothing_but_its_stream(
    shop: Tenant, expected: dict[str, list[str]], page: int
) -> None:
    """After going back to an older version. Every projection waits for its stream: any may have known it.

    What came before it in the same page is folded.
    """
    journal = journal_of(shop)
    last = of_busiest(shop)[-1]

    async def write() -> int:
        async with connected(shop) as connection:
            head = await journal.head(connection)
            entries = [
                NewEntry(stream=last.stream, version=last.version + 1, type="stock.moved.v9", state=b"{}"),
                NewEntry(stream="drone-1", version=1, type="drone.landed.v1", state=b"{}"),
            ]
            assert await journal.append(
                connection, known=head.position, recorded_at=SUMMER, entries=entries, accepted=[]
            )
            return head.position

    before = run(write())

    run(project(shop, page))

    assert all_contents(shop) == expected
    assert {(event.place, event.position) for event in parked(shop)} == {
        (Place(projection.name, WHOLE_STREAM, stream), position)
        for projection in PROJECTIONS
        for stream, position in ((last.stream, before + 1), ("drone-1", before + 2))
    }
    assert all("UnknownEventType" in str(event.error) for event in parked(shop))

    with pytest.raises(CannotFold, match="UnknownEventType"):
        run(made_anew(shop))

    async def skip(waiting: list[ParkedEvent]) -> None:
        known = {projection.name: projection for projection in PROJECTIONS}
        async with connected(shop) as connection:
            for event in waiting:
                projection = known[event.place.projection]
                await skip_event(connection, journal, projection, event.place, event.position, "newer")

    run(skip(parked(shop)))
    run(made_anew(shop))
    assert all_contents(shop) == expected
