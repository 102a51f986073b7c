"""After an erasure nobody reads or finds anything of the person, and every figure is as it was."""

import asyncio
from typing import Any, get_args

import msgspec
import psycopg
import pytest

from domain.book import EVENTS
from domain.kernel.sealed import Sealed
from infra.crypto.key_store import KeyStore
from infra.people import indexer
from infra.postgres.pools import tenant_conninfo
from projections.catalogue import PROJECTIONS
from tests.support.api import (
    World,
    basket,
    cash,
    cny,
    complain,
    draw_code,
    line,
    order,
    problem,
    receive,
    sell,
)
from tests.support.care import send_care, set_rule
from tests.support.people import signed_in
from tests.support.personal import follow, opened_elsewhere, sealed_in_journal, vault_of
from tests.support.read_models import database_of
from workers.replay import Verdict, verify

PERSON: dict[str, Any] = {
    "customer_id": "gone",
    "name": "Wang Xiaoming",
    "phone": "139 1111 2222",
    "email": "Xiaoming@Example.CN",
    "birthday": "1987-06-05",
}
PHONE = "+8613911112222"
SEARCHES: list[dict[str, str]] = [
    {"phone": "+86 139-1111-2222"},
    {"phone_last4": "2222"},
    {"email": "xiaoming@example.cn"},
    {"name": "wang  XIAOMING"},
    {"birthday": "06-05"},
    {"card": "8600-7777"},
]
WHY = {"Daybook_Purpose": "identity check"}

