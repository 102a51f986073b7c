"""Stacking: which offers apply to a basket, in which order, and why the others don't. (Rule "Stacking".)

The order is total: phase, priority, id. Each offer reckons with what the ones before it left, or with the
original amounts. Of an exclusive group the offer applies that gives the lowest total. Caps, uses per basket
and floor prices cut what stacking gave, and budgets take an offer out whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from domain.promotions.benefits import Line
from domain.promotions.offer import (
    MINUTES_A_DAY,
    Bundle,
    BuyGet,
    Conditions,
    Gift,
    Offer,
    Phase,
    SpendAndSave,
    Target,
)
from domain.promotions.run import Fit, Reason, Refused, Row
from domain.promotions.settling import settle

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
    tier: str | None = None


class Used(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of a limited offer is gone: uses, this customer's uses (this year's too), and money given."""

    uses: int = 0
    customer_uses: int = 0
    customer_uses_this_year: int = 0
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
        ordered.sort(key=_order)
    basket = _Basket(lines)
    for offer in ordered:
        if (reason := _unfit(offer, situation, used)) is not None:
            refused[offer.offer_id] = (reason, {})
        elif (found := basket.fit(offer)).covered or offer.group is not None:
            fit.append(found)
        else:
            refused[offer.offer_id] = (Reason.NOTHING_COVERED, {})
    while True:
        run, lost = settle(lines, fit)
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


def _order(offer: Offer) -> tuple[int, int, str]:
    return _PHASES[offer.phase], offer.priority, offer.offer_id


class _Basket:
    """The lines, and which offers they may be of use to."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._all = range(len(lines))
        self._skus = {line.sku for line in lines}
        self._categories = {line.category for line in lines}
        self._marked = {at for at, line in enumerate(lines) if line.marked_down}

    def fit(self, offer: Offer) -> Fit:
        """The offer with the lines that it covers, and whether it could take something off them."""
        covered = self._covered(offer.target)
        if self._marked and not offer.stacks_with_markdowns:
            covered = [at for at in covered if at not in self._marked]
        return Fit(offer, covered, bool(covered) and self._can_apply(offer, covered))

    def _covered(self, target: Target) -> Sequence[int]:
        skus, categories, without = target.skus, target.categories, target.without_skus
        if not (skus or categories):
            if not without:
                return self._all
        # Most offers are about none of the goods: that is found out without looking at each line.
        elif self._skus.isdisjoint(skus) and self._categories.isdisjoint(categories):
            return ()
        return [at for at, line in enumerate(self._lines) if target.covers(line.sku, line.category)]

    def _can_apply(self, offer: Offer, covered: Sequence[int]) -> bool:
        """False if not even the undiscounted lines would do."""
        lines, conditions, benefit = self._lines, offer.conditions, offer.benefit
        if conditions.minimum_minor and conditions.minimum_minor > sum(
            [lines[at].amount_minor for at in covered]
        ):
            return False
        if conditions.minimum_quantity > 1 and conditions.minimum_quantity > sum(
            [lines[at].quantity for at in covered]
        ):
            return False
        if isinstance(benefit, Gift):
            return benefit.sku in self._skus
        if isinstance(benefit, Bundle):
            return not any(self._skus.isdisjoint(part.skus) for part in benefit.parts)
        if isinstance(benefit, SpendAndSave):
            return benefit.steps[0].from_minor <= sum([lines[at].amount_minor for at in covered])
        if isinstance(benefit, BuyGet):
            return benefit.buy + benefit.get <= sum([lines[at].quantity for at in covered])
        return True


def _unfit(offer: Offer, situation: Situation, used: Mapping[str, Used]) -> Reason | None:
    """Why the offer is out of the question whatever is in the basket; None if it isn't."""
    limits = offer.limits
    if offer.currency != situation.currency:
        return Reason.OTHER_CURRENCY
    if (reason := _unmet(offer.conditions, situation)) is not None:
        return reason
    if limits.total_uses is None and not offer.is_by_customer:
        return None
    a_year = offer.uses_a_year
    gone = used.get(offer.offer_id, _UNUSED)
    if limits.total_uses is not None and gone.uses >= limits.total_uses:
        return Reason.USED_UP
    if limits.customer_uses is None and a_year is None:
        return None
    if situation.customer_id is None:
        return Reason.CUSTOMER_NOT_NAMED
    if limits.customer_uses is not None and gone.customer_uses >= limits.customer_uses:
        return Reason.CUSTOMER_USED_IT_UP
    if a_year is not None and gone.customer_uses_this_year >= a_year:
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
    if not _in_window(local, conditions.from_min, conditions.until_min):
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


def _in_window(local: datetime, from_min: int, until_min: int) -> bool:
    if from_min == 0 and until_min == MINUTES_A_DAY:
        return True
    minute = local.hour * 60 + local.minute
    if from_min <= until_min:
        return from_min <= minute < until_min
    return minute >= from_min or minute < until_min


def _over_budget(row: Row, used: Mapping[str, Used]) -> bool:
    budget = row.offer.limits.budget_minor
    if budget is None:
        return False
    return used.get(row.offer.offer_id, _UNUSED).given_minor + sum(row.shares.values()) > budget
