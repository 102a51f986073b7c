"""What all commands share: settings, kinds of arguments, and one line for what went wrong."""

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
from infra.settings import Settings


class State:
    """What the group hands to its commands."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings


READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
POSITION = click.IntRange(min=1)

pass_settings = click.make_pass_decorator(State)


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


def run_command(work: Callable[[], Any]) -> None:
    """Runs a command; what an operator can mend is one line, not a traceback."""
    try:
        work()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        fail("the database has no Daybook in it yet: run daybook migrate, then daybook tenant create NAME")
    except (OperatorError, Refusal, psycopg.Error, PoolTimeout) as error:
        # psycopg adds DETAIL, HINT or the statement in further lines.
        fail(str(error).strip().partition("\n")[0] or type(error).__name__)
    except KeyboardInterrupt:
        sys.exit(130)


def fail(message: str) -> NoReturn:
    click.echo(f"daybook: {message}", err=True)
    sys.exit(1)
