"""What a benefit takes off which line: its uses in one basket, each spread over the lines it is for."""

from collections.abc import Container, Sequence
from typing import NamedTuple

import msgspec

from domain.kernel.money import allocate, half_up
from domain.kernel.quantity import GRAMS_PER_KG, Unit
from domain.promotions.offer import (
    WHOLE_BP,
    AmountOff,
    Benefit,
    Bundle,
    BuyGet,
    FixedPrice,
    Gift,
    PercentOff,
    SpendAndSave,
)


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line before discounts. `floor_minor` is what must be left to pay of it.

    What is `marked_down` by a label is for offers alone that stack with that.
    """

    sku: str
    category: str
    unit: Unit
    quantity: int
    amount_minor: int
    floor_minor: int = 0
    marked_down: bool = False


class Goods(NamedTuple):
    """The lines that an offer is about, as `worth` of all; it reckons with what they are worth to it.

    Lists by line of the basket, so that a basket of many lines needs no object for each line and offer.
    """

    lines: Sequence[Line]
    worth: Sequence[int]
    values_minor: Sequence[int]


class Use(NamedTuple):
    """One application of a benefit, `times` alike: what each takes off, by line counted from 0."""

    times: int
    shares: dict[int, int]


_Run = tuple[int, int, int]
"""Pieces of one line that are worth the same: minus what each is worth, the line, how many.

