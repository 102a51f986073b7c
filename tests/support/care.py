"""Care rules for tests."""

from datetime import date
from typing import Any

from domain.care.quiet import QuietHours
from domain.care.rule import CARE, CareChannel, CareRule, CareRuleSet, Occasion
from domain.care.texts import CareText
from domain.care.touch import message_id
from domain.customers.customer import CUSTOMER, ConsentGiven, ConsentWithdrawn
from domain.customers.links import CustomerMerged, CustomerMergedInto
from domain.outreach.plan_care import PlanCare
from domain.outreach.send_care import SendCare
from infra.crypto.master_key import MasterKey
from infra.messages import inbox
from infra.tenancy import open_tenant
from tests.support.api import Json, World
from tests.support.decisions import Fact
from tests.support.journals import origin

AT_ANY_TIME = QuietHours(from_min=0, until_min=0)
GREETING = CareText(language="en", subject="Happy birthday", text="Dear {name}", unnamed="guest")


def care_rule(**fields: Any) -> CareRule:
    """Birthdays, by mail, at any time of the day."""
    usual: dict[str, Any] = {
        "name": "Birthday",
        "occasion": Occasion.BIRTHDAY,
        "store_id": "s1",
        "channel": CareChannel.EMAIL,
        "purpose": "marketing",
        "texts": (GREETING,),
        "active_from": date(2026, 1, 1),
        "quiet": AT_ANY_TIME,
    }
    return CareRule(**{**usual, **fields})


def a_care_rule(rule_id: str = "birthday", version: int = 1, **fields: Any) -> Fact:
    return CARE.stream(rule_id), CareRuleSet(rule_id=rule_id, version=version, rule=care_rule(**fields))


def agreed(customer_id: str = "c1", channel: str = "email") -> Fact:
    given = ConsentGiven(customer_id=customer_id, purpose="marketing", channel=channel, text_version="1")
    return CUSTOMER.stream(customer_id), given


def took_back(customer_id: str = "c1", channel: str = "email") -> Fact:
    gone = ConsentWithdrawn(customer_id=customer_id, purpose="marketing", channel=channel)
    return CUSTOMER.stream(customer_id), gone


def merged(other_id: str = "c2", into: str = "c1") -> tuple[Fact, Fact]:
    """Another record is the same person, for whom this one speaks."""
    return (
        (CUSTOMER.stream(into), CustomerMerged(customer_id=into, other_id=other_id)),
        (CUSTOMER.stream(other_id), CustomerMergedInto(customer_id=other_id, survivor_id=into)),
    )


def set_rule(shop: World, rule_id: str, version: int = 0, **fields: Any) -> Json:
    """Sets a rule by the API; by mail, of store s1, at any time."""
    body = {
        "name": rule_id.title(),
        "occasion": "birthday",
        "store_id": "s1",
        "channel": "email",
        "texts": [{"language": "en", "subject": "Hello", "text": "Dear {name}", "unnamed": "guest"}],
        "active_from": "2026-01-01",
        "quiet": {"from_min": 0, "until_min": 0},
        **fields,
    }
    answer = shop.call("PUT", f"/v1/care-rules/{rule_id}", body, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text
    return answer.json()


def add_customer(shop: World, customer_id: str, *, consent: str | None = "email", **details: str) -> str:
    """A customer who agreed to marketing by a channel, or did not."""
    shop.made("/v1/customers", {"customer_id": customer_id, **details})
    if consent is not None:
        given = {"purpose": "marketing", "channel": consent, "text_version": "1"}
        shop.made(f"/v1/customers/{customer_id}/consents", given)
    return customer_id


async def send_care(shop: World, rule_id: str, customer_id: str) -> str:
    """A message to a customer by a rule at any time, planned, sent and in the inbox; its id."""
    url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
    plan = PlanCare(rule_id=rule_id, customer_id=customer_id, occasion="2026", day=date(2026, 3, 1))
    async with open_tenant(url, url, master, shop.tenant.name) as tenant:
        await tenant.submit(plan, origin())
        await tenant.submit(SendCare(rule_id=rule_id, customer_id=customer_id, occasion="2026"), origin())
        sent = message_id(rule_id, customer_id, "2026")
        async with tenant.readers.connection() as connection:
            about = CARE.stream(rule_id)
            names = {"message_id": sent, "kind": "send_care", "about": about, "store_id": "s1"}
            await inbox.record(connection, **names, customer_id=customer_id)
    return sent
