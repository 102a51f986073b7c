"""Letters with surveys: once, with consent that still holds, to a link by which the customer answers."""

import asyncio
import re
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from domain.service.case import CaseResolved
from domain.service.survey import SurveySent
from infra.jobs import migrate_jobs
from infra.messages.mail import Mail
from infra.messages.port import Messenger, Recording
from tests.support.api import World, add_shop, complain, world
from tests.support.facts import sealed
from tests.support.reacting import at_rest
from tests.support.read_models import entry_of
from tests.support.smtp_server import MailServer, mail_server
from workers.jobs.reactions import tenants_at_work
from workers.reactor import Cause, react
from workers.survey_letters import SENT, survey_letters

ADDRESS = "han@example.com"
PAGE = "https://shop.example/survey?t="
CONSENT = {"purpose": "survey", "channel": "email", "text_version": "1"}


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        opened.made("/v1/customers", {"customer_id": "han", "email": ADDRESS})
        planned = opened.call("PUT", "/v1/survey-plan", {"csat": True}, If_Match='"0"')
        assert planned.status_code == 200
        yield opened


def consents(shop: World) -> None:
    shop.made("/v1/customers/han/consents", CONSENT)


def resolve(shop: World, complaint_id: str) -> None:
    shop.made(f"/v1/complaints/{complaint_id}/resolutions", {"text": "Replaced."})


async def asking(shop: World, messenger: Messenger, page: str | None = PAGE) -> None:
    await at_rest(shop, survey_letters(messenger, page, "en"))


def inbox(shop: World) -> list[tuple[str, str | None, bool, str | None]]:
    return [
        (each["kind"], each["customer_id"], each["sent_at"] is not None, each["failure"])
        for each in shop.read("/v1/inbox")["data"]
    ]


def mailed(shop: World, times: int = 1) -> MailServer:
    """The server after everything has been carried out so many times."""

    async def served() -> MailServer:
        async with mail_server() as server:
            mail = Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com")
            for _ in range(times):
                await asking(shop, mail)
                with psycopg.connect(shop.tenant.owner_url) as connection:
                    connection.execute("SET search_path = jobs")
                    connection.execute("UPDATE procrastinate_jobs SET status = 'todo'")
            return server

    return asyncio.run(served())


def test_a_customer_is_asked_once_and_answers_by_the_letters_link(shop: World) -> None:
    consents(shop)
    resolve(shop, complain(shop, customer_id="han", store_id="s1"))
    ((to, letter),) = mailed(shop, times=2).taken
    assert to == ADDRESS
    token = re.search(rf"{re.escape(PAGE)}(\S+)", bytes(letter.get_payload(decode=True)).decode())
    assert token is not None
    shop.stranger().made(f"/v1/survey/{token[1]}", {"score": 5})
    assert inbox(shop) == [("send_survey", "han", True, None)]


def test_without_consent_no_question_is_asked_and_none_leaves(shop: World) -> None:
    resolve(shop, complain(shop, customer_id="han", store_id="s1"))
    assert mailed(shop).taken == []
    assert inbox(shop) == []


def test_each_resolution_is_asked_about_once_however_late_the_jobs_run(shop: World) -> None:
    """Both were decided before the first job ran: the last resolution alone stands, and is asked about."""
    consents(shop)
    complaint_id = complain(shop, customer_id="han", store_id="s1")
    resolve(shop, complaint_id)
    shop.made(f"/v1/complaints/{complaint_id}/reopenings", {"text": "No."})
    resolve(shop, complaint_id)
    assert len(mailed(shop, times=2).taken) == 1


def test_a_survey_that_is_handed_over_is_sent_to_nobody(shop: World) -> None:
    consents(shop)
    complaint_id = complain(shop, customer_id="han", store_id="s1")
    resolve(shop, complaint_id)
    shop.made(f"/v1/complaints/{complaint_id}/survey-links", {})
    assert mailed(shop).taken == []


def test_without_a_page_no_letter_leaves_and_the_inbox_has_it(shop: World) -> None:
    consents(shop)
    resolve(shop, complain(shop, customer_id="han", store_id="s1"))
    sending = Recording()
    sending.sends = True
    asyncio.run(asking(shop, sending, page=None))
    assert sending.given == []
    assert inbox(shop) == [("send_survey", "han", False, None)]


async def leave(shop: World, messenger: Messenger) -> None:
    """The letter of the survey that was asked leaves now."""
    (asked,) = [
        each["position"] for each in shop.read("/v1/events")["data"] if each["type"] == SurveySent.TYPE
    ]
    async with tenants_at_work(shop.settings) as get:
        cause = Cause(shop.tenant.name, SENT, asked)
        await react(await get(shop.tenant.name), cause, survey_letters(messenger, PAGE, "en"))


def asked_and_not_sent(shop: World) -> None:
    consents(shop)
    resolve(shop, complain(shop, customer_id="han", store_id="s1"))
    asyncio.run(at_rest(shop, survey_letters(Recording(), PAGE, "en")[:1]))


def test_a_consent_that_is_withdrawn_before_the_letter_leaves_holds_it_back(shop: World) -> None:
    asked_and_not_sent(shop)
    shop.made("/v1/customers/han/consents/withdrawals", {"purpose": "survey", "channel": "email"})
    asyncio.run(leave(shop, Recording()))
    assert inbox(shop) == [("send_survey", "han", False, "no consent")]


def test_whoever_was_forgotten_before_the_letter_leaves_gets_none(shop: World) -> None:
    asked_and_not_sent(shop)
    shop.made("/v1/customers/han/erasure", {})
    asyncio.run(leave(shop, Recording()))
    assert inbox(shop) == []


@pytest.mark.parametrize(("told_after", "asked"), [(timedelta(days=7), True), (timedelta(days=8), False)])
def test_what_was_resolved_long_ago_is_not_asked_about(told_after: timedelta, *, asked: bool) -> None:
    """An import tells of years at once."""
    (ask, _) = survey_letters(Recording(), PAGE, "en")
    resolved = entry_of(CaseResolved(case_id="q1", text=sealed()))
    resolved.recorded_at = resolved.occurred_at + told_after
    assert (ask.due(resolved) is not None) is asked
