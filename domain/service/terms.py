"""What service promises: its business calendar and the time that it has, by priority of the case."""

import enum
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from domain.kernel.business_day import is_time_zone
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version
from domain.service.calendar import Calendar, require_calendar
from domain.service.desk import Desk, require_desk

EVERY_STORE = "*"
"""Whose terms count for cases of no store, and of stores without terms of their own. No store's id."""

MAX_GOAL_MIN = 366 * 24 * 60


class Priority(enum.StrEnum):
    """How urgent a case is; its goals go by it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Goals(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The open time that a case has, in minutes: to the first response, between updates, to the solution.

    None: no limit.
    """

    first_response_min: int | None = None
    update_min: int | None = None
    solution_min: int | None = None


class PriorityGoals(msgspec.Struct, frozen=True, kw_only=True):
    """The goals of cases of a priority."""

    priority: Priority
    goals: Goals


class ServiceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """One version of what is promised. A priority that is not named has no limits."""

    calendar: Calendar
    goals: tuple[PriorityGoals, ...] = ()

    def goals_of(self, priority: Priority) -> Goals:
        """The time that a case of this priority has."""
        return next((one.goals for one in self.goals if one.priority is priority), Goals())


class TermsUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The terms that a case runs under, for good: whose they are and which version, from 1."""

    store_id: str
    version: int


class ServiceTermsSet(Event, frozen=True, kw_only=True):
    """From now on new cases run under these terms, and a desk takes care of them. None: nothing by itself."""

    TYPE: ClassVar = "service.terms_set.v1"
    store_id: str
    terms: ServiceTerms
    desk: Desk | None = None


class TermsVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Every version there was, with its desk: a case is measured by that of its opening."""

    all: tuple[ServiceTerms, ...] = ()
    desks: tuple[Desk, ...] = ()


def evolve(state: TermsVersions, event: Event) -> TermsVersions:
    """The versions after `event`."""
    if not isinstance(event, ServiceTermsSet):
        return state
    return TermsVersions(all=(*state.all, event.terms), desks=(*state.desks, event.desk or Desk()))


SERVICE_TERMS = StreamKind("serviceterms", TermsVersions(), evolve)


def streams_of_terms(store_id: str | None) -> Sequence[str]:
    """Where the terms of a case of this store may stand."""
    stores = (EVERY_STORE,) if store_id is None else (store_id, EVERY_STORE)
    return tuple(SERVICE_TERMS.stream(one) for one in stores)


def present_terms(states: States, store_id: str | None) -> TermsUsed | None:
    """What a case runs under that is opened now: the store's own terms, or everybody's; None without any."""
    for one in (EVERY_STORE,) if store_id is None else (store_id, EVERY_STORE):
        if version := len(states.of(SERVICE_TERMS, one).all):
            return TermsUsed(store_id=one, version=version)
    return None


class TermsVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class SetServiceTerms(Command, frozen=True, kw_only=True):
    """Makes the terms of a store, or EVERY_STORE's, or their next version."""

    RESULT: ClassVar = TermsVersion

    store_id: str
    terms: ServiceTerms
    desk: Desk = Desk()
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        store = () if self.store_id == EVERY_STORE else (f"store-{self.store_id}",)
        return (SERVICE_TERMS.stream(self.store_id), *store, *self._employees())

    def _employees(self) -> Sequence[str]:
        return tuple(f"employee-{employee_id}" for employee_id in self.desk.employees())

    def decide(self, states: States, at: Moment) -> Decision:
        if self.store_id != EVERY_STORE:
            states.require_stream(f"store-{self.store_id}")
        before = states.of(SERVICE_TERMS, self.store_id)
        versions = before.all
        require_version(len(versions), self.expected)
        _check(self.terms)
        require_desk(self.desk)
        for employee in self._employees():
            states.require_person(employee)
        if versions and (versions[-1], before.desks[-1]) == (self.terms, self.desk):
            return Decision(events=(), result=TermsVersion(version=len(versions)))
        desk = None if self.desk == Desk() else self.desk
        fact = ServiceTermsSet(store_id=self.store_id, terms=self.terms, desk=desk)
        return Decision(
            events=((SERVICE_TERMS.stream(self.store_id), fact),),
            result=TermsVersion(version=len(versions) + 1),
        )


def _check(terms: ServiceTerms) -> None:
    if not is_time_zone(terms.calendar.time_zone):
        raise InvalidCommand("time_zone is a name such as Europe/Berlin.", time_zone=terms.calendar.time_zone)
    require_calendar(terms.calendar)
    priorities = [one.priority for one in terms.goals]
    if len(set(priorities)) < len(priorities):
        raise InvalidCommand("A priority has its goals once.", priorities=priorities)
    for one in terms.goals:
        for name in one.goals.__struct_fields__:
            minutes: int | None = getattr(one.goals, name)
            if minutes is not None and not 0 < minutes <= MAX_GOAL_MIN:
                raise InvalidCommand(f"{name} is from 1 to {MAX_GOAL_MIN} minutes.", **{name: minutes})
