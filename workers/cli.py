"""The command line: `daybook`. Each command imports what it needs, so that the others start fast."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import psycopg
from psycopg_pool import PoolTimeout

from domain.kernel.errors import Refusal
from infra.errors import OperatorError
from infra.logging import configure_logging
from infra.settings import Settings, SettingsError


class _State:
    """What the group hands to its commands."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings


READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
POSITION = click.IntRange(min=1)

pass_settings = click.make_pass_decorator(_State)


class Instant(click.ParamType[datetime]):
    """A moment with its offset, as ISO 8601 writes it."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; a usage error without a time zone."""
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.fail(f"{value!r} is no moment: write it as 2026-11-01T00:00:00Z", param, ctx)
        return found


@click.group()
@click.version_option(package_name="daybook")
@click.pass_context
def cli(context: click.Context) -> None:
    """Daybook, the journal of a chain of shops."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        _fail(str(error))
    configure_logging(settings.log_level)
    context.obj = _State(settings)


def _fail(message: str) -> NoReturn:
    click.echo(f"daybook: {message}", err=True)
    sys.exit(1)


@cli.command()
@pass_settings
def settings(state: _State) -> None:
    """List the settings: environment variables, their values and what they mean."""
    for row in state.settings.rows():
        click.echo(f"{row.variable}={row.value}\n    {row.help} (default: {row.default or 'unset'})")


@cli.command()
@click.option("--with-parent", is_flag=True, help="Close when the process that started it ends.")
@pass_settings
def serve(state: _State, *, with_parent: bool) -> None:
    """Run the whole shop: database, API, projector, sealer and jobs."""
    from infra.process import die_with_parent
    from workers.serve import serve as run

    if with_parent:
        die_with_parent(signal.SIGTERM, parent_pid=os.getppid())
    _run(lambda: run(state.settings))


@cli.command()
@pass_settings
def api(state: _State) -> None:
    """Run the HTTP API alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_api

    def work() -> None:
        # granian would meet it in its child, with a traceback.
        state.settings.require_database_url()
        run_api(state.settings)

    _run(work)


@cli.command()
@pass_settings
def projector(state: _State) -> None:
    """Run the projector alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_projector

    _run(lambda: run_projector(state.settings.require_database_url()))


@cli.command()
@pass_settings
def sealer(state: _State) -> None:
    """Run the sealer alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_sealer

    _run(lambda: run_sealer(state.settings))


@cli.command()
@pass_settings
def jobs(state: _State) -> None:
    """Run the jobs alone (needs DAYBOOK_DATABASE_URL)."""
    from workers.processes import run_jobs

    _run(lambda: run_jobs(state.settings))


@cli.command()
@pass_settings
def migrate(state: _State) -> None:
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

    _run(work)


@cli.group()
def tenant() -> None:
    """Merchants: each has a journal of its own."""


@tenant.command("create")
@click.argument("name")
@click.option("--if-missing", is_flag=True, help="Do nothing where the tenant exists.")
@pass_settings
def tenant_create(state: _State, name: str, *, if_missing: bool) -> None:
    """Make a tenant: a schema with an empty journal."""
    from infra.postgres.migrate import TenantExists, create_tenant
    from workers.database import database

    def work() -> None:
        try:
            with database(state.settings) as connections:
                create_tenant(connections.owner, name)
        except TenantExists:
            if not if_missing:
                raise
            return
        click.echo(
            f"Tenant {name} has an empty journal. Next: DAYBOOK_TENANT={name} daybook keys create NAME"
        )

    _run(work)


@tenant.command("auditor")
@click.argument("login")
@pass_settings
def tenant_auditor(state: _State, login: str) -> None:
    """Make a database login that reads the tenant DAYBOOK_TENANT; print its password, once."""
    from infra.postgres.auditors import add_auditor
    from workers.database import database

    def work() -> None:
        with database(state.settings) as connections:
            click.echo(add_auditor(connections.owner, state.settings.tenant, login))

    _run(work)


@cli.group()
def keys() -> None:
    """API keys of the tenant DAYBOOK_TENANT."""


@keys.command("create")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, help="A permission such as sales:write; all if none is given."
)
@click.option("--store", "stores", multiple=True, help="A store the key opens; all if none is given.")
@click.option("--expires", "expires_at", type=Instant(), help="When it ends; never, if none is given.")
@pass_settings
def keys_create(
    state: _State, name: str, scopes: tuple[str, ...], stores: tuple[str, ...], expires_at: datetime | None
) -> None:
    """Make a key and print it, once."""
    from workers.access_commands import keys_create as work

    _run(lambda: work(state.settings, name, scopes, stores, expires_at))


