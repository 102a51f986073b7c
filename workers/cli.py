"""The command line: `daybook`. Each command imports what it needs, so that the others start fast."""

import os
import signal

import click

from infra.logging import configure_logging
from infra.settings import Settings, SettingsError
from workers.command_line.access import keys, users
from workers.command_line.audit import audit
from workers.command_line.events import events
from workers.command_line.imports import demand, import_
from workers.command_line.people import customers, privacy
from workers.command_line.projections import projections
from workers.command_line.segments import segments
from workers.command_line.tenants import tenant
from workers.command_line.terms import State, fail, pass_settings, run_command


@click.group()
@click.version_option(package_name="daybook")
@click.pass_context
def cli(context: click.Context) -> None:
    """Daybook, the journal of a chain of shops."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        fail(str(error))
    configure_logging(settings.log_level)
    context.obj = State(settings)


@cli.command()
@pass_settings
def settings(state: State) -> None:
    """List the settings: environment variables, their values and what they mean."""
    for row in state.settings.rows():
        click.echo(f"{row.variable}={row.value}\n    {row.help} (default: {row.default or 'unset'})")


@cli.command()
@click.option("--with-parent", is_flag=True, help="Close when the process that started it ends.")
@pass_settings
def serve(state: State, *, with_parent: bool) -> None:
    """Run the whole shop: database, API, projector, sealer and jobs."""
    from infra.process import die_with_parent
    from workers.serve import serve as run

    if with_parent:
        die_with_parent(signal.SIGTERM, parent_pid=os.getppid())
    run_command(lambda: run(state.settings))


@cli.command()
@pass_settings
def api(state: State) -> None:
    """Run the HTTP API alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_api

    def work() -> None:
        # granian would meet it in its child, with a traceback.
        state.settings.require_database_url()
        run_api(state.settings)

    run_command(work)


@cli.command()
@pass_settings
def projector(state: State) -> None:
    """Run the projector alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_projector

    run_command(lambda: run_projector(state.settings.require_database_url()))


@cli.command()
@pass_settings
def sealer(state: State) -> None:
    """Run the sealer alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_sealer

    run_command(lambda: run_sealer(state.settings))


@cli.command()
@pass_settings
def jobs(state: State) -> None:
    """Run the jobs alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_jobs

    run_command(lambda: run_jobs(state.settings))


@cli.command()
@pass_settings
def migrate(state: State) -> None:
    """Bring every schema up to this version. Run it again at any time."""
    from infra.jobs import migrate_jobs
    from infra.postgres.migrate import migrate as run
    from workers.database import database

    def work() -> None:
        with database(state.settings) as connections:
            applied = run(connections.owner, connections.keys_owner)
            made_jobs = migrate_jobs(connections.owner)
        for schema, file in applied:
            click.echo(f"{schema}: {file}")
        if made_jobs:
            click.echo("jobs: made the queue")
        if not applied and not made_jobs:
            click.echo("Nothing to do.")

    run_command(work)


@cli.command()
@click.option("--store", help="One store; all of them without it.")
@pass_settings
def replenish(state: State, *, store: str | None) -> None:
    """Suggest now what the tenant DAYBOOK_TENANT should order, as is done every night."""
    from workers.replenishment_commands import replenish_now as work

    run_command(lambda: work(state.settings, store))


@cli.command()
@pass_settings
def demo(state: State) -> None:
    """Open the demo shop in an empty tenant, without serving it."""
    from infra.jobs import migrate_jobs
    from infra.postgres.migrate import migrate as run
    from workers.database import database
    from workers.demo.opening import open_demo_shop

    def work() -> None:
        with database(state.settings) as connections:
            run(connections.owner, connections.keys_owner)
            migrate_jobs(connections.owner)
            click.echo(f"Key of the demo: {open_demo_shop(state.settings, connections)}")

    run_command(work)


for group in (tenant, keys, users, customers, segments, privacy, import_, demand, projections, audit, events):
    cli.add_command(group)


def main() -> None:
    """The console script."""
    cli()


if __name__ == "__main__":
    main()
