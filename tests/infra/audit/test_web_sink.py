"""Checkpoints behind a URL: objects that are written once."""

import threading
from collections import Counter
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.audit.sink import FolderSink, HistoryContradicted, SinkError
from infra.audit.verification import verify_journal
from infra.audit.web_sink import WebSink, sink_of
from tests.support.audit import SealedShop, sealed_shop
from tests.support.journals import connected, journal_of, query, run
from tests.support.postgres import Tenant


class Store(ThreadingHTTPServer):
    """An object store: PUT with If-None-Match, GET; it can be told to fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.fails_at = ""
        self.garbles = ""
        self.gets: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/log"


class _Handler(BaseHTTPRequestHandler):
    @property
    def store(self) -> Store:
        assert isinstance(self.server, Store)
        return self.server

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.store.fails_at and self.path.endswith(self.store.fails_at):
            self._answer(507)
        elif self.headers.get("If-None-Match") == "*" and self.path in self.store.objects:
            self._answer(412)
        else:
            self.store.objects[self.path] = data
            self._answer(201)

    def do_GET(self) -> None:
        self.store.gets.append(self.path.rpartition("/")[2])
        if self.path.endswith(self.store.garbles) and self.store.garbles:
            self.wfile.write(b"\x00\xff\r\n\r\n")
            return
        found = self.store.objects.get(self.path)
        self._answer(404 if found is None else 200, found or b"")

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Quiet."""


@pytest.fixture
def store() -> Generator[Store]:
    with Store() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def shop(tenant: Tenant, tmp_path: Path) -> SealedShop:
    return sealed_shop(tenant, tmp_path)


def sizes(sink: WebSink) -> list[int]:
    return [each.size for each in sink.checkpoints()]


def findings(shop: SealedShop, sink: WebSink) -> list[str]:
    async def work() -> list[str]:
        async with connected(shop.tenant) as connection:
            verdict = await verify_journal(connection, journal_of(shop.tenant), sink, shop.signer.key)
            return [str(finding) for finding in verdict.findings]

    return run(work())


def test_each_checkpoint_is_an_object_of_its_own_and_all_is_verified_by_them(
    shop: SealedShop, store: Store
) -> None:
    sink = WebSink(store.url, shop.tenant.name)
    for count in (3, 300, 1):
        shop.write(count)
        shop.seal(sink)

    assert sizes(sink) == [3, 303, 304]
    assert f"/log/{shop.tenant.name}/{303:018}.checkpoint" in store.objects
    assert findings(shop, WebSink(store.url, shop.tenant.name)) == []


def test_a_changed_event_is_named_by_the_leaves_that_are_kept(shop: SealedShop, store: Store) -> None:
    sink = WebSink(store.url, shop.tenant.name)
    for count in (3, 300):
        shop.write(count)
        shop.seal(sink)
    shop.tamper("UPDATE stored_events SET state = '{}' WHERE notification_id = 100")
    assert findings(shop, sink) == ["position 100: the event is not the one that was sealed"]


@pytest.mark.parametrize("fails_at", ["leaves", "checkpoint", "latest"])
def test_a_store_that_fails_at_any_object_is_caught_up_with(
    shop: SealedShop, store: Store, fails_at: str
) -> None:
    sink = WebSink(store.url, shop.tenant.name)
    shop.write(3)
    shop.seal(sink)
    shop.write(4)
    store.fails_at = fails_at
    with pytest.raises(SinkError, match="answered 507 to PUT"):
        shop.seal(sink)
    assert query(shop.tenant.owner_url, shop.tenant, "SELECT size FROM audit_seal") == [(3,)]

    store.fails_at = ""
    shop.seal(sink)
    assert sizes(sink) == [3, 7]
    assert findings(shop, WebSink(store.url, shop.tenant.name)) == []


def test_a_restored_database_can_not_put_another_history_there(shop: SealedShop, store: Store) -> None:
    """Even where the copy of the newest checkpoint is lost, no object is written over."""
    sink = WebSink(store.url, shop.tenant.name)
    shop.write(3)
    shop.seal(sink)
    shop.tamper(
        "UPDATE stored_events SET state = '{}' WHERE notification_id = 2",
        "DELETE FROM audit_tiles",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_seal SET size = 0",
    )
    with pytest.raises(HistoryContradicted, match="not the one that was sealed"):
        shop.seal(sink)
    del store.objects[f"/log/{shop.tenant.name}/latest"]
    with pytest.raises(HistoryContradicted, match="holds something else"):
        shop.seal(sink)


def test_a_store_that_is_away_is_an_error_that_names_it(shop: SealedShop) -> None:
    shop.write(1)
    with pytest.raises(SinkError, match=r"http://127\.0\.0\.1:1/log/.*can't be reached"):
        shop.seal(WebSink("http://127.0.0.1:1/log", shop.tenant.name))


