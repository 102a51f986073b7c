"""What a job does for every tenant: what fails for one is done for the others, and then told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from infra.settings import Settings
from infra.tenancy import Tenant, Tenants
from workers.jobs.people import existing_master_key, key_store

_Done = TypeVar("_Done")

log = structlog.get_logger(__name__)


async def for_every_tenant(
    settings: Settings, do: Callable[[Tenant], Awaitable[_Done]], failure: str
) -> list[_Done]:
    """Does it for one after the other; returns what was done. Errors are logged under the name `failure`.

    Raises the first of them when all had their turn, so that the job is tried again.
    """
    # In a thread: a command may take seconds.
    master = await asyncio.to_thread(existing_master_key, settings)
    tenants = Tenants(settings.require_database_url(), key_store(settings), master, settings.phone_region)
    await tenants.start()
    done: list[_Done] = []
    failed: list[Exception] = []
    try:
        for name in await tenants.names():
            try:
                done.append(await do(await tenants.get(name)))
            except Exception as error:
                log.exception(failure, tenant=name)
                failed.append(error)
    finally:
        await tenants.stop()
    if failed:
        raise failed[0]
    return done
