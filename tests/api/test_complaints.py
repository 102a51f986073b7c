"""Complaints from opening to resolution, and the board."""

from typing import Any

import pytest

from tests.support.api import World, complain, fresh, sell


def act(shop: World, complaint_id: str, what: str, **body: Any) -> None:
    shop.made(f"/v1/complaints/{complaint_id}/{what}", body)


def resolved(shop: World) -> str:
    complaint_id = complain(shop)
    act(shop, complaint_id, "resolutions", text="We refunded them.")
    return complaint_id


def test_a_complaint_is_opened_with_201(shop: World) -> None:
    complaint_id = fresh("k")
    response = shop.post("/v1/complaints", {"complaint_id": complaint_id, "text": "Soft."})
    position = shop.written()[0]
    assert (response.status_code, response.json()) == (
        201,
        {"complaint_id": complaint_id, "position": position},
    )


def test_a_complaint_answers_with_the_position_it_wrote(shop: World) -> None:
    response = shop.post("/v1/complaints", {"text": "Soft."})
    assert response.headers["Daybook-Position"] == str(shop.written()[0])


def test_a_complaint_is_read_with_all_its_texts(shop: World) -> None:
    sale_id = sell(shop, customer_id="c1")["sale_id"]
    about = {"customer_id": "c1", "store_id": "s1", "sale_id": sale_id, "sku": "apple"}
    complaint_id = complain(shop, "The apples were\nsoft. 很软", **about)
    act(shop, complaint_id, "assignments", employee_id="e1")
    act(shop, complaint_id, "comments", text="Called her.", employee_id="e1")
    act(shop, complaint_id, "resolutions", text="Refunded.")
    act(shop, complaint_id, "reopenings", text="Not refunded.")
    read = shop.read(f"/v1/complaints/{complaint_id}")
    written_at = [note.pop("written_at") for note in read["notes"]]
    assert written_at == sorted(written_at)
    assert read == {
        "complaint_id": complaint_id,
        "status": "assigned",
        "priority": "normal",
        "waits": False,
        "kind": "complaint",
        **dict.fromkeys(("channel", "lot", "supplier_id", "about_employee_id", "referred_to")),
        "category": "quality",
        **about,
        "employee_id": "e1",
        "reopenings": 1,
        "notes": [
            {"role": "opening", "text": "The apples were\nsoft. 很软", "employee_id": None},
            {"role": "comment", "text": "Called her.", "employee_id": "e1"},
            {"role": "resolution", "text": "Refunded.", "employee_id": "e1"},
            {"role": "reopening", "text": "Not refunded.", "employee_id": "e1"},
        ],
        "clocks": [],
    }


def test_a_complaints_etag_is_its_version(shop: World) -> None:
    assert shop.get(f"/v1/complaints/{resolved(shop)}").headers["ETag"] == '"2"'


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("assignments", {"employee_id": "e1"}),
        ("comments", {"text": "Called her."}),
        ("resolutions", {"text": "Refunded."}),
    ],
)
def test_each_step_is_answered_with_201_and_its_position(
    shop: World, what: str, body: dict[str, Any]
) -> None:
    complaint_id = complain(shop)
    response = shop.post(f"/v1/complaints/{complaint_id}/{what}", body)
    position = shop.written()[0]
    assert (response.status_code, response.json()) == (
        201,
        {"complaint_id": complaint_id, "position": position},
    )


def test_what_is_resolved_is_reopened_first(shop: World) -> None:
    path = f"/v1/complaints/{resolved(shop)}/resolutions"
    assert shop.refusal(lambda: shop.post(path, {"text": "Again."})) == (409, "case_resolved")


def test_what_is_open_is_not_reopened(shop: World) -> None:
    path = f"/v1/complaints/{complain(shop)}/reopenings"
    assert shop.refusal(lambda: shop.post(path, {"text": "Again."})) == (409, "case_open")


@pytest.mark.parametrize("what", ["customer_id", "store_id", "sale_id", "sku"])
def test_a_complaint_is_about_what_exists(shop: World, what: str) -> None:
    body = {"text": "Soft.", what: "ghost"}
    assert shop.refusal(lambda: shop.post("/v1/complaints", body)) == (404, "not_found")


