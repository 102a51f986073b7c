"""Reviews through the API: who may read and say what, and that they are forgotten with the employee."""

from typing import Any

import pytest

from tests.support.api import Caller, Json, World, fresh
from tests.support.calls import SCORECARD
from tests.support.people import PersonAtWork, signed_in

TEXT, ANSWER, PLAN, NOTE = "Greets nobody.", "I am shy.", "Say hello.", "Said hello twice."
DRAFT: Json = {"text": TEXT, "plans": [{"kind": "improvement", "text": PLAN, "due": "2026-05-01"}]}


class Reviewed:
    """An employee of store s1 who signs in, and their review of the fourth quarter."""

    def __init__(self, shop: World, *, given: bool = True) -> None:
        self.employee_id = fresh("e")
        shop.made("/v1/employees", {"employee_id": self.employee_id, "name": "Wang", "store_id": "s1"})
        self.person = at_work(shop, self.employee_id, "cashier")
        self.path = f"/v1/employees/{self.employee_id}/reviews/q4"
        assert shop.call("PUT", self.path, DRAFT, If_Match='"0"').status_code == 200
        if given:
            shop.made(f"{self.path}/giving", {})


def at_work(shop: World, employee_id: str, role: str, store_id: str = "s1") -> PersonAtWork:
    person = signed_in(shop, role, store_id=store_id)
    linked = shop.call("PATCH", f"/v1/users/{person.user_id}", {"employee_id": employee_id}, If_Match='"0"')
    assert linked.status_code == 200, linked.text
    return person


def test_the_employee_reads_and_answers_what_they_were_given(shop: World) -> None:
    reviewed = Reviewed(shop)

    reviewed.person.made(f"{reviewed.path}/acknowledgement", {"comment": ANSWER})

    review = reviewed.person.read(reviewed.path)
    assert (review["text"], review["status"]) == (TEXT, "acknowledged")
    assert review["plans"] == [{"number": 1, "kind": "improvement", "text": PLAN, "due": "2026-05-01"}]
    assert review["comments"] == [{"text": ANSWER, "by_employee": True}]


def test_the_employee_sees_no_draft(shop: World) -> None:
    reviewed = Reviewed(shop, given=False)
    shop.catch_up()

    assert shop.refusal(lambda: reviewed.person.get(reviewed.path)) == (404, "not_found")
    assert reviewed.person.read(f"/v1/employees/{reviewed.employee_id}/reviews")["data"] == []
    assert len(shop.read(f"/v1/employees/{reviewed.employee_id}/reviews")["data"]) == 1


def test_colleagues_and_managers_of_other_stores_read_nothing(shop: World) -> None:
    reviewed = Reviewed(shop)
    strangers: tuple[Caller, ...] = (
        at_work(shop, "e1", "cashier"),
        signed_in(shop, "manager", store_id="s2"),
        signed_in(shop, "service"),
        shop.caller("reviews:read", stores=["s2"]),
    )

    for stranger in strangers:
        assert shop.refusal(lambda who=stranger: who.get(reviewed.path)) == (403, "forbidden")


def test_the_manager_of_the_store_reads_and_follows_up(shop: World) -> None:
    reviewed, manager = Reviewed(shop), signed_in(shop, "manager", store_id="s1")
    shop.catch_up()
    due = "/v1/stores/s1/follow-ups?due=2026-05-01&limit=250"
    assert reviewed.employee_id in {row["employee_id"] for row in manager.read(due)["data"]}

    manager.made(f"{reviewed.path}/follow-ups", {"plan": 1, "outcome": "done", "note": NOTE})

    shop.catch_up()
    assert reviewed.employee_id not in {row["employee_id"] for row in manager.read(due)["data"]}
    review = manager.read(reviewed.path)
    assert review["follow_ups"] == [{"plan": 1, "outcome": "done", "due": None, "note": NOTE}]
    assert review["plans"][0]["due"] is None


def due_in(shop: World, store_id: str) -> set[str]:
    shop.catch_up()
    rows = shop.read(f"/v1/stores/{store_id}/follow-ups?due=2026-05-01&limit=250")["data"]
    return {row["employee_id"] for row in rows}


