"""Escalations: in the inbox of the store's staff, and by mail to the employee that a level names, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.kernel.event import AnyRecorded
from domain.kernel.sealed import Sealed
from domain.service.case import COMPLAINT, CaseEscalated
from domain.service.contact import SERVICE_CONTACT
from domain.service.terms import EVERY_STORE
from infra.messages import inbox
from infra.messages.port import Letter, Messenger, NotDelivered
from infra.people.accesses import note_access
from infra.tenancy import Tenant
from workers.reactor import CarryOut, Cause, Reaction
from workers.reminder_words import CHINESE, ENGLISH, Text
from workers.reminders import NO_ADDRESS

TOLD = "tell_escalation"
PURPOSE = "escalation"

WORDS: Mapping[str, Text] = {
    ENGLISH: Text(
        "Case {case_id} needs you",
        "The {clock} clock of case {case_id} has used {percent} % of its time (level {level}).\n",
    ),
    CHINESE: Text(
        "工单 {case_id} 需要您处理",
        "工单 {case_id} 的{clock}计时已用去时限的 {percent}%（第 {level} 级）。\n",
    ),
}
CLOCKS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {"first_response": "response", "update": "update", "solution": "solution"},
    CHINESE: {"first_response": "首次响应", "update": "进展通报", "solution": "解决"},
}


def case_letters(messenger: Messenger, language: str = ENGLISH) -> Sequence[Reaction]:
    """The reaction that tells of escalations, through this messenger."""
    return (Reaction(TOLD, (CaseEscalated,), _at_once, _telling(messenger, language)),)


def _at_once(entry: AnyRecorded) -> datetime:
    return entry.recorded_at


def _telling(messenger: Messenger, language: str) -> CarryOut:
    """That a level was passed stays so: it is told whatever has happened to the case since."""

    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        event: CaseEscalated = entry.data
        opened = (await tenant.state_of(COMPLAINT, event.case_id)).opened
        assert opened is not None, "it was opened before it was escalated"
        async with tenant.readers.connection() as connection:
            leaves = await inbox.record(
                connection,
                message_id=cause.id,
                kind=TOLD,
                about=COMPLAINT.stream(event.case_id),
                store_id=opened.store_id or EVERY_STORE,
                customer_id=None,
            )
        if leaves and messenger.sends and event.employee_id is not None:
            email = (await tenant.state_of(SERVICE_CONTACT, event.employee_id)).email
            await _send(tenant, messenger, letter_of(cause.id, event, language), email)

    return carry_out


def letter_of(message_id: str, event: CaseEscalated, language: str) -> Letter:
    """What an escalation says: ids and numbers, no text of the case."""
    known = language if language in WORDS else ENGLISH
    words = WORDS[known]
    about = {
        "case_id": event.case_id,
        "clock": CLOCKS[known][event.clock],
        "percent": event.percent,
        "level": event.level,
    }
    return Letter(
        message_id=message_id, subject=words.subject.format(**about), text=words.text.format(**about)
    )


async def _send(tenant: Tenant, messenger: Messenger, letter: Letter, email: Sealed | None) -> None:
    """Opens the address, sends, and notes that. Killed in between, it sends again under the same id."""
    address = None if email is None else await tenant.vault.open(email)
    async with tenant.readers.connection() as connection:
        if email is None or address is None:
            await inbox.note_failure(connection, letter.message_id, NO_ADDRESS)
            return
        await note_access(
            connection,
            actor=f"reaction:{TOLD}",
            operation="sendMessage",
            purpose=PURPOSE,
            subjects=[email.subject],
            texts=1,
            request_id=None,
        )
    failure: str | None = None
    try:
        await messenger.send(letter, address)
    except NotDelivered as error:
        failure = str(error)
    async with tenant.readers.connection() as connection:
        if failure is None:
            await inbox.note_sent(connection, letter.message_id)
        else:
            await inbox.note_failure(connection, letter.message_id, failure)
