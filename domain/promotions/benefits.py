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
    Phase,
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


def uses_of(benefit: Benefit, phase: Phase, goods: Sequence[Good]) -> list[Use]:
    """The uses, the most valuable first. Nothing is taken off twice, and no line goes below zero."""
    match benefit:
        case PercentOff() if phase is Phase.LINE:
            return _once({good.line: half_up(good.value_minor * benefit.rate_bp, WHOLE_BP) for good in goods})
        case PercentOff():
            return _spread(_part_of(_value(goods), benefit.rate_bp), goods)
        case AmountOff() if phase is Phase.LINE:
            return _once({good.line: _price_of(good, benefit.amount_minor) for good in goods})
        case AmountOff():
            return _spread(benefit.amount_minor, goods)
        case FixedPrice():
            return _once(
                {good.line: good.value_minor - _price_of(good, benefit.price_minor) for good in goods}
            )
        case SpendAndSave():
            return _saved(benefit, goods)
        case BuyGet():
            return _bought_and_got(benefit, goods)
        case Bundle():
            return _bundled(benefit, goods)
        case Gift():
            return _given(benefit, goods)


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


def _value(goods: Sequence[Good]) -> int:
    return sum(good.value_minor for good in goods)


def _part_of(amount_minor: int, rate_bp: int) -> int:
    return half_up(amount_minor * rate_bp, WHOLE_BP)


def _price_of(good: Good, price_minor: int) -> int:
    if good.unit is Unit.GRAM:
        return half_up(price_minor * good.quantity, GRAMS_PER_KG)
    return price_minor * good.quantity


def _once(shares: dict[int, int]) -> list[Use]:
    found = {index: share for index, share in shares.items() if share > 0}
    return [Use(1, found)] if found else []


def _spread(amount_minor: int, goods: Sequence[Good]) -> list[Use]:
    """An amount of the order, by what is left of each line. (Domain rule "Proration".)"""
    weights = [good.left_minor for good in goods]
    shares = allocate(min(amount_minor, sum(weights)), weights)
    return _once({good.line: share for good, share in zip(goods, shares, strict=True)})


def _saved(benefit: SpendAndSave, goods: Sequence[Good]) -> list[Use]:
    base = _value(goods)
    if benefit.repeat:
        (step,) = benefit.steps
        times = base // step.from_minor
        # Spread once: as so many single steps, each rounded, they would not follow the lines' shares.
        return _spread(times * step.off_minor, goods)
    reached = [step.off_minor for step in benefit.steps if step.from_minor <= base]
    return _spread(max(reached), goods) if reached else []


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
