"""What has been reached of a target is what was sold less what came back, whoever shares it."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.support.api import World, add_shop, cny, line, problem, product, receive, sell, world

MARCH_1 = "2026-03-01T10:15:00+08:00"
MARCH_2 = "2026-03-02T23:45:00+08:00"
APRIL = "2026-04-01T00:30:00+08:00"
MARCH = {"first_day": "2026-03-01", "last_day": "2026-03-31"}


@pytest.fixture(scope="module")
def trade(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """March in s1: e1 sells 3 apples (30.00), nobody one and 500 g of cherries (29.95); 1 apple comes back.

    In s2 two soaps (8.00). April is not March.
    """
    with world(worker_id, tmp_path_factory.mktemp("targets")) as opened:
        add_shop(opened)
        opened.made("/v1/products", product("soap", category="care", price=cny(400)))
        receive(opened, "apple", 20, unit_cost=600)
        sale = sell(opened, line("apple", 3), employee_id="e1", occurred_at=MARCH_1)
        sell(opened, line("apple", 1), line("cherry", 500), occurred_at=MARCH_2)
        sell(opened, line("soap", 2), store_id="s2", occurred_at=MARCH_2)
        sell(opened, line("apple", 2), employee_id="e1", occurred_at=APRIL)
        back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft", "occurred_at": MARCH_2}
        opened.made(f"/v1/sales/{sale['sale_id']}/returns", back)
        yield opened


def set_(shop: World, name: str, **target: Any) -> None:
    answer = shop.call("PUT", f"/v1/targets/{name}", {**MARCH, **target}, If_Match='"0"')
    assert answer.status_code == 200, answer.text
    shop.catch_up()


MONEY = {"money": cny(10_000)}


@pytest.mark.parametrize(
    ("about", "reached"),
    [
        ({"store_id": "s1", **MONEY}, 3000 + 2995 - 1000),
        (MONEY, 3000 + 2995 + 800 - 1000),
        ({"employee_id": "e1", **MONEY}, 2000),
        ({"employee_id": "e1", "store_id": "s2", **MONEY}, 0),
        ({"sku": "apple", **MONEY}, 3000),
        ({"sku": "apple", "employee_id": "e1", **MONEY}, 2000),
        ({"category": "care", **MONEY}, 800),
        ({"sku": "cherry", "units": 1000}, 500),
        ({"sku": "apple", "units": 10}, 3),
        ({"store_id": "s1", "units": 10}, 4),
        ({"employee_id": "e1", "units": 10}, 2),
        ({"store_id": "s1", "count": 10}, 1),
        ({"count": 10}, 2),
        ({"employee_id": "e1", "count": 10}, 0),
    ],
    ids=str,
)
def test_what_came_back_is_not_reached(trade: World, about: dict[str, Any], reached: int) -> None:
    name = f"t{abs(hash(str(about)))}"
    set_(trade, name, **about)

    target = trade.read(f"/v1/targets/{name}")

    measure = next(name for name in ("money", "units", "count") if name in about)
    assert target["reached"][measure] == (cny(reached) if measure == "money" else reached)
    goal = 10_000 if measure == "money" else about[measure]
    assert target["reached_permille"] == reached * 1000 // goal


def test_a_target_is_live(trade: World) -> None:
    name, days = "live", {"first_day": "2026-05-01", "last_day": "2199-12-31"}
    answer = trade.call("PUT", f"/v1/targets/{name}", {**days, "store_id": "s2", "count": 2}, If_Match='"0"')
    assert answer.status_code == 200
    sell(trade, line("apple", 1), store_id="s2", occurred_at="2026-05-01T12:00:00+08:00")
    trade.catch_up()

    assert trade.read(f"/v1/targets/{name}")["reached_permille"] == 500


def test_a_goal_changes_by_its_version(trade: World) -> None:
    days = {"first_day": "2026-03-01", "last_day": "2199-12-31"}
    path = "/v1/targets/growing"
    assert trade.call("PUT", path, {**days, "count": 5}, If_Match='"0"').headers["ETag"] == '"1"'
    assert trade.call("PUT", path, {**days, "count": 6}, If_Match='"1"').headers["ETag"] == '"2"'
    assert problem(trade.call("PUT", path, {**days, "count": 7}, If_Match='"1"')) == (412, "version_conflict")
    assert trade.call("DELETE", path, If_Match='"2"').status_code == 200
    trade.catch_up()

    target = trade.get(path)

    assert target.headers["ETag"] == '"3"'
    assert (target.json()["goal"]["count"], target.json()["ended"]) == (6, True)


def test_a_target_of_money_is_in_the_stores_currency(trade: World) -> None:
    euros = {**MARCH, "store_id": "s1", "money": {"amount": 5, "currency": "EUR"}}
    assert problem(trade.call("PUT", "/v1/targets/euros", euros, If_Match='"0"')) == (422, "invalid_command")


def test_a_target_has_one_goal(trade: World) -> None:
    for goals in ({}, {"units": 1, "count": 1}):
        answer = trade.call("PUT", "/v1/targets/two", {**MARCH, **goals}, If_Match='"0"')
        assert problem(answer) == (422, "invalid_command")


def test_a_store_sees_its_own_targets(trade: World) -> None:
    set_(trade, "of-s2", store_id="s2", count=5)

    listed = trade.caller(stores=["s2"]).get("/v1/targets?day=2026-03-05").json()["data"]

    assert {target["store_id"] for target in listed} == {"s2"}
    assert "of-s2" in {target["target_id"] for target in listed}
