"""What operators and load balancers ask."""

from datetime import UTC, datetime

import pytest

from tests.support.api import World, receive
from tests.support.journals import query
from tests.support.personal import follow


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_told_to_everybody(shop: World, path: str) -> None:
    response = shop.stranger().get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_metrics_tell_position_and_lag(shop: World) -> None:
    position = shop.catch_up()
    receive(shop, "apple", 1)
    metrics = shop.stranger().get("/metrics").text.splitlines()
    assert {
        f'daybook_journal_position{{tenant="shop"}} {position + 1}.0',
        'daybook_projection_lag_events{projection="stock_levels",tenant="shop"} 1.0',
    } <= set(metrics)


def test_metrics_tell_how_far_the_index_of_customers_is_behind(shop: World) -> None:
    follow(shop)
    receive(shop, "apple", 1)
    assert 'daybook_customer_index_lag_events{tenant="shop"} 1.0' in shop.stranger().get("/metrics").text


def test_metrics_count_the_answers_by_route_and_status(shop: World) -> None:
    """Refusals at the door are answers too, and ids make no series of their own."""
    path = "/v1/products/{sku}"

    def answered(status: int) -> float:
        metrics = shop.stranger().get("/metrics").text.splitlines()
        series = f'daybook_request_duration_seconds_count{{method="GET",path="{path}",status="{status}"}} '
        return next((float(line.removeprefix(series)) for line in metrics if line.startswith(series)), 0.0)

    before = {status: answered(status) for status in (200, 401, 404)}
    shop.read("/v1/products/apple")
    shop.read("/v1/products/cherry")
    shop.stranger().get("/v1/products/apple")
    shop.get("/v1/products/nothing")
    assert {status: answered(status) - before[status] for status in before} == {200: 2, 401: 1, 404: 1}


def test_metrics_are_in_prometheus_own_format(shop: World) -> None:
    assert shop.stranger().get("/metrics").headers["Content-Type"].startswith("text/plain; version=")


def test_the_status_tells_how_far_each_read_model_is(shop: World) -> None:
    position = shop.catch_up()
    receive(shop, "apple", 1)
    status = shop.read("/v1/status")
    stock = next(model for model in status["projections"] if model["name"] == "stock_levels")
    assert (status["position"], stock["position"], stock["lag"]) == (position + 1, position, 1)


def test_rows_that_take_no_events_any_more_are_counted(shop: World) -> None:
    """Two events wait at one row, one at another."""
    shop.catch_up()
    parked = (
        "INSERT INTO parked_events (projection, table_name, key, position, error)"
        " VALUES ('stock_levels', 'stock_levels', %s, %s, %s)"
    )
    waiting = (('["s1","apple"]', 1, "bug"), ('["s1","apple"]', 2, None), ('["s1","pear"]', 3, "bug"))
    for key, position, error in waiting:
        query(shop.tenant.owner_url, shop.tenant, parked, key, position, error)

    status = shop.read("/v1/status")
    metrics = shop.stranger().get("/metrics").text.splitlines()
    query(shop.tenant.owner_url, shop.tenant, "DELETE FROM parked_events")

    parked_rows = {model["name"]: model["parked"] for model in status["projections"] if model["parked"]}
    assert parked_rows == {"stock_levels": 2}
    assert 'daybook_projection_parked_keys{projection="stock_levels",tenant="shop"} 2.0' in metrics


def test_an_operator_sees_what_is_being_made_anew_and_what_is_kept(shop: World) -> None:
    position = shop.catch_up()
    rebuild = (
        "INSERT INTO projection_rebuilds"
        " (name, version, epoch, position, folded, owner, alive_at, resumed_at, error)"
        " VALUES (%s, 2, 0, 10, 50, %s, %s, now() - interval '10 seconds', %s)"
    )
    now = datetime.now(UTC)
    query(shop.tenant.owner_url, shop.tenant, rebuild, "stock_levels", "host:7", now, None)
    query(shop.tenant.owner_url, shop.tenant, rebuild, "sales_report", None, None, "can't fold it")
    query(
        shop.tenant.owner_url,
        shop.tenant,
        "INSERT INTO previous_projections (name, version, position, parked)"
        " VALUES ('stock_levels', 1, 9, '[]')",
    )

    listed = {model["name"]: model for model in shop.read("/v1/projections")["projections"]}
    metrics = shop.stranger().get("/metrics").text.splitlines()
    query(shop.tenant.owner_url, shop.tenant, "DELETE FROM projection_rebuilds")
    query(shop.tenant.owner_url, shop.tenant, "DELETE FROM previous_projections")
    after = shop.stranger().get("/metrics").text

    under_way, failed = listed["stock_levels"]["rebuild"], listed["sales_report"]["rebuild"]
    assert (under_way["version"], under_way["folded"], under_way["owner"]) == (2, 50, "host:7")
    assert under_way["alive"]
    assert 4 < under_way["events_per_s"] <= 5
    assert under_way["seconds_left"] == pytest.approx(max(0, position - 50) / 5, abs=2)
    assert (failed["error"], failed["seconds_left"], failed["alive"]) == ("can't fold it", None, False)
    assert listed["customer_profile"]["rebuild"] is None
    assert listed["stock_levels"]["previous"]["position"] == 9
    labels = 'projection="sales_report",tenant="shop"'
    assert f"daybook_projection_rebuild_failed{{{labels}}} 1.0" in metrics
    assert f"daybook_projection_rebuild_failed{{{labels}}}" not in after


def test_the_keeper_of_a_read_model_is_told(shop: World) -> None:
    shop.catch_up()
    keep = "UPDATE projection_checkpoints SET owner = %s, alive_at = now()"
    query(shop.tenant.owner_url, shop.tenant, keep, "host:8")
    metrics = shop.stranger().get("/metrics").text.splitlines()
    listed = shop.read("/v1/projections")["projections"]
    query(
        shop.tenant.owner_url, shop.tenant, "UPDATE projection_checkpoints SET owner = NULL, alive_at = NULL"
    )

    series = 'daybook_projection_owner_info{owner="host:8",projection="stock_levels",tenant="shop"} 1.0'
    assert series in metrics
    assert {(model["owner"], model["alive"]) for model in listed} == {("host:8", True)}


def test_the_docs_are_open_to_everybody(shop: World) -> None:
    response = shop.stranger().get("/docs")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
