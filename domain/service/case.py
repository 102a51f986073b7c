"""A case: a complaint from its opening to its resolution, and again when it is reopened.

Free text is personal: it is sealed for the customer, or for the case itself where none is known.
"""

import enum
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.command import Decision, Done
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, StreamKind
from domain.service.compensation import Amends, CaseCompensated
from domain.service.kinds import CaseKind, Channel, ClockKind
from domain.service.terms import Priority, TermsUsed


class CaseStatus(enum.StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


class CaseOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody complains, asks or suggests. `category` is a short cause for reports, never about a person.

    `lot` is one of the SKU; `about_employee_id` is whom it is about, not who takes care of it.
    """

    TYPE: ClassVar = "case.opened.v1"
    case_id: str
    kind: CaseKind
    category: str
    text: Sealed
    customer_id: str | None = None
    store_id: str | None = None
    sale_id: str | None = None
    sku: str | None = None
    priority: Priority = Priority.NORMAL
    terms: TermsUsed | None = None
    channel: Channel | None = None
    lot: str | None = None
    supplier_id: str | None = None
    about_employee_id: str | None = None


class CasePrioritised(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is more or less urgent than before, and has the time of that priority from its opening on."""

    TYPE: ClassVar = "case.prioritised.v1"
    case_id: str
    priority: Priority


class CaseAssigned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An employee takes care of it, from now on alone."""

    TYPE: ClassVar = "case.assigned.v1"
    case_id: str
    employee_id: str


class CaseCommented(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A note in the case."""

    TYPE: ClassVar = "case.commented.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


class AnswerUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The canned answer that a response was made of, and its version."""

    answer_id: str
    version: int


class CaseResponded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer has heard from the shop. `text` is what they were told, made of `answer` or of nothing."""

    TYPE: ClassVar = "case.responded.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None
    answer: AnswerUsed | None = None


class CasePaused(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The shop waits for the customer, for a reason that is a cause and never about a person."""

    TYPE: ClassVar = "case.paused.v1"
    case_id: str
    reason: str


class CaseResumed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What the shop waited for has come, or it waits no longer."""

    TYPE: ClassVar = "case.resumed.v1"
    case_id: str


class CaseResolved(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is settled. `employee_id` is who it was assigned to: the resolution counts for them."""

    TYPE: ClassVar = "case.resolved.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


class CaseReopened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It was not settled after all."""

    TYPE: ClassVar = "case.reopened.v1"
    case_id: str
    text: Sealed
    employee_id: str | None = None


class CaseReferred(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It was passed on to whom it concerns: a sort of party ("supplier", "head office"), never a person."""

    TYPE: ClassVar = "case.referred.v1"
    case_id: str
    to: str


class ReferralReported(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of their answer. `in_time` None: nobody said."""

    TYPE: ClassVar = "case.referral_reported.v1"
    case_id: str
    outcome: str
    in_time: bool | None = None


class ResolutionJudged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer accepts the resolution, or disputes it. Before the first such fact nobody knows."""

    TYPE: ClassVar = "case.resolution_judged.v1"
    case_id: str
    accepted: bool


class CaseEscalated(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A clock passed a level of its terms, at `passed_at`: once for each level of each clock.

    `number` is the clock's among those of its kind, `level` counts those of the terms, both from 1.
    `employee_id` None: the staff of the store are told.
    """

    TYPE: ClassVar = "case.escalated.v1"
    case_id: str
    clock: ClockKind
    number: int
    level: int
    percent: int
    passed_at: datetime
    employee_id: str | None = None


Told = CaseOpened | CaseCommented | CaseResponded | CaseResolved | CaseReopened
"""What adds a text to the case."""


class CaseNote(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed text of the case, oldest first, and in which capacity it was written."""

    role: str
    text: Sealed
    employee_id: str | None = None


class LevelPassed(msgspec.Struct, frozen=True, gc=False):
    """Which level of which clock the case was escalated by."""

    clock: ClockKind
    number: int
    level: int


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as decisions and its page see it. `waits`: for the customer, so that its clocks stand still."""

    opened: CaseOpened | None = None
    status: CaseStatus = CaseStatus.OPEN
    priority: Priority = Priority.NORMAL
    employee_id: str | None = None
    reopenings: int = 0
    waits: bool = False
    referred_to: str | None = None
    escalated: tuple[LevelPassed, ...] = ()
    notes: tuple[CaseNote, ...] = ()
    amends: Amends = Amends()


def evolve(state: Case, event: Event) -> Case:
    """The case after `event`."""
    replace = msgspec.structs.replace
    match event:
        case CaseOpened():
            note = CaseNote(role="opening", text=event.text)
            return Case(opened=event, priority=event.priority, notes=(note,))
        case CasePrioritised():
            return replace(state, priority=event.priority)
        case CaseAssigned():
            return replace(state, status=CaseStatus.ASSIGNED, employee_id=event.employee_id)
        case CaseCommented():
            note = CaseNote(role="comment", text=event.text, employee_id=event.employee_id)
            return replace(state, notes=(*state.notes, note))
        case CaseResponded():
            note = CaseNote(role="response", text=event.text, employee_id=event.employee_id)
            return replace(state, notes=(*state.notes, note))
        case CaseReferred():
            return replace(state, referred_to=event.to)
        case CaseEscalated():
            passed = LevelPassed(event.clock, event.number, event.level)
            return replace(state, escalated=(*state.escalated, passed))
        case CasePaused():
            return replace(state, waits=True)
        case CaseResumed():
            return replace(state, waits=False)
        case CaseResolved():
            note = CaseNote(role="resolution", text=event.text, employee_id=event.employee_id)
            return replace(state, status=CaseStatus.RESOLVED, waits=False, notes=(*state.notes, note))
        case CaseCompensated():
            return replace(state, amends=state.amends.with_more(event))
        case CaseReopened():
            note = CaseNote(role="reopening", text=event.text, employee_id=event.employee_id)
            return replace(
                state,
                status=CaseStatus.ASSIGNED if state.employee_id else CaseStatus.OPEN,
                reopenings=state.reopenings + 1,
                notes=(*state.notes, note),
            )
        case _:
            return state


COMPLAINT = StreamKind("complaint", Case(), evolve)


class CaseIsResolved(Refusal):
    """The case is settled; reopen it first."""

    code = "case_resolved"


class CaseIsOpen(Refusal):
    """The case is not settled, so there is nothing to reopen."""

    code = "case_open"


def require_unresolved(states: States, case_id: str) -> Case:
    """The case, or CaseIsResolved."""
    case = states.require(COMPLAINT, case_id)
    if case.status is CaseStatus.RESOLVED:
        raise CaseIsResolved("The complaint is resolved: reopen it first.", status=case.status)
    return case


def written(case_id: str, event: Event) -> Decision:
    """The decision that this happened to the case."""
    return Decision(events=((COMPLAINT.stream(case_id), event),), result=Done(id=case_id))
