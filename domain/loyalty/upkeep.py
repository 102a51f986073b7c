"""What a daily job writes down: points that have lapsed, and tiers that a review finds too high."""

from collections.abc import Sequence

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, lapse
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.loyalty.tiers import review


class LapsePoints(Command, frozen=True, kw_only=True):
    """Writes down what of a customer's points has lapsed. Again it writes nothing.

    Decisions never spend lapsed points, whether this was done or not.
    """

    customer_id: str

    def streams(self) -> Sequence[str]:
        return (LOYALTY.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        lapsed = lapse(states.of(LOYALTY, self.customer_id), self.customer_id, at.recorded_at)
        stream = LOYALTY.stream(self.customer_id)
        events = () if lapsed is None else ((stream, lapsed),)
        return Decision(events=events, result=Done(id=self.customer_id))


class ReviewTier(Command, frozen=True, kw_only=True):
    """Holds a customer's tier against the programme of today. A review with nothing new writes nothing."""

    customer_id: str

    def streams(self) -> Sequence[str]:
        return (LOYALTY.stream(self.customer_id), PROGRAMME.stream(MAIN))

    def decide(self, states: States, at: Moment) -> Decision:
        programme = states.of(PROGRAMME, MAIN).present
        standing = states.of(LOYALTY, self.customer_id).standing
        found = programme and review(standing, programme, self.customer_id, at.recorded_at)
        events = () if found is None else ((LOYALTY.stream(self.customer_id), found),)
        return Decision(events=events, result=Done(id=self.customer_id))
