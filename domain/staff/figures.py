"""What facts say of somebody in a time, and the figures of the indicators that follow from it."""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from domain.kernel.money import half_up
from domain.staff.score import Indicator


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Sums of somebody's shares. Minor units; revenue and cost are without tax and what came back.

    `csat_points` adds up 1 to 5 an answer. Leads that ended, won or lost, are less those that were taken up
    again: below zero where these had ended before.
    """

    sales: int = 0
    returns: int = 0
    sold_minor: int = 0
    returned_minor: int = 0
    revenue_minor: int = 0
    cost_minor: int = 0
    complaints: int = 0
    csat_answers: int = 0
    csat_points: int = 0
    leads_ended: int = 0
    leads_won: int = 0


class Correction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became known of a closed period after its close: it counts in the one that was open then."""

    period: str
    store_id: str
    business_day: date
    facts: Facts


def added(facts: Iterable[Facts]) -> Facts:
    """All of them together."""
    sums = dict.fromkeys(Facts.__struct_fields__, 0)
    for one in facts:
        for name in sums:
            sums[name] += getattr(one, name)
    return Facts(**sums)


def figures_of(facts: Facts) -> Mapping[Indicator, int]:
    """The figure of each indicator that facts say something of: who sold nothing has no returns' rate."""
    figures = {Indicator.COMPLAINTS: facts.complaints}
    if facts.sales or facts.returns:
        figures[Indicator.SALES] = facts.sold_minor - facts.returned_minor
    if facts.revenue_minor > 0:
        profit = facts.revenue_minor - facts.cost_minor
        figures[Indicator.MARGIN] = half_up(1000 * profit, facts.revenue_minor)
    if facts.sold_minor > 0:
        figures[Indicator.RETURNS] = half_up(1000 * facts.returned_minor, facts.sold_minor)
    if facts.csat_answers:
        figures[Indicator.CSAT] = half_up(1000 * facts.csat_points, facts.csat_answers)
    if facts.leads_ended > 0:
        # A lead that ended before and was taken up again may leave more or fewer won than ended.
        won = min(max(facts.leads_won, 0), facts.leads_ended)
        figures[Indicator.CONVERSION] = half_up(1000 * won, facts.leads_ended)
    return figures
