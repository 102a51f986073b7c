"""Checkpoints behind a URL: objects that are written once."""

import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.audit.sink import FolderSink, HistoryContradicted, SinkError, WebSink, sink_of
from infra.audit.verification import verify_journal
from tests.support.audit import SealedShop, sealed_shop
from tests.support.journals import connected, journal_of, query, run
from tests.support.postgres import Tenant


class Store(ThreadingHTTPServer):
    """An object store: PUT with If-None-Match, GET; it can be told to fail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.fails_at = ""

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
