"""Surveys: asked once, answered once by whoever has the link, and nothing else is opened by it."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

from infra.crypto.links import LinkKind, make_token
from tests.support.api import World, complain, fresh, problem
from tests.support.personal import vault_of

PLAN = {"nps": "year"}


def customer(shop: World) -> str:
    return shop.made("/v1/customers", {"name": "Ada"})["customer_id"]


def resolved(shop: World, **about: str) -> str:
    complaint_id = complain(shop, **about)
    shop.made(f"/v1/complaints/{complaint_id}/resolutions", {"text": "Replaced."})
    return complaint_id


def link(shop: World, **about: str) -> dict[str, str]:
    return shop.made(f"/v1/complaints/{resolved(shop, **about)}/survey-links", {})


def plan(shop: World) -> None:
    found = shop.get("/v1/survey-plan")
    version = '"0"' if found.status_code == 404 else found.headers["ETag"]
    assert shop.call("PUT", "/v1/survey-plan", PLAN, If_Match=version).status_code == 200


def test_a_customer_answers_without_a_key(shop: World) -> None:
    complaint_id = resolved(shop, customer_id="c1", store_id="s1")
    made = shop.made(f"/v1/complaints/{complaint_id}/survey-links", {})
    asked = shop.stranger().read(made["path"])
    assert (asked["kind"], asked["least"], asked["most"], asked["answered"]) == ("csat", 1, 5, False)
    shop.stranger().made(made["path"], {"score": 4, "comment": "Quick."})
    told = shop.read(f"/v1/surveys/{made['survey_id']}")
    assert (told["score"], told["comment"], told["customer_id"]) == (4, "Quick.", "c1")
    assert (told["complaint_id"], told["resolution"], told["store_id"]) == (complaint_id, 1, "s1")


def test_an_answer_is_taken_once_and_later_ones_are_told_so(shop: World) -> None:
    made = link(shop)
    shop.stranger().made(made["path"], {"score": 2})
    assert problem(shop.stranger().post(made["path"], {"score": 5})) == (409, "survey_answered")
    assert shop.read(f"/v1/surveys/{made['survey_id']}")["score"] == 2
    assert shop.stranger().read(made["path"])["answered"]


def test_a_link_tells_nothing_of_who_is_asked_and_about_what(shop: World) -> None:
    complaint_id = resolved(shop, customer_id="c1", store_id="s1")
    made = shop.made(f"/v1/complaints/{complaint_id}/survey-links", {})
    assert set(shop.stranger().read(made["path"])) == {"kind", "least", "most", "answered", "expires_at"}


def test_a_resolution_is_asked_about_once_and_the_next_one_anew(shop: World) -> None:
    complaint_id = resolved(shop)
    path = f"/v1/complaints/{complaint_id}/survey-links"
    first = shop.made(path, {})
    assert shop.made(path, {})["token"] == first["token"]
    shop.made(f"/v1/complaints/{complaint_id}/reopenings", {"text": "No."})
    assert problem(shop.post(path, {})) == (409, "case_open")
    shop.made(f"/v1/complaints/{complaint_id}/resolutions", {"text": "Yes."})
    assert shop.made(path, {})["survey_id"] != first["survey_id"]


def test_a_customer_is_asked_about_the_shop_once_a_period(shop: World) -> None:
    plan(shop)
    path = f"/v1/customers/{customer(shop)}/survey-links"
    made = shop.made(path, {})
    shop.stranger().made(made["path"], {"score": 0})
    assert shop.made(path, {})["survey_id"] == made["survey_id"]
    assert problem(shop.stranger().post(made["path"], {"score": 9})) == (409, "survey_answered")


def test_a_score_off_the_scale_is_refused_and_leaves_the_question_open(shop: World) -> None:
    made = link(shop)
    assert problem(shop.stranger().post(made["path"], {"score": 0})) == (422, "invalid_command")
    assert problem(shop.stranger().post(made["path"], {"score": 11})) == (400, "invalid_request")
    assert not shop.stranger().read(made["path"])["answered"]


def changed(token: str, change: bytes, into: bytes) -> str:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).replace(change, into)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_link_to_one_survey_is_none_to_another(shop: World) -> None:
    one, other = link(shop), link(shop)
    token = changed(one["token"], one["survey_id"].encode(), other["survey_id"].encode())
    assert problem(shop.stranger().post(f"/v1/survey/{token}", {"score": 1})) == (404, "not_found")
    assert problem(shop.stranger().get(f"/v1/survey/{token}")) == (404, "not_found")


def token_for(shop: World, id_: str, kind: LinkKind, valid: timedelta) -> str:
    async def make() -> str:
        async with vault_of(shop) as vault:
            return make_token(vault, shop.tenant.name, id_, datetime.now(UTC) + valid, kind)

    return asyncio.run(make())


def test_a_link_for_another_kind_of_thing_opens_no_survey_and_one_to_a_survey_nothing_else(
    shop: World,
) -> None:
    made = link(shop)
    token = token_for(shop, made["survey_id"], LinkKind.ORDER, timedelta(days=1))
    assert problem(shop.stranger().get(f"/v1/survey/{token}")) == (404, "not_found")
    assert problem(shop.stranger().get(f"/v1/track/{made['token']}")) == (404, "not_found")


def test_a_link_ends(shop: World) -> None:
    token = token_for(shop, link(shop)["survey_id"], LinkKind.SURVEY, timedelta(seconds=-1))
    assert problem(shop.stranger().get(f"/v1/survey/{token}")) == (410, "link_expired")
    assert problem(shop.stranger().post(f"/v1/survey/{token}", {"score": 5})) == (410, "link_expired")


def test_whoever_was_forgotten_is_asked_nothing_more_and_their_comment_is_gone(shop: World) -> None:
    customer_id = customer(shop)
    answered, waiting = link(shop, customer_id=customer_id), link(shop, customer_id=customer_id)
    shop.stranger().made(answered["path"], {"score": 3, "comment": "Call me, Ada."})
    shop.made(f"/v1/customers/{customer_id}/erasure", {})
    for made in (answered, waiting):
        assert problem(shop.stranger().get(made["path"])) == (410, "link_expired")
        refused = shop.stranger().post(made["path"], {"score": 1, "comment": "Still here."})
        assert problem(refused) == (410, "link_expired")
    told = shop.read(f"/v1/surveys/{answered['survey_id']}")
    assert (told["score"], told["comment"]) == (3, None)


def test_a_comment_stands_nowhere_in_the_clear(shop: World) -> None:
    made, said = link(shop, customer_id="c1"), f"Thanks, {fresh('signature')}"
    shop.stranger().made(made["path"], {"score": 5, "comment": said})
    shop.catch_up()
    assert said not in shop.everything_stored()


def test_the_customers_own_document_tells_what_they_were_asked_and_said(shop: World) -> None:
    customer_id = customer(shop)
    made = link(shop, customer_id=customer_id)
    shop.stranger().made(made["path"], {"score": 5, "comment": "Well done."})
    exported = shop.call("POST", f"/v1/customers/{customer_id}/export", {}, Daybook_Purpose="request").json()
    sent, answered = exported["surveys"]
    assert (sent["type"], answered["type"]) == ("survey.sent.v1", "survey.answered.v1")
    assert answered["data"]["text"] == "Well done."


def test_links_are_made_by_whoever_may_write_complaints(shop: World) -> None:
    reader = shop.caller("complaints:read")
    assert problem(reader.post(f"/v1/complaints/{resolved(shop)}/survey-links", {}))[0] == 403
