"""Daybook-Min-Position: a read waits until it knows a write, but not for long."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api import reading
from tests.support.api import MIN_POSITION, World, problem, receive
from tests.support.journals import query

WAITING = (
    "/v1/stores/s1/stock",
    "/v1/stores/s1/stock/apple",
    "/v1/customers/c1/profile",
    "/v1/employees/e1/scores?month=2026-11",
    "/v1/reports/sales?from=2026-01-01&to=2026-12-31",
    "/v1/coupon-campaigns/ten",
    "/v1/complaints",
)


@pytest.mark.parametrize("path", WAITING)
def test_a_read_waits_until_its_position_is_reached(shop: World, path: str) -> None:
    position = receive(shop, "apple", 3)["position"]
    with ThreadPoolExecutor() as waiting:
        response = waiting.submit(shop.get, path, **{MIN_POSITION: str(position)})
        shop.catch_up()
    assert response.result().status_code == 200


def test_a_waiting_read_sees_the_write_it_waited_for(shop: World) -> None:
    booked = receive(shop, "apple", 3)
    with ThreadPoolExecutor() as waiting:
        given = {MIN_POSITION: str(booked["position"])}
        response = waiting.submit(shop.read, "/v1/stores/s1/stock/apple", **given)
        shop.catch_up()
    assert response.result()["on_hand"] == booked["lines"][0]["on_hand"]


def test_a_read_waits_for_the_read_model_that_it_reads_and_no_other(shop: World) -> None:
    """One may be made anew, or be new, and stand far behind."""
    position = shop.catch_up()
    behind = "UPDATE projection_checkpoints SET position = 0 WHERE name = 'sales_report'"
    query(shop.tenant.owner_url, shop.tenant, behind)
    given = {MIN_POSITION: str(position)}
    answers = {path: shop.get(path, **given).status_code for path in WAITING}
    query(
        shop.tenant.owner_url,
        shop.tenant,
        "UPDATE projection_checkpoints SET position = %s WHERE name = 'sales_report'",
        position,
    )

    assert {path for path, status in answers.items() if status != 200} <= {WAITING[4]}


def test_a_position_that_was_taken_back_is_waited_for_again(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a rollback, or by a crash of the database."""
    monkeypatch.setattr(reading, "_TRUSTED_S", 0)
    given = {MIN_POSITION: str(shop.catch_up())}
    assert shop.get(WAITING[0], **given).status_code == 200
    set_back = "UPDATE projection_checkpoints SET position = position + %s WHERE name = 'stock_levels'"
    query(shop.tenant.owner_url, shop.tenant, set_back, -1)
    behind = shop.get(WAITING[0], **given).status_code
    query(shop.tenant.owner_url, shop.tenant, set_back, 1)

    assert behind == 503
    assert shop.get(WAITING[0], **given).status_code == 200


def test_a_read_that_waited_in_vain_is_told_when_to_come_back(shop: World) -> None:
    position = shop.catch_up()
    response = shop.get("/v1/stores/s1/stock", **{MIN_POSITION: str(position + 1)})
    assert (problem(response), response.headers["Retry-After"]) == ((503, "not_caught_up"), "1")


def test_a_read_without_a_position_does_not_wait(shop: World) -> None:
    booked = receive(shop, "apple", 3)
    assert shop.read("/v1/stores/s1/stock/apple")["on_hand"] < booked["lines"][0]["on_hand"]


def test_a_position_that_was_reached_needs_no_waiting(shop: World) -> None:
    position = str(shop.catch_up())
    responses = [shop.get("/v1/stores/s1/stock", **{MIN_POSITION: position}) for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]


@pytest.mark.parametrize("position", ["", "x", "-1", "1.5", "+1", "9" * 19])
@pytest.mark.parametrize("path", WAITING)
def test_a_position_is_a_number(shop: World, path: str, position: str) -> None:
    refusal = shop.refusal(lambda: shop.get(path, **{MIN_POSITION: position}))
    assert refusal == (400, "invalid_request")
