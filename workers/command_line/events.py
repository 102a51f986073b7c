"""`daybook events`: the journal, read."""

import click

from workers.command_line.terms import State, pass_settings, run_command


@click.group()
def events() -> None:
    """The journal of the tenant DAYBOOK_TENANT."""


@events.command("tail")
@click.option("--after", type=int, help="Begin after this position; without it, with the last ten.")
@click.option("--follow/--no-follow", default=True, help="Wait for new events.")
@pass_settings
def events_tail(state: State, after: int | None, *, follow: bool) -> None:
    """Print events as they are recorded, a JSON object a line."""
    from workers.inspect import events_tail as work

    run_command(lambda: work(state.settings, after, follow=follow))


@events.command("show")
@click.argument("stream")
@pass_settings
def events_show(state: State, stream: str) -> None:
    """Print the events of a stream, such as sale-1234 or stock-main/apple."""
    from workers.inspect import events_show as work

    run_command(lambda: work(state.settings, stream))
