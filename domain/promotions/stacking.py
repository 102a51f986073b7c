"""Stacking: which offers apply to a basket, in which order, and why the others don't. (Rule "Stacking".)

The order is total: phase, priority, id. Each offer reckons with what the ones before it left, or with the
original amounts. Of an exclusive group the offer applies that gives the lowest total. Caps, uses per basket
and floor prices cut what stacking gave, and budgets take an offer out whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from domain.promotions.benefits import Line
from domain.promotions.offer import Conditions, Offer, Phase, Target
from domain.promotions.run import Fit, Reason, Refused, Row, Run

_EVERYTHING = Target()
_PHASES = {Phase.LINE: 0, Phase.ORDER: 1}


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


def stack(
    lines: Sequence[Line], offers: Iterable[Offer], situation: Situation, used: Mapping[str, Used]
) -> Stacked:
    """Prices the basket under the offers. `used` is by offer id; what is not in it has not been used."""
    refused: dict[str, Refused] = {}
    fit: list[Fit] = []
    ordered = list(offers)
    if len(ordered) > 1:
        ordered.sort(key=lambda offer: (_PHASES[offer.phase], offer.priority, offer.offer_id))
    for offer in ordered:
        reason = _unfit(offer, situation, used.get(offer.offer_id, _UNUSED))
        if reason is None:
            fit.append(Fit(offer, _covered(lines, offer.target)))
        else:
            refused[offer.offer_id] = (reason, {})
    while True:
        run, lost = _settle(lines, fit)
        rows, net = run.cut()
        over = [row for row in rows if _over_budget(row, used)]
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
        net_minor=tuple(net),
        grants=_grants(len(lines), rows, refused),
        tried=tuple(ordered),
        refused=refused,
    )


def _grants(lines: int, rows: Sequence[Row], refused: dict[str, Refused]) -> tuple[Grant, ...]:
    grants: list[Grant] = []
    for row in rows:
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
    if conditions.first_purchase and not situation.first_purchase:
        return Reason.NOT_FIRST_PURCHASE
    if conditions.birthday and not situation.birthday:
        return Reason.NO_BIRTHDAY
    return None


def _in_window(minute: int, from_min: int, until_min: int) -> bool:
    if from_min <= until_min:
        return from_min <= minute < until_min
    return minute >= from_min or minute < until_min


def _settle(lines: Sequence[Line], fit: Sequence[Fit]) -> tuple[Run, list[tuple[Offer, Offer]]]:
    """One offer of each exclusive group, the groups in the order of their first members.

    Each candidate is tried with all that stands already: the offers without a group and the earlier winners.
    Up to a group's first member all of its candidates go the same way.
    """
    run = Run(lines)
    groups: dict[str, list[int]] = {}
    for at, (offer, _) in enumerate(fit):
        if offer.group is not None:
            groups.setdefault(offer.group, []).append(at)
    if not groups:
        run.go_on(fit)
        return run, []
    standing = [offer.group is None for offer, _ in fit]
    lost: list[tuple[Offer, Offer]] = []
    begin = 0
    for members in groups.values():
        winner = members[0]
        run.go_on(_standing(fit, standing, begin, winner))
        begin = winner
        if len(members) > 1:
            winner = min(members, key=_Candidates(run, fit, standing, begin).rank)
        standing[winner] = True
        lost += [(fit[at].offer, fit[winner].offer) for at in members if at != winner]
    run.go_on(_standing(fit, standing, begin, len(fit)))
    return run, lost


def _standing(fit: Sequence[Fit], standing: Sequence[bool], begin: int, end: int) -> Iterable[Fit]:
    return (fit[at] for at in range(begin, end) if standing[at])


class _Candidates:
    """The members of a group, each tried in the place of the others."""

    def __init__(self, run: Run, fit: Sequence[Fit], standing: Sequence[bool], begin: int) -> None:
        self._run = run
        self._fit = fit
        self._standing = standing
        self._begin = begin

    def rank(self, at: int) -> tuple[int, str]:
        """The total that the basket would have with this one, and its id."""
        tried = self._run.copy()
        tried.go_on(_standing(self._fit, self._standing, self._begin, at))
        tried.go_on((self._fit[at],))
        tried.go_on(_standing(self._fit, self._standing, at, len(self._fit)))
        _, net = tried.cut()
        return sum(net), self._fit[at].offer.offer_id


def _over_budget(row: Row, used: Mapping[str, Used]) -> bool:
    budget = row.offer.limits.budget_minor
    if budget is None:
        return False
    return used.get(row.offer.offer_id, _UNUSED).given_minor + sum(row.shares.values()) > budget
