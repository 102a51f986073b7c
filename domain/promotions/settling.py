"""Exclusive groups: of each the offer applies with which the basket costs least. (Domain rule "Stacking".)"""

from collections.abc import Iterable, Sequence

from domain.promotions.benefits import Line
from domain.promotions.offer import Offer
from domain.promotions.run import Fit, Run


def settle(lines: Sequence[Line], fit: Sequence[Fit]) -> tuple[Run, list[tuple[Offer, Offer]]]:
    """One offer of each exclusive group, the groups in the order of their first members.

    Each candidate is tried with all that stands already: the offers without a group and the earlier winners.
    Up to a group's first member all of its candidates go the same way.
    """
    run = Run(lines)
    groups: dict[str, list[int]] = {}
    for at, one in enumerate(fit):
        if one.offer.group is not None:
            groups.setdefault(one.offer.group, []).append(at)
    if not groups:
        run.go_on(fit)
        return run, []
    standing = [one.offer.group is None for one in fit]
    lost: list[tuple[Offer, Offer]] = []
    begin = 0
    without: int | None = None
    for members in groups.values():
        winner = min(members, key=lambda at: fit[at].offer.offer_id)
        if len(members) > 1 and any(fit[at].can_apply for at in members):
            run.go_on([fit[at] for at in range(begin, members[0]) if standing[at]])
            begin = members[0]
            to_come = [at for at in range(begin, len(fit)) if standing[at] and fit[at].can_apply]
            winner, without = _winner(run, fit, to_come, members, without)
        elif fit[winner].can_apply:
            without = None
        standing[winner] = True
        lost += [(fit[at].offer, fit[winner].offer) for at in members if at != winner]
    run.go_on([fit[at] for at in range(begin, len(fit)) if standing[at]])
    return run, lost


def _winner(
    run: Run, fit: Sequence[Fit], to_come: Sequence[int], members: Sequence[int], without: int | None
) -> tuple[int, int]:
    """The member of the group with which the basket costs least, ties to the smaller id; and that total.

    `to_come` stand after the run. `without` is the total without any of the members, if it is known: that of
    the group before, whose winner stands. What can take nothing off need not be tried.
    """
    totals: dict[int, int] = {}
    for member in members:
        if fit[member].can_apply:
            totals[member] = _total(run, [fit[at] for at in sorted([*to_come, member])])
        else:
            if without is None:
                without = _total(run, [fit[at] for at in to_come])
            totals[member] = without
    winner = min(members, key=lambda at: (totals[at], fit[at].offer.offer_id))
    return winner, totals[winner]


def _total(run: Run, to_come: Iterable[Fit]) -> int:
    tried = run.copy()
    tried.go_on(to_come)
    _, net = tried.cut()
    return sum(net)
