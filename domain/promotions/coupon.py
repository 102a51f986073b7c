"""A coupon: issued, reserved with a time limit, redeemed, returned; or released, expired, revoked.

The code is a bearer secret and never stands in an event in clear. The coupon's id is the keyed hash of its
code (infra/crypto), so whoever presents the code names the stream; the journal holds the sealed code only for
reprints. Coupons of a batch have the batch's id and a number instead. (domain/promotions/batch.py)
"""

import enum
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.person import records
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind
from domain.promotions.batch import BATCH, Batch, batch_of, number_in_batch
from domain.promotions.campaign import (
    CAMPAIGN,
    QUOTA,
    CampaignOpened,
    CouponLimitReached,
    CouponNeedsCustomer,
    CouponOutsideValidity,
    counted_quota,
    quota_id,
)
from domain.promotions.holds import Hold, live, without

MAX_COUPONS_PER_ISSUE = 1_000
SNAPSHOT_EVERY = 500
"""Most coupons are used once, but a code may be everybody's."""


class CouponIssued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A code of a campaign exists. With `customer_id` only that customer may use it."""

    TYPE: ClassVar = "coupon.issued.v1"
    coupon_id: str
    campaign_id: str
    customer_id: str | None = None
    code: Sealed
    valid_until: datetime | None = None


class CouponReserved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Until the hold's limit only who names this reference uses the place. A second one prolongs the first.

    `valid_until`, in all events of a coupon, is the coupon's own if it has one.
    """

    TYPE: ClassVar = "coupon.reserved.v1"
    coupon_id: str
    campaign_id: str
    reference: str
    hold: Hold
    prolonged: bool = False
    valid_until: datetime | None = None


class CouponReleased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The reservation ended unused: given up, or `lapsed`."""

    TYPE: ClassVar = "coupon.released.v1"
    coupon_id: str
    campaign_id: str
    reference: str
    lapsed: bool = False
    valid_until: datetime | None = None


class CouponRedeemed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The code took `amount_minor` off a sale and is spent, or one use of it.

    With `reference` it had been reserved under that. `day` is where it counts against a day's limit, and
    `counted_for` whose uses of this code are counted.
    """

    TYPE: ClassVar = "coupon.redeemed.v1"
    coupon_id: str
    campaign_id: str
    sale_id: str
    customer_id: str | None = None
    amount_minor: int
    day: str | None = None
    reference: str | None = None
    valid_until: datetime | None = None
    counted_for: str | None = None


class CouponReturned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The whole sale came back: the coupon is issued again, or one use of it.

    `customer_id` is whose coupon it is, if it is one customer's alone; older events do not say.
    """

    TYPE: ClassVar = "coupon.returned.v1"
    coupon_id: str
    campaign_id: str
    sale_id: str
    return_id: str
    amount_minor: int
    valid_until: datetime | None = None
    counted_for: str | None = None
    customer_id: str | None = None


class CouponRevoked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Nobody may use the code any more, not even who reserved it. `unused`: it had never been redeemed.

    `customer_id` is whose coupon it is, if it is one customer's alone; older events do not say.
    """

    TYPE: ClassVar = "coupon.revoked.v1"
    coupon_id: str
    campaign_id: str
    reason: str
    unused: bool = True
    valid_until: datetime | None = None
    customer_id: str | None = None


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as decisions see it. `sale_id` is the last sale that used it, and `day` where that counts."""

    campaign_id: str = ""
    customer_id: str | None = None
    sale_id: str | None = None
    redeemed: int = 0
    day: str | None = None
    valid_until: datetime | None = None
    revoked: bool = False
    held: dict[str, Hold] = {}
    by_customer: dict[str, int] = {}


def _counted(uses: dict[str, int], customer_id: str | None, by: int) -> dict[str, int]:
    return uses if customer_id is None else {**uses, customer_id: uses.get(customer_id, 0) + by}


def evolve(state: Coupon, event: Event) -> Coupon:
    """The coupon after `event`."""
    replace = msgspec.structs.replace
    match event:
        case CouponIssued():
            return Coupon(
                campaign_id=event.campaign_id, customer_id=event.customer_id, valid_until=event.valid_until
            )
        case CouponRedeemed():
            return replace(
                state,
                campaign_id=event.campaign_id,
                sale_id=event.sale_id,
                redeemed=state.redeemed + 1,
                day=event.day,
                held=state.held if event.reference is None else without(state.held, event.reference),
                by_customer=_counted(state.by_customer, event.counted_for, 1),
            )
        case CouponReserved():
            held = {**state.held, event.reference: event.hold}
            return replace(state, campaign_id=event.campaign_id, held=held)
        case CouponReleased():
            return replace(state, held=without(state.held, event.reference))
        case CouponReturned():
            last = state.sale_id if state.sale_id != event.sale_id else None
            day = None if last is None else state.day
            uses = _counted(state.by_customer, event.counted_for, -1)
            return replace(state, redeemed=state.redeemed - 1, sale_id=last, day=day, by_customer=uses)
        case CouponRevoked():
            return replace(state, campaign_id=event.campaign_id, revoked=True)
        case _:
            return state


COUPON = StreamKind("coupon", Coupon(), evolve, snapshot_every=SNAPSHOT_EVERY)


class CouponUnknown(NotFound):
    """No coupon has this code."""

    code = "coupon_unknown"


class CouponMistyped(Refusal):
    """The code's check letter is wrong."""

    code = "coupon_mistyped"


