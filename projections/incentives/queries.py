"""Reading incentives: the statements of a month, from one look at the rows."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, LiteralString

from psycopg.rows import tuple_row

from domain.staff.attributed import WHOLE_SHARE_BP, LineBack, LineSold, Sold, TakenBack
from domain.staff.scheme import EmployeeAmount, Scheme, period_before
from domain.staff.statement import Statement, statements
from projections.incentives.fold import Incentives
from projections.kernel.table import Connection

_AT_ONCE = 2_000
"""So many sales come from the database at a time: the rows of a month need not fit into memory."""

_POSITION: LiteralString = """
SELECT position
FROM projection_checkpoints
WHERE name = %(name)s
"""

# Rows and position are of one instant, whatever the projector writes meanwhile.
_ONE_INSTANT: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"

# Tiers and steps count by the month of the sale: of each month in which somebody sold what the statement is
# about, all that they sold is needed. `after` is where the month before was closed, null where it is open.
_SOLD: LiteralString = """
WITH touched AS (
    SELECT employee_id, month
    FROM attributed_sales
    WHERE (%(employee_id)s::text IS NULL OR employee_id = %(employee_id)s)
        AND (month = %(period)s OR month < %(period)s AND position > %(after)s::bigint)
    UNION
    SELECT back.employee_id, sold.month
    FROM attributed_returns AS back
    JOIN attributed_sales AS sold USING (employee_id, sale_id)
    WHERE (%(employee_id)s::text IS NULL OR back.employee_id = %(employee_id)s)
        AND (back.month = %(period)s OR back.month < %(period)s AND back.position > %(after)s::bigint)
)
SELECT sold.employee_id, sold.sale_id, store_id, sold.day, sold.position, shift, share_bp, skus, categories,
    sold.net_minor, sold.cost_minor, own_net_minor, own_cost_minor, back.return_id, back.day, back.position,
    back.net_minor, back.cost_minor
FROM attributed_sales AS sold
JOIN touched USING (employee_id, month)
LEFT JOIN attributed_returns AS back USING (employee_id, sale_id)
WHERE sold.currency = %(currency)s AND sold.month >= %(first)s
ORDER BY sold.employee_id, sold.position, back.position
"""

_AMOUNTS: LiteralString = """
SELECT employee_id, commission_minor, bonus_minor, entries
FROM incentive_amounts
WHERE scheme_id = %(scheme_id)s AND period = %(period)s AND employee_id > %(after)s
ORDER BY employee_id
LIMIT %(limit)s
"""


async def amounts_of(
    connection: Connection, scheme_id: str, period: str, *, after: str, limit: int
) -> list[EmployeeAmount]:
    """What a closed month came to, by employee."""
    wanted = {"scheme_id": scheme_id, "period": period, "after": after, "limit": limit}
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_AMOUNTS, wanted)
        return [
            EmployeeAmount(employee_id=employee_id, commission_minor=paid, bonus_minor=bonus, entries=entries)
            for employee_id, paid, bonus, entries in await cursor.fetchall()
        ]


async def statement_of(
    connection: Connection, scheme: Scheme, period: str, employee_id: str
) -> tuple[Statement, int]:
    """An employee's statement of a month, and the position of the journal that it is of."""
    async with connection.transaction():
        await connection.execute(_ONE_INSTANT)
        async with aclosing(_statements(connection, scheme, period, employee_id)) as stream:
            found = [statement async for _, statement in stream]
        return found[0] if found else Statement(), await _position(connection)


async def month_of_all(
    connection: Connection, scheme: Scheme, period: str
) -> tuple[list[EmployeeAmount], int]:
    """What a month comes to, by employee, and the position of the journal that this is of."""
    async with connection.transaction():
        await connection.execute(_ONE_INSTANT)
        async with aclosing(_statements(connection, scheme, period)) as stream:
            amounts = [
                EmployeeAmount(
                    employee_id=employee_id,
                    commission_minor=found.commission_minor,
                    bonus_minor=found.bonus_minor,
                    entries=len(found.entries),
                )
                async for employee_id, found in stream
            ]
        return amounts, await _position(connection)


async def _position(connection: Connection) -> int:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_POSITION, {"name": Incentives.name})
        row = await cursor.fetchone()
        return 0 if row is None else row[0]


async def _statements(
    connection: Connection, scheme: Scheme, period: str, employee_id: str | None = None
) -> AsyncGenerator[tuple[str, Statement]]:
    """The statements of a month that have lines, of an employee or of all, by employee."""
    before = scheme.closing_of(period_before(period))
    currency = scheme.versions[0].terms.currency
    wanted = {
        "employee_id": employee_id,
        "period": period,
        "after": None if before is None else before.up_to,
        "currency": currency,
        "first": scheme.versions[0].from_period,
    }
    async with connection.cursor(name="sold", row_factory=tuple_row) as cursor:
        cursor.itersize = _AT_ONCE
        await cursor.execute(_SOLD, wanted)
        whose, sales, returns = "", dict[str, Sold](), list[TakenBack]()
        async for row in cursor:
            if row[0] != whose:
                for found in _told(scheme, period, whose, sales, returns):
                    yield found
                whose, sales, returns = row[0], {}, []
            if row[1] not in sales:
                sales[row[1]] = _sold(row, currency)
            if row[13] is not None:
                returns.append(_back(row))
        for found in _told(scheme, period, whose, sales, returns):
            yield found


def _told(
    scheme: Scheme, period: str, employee_id: str, sales: dict[str, Sold], returns: list[TakenBack]
) -> list[tuple[str, Statement]]:
    statement = statements(scheme, employee_id, sales.values(), returns).get(period)
    return [] if statement is None else [(employee_id, statement)]


def _sold(row: tuple[Any, ...], currency: str) -> Sold:
    sale_id, store_id, day, position, shift, share_bp, skus, categories = row[1:9]
    net, cost, own_net, own_cost = row[9:13]
    whole = share_bp == WHOLE_SHARE_BP
    return Sold(
        sale_id=sale_id,
        position=position,
        store_id=store_id,
        day=day,
        currency=currency,
        shift=shift,
        share_bp=share_bp,
        lines=tuple(
            LineSold(
                line=int(number),
                sku=skus[number],
                category=categories[number],
                net_minor=net[number],
                cost_minor=cost[number],
                own_net_minor=(net if whole else own_net)[number],
                own_cost_minor=(cost if whole else own_cost)[number],
            )
            # jsonb has an order of keys of its own.
            for number in sorted(net, key=int)
        ),
    )


def _back(row: tuple[Any, ...]) -> TakenBack:
    return_id, day, position, net, cost = row[13:]
    return TakenBack(
        return_id=return_id,
        sale_id=row[1],
        position=position,
        day=day,
        lines=tuple(
            LineBack(line=int(number), net_minor=net[number], cost_minor=cost[number])
            for number in sorted(net, key=int)
        ),
    )
