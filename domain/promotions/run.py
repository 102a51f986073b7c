"""One way through the offers of a basket, in their order: what each takes off, and why some take nothing.

A run can be copied and gone on with in two ways: candidates of an exclusive group share what is before them.
"""

import enum
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.kernel.money import allocate
from domain.promotions.benefits import Goods, Line, Use, off_order, uses_of, within_what_is_left
from domain.promotions.offer import WHOLE_BP, Base, Offer, PercentOff, Phase


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


Refused = tuple[Reason, dict[str, int | str]]
"""Why an offer did not apply, and the facts of it."""


class Fit(NamedTuple):
    """An offer that is not out of the question, and the lines it covers, counted from 0.

    One that can't apply takes nothing off, whatever comes before it; what it is refused with is still asked.
    """

    offer: Offer
    covered: Sequence[int]
    can_apply: bool


class Row(NamedTuple):
    """What an offer gave. `uses` are of offers on pieces. The shares are by line, in their order."""

    offer: Offer
    base_minor: int
    uses: Sequence[Use]
    shares: dict[int, int]


class Run:
    """What the offers so far gave, why some gave nothing, and what is left of each line."""

    __slots__ = ("_left", "_lines", "refused", "rows")

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._left = [line.amount_minor for line in lines]
        self.rows: list[Row] = []
        self.refused: dict[str, Refused] = {}

    def copy(self) -> "Run":
        """The same so far, to be gone on with in another way."""
        other = Run(self._lines)
        other._left[:] = self._left
        other.rows, other.refused = self.rows.copy(), self.refused.copy()
        return other

    def go_on(self, fit: Iterable[Fit]) -> None:
        """Applies the next offers, in their order."""
        for offer, covered, _ in fit:
            if (row := self._applied(offer, covered)) is None:
                continue
            self.rows.append(row)
            left = self._left
            for index, share in row.shares.items():
                left[index] -= share

    def cut(self) -> tuple[list[Row], list[int]]:
        """Uses per basket, caps and floor prices, after stacking: the rows that count, and what is left."""
        net = self._left.copy()
        rows = [_within_limits(row, net) for row in self.rows]
        for index, line in enumerate(self._lines):
            if line.floor_minor and net[index] < line.floor_minor:
                _raise_to_floor(index, line, rows, net)
        return rows, net

    def _applied(self, offer: Offer, covered: Sequence[int]) -> Row | None:
        lines, left = self._lines, self._left
        conditions = offer.conditions
        if not covered:
            self.refused[offer.offer_id] = (Reason.NOTHING_COVERED, {})
            return None
        if offer.base is Base.ORIGINAL:
            worth = [index for index in covered if lines[index].amount_minor > 0]
            base = sum([lines[index].amount_minor for index in worth])
        else:
            worth = [index for index in covered if left[index] > 0]
            base = sum([left[index] for index in worth])
        if not worth:
            self.refused[offer.offer_id] = (Reason.NOTHING_COVERED, {})
            return None
        if base < conditions.minimum_minor:
            facts: dict[str, int | str] = {"minimum": conditions.minimum_minor, "basket": base}
            self.refused[offer.offer_id] = (Reason.BELOW_MINIMUM, facts)
            return None
        if conditions.minimum_quantity:
            quantity = sum([lines[index].quantity for index in worth])
            if quantity < conditions.minimum_quantity:
                facts = {"minimum": conditions.minimum_quantity, "basket": quantity}
                self.refused[offer.offer_id] = (Reason.TOO_FEW, facts)
                return None
        uses: Sequence[Use] = ()
        if offer.phase is Phase.ORDER:
            shares = self._spread(off_order(offer.benefit, base), worth)
        elif isinstance(offer.benefit, PercentOff):
            shares = self._part_of_lines(offer.benefit.rate_bp, offer.base, worth)
        else:
            uses = self._uses_on_lines(offer, worth)
            shares = _shares_of(uses)
        if not shares:
            self.refused[offer.offer_id] = (Reason.NOTHING_TO_TAKE_OFF, {})
            return None
        return Row(offer, base, uses, shares)

    def _spread(self, amount_minor: int, worth: Sequence[int]) -> dict[int, int]:
        """An amount of the order, by what is left of each line. (Domain rule "Proration".)"""
        weights = [self._left[index] for index in worth]
        shares = allocate(min(amount_minor, sum(weights)), weights)
        return {index: share for index, share in zip(worth, shares, strict=True) if share}

    def _part_of_lines(self, rate_bp: int, base: Base, worth: Sequence[int]) -> dict[int, int]:
        """A share of each line, rounded half up, never above what is left. The most common benefit by far."""
        lines, left = self._lines, self._left
        if base is Base.ORIGINAL:
            found = {
                index: min(
                    (2 * lines[index].amount_minor * rate_bp + WHOLE_BP) // (2 * WHOLE_BP), left[index]
                )
                for index in worth
            }
        else:
            found = {index: (2 * left[index] * rate_bp + WHOLE_BP) // (2 * WHOLE_BP) for index in worth}
        return {index: share for index, share in found.items() if share}

    def _uses_on_lines(self, offer: Offer, worth: Sequence[int]) -> Sequence[Use]:
        lines, left = self._lines, self._left
        original = offer.base is Base.ORIGINAL
        values = [line.amount_minor for line in lines] if original else left
        uses = uses_of(offer.benefit, Goods(lines, worth, values))
        # Only of the original amounts a line may have less left than the offer reckons with.
        return within_what_is_left(uses, worth, left) if original else uses


def _within_limits(row: Row, net: list[int]) -> Row:
    limits = row.offer.limits
    shares = row.shares
    if limits.uses is not None and row.uses:
        shares = _shares_of(_first(row.uses, limits.uses))
    if limits.cap_minor is not None and sum(shares.values()) > limits.cap_minor:
        cut = allocate(limits.cap_minor, list(shares.values()))
        shares = dict(zip(shares, cut, strict=True))
    if shares is row.shares:
        return row
    for index, share in row.shares.items():
        net[index] += share - shares.get(index, 0)
    return row._replace(shares=shares)


def _raise_to_floor(index: int, line: Line, rows: list[Row], net: list[int]) -> None:
    """Takes back what lies below the floor price, from the last offer first."""
    given = line.amount_minor - net[index]
    most = max(0, line.amount_minor - line.floor_minor)
    for at in range(len(rows) - 1, -1, -1):
        share = rows[at].shares.get(index)
        if given > most and share:
            back = min(share, given - most)
            rows[at] = rows[at]._replace(shares={**rows[at].shares, index: share - back})
            given -= back
            net[index] += back


def _first(uses: Sequence[Use], most: int) -> list[Use]:
    kept: list[Use] = []
    for use in uses:
        kept.append(Use(min(use.times, most), use.shares))
        most -= kept[-1].times
    return kept


def _shares_of(uses: Sequence[Use]) -> dict[int, int]:
    """What the uses take off together, by line in their order."""
    shares: dict[int, int] = {}
    for times, of_use in uses:
        for index, share in of_use.items():
            shares[index] = shares.get(index, 0) + times * share
    return dict(sorted(shares.items())) if len(shares) > 1 else shares
