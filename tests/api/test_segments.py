"""Segments with rules: defined, worked out, read; and what a till then knows of the customer."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.crypto.master_key import MasterKey
from infra.tenancy import open_tenant
from tests.support.api import World, add_shop, basket, cny, world
from workers.jobs.segments import evaluate_as_of

BUYERS = {"rule": {"kind": "measure", "measure": "purchases", "at_least": 1}}
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """A shop in which c1 has bought and c2 has not; `buyers` were worked out."""
    with world(worker_id, tmp_path_factory.mktemp("segments")) as opened:
        add_shop(opened)
        opened.made("/v1/customers", {"customer_id": "c2"})
        sold(opened)
        put(opened, "buyers", BUYERS, '"0"')
        opened.catch_up()
        evaluate(opened)
        yield opened


def sold(shop: World, customer_id: str = "c1") -> Any:
    """An apple, yesterday: in Shanghai it may be tomorrow by now, and days to come are not looked at."""
    at = f"{TODAY - timedelta(days=1)}T09:00:00Z"
    return shop.made("/v1/stores/s1/sales", basket(customer_id=customer_id, occurred_at=at))


def put(shop: World, segment_id: str, body: Any, version: str) -> Any:
    return shop.call("PUT", f"/v1/segments/{segment_id}", body, If_Match=version)


def evaluate(shop: World) -> None:
    async def run() -> None:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            await evaluate_as_of(tenant, TODAY)

    asyncio.run(run())
    shop.catch_up()


def test_a_definition_is_read_as_it_was_written(shop: World) -> None:
    rule = {
        "kind": "all",
        "of": [
            {"kind": "score", "part": "recency", "at_least": 4, "at_most": None},
            {"kind": "not", "of": {"kind": "stage", "stages": ["lost"]}},
        ],
    }
    cuts = {"recency_days": [30, 60, 90, 180], "frequency": [2], "monetary_minor": [10_000]}
    lively = {"rule": rule, "rfm": cuts, "window_days": 365}
    assert put(shop, "lively", lively, '"0"').json() == {"version": 1}

    found = shop.get("/v1/segments/lively")

    assert found.headers["ETag"] == '"1"'
    read = found.json()
    assert (read["rule"], read["rfm"], read["window_days"], read["version"]) == (rule, cuts, 365, 1)
    assert read["evaluated_as_of"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"rule": {"kind": "sum", "of": []}},
        {"rule": {"kind": "all", "of": []}},
        {"rule": {"kind": "birthday", "day": "03-01"}},
        {"rule": {"kind": "measure", "measure": "height", "at_least": 1}},
        {"rule": BUYERS["rule"], "currency": "yuan"},
        {},
    ],
)
def test_what_is_no_rule_is_a_bad_request(shop: World, body: Any) -> None:
    assert put(shop, "odd", body, '"0"').status_code == 400


def test_a_rule_thousands_deep_is_a_bad_request(shop: World) -> None:
    rule: Any = BUYERS["rule"]
    for _ in range(200):
        rule = {"kind": "not", "of": rule}
    assert put(shop, "deep", {"rule": rule}, '"0"').status_code in {400, 422}


def test_members_and_counts_are_read(shop: World) -> None:
    listed = {one["segment_id"]: one for one in shop.get("/v1/segments").json()["data"]}
    assert (listed["buyers"]["members"], listed["buyers"]["evaluated_as_of"]) == (1, TODAY.isoformat())
    (day,) = shop.get(f"/v1/segments/buyers/counts?from={TODAY}&to={TODAY}").json()["days"]
    assert day == {"as_of": TODAY.isoformat(), "version": 1, "entered": 1, "left": 0, "members": 1}
    members = shop.get("/v1/segments/buyers/members").json()
    assert members == {
        "data": [{"customer_id": "c1", "entered_as_of": TODAY.isoformat()}],
        "next_cursor": None,
    }


def test_an_offer_and_a_price_list_for_a_segment_reach_who_entered_it(shop: World) -> None:
    offer = {
        "offer_id": "for-buyers",
        "name": "For buyers",
        "currency": "CNY",
        "phase": "order",
        "benefit": {"kind": "percent_off", "rate_bp": 1_000},
        "conditions": {"segments": ["buyers"]},
    }
    shop.made("/v1/offers", offer)
    assert sold(shop)["total"] == cny(900)
    assert sold(shop, customer_id="c2")["total"] == cny(1_000)
    shop.call("DELETE", "/v1/offers/for-buyers", If_Match='"1"')

    shop.made("/v1/price-lists", {"list_id": "l1", "name": "L", "currency": "CNY", "segments": ["buyers"]})
    prices = {"prices": [{"sku": "apple", "price": cny(800)}]}
    assert shop.post("/v1/price-lists/l1/prices", prices).is_success
    assert sold(shop)["total"] == cny(800)
    assert sold(shop, customer_id="c2")["total"] == cny(1_000)
