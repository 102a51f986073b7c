"""After an erasure no file of the database, no log and no new base backup holds a trace of the person."""

import asyncio
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar.testing import TestClient

from infra.access.attempts import of_name
from infra.logging import configure_logging
from infra.postgres.binaries import wheel_folders
from infra.postgres.cluster import Home
from infra.postgres.embedded import embedded
from infra.postgres.migrate import migrate
from infra.settings import Settings
from tests.api.test_erasure import PERSON, PHONE, erase, make_known
from tests.support.api import World, add_shop, application, new_key
from tests.support.personal import follow
from tests.support.postgres import Database, new_tenant
from workers.jobs.people import rewrite_what_was_destroyed

SUPERUSER = "daybook_superuser"
SAID = (
    *(str(PERSON[field]) for field in ("name", "phone", "email", "birthday")),
    PHONE,
    PHONE.removeprefix("+86"),
    str(PERSON["email"]).lower(),
    "She said yes.",
    "It smelled of feet.",
    "The melon hit my foot.",
    "She called from the hospital.",
    "Nobody asked for my name.",
)
TRIED = {"tenant": "shop", "sign_in_name": "xiaoming.wang", "password": "not the password"}
DIGESTS = "SELECT digest FROM customer_index WHERE customer_id = %s"
KEYS = "SELECT wrapped_key FROM daybook_keys.subject_keys WHERE subject = %s"


class Left:
    """A stopped database after an erasure, and what is looked for in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = Home(folder)
        self.texts: list[bytes] = []
        self.keyed: list[bytes] = []
        self.of_others: list[bytes] = []


def _keyed(shop: World, customer_id: str) -> list[bytes]:
    """The person's hashes in the index and their wrapped keys, which are found on disk byte by byte."""
    rows = [*shop.query(DIGESTS, customer_id), *shop.query(KEYS, f"customer-{customer_id}")]
    return [bytes(value) for (value,) in rows]


def _known_at_the_door(shop: World) -> str:
    """Somebody who may sign in, and whose name was tried with a wrong password; their id."""
    user: dict[str, Any] = {"sign_in_name": TRIED["sign_in_name"], "roles": []}
    user_id = shop.made("/v1/users", user)["user_id"]
    assert shop.stranger().call("POST", "/v1/sessions", dict(TRIED)).status_code == 401
    return user_id


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("disk")
    folder.chmod(0o711)
    left = Left(folder)
    with embedded(folder) as urls:
        migrate(urls.owner)
        database = Database(owner_url=urls.owner, service_url=urls.service)
        tenant = new_tenant(database, "shop")
        settings = Settings(database_url=urls.service, data_dir=folder, log_level="debug")
        configure_logging("debug")
        app = application(settings)
        with (
            TestClient(app) as client,
            closing(World(app, client, new_key(tenant), tenant, settings)) as shop,
        ):
            add_shop(shop)
            ids = make_known(shop)
            follow(shop)
            shop.catch_up()
            left.texts = [text.encode() for text in (*SAID, ids["code"], ids["code"].replace("-", ""))]
            left.keyed = _keyed(shop, "gone")
            left.of_others = _keyed(shop, "c1")
            user_id = _known_at_the_door(shop)
            # A name to sign in with is not sealed: the write-ahead log holds it like a wrapped key.
            left.keyed.append(TRIED["sign_in_name"].encode())
            left.keyed.append(of_name("shop", TRIED["sign_in_name"]).digest)
            erase(shop)
            shop.made(f"/v1/users/{user_id}/erasure", {})
            follow(shop)
            shop.catch_up()
            assert asyncio.run(rewrite_what_was_destroyed(settings)) == 3
    configure_logging("critical")
    return left


def found(secrets: Iterable[bytes], files: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Where one of them stands, as it is or as hexadecimal digits."""
    spelled = [(secret, form) for secret in secrets for form in (secret, secret.hex().encode())]
    return [
        (str(path), secret)
        for path in files
        for content in (path.read_bytes(),)
        for secret, form in spelled
        if form in content
    ]


def files_of(folder: Path, *, but: str = " ") -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and but not in path.parts]


def test_there_is_something_to_look_for(left: Left) -> None:
    assert len(left.keyed) == 6 + 9 + 2
    assert len(left.of_others) == 3 + 2


def test_the_same_search_finds_what_is_kept_of_others(left: Left) -> None:
    hits = found(left.of_others, files_of(left.home.cluster / "base"))
    assert {secret for _, secret in hits} == set(left.of_others)


def test_nothing_that_was_said_stands_in_any_file_of_the_data_folder(left: Left) -> None:
    """The write-ahead log and the logs included."""
    assert found(left.texts, files_of(left.folder)) == []


def test_no_hash_no_name_and_no_wrapped_key_of_the_person_stands_in_the_database_files(left: Left) -> None:
    """But in the write-ahead log, until its segments are written over: see the guide."""
    assert found(left.keyed, files_of(left.folder, but="pg_wal")) == []


@pytest.fixture(scope="module")
def backup(left: Left, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new base backup, taken as PostgreSQL's own tool takes it."""
    folder = tmp_path_factory.mktemp("backup") / "base"
    rules = left.home.cluster / "pg_hba.conf"
    kept = rules.read_text()
    rules.write_text(f"local replication {SUPERUSER} trust\n{kept}")
    with embedded(left.folder, {"wal_level": "replica", "max_wal_senders": "4"}) as urls:
        (socket,) = parse_qs(urlsplit(urls.service).query)["host"]
        program = wheel_folders()[0] / "pg_basebackup"
        how = ("--checkpoint=fast", "--wal-method=fetch", "--no-sync")
        subprocess.run(
            [program, "-h", socket, "-U", SUPERUSER, "-D", folder, *how], check=True, capture_output=True
        )
    rules.write_text(kept)
    return folder


def test_a_new_base_backup_holds_what_is_kept_of_others(left: Left, backup: Path) -> None:
    assert {secret for _, secret in found(left.of_others, files_of(backup))} == set(left.of_others)


def test_a_new_base_backup_holds_no_trace_of_the_person(left: Left, backup: Path) -> None:
    assert found([*left.texts, *left.keyed], files_of(backup)) == []
