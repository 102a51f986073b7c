"""incentives: one row an employee and sale, one for what came back of it, and the amounts of closed months.

What a scheme gives for them is worked out when somebody asks (domain/staff/statement.py): terms may change
until a month is closed, and a row sees no other. Amounts are without tax, in minor units by line of the sale.
"""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.event import AnyRecorded
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import WHOLE_SHARE_BP, Attribution, SaleCompleted, split_among
from domain.staff.scheme import EmployeeAmount, SchemePeriodClosed, period_of
from projections.kernel.table import Change, Table


class AttributedSale(msgspec.Struct, frozen=False, kw_only=False):
    """A sale of which somebody has `share_bp`. `own_…` are their parts of a sale that is shared, else empty.

    `position` is the journal's; `shift` the till's shift that an offline sale was made in, 0 where unknown.
    """

    employee_id: str
    sale_id: str
    store_id: str = ""
    month: str = ""
    day: date | None = None
    position: int = 0
    currency: str = ""
    shift: int = 0
    share_bp: int = 0
    skus: dict[str, str] = {}
    categories: dict[str, str] = {}
    net_minor: dict[str, int] = {}
    cost_minor: dict[str, int] = {}
    own_net_minor: dict[str, int] = {}
    own_cost_minor: dict[str, int] = {}


class AttributedReturn(msgspec.Struct, frozen=False, kw_only=False):
    """What came back of such a sale, of the whole lines."""

    employee_id: str
    sale_id: str
    return_id: str
    month: str = ""
    day: date | None = None
    position: int = 0
    net_minor: dict[str, int] = {}
    cost_minor: dict[str, int] = {}


class IncentiveAmount(msgspec.Struct, frozen=False, kw_only=False):
    """What somebody got for a closed month."""

    scheme_id: str
    period: str
    employee_id: str
    currency: str = ""
    commission_minor: int = 0
    bonus_minor: int = 0
    entries: int = 0


Happened = tuple[int, SaleCompleted]
CameBack = tuple[int, ReturnRecorded]
Closed = tuple[str, EmployeeAmount]


def _fold_sale(row: AttributedSale, happened: Happened) -> None:
    row.position, sale = happened
    row.store_id, row.currency = sale.store_id, sale.currency
    row.day, row.month = sale.business_day, period_of(sale.business_day)
    row.shift = 0 if sale.offline is None else sale.offline.shift
    row.share_bp = sum(one.share_bp for one in sale.attributions if one.employee_id == row.employee_id)
    taxed = sale.tax_policy.inclusive
    for line in sale.lines:
        number = str(line.line)
        net = line.net_minor - line.tax_minor if taxed else line.net_minor
        row.skus[number], row.categories[number] = line.sku, line.category
        row.net_minor[number], row.cost_minor[number] = net, line.cost_minor
        if row.share_bp != WHOLE_SHARE_BP:
            row.own_net_minor[number] = _share(sale.attributions, row.employee_id, net)
            row.own_cost_minor[number] = _share(sale.attributions, row.employee_id, line.cost_minor)


def _share(attributions: tuple[Attribution, ...], employee_id: str, amount: int) -> int:
    # The last share is nobody's.
    shares = zip(attributions, split_among(attributions, amount), strict=False)
    return sum(share for one, share in shares if one.employee_id == employee_id)


def _fold_return(row: AttributedReturn, came_back: CameBack) -> None:
    row.position, returned = came_back
    row.day, row.month = returned.business_day, period_of(returned.business_day)
    for line in returned.lines:
        number = str(line.line)
        # The refund has the tax in any case, whether or not the price had.
        row.net_minor[number] = row.net_minor.get(number, 0) + line.refund_minor - line.tax_minor
        row.cost_minor[number] = row.cost_minor.get(number, 0) + line.cost_minor


def _fold_amount(row: IncentiveAmount, closed: Closed) -> None:
    row.currency, amount = closed
    row.commission_minor, row.bonus_minor = amount.commission_minor, amount.bonus_minor
    row.entries = amount.entries


ATTRIBUTED_SALES = Table("attributed_sales", AttributedSale, keys=2, fold=_fold_sale)
ATTRIBUTED_RETURNS = Table("attributed_returns", AttributedReturn, keys=3, fold=_fold_return)
INCENTIVE_AMOUNTS = Table("incentive_amounts", IncentiveAmount, keys=3, fold=_fold_amount)


class Incentives:
    """Fed by sales that are somebody's, what came back of them, and closed months of schemes."""

    name = "incentives"
    version = 1
    tables = (ATTRIBUTED_SALES, ATTRIBUTED_RETURNS, INCENTIVE_AMOUNTS)
    events = (SaleCompleted, ReturnRecorded, SchemePeriodClosed)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """A row for each employee whom the event is about."""
        event: SaleCompleted | ReturnRecorded | SchemePeriodClosed = entry.data
        if isinstance(event, SchemePeriodClosed):
            for amount in event.amounts:
                key = event.scheme_id, event.period, amount.employee_id
                yield INCENTIVE_AMOUNTS.change(key, (event.currency, amount))
            return
        for employee_id in {one.employee_id: None for one in event.attributions}:
            if isinstance(event, SaleCompleted):
                yield ATTRIBUTED_SALES.change((employee_id, event.sale_id), (entry.position, event))
            elif event.sale_id is not None:
                key = employee_id, event.sale_id, event.return_id
                yield ATTRIBUTED_RETURNS.change(key, (entry.position, event))
