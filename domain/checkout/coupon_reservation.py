"""Coupons held for somebody until a time limit, so that a basket can be paid later at the price it was told.

`reserve` and `release` are for decisions that do more than this, an order's for one: they need the streams of
`coupon_streams` and `coupon_links`. What was reserved is redeemed by who prices a basket with the same
reference. A lapsed reservation holds nothing, whether or not it was released. (Rule "Coupons".)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from domain.checkout.redemption import beyond, find_usable, own_validity
from domain.customers.customer import require_known
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.person import person_streams
from domain.kernel.stream import States
from domain.promotions.campaign import CAMPAIGN, CampaignOpened, require_budget
from domain.promotions.coupon import (
    COUPON,
    CouponReleased,
    CouponReserved,
    links,
    require_coupon,
)
from domain.promotions.holds import CampaignHeld, CampaignReleased, Hold, hold_key

LONGEST = timedelta(days=92)
"""A reservation keeps a place from everybody else: for a quarter at most."""

Facts = tuple[tuple[str, Event], ...]


class CouponNotReserved(NotFound):
    """Nothing is reserved of this coupon under this reference."""

    code = "coupon_not_reserved"


def coupon_streams(coupon_ids: Iterable[str]) -> Iterable[str]:
    """What a decision on these coupons looks at first."""
    return map(COUPON.stream, coupon_ids)


def coupon_links(states: States, coupon_ids: Iterable[str], customer_id: str | None) -> Iterable[str]:
    """What it looks at next: batches, campaigns and the customer's quotas."""
    for coupon_id in coupon_ids:
        yield from links(states, coupon_id, customer_id)


def reserve(
    states: States,
    at: Moment,
    *,
    coupon_ids: Iterable[str],
    customer_id: str | None,
    reference: str,
    until: datetime,
    amounts_minor: Mapping[str, int] | None = None,
) -> Facts:
    """Holds the coupons, all or none, or the refusal that a sale would meet. The same reference prolongs.

    Each holds its place in all limits of its campaign; of a budget, what `amounts_minor` says for it or else
    the most that it can take off.
    """
    if not at.recorded_at < until <= at.recorded_at + LONGEST:
        raise InvalidCommand(f"A reservation ends in the future, within {LONGEST.days} days.")
    before: dict[str, int] = {}
    more: dict[str, int] = {}
    facts: list[tuple[str, Event]] = []
    for coupon_id in sorted(coupon_ids):
        coupon, rule, own = find_usable(states, at, coupon_id, customer_id, reference, before)
        campaign_id = coupon.campaign_id
        amount = _at_most(rule, (amounts_minor or {}).get(coupon_id))
        campaign = states.of(CAMPAIGN, campaign_id)
        require_budget(campaign, at.recorded_at, amount, own, more.get(campaign_id, 0))
        more[campaign_id] = more.get(campaign_id, 0) + beyond(own, amount)
        hold = Hold(
            until=until,
            amount_minor=amount,
            day=rule.day_of(at.recorded_at) if own is None else own.day,
            customer_id=customer_id,
        )
        reserved = CouponReserved(
            coupon_id=coupon_id,
            campaign_id=campaign_id,
            reference=reference,
            hold=hold,
            prolonged=reference in coupon.held,
            valid_until=own_validity(coupon, coupon_id),
        )
        facts.append((COUPON.stream(coupon_id), reserved))
        if rule.limited:
            held = CampaignHeld(campaign_id=campaign_id, coupon_id=coupon_id, reference=reference, hold=hold)
            facts.append((CAMPAIGN.stream(campaign_id), held))
    return tuple(facts)


def _at_most(rule: CampaignOpened, amount_minor: int | None) -> int:
    """What is held of a budget; nothing where there is none."""
    if rule.budget_minor is None:
        return 0
    most = rule.most_minor
    if amount_minor is None:
        if most is None:
            raise InvalidCommand(
                "Say how much the coupon takes off at most: its campaign has a budget, and coupons no cap."
            )
        return most
    if amount_minor < 0:
        raise InvalidCommand("What a coupon takes off is zero or more.", amount=amount_minor)
    return amount_minor if most is None else min(amount_minor, most)


