"""Tiers and steps: which rate a part of an amount has, and what an attained amount is worth. All exact."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from domain.kernel.money import half_up
from domain.staff.scheme import BonusStep, Tier

SCALE = 10_000


class Worth(NamedTuple):
    """What somebody attained: the rate of the step, and the bonus in ten-thousandths of a minor unit."""

    rate_bp: int
    exact: int


def split_by_tier(tiers: Sequence[Tier], before: int, amount: int) -> list[tuple[int, int]]:
    """The amount in parts, each with its rate, where `before` was counted already. The parts add up to it.

    What is below the first tier has its rate. An amount of 0 is one part of 0, at the rate where it stands.
    """
    low, high = sorted((before, before + amount))
    bounds = [tier.from_minor for tier in tiers[1:]]
    parts: list[tuple[int, int]] = []
    for i, tier in enumerate(tiers):
        start = low if i == 0 else max(low, bounds[i - 1])
        end = high if i == len(bounds) else min(high, bounds[i])
        if start < end:
            parts.append((tier.rate_bp, end - start))
    if amount < 0:
        return [(rate_bp, -part) for rate_bp, part in reversed(parts)]
    if not parts:
        parts.append((next(tier.rate_bp for tier in reversed(tiers) if tier.from_minor <= max(low, 0)), 0))
    return parts


def taken_from(parts: Sequence[tuple[int, int]], back: int) -> list[int]:
    """How much of each part has come back once `back` of all has: in proportion, and exactly so at the end.

    Like `cumulative_share`: differences of it take any sequence of partial returns to the whole of each part.
    """
    whole = sum(amount for _, amount in parts)
    reached: list[int] = [0]
    passed = 0
    for _, amount in parts:
        passed += amount
        reached.append(half_up(passed * back * (1 if whole > 0 else -1), abs(whole)) if whole else 0)
    reached[-1] = back
    return [after - before for before, after in pairwise(reached)]


def attained(steps: Sequence[BonusStep], amount: int) -> Worth:
    """What the highest step that the amount reaches is worth; nothing below the first."""
    step = next((step for step in reversed(steps) if step.from_minor <= amount), None)
    if step is None:
        return Worth(rate_bp=0, exact=0)
    return Worth(rate_bp=step.rate_bp, exact=step.amount_minor * SCALE + step.rate_bp * amount)
