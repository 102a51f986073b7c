"""Reminders: once, if it is still so, by mail to an address that is kept nowhere."""

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from infra.jobs import migrate_jobs
from infra.messages.mail import Mail, MailFailed, MailUnusable
from infra.messages.port import Letter, Messenger, NotDelivered, Recording
from tests.support.api import LONG_AGO, World, add_shop, order, receive, world
from tests.support.reacting import at_rest, work
from tests.support.smtp_server import MailServer, mail_server
from workers.reminders import reminders

ADDRESS = "han@example.com"
DUE_NOW: LiteralString = "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'react'"
DO_AGAIN: LiteralString = (
    "UPDATE procrastinate_jobs SET status = 'todo', scheduled_at = now() WHERE task_name = 'react'"
)
QUEUE = "SELECT string_agg(args::text, '') FROM jobs.procrastinate_jobs"
LETTER = Letter(message_id="m1", subject="Hello", text="A letter.\n")


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        opened.made("/v1/customers", {"customer_id": "han", "email": ADDRESS})
        opened.made("/v1/customers", {"customer_id": "silent"})
        receive(opened, "apple", 100)
        yield opened


def asked(shop: World, *statements: LiteralString) -> None:
    with psycopg.connect(shop.tenant.owner_url) as connection:
        connection.execute("SET search_path = jobs")
        for statement in statements:
            connection.execute(statement)


async def remind(shop: World, messenger: Messenger, *statements: LiteralString) -> None:
    """Everything is reminded of that is due after the statements."""
    reactions = reminders(messenger)
    await at_rest(shop, reactions)
    asked(shop, *(statements or (DUE_NOW,)))
    await work(shop, reactions)


def inbox(shop: World) -> list[tuple[str, str | None, bool, str | None]]:
    return [
        (each["kind"], each["customer_id"], each["sent_at"] is not None, each["failure"])
        for each in shop.read("/v1/inbox")["data"]
    ]


def with_server(test: Callable[[MailServer, Mail], object]) -> None:
    async def served() -> None:
        async with mail_server() as server:
            outcome = test(server, Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com"))
            if asyncio.iscoroutine(outcome):
                await outcome

    asyncio.run(served())


def test_a_customer_who_has_not_paid_is_reminded_once_at_their_address(shop: World) -> None:
    order_id = order(shop, customer_id="han")

    async def test(server: MailServer, mail: Mail) -> None:
        await remind(shop, mail)
        await remind(shop, mail, DO_AGAIN)
        ((to, letter),) = server.taken
        assert to == ADDRESS
        assert order_id in str(letter["Subject"])

    with_server(test)
    assert inbox(shop) == [("remind_to_pay", "han", True, None)]


def test_a_guest_is_reminded_at_their_address(shop: World) -> None:
    order(shop, guest={"email": "maria@example.it"})

    async def test(server: MailServer, mail: Mail) -> None:
        await remind(shop, mail)
        assert [to for to, _ in server.taken] == ["maria@example.it"]

    with_server(test)


def test_neither_queue_nor_inbox_holds_the_address_and_its_opening_is_logged(shop: World) -> None:
    order(shop, customer_id="han")
    with_server(lambda _server, mail: remind(shop, mail))
    with psycopg.connect(shop.tenant.owner_url) as connection:
        queued = connection.execute(QUEUE).fetchone()
    assert queued is not None
    assert ADDRESS not in str(queued[0])
    assert ADDRESS not in shop.everything_stored()
    (access,) = shop.read("/v1/audit/accesses?subject=customer-han")["data"]
    assert (access["operation"], access["purpose"]) == ("sendMessage", "order reminder")


def test_who_has_paid_is_not_reminded(shop: World) -> None:
    order(shop, "paid", customer_id="han")
    asyncio.run(remind(shop, Recording()))
    assert inbox(shop) == []


def test_staff_are_told_what_should_have_left(shop: World) -> None:
    order(shop, "paid", ship_by=LONG_AGO)
    asyncio.run(remind(shop, Recording()))
    assert inbox(shop) == [("remind_to_ship", None, False, None)]


def test_a_week_after_all_has_left_the_customer_is_asked_whether_it_came(shop: World) -> None:
    order(shop, "shipped", customer_id="han")
    order(shop, "received", customer_id="han")
    asyncio.run(remind(shop, Recording()))
    assert inbox(shop) == [("remind_to_receive", "han", False, None)]


def test_without_a_mail_server_nothing_leaves_and_no_address_is_opened(shop: World) -> None:
    order(shop, customer_id="han")
    recording = Recording()
    asyncio.run(remind(shop, recording))
    assert (recording.given, inbox(shop)) == ([], [("remind_to_pay", "han", False, None)])
    assert shop.read("/v1/audit/accesses?subject=customer-han")["data"] == []


def test_a_customer_without_an_address_is_noted(shop: World) -> None:
    order(shop, customer_id="silent")
    with_server(lambda _server, mail: remind(shop, mail))
    assert inbox(shop) == [("remind_to_pay", "silent", False, "no address")]


def test_who_was_forgotten_is_not_written_to(shop: World) -> None:
    order(shop, customer_id="han")
    shop.made("/v1/customers/han/erasure", {"reason": "request"})

    async def test(server: MailServer, mail: Mail) -> None:
        await remind(shop, mail)
        assert server.taken == []

    with_server(test)
    assert inbox(shop) == [("remind_to_pay", "han", False, "no address")]


def test_an_address_that_is_refused_for_good_is_not_tried_again(shop: World) -> None:
    order(shop, customer_id="han")

    async def test(server: MailServer, mail: Mail) -> None:
        server.answer_to_rcpt = "550 nobody here"
        await remind(shop, mail)
        server.answer_to_rcpt = "250 ok"
        await remind(shop, mail, DO_AGAIN)
        assert server.taken == []

    with_server(test)
    ((_, _, sent, failure),) = inbox(shop)
    assert (sent, failure) == (False, "refused with [550]")


@pytest.mark.parametrize(("answer", "kind"), [("450 later", MailFailed), ("550 never", NotDelivered)])
def test_what_the_server_says_is_told_without_the_address(answer: str, kind: type[Exception]) -> None:
    async def test(server: MailServer, mail: Mail) -> None:
        server.answer_to_rcpt = f"{answer} {ADDRESS}"
        with pytest.raises(kind) as raised:
            await mail.send(LETTER, ADDRESS)
        assert ADDRESS not in f"{raised.value!r} {raised.value.__cause__!r}"

    with_server(test)


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with pytest.raises(MailFailed):
        asyncio.run(Mail("smtp://127.0.0.1:1", "shop@example.com").send(LETTER, ADDRESS))


def test_a_server_is_named_by_an_address_of_its_kind() -> None:
    with pytest.raises(MailUnusable):
        Mail("http://127.0.0.1", "shop@example.com")
