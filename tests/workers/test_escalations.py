"""Cases are escalated by what their clocks show, each level once, and whoever is named hears of it once."""

import asyncio
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.checkout.assign_order import SetCrewMember
from domain.service.case import CaseAssigned, CaseEscalated, CaseOpened
from domain.service.contact import SetServiceContact
from domain.service.desk import Desk, EscalationLevel
from domain.service.terms import EVERY_STORE, ServiceTerms, SetServiceTerms
from domain.service.waiting import RespondToCustomer, WaitForCustomer
from infra.event_store.clerk import now_utc
from infra.jobs import migrate_jobs
from infra.messages.mail import Mail
from infra.messages.port import Messenger, Recording
from infra.tenancy import Tenant
from tests.support.api import World, world
from tests.support.cases import ALWAYS, an_hour_to_answer, escalated, opened, told
from tests.support.commands import STORE_ID, complain, hire, open_store
from tests.support.facts import sealed
from tests.support.freshness import at_work
from tests.support.journals import facts, origin, read_all
from tests.support.reacting import at_rest
from tests.support.smtp_server import mail_server
from workers.case_letters import case_letters
from workers.jobs.escalations import escalate_everywhere
from workers.jobs.reactions import tenants_at_work
from workers.reactions import REACTIONS

ADDRESS = "e1@shop.example"
BACK = "UPDATE case_deadlines_head SET position = 0"
EMPTY = "DELETE FROM case_deadlines"
ROWS = "SELECT * FROM case_deadlines ORDER BY case_id"


@pytest.fixture(scope="module")
def town(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("town"))) as opened_:
        migrate_jobs(opened_.tenant.owner_url)
        yield opened_


@pytest.fixture
def shop(town: World) -> World:
    """A tenant of its own with an hour to answer, which escalates at half and the whole of it."""
    shop = town.neighbour()
    told(shop, [open_store(), hire(), an_hour_to_answer()], minutes_ago=10_000)
    return shop


def levels(shop: World) -> list[tuple[str, int]]:
    return [(one.case_id, one.level) for one in facts(asyncio.run(read_all(shop.tenant)), CaseEscalated)]


def inbox(shop: World) -> list[tuple[str, str, bool, str | None]]:
    return [
        (each["kind"], each["about"], each["sent_at"] is not None, each["failure"])
        for each in shop.read("/v1/inbox")["data"]
    ]


def post(shop: World, messenger: Messenger) -> None:
    asyncio.run(at_rest(shop, case_letters(messenger)))


def test_each_level_is_told_of_when_it_is_passed_and_only_once(shop: World) -> None:
    opened(shop, "old", minutes_ago=70)
    opened(shop, "new", minutes_ago=40)
    opened(shop, "newest", minutes_ago=10)

    assert [escalated(shop), escalated(shop)] == [3, 0]

    assert sorted(levels(shop)) == [("new", 1), ("old", 1), ("old", 2)]
    assert escalated(shop, now_utc() + timedelta(minutes=25)) == 2
    assert sorted(levels(shop))[:2] == [("new", 1), ("new", 2)]


def test_what_was_answered_or_waits_is_not_escalated(shop: World) -> None:
    opened(shop, "answered", "waits", minutes_ago=70)
    told(
        shop,
        [
            RespondToCustomer(case_id="answered", text=sealed("We look.", "complaint-answered")),
            WaitForCustomer(case_id="waits", reason="photo"),
        ],
        minutes_ago=69,
    )

    assert escalated(shop) == 0


def test_two_at_once_tell_of_each_level_once(shop: World) -> None:
    opened(shop, *(f"q{number}" for number in range(5)), minutes_ago=70)

    async def both() -> int:
        url = shop.tenant.service_url
        async with tenants_at_work(shop.settings) as one, tenants_at_work(shop.settings) as other:
            looks = (escalate_everywhere(url, one), escalate_everywhere(url, other))
            return sum(await asyncio.gather(*looks))

    assert asyncio.run(both()) == 10
    assert len(set(levels(shop))) == len(levels(shop)) == 10


