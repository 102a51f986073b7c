"""Suggestions become drafts of purchase orders every night, where a store's policy for a supplier says so.

Nothing is sent. Read models say what waits; each command decides by the journal on what still does. Killed in
the middle and run again, or twice at once, each suggestion stands in one draft.
"""

from collections.abc import AsyncGenerator
from typing import NamedTuple

import structlog
from procrastinate import App

from domain.kernel.errors import Refusal
from domain.purchasing.conditions import MAX_LINES
from domain.purchasing.order import FromSuggestion
from domain.replenishment.ordering import Automatic
from domain.stockroom.suggested_purchases import GatherSuggestions
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.replenishment.fold import ACCEPTED, MADE, OrderingRow
from projections.replenishment.queries import automatic_orderings, suggestions_of
from workers.jobs.everywhere import for_every_tenant

AT_ONCE = 200

log = structlog.get_logger(__name__)


class Drafted(NamedTuple):
    """What a run did: drafts that were made, and suggestions that it was asked to gather."""

    drafts: int = 0
    suggestions: int = 0


def add_gathering_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every night, half an hour after orders are suggested: read models have seen them."""

    @app.periodic(cron="23 2 * * *")
    @app.task(name="gather_suggestions", queueing_lock="gather_suggestions", retry=3)
    async def gather_all(timestamp: int) -> None:
        done = await gather_everywhere(settings)
        log.info("suggestions_gathered", **done._asdict())


async def gather_everywhere(settings: Settings) -> Drafted:
    """Gathers every tenant's suggestions."""
    done = await for_every_tenant(settings, gather, "suggestions_not_gathered")
    return Drafted(*map(sum, zip(Drafted(), *done, strict=True)))


async def gather(tenant: Tenant) -> Drafted:
    """Drafts what a tenant's policies allow; what is refused for one supplier is told, and others go on."""
    drafts = suggestions = 0
    async for policy in _policies(tenant):
        async for some in _suggestions(tenant, policy):
            suggestions += len(some)
            drafts += await _draft(tenant, policy, some)
    return Drafted(drafts, suggestions)


async def _policies(tenant: Tenant) -> AsyncGenerator[OrderingRow]:
    after = ("", "")
    while True:
        async with tenant.readers.connection() as connection:
            page = await automatic_orderings(connection, after=after, limit=AT_ONCE)
        for policy in page:
            yield policy
        if len(page) < AT_ONCE:
            return
        after = page[-1].store_id, page[-1].supplier_id


async def _suggestions(tenant: Tenant, policy: OrderingRow) -> AsyncGenerator[tuple[FromSuggestion, ...]]:
    """As many as one order takes, time after time."""
    statuses = [ACCEPTED, MADE] if policy.automatic == Automatic.OPEN else [ACCEPTED]
    after = ("", 0)
    while True:
        async with tenant.readers.connection() as connection:
            page = await suggestions_of(
                connection,
                policy.store_id,
                statuses=statuses,
                supplier_id=policy.supplier_id,
                after=after,
                limit=MAX_LINES,
            )
        if page:
            yield tuple(FromSuggestion(sku=row.sku, number=row.number) for row in page)
        if len(page) < MAX_LINES:
            return
        after = page[-1].sku, page[-1].number


async def _draft(tenant: Tenant, policy: OrderingRow, some: tuple[FromSuggestion, ...]) -> int:
    names = {"tenant": tenant.name, "store_id": policy.store_id, "supplier_id": policy.supplier_id}
    command = GatherSuggestions(
        purchase_id=uuid7(), store_id=policy.store_id, supplier_id=policy.supplier_id, suggestions=some
    )
    origin = Origin(command_id=uuid7(), actor="replenishment", channel="jobs")
    try:
        gathered = (await tenant.submit(command, origin)).result
    except Refusal as refusal:
        log.warning("suggestions_not_drafted", **names, code=refusal.code)
        return 0
    if gathered.without_terms:
        log.warning("suggestions_without_terms", **names, skus=list(gathered.without_terms))
    if gathered.too_large:
        log.warning("suggestions_too_large", **names, skus=list(gathered.too_large))
    return int(gathered.purchase_id is not None)
