"""Consent: what a customer agreed to, by which channel, in which wording, and that they took it back.

Who recorded it and when stand in the entry's envelope.
"""

from domain.customers.customer import CUSTOMER, Consent, ConsentGiven, ConsentWithdrawn, require_known
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import NotFound
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States


class ConsentUnknown(NotFound):
    """The customer has not consented to that."""

    code = "consent_unknown"


class GiveConsent(Command, frozen=True, kw_only=True):
    """Records that a customer agreed. The same wording again changes nothing."""

    customer_id: str
    purpose: str
    channel: str
    text_version: str
    proof: Sealed | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_known(states, self.customer_id)
        given = Consent(purpose=self.purpose, channel=self.channel, text_version=self.text_version)
        event = ConsentGiven(
            customer_id=self.customer_id,
            purpose=self.purpose,
            channel=self.channel,
            text_version=self.text_version,
            proof=self.proof,
        )
        events = () if given in customer.consents else ((CUSTOMER.stream(self.customer_id), event),)
        return Decision(events=events, result=Done(id=self.customer_id))


class WithdrawConsent(Command, frozen=True, kw_only=True):
    """Records that a customer took a consent back."""

    customer_id: str
    purpose: str
    channel: str
    proof: Sealed | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        customer = require_known(states, self.customer_id)
        if (self.purpose, self.channel) not in {(c.purpose, c.channel) for c in customer.consents}:
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