@keys.command("list")
@pass_settings
def keys_list(state: _State) -> None:
    """Every key, those that have ended too; never a secret."""
    from workers.access_commands import keys_list as work

    _run(lambda: work(state.settings))


@keys.command("rotate")
@click.argument("key")
@click.option("--keep-days", type=click.FloatRange(0, 90), help="How long the old one works on; 7 days.")
@pass_settings
def keys_rotate(state: _State, key: str, keep_days: float | None) -> None:
    """Make a successor of a key, by name or id, with the same rights, and print it, once."""
    from workers.access_commands import keys_rotate as work

    _run(lambda: work(state.settings, key, keep_days))


@keys.command("revoke")
@click.argument("key")
@pass_settings
def keys_revoke(state: _State, key: str) -> None:
    """End a key, by name or id, at once."""
    from workers.access_commands import keys_revoke as work

    _run(lambda: work(state.settings, key))


@cli.group()
def users() -> None:
    """People who sign in to the tenant DAYBOOK_TENANT."""


@users.command("create")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="owner, manager, cashier, …")
@click.option("--store", "stores", multiple=True, help="A store of the roles; all if none is given.")
@pass_settings
def users_create(state: _State, name: str, roles: tuple[str, ...], stores: tuple[str, ...]) -> None:
    """Let a person sign in, and print a first password, once."""
    from workers.access_commands import users_create as work

    _run(lambda: work(state.settings, name, roles, stores))


@users.command("list")
@pass_settings
def users_list(state: _State) -> None:
    """Everybody who may sign in, and their roles."""
    from workers.access_commands import users_list as work

    _run(lambda: work(state.settings))


@users.command("reset")
@click.argument("name")
@pass_settings
def users_reset(state: _State, name: str) -> None:
    """Give a person a new first password, and let in who was disabled."""
    from workers.access_commands import users_reset as work

    _run(lambda: work(state.settings, name))


@keys.command("rotate-master")
@pass_settings
def keys_rotate_master(state: _State) -> None:
    """Make a new master key and wrap every data key by it, while the shop is open."""
    from workers.people_commands import rotate_master as work

    _run(lambda: work(state.settings))


@cli.group()
def customers() -> None:
    """What is kept of the customers of the tenant DAYBOOK_TENANT beside the journal."""


@customers.command("reindex")
@pass_settings
def customers_reindex(state: _State) -> None:
    """Make the index by which customers are found anew from the journal."""
    from workers.people_commands import reindex as work

    _run(lambda: work(state.settings))


@cli.group()
def privacy() -> None:
    """What is forgotten of people, of every tenant."""


@privacy.command("run")
@pass_settings
def privacy_run(state: _State) -> None:
    """Do at once what is done every night: retention, keys that came back from a backup, the disk."""
    from workers.people_commands import keep_privacy as work

    _run(lambda: work(state.settings))


@cli.command()
@click.option("--store", help="One store; all of them without it.")
@pass_settings
def replenish(state: _State, *, store: str | None) -> None:
    """Suggest now what the tenant DAYBOOK_TENANT should order, as is done every night."""
    from workers.replenishment_commands import replenish_now as work

    _run(lambda: work(state.settings, store))


@cli.command()
@pass_settings
def demo(state: _State) -> None:
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

    _run(work)


@cli.group("import")
def import_() -> None:
    """Bring in another system's data, through the same commands as the API."""


@import_.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_settings
def import_online_retail(state: _State, file: Path) -> None:
    """A year of invoices (csv or csv.gz), reconciled to the penny. Can be stopped and run again."""
    from workers.imports.online_retail.run import import_file

    def work() -> None:
        if not import_file(state.settings, file):
            _fail("the projections do not agree with the file: see the reconciliation above")

    _run(work)


@import_.command("complete-journey")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@pass_settings
def import_complete_journey(state: _State, folder: Path) -> None:
    """A year of coupon campaigns (csv.gz), reconciled to the cent. Can be stopped and run again."""
    from workers.imports.complete_journey.run import import_folder

    def work() -> None:
        if not import_folder(state.settings, folder):
            _fail("the journal does not agree with the tables: see the reconciliation above")

    _run(work)


@import_.command("fresh-retail")
@click.argument("file", type=READABLE)
@pass_settings
def import_fresh_retail(state: _State, file: Path) -> None:
    """What others saw of demand and empty shelves (csv or csv.gz). Can be stopped and run again."""
    from workers.imports.fresh_retail.run import import_file

    def work() -> None:
        if not import_file(state.settings, file):
            _fail("the journal does not hold what the file says: see the reconciliation above")

    _run(work)


