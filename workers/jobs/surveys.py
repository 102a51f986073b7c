"""Asking customers whether they recommend the shop: every day those who bought lately, once each period.

The read model says who bought, the journal who may be asked and was not yet, and each command decides again:
killed in the middle and run again, or twice at once, each customer is asked once. The letter follows from
what the journal then says. (workers/survey_letters.py)
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from procrastinate import App

from domain.aftercare.asking import AskToRecommend, may_be_asked
from domain.customers.customer import CUSTOMER
from domain.kernel.business_day import business_day
from domain.kernel.errors import Refusal
from domain.service.survey import SURVEY, id_of_nps
from domain.service.survey_plan import MAIN, SURVEY_PLAN
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.settings import Settings
from infra.tenancy import Tenant
from projections.customer_profile.queries import who_bought_since
from workers.jobs.everywhere import for_every_tenant

LATELY = timedelta(days=7)
"""Who bought longer ago hardly remembers; and the job may be away for a weekend."""
AT_ONCE = 200
"""So many customers are looked at at a time."""

log = structlog.get_logger(__name__)


def add_survey_tasks(app: App, settings: Settings) -> None:
    """Adds what is due every day."""

    @app.periodic(cron="11 9 * * *")
    @app.task(name="ask_customers", queueing_lock="ask_customers", retry=3)
    async def ask_customers(timestamp: int) -> None:
        log.info("customers_asked", asked=await ask_all(settings))


async def ask_all(settings: Settings) -> int:
    """Asks the customers of every tenant."""
    done = await for_every_tenant(
        settings, lambda tenant: ask_to_recommend(tenant, datetime.now(UTC)), "customers_not_asked"
    )
    return sum(done)


async def ask_to_recommend(tenant: Tenant, now: datetime) -> int:
    """Asks who bought lately, may be asked and was not in this period; returns how many were."""
    plan = (await tenant.state_of(SURVEY_PLAN, MAIN)).plan
    if plan.nps is None:
        return 0
    period = plan.nps.of(business_day(now, plan.time_zone, 0))
    asked = 0
    after = ""
    while True:
        async with tenant.readers.connection() as connection:
            customers = await who_bought_since(connection, now - LATELY, after, AT_ONCE)
        if not customers:
            return asked
        after = customers[-1]
        due = await _due(tenant, customers, period)
        asked += sum(await asyncio.gather(*(_ask(tenant, customer_id, period) for customer_id in due)))


async def _due(tenant: Tenant, customers: Sequence[str], period: str) -> list[str]:
    """Those whom the journal lets be asked: no command for the others."""
    surveys = {customer_id: SURVEY.stream(id_of_nps(customer_id, period)) for customer_id in customers}
    async with tenant.readers.connection() as connection:
        streams = [*map(CUSTOMER.stream, customers), *surveys.values()]
        states = await tenant.journal.read_states(connection, streams)
    return [
        customer_id
        for customer_id, survey in surveys.items()
        if states[survey][0].state.sent is None
        and may_be_asked(states[CUSTOMER.stream(customer_id)][0].state)
    ]


async def _ask(tenant: Tenant, customer_id: str, period: str) -> bool:
    """Whether the customer is asked; what changed since they were looked at is the decision's business."""
    # Named anew each time, because a repeat writes nothing anyway.
    origin = Origin(command_id=uuid7(), actor="surveys", channel="jobs")
    try:
        await tenant.submit(AskToRecommend(customer_id=customer_id, period=period), origin)
    except Refusal:
        return False
    return True
