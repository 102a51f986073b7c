"""One batch, many batches, a rebuild and a fold in memory give the same tables, byte for byte."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from domain.kernel.event import AnyRecorded
from domain.kernel.money import allocate
from domain.sales.sale import WHOLE_SHARE_BP, Attribution, SaleCompleted
from projections.catalogue import PROJECTIONS
from projections.kernel.projection import Projection
from projections.kernel.table import Key, Table
from projections.sales_report.fold import NOBODY, Figures, split_by_share
from projections.staff_scores.fold import STAFF_SCORES, StaffScores
from tests.support.journals import connected, query, run
from tests.support.postgres import Tenant
from tests.support.read_models import (
    EVERYTHING,
    TABLES,
    all_contents,
    contents,
    fold_in_memory,
    forget,
    made_anew,
    project,
)

NOT_READ_MODELS = {
    "stored_events",
    "journal_head",
    "commands",
    "snapshots",
    "history",
    "projection_checkpoints",
    "parked_events",
    "skipped_events",
    "read_models",
    "projection_rebuilds",
    "previous_projections",
    "scratch_slots",
    "audit_seal",
    "audit_tiles",
    "audit_checkpoints",
    "accesses",
    "customer_index",
    "customer_traces",
    "customer_index_head",
    "forgotten_subjects",
    "reactor_head",
    "outbox",
    "messages",
    "alert_head",
    "alert_days",
    "case_deadlines",
    "case_deadlines_head",
    "schema_migrations",
}
PG_TYPES = {
    "text": "text",
    "bigint": "int8",
    "boolean": "bool",
    "date": "date",
    "timestamp with time zone": "timestamptz",
    "jsonb": "jsonb",
}

every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture(scope="module")
def one_batch(shop: Tenant) -> dict[str, list[str]]:
    """Every table after the whole journal was folded as a single page."""
    forget(shop)
    assert run(project(shop, EVERYTHING)) == 1
    return all_contents(shop)


@every_table
def test_the_story_reaches_every_table(table: Table[Any, Any], one_batch: dict[str, list[str]]) -> None:
    assert len(one_batch[table.name]) >= 2


@pytest.mark.parametrize("page", [1, 7, 100])
def test_many_batches_give_what_one_gives(
    shop: Tenant, journal: list[AnyRecorded], one_batch: dict[str, list[str]], page: int
) -> None:
    forget(shop)

    pages = run(project(shop, page))

    assert pages == -(-len(journal) // page)
    for table in TABLES:
        assert contents(shop, table) == one_batch[table.name], table.name


@every_projection
def test_a_rebuild_gives_what_one_batch_gives(
    shop: Tenant, one_batch: dict[str, list[str]], projection: Projection
) -> None:
    """From nothing, and again in place of the rows that are there."""

    forget(shop)
    for _ in range(2):
        run(made_anew(shop, projection))
        for table in projection.tables:
            assert contents(shop, table) == one_batch[table.name], table.name


@every_projection
def test_a_replay_from_nought_gives_what_one_batch_gives(
    shop: Tenant, one_batch: dict[str, list[str]], projection: Projection
) -> None:
    """The projection alone, after it was forgotten twice."""
    for _ in range(2):
        forget(shop)
        run(project(shop, 250, [projection]))

    for table in projection.tables:
        assert contents(shop, table) == one_batch[table.name], table.name


@every_projection
def test_the_tables_hold_what_the_pure_fold_says(
    shop: Tenant, journal: list[AnyRecorded], one_batch: dict[str, list[str]], projection: Projection
) -> None:
    """Without a database: rows in memory, entry by entry. Read back, the stored rows are equal to them."""
    rows = fold_in_memory(projection, journal)
    forget(shop)
    run(project(shop, EVERYTHING, [projection]))

    async def loaded(table: Table[Any, Any]) -> dict[Key, Any]:
        async with connected(shop) as connection:
            return await table.load(connection, list(rows[table]))

    for table in projection.tables:
        assert run(loaded(table)) == rows[table]
        assert len(rows[table]) == len(one_batch[table.name])


@every_projection
def test_each_event_that_a_projection_asks_for_touches_a_row(
    projection: Projection, journal: list[AnyRecorded]
) -> None:
    asked = [entry for entry in journal if type(entry.data) in projection.events]

    assert {type(entry.data) for entry in asked if list(projection.changes(entry))} == set(projection.events)


@every_table
def test_a_tables_columns_are_its_rows_fields(shop: Tenant, table: Table[Any, Any]) -> None:
    """Names, order, types, and null exactly where a field may be None; the key is the first fields."""
    columns = query(
        shop.owner_url,
        shop,
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        shop.schema,
        table.name,
    )
    fields = msgspec.structs.fields(table.row)
    nullable = [
        isinstance(info, msgspec.inspect.UnionType) and info.includes_none
        for info in (msgspec.inspect.type_info(field.type) for field in fields)
    ]
    assert [name for name, _, _ in columns] == table.columns
    assert [PG_TYPES[type_] for _, type_, _ in columns] == table.pg_types
    assert [null == "YES" for _, _, null in columns] == nullable

    key = query(
        shop.owner_url,
        shop,
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)"
        " WHERE indrelid = %s::regclass AND indisprimary ORDER BY array_position(indkey::int2[], attnum)",
        table.name,
    )
    assert [name for (name,) in key] == table.key_columns


def test_every_table_of_a_tenant_that_is_a_read_model_has_one_projection(shop: Tenant) -> None:
    rows = query(
        shop.owner_url,
        shop,
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v', 'p')",
        shop.schema,
    )
    known = Counter(table.name for table in TABLES)

    assert {name for (name,) in rows} - NOT_READ_MODELS == set(known)
    assert set(known.values()) == {1}
    assert len({projection.name for projection in PROJECTIONS}) == len(PROJECTIONS)


def test_the_migrations_enter_every_table_as_a_read_model_of_its_projection(shop: Tenant) -> None:
    """A rebuild makes the tables that are entered, and no others."""
    entered = query(shop.owner_url, shop, "SELECT table_name, projection FROM read_models")

    tables = [(table.name, projection.name) for projection in PROJECTIONS for table in projection.tables]
    assert sorted(entered) == sorted(tables)


def figures(sign: int = 1) -> Figures:
    """Odd amounts, so that halves leave something over; a return has negative tax and cost."""
    return Figures(
        currency="CNY",
        gross_minor=1001,
        discount_minor=7,
        tax_minor=sign * 83,
        returns_minor=333,
        cost_minor=sign * 601,
        units=5,
        returned_units=1,
        lines=1,
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "shares",
    [(), (WHOLE_SHARE_BP,), (5000, 5000), (3333, 6667), (3333, 3333, 3334), (5000,), (1, 2), (0, 10_000)],
)
def test_a_line_that_is_shared_loses_nothing(shares: tuple[int, ...], sign: int) -> None:
    """What the shares leave over is nobody's."""
    attributions = tuple(
        Attribution(employee_id=f"e{number}", share_bp=share) for number, share in enumerate(shares)
    )

    parts = list(split_by_share(figures(sign), attributions))

    for column in Figures.__struct_fields__[1:]:
        assert sum(getattr(part, column) for _, part in parts) == getattr(figures(sign), column), column
    names = [name for name, _ in parts]
    assert names == [f"e{n}" for n in range(len(shares))] + [NOBODY] * (sum(shares) < WHOLE_SHARE_BP)
    assert {part.currency for _, part in parts} == {"CNY"}


