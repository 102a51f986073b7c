"""`daybook customers` and `daybook privacy`: what is kept of people beside the journal, and forgotten."""

import click

from workers.command_line.terms import State, pass_settings, run_command


@click.group()
def customers() -> None:
    """What is kept of the customers of the tenant DAYBOOK_TENANT beside the journal."""


@customers.command("reindex")
@pass_settings
def customers_reindex(state: State) -> None:
    """Make the index by which customers are found anew from the journal."""
    from workers.people_commands import reindex as work

    run_command(lambda: work(state.settings))


@click.group()
def privacy() -> None:
    """What is forgotten of people, of every tenant."""


@privacy.command("run")
@pass_settings
def privacy_run(state: State) -> None:
    """Do at once what is done every night: retention, keys that came back from a backup, the disk."""
    from workers.people_commands import keep_privacy as work

    run_command(lambda: work(state.settings))