class CouponSpent(Refusal):
    """The coupon has been used."""

    code = "coupon_spent"


class CouponOfAnother(Refusal):
    """The coupon was issued to somebody else."""

    code = "coupon_of_another_customer"


class CouponHeld(Refusal):
    """Somebody reserved the coupon. It is free again when the reservation ends."""

    code = "coupon_reserved"


class CouponIsRevoked(Refusal):
    """The coupon, or the whole batch that it is from, was revoked."""

    code = "coupon_revoked"


def links(states: States, coupon_id: str, customer_id: str | None) -> Iterable[str]:
    """The streams that a decision on this coupon needs besides its own: batch, campaign, the quotas."""
    campaign_id = states.of(COUPON, coupon_id).campaign_id
    if (batch_id := batch_of(coupon_id)) is not None:
        yield (batch := BATCH.stream(batch_id))
        if not campaign_id and batch in states:
            campaign_id = states.of(BATCH, batch_id).campaign_id
    if campaign_id:
        yield (campaign := CAMPAIGN.stream(campaign_id))
        if customer_id is None or campaign not in states:
            return
        if counted_quota(states, campaign_id, customer_id) is not None:
            for record in records(states, customer_id):
                yield QUOTA.stream(quota_id(campaign_id, record))


def find_coupon(states: States, coupon_id: str) -> Coupon | None:
    """The coupon, whether it was issued by itself or as one of a batch. Needs the streams of `links`."""
    coupon = states.of(COUPON, coupon_id)
    batch_id = batch_of(coupon_id)
    if batch_id is not None:
        coupon = of_batch(coupon, states.of(BATCH, batch_id), coupon_id)
    return coupon if coupon.campaign_id else None


def require_coupon(states: States, coupon_id: str) -> Coupon:
    """The coupon of somebody who showed its code, or CouponUnknown."""
    coupon = find_coupon(states, coupon_id)
    if coupon is None:
        raise CouponUnknown("There is no such coupon. Check the code.")
    return coupon


def no_coupon(coupon_id: str) -> NotFound:
    """What is answered to who asks for a coupon by its id."""
    return NotFound(f"There is no coupon {coupon_id!r}. Check the id.", kind="coupon", id=coupon_id)


def of_batch(coupon: Coupon, batch: Batch, coupon_id: str) -> Coupon:
    """What a coupon's own stream, perhaps still empty, tells together with that of its batch."""
    number = number_in_batch(coupon_id)
    if number is None or number >= batch.count:
        return Coupon()
    return msgspec.structs.replace(
        coupon,
        campaign_id=batch.campaign_id,
        valid_until=batch.valid_until,
        revoked=coupon.revoked or batch.revoked,
    )


