"""What is due of complaints, the longest overdue first, and whom they are escalated to."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import World, add_shop, complain, world
from tests.support.calls import SERVICE_TERMS
from tests.support.cases import an_hour_to_answer, escalated, opened, told

Json = dict[str, Any]


@pytest.fixture(scope="module")
def town(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("town"))) as made:
        yield made


@pytest.fixture
def desk(town: World) -> World:
    """A tenant of its own with an hour to answer, which escalates at half and the whole of it."""
    shop = town.neighbour()
    add_shop(shop)
    told(shop, [an_hour_to_answer()])
    return shop


def due(shop: World, query: str = "") -> list[Json]:
    return shop.read(f"/v1/complaint-deadlines{query}")["data"]


def test_the_longest_overdue_is_first_with_its_breach_and_level(desk: World) -> None:
    opened(desk, "new", minutes_ago=10)
    opened(desk, "old", minutes_ago=70)
    opened(desk, "half", minutes_ago=40)
    escalated(desk)

    assert [
        (row["complaint_id"], row["clock"], row["breached"], row["level"], row["escalates_at"] is None)
        for row in due(desk)
    ] == [
        ("old", "first_response", True, 2, True),
        ("half", "first_response", False, 1, False),
        ("new", "first_response", False, 0, False),
    ]


def test_what_was_written_just_now_is_known(desk: World) -> None:
    complaint_id = complain(desk)
    assert [row["complaint_id"] for row in due(desk)] == [complaint_id]

    desk.made(f"/v1/complaints/{complaint_id}/assignments", {"employee_id": "e1"})
    assert [row["complaint_id"] for row in due(desk, "?employee_id=e1")] == [complaint_id]
    assert due(desk, "?employee_id=e2") == []

    desk.made(f"/v1/complaints/{complaint_id}/pauses", {"reason": "photo"})
    assert due(desk) == []


def test_what_is_due_is_read_page_by_page(desk: World) -> None:
    opened(desk, *(f"q{number}" for number in range(5)), minutes_ago=5)
    read: list[str] = []
    cursor = ""
    while cursor is not None:
        page = desk.read(f"/v1/complaint-deadlines?limit=2{cursor}")
        read += [row["complaint_id"] for row in page["data"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert read == [f"q{number}" for number in range(5)]


def test_a_key_of_one_store_sees_what_is_due_there(desk: World) -> None:
    complain(desk)
    here = complain(desk, store_id="s1")

    rows = desk.caller("complaints:read", stores=["s1"]).read("/v1/complaint-deadlines")["data"]
    assert [row["complaint_id"] for row in rows] == [here]


def test_levels_are_read_as_they_were_set(desk: World) -> None:
    levels = [
        {"percent": 50, "employee_id": None, "reassigns": False},
        {"percent": 150, "employee_id": "e1", "reassigns": True},
    ]
    terms = SERVICE_TERMS | {"escalations": levels}

    assert desk.call("PUT", "/v1/service-terms", terms, If_Match='"1"').status_code == 200

    assert desk.read("/v1/service-terms")["escalations"] == levels


@pytest.mark.parametrize(
    ("levels", "problem"),
    [
        ([{"percent": 0}], (400, "invalid_request")),
        ([{"percent": 100}, {"percent": 50}], (422, "invalid_command")),
        ([{"percent": 50, "reassigns": True}], (422, "invalid_command")),
        ([{"percent": 50, "employee_id": "ghost"}], (404, "not_found")),
    ],
)
def test_levels_that_make_no_sense_are_refused(
    desk: World, levels: list[Json], problem: tuple[int, str]
) -> None:
    terms = SERVICE_TERMS | {"escalations": levels}

    refused = desk.call("PUT", "/v1/service-terms", terms, If_Match='"1"')

    assert (refused.status_code, refused.json()["code"]) == problem


def test_of_an_address_only_that_it_is_there_is_told(desk: World) -> None:
    path = "/v1/service-contacts/e1"
    assert desk.read(path) == {"employee_id": "e1", "mailed": False}

    assert desk.call("PUT", path, {"email": "e1@shop.example"}).status_code == 200

    assert desk.read(path) == {"employee_id": "e1", "mailed": True}
    assert "e1@shop.example" not in desk.everything_stored()
