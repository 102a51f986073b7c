"""A batch: up to a million codes of a campaign, issued by one event.

Its codes follow from the batch's id and their number by a keyed function (infra/crypto/codes.py), so nothing
has to be written for each of them. Coupon n of the batch has the id `<batch>.<n>`, and a stream of its own
from the first time that something happens to it. (Decision 0038.)
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind
from domain.promotions.campaign import CAMPAIGN

MAX_CODES = 1_000_000
SEPARATOR = "."
"""Ids of coupons outside batches are keyed hashes in base 32, which has no dot."""


class CouponBatchIssued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Codes 0 to `count` - 1 of this batch exist."""

    TYPE: ClassVar = "coupon.batch_issued.v1"
    batch_id: str
    campaign_id: str
    count: int
    valid_until: datetime | None = None


class CouponBatchRevoked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """No code of the batch may be used any more. What was redeemed stays redeemed."""

    TYPE: ClassVar = "coupon.batch_revoked.v1"
    batch_id: str
    campaign_id: str
    reason: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as decisions see it."""

    campaign_id: str = ""
    count: int = 0
    valid_until: datetime | None = None
    revoked: bool = False


def evolve(state: Batch, event: Event) -> Batch:
    """The batch after `event`."""
    match event:
        case CouponBatchIssued():
            return Batch(campaign_id=event.campaign_id, count=event.count, valid_until=event.valid_until)
        case CouponBatchRevoked():
            return msgspec.structs.replace(state, revoked=True)
        case _:
            return state


BATCH = StreamKind("couponbatch", Batch(), evolve)


def batch_coupon_id(batch_id: str, number: int) -> str:
    """The id of one coupon of a batch, numbered from 0."""
    return f"{batch_id}{SEPARATOR}{number}"


def batch_of(coupon_id: str) -> str | None:
    """The batch that a coupon is from; None of one that was issued by itself."""
    batch_id, dot, _ = coupon_id.rpartition(SEPARATOR)
    return batch_id if dot else None


def number_in_batch(coupon_id: str) -> int | None:
    """The coupon's number in its batch, in the one way that it is written; None of anything else."""
    number = coupon_id.rpartition(SEPARATOR)[2]
    # As batch_coupon_id writes it: another spelling would be another stream of the same coupon.
    return int(number) if number.isdecimal() and number == str(int(number)) else None


class BatchRevoked(Refusal):
    """The batch was revoked before."""

    code = "coupon_batch_revoked"


class BatchIssued(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an issue: the codes are read from the batch."""

    batch_id: str
    campaign_id: str
    count: int


class IssueBatch(Command, frozen=True, kw_only=True):
    """Issues `count` codes at once, all or none. `batch_id` is drawn by the caller, not chosen."""

    RESULT: ClassVar = BatchIssued

    batch_id: str
    campaign_id: str
    count: int
    valid_until: datetime | None = None

    def streams(self) -> tuple[str, ...]:
        return (BATCH.stream(self.batch_id), CAMPAIGN.stream(self.campaign_id))

    def decide(self, states: States, at: Moment) -> Decision:
        rule = states.require(CAMPAIGN, self.campaign_id).rule
        assert rule is not None
        states.require_absent(BATCH.stream(self.batch_id))
        if not 0 < self.count <= MAX_CODES:
            raise InvalidCommand(f"A batch has 1 to {MAX_CODES} codes.", count=self.count)
        if self.valid_until is not None and self.valid_until <= rule.valid_from:
            raise InvalidCommand("valid_until must be after the campaign begins.")
        issued = CouponBatchIssued(
            batch_id=self.batch_id,
            campaign_id=self.campaign_id,
            count=self.count,
            valid_until=self.valid_until,
        )
        answer = BatchIssued(batch_id=self.batch_id, campaign_id=self.campaign_id, count=self.count)
        return Decision(events=((BATCH.stream(self.batch_id), issued),), result=answer)


class RevokeBatch(Command, frozen=True, kw_only=True):
    """Revokes a whole batch, with the reason."""

    RESULT: ClassVar = BatchIssued

    batch_id: str
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (BATCH.stream(self.batch_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        batch = states.require(BATCH, self.batch_id)
        if batch.revoked:
            raise BatchRevoked("The batch was revoked before.", batch_id=self.batch_id)
        if not self.reason.strip():
            raise InvalidCommand("Say why the batch is revoked.")
        revoked = CouponBatchRevoked(
            batch_id=self.batch_id, campaign_id=batch.campaign_id, reason=self.reason
        )
        answer = BatchIssued(batch_id=self.batch_id, campaign_id=batch.campaign_id, count=batch.count)
        return Decision(events=((BATCH.stream(self.batch_id), revoked),), result=answer)
