"""Opens the demo shop on the first start, and finds its key again on every later one.

What must survive a kill stands in a file before anything is told: the plan's seed, first day and length.
The next start makes the same plan and tells it again from the beginning; the journal's idempotency does the
rest. A tenant that holds anything else than a demo's events is never mixed with one: it only gets a key.
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from domain.access.record import RecordAccess
from infra.api_keys import ALL_SCOPES, KEY_PREFIX, Maker, find_key
from infra.event_store.submission import Answer, Origin
from infra.ids import uuid7
from infra.postgres.migrate import TenantExists, create_tenant
from infra.postgres.pools import Connection, connector
from infra.settings import Settings
from workers.database import Database

if TYPE_CHECKING:
    from infra.tenancy import Tenant

SEED = 20_260_901
DAYS = 21
KEY_NAME = "demo"


class DemoPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole plan follows from."""

    seed: int
    first_day: date
    days: int


class DemoState(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds. There is a key once nothing is left to tell; it is a secret."""

    plan: DemoPlan | None = None
    key: str | None = None


def open_demo_shop(settings: Settings, connections: Database, *, days: int = DAYS) -> str:
    """The key of the demo shop; the shop itself is made first if the tenant is new.

    Trade ends yesterday. An opening that was interrupted is continued, a finished one never repeated.
    Raises DemoRefused if the plan can't be told, and psycopg's errors.
    """
    file = state_file(settings)
    state = _read(file)
    if state.key and asyncio.run(_is_valid(connections.service, settings.tenant, state.key)):
        return state.key
    with contextlib.suppress(TenantExists):
        create_tenant(connections.owner, settings.tenant)
    return asyncio.run(_open(settings, connections, state, days))


def state_file(settings: Settings) -> Path:
    """Where the state of the tenant's demo is kept."""
    return settings.data_dir / "demo" / f"{settings.tenant}.json"


async def _is_valid(url: str, tenant: str, key: str) -> bool:
    """Whether this database knows the key, unrevoked, for this tenant."""
    prefix, _, rest = key.partition("_")
    key_id, _, secret = rest.partition("_")
    async with await connector(url)() as connection:
        found = await find_key(connection, key_id, secret) if prefix == KEY_PREFIX else None
    return found is not None and found.tenant == tenant


async def _open(settings: Settings, connections: Database, state: DemoState, days: int) -> str:
    # A later start needs none of this and must be quick.
    from infra.crypto.master_key import MasterKey
    from infra.tenancy import open_tenant
    from workers.demo.shop import ZONE
    from workers.demo.teller import CHANNEL

    file = state_file(settings)
    master = MasterKey.of_settings(settings, connections.keys, settings.tenant)
    async with open_tenant(connections.service, connections.keys, master, settings.tenant) as tenant:
        async with tenant.readers.connection() as connection:
            first = await tenant.journal.read_page(connection, 0, 1)
        if not first:
            first_day = datetime.now(ZONE).date() - timedelta(days=days)
            state = DemoState(plan=DemoPlan(seed=SEED, first_day=first_day, days=days))
            _write(file, state)
        if state.plan is not None and state.key is None and (not first or first[0].channel == CHANNEL):
            await _tell(tenant, state.plan, file)
        key = await _issue_key(tenant, connections.service)
    _write(file, DemoState(plan=state.plan, key=key))
    return key


async def _issue_key(tenant: "Tenant", url: str) -> str:
    from infra.access.changes import Changes
    from workers.demo.teller import CHANNEL

    async def record(command: RecordAccess) -> Answer:
        return await tenant.submit(command, Origin(command_id=uuid7(), actor=KEY_NAME, channel=CHANNEL))

    @asynccontextmanager
    async def connect() -> AsyncGenerator[Connection]:
        # The tenant's own connections see no keys.
        async with await connector(url)() as connection:
            yield connection

    changes = Changes(connect, tenant.readers.connection, tenant.name, record, Maker(name=KEY_NAME))
    return (await changes.issue_key(KEY_NAME, (ALL_SCOPES,), None, None)).key


async def _tell(tenant: "Tenant", plan: DemoPlan, file: Path) -> None:
    from workers.demo.plan import demo_plan
    from workers.demo.teller import DemoRefused, tell

    began = time.monotonic()
    click.echo("Opening the demo shop… ", nl=False, err=True)
    try:
        told = await tell(tenant.clerk, tenant.vault, demo_plan(plan.seed, plan.first_day, plan.days))
    except BaseException as error:
        click.echo("not finished.", err=True)
        if isinstance(error, DemoRefused):
            raise DemoRefused(
                f"{error}. To go on with what is there, remove {file}; or choose another DAYBOOK_TENANT"
            ) from error
        raise
    before = f" ({told.replayed:,} of them known from before)" if told.replayed else ""
    took_s = time.monotonic() - began
    click.echo(f"{told.commands:,} commands{before}, {told.position:,} events, {took_s:.1f} s", err=True)


def _read(file: Path) -> DemoState:
    try:
        return msgspec.json.decode(file.read_bytes(), type=DemoState)
    except (FileNotFoundError, msgspec.DecodeError):
        return DemoState()


def _write(file: Path, state: DemoState) -> None:
    """Replaces the file as a whole and durably; only its owner may read it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")  # mode 0600
    with os.fdopen(descriptor, "wb") as fresh:
        fresh.write(msgspec.json.encode(state))
        fresh.flush()
        os.fsync(fresh.fileno())
    Path(name).replace(file)
