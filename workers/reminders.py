"""Reminders to pay, to ship, to pick up and to receive: each once, if it is still so when it is due."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from domain.customers.customer import CUSTOMER
from domain.kernel.event import AnyRecorded
from domain.kernel.sealed import Sealed
from domain.orders.attending import AskAttention
from domain.orders.attention import CALL
from domain.orders.order import (
    ORDER,
    Order,
    OrderDelayed,
    OrderPicked,
    OrderPlaced,
    OrderShipped,
    OrderStatus,
)
from infra.messages import inbox
from infra.messages.mail import Mail
from infra.messages.port import Letter, Messenger, NotDelivered, Recording
from infra.people.accesses import note_access
from infra.settings import Settings
from infra.tenancy import Tenant
from workers.reactor import CarryOut, Cause, Reaction, issuing
from workers.reminder_words import ENGLISH, words_of

RECEIVE_AFTER = timedelta(days=7)
PURPOSE = "order reminder"
NO_ADDRESS = "no address"
Still = Callable[[Order, AnyRecorded], bool]
"""Whether what a message says is still so."""

_TO_SHIP = frozenset({OrderStatus.PAID, OrderStatus.ALLOCATED, OrderStatus.PICKED})


def messenger_of(settings: Settings) -> Messenger:
    """How messages leave: by mail where there is a server, else not at all."""
    return Recording() if settings.smtp_url is None else Mail(settings.smtp_url, settings.mail_from)


def reminders(messenger: Messenger, language: str = ENGLISH) -> Sequence[Reaction]:
    """The reactions that remind, through this messenger; in this language where nobody has named one."""
    to_customer = partial(_telling, messenger, language)
    return (
        Reaction("remind_to_pay", (OrderPlaced,), _halfway_to_payment, to_customer(_in(OrderStatus.PLACED))),
        Reaction("remind_to_ship", (OrderPlaced,), _ship_by, _telling_staff(_is_to_leave)),
        Reaction("remind_to_ship_again", (OrderDelayed,), _ship_by, _telling_staff(_is_late_again)),
        Reaction("remind_to_pick_up", (OrderPicked,), _at_once, to_customer(_waits_in_the_store)),
        Reaction("remind_to_receive", (OrderShipped,), _a_week_later, to_customer(_in(OrderStatus.SHIPPED))),
    )


def _in(status: OrderStatus) -> Still:
    return lambda order, _: order.status is status


def _is_to_leave(order: Order, _: AnyRecorded) -> bool:
    return order.status in _TO_SHIP and not order.delayed


def _is_late_again(order: Order, entry: AnyRecorded) -> bool:
    """Only of the last date that was named."""
    return order.status in _TO_SHIP and order.ship_by == entry.data.ship_by


def _waits_in_the_store(order: Order, _: AnyRecorded) -> bool:
    return order.status is OrderStatus.PICKED and order.delivery is not None and order.delivery.pick_up


def _at_once(entry: AnyRecorded) -> datetime:
    return entry.recorded_at


def _halfway_to_payment(entry: AnyRecorded) -> datetime | None:
    placed: OrderPlaced = entry.data
    if placed.person_id is None:
        return None
    return entry.recorded_at + (placed.pay_by - entry.recorded_at) / 2


def _ship_by(entry: AnyRecorded) -> datetime | None:
    promised: OrderPlaced | OrderDelayed = entry.data
    return promised.ship_by


def _a_week_later(entry: AnyRecorded) -> datetime | None:
    return None if entry.data.rest else entry.recorded_at + RECEIVE_AFTER


def _telling_staff(still: Still) -> CarryOut:
    """Tells the staff of the store, if it is `still` so."""

    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        order = await tenant.state_of(ORDER, entry.data.order_id)
        if still(order, entry):
            await _record(tenant, cause, order, to=None)

    return carry_out


def _telling(messenger: Messenger, language: str, still: Still) -> CarryOut:
    """Tells the customer or guest, if it is `still` so. Whom no mail reaches somebody has to call."""

    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        order = await tenant.state_of(ORDER, entry.data.order_id)
        placed = order.placed
        assert placed is not None, "it was placed before it was anything else"
        to = placed.person_id
        if to is None or not still(order, entry) or not await _record(tenant, cause, order, to=to):
            return
        customer = await tenant.state_of(CUSTOMER, to)
        address = customer.email
        if address is None:
            await _needs_a_call(tenant, entry, cause, NO_ADDRESS)
        elif messenger.sends:
            named = placed.language or customer.language or language
            failure = await _send(tenant, messenger, cause, placed, address, named)
            if failure is not None:
                await _needs_a_call(tenant, entry, cause, failure)

    return carry_out


async def _record(tenant: Tenant, cause: Cause, order: Order, *, to: str | None) -> bool:
    """Puts the message into the inbox, once; whether it has still to leave."""
    assert order.placed is not None, "it was placed before it was anything else"
    async with tenant.readers.connection() as connection:
        return await inbox.record(
            connection,
            message_id=cause.id,
            kind=cause.reaction,
            about=ORDER.stream(order.placed.order_id),
            store_id=order.placed.store_id,
            customer_id=to,
        )


async def _needs_a_call(tenant: Tenant, entry: AnyRecorded, cause: Cause, failure: str) -> None:
    """The order says so first: killed in between, the job finds the message still to leave."""
    order_id: str = entry.data.order_id
    asked = AskAttention(order_id=order_id, matter=CALL, about=cause.reaction, cause=failure)
    await issuing(lambda _: asked)(tenant, entry, cause)
    async with tenant.readers.connection() as connection:
        await inbox.note_failure(connection, cause.id, failure)


async def _send(
    tenant: Tenant,
    messenger: Messenger,
    cause: Cause,
    placed: OrderPlaced,
    sealed: Sealed,
    language: str,
) -> str | None:
    """Opens the address, sends, and notes that; or why it never will. Killed, it sends again under its id."""
    address = await tenant.vault.open(sealed)
    if address is None:
        return NO_ADDRESS
    async with tenant.readers.connection() as connection:
        await note_access(
            connection,
            actor=f"reaction:{cause.reaction}",
            operation="sendMessage",
            purpose=PURPOSE,
            subjects=[sealed.subject],
            texts=1,
            request_id=None,
        )
    told = words_of(cause.reaction, language)
    letter = Letter(
        message_id=cause.id,
        subject=told.subject.format(order_id=placed.order_id),
        text=told.text.format(order_id=placed.order_id),
    )
    try:
        await messenger.send(letter, address)
    except NotDelivered as error:
        return str(error)
    async with tenant.readers.connection() as connection:
        await inbox.note_sent(connection, cause.id)
    return None
