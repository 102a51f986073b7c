"""The guide's page about new read models, followed: files are taken from it and run on PostgreSQL."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import projections
from projections.catalogue import PROJECTIONS
from projections.kernel.checkpoints import Checkpoint, read_checkpoints
from projections.kernel.projection import Projection
from projections.kernel.table import Key
from tests.docs.documents import GUIDE, REPOSITORY, File, files, patched
from tests.support.journals import clerk_of, connected, query, read_all, run
from tests.support.postgres import GIVEN_SERVER, Database, Tenant
from tests.support.read_models import contents, database_of, made_anew, project
from tests.support.shop_day import STORES, live, shop_days
from workers.replay import verify

NAME = "basket_sizes"
PAGE = (GUIDE / "projections.md").read_text()
FIRST_TEXT, _, SECOND_TEXT = PAGE.partition("\n## A new version\n")
FIRST, SECOND = files(FIRST_TEXT), files(SECOND_TEXT)
PACKAGES = ("api", "domain", "infra", "migrations", "projections", "tests", "workers")
NUMBER = "NNNN"
STORY = shop_days(steps=80)
OPENED = len(STORY) - 30
NESTED_LIMIT_S = 120.0
WHERE = ("tests/projections", "tests/docs/test_guide.py")
QUIETLY = ("-q", "-n0", "-p", "no:cacheprovider")

# Counted from the stored JSON, without the classes that the fold knows.
BY_SQL = """
SELECT data ->> 'store_id', (data ->> 'business_day')::date, jsonb_array_length(data -> 'lines'),
    count(*), sum((data ->> 'total_minor')::bigint)::bigint, count(data ->> 'customer_id')
FROM history
WHERE type = 'sale.completed.v1'
GROUP BY 1, 2, 3
"""


COLUMNS = """
SELECT split_part(table_schema, '.', 2) AS slot, array_agg(column_name::text ORDER BY ordinal_position)
FROM information_schema.columns
WHERE split_part(table_schema, '.', 1) = %s AND table_name = %s
GROUP BY slot
ORDER BY slot
"""


class Sizes(NamedTuple):
    """What a row of the page's table says, whatever its version."""

    baskets: int
    total_minor: int
    with_customer: int = 0


def follow(page: Sequence[File], house: Path) -> list[Path]:
    """Writes and changes the files as the page says; returns them."""
    written: list[Path] = []
    for path, language, text in page:
        name = path.replace(NUMBER, f"{len(list((house / 'migrations' / 'tenant').glob('*.sql'))) + 1:04}")
        file = house / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if language == "diff":
            text = patched(file.read_text(), text)
        else:
            assert not file.exists(), f"{name} is there already"
        file.write_text(text)
        written.append(file)
    return written


class House:
    """A copy of the house in which the page is followed, and a tenant. Only what the page adds is run."""

    def __init__(self, folder: Path, tenant: Tenant) -> None:
        self.folder = folder
        self.tenant = tenant

    def follow(self, page: Sequence[File]) -> Projection:
        """The projection as the page then has it; its migration is applied to the tenant."""
        for file in follow(page, self.folder):
            if file.suffix == ".sql":
                query(self.tenant.owner_url, self.tenant, file.read_text())
        forget_modules()
        projection: Projection = importlib.import_module(f"projections.{NAME}.fold").BasketSizes()
        return projection

    def trade(self, first: int, last: int) -> None:
        """Has the story's commands decided."""

        async def write() -> None:
            async with clerk_of(self.tenant) as clerk:
                await live(clerk, STORY[first:last])

        run(write())

    def read(self) -> dict[Key, Sizes]:
        """The rows by key, by the page's own query."""
        queries = importlib.import_module(f"projections.{NAME}.queries")

        async def ask() -> list[Any]:
            async with connected(self.tenant) as connection:
                days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
                return [
                    row
                    for store in STORES
                    for row in await queries.basket_sizes_of(connection, store, **days)
                ]

        return {
            (row.store_id, row.business_day, row.lines): Sizes(
                row.baskets, row.total_minor, getattr(row, "with_customer", 0)
            )
            for row in run(ask())
        }

    def count(self, version: int) -> dict[Key, Sizes]:
        """The same, counted straight from the journal."""
        rows = query(self.tenant.owner_url, self.tenant, BY_SQL)
        return {tuple(row[:3]): Sizes(*row[3:]) if version > 1 else Sizes(*row[3:5]) for row in rows}

    def checkpoint(self) -> Checkpoint:
        """How far the page's projection is."""

        async def ask() -> list[Checkpoint]:
            async with connected(self.tenant) as connection:
                return await read_checkpoints(connection)

        (found,) = [checkpoint for checkpoint in run(ask()) if checkpoint.name == NAME]
        return found

    def head(self) -> int:
        """The journal's last position."""
        return len(run(read_all(self.tenant)))


def forget_modules() -> None:
    """Those of the page are imported anew."""
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.startswith(f"projections.{NAME}")]:
        del sys.modules[name]