def require_redeemable(
    states: States, coupon_id: str, customer_id: str | None, at: datetime, reference: str | None = None
) -> tuple[Coupon, Hold | None]:
    """The coupon, if this customer may use it now, under whichever id, and what is held under `reference`.

    A reservation outlives expiry until its limit; it doesn't outlive revocation.
    """
    coupon = require_coupon(states, coupon_id)
    if coupon.revoked:
        raise CouponIsRevoked("The coupon was revoked.", coupon_id=coupon_id)
    person = () if customer_id is None else records(states, customer_id)
    if coupon.customer_id is not None and coupon.customer_id not in person:
        raise CouponOfAnother("The coupon was issued to another customer.", coupon_id=coupon_id)
    own = None if reference is None else coupon.held.get(reference)
    if own is not None and at < own.until:
        if own.customer_id is not None and own.customer_id not in person:
            raise CouponOfAnother("The coupon is reserved for another customer.", coupon_id=coupon_id)
        return coupon, own
    rule = states.of(CAMPAIGN, coupon.campaign_id).rule
    assert rule is not None
    if rule.limit_per_code is not None:
        if coupon.redeemed >= rule.limit_per_code:
            raise CouponSpent("The coupon has been used.", coupon_id=coupon_id)
        if coupon.redeemed + sum(1 for _ in live(coupon.held, at)) >= rule.limit_per_code:
            raise CouponHeld("The coupon is reserved.", coupon_id=coupon_id)
    if (limit := rule.limit_per_customer_and_code) is not None:
        if customer_id is None:
            raise CouponNeedsCustomer("Name the customer: this campaign counts uses per customer.")
        held = sum(hold.customer_id in person for hold in live(coupon.held, at))
        if sum(coupon.by_customer.get(record, 0) for record in person) + held >= limit:
            raise CouponLimitReached("The customer has used this code as often as it allows.", limit=limit)
    if coupon.valid_until is not None and at >= coupon.valid_until:
        raise CouponOutsideValidity(
            "The coupon is not valid any more.", valid_until=coupon.valid_until.isoformat()
        )
    return coupon, None


class CouponStatus(enum.StrEnum):
    """Where a coupon stands at an instant."""

    ISSUED = "issued"
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    REVOKED = "revoked"


def status_of(coupon: Coupon, rule: CampaignOpened, at: datetime) -> CouponStatus:
    """The coupon's status then. A reservation outlives expiry; revocation ends both."""
    uses = coupon.redeemed
    if rule.limit_per_code is not None and uses >= rule.limit_per_code:
        return CouponStatus.REDEEMED
    if coupon.revoked:
        return CouponStatus.REVOKED
    held = sum(1 for _ in live(coupon.held, at))
    if held and (rule.limit_per_code is not None and uses + held >= rule.limit_per_code):
        return CouponStatus.RESERVED
    if at >= rule.valid_until or (coupon.valid_until is not None and at >= coupon.valid_until):
        return CouponStatus.EXPIRED
    return CouponStatus.ISSUED


class NewCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A drawn code: its keyed hash and its sealed text."""

    coupon_id: str
    code: Sealed


class CouponsIssued(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an issue: ids only; the API opens the sealed codes for the caller who asked."""

    campaign_id: str
    coupon_ids: tuple[str, ...]


class IssueCoupons(Command, frozen=True, kw_only=True):
    """Issues the drawn codes, all or none, to one customer or to whoever bears them."""

    RESULT: ClassVar = CouponsIssued

    campaign_id: str
    coupons: tuple[NewCoupon, ...]
    customer_id: str | None = None
    valid_until: datetime | None = None

    def streams(self) -> tuple[str, ...]:
        customer = () if self.customer_id is None else (f"customer-{self.customer_id}",)
        coupons = (COUPON.stream(coupon.coupon_id) for coupon in self.coupons)
        return (CAMPAIGN.stream(self.campaign_id), *customer, *coupons)

    def decide(self, states: States, at: Moment) -> Decision:
        rule = states.require(CAMPAIGN, self.campaign_id).rule
        assert rule is not None
        if self.valid_until is not None and self.valid_until <= rule.valid_from:
            raise InvalidCommand("valid_until must be after the campaign begins.")
        if self.customer_id is not None:
            states.require_person(f"customer-{self.customer_id}")
        if not 0 < len(self.coupons) <= MAX_COUPONS_PER_ISSUE:
            raise InvalidCommand(
                f"Issue 1 to {MAX_COUPONS_PER_ISSUE} coupons at a time.", coupons=len(self.coupons)
            )
        if len({coupon.coupon_id for coupon in self.coupons}) < len(self.coupons):
            raise InvalidCommand("Each coupon is issued once.", coupons=len(self.coupons))
        for coupon in self.coupons:
            states.require_absent(COUPON.stream(coupon.coupon_id))
        events = tuple(
            (
                COUPON.stream(coupon.coupon_id),
                CouponIssued(
                    coupon_id=coupon.coupon_id,
                    campaign_id=self.campaign_id,
                    customer_id=self.customer_id,
                    code=coupon.code,
                    valid_until=self.valid_until,
                ),
            )
            for coupon in self.coupons
        )
        ids = tuple(coupon.coupon_id for coupon in self.coupons)
        return Decision(events=events, result=CouponsIssued(campaign_id=self.campaign_id, coupon_ids=ids))
