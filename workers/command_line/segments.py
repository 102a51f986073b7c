"""`daybook segments`: customers by what they bought, as of a date."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from workers.command_line.terms import State, pass_settings, run_command

DAY = click.DateTime(["%Y-%m-%d"])
WRITABLE = click.Path(dir_okay=False, path_type=Path)


class CutPoints(click.ParamType[tuple[int, ...]]):
    """Whole numbers in ascending order, with commas between them."""

    name = "n,n,…"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The numbers; a usage error for anything else."""
        try:
            return tuple(int(one) for one in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} are no cut points: write them as 30,90,180,365", param, ctx)


CUTS = CutPoints()


@click.group()
def segments() -> None:
    """Customers of the tenant DAYBOOK_TENANT by what they bought."""


@segments.command("evaluate")
@click.option("--as-of", type=DAY, help="A business day; without it the last that is over in every store.")
@pass_settings
def segments_evaluate(state: State, *, as_of: datetime | None) -> None:
    """Work out now who belongs to the segments, as is done every day."""
    from workers.segment_commands import evaluate_now as work

    run_command(lambda: work(state.settings, None if as_of is None else as_of.date()))


@segments.command("rfm")
@click.option("--as-of", type=DAY, required=True, help="A business day.")
@click.option("--currency", required=True, help="Whose money counts, as CNY.")
@click.option("--recency", type=CUTS, default="30,90,180,365", show_default=True, help="Days.")
@click.option("--frequency", type=CUTS, default="2,4,8,16", show_default=True, help="Purchases.")
@click.option("--monetary", type=CUTS, required=True, help="Minor units of the currency.")
@click.option("--csv", "file", type=WRITABLE, help="Writes every customer's numbers into this file.")
@pass_settings
def segments_rfm(
    state: State,
    *,
    as_of: datetime,
    currency: str,
    recency: tuple[int, ...],
    frequency: tuple[int, ...],
    monetary: tuple[int, ...],
    file: Path | None,
) -> None:
    """Count customers by how lately, how often and for how much they bought, and by stage."""
    from domain.customers.rfm import RfmCuts
    from workers.segment_commands import tell_rfm as work

    cuts = RfmCuts(recency_days=recency, frequency=frequency, monetary_minor=monetary)
    run_command(lambda: work(state.settings, as_of.date(), currency, cuts, file))
