"""The journal over HTTP: as it was stored, oldest first."""

from typing import Any

import pytest

from tests.support.api import World, add_store, basket, complain, fresh, line, receive, sell


def stream_of(entries: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(entry["stream"], entry["version"]) for entry in entries]


def test_events_are_listed_from_the_first_on(shop: World) -> None:
    (first, *_) = shop.read("/v1/events")["data"]
    assert (first["position"], first["stream"], first["type"]) == (1, "store-s1", "store.opened.v1")


def test_events_are_listed_page_by_page_without_a_gap(shop: World) -> None:
    last = shop.written()[0]
    positions: list[int] = []
    after: str | None = "0"
    while after is not None:
        page = shop.read(f"/v1/events?after={after}&limit=3")
        positions += [entry["position"] for entry in page["data"]]
        after = page["next_cursor"]
    assert positions == list(range(1, last + 1))


def test_after_the_last_event_there_is_none(shop: World) -> None:
    assert shop.read(f"/v1/events?after={shop.written()[0]}") == {"data": [], "next_cursor": None}


def test_an_event_tells_who_wrote_what_and_why(shop: World) -> None:
    body = basket(register_id="till-7", occurred_at="2026-03-01T10:00:00+08:00")
    sale = shop.made("/v1/stores/s1/sales", body, X_Request_Id="till-7:42")
    (entry,) = shop.read(f"/v1/streams/sale-{sale['sale_id']}/events")["data"]
    key_id = shop.key.split("_")[1]
    told = {
        "occurred_at": "2026-03-01T02:00:00Z",
        "actor": f"key:{key_id}",
        "channel": "api",
        "terminal": "till-7",
        "correlation_id": "till-7:42",
        "type": "sale.completed.v1",
    }
    assert told.items() <= entry.items()


def test_an_events_data_is_as_it_was_stored(shop: World) -> None:
    store = add_store(shop, fresh("s"), day_starts_at_min=240)
    (entry,) = shop.read(f"/v1/streams/store-{store['store_id']}/events")["data"]
    # What is at its default is not stored.
    defaults = {"prices_include_tax", "tax_rounding", "address", "cash_unit_minor", "shifts_required"}
    defaults.add("locations")
    assert entry["data"] == {key: value for key, value in store.items() if key not in defaults}


def test_personal_fields_are_sealed_in_it(shop: World) -> None:
    (entry,) = shop.read("/v1/streams/customer-c1/events")["data"]
    assert entry["data"]["name"].keys() == {"key_id", "subject", "place", "box"}


@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_a_streams_name_may_have_a_slash(shop: World, slash: str) -> None:
    receive(shop, "apple", 3)
    (entry, *_) = shop.read(f"/v1/streams/stock-s1{slash}apple/events")["data"]
    assert (entry["stream"], entry["type"]) == ("stock-s1/apple", "stock.moved.v1")


def test_a_stream_is_listed_page_by_page(shop: World) -> None:
    for _ in range(5):
        sell(shop, line("cherry"))
    pages: list[list[tuple[str, int]]] = []
    after: str | None = "0"
    while after is not None:
        page = shop.read(f"/v1/streams/stock-s1/cherry/events?after={after}&limit=2")
        pages.append(stream_of(page["data"]))
        after = page["next_cursor"]
    versions = [("stock-s1/cherry", version) for version in range(1, 6)]
    assert pages == [versions[:2], versions[2:4], versions[4:]]


def test_after_a_streams_last_event_there_is_none(shop: World) -> None:
    assert shop.read("/v1/streams/store-s1/events?after=1") == {"data": [], "next_cursor": None}


@pytest.mark.parametrize(
    "stream", ["sale-ghost", "stock-s1/ghost", "x", "%E8%8B%B9", "a%00b", "a%20b", "s1/a/b"]
)
def test_a_stream_in_which_nothing_happened_is_not_found(shop: World, stream: str) -> None:
    assert shop.refusal(lambda: shop.get(f"/v1/streams/{stream}/events")) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=1.5",
        "after=9223372036854775808",
        "limit=0",
        "limit=251",
        "limit=x",
        "limit=",
        "cursor=1",
        "after=1&after=2",
    ],
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/streams/store-s1/events"])
def test_a_page_that_does_not_exist_is_refused(shop: World, path: str, query: str) -> None:
    assert shop.refusal(lambda: shop.get(f"{path}?{query}")) == (400, "invalid_request")


def test_the_journal_needs_a_key_of_all_stores(shop: World) -> None:
    till = shop.caller(stores=["s1"])
    assert shop.refusal(lambda: till.get("/v1/events")) == (403, "forbidden")


def test_texts_of_complaints_are_sealed_in_it(shop: World) -> None:
    complaint_id = complain(shop, "The apples were soft.")
    assert "soft" not in shop.get(f"/v1/streams/complaint-{complaint_id}/events").text