@cli.group()
def demand() -> None:
    """What is known of demand in the tenant DAYBOOK_TENANT."""


@demand.command("score")
@click.option("--source", default="fresh-retail", show_default=True, help="Whose observations.")
@click.option("--seed", default=7, show_default=True, help="Which days are masked.")
@click.option("--share", default=10, show_default=True, type=click.IntRange(1, 90), help="Per cent masked.")
@pass_settings
def demand_score(state: _State, *, source: str, seed: int, share: int) -> None:
    """Mask days in stock and estimate them, beside a mean that knows of no empty shelf."""
    from workers.replenishment_commands import score_demand as work

    _run(lambda: work(state.settings, source, seed, share))


@cli.group()
def projections() -> None:
    """Read models of the tenant DAYBOOK_TENANT."""


@projections.command("status")
@pass_settings
def projections_status(state: _State) -> None:
    """How far each read model is behind the journal."""
    from workers.projection_commands import projections_status as work

    _run(lambda: work(state.settings))


@projections.command("watch")
@pass_settings
def projections_watch(state: _State) -> None:
    """The status, every second, until nothing is being rebuilt and all have caught up."""
    from workers.projection_commands import projections_watch as work

    _run(lambda: work(state.settings))


@projections.command("rebuild")
@click.argument("names", nargs=-1)
@click.option(
    "--readers", type=click.IntRange(min=1), help="Processes; without it one a processor, four at most."
)
@click.option("--rows", type=click.IntRange(min=1), help="In memory at most; without it, a million.")
@pass_settings
def projections_rebuild(state: _State, names: tuple[str, ...], readers: int | None, rows: int | None) -> None:
    """Make the named read models, or all, anew beside those that are read, and put them in place."""
    from workers.projection_commands import projections_rebuild as work

    _run(lambda: work(state.settings, names, readers, rows))


@projections.command("cancel")
@click.argument("names", nargs=-1)
@pass_settings
def projections_cancel(state: _State, names: tuple[str, ...]) -> None:
    """Give up rebuilds that are under way, or have failed."""
    from workers.projection_commands import projections_cancel as work

    _run(lambda: work(state.settings, names))


@projections.command("rollback")
@click.argument("name")
@pass_settings
def projections_rollback(state: _State, name: str) -> None:
    """Put back the tables that the last rebuild of a read model replaced."""
    from workers.projection_commands import projections_rollback as work

    _run(lambda: work(state.settings, name))


@projections.command("verify")
@click.argument("names", nargs=-1)
@click.option("--limit-s", type=float, default=3_600.0, show_default=True, help="Give up after so long.")
@pass_settings
def projections_verify(state: _State, names: tuple[str, ...], limit_s: float) -> None:
    """Replay the journal and compare every row with the read models. Status 1 if any differs."""
    from workers.projection_commands import projections_verify as work

    def check() -> None:
        if not work(state.settings, names, limit_s):
            _fail("the read models are not what the journal says; see the rows above, then rebuild them")

    _run(check)


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
    state: _State,
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
    _run(lambda: work(state.settings, names, position, instant, limit_s=limit_s, keep_s=keep_s))


@projections.command("park")
@click.option("--tracebacks", is_flag=True, help="With where in the code it happened.")
@pass_settings
def projections_park(state: _State, *, tracebacks: bool) -> None:
    """What could not be folded and waits, a JSON object a line."""
    from workers.projection_commands import projections_park as work

    _run(lambda: work(state.settings, tracebacks=tracebacks))


@projections.command("retry")
@click.argument("name")
@click.argument("table")
@click.argument("key")
@pass_settings
def projections_retry(state: _State, name: str, table: str, key: str) -> None:
    """Fold what waits at a row, as `park` names it: stock_levels stock_levels '["main","apple"]'."""
    from projections.kernel.parking import Place
    from workers.projection_commands import projections_retry as work

    _run(lambda: work(state.settings, Place(name, table, key)))


@projections.command("skip")
@click.argument("name")
@click.argument("table")
@click.argument("key")
@click.argument("position", type=int)
@click.option("--reason", required=True, help="Why; it is kept.")
@pass_settings
def projections_skip(state: _State, name: str, table: str, key: str, position: int, reason: str) -> None:
    """Leave the event at POSITION out of a row for good, and fold what waits behind it."""
    from projections.kernel.parking import Place
    from workers.projection_commands import projections_skip as work

    _run(lambda: work(state.settings, Place(name, table, key), position, reason))


@cli.group()
def audit() -> None:
    """Proofs about the journal of the tenant DAYBOOK_TENANT."""


