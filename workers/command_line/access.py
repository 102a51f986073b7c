"""`daybook keys` and `daybook users`: who may come in."""

from datetime import datetime

import click

from workers.command_line.terms import Instant, State, pass_settings, run_command


@click.group()
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
    state: State, name: str, scopes: tuple[str, ...], stores: tuple[str, ...], expires_at: datetime | None
) -> None:
    """Make a key and print it, once."""
    from workers.access_commands import keys_create as work

    run_command(lambda: work(state.settings, name, scopes, stores, expires_at))


@keys.command("list")
@pass_settings
def keys_list(state: State) -> None:
    """Every key, those that have ended too; never a secret."""
    from workers.access_commands import keys_list as work

    run_command(lambda: work(state.settings))


@keys.command("rotate")
@click.argument("key")
@click.option("--keep-days", type=click.FloatRange(0, 90), help="How long the old one works on; 7 days.")
@pass_settings
def keys_rotate(state: State, key: str, keep_days: float | None) -> None:
    """Make a successor of a key, by name or id, with the same rights, and print it, once."""
    from workers.access_commands import keys_rotate as work

    run_command(lambda: work(state.settings, key, keep_days))


@keys.command("revoke")
@click.argument("key")
@pass_settings
def keys_revoke(state: State, key: str) -> None:
    """End a key, by name or id, at once."""
    from workers.access_commands import keys_revoke as work

    run_command(lambda: work(state.settings, key))


@click.group()
def users() -> None:
    """People who sign in to the tenant DAYBOOK_TENANT."""


@users.command("create")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="owner, manager, cashier, …")
@click.option("--store", "stores", multiple=True, help="A store of the roles; all if none is given.")
@pass_settings
def users_create(state: State, name: str, roles: tuple[str, ...], stores: tuple[str, ...]) -> None:
    """Let a person sign in, and print a first password, once."""
    from workers.access_commands import users_create as work

    run_command(lambda: work(state.settings, name, roles, stores))


@users.command("list")
@pass_settings
def users_list(state: State) -> None:
    """Everybody who may sign in, and their roles."""
    from workers.access_commands import users_list as work

    run_command(lambda: work(state.settings))


@users.command("reset")
@click.argument("name")
@pass_settings
def users_reset(state: State, name: str) -> None:
    """Give a person a new first password, and let in who was disabled."""
    from workers.access_commands import users_reset as work

    run_command(lambda: work(state.settings, name))


@keys.command("rotate-master")
@pass_settings
def keys_rotate_master(state: State) -> None:
    """Make a new master key and wrap every data key by it, while the shop is open."""
    from workers.people_commands import rotate_master as work

    run_command(lambda: work(state.settings))
