"""What is done about people in the background: the indexer, retention, and what must leave the disk."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from procrastinate import App
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from infra.access.erasures import finish_user_erasures
from infra.crypto.master_key import MasterKey
from infra.crypto.vault import Vault
from infra.errors import OperatorError
from infra.event_store.journal import Journal
from infra.people.indexer import PeopleIndex
from infra.people.retention import Kept, keep_retention
from infra.people.traces_on_disk import prune_accesses, rewrite_index, rewrite_keys, rewrite_users
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Pool, connector, pool, tenant_conninfo
from infra.settings import Settings
from infra.tenancy import Tenants, tenant_names
from workers.pausing import pause

INDEX_EVERY_S = 0.5
"""A search that must know a write brings the index there itself."""
RETRY_S = 5.0
NEW_TENANTS_EVERY_S = 5.0

log = structlog.get_logger(__name__)


class Done(NamedTuple):
    """What a round of upkeep did, over all tenants."""

    kept: Kept
    destroyed_again: int
    rewritten: int


def key_store(settings: Settings) -> str:
    """Where the keys are."""
    return settings.keys_database_url or settings.require_database_url()


def existing_master_key(settings: Settings) -> MasterKey:
    """The master key; MasterKeyError where there is none yet. The API makes it: two would be one too many."""
    if settings.master_key_command is None:
        return MasterKey.of_file(settings.master_key_file)
    return MasterKey.of_settings(settings, key_store(settings))


def add_people_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every day, and what is due soon after something was forgotten."""

    @app.periodic(cron="7 2 * * *")
    @app.task(name="keep_retention", queueing_lock="keep_retention", retry=3)
    async def keep_retention(timestamp: int) -> None:
        done = await look_after_people(settings)
        log.info("retention_kept", expired=done.kept.expired, held=done.kept.refused)

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="clear_disk", queueing_lock="clear_disk", retry=3)
    async def clear_disk(timestamp: int) -> None:
        await rewrite_what_was_destroyed(settings)

    @app.periodic(cron="27 3 * * *")
    @app.task(name="prune_accesses", queueing_lock="prune_accesses", retry=3)
    async def prune_old_accesses(timestamp: int) -> None:
        url = settings.require_database_url()
        for name in await _names(url):
            async with await connector(tenant_conninfo(url, name))() as connection:
                await prune_accesses(connection, settings.accesses_kept_days)


async def look_after_people(settings: Settings, now: datetime | None = None) -> Done:
    """Retention, unfinished erasures and keys that came back, of every tenant; then the disk."""
    url, keys_url = settings.require_database_url(), key_store(settings)
    master = await asyncio.to_thread(existing_master_key, settings)
    tenants = Tenants(url, keys_url, master, settings.phone_region)
    await tenants.start()
    expired = refused = destroyed = 0
    failed: list[Exception] = []
    try:
        for name in await tenants.names():
            try:
                tenant = await tenants.get(name)
                kept = await keep_retention(tenant, now or datetime.now(UTC))
                expired += kept.expired
                refused += kept.refused
                async with tenant.readers.connection() as connection:
                    destroyed += await tenant.people.finish_erasures(connection)
                await finish_user_erasures(tenant, tenants.control)
            except Exception as error:
                # A damaged key of one merchant must not keep what others wanted forgotten.
                log.exception("people_not_looked_after", tenant=name)
                failed.append(error)
    finally:
        await tenants.stop()
    rewritten = await rewrite_what_was_destroyed(settings)
    if failed:
        raise failed[0]
    return Done(Kept(expired, refused), destroyed, rewritten)


async def rewrite_what_was_destroyed(settings: Settings) -> int:
    """Takes destroyed keys and hashes of the forgotten off the disk; returns of how many tables."""
    url = settings.require_database_url()
    async with await connector(key_store(settings))() as connection:
        rewritten = int(await rewrite_keys(connection))
    async with await connector(url)() as connection:
        rewritten += await rewrite_users(connection)
    for name in await _names(url):
        async with await connector(tenant_conninfo(url, name))() as connection:
            rewritten += await rewrite_index(connection)
    return rewritten


async def _names(url: str) -> list[str]:
    async with await connector(url)() as connection:
        return await tenant_names(connection)


@asynccontextmanager
async def people_of(settings: Settings, tenant: str, keys: Pool) -> AsyncGenerator[PeopleIndex]:
    """A tenant's index of people, for who follows the journal without deciding anything."""
    # In a thread: a command may take seconds, and every tenant's index would wait.
    vault = Vault(keys, await asyncio.to_thread(existing_master_key, settings), tenant)
    await vault.start()
    yield PeopleIndex(Journal(tenant_schema(tenant)), vault, settings.phone_region)


async def follow_people(settings: Settings, stop: asyncio.Event) -> None:
    """Keeps the blind index of every tenant up to its journal until `stop` is set."""
    async with pool(key_store(settings)) as keys, asyncio.TaskGroup() as group:
        followed: set[str] = set()
        while not stop.is_set():
            try:
                for tenant in set(await _names(settings.require_database_url())) - followed:
                    followed.add(tenant)
                    group.create_task(follow_tenant(settings, tenant, keys, stop))
            except OperationalError as error:
                log.warning("indexer_waits_for_database", error=str(error))
            await pause(stop, NEW_TENANTS_EVERY_S)


async def follow_tenant(settings: Settings, tenant: str, keys: Pool, stop: asyncio.Event) -> None:
    """Keeps one tenant's index up to its journal; whatever goes wrong is logged and tried again."""
    connect = connector(tenant_conninfo(settings.require_database_url(), tenant))
    while not stop.is_set():
        try:
            async with people_of(settings, tenant, keys) as people, await connect() as connection:
                while not stop.is_set():
                    if not await people.run_page(connection):
                        await pause(stop, INDEX_EVERY_S)
        except (OperationalError, OperatorError, PoolTimeout) as error:
            log.warning("indexer_interrupted", tenant=tenant, error=str(error))
            await pause(stop, RETRY_S)
        except Exception:
            # The shop sells on; searches that must know a later write are answered 503.
            log.exception("indexer_stuck", tenant=tenant)
            await pause(stop, RETRY_S)