def copied(folder: Path) -> Path:
    """The house as the page finds it, with all that it takes to run and check it."""
    ignored = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, folder / package, ignore=ignored)
    shutil.copytree(GUIDE, folder / "docs" / "guide")
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    return folder


@pytest.fixture
def house(tmp_path: Path, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Generator[House]:
    folder = copied(tmp_path)
    monkeypatch.setattr(projections, "__path__", [*projections.__path__, str(folder / "projections")])
    # A file that changes within a second would be taken from the cache.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    house = House(folder, tenant)
    house.trade(0, OPENED)
    yield house
    forget_modules()
    if hasattr(projections, NAME):
        delattr(projections, NAME)


@pytest.mark.parametrize("page", [50, 1_000_000])
def test_the_projector_enrols_it_and_folds_the_whole_journal(house: House, page: int) -> None:
    """Beside read models that have folded it already."""
    run(project(house.tenant))
    new = house.follow(FIRST)

    run(project(house.tenant, page, [*PROJECTIONS, new]))

    assert len(house.read()) > 10
    assert house.read() == house.count(version=1)
    assert (house.checkpoint().version, house.checkpoint().position) == (1, house.head())


def test_a_rebuild_and_a_replay_give_the_same_rows(house: House) -> None:
    new = house.follow(FIRST)
    run(project(house.tenant, 50, [new]))
    folded = contents(house.tenant, new.tables[0])

    assert run(made_anew(house.tenant, new)) == house.head()
    verdict = run(verify(database_of(house.tenant), [new]))

    assert contents(house.tenant, new.tables[0]) == folded
    assert (verdict.rows, verdict.differing) == ({NAME: len(folded)}, {NAME: 0})


def test_a_rebuild_before_the_projector_starts_leaves_it_nothing_to_catch_up(house: House) -> None:
    run(project(house.tenant))
    new = house.follow(FIRST)

    run(made_anew(house.tenant, new))

    assert run(project(house.tenant, 50, [*PROJECTIONS, new])) == 0
    assert house.read() == house.count(version=1)


def test_a_new_version_stands_still_until_it_is_made_anew(house: House) -> None:
    """The old one folds on into the changed table; what was folded stays as it was, with the default."""
    first = house.follow(FIRST)
    run(project(house.tenant, projections=[first]))
    before = house.read()
    second = house.follow(SECOND)
    assert house.read() == before

    house.trade(OPENED, len(STORY) - 10)
    run(project(house.tenant, projections=[first]))
    stopped_at = house.head()
    assert house.read() == house.count(version=1)

    house.trade(len(STORY) - 10, len(STORY))
    run(project(house.tenant, projections=[*PROJECTIONS, second]))
    assert (house.checkpoint().version, house.checkpoint().position) == (1, stopped_at)
    assert house.read() != house.count(version=1)

    run(made_anew(house.tenant, second))
    assert (house.checkpoint().version, house.checkpoint().position) == (2, house.head())
    assert house.read() == house.count(version=2)
    assert sum(sizes.with_customer for sizes in house.read().values()) > 10
    assert run(verify(database_of(house.tenant), [second])).differing == {NAME: 0}


def test_the_changed_table_has_one_shape_wherever_it_is(house: House) -> None:
    """Also that which a rebuild has replaced, and which a rollback would put in place."""
    run(made_anew(house.tenant, house.follow(FIRST)))

    second = house.follow(SECOND)

    columns = query(house.tenant.owner_url, house.tenant, COLUMNS, house.tenant.schema, NAME)
    assert columns == [(slot, second.tables[0].columns) for slot in ("", "previous")]


@pytest.mark.parametrize("version", [1, 2])
def test_where_the_page_was_followed_the_tests_of_read_models_pass(
    tmp_path: Path, database: Database, version: int
) -> None:
    """The page's own, and those that take every projection from the catalogue. Ruff and types are content."""
    house = copied(tmp_path)
    (house / ".venv").symlink_to(sys.prefix)  # where pyproject.toml has the types looked up
    written = follow(FIRST + (SECOND if version > 1 else []), house)
    python = [str(file) for file in written if file.suffix == ".py"]

    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DAYBOOK_", "PYTEST_"))}
    for command in (
        ["ruff", "check", *python],
        ["ruff", "format", "--check", *python],
        ["basedpyright", *python],
        ["pytest", *QUIETLY, *WHERE, "-k", f"{NAME} or read_model or many_batches"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=house,
            env={**ours, GIVEN_SERVER: database.owner_url},
            capture_output=True,
            text=True,
            timeout=NESTED_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_that_fits_nowhere_or_twice_is_an_error() -> None:
    assert patched("a\nb\nc\n", " b\n+x\n@@\n-c\n+d\n") == "a\nb\nx\nd\n"
    with pytest.raises(AssertionError, match="0 times"):
        patched("a\n", " b\n+x\n")
    with pytest.raises(AssertionError, match="2 times"):
        patched("a\nb\na\n", "-a\n")