def test_who_moves_to_another_store_is_followed_up_there(shop: World) -> None:
    employee_id = Reviewed(shop).employee_id
    employee = f"/v1/employees/{employee_id}"
    version = shop.get(employee).headers["ETag"]
    assert shop.call("PATCH", employee, {"store_id": "s2"}, If_Match=version).status_code == 200

    assert employee_id not in due_in(shop, "s1")
    assert employee_id in due_in(shop, "s2")


def test_nobody_follows_up_whom_the_shop_has_forgotten(shop: World) -> None:
    employee_id = Reviewed(shop).employee_id
    assert employee_id in due_in(shop, "s1")

    shop.made(f"/v1/employees/{employee_id}/erasure", {"reason": "left"})

    assert employee_id not in due_in(shop, "s1")


def test_nobody_reviews_themself(shop: World) -> None:
    employee_id = fresh("e")
    shop.made("/v1/employees", {"employee_id": employee_id, "name": "Boss", "store_id": "s1"})
    boss = at_work(shop, employee_id, "manager")

    path = f"/v1/employees/{employee_id}/reviews/q4"
    assert shop.refusal(lambda: boss.call("PUT", path, DRAFT, If_Match='"0"')) == (403, "forbidden")


def test_nobody_rates_themself(shop: World) -> None:
    employee_id, card = fresh("e"), f"/v1/scorecards/{fresh('card')}"
    shop.made("/v1/employees", {"employee_id": employee_id, "name": "Boss", "store_id": "s1"})
    boss = at_work(shop, employee_id, "manager")
    assert shop.call("PUT", card, SCORECARD, If_Match='"0"').status_code == 200
    shop.made(f"{card}/cycles", {"period": "2026-01"})
    figure = {"indicator": "attendance", "figure": 1_000}

    own = f"{card}/cycles/2026-01/ratings/{employee_id}"
    assert shop.refusal(lambda: boss.call("PUT", own, figure)) == (403, "forbidden")
    assert boss.call("PUT", f"{card}/cycles/2026-01/ratings/e1", figure).status_code == 200


def test_nobody_acknowledges_for_another(shop: World) -> None:
    reviewed, manager = Reviewed(shop), signed_in(shop, "manager", store_id="s1")

    path = f"{reviewed.path}/acknowledgement"
    assert shop.refusal(lambda: manager.post(path, {})) == (403, "forbidden")


def test_who_read_a_review_is_on_record(shop: World) -> None:
    reviewed = Reviewed(shop)
    reviewed.person.read(reviewed.path, Daybook_Purpose="talk")

    found = shop.read(f"/v1/audit/accesses?subject=employee-{reviewed.employee_id}")["data"]
    assert [(access["operation"], access["purpose"], access["texts"]) for access in found] == [
        ("getReview", "talk", 2)
    ]


def test_texts_stand_in_clear_nowhere(shop: World) -> None:
    reviewed = Reviewed(shop)
    reviewed.person.made(f"{reviewed.path}/acknowledgement", {"comment": ANSWER})
    shop.made(f"{reviewed.path}/follow-ups", {"plan": 1, "outcome": "missed", "note": NOTE})
    shop.catch_up()

    stored = shop.everything_stored()
    assert [text for text in (TEXT, ANSWER, PLAN, NOTE) if text in stored] == []


def test_a_review_is_forgotten_with_the_employee(shop: World) -> None:
    reviewed = Reviewed(shop)
    shop.made(f"/v1/employees/{reviewed.employee_id}/erasure", {"reason": "left"})

    assert shop.refusal(lambda: shop.get(reviewed.path)) == (410, "erased")
    again: Any = {"comment": "Still here."}
    assert shop.refusal(lambda: shop.post(f"{reviewed.path}/comments", again)) == (410, "erased")


@pytest.mark.parametrize("wrong", [{"outcome": "put_off"}, {"outcome": "done", "due": "2027-01-01"}])
def test_what_is_put_off_has_another_day_and_nothing_else_has(shop: World, wrong: Json) -> None:
    path = f"{Reviewed(shop).path}/follow-ups"
    assert shop.refusal(lambda: shop.post(path, {"plan": 1, **wrong})) == (422, "invalid_command")
