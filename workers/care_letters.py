"""Care messages leave: decided under the lock when they are due, sent after it, each once under its own id.

Killed between the decision and the sending, the job gets the decision's first answer again and sends then;
killed after the sending, it sends again under the same id, by which whoever gets it can tell. A server that
is away is tried for days: each try looks anew at consent, quiet hours and whether it is not too late.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from domain.care.quiet import is_quiet
from domain.care.rule import CARE, CareChannel, CareRule, version_of
from domain.care.texts import filled, text_in
from domain.care.touch import CareDeferred, CarePlanned, Outcome, message_id
from domain.catalog.product import PRODUCT
from domain.customers.customer import CUSTOMER, Customer
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.event import AnyRecorded
from domain.kernel.money import decimal
from domain.kernel.sealed import Sealed
from domain.outreach.plan_care import has_consent
from domain.outreach.send_care import MAX_LATE, CareAnswer, NoteUndelivered, SendCare, last_day
from domain.promotions.coupon import COUPON, CouponIssued, NewCoupon
from domain.stores.store import STORE
from infra.crypto.codes import draw_code
from infra.crypto.links import LinkKind, make_token
from infra.event_store.clerk import now_utc
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.messages import inbox
from infra.messages.port import Letter, Messenger, NotDelivered
from infra.people.accesses import note_access
from infra.people.persons import person_of
from infra.tenancy import Tenant
from workers.reactor import CarryOut, Cause, Reaction
from workers.reminder_words import ENGLISH
from workers.reminders import NO_ADDRESS

SEND = "send_care"
PURPOSE = "care message"
CLOCKS_APART = timedelta(seconds=2)
"""The queue goes by the database's clock and quiet hours by ours: so that few jobs come too early."""
NO_CONSENT = "no consent"
TOO_LATE = "too late"
LINKS_LAST = timedelta(days=90)

Planned = CarePlanned | CareDeferred
Channels = Mapping[CareChannel, Messenger]
Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)


class HoursAreQuiet(Exception):
    """Nobody is written to now: a later try may."""


class _Message(NamedTuple):
    """A message that leaves: what planned it, by which rule, to whom, with which coupon."""

    planned: Planned
    rule: CareRule
    customer: Customer
    coupon_id: str | None

    @property
    def id(self) -> str:
        """The same for the same rule, customer and occasion."""
        return message_id(self.planned.rule_id, self.planned.customer_id, self.planned.occasion)


def care_letters(
    channels: Channels, language: str = ENGLISH, link: str | None = None, clock: Clock = now_utc
) -> Sequence[Reaction]:
    """The reaction that sends what was planned, in this language where the customer has named none.

    Links of the texts go by the address `link` and a token, or without one to the rule's page at once.
    """
    return (Reaction(SEND, (CarePlanned, CareDeferred), _due_at, _sending(channels, language, link, clock)),)


def _due_at(entry: AnyRecorded) -> datetime:
    planned: Planned = entry.data
    return planned.due_at if planned.due_at <= entry.recorded_at else planned.due_at + CLOCKS_APART


