"""Guests and addresses: told to whoever packs, on record; forgotten by the order's id."""

from typing import Any

import pytest

from tests.support.api import World, complain, order, problem, receive
from tests.support.personal import opened_elsewhere, sealed_in_journal

GUEST = {"name": "Maria Rossi", "phone": "+39 06 555 0101", "email": "Maria@Example.it"}
ADDRESS = {
    "lines": ["Via Garibaldi 12", "Interno 7"],
    "city": "Roma",
    "region": "RM",
    "postal_code": "00153",
    "country": "IT",
}
CLEAR = ("Maria", "5550101", "example.it", "Garibaldi", "Roma")
WHY = {"Daybook_Purpose": "parcel label"}
ACCESSES = "/v1/audit/accesses?subject=customer-"


@pytest.fixture
def stocked(shop: World) -> World:
    receive(shop, "apple", 20)
    return shop


def guest_order(shop: World, status: str = "placed", **fields: Any) -> str:
    given: dict[str, Any] = {"guest": GUEST, "delivery": {"address": ADDRESS}, **fields}
    return order(shop, status, **given)


def test_whoever_packs_reads_recipient_and_address_and_that_is_on_record(stocked: World) -> None:
    order_id = guest_order(stocked)
    told = stocked.get(f"/v1/orders/{order_id}/delivery", **WHY).json()
    assert told == {
        "order_id": order_id,
        "pick_up": False,
        "name": "Maria Rossi",
        "phone": "+39065550101",
        "address": ADDRESS,
    }
    guest_id = stocked.read(f"/v1/orders/{order_id}")["guest_id"]
    access = stocked.read(f"{ACCESSES}{guest_id}")["data"][0]
    assert (access["operation"], access["purpose"], access["texts"]) == ("getDelivery", "parcel label", 3)


def test_the_recipient_may_be_another_than_whoever_orders(stocked: World) -> None:
    nonna = {"name": "Nonna", "phone": "+39 06 555 0202", "address": ADDRESS}
    order_id = guest_order(stocked, delivery=nonna)
    told = stocked.read(f"/v1/orders/{order_id}/delivery")
    assert (told["name"], told["phone"]) == ("Nonna", "+39065550202")


def test_nothing_of_a_guest_stands_in_the_clear_and_the_link_tells_nothing_of_them(stocked: World) -> None:
    order_id = guest_order(stocked, "shipped")
    token = stocked.made(f"/v1/orders/{order_id}/links", {})["token"]
    tracked = stocked.stranger().get(f"/v1/track/{token}")
    guest_id = stocked.read(f"/v1/orders/{order_id}")["guest_id"]
    stored = stocked.everything_stored()
    assert [text for text in CLEAR if text in stored or text in tracked.text] == []
    assert guest_id not in tracked.text


def test_a_customers_order_goes_to_the_customer(stocked: World) -> None:
    customer = stocked.made("/v1/customers", {"name": "Li Na", "phone": "139 1111 4444"})["customer_id"]
    order_id = order(stocked, customer_id=customer, delivery={"address": ADDRESS})
    told = stocked.read(f"/v1/orders/{order_id}/delivery")
    assert (told["name"], told["phone"], told["address"]) == ("Li Na", "+8613911114444", ADDRESS)


def test_what_is_picked_up_is_received_when_it_is_handed_over(stocked: World) -> None:
    order_id = guest_order(stocked, "picked", delivery={"pick_up": True})
    assert stocked.post(f"/v1/orders/{order_id}/receipt", {}).status_code == 201
    told = stocked.read(f"/v1/orders/{order_id}")
    assert (told["status"], told["pick_up"]) == ("received", True)


def test_an_order_is_sent_elsewhere_as_long_as_it_has_not_left(stocked: World) -> None:
    order_id = guest_order(stocked)
    path = f"/v1/orders/{order_id}/delivery"
    elsewhere = {**ADDRESS, "lines": ["Via Po 2"]}
    assert stocked.call("PUT", path, {"address": elsewhere}).status_code == 200
    assert stocked.read(path)["address"] == elsewhere


@pytest.mark.parametrize(
    "fields",
    [
        {"guest": {"name": "Maria"}},
        {"guest": {**GUEST, "phone": "123"}},
        {"guest": GUEST, "customer_id": "c1"},
        {"guest": None, "delivery": {"address": ADDRESS}},
        {"delivery": {"pick_up": True, "address": ADDRESS}},
        {"delivery": {"name": "Nonna"}},
        {"delivery": {"address": {**ADDRESS, "country": "Italy"}}},
        {"delivery": {"address": {**ADDRESS, "lines": []}}},
        {"delivery": {"address": {**ADDRESS, "lines": ["a\nb"]}}},
        {"language": "it"},
    ],
)
def test_half_of_what_is_needed_or_twice_is_refused(stocked: World, fields: dict[str, Any]) -> None:
    body = {"channel": "web", "lines": [{"sku": "apple", "quantity": 1}], "guest": GUEST, **fields}
    assert stocked.post("/v1/stores/s1/orders", body).status_code in {400, 422}


