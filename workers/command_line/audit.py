"""`daybook audit`: proofs about the journal."""

from pathlib import Path

import click

from workers.command_line.terms import POSITION, READABLE, State, fail, pass_settings, run_command


@click.group()
def audit() -> None:
    """Proofs about the journal of the tenant DAYBOOK_TENANT."""


@audit.command("seal")
@pass_settings
def audit_seal(state: State) -> None:
    """Seal what is new now, and print the last checkpoint."""
    from workers.audit_commands import audit_seal as work

    run_command(lambda: work(state.settings))


@audit.command("public-key")
@pass_settings
def audit_public_key(state: State) -> None:
    """Print the key with which anybody can check the checkpoints."""
    from workers.audit_commands import audit_public_key as work

    run_command(lambda: work(state.settings))


@audit.command("rotate-key")
@pass_settings
def audit_rotate_key(state: State) -> None:
    """Make a new sealing key, which the one so far vouches for, and print it as public-key does.

    The next checkpoint of each tenant hands over: both keys sign it.
    """
    from workers.audit_commands import audit_rotate_key as work

    run_command(lambda: work(state.settings))


@audit.command("verify")
@click.option("--public-key", help="The key to trust; without it, that of DAYBOOK_SEAL_KEY_FILE.")
@click.option("--checkpoint", type=READABLE, help="A checkpoint that you were given before.")
@click.option("--limit-s", type=float, default=3_600.0, show_default=True, help="Of the replay.")
@pass_settings
def audit_verify(state: State, public_key: str | None, checkpoint: Path | None, limit_s: float) -> None:
    """Hash every event anew and hold all against the checkpoints; then replay the read models.

    Status 1 if anything is wrong; each wrong position is named.
    """
    from workers.audit_commands import audit_verify as work

    def check() -> None:
        if not work(state.settings, public_key, checkpoint, limit_s):
            fail("something is not as it was sealed: see the lines that begin with WRONG")

    run_command(check)


@audit.command("verify-bundle")
@click.argument("file", type=READABLE)
@click.option("--public-key", required=True, help="As daybook audit public-key prints it.")
@click.option("--checkpoint", type=READABLE, help="A checkpoint that you were given before.")
def audit_verify_bundle(file: Path, public_key: str, checkpoint: Path | None) -> None:
    """Check an export from the file alone: no database, no network. Status 1 if it proves nothing."""
    from workers.audit_commands import verify_bundle as work

    run_command(lambda: work(file, public_key, checkpoint))


@audit.command("export")
@click.option("--from", "first", type=POSITION, default=1, show_default=True, help="The first position.")
@click.option("--to", "last", type=POSITION, help="The last position; without it, all that is sealed.")
@click.option("--size", type=POSITION, help="The size of a checkpoint; without it, of the last one.")
@click.option("--since", type=POSITION, help="With the proof for a checkpoint of that size in hand.")
@pass_settings
def audit_export(state: State, first: int, last: int | None, size: int | None, since: int | None) -> None:
    """Write events as CloudEvents in JSON Lines, with their proof, to standard output."""
    from workers.audit_commands import audit_export as work

    run_command(lambda: work(state.settings, first, last, size, since))


@audit.command("diff")
@click.argument("before", type=click.IntRange(min=0))
@click.argument("after", type=POSITION)
@pass_settings
def audit_diff(state: State, before: int, after: int) -> None:
    """Tell in words what happened behind position BEFORE up to AFTER, stream by stream."""
    from workers.audit_commands import audit_diff as work

    run_command(lambda: work(state.settings, before, after))