def test_two_who_share_a_line_get_what_they_share() -> None:
    shared = (Attribution(employee_id="e1", share_bp=7500), Attribution(employee_id="e2", share_bp=2500))

    (_, first), (_, second) = split_by_share(figures(), shared)

    assert (first.gross_minor, second.gross_minor) == (751, 250)
    assert (first.tax_minor, second.tax_minor) == (62, 21)


def test_a_shared_line_that_comes_back_leaves_nobody_anything() -> None:
    """What the return takes from each is what the sale gave them."""
    shared = (Attribution(employee_id="e1", share_bp=5000), Attribution(employee_id="e2", share_bp=5000))

    for (_, given), (_, taken) in zip(
        split_by_share(figures(), shared), split_by_share(figures(-1), shared), strict=True
    ):
        assert (given.tax_minor, given.cost_minor) == (-taken.tax_minor, -taken.cost_minor)


def test_an_employee_with_half_of_a_sale_scores_half_of_it(journal: list[AnyRecorded]) -> None:
    """As in the sales report, where the other half is nobody's."""
    sale = next(entry for entry in journal if isinstance(entry.data, SaleCompleted))
    half = (Attribution(employee_id="e1", share_bp=5000),)
    entry = msgspec.structs.replace(sale, data=msgspec.structs.replace(sale.data, attributions=half))

    (delta,) = (delta for table, _, delta in StaffScores().changes(entry) if table is STAFF_SCORES)

    assert delta.total_minor == sum(allocate(sale.data.total_minor, (5000, 5000))[:1])