DIGESTS = "SELECT digest FROM customer_index WHERE customer_id = %s"
KEYS = "SELECT subject, part FROM daybook_keys.subject_keys WHERE tenant = %s ORDER BY 1, 2"
TRACES = "SELECT count(*) FROM customer_traces WHERE customer_id = 'gone'"
RECORDED = "SELECT count(*) FROM stored_events WHERE topic = %s"
SOMEBODY_WAITS = b"""
SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
JOURNAL_ROWS = "SELECT state FROM stored_events WHERE notification_id <= %s ORDER BY notification_id"


def make_known(shop: World, person: dict[str, Any] = PERSON) -> dict[str, str]:
    """Everything that may be known of a person; ids by what they are of."""
    customer_id = shop.made("/v1/customers", person)["customer_id"]
    shop.patch(f"/v1/customers/{customer_id}", {"phone": person["phone"]}, version=1)
    shop.patch(f"/v1/customers/{customer_id}/facts", {"card": "8600 7777"}, version=2)
    agreed = {"purpose": "marketing", "channel": "sms", "text_version": "1", "proof": "She said yes."}
    shop.made(f"/v1/customers/{customer_id}/consents", agreed)
    issued = shop.made("/v1/coupon-campaigns/ten/coupons", {"customer_id": customer_id})["coupons"]
    receive(shop, "apple", 10)
    sale_id = sell(shop, line("apple", 2), customer_id=customer_id, coupon_codes=[issued[0]["code"]])[
        "sale_id"
    ]
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "It smelled of feet."}
    shop.made(f"/v1/sales/{sale_id}/returns", back)
    complaint_id = complain(shop, "The melon hit my foot.", customer_id=customer_id)
    shop.made(f"/v1/complaints/{complaint_id}/comments", {"text": "She called from the hospital."})
    about_sale = complain(shop, "Nobody asked for my name.", sale_id=sale_id)
    return {
        "customer": customer_id,
        "sale": sale_id,
        "complaint": complaint_id,
        "about_sale": about_sale,
        "code": issued[0]["code"],
    }


def erase(shop: World, customer_id: str = "gone") -> None:
    shop.made(f"/v1/customers/{customer_id}/erasure", {})


def figures(shop: World) -> dict[str, bytes]:
    """Everything that a bookkeeper reads, as it is answered."""
    shop.catch_up()
    paths = (
        "/v1/reports/sales?from=2000-01-01&to=2100-01-01&group_by=product",
        "/v1/reports/sales?from=2000-01-01&to=2100-01-01&group_by=store",
        "/v1/stores/s1/stock",
        "/v1/coupon-campaigns/ten",
    )
    return {path: shop.get(path).content for path in paths}


@pytest.fixture
def ids(new_shop: World) -> dict[str, str]:
    return make_known(new_shop)


def say_the_rest(shop: World, ids: dict[str, str]) -> None:
    """What make_known leaves out of all that can be said."""
    path = f"/v1/customers/{ids['customer']}"
    version = int(shop.get(path).headers["ETag"].strip('"'))
    changed = {"name": "Wang Da", "email": "da@example.cn", "birthday": "--06-06"}
    assert shop.patch(path, changed, version=version).status_code == 200
    facts = {"gender": "male", "card": "8600 1234", "tags": ["tall"], "household_id": "wangs"}
    assert shop.patch(f"{path}/facts", facts, version=version + 1).status_code == 200
    address = {"lines": ["Via Po 2"], "city": "Roma", "country": "IT"}
    home = {"place": "home", "address": {**address, "city": "Milano"}}
    assert shop.call("PUT", f"{path}/addresses", home, If_Match=f'"{version + 2}"').status_code == 200
    shoes = {"of": "customer", "field": "shoe_size", "label": "Shoes", "type": "integer", "personal": True}
    assert shop.call("PUT", "/v1/custom-fields", shoes).status_code == 200
    noted = {"values": {"shoe_size": 43}}
    assert shop.patch(f"{path}/fields", noted, version=version + 3).status_code == 200
    taken_back = {"purpose": "marketing", "channel": "sms", "proof": "She wrote a letter."}
    shop.made(f"{path}/consents/withdrawals", taken_back)
    shop.made("/v1/gift-cards", {"currency": "CNY", "customer_id": ids["customer"]})
    delivery = {"name": "Nonna", "phone": "+39 06 555 0101", "address": address}
    order(shop, customer_id=ids["customer"], delivery=delivery)
    complaint = f"/v1/complaints/{ids['complaint']}"
    shop.made(f"{complaint}/responses", {"text": "We are looking for flowers."})
    shop.made(f"{complaint}/resolutions", {"text": "We sent flowers."})
    lead = {"customer_id": ids["customer"], "store_id": "s1", "source": "web", "text": "Asked for a hamper."}
    lead_id = shop.made("/v1/leads", lead)["lead_id"]
    shop.made(f"/v1/leads/{lead_id}/notes", {"text": "Calls back."})
    task = {"store_id": "s1", "subject": f"lead-{lead_id}", "action": "call", "text": "After six."}
    task_id = shop.made("/v1/tasks", {**task, "due_at": "2199-01-01T09:00:00Z"})["task_id"]
    shop.made(f"/v1/tasks/{task_id}/completion", {"outcome": "reached", "text": "Likes pears."})
    asked = shop.made(f"{complaint}/survey-links", {})
    shop.stranger().made(asked["path"], {"score": 2, "comment": "I am allergic to flowers."})
    shop.made(f"{complaint}/reopenings", {"text": "The flowers wilted."})
    set_rule(shop, "birthday")
    shop.made(f"{path}/consents", {"purpose": "marketing", "channel": "email", "text_version": "1"})
    message_id = asyncio.run(send_care(shop, "birthday", ids["customer"]))
    reaction = {"message_id": message_id, "kind": "replied", "text": "I am fifty today."}
    shop.made("/v1/care-reactions", reaction)
    assert shop.patch("/v1/employees/e1", {"name": "Li Wei"}, version=1).status_code == 200
    review_the_employee(shop)


def review_the_employee(shop: World) -> None:
    """What is said of the employee, and what they say."""
    path = "/v1/employees/e1/reviews/q4"
    draft = {
        "text": "Greets nobody.",
        "plans": [{"kind": "training", "text": "Say hello.", "due": "2026-05-01"}],
    }
    assert shop.call("PUT", path, draft, If_Match='"0"').status_code == 200
    shop.made(f"{path}/giving", {})
    employee = signed_in(shop, "cashier", store_id="s1")
    linked = shop.call("PATCH", f"/v1/users/{employee.user_id}", {"employee_id": "e1"}, If_Match='"0"')
    assert linked.status_code == 200
    employee.made(f"{path}/acknowledgement", {"comment": "I am shy."})
    employee.made(f"{path}/comments", {"comment": "Very shy."})
    shop.made(f"{path}/follow-ups", {"plan": 1, "outcome": "done", "note": "Said hello twice."})
    recipient = {"email": "li.wei@shop.example"}
    assert shop.call("PUT", "/v1/stores/s1/alert-recipients/e1", recipient).status_code == 200
    assert shop.call("PUT", "/v1/service-contacts/e1", recipient).status_code == 200


def sealed_fields() -> set[str]:
    """The place of every sealed text that an event of the book can hold."""
    return {
        f"{event.TYPE}/{field.name}"
        for event in EVENTS
        for field in msgspec.structs.fields(event)
        if field.type is Sealed or Sealed in get_args(field.type)
    }


def of(boxes: list[Sealed], *subjects: str) -> list[Sealed]:
    return [box for box in boxes if box.subject in subjects]


def test_every_sealed_text_of_the_journal_opens_before_and_none_of_the_person_after(
    new_shop: World, ids: dict[str, str]
) -> None:
    boxes = sealed_in_journal(new_shop)
    theirs = of(boxes, "customer-gone")
    assert {box.place.split("/")[1] for box in theirs} == {
        *("name", "phone", "email", "birthday", "card", "proof", "code", "reason", "text")
    }
    assert None not in opened_elsewhere(new_shop, boxes)

    erase(new_shop)

    assert set(opened_elsewhere(new_shop, theirs)) == {None}
    others = [box for box in boxes if box not in theirs]
    assert None not in opened_elsewhere(new_shop, others)


def test_every_sealed_field_of_the_book_is_closed_when_its_person_is_erased(
    new_shop: World, ids: dict[str, str]
) -> None:
    say_the_rest(new_shop, ids)
    new_shop.made("/v1/suppliers", {"supplier_id": "orchard", "name": "Orchard", "currency": "CNY"})
    bo = {"contact_id": "bo", "name": "Bo", "phone": "+39 06 555 0101", "email": "bo@orchard.example"}
    new_shop.made("/v1/suppliers/orchard/contacts", bo)
    boxes = of(sealed_in_journal(new_shop), "customer-gone", "employee-e1", "contact-bo")
    assert {"/".join(box.place.split("/")[:2]) for box in boxes} == sealed_fields()
    assert None not in opened_elsewhere(new_shop, boxes)

    erase(new_shop)
    new_shop.made("/v1/employees/e1/erasure", {})
    new_shop.made("/v1/contacts/bo/erasure", {})

    assert set(opened_elsewhere(new_shop, boxes)) == {None}


def test_a_vault_that_has_opened_their_texts_opens_none_once_the_erasure_is_answered(
    new_shop: World, ids: dict[str, str]
) -> None:
    boxes = of(sealed_in_journal(new_shop), "customer-gone")

    async def test() -> None:
        async with vault_of(new_shop) as warm:
            assert None not in await warm.open_all(boxes)
            await asyncio.to_thread(erase, new_shop)
            assert set(await warm.open_all(boxes)) == {None}

    asyncio.run(test())


def test_every_figure_is_the_same_to_the_byte(new_shop: World, ids: dict[str, str]) -> None:
    before = figures(new_shop)
    erase(new_shop)
    assert figures(new_shop) == before


def test_the_journal_before_it_is_the_same_to_the_byte(new_shop: World, ids: dict[str, str]) -> None:
    position, _ = new_shop.written()
    before = new_shop.query(JOURNAL_ROWS, position)
    erase(new_shop)
    assert new_shop.query(JOURNAL_ROWS, position) == before


def test_the_read_models_are_what_a_replay_gives(new_shop: World, ids: dict[str, str]) -> None:
    erase(new_shop)
    new_shop.catch_up()
    verdict: Verdict = asyncio.run(verify(database_of(new_shop.tenant), PROJECTIONS))
    assert verdict.differences == []


@pytest.mark.parametrize("search", SEARCHES, ids=str)
def test_they_are_found_before_and_not_after(
    new_shop: World, ids: dict[str, str], search: dict[str, str]
) -> None:
    assert found(new_shop, search) == ["gone"]
    erase(new_shop)
    assert found(new_shop, search) == []
    follow(new_shop)
    assert found(new_shop, search) == []


def found(shop: World, search: dict[str, str]) -> list[str]:
    position, _ = shop.written()
    seen = {"Daybook_Min_Position": str(position), **WHY}
    response = shop.post("/v1/customers/search", dict(search), **seen)
    assert response.status_code == 200, response.text
    return [customer["customer_id"] for customer in response.json()["data"]]


def test_they_answer_as_erased(new_shop: World, ids: dict[str, str]) -> None:
    erase(new_shop)
    path = "/v1/customers/gone"
    agreed = {"purpose": "marketing", "channel": "sms", "text_version": "1", "proof": "yes"}
    answers = [
        new_shop.get(path),
        new_shop.get(f"{path}/profile"),
        new_shop.get(f"{path}/consents"),
        new_shop.patch(path, {"name": "Wang"}, version=3),
        new_shop.post(f"{path}/consents", agreed),
        new_shop.post(f"{path}/hold", {"reason": "lawsuit"}),
        new_shop.post(f"{path}/export", None, **WHY),
        new_shop.post("/v1/complaints", {"text": "Again!", "customer_id": "gone"}),
        new_shop.post("/v1/coupon-campaigns/ten/coupons", {"customer_id": "gone"}),
    ]
    assert {problem(answer) for answer in answers} == {(410, "erased")}


def test_nothing_is_sold_to_them_or_kept_for_them(new_shop: World, ids: dict[str, str]) -> None:
    erase(new_shop)
    apples = {"customer_id": "gone", "lines": [line("apple")]}
    reserved = {
        "coupons": [{"code": draw_code(new_shop)}],
        "reference": "r1",
        "until": "2100-01-01T00:00:00Z",
    }
    before = new_shop.written()
    answers = [
        new_shop.post("/v1/stores/s1/sales", basket(line("apple"), customer_id="gone")),
        new_shop.post("/v1/stores/s1/orders", {**apples, "channel": "web"}),
        new_shop.post("/v1/stores/s1/parked-sales", apples),
        new_shop.post("/v1/quotes", {**apples, "store_id": "s1"}),
        new_shop.post("/v1/coupons/reservations", {**reserved, "customer_id": "gone"}),
    ]
    assert {problem(answer) for answer in answers} == {(410, "erased")}
    assert new_shop.written() == before


def test_an_order_that_they_placed_before_is_paid_all_the_same(new_shop: World, ids: dict[str, str]) -> None:
    order_id = order(new_shop, customer_id="gone")
    erase(new_shop)
    paid = {"payments": [{"method": "card", "amount": cny(1000)}]}
    assert new_shop.post(f"/v1/orders/{order_id}/payments", paid).status_code == 201


def test_what_they_exchange_afterwards_is_nobodys(new_shop: World, ids: dict[str, str]) -> None:
    erase(new_shop)
    sale = {"lines": [line("apple")], "tenders": [cash(1000)]}
    body = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft", "sale": sale}
    exchanged = new_shop.made(f"/v1/sales/{ids['sale']}/exchanges", body)
    sold = new_shop.read(f"/v1/sales/{exchanged['sale']['sale_id']}")
    assert sold["customer_id"] is None


def test_their_id_is_not_given_again(new_shop: World, ids: dict[str, str]) -> None:
    erase(new_shop)
    assert problem(new_shop.post("/v1/customers", {"customer_id": "gone"})) == (409, "already_exists")
    assert problem(new_shop.post("/v1/customers", PERSON)) == (410, "erased")


def test_a_repeat_of_the_erasure_changes_nothing(new_shop: World, ids: dict[str, str]) -> None:
    erase(new_shop)
    before = new_shop.written()
    for _ in range(2):
        assert new_shop.post("/v1/customers/gone/erasure", {}).status_code == 201
    assert new_shop.written()[0] == before[0]


def test_their_texts_are_gone_from_complaints_which_can_still_be_closed(
    new_shop: World, ids: dict[str, str]
) -> None:
    erase(new_shop)
    for complaint_id in (ids["complaint"], ids["about_sale"]):
        path = f"/v1/complaints/{complaint_id}"
        assert {note["text"] for note in new_shop.read(path)["notes"]} == {None}
        new_shop.made(f"{path}/resolutions", {"text": "Closed."})
        assert new_shop.read(path)["notes"][-1]["text"] == "Closed."


def test_a_complaint_that_names_only_the_sale_is_the_customers(new_shop: World, ids: dict[str, str]) -> None:
    texts = of(sealed_in_journal(new_shop), "customer-gone")
    assert "Nobody asked for my name." in opened_elsewhere(new_shop, texts)


@pytest.mark.parametrize("is_followed", [True, False])
def test_texts_under_a_complaints_own_key_go_too_where_the_sale_leads_to_the_person(
    new_shop: World, ids: dict[str, str], *, is_followed: bool
) -> None:
    """As complaints about a sale were sealed before they were the customer's.

    An index that is behind is waited for.
    """

    async def seal_and_trace() -> Sealed:
        async with vault_of(new_shop) as vault:
            return await vault.seal(f"complaint-{ids['about_sale']}", "case.opened.v1/text", "old text")

    old = asyncio.run(seal_and_trace())
    if is_followed:
        follow(new_shop)
    assert opened_elsewhere(new_shop, [old]) == ["old text"]
    erase(new_shop)
    assert opened_elsewhere(new_shop, [old]) == [None]


def test_what_they_bought_can_come_back_later(new_shop: World, ids: dict[str, str]) -> None:
    sale_id = sell(new_shop, line("apple", 2), customer_id="gone")["sale_id"]
    erase(new_shop)
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    assert new_shop.post(f"/v1/sales/{sale_id}/returns", back).status_code == 201


def test_what_is_booked_of_them_later_leaves_no_trace(new_shop: World, ids: dict[str, str]) -> None:
    follow(new_shop)
    assert new_shop.query(TRACES) != [(0,)]
    erase(new_shop)
    new_shop.made(
        f"/v1/sales/{ids['sale']}/returns", {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    )
    follow(new_shop)
    assert new_shop.query(TRACES) == [(0,)]


def test_no_key_of_theirs_is_left(new_shop: World, ids: dict[str, str]) -> None:
    assert "customer-gone" in {subject for subject, _ in new_shop.query(KEYS, new_shop.tenant.name)}
    erase(new_shop)
    assert "customer-gone" not in {subject for subject, _ in new_shop.query(KEYS, new_shop.tenant.name)}


# --- legal hold -------------------------------------------------------------------------------------


def test_a_legal_hold_forbids_the_erasure_and_nothing_is_changed(
    new_shop: World, ids: dict[str, str]
) -> None:
    new_shop.made("/v1/customers/gone/hold", {"reason": "lawsuit"})
    keys = new_shop.query(KEYS, new_shop.tenant.name)
    refusal = new_shop.refusal(lambda: new_shop.post("/v1/customers/gone/erasure", {}))
    assert refusal == (409, "legal_hold")
    assert new_shop.query(KEYS, new_shop.tenant.name) == keys
    assert new_shop.read("/v1/customers/gone")["holds"] == ["lawsuit"]


def test_after_the_last_hold_is_lifted_the_erasure_goes_through(new_shop: World, ids: dict[str, str]) -> None:
    for reason in ("lawsuit", "tax audit"):
        new_shop.made("/v1/customers/gone/hold", {"reason": reason})
    new_shop.made("/v1/customers/gone/release", {"reason": "lawsuit"})
    assert problem(new_shop.post("/v1/customers/gone/erasure", {})) == (409, "legal_hold")
    new_shop.made("/v1/customers/gone/release", {"reason": "tax audit"})
    erase(new_shop)
    assert problem(new_shop.get("/v1/customers/gone")) == (410, "erased")


# --- interrupted, and at the same time ----------------------------------------------------------------


@pytest.fixture
def interrupted(new_shop: World, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> World:
    """An erasure that was recorded, and whose process then died before any key was destroyed."""

    async def die(*_given: object, **_named: object) -> int:
        raise psycopg.OperationalError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "destroy", die)
        assert new_shop.post("/v1/customers/gone/erasure", {}).status_code == 503
    assert new_shop.query(RECORDED, "customer.erased.v1") == [(1,)]
    return new_shop


def test_an_interrupted_erasure_is_finished_by_the_indexer(interrupted: World) -> None:
    boxes = of(sealed_in_journal(interrupted), "customer-gone")
    follow(interrupted)
    assert set(opened_elsewhere(interrupted, boxes)) == {None}
    assert interrupted.query(DIGESTS, "gone") == []


def test_an_interrupted_erasure_of_a_contact_is_finished_by_the_indexer(
    new_shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_shop.made("/v1/suppliers", {"supplier_id": "orchard", "name": "Orchard", "currency": "CNY"})
    new_shop.made("/v1/suppliers/orchard/contacts", {"contact_id": "bo", "name": "Bo"})
    boxes = of(sealed_in_journal(new_shop), "contact-bo")

    async def die(*_given: object, **_named: object) -> int:
        raise psycopg.OperationalError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "destroy", die)
        assert new_shop.post("/v1/contacts/bo/erasure", {}).status_code == 503
    assert set(opened_elsewhere(new_shop, boxes)) == {"Bo"}
    follow(new_shop)
    assert set(opened_elsewhere(new_shop, boxes)) == {None}


def test_an_interrupted_erasure_is_finished_by_its_repeat(interrupted: World) -> None:
    boxes = of(sealed_in_journal(interrupted), "customer-gone")
    erase(interrupted)
    assert set(opened_elsewhere(interrupted, boxes)) == {None}
    assert interrupted.query(RECORDED, "customer.erased.v1") == [(1,)]


def test_an_interrupted_erasure_already_hides_the_person(interrupted: World) -> None:
    assert problem(interrupted.get("/v1/customers/gone")) == (410, "erased")


def test_an_indexer_that_is_behind_enters_nothing_of_somebody_who_was_erased_meanwhile(
    new_shop: World, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(new_shop)
    # The erasure has waited for the index; one that is made anew is behind again.
    new_shop.query("UPDATE customer_index_head SET position = 0 RETURNING position")
    monkeypatch.setattr(indexer, "PAGE", 1)
    head, _ = new_shop.written()
    while follow(new_shop, pages=1) < head:
        assert new_shop.query(DIGESTS, "gone") == []
    assert new_shop.query(DIGESTS, "gone") == []


def test_an_erasure_waits_for_a_page_of_the_indexer_and_clears_what_it_entered(
    new_shop: World, ids: dict[str, str]
) -> None:
    """The details are opened and entered, but not committed, when the erasure is asked for."""

    async def test() -> None:
        conninfo = tenant_conninfo(new_shop.tenant.service_url, new_shop.tenant.name)
        async with await psycopg.AsyncConnection.connect(conninfo) as page:
            await page.execute("SELECT FROM customer_index_head FOR UPDATE")
            await page.execute("INSERT INTO customer_index VALUES ('phone', '\\xaa', 'gone')")
            erasing = asyncio.create_task(asyncio.to_thread(erase, new_shop))
            # As the service's login: others are not shown what it waits for.
            async with await psycopg.AsyncConnection.connect(
                new_shop.tenant.service_url, autocommit=True
            ) as watch:
                while not (await watch.execute(SOMEBODY_WAITS)).rowcount:
                    pass
            await page.commit()
            await erasing
        assert new_shop.query(DIGESTS, "gone") == []

    asyncio.run(test())


def test_nothing_is_sealed_for_somebody_while_they_are_erased(new_shop: World, ids: dict[str, str]) -> None:
    """A process that had decided to seal before the erasure makes no key after it."""
    erase(new_shop)
    answer = new_shop.post("/v1/complaints", {"text": "Again!", "customer_id": "gone"})
    assert problem(answer) == (410, "erased")
    assert of_key(new_shop, "customer-gone") == []


def of_key(shop: World, subject: str) -> list[str]:
    return [part for found, part in shop.query(KEYS, shop.tenant.name) if found == subject]


# --- employees ----------------------------------------------------------------------------------------


def test_an_employees_name_is_forgotten_and_the_figures_stay(new_shop: World) -> None:
    sell(new_shop, line("apple", 2), employee_id="e1")
    new_shop.catch_up()
    scores = new_shop.read("/v1/employees/e1/scores?month=2026-11")
    new_shop.made("/v1/employees/e1/erasure", {"reason": "left"})
    assert problem(new_shop.get("/v1/employees/e1")) == (410, "erased")
    assert problem(new_shop.patch("/v1/employees/e1", {"name": "Li"}, version=2)) == (410, "erased")
    assert new_shop.read("/v1/employees/e1/scores?month=2026-11") == scores
    assert set(opened_elsewhere(new_shop, of(sealed_in_journal(new_shop), "employee-e1"))) == {None}
