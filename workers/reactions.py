"""All reactions, in one place: what follows from which events by itself."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.assign_case import SettleCaseWork
from domain.checkout.assign_order import AssignOrder, EndOrderWork
from domain.checkout.cancel_order import LapseOrder
from domain.kernel.command import Command
from domain.kernel.event import AnyRecorded
from domain.orders.comeback import OrderReturned
from domain.orders.order import OrderCancelled, OrderFailed, OrderPaid, OrderPlaced, OrderShipped
from domain.purchasing.order import PurchaseCancelled, PurchaseSent
from domain.service.case import CaseAssigned, CaseOpened, CaseReopened, CaseResolved
from domain.stockroom.suggested_purchases import SettleSuggestions
from infra.event_store.clerk import now_utc
from infra.settings import Settings
from infra.tenancy import Tenant
from workers.alert_letters import alert_letters
from workers.care_letters import care_letters
from workers.case_letters import case_letters
from workers.channels import channels_of
from workers.purchase_letters import purchase_letters
from workers.reactor import CarryOut, Cause, Reaction, issuing
from workers.reminders import messenger_of, reminders
from workers.survey_letters import survey_letters
from workers.task_reminders import TASK_REMINDERS

CLOCKS_APART = timedelta(seconds=2)
"""The queue goes by the database's clock and decisions by ours: so that few jobs come too early."""


def _at_once(entry: AnyRecorded) -> datetime:
    return entry.recorded_at


def _when_all_has_left(entry: AnyRecorded) -> datetime | None:
    left = not isinstance(entry.data, OrderShipped | OrderReturned) or not entry.data.rest
    return entry.recorded_at if left else None


def _pay_by(entry: AnyRecorded) -> datetime:
    placed: OrderPlaced = entry.data
    return placed.pay_by + CLOCKS_APART


def _order(command: Callable[[str], Command]) -> CarryOut:
    """Has a command about the event's order decided."""
    return issuing(lambda entry: command(entry.data.order_id))


def _unless_of_no_store(entry: AnyRecorded) -> datetime | None:
    event = entry.data
    of_none = isinstance(event, CaseOpened) and (event.store_id is None or event.terms is None)
    return None if of_none else entry.recorded_at


def _case_work(entry: AnyRecorded) -> Command:
    return SettleCaseWork(case_id=entry.data.case_id, reopened=isinstance(entry.data, CaseReopened))


class TooEarly(Exception):
    """The queue's clock is before ours. Its job tries again."""


async def _lapse(tenant: Tenant, entry: AnyRecorded, cause: Cause) -> None:
    placed: OrderPlaced = entry.data
    # Decided too early it would come to nothing, and a repeat of it too: the order would never lapse.
    if now_utc() < placed.pay_by:
        raise TooEarly(f"order {placed.order_id} may be paid until {placed.pay_by.isoformat()}")
    await _order(lambda id_: LapseOrder(order_id=id_))(tenant, entry, cause)


def reactions_of(settings: Settings) -> Sequence[Reaction]:
    """All of them, with the messages as these settings send them."""
    messenger = messenger_of(settings)
    orders = reminders(messenger, settings.message_language)
    alerts = alert_letters(messenger, settings.message_language)
    care = care_letters(channels_of(settings), settings.message_language, settings.care_link)
    cases = case_letters(messenger, settings.message_language)
    surveys = survey_letters(messenger, settings.survey_page, settings.message_language)
    letters = (*purchase_letters(messenger), *alerts, *cases, *surveys, *care)
    return (*REACTIONS, *TASK_REMINDERS, *orders, *letters)


REACTIONS: tuple[Reaction, ...] = (
    Reaction("assign_order", (OrderPlaced,), _at_once, _order(lambda id_: AssignOrder(order_id=id_))),
    Reaction("lapse_order", (OrderPlaced,), _pay_by, _lapse),
    Reaction("allocate_order", (OrderPaid,), _at_once, _order(lambda id_: AllocateOrder(order_id=id_))),
    Reaction(
        "settle_suggestions",
        (PurchaseSent, PurchaseCancelled),
        _at_once,
        issuing(lambda entry: SettleSuggestions(purchase_id=entry.data.purchase_id)),
    ),
    Reaction(
        "end_order_work",
        (OrderShipped, OrderCancelled, OrderFailed, OrderReturned),
        _when_all_has_left,
        _order(lambda id_: EndOrderWork(order_id=id_)),
    ),
    Reaction(
        "settle_case_work",
        (CaseOpened, CaseAssigned, CaseResolved, CaseReopened),
        _unless_of_no_store,
        issuing(_case_work),
    ),
)
