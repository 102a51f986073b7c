"""[scores_10k_s]: the scores of 10,000 employees, of a month of a million sales, each durable in the journal.

The days of staff are those that the fold makes of a million sales in memory. The floor is a plain scan of the
same rows: it adds them up, and neither groups nor writes anything.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import uvloop

from bench.books import Books
from bench.measure import RUNS, BenchmarkFailed, Figure, figure, say
from bench.orders import CURRENCY, STORES
from bench.parts import database, owner_conninfo, parts, scratch
from bench.shop import Shop, open_shop, submit_all
from domain.kernel.command import Command
from domain.kernel.event import AnyRecorded, Recorded
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.sales.sale import Attribution, SaleCompleted, SaleLine, TaxPolicy, Tender
from domain.staff.cycle import CloseCycle, OpenCycle
from domain.staff.employee import HireEmployee
from domain.staff.score import Indicator, Part
from domain.staff.scorecard import Scorecard, SetScorecard
from infra.postgres.pools import connector, tenant_conninfo
from infra.process import calm_collector
from projections.staff_scores.days import STAFF_DAYS, StaffDay, traded, whole_of
from projections.staff_scores.scoring import cycles_due, people_of
from workers.jobs.scoring import score

EMPLOYEES = 10_000
SALES = 1_000_000
FIRST = date(2026, 1, 1)
DAYS = 31
AT_ONCE = 2_000
SHARED_EVERY = 10

_SCAN: LiteralString = """
SELECT count(*), sum(sales), sum(sold_minor), sum(returned_minor), sum(revenue_minor), sum(cost_minor)
FROM staff_days
"""

CARD = Scorecard(
    currency=CURRENCY,
    parts=(
        Part(indicator=Indicator.SALES, weight=40, nothing_at=0, full_at=300_000, cap_milli=6_000),
        Part(indicator=Indicator.MARGIN, weight=30, nothing_at=0, full_at=500, cap_milli=5_000),
        Part(indicator=Indicator.RETURNS, weight=20, nothing_at=100, full_at=0, cap_milli=5_000),
        Part(indicator=Indicator.CSAT, weight=10, nothing_at=0, full_at=5_000, cap_milli=5_000),
    ),
)


def measure() -> dict[str, Figure]:
    """Seconds from the close of a month until everybody's score is in the journal; of three scorecards."""
    with scratch() as folder, database(folder) as data:
        shop = open_shop(data, "scored")
        began = time.monotonic()
        uvloop.run(_found(shop))
        with parts(data, "projector"):
            Books(shop).wait_until_caught_up()
        rows = uvloop.run(_fill(shop))
        say(f"{SALES:,} sales in {rows:,} days of staff after {time.monotonic() - began:.0f} s")
        with psycopg.connect(owner_conninfo(data.owner, shop.tenant), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE staff_days")
            floors = [_scan(connection) for _ in range(RUNS)]
        runs, people = uvloop.run(_score(shop))
    say(f"scores_10k_s: {people:,} scores in {', '.join(f'{run:.1f}' for run in runs)} s")
    if people != EMPLOYEES * RUNS:
        raise BenchmarkFailed(f"{people:,} scores were frozen")
    return {"scores_10k_s": figure(runs, "s", floors)}


async def _found(shop: Shop) -> None:
    commands = list(_founding())
    async with shop.open() as tenant:
        for first in range(0, len(commands), AT_ONCE):
            await submit_all(tenant, commands[first : first + AT_ONCE])


def _founding() -> Iterator[Command]:
    for number in range(EMPLOYEES):
        # Nobody opens it.
        name = Sealed(key_id="bench", subject=f"employee-{number}", place="employee.hired.v1/name", box="")
        yield HireEmployee(employee_id=_employee(number), store_id=_store(number), name=name)
    for run in range(RUNS):
        yield SetScorecard(scorecard_id=f"card-{run}", card=CARD)
        yield OpenCycle(scorecard_id=f"card-{run}", period="2026-01")
        yield CloseCycle(scorecard_id=f"card-{run}", period="2026-01")


def _employee(number: int) -> str:
    return f"employee-{number:05}"


def _store(number: int) -> str:
    return STORES[number % len(STORES)]


def _sales() -> Iterator[AnyRecorded]:
    """Everybody sells a hundred times, on different days; every tenth sale is shared."""
    lines = tuple(
        SaleLine(
            line=line,
            sku=f"sku-{line}",
            name="Thing",
            category="things",
            unit=Unit.PIECE,
            quantity=1,
            unit_price_minor=999 * line,
            amount_minor=999 * line,
            net_minor=999 * line,
            tax_rate_bp=900,
            tax_minor=82 * line,
            cost_minor=600 * line,
        )
        for line in (1, 2)
    )
    total_minor = sum(line.net_minor for line in lines)
    policy, tenders = TaxPolicy(), (Tender(method="cash", amount_minor=total_minor),)
    for number in range(SALES):
        seller = number % EMPLOYEES
        day = FIRST + timedelta(days=number % DAYS)
        share = Attribution(employee_id=_employee(seller))
        if number % SHARED_EVERY == 0:
            other = Attribution(employee_id=_employee((seller + len(STORES)) % EMPLOYEES), share_bp=3_333)
            shares = (Attribution(employee_id=share.employee_id, share_bp=6_667), other)
        else:
            shares = (share,)
        sale = SaleCompleted(
            sale_id=f"x{number}",
            store_id=_store(seller),
            register_id="till-1",
            receipt_number=number,
            currency=CURRENCY,
            business_day=day,
            utc_offset_min=480,
            lines=lines,
            tax_policy=policy,
            tenders=tenders,
            total_minor=total_minor,
            attributions=shares,
        )
        told_at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        yield Recorded(
            occurred_at=told_at,
            recorded_at=told_at,
            actor="bench",
            channel="bench",
            command_id="",
            correlation_id="",
            data=sale,
        )


async def _fill(shop: Shop) -> int:
    rows: dict[Any, StaffDay] = {}
    for entry in _sales():
        for _, key, delta in traded(entry, whole_of(entry.data)):
            row = rows.get(key)
            if row is None:
                row = rows[key] = StaffDay(*key)
            STAFF_DAYS.fold(row, delta)
    conninfo = tenant_conninfo(shop.database.service, shop.tenant)
    async with await connector(conninfo)() as connection:
        await STAFF_DAYS.write_all(connection, rows.values())
        await connection.commit()
    return len(rows)


def _scan(connection: "psycopg.Connection[tuple[Any, ...]]") -> float:
    began = time.perf_counter()
    connection.execute(_SCAN).fetchall()
    return time.perf_counter() - began


async def _score(shop: Shop) -> tuple[list[float], int]:
    runs: list[float] = []
    people = 0
    for _ in range(RUNS):
        # Each in a process of its own, as it were: no state is known.
        async with shop.open() as tenant:
            async with tenant.readers.connection() as connection:
                cycle = (await cycles_due(connection))[len(runs)]
            calm_collector()
            began = time.perf_counter()
            people += await score(tenant, cycle)
            runs.append(time.perf_counter() - began)
            async with tenant.readers.connection() as connection:
                known = await people_of(connection, cycle)
        if sum(one.facts.sales for one in known) != SALES + SALES // SHARED_EVERY:
            raise BenchmarkFailed("sales are missing")
    return runs, people