@audit.command("seal")
@pass_settings
def audit_seal(state: _State) -> None:
    """Seal what is new now, and print the last checkpoint."""
    from workers.audit_commands import audit_seal as work

    _run(lambda: work(state.settings))


@audit.command("public-key")
@pass_settings
def audit_public_key(state: _State) -> None:
    """Print the key with which anybody can check the checkpoints."""
    from workers.audit_commands import audit_public_key as work

    _run(lambda: work(state.settings))


@audit.command("rotate-key")
@pass_settings
def audit_rotate_key(state: _State) -> None:
    """Make a new sealing key, which the one so far vouches for, and print it as public-key does.

    The next checkpoint of each tenant hands over: both keys sign it.
    """
    from workers.audit_commands import audit_rotate_key as work

    _run(lambda: work(state.settings))


@audit.command("verify")
@click.option("--public-key", help="The key to trust; without it, that of DAYBOOK_SEAL_KEY_FILE.")
@click.option("--checkpoint", type=READABLE, help="A checkpoint that you were given before.")
@click.option("--limit-s", type=float, default=3_600.0, show_default=True, help="Of the replay.")
@pass_settings
def audit_verify(state: _State, public_key: str | None, checkpoint: Path | None, limit_s: float) -> None:
    """Hash every event anew and hold all against the checkpoints; then replay the read models.

    Status 1 if anything is wrong; each wrong position is named.
    """
    from workers.audit_commands import audit_verify as work

    def check() -> None:
        if not work(state.settings, public_key, checkpoint, limit_s):
            _fail("something is not as it was sealed: see the lines that begin with WRONG")

    _run(check)


@audit.command("verify-bundle")
@click.argument("file", type=READABLE)
@click.option("--public-key", required=True, help="As daybook audit public-key prints it.")
@click.option("--checkpoint", type=READABLE, help="A checkpoint that you were given before.")
def audit_verify_bundle(file: Path, public_key: str, checkpoint: Path | None) -> None:
    """Check an export from the file alone: no database, no network. Status 1 if it proves nothing."""
    from workers.audit_commands import verify_bundle as work

    _run(lambda: work(file, public_key, checkpoint))


@audit.command("export")
@click.option("--from", "first", type=POSITION, default=1, show_default=True, help="The first position.")
@click.option("--to", "last", type=POSITION, help="The last position; without it, all that is sealed.")
@click.option("--size", type=POSITION, help="The size of a checkpoint; without it, of the last one.")
@click.option("--since", type=POSITION, help="With the proof for a checkpoint of that size in hand.")
@pass_settings
def audit_export(state: _State, first: int, last: int | None, size: int | None, since: int | None) -> None:
    """Write events as CloudEvents in JSON Lines, with their proof, to standard output."""
    from workers.audit_commands import audit_export as work

    _run(lambda: work(state.settings, first, last, size, since))


@audit.command("diff")
@click.argument("before", type=click.IntRange(min=0))
@click.argument("after", type=POSITION)
@pass_settings
def audit_diff(state: _State, before: int, after: int) -> None:
    """Tell in words what happened behind position BEFORE up to AFTER, stream by stream."""
    from workers.audit_commands import audit_diff as work

    _run(lambda: work(state.settings, before, after))


@cli.group()
def events() -> None:
    """The journal of the tenant DAYBOOK_TENANT."""


@events.command("tail")
@click.option("--after", type=int, help="Begin after this position; without it, with the last ten.")
@click.option("--follow/--no-follow", default=True, help="Wait for new events.")
@pass_settings
def events_tail(state: _State, after: int | None, *, follow: bool) -> None:
    """Print events as they are recorded, a JSON object a line."""
    from workers.inspect import events_tail as work

    _run(lambda: work(state.settings, after, follow=follow))


@events.command("show")
@click.argument("stream")
@pass_settings
def events_show(state: _State, stream: str) -> None:
    """Print the events of a stream, such as sale-1234 or stock-main/apple."""
    from workers.inspect import events_show as work

    _run(lambda: work(state.settings, stream))


def _run(work: Callable[[], Any]) -> None:
    """Runs a command; what an operator can mend is one line, not a traceback."""
    try:
        work()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        _fail("the database has no Daybook in it yet: run daybook migrate, then daybook tenant create NAME")
    except (OperatorError, Refusal, psycopg.Error, PoolTimeout) as error:
        # psycopg adds DETAIL, HINT or the statement in further lines.
        _fail(str(error).strip().partition("\n")[0] or type(error).__name__)
    except KeyboardInterrupt:
        sys.exit(130)


def main() -> None:
    """The console script."""
    cli()


if __name__ == "__main__":
    main()
