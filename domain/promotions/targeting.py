"""Whom a targeted campaign is for: customers are named for it, and more may follow."""

from collections.abc import Iterable

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States
from domain.promotions.campaign import CAMPAIGN, QUOTA, CustomerTargeted, quota_id

MAX_CUSTOMERS = 2_000


class TargetCustomers(Command, frozen=True, kw_only=True):
    """Names customers for a targeted campaign. For who was named before nothing is written again."""

    campaign_id: str
    customer_ids: tuple[str, ...]

    def streams(self) -> Iterable[str]:
        yield CAMPAIGN.stream(self.campaign_id)
        for customer_id in self.customer_ids:
            yield f"customer-{customer_id}"
            yield QUOTA.stream(quota_id(self.campaign_id, customer_id))

    def decide(self, states: States, at: Moment) -> Decision:
        rule = states.require(CAMPAIGN, self.campaign_id).rule
        assert rule is not None
        if not rule.targeted:
            raise InvalidCommand("The campaign is for everybody.", campaign_id=self.campaign_id)
        if not 0 < len(self.customer_ids) <= MAX_CUSTOMERS:
            raise InvalidCommand(f"Name 1 to {MAX_CUSTOMERS} customers at a time.")
        for customer_id in self.customer_ids:
            states.require_person(f"customer-{customer_id}")
        events = tuple(
            (
                QUOTA.stream(quota_id(self.campaign_id, customer_id)),
                CustomerTargeted(campaign_id=self.campaign_id, customer_id=customer_id),
            )
            for customer_id in dict.fromkeys(self.customer_ids)
            if not states.of(QUOTA, quota_id(self.campaign_id, customer_id)).targeted
        )
        return Decision(events=events, result=Done(id=self.campaign_id))