The dearest sort first.
"""


def off_order(benefit: Benefit, base_minor: int) -> int:
    """What a benefit of the phase ORDER takes off, before it is known how much is left of the lines."""
    match benefit:
        case PercentOff():
            return _part_of(base_minor, benefit.rate_bp)
        case AmountOff():
            return benefit.amount_minor
        case SpendAndSave() if benefit.repeat:
            (step,) = benefit.steps
            return base_minor // step.from_minor * step.off_minor
        case SpendAndSave():
            reached = [step.off_minor for step in benefit.steps if step.from_minor <= base_minor]
            return max(reached, default=0)
        case FixedPrice() | BuyGet() | Bundle() | Gift():
            raise AssertionError("check_offer lets none of them into the order")


def uses_of(benefit: Benefit, goods: Goods) -> list[Use]:
    """The uses of a benefit of the phase LINE, the most valuable first; no line goes below zero."""
    lines, worth, values = goods
    match benefit:
        case PercentOff():
            return _once({index: _part_of(values[index], benefit.rate_bp) for index in worth})
        case AmountOff():
            each = benefit.amount_minor
            return _once({index: min(values[index], _price_of(lines[index], each)) for index in worth})
        case FixedPrice():
            each = benefit.price_minor
            return _once({index: values[index] - _price_of(lines[index], each) for index in worth})
        case BuyGet():
            return _bought_and_got(benefit, goods)
        case Bundle():
            return _bundled(benefit, goods)
        case Gift():
            return _given(benefit, goods)
        case SpendAndSave():
            raise AssertionError("check_offer lets it into the order only")


def within_what_is_left(uses: Sequence[Use], worth: Sequence[int], left_minor: Sequence[int]) -> list[Use]:
    """The uses, cut where a line has less left than they would take off it."""
    left = {index: left_minor[index] for index in worth}
    wanted = dict.fromkeys(left, 0)
    for use in uses:
        for index, share in use.shares.items():
            wanted[index] += use.times * share
    if all(wanted[index] <= left[index] for index in left):
        return list(uses)
    fitting: list[Use] = []
    for use in uses:
        times = use.times
        if whole := min(
            (left[index] // share for index, share in use.shares.items() if share), default=times
        ):
            whole = min(whole, times)
            fitting.append(Use(whole, use.shares))
            for index, share in use.shares.items():
                left[index] -= whole * share
            times -= whole
        if times and (rest := {i: min(share, left[i]) for i, share in use.shares.items() if left[i]}):
            fitting.append(Use(1, rest))
            for index, share in rest.items():
                left[index] -= share
    return fitting


def _part_of(amount_minor: int, rate_bp: int) -> int:
    return half_up(amount_minor * rate_bp, WHOLE_BP)


def _price_of(line: Line, price_minor: int) -> int:
    if line.unit is Unit.GRAM:
        return half_up(price_minor * line.quantity, GRAMS_PER_KG)
    return price_minor * line.quantity


def _once(shares: dict[int, int]) -> list[Use]:
    found = {index: share for index, share in shares.items() if share > 0}
    return [Use(1, found)] if found else []


def _runs(goods: Goods, skus: Container[str] | None = None) -> list[_Run]:
    """The pieces, of some SKUs or all, the dearest first. Those of a line differ by one unit at most."""
    lines, worth, values = goods
    runs: list[_Run] = []
    for index in worth:
        line = lines[index]
        if line.unit is not Unit.PIECE or (skus is not None and line.sku not in skus):
            continue
        each, more = divmod(values[index], line.quantity)
        if more:
            runs.append((-each - 1, index, more))
        if line.quantity > more:
            runs.append((-each, index, line.quantity - more))
    runs.sort()
    return runs


def _bought_and_got(benefit: BuyGet, goods: Goods) -> list[Use]:
    """Groups of the dearest pieces first; of each the cheapest are cheaper, the group bears it together."""
    size = benefit.buy + benefit.get
    uses: list[Use] = []
    group: list[_Run] = []
    missing = size
    for minus_value, index, pieces in _runs(goods):
        left = pieces
        while left:
            if missing == size and left >= size:
                off = _part_of(-minus_value * benefit.get, benefit.rate_bp)
                if off > 0:
                    uses.append(Use(left // size, {index: off}))
                left %= size
                continue
            taken = min(missing, left)
            group.append((minus_value, index, taken))
            missing -= taken
            left -= taken
            if not missing:
                uses += _group_use(benefit, group)
                group, missing = [], size
    return uses


def _group_use(benefit: BuyGet, group: Sequence[_Run]) -> list[Use]:
    free, value = benefit.get, 0
    for minus_value, _, pieces in reversed(group):
        taken = min(free, pieces)
        value -= taken * minus_value
        free -= taken
    return _borne_by(group, _part_of(value, benefit.rate_bp), 1)


def _bundled(benefit: Bundle, goods: Goods) -> list[Use]:
    """The dearest pieces make the first bundles; one that would not be cheaper is none."""
    shelves = [_runs(goods, part.skus) for part in benefit.parts]
    if not all(shelves):
        return []
    left = [[pieces for _, _, pieces in shelf] for shelf in shelves]
    uses: list[Use] = []
    while True:
        group: list[_Run] = []
        times: list[int] = []
        for part, shelf, counts in zip(benefit.parts, shelves, left, strict=True):
            missing = part.quantity
            for number, (minus_value, index, _) in enumerate(shelf):
                taken = min(missing, counts[number])
                if taken:
                    group.append((minus_value, index, taken))
                    times.append(counts[number] // taken)
                    missing -= taken
            if missing:
                return uses
        # So often the same pieces are there; a part that was put together from several is taken once.
        alike = min(times) if len(group) == len(benefit.parts) else 1
        off = -sum(minus_value * pieces for minus_value, _, pieces in group) - benefit.price_minor
        if off <= 0:
            return uses
        uses += _borne_by(group, off, alike)
        _take(benefit, left, alike)


def _take(benefit: Bundle, left: list[list[int]], times: int) -> None:
    for part, counts in zip(benefit.parts, left, strict=True):
        missing = part.quantity * times
        for number, count in enumerate(counts):
            taken = min(missing, count)
            counts[number] -= taken
            missing -= taken


def _given(benefit: Gift, goods: Goods) -> list[Use]:
    shares: dict[int, int] = {}
    free = benefit.quantity
    for minus_value, index, pieces in _runs(goods, (benefit.sku,)):
        taken = min(free, pieces)
        shares[index] = shares.get(index, 0) - taken * minus_value
        free -= taken
    return _once(shares)


def _borne_by(group: Sequence[_Run], off_minor: int, times: int) -> list[Use]:
    """An amount off the group, by the value of its pieces."""
    if off_minor <= 0:
        return []
    if len(group) == 1:
        return [Use(times, {group[0][1]: off_minor})]
    shares: dict[int, int] = {}
    parts = allocate(off_minor, [-minus_value * pieces for minus_value, _, pieces in group])
    for (_, index, _), share in zip(group, parts, strict=True):
        if share:
            shares[index] = shares.get(index, 0) + share
    return [Use(times, shares)]
