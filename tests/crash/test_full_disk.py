"""The disk is full: sales are refused, none is made in halves, and when there is room the shop goes on."""

import contextlib
import shutil
from pathlib import Path

import psycopg

from infra.postgres.embedded import embedded
from tests.crash.shop import Shop, serving
from tests.crash.small_disks import small_disk
from tests.crash.tills import Tills

# A few megabytes at a time, which reach the log of PostgreSQL whatever it does with the table.
MAKE_SCRATCH = "CREATE TABLE IF NOT EXISTS scratch (line text)"
FILL_LOG = "INSERT INTO scratch SELECT md5(n::text) FROM generate_series(1, 50000) AS n"


def test_where_the_data_finds_no_room_sales_are_refused_until_there_is_some(tmp_path: Path) -> None:
    """PostgreSQL says no to the append, which leaves nothing to find out; the clerk lives on."""
    with small_disk(tmp_path / "data", size_mb=160) as disk:
        _log_elsewhere(tmp_path)
        with serving(tmp_path) as shop:
            with Tills(shop, "full") as tills:
                tills.sell()
                disk.fill()
                tills.until(lambda: shop.memory.troubles["unavailable"] > 20)
                disk.free()
                tills.sell()
            shop.audit()
            assert "part_ended" not in shop.log.read_text()


def test_where_the_log_finds_no_room_postgresql_ends_and_comes_back_with_it(tmp_path: Path) -> None:
    """PostgreSQL can't go on without its log: it ends in a panic, and recovers when there is room."""
    pg_wal = tmp_path / "data" / "postgres" / "cluster" / "pg_wal"
    with embedded(tmp_path / "data"):
        pass
    aside = pg_wal.rename(pg_wal.with_name("pg_wal.aside"))
    with small_disk(pg_wal, size_mb=64) as disk:
        shutil.copytree(aside, pg_wal, dirs_exist_ok=True)
        shutil.rmtree(aside)
        _give(pg_wal, like=pg_wal.parent)
        with serving(tmp_path) as shop:
            with Tills(shop, "full log") as tills:
                tills.sell()
                disk.fill()
                _use_up_the_log(shop)
                tills.until(lambda: "database_does_not_start" in shop.log.read_text())
                disk.free()
                tills.sell()
            shop.audit()


def _log_elsewhere(folder: Path) -> None:
    """Puts the log of PostgreSQL where there is room: it asks for some once in 16 MB, by chance just then."""
    with embedded(folder / "data"):
        pass
    pg_wal = folder / "data" / "postgres" / "cluster" / "pg_wal"
    elsewhere = folder / "pg_wal"
    shutil.copytree(pg_wal, elsewhere)
    _give(elsewhere, like=pg_wal.parent)
    shutil.rmtree(pg_wal)
    pg_wal.symlink_to(elsewhere)


def _give(folder: Path, *, like: Path) -> None:
    owner = like.stat()
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)


def _use_up_the_log(shop: Shop) -> None:
    """Writes until PostgreSQL can write no more."""
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(shop.tenant().owner_url, autocommit=True) as connection,
    ):
        connection.execute(MAKE_SCRATCH)
        while True:
            connection.execute(FILL_LOG)
