"""Reminders: once, if it is still so, by mail to an address that is kept nowhere."""

import asyncio
from collections.abc import Callable, Generator
from email.header import decode_header, make_header
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from infra.jobs import migrate_jobs
from infra.messages.mail import Mail, MailFailed, MailUnusable
from infra.messages.port import Letter, Messenger, NotDelivered, Recording
from tests.support.api import LONG_AFTER, LONG_AGO, World, add_shop, order, receive, world
from tests.support.reacting import at_rest, work
from tests.support.routes import soon
from tests.support.smtp_server import MailServer, mail_server
from workers.reminder_words import TEXTS
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


def test_staff_are_told_again_what_has_not_left_by_the_last_date_that_was_named(shop: World) -> None:
    order_id = order(shop, "paid")
    for ship_by in (soon(), LONG_AFTER):
        shop.made(f"/v1/orders/{order_id}/delays", {"ship_by": ship_by, "cause": "supplier late"})
    asyncio.run(remind(shop, Recording()))
    assert inbox(shop) == [("remind_to_ship_again", None, False, None)]


def test_what_left_in_time_after_all_is_reminded_of_no_more(shop: World) -> None:
    order_id = order(shop, "picked")
    shop.made(f"/v1/orders/{order_id}/delays", {"ship_by": LONG_AFTER, "cause": "supplier late"})
    shop.made(f"/v1/orders/{order_id}/shipments", {"carrier": "sf"})
    asyncio.run(remind(shop, Recording()))
    assert inbox(shop) == []


def test_who_picks_up_is_told_when_it_is_ready(shop: World) -> None:
    order(shop, "picked", guest={"email": "maria@example.it"}, delivery={"pick_up": True})
    order(shop, "picked", customer_id="han")

    async def test(server: MailServer, mail: Mail) -> None:
        await remind(shop, mail)
        assert [(to, str(letter["Subject"]).split()[-1]) for to, letter in server.taken] == [
            ("maria@example.it", "ready")
        ]

    with_server(test)


@pytest.mark.parametrize(
    ("named", "customers", "set_", "expected"),
    [
        ("zh-CN", None, "en", "付款"),
        (None, None, "zh-CN", "付款"),
        ("en", "zh-CN", "zh-CN", "payment"),
        (None, "zh-CN", "en", "付款"),
    ],
)
def test_a_letter_is_in_the_orders_language_or_the_customers_or_that_of_the_settings(
    shop: World, named: str | None, customers: str | None, set_: str, expected: str
) -> None:
    shop.patch("/v1/customers/han", {"language": customers}, version=1)
    order(shop, customer_id="han", language=named)

    async def test(server: MailServer, mail: Mail) -> None:
        reactions = reminders(mail, set_)
        await at_rest(shop, reactions)
        asked(shop, DUE_NOW)
        await work(shop, reactions)
        ((_, letter),) = server.taken
        assert expected in str(make_header(decode_header(str(letter["Subject"]))))
        body = letter.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert ("预留" in body.decode()) == (expected == "付款")

    with_server(test)


def test_every_message_has_the_same_words_in_every_language() -> None:
    kinds = [set(texts) for texts in TEXTS.values()]
    assert kinds.count(kinds[0]) == len(TEXTS)
    for texts in TEXTS.values():
        for told in texts.values():
            assert "{order_id}" in told.subject
            assert "{order_id}" in told.text


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


def matters(shop: World, order_id: str) -> list[tuple[str, str, str]]:
    told = shop.read(f"/v1/orders/{order_id}")["matters"]
    return [(each["matter"], each["about"], each["cause"]) for each in told]


@pytest.mark.parametrize("served", [True, False])
def test_a_customer_without_an_address_has_to_be_called_until_somebody_has(
    shop: World, *, served: bool
) -> None:
    order_id = order(shop, customer_id="silent")
    if served:
        with_server(lambda _server, mail: remind(shop, mail))
    else:
        asyncio.run(remind(shop, Recording()))
    assert inbox(shop) == [("remind_to_pay", "silent", False, "no address")]
    assert matters(shop, order_id) == [("call", "remind_to_pay", "no address")]
    position = shop.catch_up()
    (listed,) = shop.read("/v1/orders/exceptions", Daybook_Min_Position=str(position))["data"]
    assert (listed["order_id"], listed["exceptions"]) == (order_id, ["call"])
    shop.made(f"/v1/orders/{order_id}/attention", {"matter": "call", "about": "remind_to_pay"})
    assert matters(shop, order_id) == []


def test_who_was_forgotten_is_not_written_to(shop: World) -> None:
    order(shop, customer_id="han")
    shop.made("/v1/customers/han/erasure", {"reason": "request"})

    async def test(server: MailServer, mail: Mail) -> None:
        await remind(shop, mail)
        assert server.taken == []

    with_server(test)
    assert inbox(shop) == [("remind_to_pay", "han", False, "no address")]


def test_an_address_that_is_refused_for_good_is_not_tried_again(shop: World) -> None:
    order_id = order(shop, customer_id="han")

    async def test(server: MailServer, mail: Mail) -> None:
        server.answer_to_rcpt = "550 nobody here"
        await remind(shop, mail)
        server.answer_to_rcpt = "250 ok"
        await remind(shop, mail, DO_AGAIN)
        assert server.taken == []

    with_server(test)
    ((_, _, sent, failure),) = inbox(shop)
    assert (sent, failure) == (False, "refused with [550]")
    assert matters(shop, order_id) == [("call", "remind_to_pay", "refused with [550]")]


@pytest.mark.parametrize(("answer", "kind"), [("450 later", MailFailed), ("550 never", NotDelivered)])
def test_what_the_server_says_is_told_without_the_address(answer: str, kind: type[Exception]) -> None:
    async def test(server: MailServer, mail: Mail) -> None:
        server.answer_to_rcpt = f"{answer} {ADDRESS}"
        with pytest.raises(kind) as raised:
            await mail.send(LETTER, ADDRESS)
        assert ADDRESS not in f"{raised.value!r} {raised.value.__cause__!r}"

    with_server(test)


@pytest.mark.parametrize(
    "address", ["a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "a;b@c", "\xe4@b"]
)
def test_what_is_not_one_address_gets_no_letter_and_no_second_try(address: str) -> None:
    async def test(server: MailServer, mail: Mail) -> None:
        with pytest.raises(NotDelivered) as raised:
            await mail.send(LETTER, address)
        assert address not in f"{raised.value!r} {raised.value.__cause__!r}"
        assert server.taken == []

    with_server(test)


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with pytest.raises(MailFailed):
        asyncio.run(Mail("smtp://127.0.0.1:1", "shop@example.com").send(LETTER, ADDRESS))


def test_a_server_is_named_by_an_address_of_its_kind() -> None:
    with pytest.raises(MailUnusable):
        Mail("http://127.0.0.1", "shop@example.com")