def test_what_is_no_checkpoint_there_is_an_error(shop: SealedShop, store: Store) -> None:
    store.objects[f"/log/{shop.tenant.name}/latest"] = b"<html>"
    with pytest.raises(SinkError, match="this is no checkpoint"):
        shop.seal(WebSink(store.url, shop.tenant.name))


def test_the_setting_names_a_folder_or_a_url(tmp_path: Path) -> None:
    assert isinstance(sink_of(str(tmp_path), "shop"), FolderSink)
    assert isinstance(sink_of("https://log.example/shops", "shop"), WebSink)


def written(shop: SealedShop, store: Store, *counts: int) -> WebSink:
    """A sink with a checkpoint after each count."""
    sink = WebSink(store.url, shop.tenant.name)
    for count in counts:
        shop.write(count)
        shop.seal(sink)
    return sink


def put(shop: SealedShop, store: Store, name: str, data: bytes) -> None:
    store.objects[f"/log/{shop.tenant.name}/{name}"] = data


def test_each_object_is_asked_for_a_fixed_number_of_times_however_many_there_are(
    shop: SealedShop, store: Store
) -> None:
    written(shop, store, *[2] * 20)
    store.gets.clear()

    assert findings(shop, WebSink(store.url, shop.tenant.name)) == []

    asked = Counter(store.gets)
    assert asked.pop("latest") <= 5
    assert {name: times for name, times in asked.items() if times > 2} == {}
    assert len(asked) == 40


@pytest.mark.parametrize(
    ("leaves", "why"),
    [
        ((7).to_bytes(8), "does not say which leaf it begins with"),
        ((8).to_bytes(8), "does not say which leaf it begins with"),
        (b"\xff" * 8, "does not say which leaf it begins with"),
        (b"\0" * 7, "does not say which leaf it begins with"),
        (b"", "does not say which leaf it begins with"),
        ((3).to_bytes(8) + bytes(5 * 32), r"is longer than \d+ bytes"),
    ],
)
def test_leaves_that_can_not_be_end_in_an_error_that_names_them(
    shop: SealedShop, store: Store, leaves: bytes, why: str
) -> None:
    """Above all the object that names itself as the one before it."""
    written(shop, store, 3, 4)
    put(shop, store, f"{7:018}.leaves", leaves)

    with pytest.raises(SinkError, match=f"{7:018}.leaves can't be used: it {why}"):
        findings(shop, WebSink(store.url, shop.tenant.name))


def test_a_checkpoint_under_the_name_of_another_is_an_error(shop: SealedShop, store: Store) -> None:
    written(shop, store, 3, 4)
    put(shop, store, f"{3:018}.checkpoint", store.objects[f"/log/{shop.tenant.name}/latest"])

    with pytest.raises(SinkError, match="it holds the checkpoint of size 7"):
        findings(shop, WebSink(store.url, shop.tenant.name))


@pytest.mark.parametrize("name", ["latest", f"{3:018}.checkpoint"])
def test_an_object_without_end_is_not_read_to_its_end(shop: SealedShop, store: Store, name: str) -> None:
    written(shop, store, 3, 4)
    put(shop, store, name, bytes(100_000))

    with pytest.raises(SinkError, match="it is longer than 4096 bytes"):
        findings(shop, WebSink(store.url, shop.tenant.name))


@pytest.mark.parametrize("name", ["latest", f"{7:018}.leaves", f"{3:018}.checkpoint"])
def test_what_is_no_answer_is_an_error(shop: SealedShop, store: Store, name: str) -> None:
    written(shop, store, 3, 4)
    store.garbles = name

    with pytest.raises(SinkError, match=f"{name} answers what is no HTTP"):
        findings(shop, WebSink(store.url, shop.tenant.name))


@pytest.mark.parametrize("name", [f"{3:018}.checkpoint", f"{7:018}.checkpoint", f"{3:018}.leaves"])
def test_an_object_that_is_gone_is_told(shop: SealedShop, store: Store, name: str) -> None:
    written(shop, store, 3, 4)
    del store.objects[f"/log/{shop.tenant.name}/{name}"]

    found = findings(shop, WebSink(store.url, shop.tenant.name))

    assert f"the checkpoint of size {int(name[:18])} is missing from the sink" in found
    assert [each for each in found if "leaf hash" in each] == (
        ["positions 1-3: the leaf hash in the sink is not what was sealed"] if name.endswith("leaves") else []
    )


def test_a_latest_that_nobody_signed_is_walked_no_further(shop: SealedShop, store: Store) -> None:
    """It claims a size that would take years to read."""
    sink = written(shop, store, 3, 4)
    last = sink.last()
    assert last is not None
    forged = last.note.replace("\n7\n", "\n99999999999999999\n")
    put(shop, store, "latest", forged.encode())
    store.gets.clear()

    found = findings(shop, WebSink(store.url, shop.tenant.name))

    assert "the sink's checkpoint of size 99999999999999999 is not signed with the key" in found
    assert store.gets == ["latest"]
