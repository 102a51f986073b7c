"""Digests of alerts: in the inbox of the store's staff, and by mail to whom the store names, each once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from domain.alerts.digest import DIGESTS, AlertsTold
from domain.alerts.policy import ALERT_POLICY, policy_id
from domain.kernel.event import AnyRecorded
from domain.kernel.sealed import Sealed
from domain.staff.employee import EMPLOYEE
from infra.messages import inbox
from infra.messages.mail import MailFailed
from infra.messages.port import Letter, Messenger, NotDelivered
from infra.people.accesses import note_access
from infra.tenancy import Tenant
from projections.stock_alerts.queries import told
from workers.alert_words import digest_of
from workers.reactor import CarryOut, Cause, Reaction
from workers.reminder_words import ENGLISH
from workers.reminders import NO_ADDRESS

FEW = 20
"""So many of a kind stand in a letter; the others are counted, and are to be read with GET /v1/alerts."""
TOLD = "tell_alerts"
MAILED = "mail_alerts"
PURPOSE = "stock alerts"


def alert_letters(messenger: Messenger, language: str = ENGLISH) -> Sequence[Reaction]:
    """The reaction that tells what was raised, through this messenger."""
    return (Reaction(TOLD, (AlertsTold,), _at_once, _telling(messenger, language)),)


def _at_once(entry: AnyRecorded) -> datetime:
    return entry.recorded_at


def _telling(messenger: Messenger, language: str) -> CarryOut:
    """What is over by then, or was seen, is not told; if nothing is left, there is no message."""

    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        event: AlertsTold = entry.data
        async with tenant.readers.connection() as connection:
            open_ = await told(connection, event.store_id, after=event.after, up_to=event.up_to, few=FEW)
        if not open_:
            return
        await _record(tenant, cause.id, TOLD, DIGESTS.stream(event.store_id), event.store_id)
        if not messenger.sends:
            return
        subject, text = digest_of(event.store_id, open_, language)
        policy = await tenant.state_of(ALERT_POLICY, policy_id(event.store_id, None))
        failed: list[MailFailed] = []
        for employee_id, email in sorted(policy.recipients.items()):
            letter = Letter(message_id=_letter_id(cause, employee_id), subject=subject, text=text)
            about = EMPLOYEE.stream(employee_id)
            if await _record(tenant, letter.message_id, MAILED, about, event.store_id):
                try:
                    await _send(tenant, messenger, letter, email)
                except MailFailed as error:
                    # Whom the server does not take today keeps no other from getting it.
                    failed.append(error)
        if failed:
            raise failed[0]

    return carry_out


def _letter_id(cause: Cause, employee_id: str) -> str:
    return hashlib.sha256(f"{cause.id}\0{employee_id}".encode()).hexdigest()[:32]


async def _record(tenant: Tenant, message_id: str, kind: str, about: str, store_id: str) -> bool:
    """Puts the message into the inbox, once; whether it has still to leave."""
    async with tenant.readers.connection() as connection:
        return await inbox.record(
            connection, message_id=message_id, kind=kind, about=about, store_id=store_id, customer_id=None
        )


async def _send(tenant: Tenant, messenger: Messenger, letter: Letter, email: Sealed) -> None:
    """Opens the address, sends, and notes that. Killed in between, it sends again under the same id."""
    address = await tenant.vault.open(email)
    async with tenant.readers.connection() as connection:
        if address is None:
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