def release(states: States, *, coupon_ids: Iterable[str], reference: str, lapsed: bool = False) -> Facts:
    """Gives back what is reserved of the coupons under this reference; nothing where nothing is."""
    facts: list[tuple[str, Event]] = []
    for coupon_id in sorted(coupon_ids):
        coupon = states.of(COUPON, coupon_id)
        if reference not in coupon.held:
            continue
        campaign_id = coupon.campaign_id
        released = CouponReleased(
            coupon_id=coupon_id,
            campaign_id=campaign_id,
            reference=reference,
            lapsed=lapsed,
            valid_until=own_validity(coupon, coupon_id),
        )
        facts.append((COUPON.stream(coupon_id), released))
        facts.extend(give_place_back(states, campaign_id, coupon_id, reference))
    return tuple(facts)


def give_place_back(
    states: States, campaign_id: str, coupon_id: str, reference: str
) -> Iterable[tuple[str, Event]]:
    """The fact that frees a reservation's place in the campaign's limits, where it holds one."""
    if hold_key(coupon_id, reference) in states.of(CAMPAIGN, campaign_id).held:
        freed = CampaignReleased(campaign_id=campaign_id, coupon_id=coupon_id, reference=reference)
        yield CAMPAIGN.stream(campaign_id), freed


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a reservation, and to its end: `until` is then None."""

    coupon_ids: tuple[str, ...]
    reference: str
    until: datetime | None = None


class ReserveCoupons(Command, frozen=True, kw_only=True):
    """Reserves coupons, all or none, under a reference of the caller's choice.

    `currencies` are those that amounts were given in: all must be the campaigns'.
    """

    RESULT: ClassVar = Reservation

    coupon_ids: tuple[str, ...]
    customer_id: str | None = None
    reference: str
    until: datetime
    amounts_minor: dict[str, int] = {}  # noqa: RUF012 - msgspec copies it
    currencies: frozenset[str] = frozenset()

    def streams(self) -> Iterable[str]:
        yield from coupon_streams(self.coupon_ids)
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"

    def linked(self, states: States) -> Iterable[str]:
        yield from person_streams(states, self.customer_id)
        yield from coupon_links(states, self.coupon_ids, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        if self.customer_id is not None:
            require_known(states, self.customer_id)
        if not self.coupon_ids or len(set(self.coupon_ids)) < len(self.coupon_ids):
            raise InvalidCommand("Name the coupons to reserve, each once.")
        facts = reserve(
            states,
            at,
            coupon_ids=self.coupon_ids,
            customer_id=self.customer_id,
            reference=self.reference,
            until=self.until,
            amounts_minor=self.amounts_minor,
        )
        self._check_currencies(states)
        result = Reservation(coupon_ids=self.coupon_ids, reference=self.reference, until=self.until)
        return Decision(events=facts, result=result)

    def _check_currencies(self, states: States) -> None:
        for coupon_id in self.coupon_ids if self.currencies else ():
            rule = states.of(CAMPAIGN, require_coupon(states, coupon_id).campaign_id).rule
            assert rule is not None
            if self.currencies != frozenset((rule.currency,)):
                raise CurrencyMismatch(f"The coupon is worth {rule.currency}.", currency=rule.currency)


class ReleaseCoupon(Command, frozen=True, kw_only=True):
    """Ends a reservation. With `if_lapsed` only one that nobody can use any more, and no other is refused.

    That is one whose limit is over, or whose coupon was revoked with its batch.
    """

    RESULT: ClassVar = Reservation

    coupon_id: str
    reference: str
    if_lapsed: bool = False

    def streams(self) -> Iterable[str]:
        return coupon_streams((self.coupon_id,))

    def linked(self, states: States) -> Iterable[str]:
        return coupon_links(states, (self.coupon_id,), None)

    def decide(self, states: States, at: Moment) -> Decision:
        result = Reservation(coupon_ids=(self.coupon_id,), reference=self.reference)
        coupon = require_coupon(states, self.coupon_id)
        hold = coupon.held.get(self.reference)
        lapsed = hold is not None and hold.until <= at.recorded_at
        if self.if_lapsed and (hold is None or not (lapsed or coupon.revoked)):
            return Decision(events=(), result=result)
        if hold is None:
            raise CouponNotReserved(
                "Nothing is reserved of this coupon under this reference.", reference=self.reference
            )
        facts = release(states, coupon_ids=(self.coupon_id,), reference=self.reference, lapsed=lapsed)
        return Decision(events=facts, result=result)