def test_nothing_is_sealed_for_who_was_erased(stocked: World) -> None:
    order_id = guest_order(stocked)
    stocked.made(f"/v1/orders/{order_id}/guest/erasure", {})
    path = f"/v1/orders/{order_id}/delivery"
    assert problem(stocked.get(path)) == (410, "erased")
    assert problem(stocked.call("PUT", path, {"address": ADDRESS})) == (410, "erased")


def everything_of(shop: World) -> tuple[str, str]:
    """A guest's order with all that may be said about it; the ids of order and guest."""
    nonna = {"name": "Nonna", "phone": "+39 06 555 0202", "address": ADDRESS}
    order_id = guest_order(shop, "shipped", delivery=nonna)
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "They were squashed."}
    shop.made(f"/v1/sales/{order_id}/returns", back)
    complain(shop, "Rang the bell and ran.", sale_id=order_id)
    return order_id, shop.read(f"/v1/orders/{order_id}")["guest_id"]


def test_a_guest_is_forgotten_by_the_orders_id_with_all_that_was_said(stocked: World) -> None:
    order_id, guest_id = everything_of(stocked)
    kept = guest_order(stocked)
    told_before = stocked.read(f"/v1/sales/{order_id}")
    boxes = sealed_in_journal(stocked)
    theirs = [box for box in boxes if guest_id in box.subject or order_id in box.subject]
    said = [box for box in boxes if box.subject.startswith("complaint-")][-1:]
    assert len(theirs) == 7, "three of the guest, three of the delivery, and why it came back"
    assert None not in opened_elsewhere(stocked, [*theirs, *said])

    stocked.made(f"/v1/orders/{order_id}/guest/erasure", {"reason": "request"})

    assert set(opened_elsewhere(stocked, [*theirs, *said])) == {None}
    assert stocked.query("SELECT count(*) FROM customer_traces WHERE customer_id = %s", guest_id) == [(0,)]
    assert stocked.read(f"/v1/sales/{order_id}") == told_before
    assert stocked.read(f"/v1/orders/{kept}/delivery")["name"] == "Maria Rossi"


def test_a_guest_is_found_by_their_number_until_they_are_forgotten(stocked: World) -> None:
    order_id = guest_order(stocked, guest={"phone": "+39 06 555 0909"})
    guest_id = stocked.read(f"/v1/orders/{order_id}")["guest_id"]
    position = stocked.made(f"/v1/orders/{order_id}/cancellation", {"cause": "changed mind"})["position"]

    def found() -> list[str]:
        told = stocked.post(
            "/v1/customers/search", {"phone": "+39 06 555 0909"}, Daybook_Min_Position=str(position)
        )
        return [each["customer_id"] for each in told.json()["data"]]

    assert found() == [guest_id]
    stocked.made(f"/v1/orders/{order_id}/guest/erasure", {})
    assert found() == []


def test_the_export_of_a_guest_has_order_sale_return_and_complaint(stocked: World) -> None:
    order_id, guest_id = everything_of(stocked)
    told = stocked.post(f"/v1/customers/{guest_id}/export", {}, **WHY).json()
    assert told["details"]["name"] == "Maria Rossi"
    assert {entry["stream"] for entry in told["orders"]} == {f"order-{order_id}"}
    assert {entry["stream"] for entry in told["purchases"]} == {f"sale-{order_id}"}
    assert [entry["data"]["reason"] for entry in told["returns"]] == ["They were squashed."]
    assert [entry["data"]["text"] for entry in told["complaints"]] == ["Rang the bell and ran."]
    (sent,) = [e["data"] for e in told["orders"] if e["type"] == "order.delivery_set.v1"]
    assert (sent["name"], "Garibaldi" in sent["address"]) == ("Nonna", True)


def test_a_guest_under_a_legal_hold_is_not_forgotten(stocked: World) -> None:
    order_id = guest_order(stocked)
    guest_id = stocked.read(f"/v1/orders/{order_id}")["guest_id"]
    stocked.made(f"/v1/customers/{guest_id}/hold", {"reason": "lawsuit"})
    assert problem(stocked.post(f"/v1/orders/{order_id}/guest/erasure", {})) == (409, "legal_hold")
    assert stocked.read(f"/v1/orders/{order_id}/delivery")["name"] == "Maria Rossi"


def test_a_guests_order_goes_its_way_after_they_were_forgotten(stocked: World) -> None:
    order_id = guest_order(stocked, "paid")
    stocked.made(f"/v1/orders/{order_id}/guest/erasure", {})
    returned = stocked.made(f"/v1/orders/{order_id}/cancellation", {"cause": "changed mind"})["returned"]
    assert returned["total"]["amount"] == 1000


def test_who_is_no_guest_is_not_forgotten_by_the_orders_id(stocked: World) -> None:
    order_id = order(stocked, customer_id="c1")
    assert problem(stocked.post(f"/v1/orders/{order_id}/guest/erasure", {})) == (404, "not_found")
