"""Canned answers, and drafts that are made of them."""

from typing import Any

import pytest

from tests.support.api import World, complain, fresh

Json = dict[str, Any]


def put(shop: World, text: str, answer_id: str | None = None, version: int = 0, **more: str) -> str:
    answer_id = answer_id or fresh("sorry")
    body = {"language": "en", "text": text, **more}
    answer = shop.call("PUT", f"/v1/answers/{answer_id}", body, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    return answer_id


def offered(shop: World, query: str = "") -> set[str]:
    shop.catch_up()
    return {row["answer_id"] for row in shop.read(f"/v1/answers?limit=250{query}")["data"]}


def test_an_answer_is_read_as_it_was_set_last(shop: World) -> None:
    answer_id = put(shop, "Sorry.")
    put(shop, "So sorry.", answer_id, version=1, kind="complaint")

    read = shop.get(f"/v1/answers/{answer_id}")

    assert (read.headers["ETag"], read.json()) == (
        '"2"',
        {
            "answer_id": answer_id,
            "version": 2,
            "language": "en",
            "kind": "complaint",
            "text": "So sorry.",
            "retired": False,
        },
    )


def test_answers_are_listed_by_language_and_kind_while_they_are_offered(shop: World) -> None:
    any_kind, chinese = put(shop, "Sorry."), put(shop, "抱歉", language="zh-CN")
    complaints, enquiries = put(shop, "Sorry.", kind="complaint"), put(shop, "Look.", kind="enquiry")
    retired = put(shop, "Sorry.")
    shop.made(f"/v1/answers/{retired}/retirement", {})

    of_complaints = offered(shop, "&language=en&kind=complaint")

    assert of_complaints >= {any_kind, complaints}
    assert not of_complaints & {chinese, enquiries, retired}
    put(shop, "Sorry.", retired, version=1)
    assert retired in offered(shop)


def test_a_draft_is_filled_in_and_the_opening_of_the_name_is_on_record(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Han Mei"})["customer_id"]
    complaint_id = complain(shop, customer_id=customer_id, store_id="s1")
    answer_id = put(shop, "Dear {customer_name}, about {category} in {store_name}: {product_name}.")

    draft = shop.read(f"/v1/complaints/{complaint_id}/drafts/{answer_id}")

    store = shop.read("/v1/stores/s1")["name"]
    assert draft == {
        "answer_id": answer_id,
        "version": 1,
        "text": f"Dear Han Mei, about quality in {store}: {{product_name}}.",
        "missing": ["product_name"],
    }
    (access,) = shop.read(f"/v1/audit/accesses?subject=customer-{customer_id}")["data"]
    assert access["operation"] == "draftAnswer"


def test_who_is_forgotten_has_no_name_in_a_draft(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Han Mei"})["customer_id"]
    complaint_id = complain(shop, customer_id=customer_id)
    answer_id = put(shop, "Dear {customer_name}.")
    shop.made(f"/v1/customers/{customer_id}/erasure", {"reason": "asked"})

    draft = shop.read(f"/v1/complaints/{complaint_id}/drafts/{answer_id}")

    assert (draft["text"], draft["missing"]) == ("Dear {customer_name}.", ["customer_name"])


def test_who_may_not_read_customers_writes_the_name_by_hand(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Han Mei"})["customer_id"]
    complaint_id = complain(shop, customer_id=customer_id)
    path = f"/v1/complaints/{complaint_id}/drafts/{put(shop, 'Dear {customer_name}.')}"

    draft = shop.caller("complaints:read").read(path)

    assert (draft["text"], draft["missing"]) == ("Dear {customer_name}.", ["customer_name"])


def test_a_draft_without_a_name_opens_none(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Han Mei"})["customer_id"]
    complaint_id = complain(shop, customer_id=customer_id)

    draft = shop.read(f"/v1/complaints/{complaint_id}/drafts/{put(shop, '{case_id}')}")

    assert draft["text"] == complaint_id
    assert shop.read(f"/v1/audit/accesses?subject=customer-{customer_id}")["data"] == []


def test_a_retired_answer_makes_no_draft(shop: World) -> None:
    answer_id = put(shop, "Sorry.")
    shop.made(f"/v1/answers/{answer_id}/retirement", {})
    path = f"/v1/complaints/{complain(shop)}/drafts/{answer_id}"

    assert shop.refusal(lambda: shop.get(path)) == (404, "not_found")


@pytest.mark.parametrize(("version", "status"), [(1, 201), (2, 404)])
def test_a_response_names_the_answer_that_it_was_made_of(shop: World, version: int, status: int) -> None:
    used = {"answer_id": put(shop, "Sorry."), "version": version}
    path = f"/v1/complaints/{complain(shop)}/responses"

    assert shop.post(path, {"text": "Sorry!", "answer": used}).status_code == status


def test_nothing_that_is_unknown_is_filled_in(shop: World) -> None:
    body = {"language": "en", "text": "Call {phone}."}
    path = f"/v1/answers/{fresh('sorry')}"

    refused = shop.call("PUT", path, body, If_Match='"0"')

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_command")
