"""Alerts are read and acknowledged over HTTP, by who may see the store."""

from collections.abc import Generator
from pathlib import Path

import pytest

from infra.tenancy import COMMANDS_AT_ONCE
from tests.support.api import Json, World, add_shop, add_store, fresh, problem, product, receive, world


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("alerts"))) as opened:
        add_shop(opened)
        yield opened


def says(shop: World, path: str, thresholds: Json | None, version: int = 0) -> Json:
    response = shop.call("PUT", path, {"thresholds": thresholds}, If_Match=f'"{version}"')
    assert response.status_code == 200, response.text
    return response.json()


def too_much(shop: World, store_id: str, *skus: str) -> None:
    """Products of which the store has more than one, and so an alert each."""
    for sku in skus:
        shop.made("/v1/products", product(sku))
        says(shop, f"/v1/stores/{store_id}/alert-thresholds/{sku}", {"high": 1})
        receive(shop, sku, 5, store_id=store_id)
    look(shop, store_id)


def look(shop: World, store_id: str) -> Json:
    shop.catch_up()
    answer = shop.call("POST", f"/v1/stores/{store_id}/alerts/looks")
    assert answer.status_code == 200, answer.text
    shop.catch_up()
    return answer.json()


def listed(shop: World, query: str = "") -> list[tuple[str, str]]:
    return [(alert["sku"], alert["status"]) for alert in shop.read(f"/v1/alerts?{query}")["data"]]


def test_an_alert_is_raised_acknowledged_and_cleared(shop: World) -> None:
    store_id: str = add_store(shop, fresh("s"))["store_id"]
    sku = fresh("p")
    too_much(shop, store_id, sku)
    (alert,) = shop.read(f"/v1/alerts?store_id={store_id}")["data"]
    assert (alert["kind"], alert["figure"], alert["threshold"], alert["status"]) == ("high", 5, 1, "raised")

    path = f"/v1/stores/{store_id}/alerts/{sku}/acknowledgement"
    answers = [shop.made(path, {"number": 1, "note": "on sale"}) for _ in range(2)]
    shop.catch_up()
    assert answers == [{"store_id": store_id, "sku": sku, "number": 1}] * 2
    (alert,) = shop.read(f"/v1/alerts?store_id={store_id}&status=acknowledged")["data"]
    assert (alert["note"], alert["acknowledged_by"].partition(":")[0]) == ("on sale", "key")

    says(shop, f"/v1/stores/{store_id}/alert-thresholds/{sku}", None, version=1)
    assert look(shop, store_id)["cleared"] == 1
    assert listed(shop, f"store_id={store_id}") == []
    assert listed(shop, f"store_id={store_id}&status=cleared") == [(sku, "cleared")]


def test_a_look_at_much_leaves_room_for_others(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what it leads to some is decided at a time, and the tills' sales in between."""
    store_id: str = add_store(shop, fresh("s"))["store_id"]
    monkeypatch.setattr("projections.stock_alerts.looks.AT_ONCE", 1)
    monkeypatch.setattr("infra.event_store.clerk.QUEUE_COMMANDS", COMMANDS_AT_ONCE)
    skus = [fresh("p") for _ in range(COMMANDS_AT_ONCE + 2)]
    too_much(shop, store_id, *skus)
    assert len(listed(shop, f"store_id={store_id}")) == len(skus)


def test_alerts_are_filtered_and_paged_newest_first(shop: World) -> None:
    store_id: str = add_store(shop, fresh("s"))["store_id"]
    skus = [fresh("p") for _ in range(3)]
    too_much(shop, store_id, *skus)
    query = f"store_id={store_id}&limit=2"
    first = shop.read(f"/v1/alerts?{query}")
    second = shop.read(f"/v1/alerts?{query}&cursor={first['next_cursor']}")
    found = [alert["sku"] for alert in first["data"] + second["data"]]
    assert (sorted(found), second["next_cursor"]) == (sorted(skus), None)
    positions = [alert["position"] for alert in first["data"] + second["data"]]
    assert positions == sorted(positions, reverse=True)
    assert listed(shop, f"store_id={store_id}&sku={skus[1]}") == [(skus[1], "raised")]
    assert listed(shop, f"store_id={store_id}&kind=low") == []
    assert listed(shop, f"store_id={store_id}&since=2100-01-01T00:00:00Z") == []


def test_a_key_of_one_store_sees_its_alerts_alone(shop: World) -> None:
    here, there = (add_store(shop, fresh("s"))["store_id"] for _ in range(2))
    too_much(shop, here, mine := fresh("p"))
    too_much(shop, there, fresh("p"))
    caller = shop.caller("stock:read", stores=[here])
    assert [alert["sku"] for alert in caller.read("/v1/alerts")["data"]] == [mine]
    assert problem(caller.get(f"/v1/alerts?store_id={there}")) == (403, "forbidden")


def test_a_store_that_is_not_known_has_no_alerts(shop: World) -> None:
    assert problem(shop.get("/v1/alerts?store_id=moon")) == (404, "not_found")


@pytest.mark.parametrize("query", ["kind=lost", "status=open", "since=yesterday", "limit=0", "cursor=x"])
def test_a_filter_that_is_none_is_refused(shop: World, query: str) -> None:
    assert problem(shop.get(f"/v1/alerts?{query}"))[0] == 400


def test_what_is_in_force_comes_from_all_levels(shop: World) -> None:
    store_id: str = add_store(shop, fresh("s"))["store_id"]
    shop.made("/v1/products", product(sku := fresh("p")))
    says(shop, f"/v1/stores/{store_id}/alert-thresholds", {"dead_days": 90, "low": 3})
    says(shop, f"/v1/products/{sku}/alert-thresholds", {"low": 5, "off": ["dead"]})
    says(shop, f"/v1/stores/{store_id}/alert-thresholds/{sku}", {"high": 40})

    answer = shop.get(f"/v1/stores/{store_id}/alert-thresholds/{sku}")

    assert answer.headers["ETag"] == '"1"'
    told = answer.json()
    assert {name: value for name, value in told["thresholds"].items() if value is not None} == {"high": 40}
    there = told["in_force"]
    assert (there["low"], there["high"], there["dead_days"], there["off"]) == (5, 40, 90, ["dead"])


def test_recipients_are_named_and_their_addresses_are_nowhere(shop: World) -> None:
    path = "/v1/stores/s1/alert-recipients"
    assert shop.call("PUT", f"{path}/e1", {"email": "Li@Shop.example"}).status_code == 200
    assert shop.read(path) == {"data": [{"employee_id": "e1"}]}
    assert "shop.example" not in shop.everything_stored().lower()
    assert problem(shop.call("PUT", f"{path}/nobody", {"email": "x@shop.example"})) == (404, "not_found")
    assert shop.call("PUT", f"{path}/e1", {"email": None}).status_code == 200
    assert shop.read(path) == {"data": []}
