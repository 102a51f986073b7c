"""Rows of the performance report: what is told of a person's month, and of a store's."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from api.money import money
from api.targets import GoalView, goal_view
from domain.kernel.money import Money
from domain.staff.figures import Facts, figures_of
from domain.staff.score import Indicator
from projections.complaint_board.sums import CaseGroup, complaints_about, sums_of_cases
from projections.honours.queries import titles_of
from projections.incentives.performance import Performance, paid_for
from projections.kernel.table import Connection
from projections.staff_scores.month import StoreDays, heard_of
from projections.targets.queries import Reached

SMALL_GROUP = 5
"""Among fewer than these a rank says little, and says it of people whom everybody knows."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What customers say from 1 to 5, on average, and how many of the leads that ended were won.

    Both are null where nothing tells them. `targets` run in the month; what is reached is of all their days.
    """

    complaints: int
    csat_answers: int
    csat_mean_milli: int | None
    leads_ended: int
    conversion_permille: int | None
    targets: list[GoalView]


class PerformanceRow(Told, frozen=True, kw_only=True):
    """An employee's month in a currency. Money is without tax, of shared sales by share.

    `net` is what was sold less `returned`, and `margin` that less what the goods cost. Those who are level
    share a `rank`, `among` so many; `small_group` says that these are few. `commission` and `bonus` are of
    closed months, null where there is none or where you may not read them.
    """

    employee_id: str
    rank: int
    among: int
    small_group: bool
    sales: int
    returns: int
    net: Money
    returned: Money
    margin: Money
    commission: Money | None
    bonus: Money | None
    honours: list[str]


class StorePerformance(Told, frozen=True, kw_only=True):
    """A store's month, whoever sold: also what is nobody's. Money is without tax and what came back."""

    store_id: str
    sales: int
    returns: int
    net: Money
    margin: Money


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """The days that are told of, in these stores (None: all)."""

    period: str
    first: date
    last: date
    stores: list[str] | None

    @property
    def since(self) -> datetime:
        """When the first day begins in UTC."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """When the last day is over in UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)


def _told(facts: Facts, complaints: int, targets: Iterable[Reached], currency: str) -> Told:
    figures = figures_of(facts)
    return Told(
        complaints=complaints,
        csat_answers=facts.csat_answers,
        csat_mean_milli=figures.get(Indicator.CSAT),
        leads_ended=facts.leads_ended,
        conversion_permille=figures.get(Indicator.CONVERSION),
        targets=[goal_view(each) for each in targets if each.target.currency in (None, currency)],
    )


async def rows_of_people(
    connection: Connection,
    month: Month,
    found: list[Performance],
    targets: list[Reached],
    *,
    may_see_pay: bool,
) -> list[PerformanceRow]:
    """The rows of these people, in their order; of the targets each has their own."""
    names = sorted({row.employee_id for row in found})
    heard = await heard_of(connection, names, first=month.first, last=month.last, stores=month.stores)
    complaints = await complaints_about(
        connection, names, since=month.since, until=month.until, stores=month.stores
    )
    pay = await paid_for(connection, month.period, names) if may_see_pay else {}
    titles = await titles_of(connection, month.period, names)
    rows: list[PerformanceRow] = []
    for row in found:
        paid = pay.get((row.employee_id, row.currency))
        own = (each for each in targets if each.target.employee_id == row.employee_id)
        told = _told(
            heard.get(row.employee_id, Facts()), complaints.get(row.employee_id, 0), own, row.currency
        )
        rows.append(
            PerformanceRow(
                **msgspec.structs.asdict(told),
                employee_id=row.employee_id,
                rank=row.rank,
                among=row.among,
                small_group=row.among < SMALL_GROUP,
                sales=row.sales,
                returns=row.returns,
                net=money(row.net_minor, row.currency),
                returned=money(row.returned_minor, row.currency),
                margin=money(row.net_minor - row.cost_minor, row.currency),
                commission=None if paid is None else money(paid[0], row.currency),
                bonus=None if paid is None else money(paid[1], row.currency),
                honours=titles.get(row.employee_id, []),
            )
        )
    return rows


async def rows_of_stores(
    connection: Connection, month: Month, found: list[StoreDays], targets: list[Reached]
) -> list[StorePerformance]:
    """The rows of these stores, in their order; of the targets each has those that name nobody."""
    complaints = await sums_of_cases(
        connection,
        CaseGroup.STORE,
        since=month.since,
        until=month.until,
        stores=[each.store_id for each in found],
        kind="complaint",
        limit=len(found),
    )
    about = {each.key: each.cases for each in complaints}
    rows: list[StorePerformance] = []
    for each in found:
        own = (
            one for one in targets if one.target.employee_id is None and one.target.store_id == each.store_id
        )
        facts = each.facts
        told = _told(facts, about.get(each.store_id, 0), own, each.currency)
        rows.append(
            StorePerformance(
                **msgspec.structs.asdict(told),
                store_id=each.store_id,
                sales=facts.sales,
                returns=facts.returns,
                net=money(facts.revenue_minor, each.currency),
                margin=money(facts.revenue_minor - facts.cost_minor, each.currency),
            )
        )
    return rows
