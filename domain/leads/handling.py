"""Opening a lead, bringing it forward, and ending it; tasks that follow by rules are opened along with it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.leads.lead import (
    LEAD,
    ON_THE_WAY,
    Lead,
    LeadAdvanced,
    LeadGiven,
    LeadIsFurther,
    LeadIsOpen,
    LeadLost,
    LeadNoted,
    LeadOpened,
    LeadReopened,
    LeadStage,
    LeadWon,
    evolve,
    nothing,
    require_open,
)
from domain.leads.rules import BOOK, RULES, plans, rules_on, streams_of_plans
from domain.leads.task import TASK, TaskCancelled

LEAD_IS_OVER = "lead is over"
"""Why what rules had asked for is not to be done any more."""


class OpenLead(Command, frozen=True, kw_only=True):
    """Opens a lead of a customer, who need not have bought anything."""

    lead_id: str
    customer_id: str
    store_id: str
    source: str
    employee_id: str | None = None
    sku: str | None = None
    category: str | None = None
    text: Sealed | None = None

    def streams(self) -> Iterable[str]:
        return (LEAD.stream(self.lead_id), RULES.stream(BOOK), *self._people(), *self._things())

    def linked(self, states: States) -> Iterable[str]:
        return streams_of_plans(Lead(), self.lead_id, rules_on(states, LeadStage.OPENED))

    def _people(self) -> Sequence[str]:
        employee = () if self.employee_id is None else (f"employee-{self.employee_id}",)
        return (f"customer-{self.customer_id}", *employee)

    def _things(self) -> Sequence[str]:
        return (f"store-{self.store_id}", *(() if self.sku is None else (f"product-{self.sku}",)))

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_absent(LEAD.stream(self.lead_id))
        for thing in self._things():
            states.require_stream(thing)
        for person in self._people():
            states.require_person(person)
        opened = LeadOpened(
            lead_id=self.lead_id,
            customer_id=self.customer_id,
            store_id=self.store_id,
            source=self.source,
            employee_id=self.employee_id,
            sku=self.sku,
            category=self.category,
            text=self.text,
        )
        return _written(states, self.lead_id, Lead(), opened, at)


class GiveLead(Command, frozen=True, kw_only=True):
    """Gives the lead to an employee; its open tasks stay where they are. Whose it is changes nothing."""

    lead_id: str
    employee_id: str

    def streams(self) -> Iterable[str]:
        return (LEAD.stream(self.lead_id), f"employee-{self.employee_id}")

    def decide(self, states: States, at: Moment) -> Decision:
        lead = require_open(states, self.lead_id)
        states.require_person(f"employee-{self.employee_id}")
        if lead.employee_id == self.employee_id:
            return nothing(self.lead_id)
        given = LeadGiven(lead_id=self.lead_id, employee_id=self.employee_id)
        return Decision(events=((LEAD.stream(self.lead_id), given),), result=Done(id=self.lead_id))


class AdvanceLead(Command, frozen=True, kw_only=True):
    """The lead has come to a stage. Where it stands already changes nothing but the amount of a quotation."""

    lead_id: str
    stage: LeadStage
    amount_minor: int | None = None
    currency: str | None = None

    def streams(self) -> Iterable[str]:
        return (LEAD.stream(self.lead_id), RULES.stream(BOOK))

    def linked(self, states: States) -> Iterable[str]:
        return streams_of_plans(states.of(LEAD, self.lead_id), self.lead_id, rules_on(states, self.stage))

    def decide(self, states: States, at: Moment) -> Decision:
        lead = require_open(states, self.lead_id)
        if self.stage not in ON_THE_WAY:
            raise InvalidCommand("A lead is won or lost by calls of their own.", stage=self.stage)
        if self.amount_minor is not None and self.stage is not LeadStage.QUOTED:
            raise InvalidCommand("An amount is one of a quotation.", stage=self.stage)
        if ON_THE_WAY.index(self.stage) < ON_THE_WAY.index(lead.stage):
            raise LeadIsFurther(f"The lead is {lead.stage} already.", stage=lead.stage)
        advanced = LeadAdvanced(
            lead_id=self.lead_id,
            stage=self.stage,
            employee_id=lead.employee_id,
            amount_minor=self.amount_minor,
            currency=self.currency,
        )
        if evolve(lead, advanced) == lead:
            return nothing(self.lead_id)
        return _written(states, self.lead_id, lead, advanced, at)


class NoteLead(Command, frozen=True, kw_only=True):
    """Adds a note, also to a lead that is over."""

    lead_id: str
    text: Sealed

    def streams(self) -> Iterable[str]:
        return (LEAD.stream(self.lead_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require(LEAD, self.lead_id)
        noted = LeadNoted(lead_id=self.lead_id, text=self.text)
        return Decision(events=((LEAD.stream(self.lead_id), noted),), result=Done(id=self.lead_id))


class _End(Command, frozen=True, kw_only=True):
    """Ends a lead. What rules had asked for and is still to be done is cancelled."""

    STAGE: ClassVar[LeadStage]

    lead_id: str

    def streams(self) -> Iterable[str]:
        return (LEAD.stream(self.lead_id), RULES.stream(BOOK))

    def linked(self, states: States) -> Iterable[str]:
        lead = states.of(LEAD, self.lead_id)
        yield from (TASK.stream(task_id) for task_id in lead.planned)
        yield from streams_of_plans(lead, self.lead_id, rules_on(states, self.STAGE))

    def _ended(self, states: States, lead: Lead, ended: Event, at: Moment) -> Decision:
        decision = _written(states, self.lead_id, lead, ended, at)
        still = (id_ for id_ in lead.planned if states.of(TASK, id_).is_open)
        cancelled = ((TASK.stream(id_), TaskCancelled(task_id=id_, reason=LEAD_IS_OVER)) for id_ in still)
        return msgspec.structs.replace(decision, events=(*decision.events, *cancelled))


class WinLead(_End, frozen=True, kw_only=True):
    """They have bought, in a sale of the journal or elsewhere."""

    STAGE = LeadStage.WON

    sale_id: str | None = None

    def streams(self) -> Iterable[str]:
        sale = () if self.sale_id is None else (f"sale-{self.sale_id}",)
        return (*super().streams(), *sale)

    def decide(self, states: States, at: Moment) -> Decision:
        lead = require_open(states, self.lead_id)
        if self.sale_id is not None:
            states.require_stream(f"sale-{self.sale_id}")
        won = LeadWon(
            lead_id=self.lead_id,
            employee_id=lead.employee_id,
            sale_id=self.sale_id,
            store_id=lead.store_id,
        )
        return self._ended(states, lead, won, at)


class LoseLead(_End, frozen=True, kw_only=True):
    """They will not buy."""

    STAGE = LeadStage.LOST

    reason: str

    def decide(self, states: States, at: Moment) -> Decision:
        lead = require_open(states, self.lead_id)
        lost = LeadLost(
            lead_id=self.lead_id, reason=self.reason, employee_id=lead.employee_id, store_id=lead.store_id
        )
        return self._ended(states, lead, lost, at)


class ReopenLead(Command, frozen=True, kw_only=True):
    """Takes a lead that was won or lost up again. Its tasks stay cancelled."""

    lead_id: str

    def streams(self) -> Iterable[str]:
        return (LEAD.stream(self.lead_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        lead = states.require(LEAD, self.lead_id)
        if lead.stage in ON_THE_WAY:
            raise LeadIsOpen(f"The lead is {lead.stage}: it was not over.", stage=lead.stage)
        reopened = LeadReopened(
            lead_id=self.lead_id, ended=lead.stage, employee_id=lead.employee_id, store_id=lead.store_id
        )
        return Decision(events=((LEAD.stream(self.lead_id), reopened),), result=Done(id=self.lead_id))


def _written(states: States, lead_id: str, before: Lead, event: Event, at: Moment) -> Decision:
    """The decision that this happened to the lead, with the tasks that rules ask for."""
    after = evolve(before, event)
    rules = () if after.stage is before.stage and before.opened is not None else rules_on(states, after.stage)
    return Decision(
        events=((LEAD.stream(lead_id), event), *plans(after, lead_id, rules, at)), result=Done(id=lead_id)
    )
