"""`daybook projections`: read models."""

from datetime import datetime

import click

from workers.command_line.terms import Instant, State, fail, pass_settings, run_command


@click.group()
def projections() -> None:
    """Read models of the tenant DAYBOOK_TENANT."""


@projections.command("status")
@pass_settings
def projections_status(state: State) -> None:
    """How far each read model is behind the journal."""
    from workers.projection_commands import projections_status as work

    run_command(lambda: work(state.settings))


@projections.command("watch")
@pass_settings
def projections_watch(state: State) -> None:
    """The status, every second, until nothing is being rebuilt and all have caught up."""
    from workers.projection_commands import projections_watch as work

    run_command(lambda: work(state.settings))


@projections.command("rebuild")
@click.argument("names", nargs=-1)
@click.option(
    "--readers", type=click.IntRange(min=1), help="Processes; without it one a processor, four at most."
)
@click.option("--rows", type=click.IntRange(min=1), help="In memory at most; without it, a million.")
@pass_settings
def projections_rebuild(state: State, names: tuple[str, ...], readers: int | None, rows: int | None) -> None:
    """Make the named read models, or all, anew beside those that are read, and put them in place."""
    from workers.projection_commands import projections_rebuild as work

    run_command(lambda: work(state.settings, names, readers, rows))


@projections.command("cancel")
@click.argument("names", nargs=-1)
@pass_settings
def projections_cancel(state: State, names: tuple[str, ...]) -> None:
    """Give up rebuilds that are under way, or have failed."""
    from workers.projection_commands import projections_cancel as work

    run_command(lambda: work(state.settings, names))


@projections.command("rollback")
@click.argument("name")
@pass_settings
def projections_rollback(state: State, name: str) -> None:
    """Put back the tables that the last rebuild of a read model replaced."""
    from workers.projection_commands import projections_rollback as work

    run_command(lambda: work(state.settings, name))


@projections.command("verify")
@click.argument("names", nargs=-1)
@click.option("--limit-s", type=float, default=3_600.0, show_default=True, help="Give up after so long.")
@pass_settings
def projections_verify(state: State, names: tuple[str, ...], limit_s: float) -> None:
    """Replay the journal and compare every row with the read models. Status 1 if any differs."""
    from workers.projection_commands import projections_verify as work

    def check() -> None:
        if not work(state.settings, names, limit_s):
            fail("the read models are not what the journal says; see the rows above, then rebuild them")

    run_command(check)


@projections.command("as-of")
@click.argument("names", nargs=-1, required=True)
@click.option("--position", type=click.IntRange(min=0), help="As they were at this position.")
@click.option("--at", "instant", type=Instant(), help="As they were then: 2026-11-01T00:00:00Z.")
@click.option("--limit-s", type=float, default=600.0, show_default=True, help="Give up after so long.")
@click.option(
    "--keep-s",
    type=click.FloatRange(0, 30 * 86_400),
    default=3_600.0,
    show_default=True,
    help="Drop it after so long.",
)
@pass_settings
def projections_as_of(
    state: State,
    names: tuple[str, ...],
    position: int | None,
    instant: datetime | None,
    limit_s: float,
    keep_s: float,
) -> None:
    """Make read models as they were, in a schema of their own that goes by itself."""
    from workers.projection_commands import projections_as_of as work

    if (position is None) == (instant is None):
        raise click.UsageError("say --position or --at")
    run_command(lambda: work(state.settings, names, position, instant, limit_s=limit_s, keep_s=keep_s))


@projections.command("park")
@click.option("--tracebacks", is_flag=True, help="With where in the code it happened.")
@pass_settings
def projections_park(state: State, *, tracebacks: bool) -> None:
    """What could not be folded and waits, a JSON object a line."""
    from workers.projection_commands import projections_park as work

    run_command(lambda: work(state.settings, tracebacks=tracebacks))


@projections.command("retry")
@click.argument("name")
@click.argument("table")
@click.argument("key")
@pass_settings
def projections_retry(state: State, name: str, table: str, key: str) -> None:
    """Fold what waits at a row, as `park` names it: stock_levels stock_levels '["main","apple"]'."""
    from projections.kernel.parking import Place
    from workers.projection_commands import projections_retry as work

    run_command(lambda: work(state.settings, Place(name, table, key)))


@projections.command("skip")
@click.argument("name")
@click.argument("table")
@click.argument("key")
@click.argument("position", type=int)
@click.option("--reason", required=True, help="Why; it is kept.")
@pass_settings
def projections_skip(state: State, name: str, table: str, key: str, position: int, reason: str) -> None:
    """Leave the event at POSITION out of a row for good, and fold what waits behind it."""
    from projections.kernel.parking import Place
    from workers.projection_commands import projections_skip as work

    run_command(lambda: work(state.settings, Place(name, table, key), position, reason))
