"""Waiting for the blind index: whoever needs it up to date brings it there, should nobody else be at it."""

import asyncio

from api.errors import RETRY_AFTER_S, Problem
from api.reading import MAX_WAIT_S, min_position
from api.requests import ShopRequest
from infra.tenancy import Tenant


async def index_caught_up(request: ShopRequest, tenant: Tenant) -> None:
    """Honours Daybook-Min-Position for the blind index."""
    position = min_position(request)
    if position is not None:
        await index_reached(tenant, position)


async def index_reached(tenant: Tenant, position: int) -> None:
    """Returns when the index has followed the journal up to a position. Problem 503 after MAX_WAIT_S."""
    try:
        async with asyncio.timeout(MAX_WAIT_S), tenant.readers.connection() as connection:
            while await tenant.people.reached(connection) < position:
                # None left to read: the position is still to come.
                if not await tenant.people.run_page(connection):
                    await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError:
        raise Problem(
            503,
            "not_caught_up",
            "The index of customers has not seen that position yet. Try again.",
            headers={"Retry-After": RETRY_AFTER_S},
        ) from None


_LOOK_EVERY_S = 0.02
