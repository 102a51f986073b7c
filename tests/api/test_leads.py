"""Leads and tasks over HTTP: the board, follow-ups, reminders and conversion."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.jobs import migrate_jobs
from tests.support.api import World, fresh, fresh_word
from tests.support.reacting import at_rest
from workers.task_reminders import TASK_REMINDERS

Json = dict[str, Any]
SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).isoformat()
TODAY = datetime.now(UTC).date()
RULES = [
    {"rule": "call", "on": "opened", "action": "call", "in_days": 1},
    {"rule": "visit", "after": "call", "action": "visit", "in_days": 3},
]


def lead(shop: World, **fields: Any) -> str:
    customer_id = fields.pop("customer_id", None) or shop.made("/v1/customers", {})["customer_id"]
    body = {"customer_id": customer_id, "store_id": "s1", "source": "web", **fields}
    return shop.made("/v1/leads", body)["lead_id"]


def act(shop: World, lead_id: str, what: str, **body: Any) -> None:
    shop.made(f"/v1/leads/{lead_id}/{what}", body)


def task(shop: World, **fields: Any) -> str:
    body = {"store_id": "s1", "subject": "customer-c1", "action": "call", "due_at": SOON, **fields}
    return shop.made("/v1/tasks", body)["task_id"]


def listed(shop: World, query: str = "") -> list[str]:
    shop.catch_up()
    return [each["task_id"] for each in shop.read(f"/v1/tasks?limit=250{query}")["data"]]


@pytest.fixture
def rules(shop: World) -> None:
    before = shop.get("/v1/follow-up-rules")
    version = before.headers["ETag"] if before.status_code == 200 else '"0"'
    assert shop.call("PUT", "/v1/follow-up-rules", {"rules": RULES}, If_Match=version).status_code == 200


def test_a_lead_is_shown_with_its_notes_and_its_quotation(shop: World) -> None:
    lead_id = lead(shop, text="Wants a hamper.", sku="apple", employee_id="e1")
    act(shop, lead_id, "stages", stage="quoted", amount={"amount": 900, "currency": "CNY"})
    act(shop, lead_id, "notes", text="Calls back.")

    shown = shop.read(f"/v1/leads/{lead_id}")

    assert shown["notes"] == ["Wants a hamper.", "Calls back."]
    assert (shown["stage"], shown["amount"]) == ("quoted", {"amount": 900, "currency": "CNY"})
    assert (shown["employee_id"], shown["sku"]) == ("e1", "apple")


def test_the_board_tells_where_leads_stand(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    won, lost = (lead(shop, customer_id=customer_id) for _ in range(2))
    act(shop, won, "wins")
    act(shop, lost, "losses", reason="price")
    shop.catch_up()

    board = shop.read(f"/v1/leads?customer_id={customer_id}")["data"]

    assert {each["lead_id"]: (each["stage"], each["reason"]) for each in board} == {
        won: ("won", None),
        lost: ("lost", "price"),
    }
    assert {
        each["lead_id"] for each in shop.read(f"/v1/leads?customer_id={customer_id}&stage=won")["data"]
    } == {won}


def test_the_leads_of_somebody_are_those_of_all_their_records(shop: World) -> None:
    survivor, other = (shop.made("/v1/customers", {})["customer_id"] for _ in range(2))
    theirs = {lead(shop, customer_id=one) for one in (survivor, other)}
    shop.made(f"/v1/customers/{survivor}/merges", {"other_id": other})
    shop.catch_up()

    for one in (survivor, other):
        assert {each["lead_id"] for each in shop.read(f"/v1/leads?customer_id={one}")["data"]} == theirs


def test_a_customer_who_is_forgotten_takes_the_notes_along(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Li"})["customer_id"]
    lead_id = lead(shop, customer_id=customer_id, text="Wants a hamper.")
    shop.made(f"/v1/customers/{customer_id}/erasure", {})

    assert shop.read(f"/v1/leads/{lead_id}")["notes"] == [None]
    refused = shop.refusal(lambda: shop.post(f"/v1/leads/{lead_id}/notes", {"text": "Gone."}))
    assert refused == (410, "erased")
    act(shop, lead_id, "losses", reason="gone")


def test_a_repeated_opening_plans_its_tasks_once(shop: World, rules: None) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    body = {"customer_id": customer_id, "store_id": "s1", "source": "web"}
    key = fresh("key")
    first, second = (shop.post("/v1/leads", body, Idempotency_Key=key) for _ in range(2))

    assert first.json()["lead_id"] == second.json()["lead_id"]
    assert listed(shop, f"&subject=lead-{first.json()['lead_id']}") == [f"{first.json()['lead_id']}.1"]


def test_a_task_that_is_done_opens_the_next_for_whoever_has_the_lead(shop: World, rules: None) -> None:
    lead_id = lead(shop)
    act(shop, lead_id, "assignments", employee_id="e1")
    shop.made(f"/v1/tasks/{lead_id}.1/completion", {"outcome": "reached", "text": "Likes pears."})

    done, visit = (shop.read(f"/v1/tasks/{lead_id}.{number}") for number in (1, 2))

    assert (done["status"], done["outcome"], done["outcome_text"]) == ("done", "reached", "Likes pears.")
    assert (visit["status"], visit["action"], visit["employee_id"]) == ("open", "visit", "e1")
    assert shop.read(f"/v1/leads/{lead_id}")["tasks"] == [f"{lead_id}.1", f"{lead_id}.2"]


def test_with_a_lost_lead_its_tasks_are_off_the_list(shop: World, rules: None) -> None:
    lead_id = lead(shop)
    own = task(shop, subject=f"lead-{lead_id}")
    act(shop, lead_id, "losses", reason="price")

    assert listed(shop, f"&subject=lead-{lead_id}") == [own]
    assert listed(shop, f"&subject=lead-{lead_id}&status=cancelled") == [f"{lead_id}.1"]


def test_no_task_is_opened_about_what_another_store_has(shop: World) -> None:
    elsewhere = lead(shop, store_id="s2")
    complaint = {"store_id": "s2", "channel": "phone", "category": "quality", "text": "Sour."}
    complaint_id = shop.made("/v1/complaints", complaint)["complaint_id"]
    staff = shop.caller("leads:write", stores=["s1"])

    for subject in (f"lead-{elsewhere}", f"complaint-{complaint_id}"):
        body = {"store_id": "s1", "subject": subject, "action": "call", "due_at": SOON}
        assert shop.refusal(lambda body=body: staff.post("/v1/tasks", body)) == (403, "forbidden")


def test_what_a_task_says_about_a_complaint_is_forgotten_with_the_customer(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Li"})["customer_id"]
    complaint = {"store_id": "s1", "channel": "phone", "category": "quality", "text": "Sour."}
    complaint_id = shop.made("/v1/complaints", {**complaint, "customer_id": customer_id})["complaint_id"]
    task_id = task(shop, subject=f"complaint-{complaint_id}", text="Li is at home after six.")
    assert shop.read(f"/v1/tasks/{task_id}")["text"] == "Li is at home after six."

    shop.made(f"/v1/customers/{customer_id}/erasure", {})

    assert shop.read(f"/v1/tasks/{task_id}")["text"] is None
    shop.made(f"/v1/tasks/{task_id}/completion", {"outcome": "settled"})


def test_what_is_overdue_comes_first_and_is_told_apart(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    subject = f"customer-{customer_id}"
    later = task(shop, subject=subject)
    overdue = task(shop, subject=subject, due_at=YESTERDAY)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert listed(shop, f"&subject={subject}") == [overdue, later]
    assert listed(shop, f"&subject={subject}&due_before={now}") == [overdue]


def test_the_list_of_tasks_goes_on_where_a_page_ended(shop: World) -> None:
    subject = f"customer-{shop.made('/v1/customers', {})['customer_id']}"
    due = {task(shop, subject=subject) for _ in range(3)}
    shop.catch_up()
    first = shop.read(f"/v1/tasks?subject={subject}&limit=2")
    second = shop.read(f"/v1/tasks?subject={subject}&limit=2&cursor={first['next_cursor']}")
    assert {each["task_id"] for each in first["data"] + second["data"]} == due


def test_staff_are_reminded_once_of_what_is_due_and_not_done(new_shop: World) -> None:
    migrate_jobs(new_shop.tenant.owner_url)
    due = task(new_shop, due_at=YESTERDAY)
    put_off = task(new_shop, due_at=YESTERDAY)
    new_shop.made(f"/v1/tasks/{put_off}/due-times", {"due_at": SOON})
    done = task(new_shop, due_at=YESTERDAY)
    new_shop.made(f"/v1/tasks/{done}/completion", {"outcome": "reached"})

    for _ in range(2):
        asyncio.run(at_rest(new_shop, TASK_REMINDERS))

    told = [(each["kind"], each["about"]) for each in new_shop.read("/v1/inbox")["data"]]
    assert told == [("remind_of_task", f"task-{due}")]


def test_a_task_that_was_put_off_and_back_again_reminds_once(new_shop: World) -> None:
    migrate_jobs(new_shop.tenant.owner_url)
    there_and_back = task(new_shop, due_at=YESTERDAY)
    for due_at in (SOON, YESTERDAY):
        new_shop.made(f"/v1/tasks/{there_and_back}/due-times", {"due_at": due_at})

    asyncio.run(at_rest(new_shop, TASK_REMINDERS))

    assert [each["about"] for each in new_shop.read("/v1/inbox")["data"]] == [f"task-{there_and_back}"]


def test_conversion_counts_who_came_at_least_so_far(shop: World) -> None:
    source = fresh_word("fair")
    won, lost, quoted, _ = (lead(shop, source=source, employee_id="e1") for _ in range(4))
    act(shop, won, "wins")
    act(shop, lost, "stages", stage="contacted")
    act(shop, lost, "losses", reason="price")
    act(shop, quoted, "stages", stage="quoted")
    shop.catch_up()

    period = f"from={TODAY - timedelta(days=1)}&to={TODAY + timedelta(days=1)}"
    report = shop.read(f"/v1/reports/leads?{period}&group_by=source&limit=250")

    (row,) = [each for each in report["data"] if each["key"] == source]
    assert [row[each] for each in ("opened", "contacted", "visited", "quoted", "won", "lost")] == [
        *(4, 3, 2, 2, 1, 1)
    ]
    assert {"reason": "price", "leads": 1} in [{**each, "leads": 1} for each in report["lost_for"]]