def test_a_complaint_is_given_to_somebody_who_exists(shop: World) -> None:
    path = f"/v1/complaints/{complain(shop)}/assignments"
    assert shop.refusal(lambda: shop.post(path, {"employee_id": "ghost"})) == (404, "not_found")


@pytest.mark.parametrize("what", ["assignments", "comments", "resolutions", "reopenings"])
def test_nothing_happens_to_a_complaint_that_does_not_exist(shop: World, what: str) -> None:
    body = {"employee_id": "e1"} if what == "assignments" else {"text": "Again."}
    assert shop.refusal(lambda: shop.post(f"/v1/complaints/ghost/{what}", body)) == (404, "not_found")


@pytest.mark.parametrize("category", ["", " ", "a\nb", "very " * 20, "<b>", "x\x00"])
def test_a_category_is_a_short_cause(shop: World, category: str) -> None:
    body = {"text": "Soft.", "category": category}
    assert shop.refusal(lambda: shop.post("/v1/complaints", body)) == (400, "invalid_request")


@pytest.mark.parametrize("text", ["", "x" * 10_001, "a\x00b", 5, None])
def test_a_text_has_something_to_say(shop: World, text: object) -> None:
    assert shop.refusal(lambda: shop.post("/v1/complaints", {"text": text})) == (400, "invalid_request")


def test_the_board_is_listed_newest_first_page_by_page(shop: World) -> None:
    opened = [complain(shop, store_id="s1") for _ in range(5)]
    shop.catch_up()
    listed: list[str] = []
    cursor = ""
    for _ in range(3):
        page = shop.read(f"/v1/complaints?limit=2{cursor}")
        listed += [row["complaint_id"] for row in page["data"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert listed[:5] == opened[::-1]


def test_the_board_ends_with_a_page_without_a_cursor(shop: World) -> None:
    complain(shop)
    shop.catch_up()
    assert shop.read("/v1/complaints?limit=250")["next_cursor"] is None


def test_the_board_is_listed_by_status(shop: World) -> None:
    complaint_id = resolved(shop)
    complain(shop)
    shop.catch_up()
    rows = shop.read("/v1/complaints?status=resolved")["data"]
    assert (rows[0]["complaint_id"], {row["status"] for row in rows}) == (complaint_id, {"resolved"})


def test_the_board_of_a_key_of_one_store_has_no_others(shop: World) -> None:
    complain(shop, store_id="s1")
    complaint_id = complain(shop, store_id="s2")
    shop.catch_up()
    rows = shop.caller("complaints:read", stores=["s2"]).read("/v1/complaints")["data"]
    assert [row["complaint_id"] for row in rows] == [complaint_id]


def test_the_board_shows_no_texts(shop: World) -> None:
    complain(shop, "The apples were soft.")
    shop.catch_up()
    assert "soft" not in shop.get("/v1/complaints").text


def test_a_status_that_does_not_exist_is_refused(shop: World) -> None:
    assert shop.refusal(lambda: shop.get("/v1/complaints?status=forgotten")) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("judged", "known"),
    [
        pytest.param(("acceptance",), True, id="accepted"),
        pytest.param(("acceptance", "reopenings"), None, id="accepted, and reopened all the same"),
        pytest.param(("disputes",), False, id="disputed"),
        pytest.param(("disputes", "resolutions"), False, id="disputed, and not judged since"),
        pytest.param((), None, id="not judged"),
    ],
)
def test_the_board_tells_whether_a_customer_was_content(
    shop: World, judged: tuple[str, ...], known: bool | None
) -> None:
    complaint_id = resolved(shop)
    for step in judged:
        act(shop, complaint_id, step, **({} if step == "acceptance" else {"text": "Still soft."}))
    shop.catch_up()

    [row] = [row for row in shop.read("/v1/complaints")["data"] if row["complaint_id"] == complaint_id]
    assert row["accepted"] is known
