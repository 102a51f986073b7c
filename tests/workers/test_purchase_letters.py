"""Purchase orders by mail: once, to who is written to at the supplier, if the order still holds."""

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from infra.jobs import migrate_jobs
from infra.messages.mail import Mail
from infra.messages.port import Messenger, Recording
from tests.support.api import World, add_shop, purchase, supplier, world
from tests.support.reacting import at_rest
from tests.support.smtp_server import MailServer, mail_server
from workers.purchase_letters import purchase_letters

ADDRESS = "bo@orchard.example"


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        migrate_jobs(opened.database.owner_url)
        add_shop(opened)
        yield opened


def sent(shop: World, email: str | None = ADDRESS) -> str:
    """A purchase order that was sent to a new supplier's contact `bo`."""
    supplier_id = supplier(shop)
    contact = {"contact_id": "bo", "name": "Bo", **({} if email is None else {"email": email})}
    shop.made(f"/v1/suppliers/{supplier_id}/contacts", contact)
    purchase_id = purchase(shop, supplier_id)
    shop.made(f"/v1/purchase-orders/{purchase_id}/sending", {})
    return purchase_id


def inbox(shop: World) -> list[tuple[str, str, bool, str | None]]:
    return [
        (each["kind"], each["about"], each["sent_at"] is not None, each["failure"])
        for each in shop.read("/v1/inbox")["data"]
    ]


async def post(shop: World, messenger: Messenger) -> None:
    await at_rest(shop, purchase_letters(messenger))


def with_server(test: Callable[[MailServer, Mail], object]) -> None:
    async def served() -> None:
        async with mail_server() as server:
            outcome = test(server, Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com"))
            if asyncio.iscoroutine(outcome):
                await outcome

    asyncio.run(served())


def test_the_contact_gets_the_order_and_its_opening_is_logged(shop: World) -> None:
    purchase_id = sent(shop)

    async def test(server: MailServer, mail: Mail) -> None:
        await post(shop, mail)
        await post(shop, mail)
        ((to, letter),) = server.taken
        assert to == ADDRESS
        assert purchase_id in str(letter["Subject"])
        assert "Total: CNY 30.00" in str(letter)

    with_server(test)
    assert inbox(shop) == [("send_purchase", f"purchase-{purchase_id}", True, None)]
    (access,) = shop.read("/v1/audit/accesses?subject=contact-bo")["data"]
    assert (access["operation"], access["purpose"]) == ("sendMessage", "purchase order")
    assert ADDRESS not in shop.everything_stored()


def test_without_a_mail_server_the_inbox_has_it(shop: World) -> None:
    purchase_id = sent(shop)
    asyncio.run(post(shop, Recording()))
    assert inbox(shop) == [("send_purchase", f"purchase-{purchase_id}", False, None)]


def test_what_was_called_off_meanwhile_is_not_sent(shop: World) -> None:
    purchase_id = sent(shop)
    shop.made(f"/v1/purchase-orders/{purchase_id}/cancellation", {"cause": "too late"})
    asyncio.run(post(shop, Recording()))
    assert inbox(shop) == []


def test_who_was_forgotten_is_not_written_to(shop: World) -> None:
    purchase_id = sent(shop)
    shop.made("/v1/contacts/bo/erasure", {"reason": "left"})
    with_server(lambda _server, mail: post(shop, mail))
    assert inbox(shop) == [("send_purchase", f"purchase-{purchase_id}", False, "no address")]
