"""Granting credit: the shop owes a customer, within the limit of whoever says so."""

from collections.abc import Iterable
from datetime import datetime

from domain.access.approval import Authority, Request, allow
from domain.access.limits import Operation
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.money import MAX_AMOUNT_MINOR
from domain.kernel.stream import States
from domain.stored_value.value import CREDIT, CreditGranted, next_lot

MAX_CREDITS_LEFT = 100
"""Of a customer, not spent: each payment looks at them all."""
EVERY_STORE = "*"
"""Credit pays in all of them, so an approval for it names none."""


class GrantCredit(Command, frozen=True, kw_only=True):
    """Gives a customer credit. `document` is what it is about, as `return-…`.

    What the customer could spend afterwards is held against the limit of `authority`, so that a large credit
    can't be had in small ones; None is without limit. An approval for it names the customer.
    """

    customer_id: str
    currency: str
    amount_minor: int
    expires_at: datetime | None = None
    reason: str
    document: str | None = None
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield f"customer-{self.customer_id}"
        yield CREDIT.stream(self.customer_id)
        if self.authority is not None:
            yield from self.authority.streams()

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_person(f"customer-{self.customer_id}")
        credit = states.of(CREDIT, self.customer_id)
        if not 0 < self.amount_minor <= MAX_AMOUNT_MINOR:
            raise InvalidCommand("The amount is above zero.", amount=self.amount_minor)
        if credit.currency and credit.currency != self.currency:
            raise CurrencyMismatch(f"The customer's credit is in {credit.currency}.", currency=self.currency)
        if self.expires_at is not None and self.expires_at <= at.recorded_at:
            raise InvalidCommand("Credit expires in the future, or never.")
        if len(credit.lots) >= MAX_CREDITS_LEFT:
            raise InvalidCommand(
                f"The customer holds {MAX_CREDITS_LEFT} credits. Let some be spent first.",
                credits=len(credit.lots),
            )
        stream = CREDIT.stream(self.customer_id)
        request = Request(
            operation=Operation.CREDIT,
            store_id=EVERY_STORE,
            target=self.customer_id,
            needed=credit.spendable_minor(at.recorded_at) + self.amount_minor,
            currency=self.currency,
            document=stream,
        )
        allowance, used = allow(states, at, self.authority, request)
        granted = CreditGranted(
            customer_id=self.customer_id,
            currency=self.currency,
            lot=next_lot(credit, self.amount_minor, self.expires_at),
            reason=self.reason,
            document=self.document,
            allowance=allowance,
        )
        return Decision(events=((stream, granted), *used), result=Done(id=self.customer_id))
