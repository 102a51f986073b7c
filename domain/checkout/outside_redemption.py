"""A coupon that was redeemed in a sale outside, of which only the reference is known here."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.checkout.redemption import present, redeeming
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.person import person_streams
from domain.kernel.stream import States
from domain.promotions.campaign import CAMPAIGN, require_budget
from domain.promotions.coupon import COUPON, links


class RedeemedOutside(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: which coupon counts for which sale."""

    coupon_id: str
    sale_reference: str


class RedeemOutside(Command, frozen=True, kw_only=True):
    """Counts a redemption that another system made, under all limits, as of when it happened there.

    `sale_reference` names the sale there and stands where its id would; `amount_minor` is what is known
    of what it took off.
    """

    RESULT: ClassVar = RedeemedOutside

    coupon_id: str
    customer_id: str | None = None
    sale_reference: str
    amount_minor: int
    currency: str

    def streams(self) -> Iterable[str]:
        yield COUPON.stream(self.coupon_id)
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"

    def linked(self, states: States) -> Iterable[str]:
        yield from person_streams(states, self.customer_id)
        yield from links(states, self.coupon_id, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        if self.amount_minor < 0:
            raise InvalidCommand("What a coupon takes off is zero or more.", amount=self.amount_minor)
        if self.customer_id is not None:
            states.require_person(f"customer-{self.customer_id}")
        (coupon,) = present(
            states,
            Moment(occurred_at=at.occurred_at, recorded_at=at.occurred_at),
            currency=self.currency,
            customer_id=self.customer_id,
            coupon_ids=(self.coupon_id,),
        )
        campaign = states.of(CAMPAIGN, coupon.campaign_id)
        require_budget(campaign, at.occurred_at, self.amount_minor)
        facts = redeeming(
            states,
            coupon,
            self.amount_minor,
            sale_id=self.sale_reference,
            customer_id=self.customer_id,
        )
        result = RedeemedOutside(coupon_id=self.coupon_id, sale_reference=self.sale_reference)
        return Decision(events=tuple(facts), result=result)
