"""`daybook import` and `daybook demand`: another system's data, and what it is worth."""

from pathlib import Path

import click

from workers.command_line.terms import READABLE, State, fail, pass_settings, run_command


@click.group("import")
def import_() -> None:
    """Bring in another system's data, through the same commands as the API."""


@import_.command("online-retail")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_settings
def import_online_retail(state: State, file: Path) -> None:
    """A year of invoices (csv or csv.gz), reconciled to the penny. Can be stopped and run again."""
    from workers.imports.online_retail.run import import_file

    def work() -> None:
        if not import_file(state.settings, file):
            fail("the projections do not agree with the file: see the reconciliation above")

    run_command(work)


@import_.command("complete-journey")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@pass_settings
def import_complete_journey(state: State, folder: Path) -> None:
    """A year of coupon campaigns (csv.gz), reconciled to the cent. Can be stopped and run again."""
    from workers.imports.complete_journey.run import import_folder

    def work() -> None:
        if not import_folder(state.settings, folder):
            fail("the journal does not agree with the tables: see the reconciliation above")

    run_command(work)


@import_.command("fresh-retail")
@click.argument("file", type=READABLE)
@pass_settings
def import_fresh_retail(state: State, file: Path) -> None:
    """What others saw of demand and empty shelves (csv or csv.gz). Can be stopped and run again."""
    from workers.imports.fresh_retail.run import import_file

    def work() -> None:
        if not import_file(state.settings, file):
            fail("the journal does not hold what the file says: see the reconciliation above")

    run_command(work)


@import_.command("complaints")
@click.argument("file", type=READABLE)
@pass_settings
def import_complaints(state: State, file: Path) -> None:
    """A register of complaints (csv or csv.gz), reconciled by product and channel. Can be run again."""
    from workers.imports.complaints.run import import_file

    def work() -> None:
        if not import_file(state.settings, file):
            fail("the board does not agree with the file: see the reconciliation above")

    run_command(work)


@import_.command("customers")
@click.argument("file", type=READABLE)
@click.option("--mapping", required=True, type=READABLE, help="JSON: what each column holds.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where each row is told.")
@click.option("--dry-run", is_flag=True, help="Tell the same, and write nothing.")
@pass_settings
def import_customers(state: State, file: Path, mapping: Path, report: Path | None, *, dry_run: bool) -> None:
    """Customers of another system (csv or csv.gz), each row told. Can be stopped and run again."""
    from workers.imports.customers.run import import_customers

    def work() -> None:
        told = report or file.with_name(f"{file.name}.report.csv")
        if not import_customers(state.settings, file, mapping, told, dry_run=dry_run):
            fail("some rows are invalid: see the report")

    run_command(work)


@click.group()
def demand() -> None:
    """What is known of demand in the tenant DAYBOOK_TENANT."""


@demand.command("score")
@click.option("--source", default="fresh-retail", show_default=True, help="Whose observations.")
@click.option("--seed", default=7, show_default=True, help="Which days are masked.")
@click.option("--share", default=10, show_default=True, type=click.IntRange(1, 90), help="Per cent masked.")
@pass_settings
def demand_score(state: State, *, source: str, seed: int, share: int) -> None:
    """Mask days in stock and estimate them, beside a mean that knows of no empty shelf."""
    from workers.replenishment_commands import score_demand as work

    run_command(lambda: work(state.settings, source, seed, share))
