"""Consent: what a customer agreed to, by which channel, in which wording, and that they took it back.

Who recorded it and when stand in the entry's envelope.
"""

from collections.abc import Iterable

from domain.customers.customer import (
    CUSTOMER,
    Consent,
    ConsentGiven,
    ConsentWithdrawn,
    require_speaking,
)
from domain.customers.person import records_of
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import NotFound
from domain.kernel.person import person_streams
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States


class ConsentUnknown(NotFound):
    """The customer has not consented to that."""

    code = "consent_unknown"


class GiveConsent(Command, frozen=True, kw_only=True):
    """Records that a customer agreed. The same wording again changes nothing.

    It answers what merged records of theirs withdrew.
    """

    customer_id: str
    purpose: str
    channel: str
    text_version: str
    proof: Sealed | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def linked(self, states: States) -> Iterable[str]:
        return person_streams(states, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_speaking(states, self.customer_id)
        about = (self.purpose, self.channel)
        over = tuple(
            record.customer_id
            for record in records_of(states, self.customer_id)
            if record is not customer and about in record.withdrawn
        )
        given = Consent(purpose=self.purpose, channel=self.channel, text_version=self.text_version, over=over)
        event = ConsentGiven(
            customer_id=self.customer_id,
            purpose=self.purpose,
            channel=self.channel,
            text_version=self.text_version,
            proof=self.proof,
            over=over,
        )
        events = () if given in customer.consents else ((CUSTOMER.stream(self.customer_id), event),)
        return Decision(events=events, result=Done(id=self.customer_id))


class WithdrawConsent(Command, frozen=True, kw_only=True):
    """Records that a customer took a consent back, also one that another record's withdrawal hides.

    It would be back in force when the two are told to be two people.
    """

    customer_id: str
    purpose: str
    channel: str
    proof: Sealed | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def linked(self, states: States) -> Iterable[str]:
        return person_streams(states, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_speaking(states, self.customer_id)
        about = (self.purpose, self.channel)
        given = {(c.purpose, c.channel) for r in records_of(states, self.customer_id) for c in r.consents}
        if about not in given or about in customer.withdrawn:
            raise ConsentUnknown(
                "There is no such consent to withdraw. Check purpose and channel.",
                purpose=self.purpose,
                channel=self.channel,
            )
        event = ConsentWithdrawn(
            customer_id=self.customer_id, purpose=self.purpose, channel=self.channel, proof=self.proof
        )
        events = ((CUSTOMER.stream(self.customer_id), event),)
        return Decision(events=events, result=Done(id=self.customer_id))
