"""`daybook tenant`: merchants, and their auditors."""

import click

from workers.command_line.terms import State, pass_settings, run_command


@click.group()
def tenant() -> None:
    """Merchants: each has a journal of its own."""


@tenant.command("create")
@click.argument("name")
@click.option("--if-missing", is_flag=True, help="Do nothing where the tenant exists.")
@pass_settings
def tenant_create(state: State, name: str, *, if_missing: bool) -> None:
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

    run_command(work)


@tenant.command("auditor")
@click.argument("login")
@pass_settings
def tenant_auditor(state: State, login: str) -> None:
    """Make a database login that reads the tenant DAYBOOK_TENANT; print its password, once."""
    from infra.postgres.auditors import add_auditor
    from workers.database import database

    def work() -> None:
        with database(state.settings) as connections:
            click.echo(add_auditor(connections.owner, state.settings.tenant, login))

    run_command(work)
