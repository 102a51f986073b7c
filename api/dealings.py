"""What goes on with a customer, for their page: what they answered, were written, and what is to be done."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from api.money import money
from api.requests import Instant
from domain.kernel.money import Money
from projections.campaign_results.fold import CampaignResults
from projections.campaign_results.queries import CareOfCustomer, care_of_customer
from projections.complaint_board.fold import ComplaintBoard
from projections.complaint_board.queries import CasesOfCustomer, cases_of_customer
from projections.kernel.table import Connection
from projections.lead_board.fold import LeadBoard, LeadRow
from projections.lead_board.queries import leads_of_customer
from projections.survey_results.fold import SurveyResults
from projections.survey_results.queries import SurveysOfCustomer, surveys_of_customer
from projections.task_board.fold import TaskBoard, TaskRow
from projections.task_board.queries import tasks_of_customer
from projections.wallet.fold import Wallets
from projections.wallet.queries import CampaignResponse, campaigns_of

DEALINGS = (Wallets, ComplaintBoard, SurveyResults, CampaignResults, LeadBoard, TaskBoard)
CAMPAIGNS = 20
RULES = 20
LEADS = 10
TASKS = 10


class CampaignView(msgspec.Struct, frozen=True, kw_only=True):
    """How many coupons of a campaign they were given or used, and what became of them."""

    campaign_id: str
    coupons: int
    redeemed: int
    revoked: int


class CasesView(msgspec.Struct, frozen=True, kw_only=True):
    """How often they came with a complaint, an enquiry, …, and how much of it is still open."""

    kind: str
    cases: int
    open: int
    reopenings: int
    last_opened_at: Instant


class SurveysView(msgspec.Struct, frozen=True, kw_only=True):
    """How often they were asked of resolutions (csat, 1 to 5) or the shop (nps, 0 to 10); the last score."""

    kind: str
    asked: int
    answered: int
    last_asked_at: Instant
    last_answered_at: Instant | None
    last_score: int | None


class CareView(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages of a care rule they were sent, and what they did with them.

    Withheld: it was their turn, and consent or a cap said no. `converted` are the messages in whose time, or
    with whose coupon, they bought something that they kept.
    """

    rule_id: str
    sent: int
    withheld: int
    undelivered: int
    opened: int
    clicked: int
    replied: int
    last_rating: int | None
    converted: int


class CustomerLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead of theirs, without its notes. `stage_at` is since when it has been in its stage."""

    lead_id: str
    store_id: str
    source: str
    stage: str
    employee_id: str | None
    opened_at: Instant
    stage_at: Instant
    reason: str | None
    amount: Money | None


class CustomerTask(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done about them or a lead of theirs, without its texts."""

    task_id: str
    store_id: str
    subject: str
    action: str
    employee_id: str | None
    due_at: Instant


class Dealings(NamedTuple):
    """What goes on with a customer."""

    campaigns: list[CampaignView]
    cases: list[CasesView]
    surveys: list[SurveysView]
    care: list[CareView]
    leads: list[CustomerLead]
    tasks: list[CustomerTask]


async def dealings_of(connection: Connection, customer_ids: Sequence[str]) -> Dealings:
    """What goes on with a customer of these ids: a question to each read model, all in one journey."""
    campaigns, cases, surveys, care, (leads, tasks) = await asyncio.gather(
        campaigns_of(connection, customer_ids, CAMPAIGNS),
        cases_of_customer(connection, customer_ids),
        surveys_of_customer(connection, customer_ids),
        care_of_customer(connection, customer_ids, RULES),
        asyncio.gather(
            leads_of_customer(connection, customer_ids, LEADS),
            tasks_of_customer(connection, customer_ids, TASKS),
        ),
    )
    return Dealings(
        campaigns=[_campaign(response) for response in campaigns],
        cases=[_cases(found) for found in cases],
        surveys=[_surveys(found) for found in surveys],
        care=[_care(found) for found in care],
        leads=[_lead(row) for row in leads],
        tasks=[_task(row) for row in tasks],
    )


def _campaign(response: CampaignResponse) -> CampaignView:
    return CampaignView(**response._asdict())


def _cases(found: CasesOfCustomer) -> CasesView:
    return CasesView(**found._asdict())


def _surveys(found: SurveysOfCustomer) -> SurveysView:
    return SurveysView(**found._asdict())


def _care(found: CareOfCustomer) -> CareView:
    return CareView(**found._asdict())


def _lead(row: LeadRow) -> CustomerLead:
    assert row.opened_at is not None, "a lead begins with its opening"
    assert row.stage_at is not None, "it is in a stage from then on"
    return CustomerLead(
        lead_id=row.lead_id,
        store_id=row.store_id,
        source=row.source,
        stage=row.stage,
        employee_id=row.employee_id,
        opened_at=row.opened_at,
        stage_at=row.stage_at,
        reason=row.reason,
        amount=_amount(row),
    )


def _amount(row: LeadRow) -> Money | None:
    if row.amount_minor is None or row.currency is None:
        return None
    return money(row.amount_minor, row.currency)


def _task(row: TaskRow) -> CustomerTask:
    assert row.due_at is not None, "a task begins with its opening"
    return CustomerTask(
        task_id=row.task_id,
        store_id=row.store_id,
        subject=row.subject,
        action=row.action,
        employee_id=row.employee_id,
        due_at=row.due_at,
    )
