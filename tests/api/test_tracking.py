"""Links to orders: each opens one order, until it expires, to whoever has it; and nobody can make one."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest

from infra.crypto.links import make_token
from tests.support.api import World, add_shop, fresh, order, problem, receive
from tests.support.personal import vault_of


@pytest.fixture
def order_id(shop: World) -> str:
    receive(shop, "apple", 1)
    return order(shop, "shipped", customer_id="c1")


def token_of(shop: World, order_id: str) -> str:
    return shop.made(f"/v1/orders/{order_id}/links", {})["token"]


def test_a_link_opens_the_order_without_a_key(shop: World, order_id: str) -> None:
    told = shop.stranger().read(f"/v1/track/{token_of(shop, order_id)}")
    assert (told["order_id"], told["status"]) == (order_id, "shipped")
    assert told["shipments"][0]["tracking_number"] == "SF100"
    assert told["history"][0]["type"] == "order.placed.v1"


def test_a_link_tells_nothing_of_who_works_on_the_order_who_it_is_or_how_it_was_paid(
    shop: World, order_id: str
) -> None:
    told = shop.stranger().get(f"/v1/track/{token_of(shop, order_id)}").text
    for hidden in ("key:", "employee", "c1", "card", "store_id", "actor", "reference"):
        assert hidden not in told.replace(order_id, "")


def forged(token: str, change: bytes, into: bytes) -> str:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).replace(change, into)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_link_for_one_order_is_none_for_another(shop: World, order_id: str) -> None:
    receive(shop, "apple", 1)
    other = order(shop)
    token = forged(token_of(shop, order_id), order_id.encode(), other.encode())
    assert problem(shop.stranger().get(f"/v1/track/{token}")) == (404, "not_found")


def test_a_link_of_one_tenant_opens_nothing_of_another(shop: World) -> None:
    neighbour = shop.neighbour()
    add_shop(neighbour)
    for world in (shop, neighbour):
        receive(world, "apple", 1)
        order(world, order_id="same")
    token = token_of(shop, "same")
    moved = forged(token, shop.tenant.name.encode(), neighbour.tenant.name.encode())
    assert problem(shop.stranger().get(f"/v1/track/{moved}")) == (404, "not_found")


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_link_of_which_a_letter_is_changed_opens_nothing(shop: World, order_id: str, place: int) -> None:
    token = token_of(shop, order_id)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert problem(shop.stranger().get(f"/v1/track/{changed}")) == (404, "not_found")


AFTER_ALL_YEARS = base64.urlsafe_b64encode(b"." * 16 + b"shop/999999999999/o1").decode().rstrip("=")


@pytest.mark.parametrize("token", [AFTER_ALL_YEARS, "x", "AAAA", "%00", "..", "=" * 10, "A" * 10_000, "ä"])
def test_what_is_no_link_opens_nothing(shop: World, token: str) -> None:
    assert problem(shop.stranger().get(f"/v1/track/{token}"))[0] == 404


def test_a_link_that_claims_to_end_after_the_last_year_there_is_opens_nothing(shop: World) -> None:
    said = bytes(16) + f"{shop.tenant.name}/{10**12 - 1}/o1".encode()
    token = base64.urlsafe_b64encode(said).decode().rstrip("=")
    assert problem(shop.stranger().get(f"/v1/track/{token}")) == (404, "not_found")


def test_a_link_ends(shop: World, order_id: str) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)

    async def make() -> str:
        async with vault_of(shop) as vault:
            return make_token(vault, shop.tenant.name, order_id, yesterday)

    token = asyncio.run(make())
    assert problem(shop.stranger().get(f"/v1/track/{token}")) == (410, "link_expired")


def test_a_link_ends_with_the_memory_of_the_customer(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {"name": "Ada"})["customer_id"]
    receive(shop, "apple", 1)
    token = token_of(shop, order(shop, "shipped", customer_id=customer_id))
    shop.stranger().read(f"/v1/track/{token}")
    shop.made(f"/v1/customers/{customer_id}/erasure", {})
    assert problem(shop.stranger().get(f"/v1/track/{token}")) == (410, "link_expired")


def test_a_link_ends_with_the_memory_of_a_guest(shop: World) -> None:
    receive(shop, "apple", 1)
    order_id = order(shop, "shipped", guest={"phone": "+39 06 555 0303"})
    token = token_of(shop, order_id)
    shop.stranger().read(f"/v1/track/{token}")
    shop.made(f"/v1/orders/{order_id}/guest/erasure", {})
    assert problem(shop.stranger().get(f"/v1/track/{token}")) == (410, "link_expired")


def test_a_link_is_made_by_whoever_may_take_orders(shop: World, order_id: str) -> None:
    reader = shop.caller("orders:read")
    assert problem(reader.post(f"/v1/orders/{order_id}/links", {}))[0] == 403
    assert problem(shop.post(f"/v1/orders/{fresh('o')}/links", {})) == (404, "not_found")
