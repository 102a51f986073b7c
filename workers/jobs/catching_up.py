"""What looks at a whole day waits for the read models: a day is looked at once, and by all that was told."""

import asyncio
from collections.abc import Sequence

import structlog

from infra.tenancy import Tenant
from projections.kernel.checkpoints import reached

CATCH_UP_S = 5.0
"""So long read models may take to see what the journal holds; after that the next run looks again."""
LOOK_EVERY_S = 0.1

log = structlog.get_logger(__name__)


async def catch_up(tenant: Tenant, projections: Sequence[str]) -> bool:
    """Whether these come to see, before long, all that the journal holds now."""
    async with tenant.readers.connection() as connection:
        head = (await tenant.journal.head(connection)).position
        for _ in range(int(CATCH_UP_S / LOOK_EVERY_S)):
            if await reached(connection, projections) >= head:
                return True
            await asyncio.sleep(LOOK_EVERY_S)
    log.warning("read_models_are_behind", tenant=tenant.name, projections=list(projections))
    return False
