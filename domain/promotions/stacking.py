"""Stacking: which offers apply to a basket, in which order, and why the others don't. (Rule "Stacking".)

The order is total: phase, priority, id. Each offer reckons with what the ones before it left, or with the
original amounts. Of an exclusive group the offer applies that gives the lowest total. Caps, uses per basket
and floor prices cut what stacking gave, and budgets take an offer out whole.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from domain.kernel.money import allocate
from domain.kernel.quantity import Unit
from domain.promotions.benefits import Good, Use, off_order, uses_of, within_what_is_left
from domain.promotions.offer import Base, Conditions, Offer, Phase, Target

_EVERYTHING = Target()
_PHASES = {Phase.LINE: 0, Phase.ORDER: 1}


class Reason(enum.StrEnum):
    """Why an offer applied, or why it didn't."""

    APPLIED = "applied"
    OTHER_CURRENCY = "other_currency"
    OTHER_STORE = "other_store"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    OTHER_WEEKDAY = "other_weekday"
    OTHER_HOUR = "other_hour"
    OTHER_SEGMENT = "other_segment"
    OTHER_TIER = "other_tier"
    NOT_FIRST_PURCHASE = "not_first_purchase"
    NO_BIRTHDAY = "no_birthday"
    USED_UP = "used_up"
    CUSTOMER_NOT_NAMED = "customer_not_named"
    CUSTOMER_USED_IT_UP = "customer_used_it_up"
    OVER_BUDGET = "over_budget"
    NOTHING_COVERED = "nothing_covered"
    BELOW_MINIMUM = "below_minimum"
    TOO_FEW = "too_few"
    NOTHING_TO_TAKE_OFF = "nothing_to_take_off"
    LOST_TO_ANOTHER = "lost_to_another"


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line before discounts. `floor_minor` is what must be left to pay of it."""

    sku: str
    category: str
    unit: Unit
    quantity: int
    amount_minor: int
    floor_minor: int = 0


class Situation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where, when and who. `local` is the store's wall clock at `at`; `customer_id` None: nobody is named."""

    store_id: str
    currency: str
    at: datetime
    local: datetime
    customer_id: str | None = None
    segments: tuple[str, ...] = ()
    first_purchase: bool = False
    birthday: bool = False
    tier: str | None = None


