"""A link of a care message leads to the rule's page and tells, once, that somebody followed it."""

import asyncio
from datetime import UTC, datetime, timedelta

from domain.care.touch import CareReacted
from infra.crypto.links import LinkKind, make_token
from tests.support.api import World, fresh, problem
from tests.support.care import add_customer, send_care, set_rule
from tests.support.journals import facts, read_all
from tests.support.personal import vault_of

PAGE = "https://shop.example/spring"


def linked(shop: World, kind: LinkKind = LinkKind.CARE, days: int = 1) -> tuple[str, str]:
    """The path of a link in a message that was sent, and whom to."""
    set_rule(shop, rule_id := fresh("rule"), page=PAGE)
    customer_id = add_customer(shop, fresh("c"))

    async def make() -> str:
        sent = await send_care(shop, rule_id, customer_id)
        async with vault_of(shop) as vault:
            return make_token(vault, shop.tenant.name, sent, datetime.now(UTC) + timedelta(days=days), kind)

    return f"/v1/care/{asyncio.run(make())}", customer_id


def clicks(shop: World, customer_id: str) -> list[str]:
    found = facts(asyncio.run(read_all(shop.tenant)), CareReacted)
    return [event.kind for event in found if event.customer_id == customer_id]


def test_who_follows_it_comes_to_the_page_and_counts_once(shop: World) -> None:
    path, customer_id = linked(shop)
    for _ in range(2):
        answer = shop.stranger().get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert clicks(shop, customer_id) == ["clicked"]


def test_one_that_nobody_made_for_this_leads_nowhere(shop: World) -> None:
    path, customer_id = linked(shop, LinkKind.SURVEY)
    assert problem(shop.stranger().get(path)) == (404, "not_found")
    assert clicks(shop, customer_id) == []


def test_one_that_is_over_leads_nowhere(shop: World) -> None:
    path, customer_id = linked(shop, days=-1)
    assert problem(shop.stranger().get(path)) == (410, "link_expired")
    assert clicks(shop, customer_id) == []


def test_of_the_forgotten_nothing_more_is_noted(shop: World) -> None:
    path, customer_id = linked(shop)
    shop.post(f"/v1/customers/{customer_id}/erasure", {"reason": "request"})
    assert problem(shop.stranger().get(path)) == (410, "link_expired")
    assert clicks(shop, customer_id) == []
