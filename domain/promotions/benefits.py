"""What a benefit takes off which line: its uses in one basket, each spread over the lines it is for."""

from collections.abc import Sequence
from typing import NamedTuple

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


class Good(NamedTuple):
    """A line that an offer is about: what it reckons with, and what is left to take off."""

    line: int
    sku: str
    unit: Unit
    quantity: int
    value_minor: int
    left_minor: int


class Use(NamedTuple):
    """One application of a benefit, `times` alike: what each takes off, by line counted from 0."""

    times: int
    shares: dict[int, int]


class _Run(NamedTuple):
    """Pieces of one line that are worth the same."""

    line: int
    value_minor: int
    pieces: int


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


def uses_of(benefit: Benefit, goods: Sequence[Good]) -> list[Use]:
    """The uses of a benefit of the phase LINE, the most valuable first; no line goes below zero."""
    match benefit:
        case PercentOff():
            return _once({good.line: _part_of(good.value_minor, benefit.rate_bp) for good in goods})
        case AmountOff():
            return _once(
                {good.line: min(good.value_minor, _price_of(good, benefit.amount_minor)) for good in goods}
            )
        case FixedPrice():
            return _once(
                {good.line: good.value_minor - _price_of(good, benefit.price_minor) for good in goods}
            )
        case BuyGet():
            return _bought_and_got(benefit, goods)
        case Bundle():
            return _bundled(benefit, goods)
        case Gift():
            return _given(benefit, goods)
        case SpendAndSave():
            raise AssertionError("check_offer lets it into the order only")


def within_what_is_left(uses: Sequence[Use], goods: Sequence[Good]) -> list[Use]:
    """The uses, cut where a line has less left than they would take off it."""
    left = {good.line: good.left_minor for good in goods}
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


def _price_of(good: Good, price_minor: int) -> int:
    if good.unit is Unit.GRAM:
        return half_up(price_minor * good.quantity, GRAMS_PER_KG)
    return price_minor * good.quantity


def _once(shares: dict[int, int]) -> list[Use]:
    found = {index: share for index, share in shares.items() if share > 0}
    return [Use(1, found)] if found else []


def _runs(goods: Sequence[Good]) -> list[_Run]:
    """The pieces, the dearest first. Those of a line differ by one minor unit at most."""
    runs: list[_Run] = []
    for good in goods:
        if good.unit is not Unit.PIECE:
            continue
        each, more = divmod(good.value_minor, good.quantity)
        if more:
            runs.append(_Run(good.line, each + 1, more))
        if good.quantity > more:
            runs.append(_Run(good.line, each, good.quantity - more))
    return sorted(runs, key=lambda run: (-run.value_minor, run.line))


def _bought_and_got(benefit: BuyGet, goods: Sequence[Good]) -> list[Use]:
    """Groups of the dearest pieces first; of each the cheapest are cheaper, the group bears it together."""
    size = benefit.buy + benefit.get
    uses: list[Use] = []
    group: list[_Run] = []
    missing = size
    for run in _runs(goods):
        left = run.pieces
        while left:
            if missing == size and left >= size:
                uses += _group_use(benefit, [_Run(run.line, run.value_minor, size)], left // size)
                left %= size
                continue
            taken = min(missing, left)
            group.append(_Run(run.line, run.value_minor, taken))
            missing -= taken
            left -= taken
            if not missing:
                uses += _group_use(benefit, group, 1)
                group, missing = [], size
    return uses


def _group_use(benefit: BuyGet, group: Sequence[_Run], times: int) -> list[Use]:
    free, value = benefit.get, 0
    for run in reversed(group):
        taken = min(free, run.pieces)
        value += taken * run.value_minor
        free -= taken
    return _borne_by(group, _part_of(value, benefit.rate_bp), times)


def _bundled(benefit: Bundle, goods: Sequence[Good]) -> list[Use]:
    """The dearest pieces make the first bundles; one that would not be cheaper is none."""
    shelves = [_runs([good for good in goods if good.sku in part.skus]) for part in benefit.parts]
    left = [[run.pieces for run in shelf] for shelf in shelves]
    uses: list[Use] = []
    while True:
        group: list[_Run] = []
        times: list[int] = []
        for part, shelf, counts in zip(benefit.parts, shelves, left, strict=True):
            missing = part.quantity
            for number, run in enumerate(shelf):
                taken = min(missing, counts[number])
                if taken:
                    group.append(_Run(run.line, run.value_minor, taken))
                    times.append(counts[number] // taken)
                    missing -= taken
            if missing:
                return uses
        # So often the same pieces are there; a part that was put together from several is taken once.
        alike = min(times) if len(group) == len(benefit.parts) else 1
        off = sum(run.value_minor * run.pieces for run in group) - benefit.price_minor
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


def _given(benefit: Gift, goods: Sequence[Good]) -> list[Use]:
    shares: dict[int, int] = {}
    free = benefit.quantity
    for run in _runs([good for good in goods if good.sku == benefit.sku]):
        taken = min(free, run.pieces)
        shares[run.line] = shares.get(run.line, 0) + taken * run.value_minor
        free -= taken
    return _once(shares)


def _borne_by(group: Sequence[_Run], off_minor: int, times: int) -> list[Use]:
    """An amount off the group, by the value of its pieces."""
    if off_minor <= 0:
        return []
    shares: dict[int, int] = {}
    parts = allocate(off_minor, [run.value_minor * run.pieces for run in group])
    for run, share in zip(group, parts, strict=True):
        if share:
            shares[run.line] = shares.get(run.line, 0) + share
    return [Use(times, shares)]