class Used(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of a limited offer is gone: uses, this customer's uses, and money given."""

    uses: int = 0
    customer_uses: int = 0
    given_minor: int = 0


_UNUSED = Used()


class Grant(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the line × promotion matrix; `shares[i]` belongs to line i + 1."""

    offer: Offer
    base_minor: int
    amount_minor: int
    shares: tuple[int, ...]


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What became of an offer. `facts` name the numbers or the winner that decided it."""

    offer_id: str
    version: int
    reason: Reason
    amount_minor: int = 0
    facts: dict[str, int | str] = {}


Refused = tuple[Reason, dict[str, int | str]]
"""Why an offer did not apply, and the facts of it."""


class Stacked(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is left to pay of each line, the matrix, and which offers were tried and why some gave nothing."""

    net_minor: tuple[int, ...]
    grants: tuple[Grant, ...] = ()
    tried: tuple[Offer, ...] = ()
    refused: dict[str, Refused] = {}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What became of each offer."""
        amounts = {grant.offer.offer_id: grant.amount_minor for grant in self.grants}
        return tuple(self._verdict(offer, amounts.get(offer.offer_id, 0)) for offer in self.tried)

    def _verdict(self, offer: Offer, amount_minor: int) -> Verdict:
        reason, facts = self.refused.get(offer.offer_id, (Reason.APPLIED, {}))
        return Verdict(
            offer_id=offer.offer_id,
            version=offer.version,
            reason=reason,
            amount_minor=amount_minor,
            facts=facts,
        )


class _Fit(NamedTuple):
    """An offer that is not out of the question, and the lines it covers, counted from 0."""

    offer: Offer
    covered: Sequence[int]


class _Row:
    """What an offer gave while stacking, before caps and floors. `uses` are of offers on lines."""

    __slots__ = ("base_minor", "offer", "shares", "uses")

    def __init__(self, offer: Offer, base_minor: int, uses: Sequence[Use], shares: dict[int, int]) -> None:
        self.offer = offer
        self.base_minor = base_minor
        self.uses = uses
        self.shares = shares


class _Run:
    """One way through the offers: what each gave, why some gave nothing, what is left to pay."""

    def __init__(self, lines: Sequence[Line], fit: Iterable[_Fit]) -> None:
        self.rows: list[_Row] = []
        self.refused: dict[str, Refused] = {}
        left = [line.amount_minor for line in lines]
        for offer, covered in fit:
            self._apply(lines, left, offer, covered)
        _cut(lines, self.rows)
        self.net = [line.amount_minor for line in lines]
        for row in self.rows:
            for index, share in row.shares.items():
                self.net[index] -= share
        self.total = sum(self.net)

    def _apply(self, lines: Sequence[Line], left: list[int], offer: Offer, covered: Sequence[int]) -> None:
        original = offer.base is Base.ORIGINAL
        base = quantity = 0
        worth: list[int] = []
        for index in covered:
            line = lines[index]
            if (value := line.amount_minor if original else left[index]) > 0:
                worth.append(index)
                base += value
                quantity += line.quantity
        conditions = offer.conditions
        if not worth:
            self.refused[offer.offer_id] = (Reason.NOTHING_COVERED, {})
        elif base < conditions.minimum_minor:
            facts: dict[str, int | str] = {"minimum": conditions.minimum_minor, "basket": base}
            self.refused[offer.offer_id] = (Reason.BELOW_MINIMUM, facts)
        elif quantity < conditions.minimum_quantity:
            facts = {"minimum": conditions.minimum_quantity, "basket": quantity}
            self.refused[offer.offer_id] = (Reason.TOO_FEW, facts)
        else:
            uses: Sequence[Use] = ()
            if offer.phase is Phase.ORDER:
                shares = _spread(off_order(offer.benefit, base), worth, left)
            else:
                uses = _uses_on_lines(lines, left, offer, worth)
                shares = _shares_of(uses)
            if not shares:
                self.refused[offer.offer_id] = (Reason.NOTHING_TO_TAKE_OFF, {})
                return
            self.rows.append(_Row(offer, base, uses, shares))
            for index, share in shares.items():
                left[index] -= share


def _spread(amount_minor: int, worth: Sequence[int], left: Sequence[int]) -> dict[int, int]:
    """An amount of the order, by what is left of each line. (Domain rule "Proration".)"""
    weights = [left[index] for index in worth]
    shares = allocate(min(amount_minor, sum(weights)), weights)
    return {index: share for index, share in zip(worth, shares, strict=True) if share}


def _uses_on_lines(
    lines: Sequence[Line], left: Sequence[int], offer: Offer, worth: Sequence[int]
) -> list[Use]:
    original = offer.base is Base.ORIGINAL
    goods = [
        Good(
            index,
            lines[index].sku,
            lines[index].unit,
            lines[index].quantity,
            lines[index].amount_minor if original else left[index],
            left[index],
        )
        for index in worth
    ]
    uses = uses_of(offer.benefit, goods)
    # Only of the original amounts a line may have less left than the offer reckons with.
    return within_what_is_left(uses, goods) if original else uses


def stack(
    lines: Sequence[Line], offers: Iterable[Offer], situation: Situation, used: Mapping[str, Used]
) -> Stacked:
    """Prices the basket under the offers. `used` is by offer id; what is not in it has not been used."""
    refused: dict[str, Refused] = {}
    fit: list[_Fit] = []
    ordered = list(offers)
    if len(ordered) > 1:
        ordered.sort(key=lambda offer: (_PHASES[offer.phase], offer.priority, offer.offer_id))
    for offer in ordered:
        reason = _unfit(offer, situation, used.get(offer.offer_id, _UNUSED))
        if reason is None:
            fit.append(_Fit(offer, _covered(lines, offer.target)))
        else:
            refused[offer.offer_id] = (reason, {})
    while True:
        chosen, lost = _settle(lines, fit)
        run = _Run(lines, chosen)
        over = [row for row in run.rows if _over_budget(row, used)]
        if not over:
            break
        # The last in order goes first: those before it may fit when it is gone, never the other way round.
        last = over[-1].offer
        refused[last.offer_id] = (Reason.OVER_BUDGET, {})
        fit = [one for one in fit if one.offer is not last]
    for offer, winner in lost:
        refused[offer.offer_id] = (Reason.LOST_TO_ANOTHER, {"winner": winner.offer_id})
    refused.update(run.refused)
    return Stacked(
        net_minor=tuple(run.net),
        grants=_grants(len(lines), run, refused),
        tried=tuple(ordered),
        refused=refused,
    )


def _grants(lines: int, run: _Run, refused: dict[str, Refused]) -> tuple[Grant, ...]:
    grants: list[Grant] = []
    for row in run.rows:
        shares = row.shares
        if amount := sum(shares.values()):
            by_line = tuple([shares.get(index, 0) for index in range(lines)])
            grants.append(
                Grant(offer=row.offer, base_minor=row.base_minor, amount_minor=amount, shares=by_line)
            )
        else:
            # Cap or floor price have cut it.
            refused[row.offer.offer_id] = (Reason.NOTHING_TO_TAKE_OFF, {})
    return tuple(grants)


def _covered(lines: Sequence[Line], target: Target) -> Sequence[int]:
    if target == _EVERYTHING:
        return range(len(lines))
    return [at for at, line in enumerate(lines) if target.covers(line.sku, line.category)]


def _unfit(offer: Offer, situation: Situation, used: Used) -> Reason | None:
    """Why the offer is out of the question whatever is in the basket; None if it isn't."""
    limits = offer.limits
    if offer.currency != situation.currency:
        return Reason.OTHER_CURRENCY
    if (reason := _unmet(offer.conditions, situation)) is not None:
        return reason
    if limits.total_uses is not None and used.uses >= limits.total_uses:
        return Reason.USED_UP
    if limits.customer_uses is not None:
        if situation.customer_id is None:
            return Reason.CUSTOMER_NOT_NAMED
        if used.customer_uses >= limits.customer_uses:
            return Reason.CUSTOMER_USED_IT_UP
    return None


def _unmet(conditions: Conditions, situation: Situation) -> Reason | None:
    if conditions.stores and situation.store_id not in conditions.stores:
        return Reason.OTHER_STORE
    if conditions.valid_from is not None and situation.at < conditions.valid_from:
        return Reason.NOT_BEGUN
    if conditions.valid_until is not None and situation.at >= conditions.valid_until:
        return Reason.ENDED
    local = situation.local
    if conditions.weekdays and local.isoweekday() not in conditions.weekdays:
        return Reason.OTHER_WEEKDAY
    if not _in_window(local.hour * 60 + local.minute, conditions.from_min, conditions.until_min):
        return Reason.OTHER_HOUR
    if conditions.segments and set(conditions.segments).isdisjoint(situation.segments):
        return Reason.OTHER_SEGMENT
    if conditions.tiers and situation.tier not in conditions.tiers:
        return Reason.OTHER_TIER
    if conditions.first_purchase and not situation.first_purchase:
        return Reason.NOT_FIRST_PURCHASE
    if conditions.birthday and not situation.birthday:
        return Reason.NO_BIRTHDAY
    return None


def _in_window(minute: int, from_min: int, until_min: int) -> bool:
    if from_min <= until_min:
        return from_min <= minute < until_min
    return minute >= from_min or minute < until_min


def _settle(lines: Sequence[Line], fit: Sequence[_Fit]) -> tuple[list[_Fit], list[tuple[Offer, Offer]]]:
    """One offer of each exclusive group, the groups in the order of their first members.

    Each candidate is tried with all that stands already: the offers without a group and the earlier winners.
    """
    groups: dict[str, list[Offer]] = {}
    for offer, _ in fit:
        if offer.group is not None:
            groups.setdefault(offer.group, []).append(offer)
    if not groups:
        return list(fit), []
    standing = {offer.offer_id for offer, _ in fit if offer.group is None}
    lost: list[tuple[Offer, Offer]] = []
    for members in groups.values():
        winner = members[0]
        if len(members) > 1:
            totals = {
                member.offer_id: _Run(lines, _among(fit, standing | {member.offer_id})).total
                for member in members
            }
            winner = min(members, key=lambda member: (totals[member.offer_id], member.offer_id))
        standing.add(winner.offer_id)
        lost += [(member, winner) for member in members if member is not winner]
    return _among(fit, standing), lost


def _among(fit: Sequence[_Fit], ids: set[str]) -> list[_Fit]:
    return [one for one in fit if one.offer.offer_id in ids]


def _over_budget(row: _Row, used: Mapping[str, Used]) -> bool:
    budget = row.offer.limits.budget_minor
    if budget is None:
        return False
    return used.get(row.offer.offer_id, _UNUSED).given_minor + sum(row.shares.values()) > budget


def _cut(lines: Sequence[Line], rows: Sequence[_Row]) -> None:
    """Uses per basket, caps and floor prices, after stacking."""
    for row in rows:
        limits = row.offer.limits
        if limits.uses is not None and row.uses:
            row.shares = _shares_of(_first(row.uses, limits.uses))
        if limits.cap_minor is not None and sum(row.shares.values()) > limits.cap_minor:
            cut = allocate(limits.cap_minor, list(row.shares.values()))
            row.shares = dict(zip(row.shares, cut, strict=True))
    for index, line in enumerate(lines):
        if not line.floor_minor:
            continue
        most = max(0, line.amount_minor - line.floor_minor)
        given = sum(row.shares.get(index, 0) for row in rows)
        for row in reversed(rows):
            if given > most and (share := row.shares.get(index)):
                back = min(share, given - most)
                row.shares[index] -= back
                given -= back


def _first(uses: Sequence[Use], most: int) -> list[Use]:
    kept: list[Use] = []
    for use in uses:
        kept.append(Use(min(use.times, most), use.shares))
        most -= kept[-1].times
    return kept


def _shares_of(uses: Sequence[Use]) -> dict[int, int]:
    """What the uses take off together, by line in their order."""
    shares: dict[int, int] = {}
    for use in uses:
        for index, share in use.shares.items():
            shares[index] = shares.get(index, 0) + use.times * share
    return dict(sorted(shares.items()))
