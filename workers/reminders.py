"""Reminders to pay, to ship and to receive: each once per order, if it is still true when it is due."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.customers.customer import CUSTOMER
from domain.kernel.event import AnyRecorded
from domain.orders.order import ORDER, Order, OrderPlaced, OrderShipped, OrderStatus
from infra.messages import inbox
from infra.messages.mail import Mail
from infra.messages.port import Letter, Messenger, NotDelivered, Recording
from infra.people.accesses import note_access
from infra.settings import Settings
from infra.tenancy import Tenant
from workers.reactor import CarryOut, Cause, Reaction

RECEIVE_AFTER = timedelta(days=7)
PURPOSE = "order reminder"


class Text(NamedTuple):
    """What a kind of message says; `{order_id}` is all that it knows."""

    subject: str
    text: str


TEXTS = {
    "remind_to_pay": Text(
        "Your order {order_id} waits for its payment",
        "Your order {order_id} is reserved for you until its payment is due, and is given up after that.\n",
    ),
    "remind_to_receive": Text(
        "Has your order {order_id} arrived?",
        "Your order {order_id} left us a week ago. If it has not arrived, please tell us.\n",
    ),
    "remind_to_ship": Text(
        "Order {order_id} has not left", "Order {order_id} should have left by now, and has not.\n"
    ),
}


def messenger_of(settings: Settings) -> Messenger:
    """How messages leave: by mail where there is a server, else not at all."""
    return Recording() if settings.smtp_url is None else Mail(settings.smtp_url, settings.mail_from)


def reminders(messenger: Messenger) -> Sequence[Reaction]:
    """The reactions that remind, through this messenger."""
    return (
        Reaction(
            "remind_to_pay",
            (OrderPlaced,),
            _halfway_to_payment,
            _telling(messenger, lambda order: order.status is OrderStatus.PLACED, customer=True),
        ),
        Reaction(
            "remind_to_ship",
            (OrderPlaced,),
            _ship_by,
            _telling(
                messenger,
                lambda order: (
                    order.status in {OrderStatus.PAID, OrderStatus.ALLOCATED, OrderStatus.PICKED}
                    and not order.delayed
                ),
                customer=False,
            ),
        ),
        Reaction(
            "remind_to_receive",
            (OrderShipped,),
            _a_week_later,
            _telling(messenger, lambda order: order.status is OrderStatus.SHIPPED, customer=True),
        ),
    )


def _halfway_to_payment(entry: AnyRecorded) -> datetime | None:
    placed: OrderPlaced = entry.data
    if placed.person_id is None:
        return None
    return entry.recorded_at + (placed.pay_by - entry.recorded_at) / 2


def _ship_by(entry: AnyRecorded) -> datetime | None:
    placed: OrderPlaced = entry.data
    return placed.ship_by


def _a_week_later(entry: AnyRecorded) -> datetime | None:
    return None if entry.data.rest else entry.recorded_at + RECEIVE_AFTER


def _telling(messenger: Messenger, still: Callable[[Order], bool], *, customer: bool) -> CarryOut:
    """Tells the customer, or the staff, if it is `still` so."""

    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        order_id: str = entry.data.order_id
        order = await tenant.state_of(ORDER, order_id)
        placed = order.placed
        assert placed is not None, "it was placed before it was anything else"
        to = placed.person_id if customer else None
        if not still(order) or (customer and to is None):
            return
        async with tenant.readers.connection() as connection:
            leaves = await inbox.record(
                connection,
                message_id=cause.id,
                kind=cause.reaction,
                about=ORDER.stream(order_id),
                store_id=placed.store_id,
                customer_id=to,
            )
        if leaves and to is not None and messenger.sends:
            await _send(tenant, messenger, cause, order_id, to)

    return carry_out


async def _send(tenant: Tenant, messenger: Messenger, cause: Cause, order_id: str, customer_id: str) -> None:
    """Opens the address, sends, and notes that. Killed in between, it sends again under the same id."""
    sealed = (await tenant.state_of(CUSTOMER, customer_id)).email
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
            subjects=[CUSTOMER.stream(customer_id)],
            texts=1,
            request_id=None,
        )
    told = TEXTS[cause.reaction]
    letter = Letter(
        message_id=cause.id,
        subject=told.subject.format(order_id=order_id),
        text=told.text.format(order_id=order_id),
    )
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
