"""What is done about segments from the command line."""

import asyncio
import csv
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, date, datetime
from pathlib import Path

import click

from domain.customers.measures import Stage, StageRules, stage_of
from domain.customers.rfm import Part, RfmCuts, Scores, require_cuts, scores_of
from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.settings import Settings
from infra.tenancy import Tenant, open_tenant
from projections.customer_days.queries import Asked, Measured, measured
from workers.database import database
from workers.jobs.catching_up import catch_up
from workers.jobs.segments import evaluate_as_of, evaluate_due
from workers.segments import LOOKED_AT

COLUMNS = (
    *("customer_id", "purchase_days", "days_since_first", "days_since_last", "purchases", "returns"),
    *("spend_minor", "recency", "frequency", "monetary", "stage"),
)


def evaluate_now(settings: Settings, as_of: date | None) -> None:
    """Does at once what is done every day, as of the last day that is over, or another."""

    async def work(tenant: Tenant) -> None:
        await _read_models_are_there(tenant)
        if as_of is None:
            done = await evaluate_due(tenant, datetime.now(UTC))
        else:
            done = await evaluate_as_of(tenant, as_of)
        click.echo(f"{done.segments:,} segments worked out: {done.entered:,} entered, {done.left:,} left.")

    _in_tenant(settings, work)


def tell_rfm(settings: Settings, as_of: date, currency: str, cuts: RfmCuts, file: Path | None) -> None:
    """Prints how many customers have which score and are in which stage; writes each into a CSV file."""
    require_cuts(cuts)

    async def work(tenant: Tenant) -> None:
        await _read_models_are_there(tenant)
        found: list[Measured] = []
        async with (
            tenant.readers.connection() as connection,
            aclosing(measured(connection, Asked(as_of, currency))) as pages,
        ):
            async for page in pages:
                found += [one for one in page if one.speaks]
        click.echo(as_text(found, cuts))
        if file is not None:
            _write(file, found, cuts)

    _in_tenant(settings, work)


def as_text(found: list[Measured], cuts: RfmCuts) -> str:
    """How many customers have each score, from the highest down, and how many are in each stage."""
    scores = [scores_of(one.measures, cuts) for one in found]
    lines = [f"{len(found):,} customers"]
    for part in Part:
        counts = Counter(getattr(each, part) for each in scores)
        told = ", ".join(f"{score}: {counts[score]:,}" for score in sorted(counts, reverse=True))
        lines.append(f"{part.value} {told}")
    stages = Counter(stage_of(one.measures, StageRules()) for one in found)
    lines.append(", ".join(f"{stage.value} {stages[stage]:,}" for stage in Stage))
    best = Scores(len(cuts.recency_days) + 1, len(cuts.frequency) + 1, len(cuts.monetary_minor) + 1)
    lines.append(f"{sum(each == best for each in scores):,} have the best scores in all three")
    return "\n".join(lines)


def _write(file: Path, found: list[Measured], cuts: RfmCuts) -> None:
    with file.open("w", newline="", encoding="utf-8") as output:
        writer = csv.writer(output)
        writer.writerow(COLUMNS)
        for customer_id, _, measures, _ in sorted(found):
            writer.writerow(
                [
                    *(customer_id, measures.days, measures.days_since_first, measures.days_since_last),
                    *(measures.purchases, measures.returns, measures.spend_minor),
                    *scores_of(measures, cuts),
                    stage_of(measures, StageRules()).value,
                ]
            )


async def _read_models_are_there(tenant: Tenant) -> None:
    if not await catch_up(tenant, LOOKED_AT):
        raise OperatorError(
            "Read models have not seen all that the journal holds. Wait for `daybook projections status`."
        )


def _in_tenant(settings: Settings, work: Callable[[Tenant], Awaitable[None]]) -> None:
    with database(settings) as connections:
        master = MasterKey.of_settings(settings, connections.keys, settings.tenant)

        async def run() -> None:
            url, keys = connections.service, connections.keys
            async with open_tenant(url, keys, master, settings.tenant) as tenant:
                await work(tenant)

        asyncio.run(run())
