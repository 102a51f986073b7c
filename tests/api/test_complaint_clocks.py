"""The clocks of complaints, and the terms that they run under."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.api import World, complain, fresh
from tests.support.calls import SERVICE_TERMS

Json = dict[str, Any]
ALWAYS: Json = {"time_zone": "Asia/Shanghai", "weekly": [[{"from_min": 0, "until_min": 1440}]] * 7}


def goals(**by_priority: Json) -> list[Json]:
    return [{"priority": priority, "goals": each} for priority, each in by_priority.items()]


def set_terms(shop: World, store_id: str, **terms: Any) -> None:
    path = f"/v1/stores/{store_id}/service-terms"
    before = shop.get(path)
    version = before.headers["ETag"] if before.status_code == 200 else '"0"'
    assert shop.call("PUT", path, terms, If_Match=version).status_code == 200


@pytest.fixture
def store(shop: World) -> str:
    """A store whose service never sleeps, with an hour to answer, or a minute where it is urgent."""
    store_id = fresh("st")
    fields = {"store_id": store_id, "name": "Harbour", "currency": "CNY", "time_zone": "UTC"}
    shop.made("/v1/stores", fields)
    limits = goals(
        normal={"first_response_min": 60, "solution_min": 1_440},
        urgent={"first_response_min": 1},
    )
    set_terms(shop, store_id, calendar=ALWAYS, goals=limits)
    return store_id


def act(shop: World, complaint_id: str, what: str, **body: Any) -> None:
    shop.made(f"/v1/complaints/{complaint_id}/{what}", body)


def shown(shop: World, complaint_id: str) -> dict[tuple[str, int], Json]:
    clocks = shop.read(f"/v1/complaints/{complaint_id}")["clocks"]
    return {(clock["kind"], clock["number"]): clock for clock in clocks}


def due_in(shop: World, complaint_id: str, clock: Json) -> timedelta:
    opened = shop.read(f"/v1/complaints/{complaint_id}")["notes"][0]["written_at"]
    return datetime.fromisoformat(clock["due_at"]) - datetime.fromisoformat(opened)


def test_a_complaint_has_the_time_that_its_store_promises(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)

    clocks = shown(shop, complaint_id)
    assert {name: (clock["running"], clock["goal_s"]) for name, clock in clocks.items()} == {
        ("first_response", 1): (True, 3_600),
        ("update", 1): (True, None),
        ("solution", 1): (True, 86_400),
    }
    assert due_in(shop, complaint_id, clocks["first_response", 1]) == timedelta(hours=1)


def test_an_answer_stops_the_response_clock(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)

    act(shop, complaint_id, "responses", text="We look into it.", employee_id="e1")

    clocks = shown(shop, complaint_id)
    assert (clocks["first_response", 1]["running"], clocks["first_response", 1]["due_at"]) == (False, None)
    assert [name for name, clock in clocks.items() if clock["running"]] == [("update", 2), ("solution", 1)]
    assert shop.read(f"/v1/complaints/{complaint_id}")["notes"][-1]["role"] == "response"


def test_while_the_shop_waits_for_the_customer_nothing_is_due(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)

    act(shop, complaint_id, "pauses", reason="photo")

    assert shop.read(f"/v1/complaints/{complaint_id}")["waits"]
    assert [clock["due_at"] for clock in shown(shop, complaint_id).values()] == [None, None, None]


def test_when_it_waits_no_longer_the_clocks_go_on(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)
    act(shop, complaint_id, "pauses", reason="photo")

    act(shop, complaint_id, "resumptions")

    assert not shop.read(f"/v1/complaints/{complaint_id}")["waits"]
    assert shown(shop, complaint_id)["solution", 1]["due_at"] is not None


@pytest.mark.parametrize("what", ["pauses", "resumptions"])
def test_what_is_so_already_changes_nothing(shop: World, store: str, what: str) -> None:
    complaint_id = complain(shop, store_id=store)
    act(shop, complaint_id, "pauses", reason="photo")
    if what == "resumptions":
        act(shop, complaint_id, "resumptions")
    before = shop.get(f"/v1/complaints/{complaint_id}").headers["ETag"]

    act(shop, complaint_id, what, **({"reason": "photo"} if what == "pauses" else {}))

    assert shop.get(f"/v1/complaints/{complaint_id}").headers["ETag"] == before


def test_a_reopened_complaint_has_to_be_answered_anew(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)
    act(shop, complaint_id, "resolutions", text="Refunded.")

    act(shop, complaint_id, "reopenings", text="Not refunded.")

    running = {name for name, clock in shown(shop, complaint_id).items() if clock["running"]}
    assert running == {("first_response", 2), ("update", 2), ("solution", 1)}


def test_a_complaint_that_becomes_urgent_has_less_time_from_its_opening_on(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)

    act(shop, complaint_id, "priorities", priority="urgent")

    response = shown(shop, complaint_id)["first_response", 1]
    assert due_in(shop, complaint_id, response) == timedelta(minutes=1)


def test_a_complaint_keeps_the_terms_of_its_opening(shop: World, store: str) -> None:
    complaint_id = complain(shop, store_id=store)

    set_terms(shop, store, calendar=ALWAYS, goals=goals(normal={"first_response_min": 5}))

    assert shown(shop, complaint_id)["first_response", 1]["goal_s"] == 3_600
    assert shown(shop, complain(shop, store_id=store))["first_response", 1]["goal_s"] == 300


def test_a_store_without_terms_of_its_own_promises_what_all_do(shop: World) -> None:
    path = "/v1/service-terms"
    before = shop.get(path)
    version = before.headers["ETag"] if before.status_code == 200 else '"0"'
    terms = {"calendar": ALWAYS, "goals": goals(normal={"solution_min": 10})}
    assert shop.call("PUT", path, terms, If_Match=version).status_code == 200
    plain = fresh("st")
    shop.made("/v1/stores", {"store_id": plain, "name": "Hill", "currency": "CNY", "time_zone": "UTC"})

    for about in ({"store_id": plain}, {}):
        assert shown(shop, complain(shop, **about))["solution", 1]["goal_s"] == 600


def test_terms_are_read_as_they_were_set(shop: World, store: str) -> None:
    set_terms(shop, store, **SERVICE_TERMS)

    read = shop.read(f"/v1/stores/{store}/service-terms")
    assert read["calendar"] == {**SERVICE_TERMS["calendar"], "special": []}
    assert read["goals"] == goals(normal={"first_response_min": 60, "update_min": None, "solution_min": None})
    assert read["version"] == 2


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ({"calendar": ALWAYS | {"time_zone": "Mars/Olympus"}}, (422, "invalid_command")),
        ({"calendar": ALWAYS | {"weekly": [*[()] * 6]}}, (400, "invalid_request")),
        ({"calendar": ALWAYS, "goals": goals(normal={"update_min": 0})}, (400, "invalid_request")),
        ({"calendar": ALWAYS, "goals": goals(normal={}) * 2}, (422, "invalid_command")),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    shop: World, store: str, terms: Json, problem: tuple[int, str]
) -> None:
    path = f"/v1/stores/{store}/service-terms"

    refused = shop.call("PUT", path, terms, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == problem


def test_terms_are_changed_only_as_they_were_read(shop: World, store: str) -> None:
    refused = shop.call("PUT", f"/v1/stores/{store}/service-terms", SERVICE_TERMS, If_Match='"7"')

    assert (refused.status_code, refused.json()["code"]) == (412, "version_conflict")