def test_the_table_worked_out_anew_is_the_same(shop: World) -> None:
    opened(shop, "old", "older", minutes_ago=70)
    opened(shop, "new", minutes_ago=10)
    escalated(shop)
    escalated(shop)
    before = shop.query(ROWS)

    shop.query(EMPTY)
    shop.query(BACK)
    escalated(shop)

    assert (len(before), shop.query(ROWS)) == (3, before)


def test_an_escalation_is_in_the_inbox_once(shop: World) -> None:
    opened(shop, "old", minutes_ago=40)
    escalated(shop)

    post(shop, Recording())
    post(shop, Recording())

    assert inbox(shop) == [("tell_escalation", "complaint-old", False, None)]


def names_e1(shop: World, *, minutes_ago: int = 0) -> None:
    told(shop, [an_hour_to_answer(EscalationLevel(percent=50, employee_id="e1"))], minutes_ago=minutes_ago)


def mailed(shop: World) -> list[tuple[str, str]]:
    """Who gets which letters, though they are tried twice."""

    async def served() -> list[tuple[str, str]]:
        async with mail_server() as server:
            mail = Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com")
            for _ in range(2):
                await at_rest(shop, case_letters(mail))
            return [(to, str(letter["Subject"])) for to, letter in server.taken]

    return asyncio.run(served())


def test_whom_the_level_names_gets_a_letter_once_and_its_opening_is_logged(shop: World) -> None:
    async def gives_an_address(tenant: Tenant) -> None:
        email = await tenant.vault.seal("employee-e1", "service.contact_set.v1/email", ADDRESS)
        await tenant.submit(SetServiceContact(employee_id="e1", email=email), origin())

    at_work(shop, gives_an_address)
    names_e1(shop)
    opened(shop, "old", minutes_ago=40)
    escalated(shop)

    assert mailed(shop) == [(ADDRESS, "Case old needs you")]
    assert inbox(shop) == [("tell_escalation", "complaint-old", True, None)]
    (access,) = shop.read("/v1/audit/accesses?subject=employee-e1")["data"]
    assert (access["operation"], access["purpose"]) == ("sendMessage", "escalation")
    assert ADDRESS not in shop.everything_stored()


def test_who_has_no_address_is_not_written_to_and_the_inbox_says_so(shop: World) -> None:
    names_e1(shop)
    opened(shop, "old", minutes_ago=40)
    escalated(shop)

    assert mailed(shop) == []
    assert inbox(shop) == [("tell_escalation", "complaint-old", False, "no address")]


def test_a_case_of_a_store_is_given_to_its_crew_and_makes_room_when_it_is_settled(shop: World) -> None:
    terms = SetServiceTerms(
        store_id=EVERY_STORE, terms=ServiceTerms(calendar=ALWAYS), desk=Desk(assigns=True)
    )
    told(shop, [terms, SetCrewMember(store_id=STORE_ID, employee_id="e1", capacity=1)])
    told(shop, [complain(case_id, store_id=STORE_ID) for case_id in ("one", "two")])
    asyncio.run(at_rest(shop, REACTIONS))

    shop.made("/v1/complaints/one/resolutions", {"text": "Refunded."})
    asyncio.run(at_rest(shop, REACTIONS))

    given = facts(asyncio.run(read_all(shop.tenant)), CaseAssigned)
    assert [(one.case_id, one.employee_id) for one in given] == [("one", "e1"), ("two", "e1")]
    crew = shop.read(f"/v1/stores/{STORE_ID}/crew")
    assert (crew["members"][0]["work"], crew["waiting"]) == (["complaint-two"], [])


def test_a_store_without_levels_escalates_nothing(town: World) -> None:
    shop = town.neighbour()
    opened(shop, "old", minutes_ago=70)

    assert (escalated(shop), len(facts(asyncio.run(read_all(shop.tenant)), CaseOpened))) == (0, 1)
