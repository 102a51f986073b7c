"""A lead: somebody who may buy, from the first sign of it until they have or have not.

Whom it is about is a customer, who need not have bought anything yet: so what is known of them is sealed,
found, consented to and forgotten as of any other. (Decision 0073.)
"""

import enum
from typing import ClassVar

import msgspec

from domain.kernel.command import Decision, Done
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind


class LeadStage(enum.StrEnum):
    """How far a lead has come. It goes forward, and may leave stages out."""

    OPENED = "opened"
    CONTACTED = "contacted"
    VISITED = "visited"
    QUOTED = "quoted"
    WON = "won"
    LOST = "lost"


ON_THE_WAY = (LeadStage.OPENED, LeadStage.CONTACTED, LeadStage.VISITED, LeadStage.QUOTED)
"""In their order. The others end it."""


class LeadOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody may buy, of a product or category perhaps. `source` is where they came from ("trade fair")."""

    TYPE: ClassVar = "lead.opened.v1"
    lead_id: str
    customer_id: str
    store_id: str
    source: str
    employee_id: str | None = None
    sku: str | None = None
    category: str | None = None
    text: Sealed | None = None


class LeadGiven(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An employee takes care of it, from now on alone."""

    TYPE: ClassVar = "lead.given.v1"
    lead_id: str
    employee_id: str


class LeadAdvanced(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It has come to a stage. A quotation may say how much it comes to, in minor units of a currency."""

    TYPE: ClassVar = "lead.advanced.v1"
    lead_id: str
    stage: LeadStage
    employee_id: str | None = None
    amount_minor: int | None = None
    currency: str | None = None


class LeadNoted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody wrote down about it."""

    TYPE: ClassVar = "lead.noted.v1"
    lead_id: str
    text: Sealed


class LeadWon(Event, frozen=True, kw_only=True, omit_defaults=True):
    """They have bought. It counts for whoever had the lead, in its store."""

    TYPE: ClassVar = "lead.won.v1"
    lead_id: str
    employee_id: str | None = None
    sale_id: str | None = None
    store_id: str | None = None


class LeadLost(Event, frozen=True, kw_only=True, omit_defaults=True):
    """They will not buy, for a reason that is a cause ("price") and never about a person."""

    TYPE: ClassVar = "lead.lost.v1"
    lead_id: str
    reason: str
    employee_id: str | None = None
    store_id: str | None = None


class LeadReopened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It was not over after all, and stands where it stood.

    How it had `ended` counts no more for whoever had it.
    """

    TYPE: ClassVar = "lead.reopened.v1"
    lead_id: str
    ended: LeadStage | None = None
    employee_id: str | None = None
    store_id: str | None = None


class FollowUpPlanned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A rule has led to a task about the lead."""

    TYPE: ClassVar = "lead.follow_up_planned.v1"
    lead_id: str
    task_id: str
    rule: str


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead as decisions and its page see it. `reached` is the furthest stage on the way."""

    opened: LeadOpened | None = None
    stage: LeadStage = LeadStage.OPENED
    reached: LeadStage = LeadStage.OPENED
    employee_id: str | None = None
    reason: str | None = None
    sale_id: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    notes: tuple[Sealed, ...] = ()
    planned: tuple[str, ...] = ()

    @property
    def store_id(self) -> str | None:
        """The store that it was opened in."""
        return None if self.opened is None else self.opened.store_id


def evolve(state: Lead, event: Event) -> Lead:
    """The lead after `event`."""
    replace = msgspec.structs.replace
    match event:
        case LeadOpened():
            notes = () if event.text is None else (event.text,)
            return Lead(opened=event, employee_id=event.employee_id, notes=notes)
        case LeadGiven():
            return replace(state, employee_id=event.employee_id)
        case LeadAdvanced():
            state = replace(state, stage=event.stage, reached=event.stage)
            if event.amount_minor is None:
                return state
            return replace(state, amount_minor=event.amount_minor, currency=event.currency)
        case LeadNoted():
            return replace(state, notes=(*state.notes, event.text))
        case LeadWon():
            return replace(state, stage=LeadStage.WON, sale_id=event.sale_id)
        case LeadLost():
            return replace(state, stage=LeadStage.LOST, reason=event.reason)
        case LeadReopened():
            return replace(state, stage=state.reached, reason=None, sale_id=None)
        case FollowUpPlanned():
            return replace(state, planned=(*state.planned, event.task_id))
        case _:
            return state


LEAD = StreamKind("lead", Lead(), evolve)


class LeadIsClosed(Refusal):
    """The lead is won or lost; reopen it first."""

    code = "lead_closed"


class LeadIsOpen(Refusal):
    """The lead is neither won nor lost, so there is nothing to reopen."""

    code = "lead_open"


class LeadIsFurther(Refusal):
    """The lead has come further than that, and goes only forward."""

    code = "lead_further"


def require_open(states: States, lead_id: str) -> Lead:
    """The lead, or LeadIsClosed."""
    lead = states.require(LEAD, lead_id)
    if lead.stage not in ON_THE_WAY:
        raise LeadIsClosed(f"The lead is {lead.stage}: reopen it first.", stage=lead.stage)
    return lead


def nothing(lead_id: str) -> Decision:
    """The decision that it is so already."""
    return Decision(events=(), result=Done(id=lead_id))
