"""Purchase orders by mail: each goes once to the contact that its sending names, if it still holds then."""

from collections.abc import Sequence
from datetime import datetime

from domain.kernel.event import AnyRecorded
from domain.purchasing.contact import CONTACT
from domain.purchasing.order import OPEN, PURCHASE, Purchase, PurchaseSent
from domain.purchasing.supplier import SUPPLIER
from domain.stockroom.purchase_paper import as_letter, paper
from domain.stores.store import STORE
from infra.messages import inbox
from infra.messages.port import Letter, Messenger, NotDelivered
from infra.people.accesses import note_access
from infra.tenancy import Tenant
from workers.reactor import CarryOut, Cause, Reaction

PURPOSE = "purchase order"


def purchase_letters(messenger: Messenger) -> Sequence[Reaction]:
    """The reaction that sends orders to suppliers, through this messenger."""
    return (Reaction("send_purchase", (PurchaseSent,), _to_a_contact, _sending(messenger)),)


def _to_a_contact(entry: AnyRecorded) -> datetime | None:
    sent: PurchaseSent = entry.data
    return None if sent.contact_id is None else entry.recorded_at


def _sending(messenger: Messenger) -> CarryOut:
    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        sent: PurchaseSent = entry.data
        purchase = await tenant.state_of(PURCHASE, sent.purchase_id)
        drafted = purchase.drafted
        assert drafted is not None, "it was drafted before it was sent"
        assert sent.contact_id is not None, "otherwise nothing is due"
        if purchase.status not in OPEN:
            return
        async with tenant.readers.connection() as connection:
            leaves = await inbox.record(
                connection,
                message_id=cause.id,
                kind=cause.reaction,
                about=PURCHASE.stream(sent.purchase_id),
                store_id=drafted.store_id,
                customer_id=None,
            )
        if leaves and messenger.sends:
            await _send(tenant, messenger, cause, purchase, sent.contact_id)

    return carry_out


async def _send(
    tenant: Tenant, messenger: Messenger, cause: Cause, purchase: Purchase, contact_id: str
) -> None:
    """Opens the address, sends, and notes that. Killed in between, it sends again under the same id."""
    sealed = (await tenant.state_of(CONTACT, contact_id)).email
    address = None if sealed is None else await tenant.vault.open(sealed)
    async with tenant.readers.connection() as connection:
        if address is None:
            await inbox.note_failure(connection, cause.id, "no address")
            return
        await note_access(
            connection,
            actor=f"reaction:{cause.reaction}",
            operation="sendMessage",
            purpose=PURPOSE,
            subjects=[CONTACT.stream(contact_id)],
            texts=1,
            request_id=None,
        )
    letter = await _letter(tenant, cause, purchase)
    failure: str | None = None
    try:
        await messenger.send(letter, address)
    except NotDelivered as error:
        failure = str(error)
    async with tenant.readers.connection() as connection:
        if failure is None:
            await inbox.note_sent(connection, cause.id)
        else:
            await inbox.note_failure(connection, cause.id, failure)


async def _letter(tenant: Tenant, cause: Cause, purchase: Purchase) -> Letter:
    drafted = purchase.drafted
    assert drafted is not None
    supplier = await tenant.state_of(SUPPLIER, drafted.supplier_id)
    store = await tenant.state_of(STORE, drafted.store_id)
    return Letter(
        message_id=cause.id,
        subject=f"Purchase order {drafted.purchase_id}",
        text=as_letter(paper(purchase, supplier, store)),
    )
