"""Surveys by mail: each goes once, to whom it may still be sent when it leaves."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from domain.aftercare.asking import PURPOSE, AskAboutResolution, agrees_to_surveys
from domain.customers.customer import CUSTOMER
from domain.kernel.event import AnyRecorded
from domain.kernel.sealed import Sealed
from domain.service.case import COMPLAINT, CaseResolved, CaseStatus
from domain.service.survey import SURVEY, SurveyKind, SurveySent
from domain.service.survey_plan import MAIN, SURVEY_PLAN
from infra.crypto.links import LinkKind, make_token
from infra.messages import inbox
from infra.messages.port import Letter, Messenger, NotDelivered
from infra.people.accesses import note_access
from infra.people.persons import person_of
from infra.tenancy import Tenant
from workers.reactor import Cause, Reaction, issuing
from workers.reminders import NO_ADDRESS
from workers.survey_words import words_of

SENT = "send_survey"
LATELY = timedelta(days=7)
NO_CONSENT = "no consent"
EVERY_STORE = "*"
"""Whose message it is that is about no store."""


def survey_letters(messenger: Messenger, page: str | None, language: str) -> Sequence[Reaction]:
    """The reactions that ask about resolutions and send what is asked, with links to this page."""
    return (
        Reaction("ask_about_resolution", (CaseResolved,), _if_lately, _ask),
        Reaction(SENT, (SurveySent,), _unless_handed_over, partial(_send_survey, messenger, page, language)),
    )


async def _ask(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
    """Asks where the plan says so, unless the case was taken up again by then. The decision looks again."""
    case: CaseResolved = entry.data
    plan = (await tenant.state_of(SURVEY_PLAN, MAIN)).plan
    if plan.csat and (await tenant.state_of(COMPLAINT, case.case_id)).status is CaseStatus.RESOLVED:
        await issuing(lambda _: AskAboutResolution(case_id=case.case_id))(tenant, entry, cause)


def _if_lately(entry: AnyRecorded) -> datetime | None:
    """At once, unless it is told long after it happened, as by an import: nobody remembers that."""
    return entry.recorded_at if entry.recorded_at - entry.occurred_at <= LATELY else None


def _unless_handed_over(entry: AnyRecorded) -> datetime | None:
    sent: SurveySent = entry.data
    return None if sent.handed_over else entry.recorded_at


async def _send_survey(
    messenger: Messenger, page: str | None, language: str, tenant: Tenant, entry: AnyRecorded, cause: Cause
) -> None:
    """Puts it into the inbox and sends it, unless the customer was forgotten or has thought better of it."""
    sent: SurveySent = entry.data
    assert sent.customer_id is not None, "otherwise somebody hands it over"
    customer = await tenant.state_of(CUSTOMER, sent.customer_id)
    if customer.erased:
        return
    async with tenant.readers.connection() as connection:
        leaves = await inbox.record(
            connection,
            message_id=cause.id,
            kind=cause.reaction,
            about=SURVEY.stream(sent.survey_id),
            store_id=sent.store_id or EVERY_STORE,
            customer_id=sent.customer_id,
        )
    if not leaves:
        return
    plan = (await tenant.state_of(SURVEY_PLAN, MAIN)).plan
    needs_consent = sent.kind is not SurveyKind.CSAT or plan.csat_needs_consent
    failure: str | None = None
    if needs_consent and not agrees_to_surveys(await person_of(tenant, customer)):
        failure = NO_CONSENT
    elif customer.email is None:
        failure = NO_ADDRESS
    elif messenger.sends and page is not None:
        token = make_token(tenant.vault, tenant.name, sent.survey_id, sent.expires_at, LinkKind.SURVEY)
        told = words_of(sent.kind, customer.language or language)
        text = told.text.format(link=f"{page}{token}")
        letter = Letter(message_id=cause.id, subject=told.subject, text=text)
        failure = await _send(tenant, messenger, letter, customer.email)
    if failure is not None:
        async with tenant.readers.connection() as connection:
            await inbox.note_failure(connection, cause.id, failure)


async def _send(tenant: Tenant, messenger: Messenger, letter: Letter, email: Sealed) -> str | None:
    """Opens the address, sends, and notes that; or why it never will. Killed, it sends again under its id."""
    address = await tenant.vault.open(email)
    if address is None:
        return NO_ADDRESS
    async with tenant.readers.connection() as connection:
        await note_access(
            connection,
            actor=f"reaction:{SENT}",
            operation="sendMessage",
            purpose=PURPOSE,
            subjects=[email.subject],
            texts=1,
            request_id=None,
        )
    try:
        await messenger.send(letter, address)
    except NotDelivered as error:
        return str(error)
    async with tenant.readers.connection() as connection:
        await inbox.note_sent(connection, letter.message_id)
    return None