def _sending(channels: Channels, language: str, link: str | None, clock: Clock) -> CarryOut:
    async def carry_out(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
        planned: Planned = entry.data
        customer = await tenant.state_of(CUSTOMER, planned.customer_id)
        if customer.erased:
            return
        versions = await tenant.state_of(CARE, planned.rule_id)
        rule = version_of(versions, planned.rule_id, planned.rule_version)
        answer = await _decide(tenant, entry, cause, rule)
        if answer is None or answer.outcome is not Outcome.SENT:
            return
        message = _Message(planned, rule, customer, answer.coupon_id)
        if await _record(tenant, message):
            failure = await _obstacle(tenant, message, clock())
            messenger = channels[rule.channel]
            if failure is None and messenger.sends:
                failure = await _send(tenant, message, messenger, language, link)
            if failure is not None:
                await _note_failure(tenant, message, failure)

    return carry_out


async def _decide(tenant: Tenant, entry: AnyRecorded, cause: Cause, rule: CareRule) -> CareAnswer | None:
    """What becomes of it; asked again, the first answer. None where the rules refuse, as of the forgotten."""
    planned: Planned = entry.data
    command = SendCare(
        rule_id=planned.rule_id,
        customer_id=planned.customer_id,
        occasion=planned.occasion,
        coupon=None if rule.coupon is None else await _drawn(tenant, planned.customer_id),
        sku=planned.sku,
    )
    return await _submit(tenant, entry, cause, command)


async def _submit(tenant: Tenant, entry: AnyRecorded, cause: Cause, command: Command) -> CareAnswer | None:
    origin = Origin(
        command_id=cause.id,
        actor=f"reaction:{cause.reaction}",
        channel="reactor",
        correlation_id=entry.correlation_id,
        causation_id=entry.command_id,
        # Of the cause and not of the command: each try draws another code, and the first counts.
        fingerprint=tenant.vault.fingerprint(cause.reaction.encode(), str(cause.position).encode()),
    )
    try:
        return (await tenant.submit(command, origin)).result
    except Refusal as refusal:
        log.info("reaction_refused", **cause._asdict(), code=refusal.code)
        return None


async def _drawn(tenant: Tenant, customer_id: str) -> NewCoupon:
    code = draw_code()
    coupon_id = tenant.vault.coupon_id(code)
    place = f"{CouponIssued.TYPE}/code/{coupon_id}"
    return NewCoupon(
        coupon_id=coupon_id, code=await tenant.vault.seal(CUSTOMER.stream(customer_id), place, code)
    )


async def _record(tenant: Tenant, message: _Message) -> bool:
    """Puts the message into the inbox, once; whether it has still to leave."""
    async with tenant.readers.connection() as connection:
        return await inbox.record(
            connection,
            message_id=message.id,
            kind=SEND,
            about=CARE.stream(message.planned.rule_id),
            store_id=message.rule.store_id,
            customer_id=message.planned.customer_id,
        )


async def _obstacle(tenant: Tenant, message: _Message, now: datetime) -> str | None:
    """Why it never leaves, as of this try; HoursAreQuiet where the next one may find it otherwise."""
    rule = message.rule
    if _address_of(message) is None:
        return NO_ADDRESS
    if not has_consent(rule, await person_of(tenant, message.customer)):
        return NO_CONSENT
    if now >= message.planned.due_at + MAX_LATE:
        return TOO_LATE
    store = await tenant.state_of(STORE, rule.store_id)
    if is_quiet(rule.quiet, now, store.time_zone):
        raise HoursAreQuiet("It is not sent in quiet hours.")
    return None


async def _note_failure(tenant: Tenant, message: _Message, failure: str) -> None:
    """Notes that it never arrives, in the journal first: killed in between, it is noted again."""
    planned = message.planned
    command = NoteUndelivered(
        rule_id=planned.rule_id,
        customer_id=planned.customer_id,
        occasion=planned.occasion,
        cause=failure,
    )
    try:
        await tenant.submit(command, Origin(command_id=uuid7(), actor=f"reaction:{SEND}", channel="reactor"))
    except Refusal as refusal:
        log.info("care_refused", tenant=tenant.name, rule_id=planned.rule_id, code=refusal.code)
    async with tenant.readers.connection() as connection:
        await inbox.note_failure(connection, message.id, failure)


def _address_of(message: _Message) -> Sealed | str | None:
    """Where it goes: a sealed address or, where the receiver knows its customers by it, the id."""
    match message.rule.channel:
        case CareChannel.EMAIL:
            return message.customer.email
        case CareChannel.SMS:
            return message.customer.phone
        case _:
            return message.planned.customer_id


async def _send(
    tenant: Tenant, message: _Message, messenger: Messenger, language: str, link: str | None
) -> str | None:
    """Opens what the message holds, sends it, and notes that; or why it never will."""
    address = _address_of(message)
    assert address is not None, "nothing stood in its way"
    boxes = [address] if isinstance(address, Sealed) else []
    code = None if message.coupon_id is None else await _code_of(tenant, message.coupon_id)
    boxes += [box for box in (message.customer.name, code) if box is not None]
    texts = dict(zip(boxes, await tenant.vault.open_all(boxes), strict=True))
    async with tenant.readers.connection() as connection:
        await note_access(
            connection,
            actor=f"reaction:{SEND}",
            operation="sendMessage",
            purpose=PURPOSE,
            subjects=[CUSTOMER.stream(message.planned.customer_id)],
            texts=len(texts),
            request_id=None,
        )
    to = texts[address] if isinstance(address, Sealed) else address
    if to is None:
        return NO_ADDRESS
    values = await _values(tenant, message)
    values["name"] = (message.customer.name and texts[message.customer.name]) or ""
    if code is not None:
        values["coupon"] = texts[code] or ""
    if message.rule.page is not None:
        values["link"] = message.rule.page if link is None else link + _token(tenant, message)
    chosen = text_in(message.rule.texts, message.customer.language, language)
    subject, text = filled(chosen, values)
    try:
        await messenger.send(Letter(message_id=message.id, subject=subject, text=text), to)
    except NotDelivered as error:
        return str(error)
    async with tenant.readers.connection() as connection:
        await inbox.note_sent(connection, message.id)
    return None


def _token(tenant: Tenant, message: _Message) -> str:
    """The same in each try."""
    expires_at = message.planned.due_at.replace(microsecond=0) + LINKS_LAST
    return make_token(tenant.vault, tenant.name, message.id, expires_at, LinkKind.CARE)


async def _code_of(tenant: Tenant, coupon_id: str) -> Sealed:
    """The sealed code that was issued, by whichever try."""
    async with tenant.readers.connection() as connection:
        (entry,) = await tenant.journal.read_first(connection, [COUPON.stream(coupon_id)])
    issued: CouponIssued = entry.data
    return issued.code


async def _values(tenant: Tenant, message: _Message) -> dict[str, str]:
    """What fills the placeholders, besides what is sealed."""
    store = await tenant.state_of(STORE, message.rule.store_id)
    values = {"shop": store.name}
    if message.planned.sku is not None:
        product = await tenant.state_of(PRODUCT, message.planned.sku)
        price = f"{decimal(product.price_minor, product.currency)} {product.currency}"
        values |= {"product": product.name, "price": price}
    if message.coupon_id is not None:
        until = (await tenant.state_of(COUPON, message.coupon_id)).valid_until
        assert until is not None, "a coupon of a message has an end"
        values["coupon_until"] = last_day(until, store).isoformat()
    return values
