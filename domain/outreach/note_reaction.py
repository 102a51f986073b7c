"""What customers do with what they were written: opened, followed a link, answered, rated."""

from collections.abc import Sequence

from domain.care.touch import TOUCH, CareReacted, Outcome, ReactionKind
from domain.customers.customer import CUSTOMER, require_known
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.outreach.send_care import require_told

LEAST_RATING, BEST_RATING = 1, 5


class NoteReaction(Command, frozen=True, kw_only=True):
    """Notes a reaction to a message that was sent. Opened, clicked or rated the same again, it is known."""

    rule_id: str
    customer_id: str
    occasion: str
    kind: ReactionKind
    rating: int | None = None
    text: Sealed | None = None

    def streams(self) -> Sequence[str]:
        return (CUSTOMER.stream(self.customer_id), TOUCH.stream(self.customer_id))

    def decide(self, states: States, at: Moment) -> Decision:
        require_known(states, self.customer_id)
        told = require_told(states, self.rule_id, self.customer_id, self.occasion)
        # What was thought never to arrive may have arrived all the same.
        if told.outcome not in {Outcome.SENT, Outcome.UNDELIVERED}:
            raise InvalidCommand("The message was not sent.", outcome=told.outcome.value)
        if (self.rating is not None) != (self.kind is ReactionKind.RATED):
            raise InvalidCommand("A rating is given where a message is rated, and only there.")
        if self.rating is not None and not LEAST_RATING <= self.rating <= BEST_RATING:
            raise InvalidCommand(f"A rating is {LEAST_RATING} to {BEST_RATING}.", rating=self.rating)
        if self.text is not None and self.kind not in {ReactionKind.REPLIED, ReactionKind.RATED}:
            raise InvalidCommand("A text is what somebody answered, or why they rated it so.")
        if self.text is None and self.kind in told.reactions and self.rating in {None, told.rating}:
            return Decision(events=(), result=Done(id=self.customer_id))
        event = CareReacted(
            rule_id=self.rule_id,
            customer_id=self.customer_id,
            occasion=self.occasion,
            kind=self.kind,
            rating=self.rating,
            text=self.text,
        )
        events = ((TOUCH.stream(self.customer_id), event),)
        return Decision(events=events, result=Done(id=self.customer_id))
