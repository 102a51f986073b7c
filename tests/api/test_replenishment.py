"""Policies are set, orders are suggested and decided over HTTP."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.api import Json, World, add_shop, problem, receive, world

STORE = "/v1/stores/s1/replenishment"
POLICY = {"rule": {"kind": "min_max", "minimum": 10, "maximum": 40}, "pack": 6, "supplier_id": "orchard"}
RULES = (
    POLICY["rule"],
    {"kind": "order_up_to", "service_level": 9500},
    {"kind": "reorder_point", "service_level": 9500, "quantity": 24, "order_cost": 0, "holding_cost": 0},
    {"kind": "newsvendor", "underage_cost": 70, "overage_cost": 18},
)


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        yield opened


def with_policy(shop: World, policy: Json | None = None, version: int = 0) -> None:
    path = f"{STORE}/policies/apple"
    response = shop.call("PUT", path, {"policy": policy or POLICY}, If_Match=f'"{version}"')
    assert (response.status_code, response.json()) == (200, {"version": version + 1})


def suggested(shop: World) -> Json:
    """The one suggestion where five apples are on the shelf."""
    with_policy(shop)
    receive(shop, "apple", 5)
    shop.catch_up()
    assert shop.call("POST", f"{STORE}/looks").json()["suggested"] == 1
    shop.catch_up()
    (suggestion,) = shop.get(f"{STORE}/suggestions").json()["data"]
    return suggestion


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["kind"])
def test_a_policy_is_read_as_it_was_set(shop: World, rule: Json) -> None:
    with_policy(shop, {**POLICY, "rule": rule})

    read = shop.get(f"{STORE}/policies/apple")

    assert read.headers["ETag"] == '"1"'
    assert {name: read.json()[name] for name in POLICY} == {**POLICY, "rule": rule}


def test_a_policy_is_ended(shop: World) -> None:
    with_policy(shop)
    assert shop.call("PUT", f"{STORE}/policies/apple", {"policy": None}, If_Match='"1"').status_code == 200
    assert problem(shop.get(f"{STORE}/policies/apple")) == (404, "not_found")
    assert problem(shop.get(f"{STORE}/demand/apple")) == (404, "not_found")


@pytest.mark.parametrize(
    ("policy", "refusal"),
    [
        ({"rule": {"kind": "min_max", "minimum": 40, "maximum": 40}}, (422, "invalid_command")),
        ({"rule": {"kind": "reorder_point", "service_level": 9500}}, (422, "invalid_command")),
        ({"rule": {"kind": "order_up_to", "service_level": 10_000}}, (400, "invalid_request")),
        ({"rule": {"kind": "guess"}}, (400, "invalid_request")),
        ({"rule": POLICY["rule"], "pack": 0}, (400, "invalid_request")),
    ],
)
def test_a_policy_that_no_order_can_follow_from_is_refused(
    shop: World, policy: Json, refusal: tuple[int, str]
) -> None:
    path = f"{STORE}/policies/apple"
    assert problem(shop.call("PUT", path, {"policy": policy}, If_Match='"0"')) == refusal


def test_a_suggestion_says_why(shop: World) -> None:
    suggestion = suggested(shop)

    assert (suggestion["quantity"], suggestion["status"], suggestion["supplier_id"]) == (
        36,
        "made",
        "orchard",
    )
    assert (suggestion["position"], suggestion["levels"]) == (5, {"reorder_at": 10, "up_to": 40})
    assert suggestion["why"] == (
        "The position 5 is at or below 10. Up to 40, 35 are missing: 36 in packs of 6."
    )


def test_an_item_is_shown_as_it_is_now(shop: World) -> None:
    suggested(shop)

    shown = shop.get(f"{STORE}/demand/apple").json()

    assert (shown["shelf"]["on_hand"], shown["suggested"], shown["position"]) == (5, 36, 41)


def test_an_accepted_suggestion_is_ordered(shop: World) -> None:
    suggested(shop)
    path = f"{STORE}/suggestions/apple/decision"
    shop.made(path, {"number": 1, "quantity": 48, "reason": "fair on sunday"})
    shop.made(
        f"{STORE}/suggestions/ordered",
        {"reference": "purchase-p1", "suggestions": [{"sku": "apple", "number": 1}]},
    )
    shop.catch_up()

    assert shop.get(f"{STORE}/suggestions").json()["data"] == []
    (one,) = shop.get(f"{STORE}/suggestions?status=ordered").json()["data"]
    assert (one["quantity"], one["suggested"], one["reason"]) == (48, 36, "fair on sunday")
    assert one["reference"] == "purchase-p1"


def test_a_suggestion_is_decided_once_and_a_repeat_gets_its_answer(shop: World) -> None:
    suggested(shop)
    path = f"{STORE}/suggestions/apple/decision"
    first = shop.post(path, {"number": 1}, Idempotency_Key="once")
    again = shop.post(path, {"number": 1}, Idempotency_Key="once")
    assert (first.json(), again.headers["Idempotent-Replayed"]) == (again.json(), "true")
    assert problem(shop.post(path, {"number": 1})) == (409, "suggestion_settled")


def test_what_was_never_suggested_is_not_found(shop: World) -> None:
    suggested(shop)
    assert problem(shop.post(f"{STORE}/suggestions/apple/decision", {"number": 2})) == (404, "not_found")


def test_another_quantity_needs_a_reason(shop: World) -> None:
    suggested(shop)
    path = f"{STORE}/suggestions/apple/decision"
    assert problem(shop.post(path, {"number": 1, "quantity": 0})) == (422, "invalid_command")


def test_suggestions_come_in_pages(shop: World) -> None:
    suggested(shop)
    shop.made(f"{STORE}/suggestions/apple/decision", {"number": 1, "quantity": 5, "reason": "small shelf"})
    shop.catch_up()
    shop.call("POST", f"{STORE}/looks")
    shop.catch_up()

    page = shop.get(f"{STORE}/suggestions?limit=1").json()
    rest = shop.get(f"{STORE}/suggestions?limit=1&cursor={page['next_cursor']}").json()

    assert [one["number"] for one in page["data"] + rest["data"]] == [1, 2]
    assert rest["next_cursor"] is None
