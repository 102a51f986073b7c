"""A store's crew: who can take how much work of what kind, who has what now, and what waits for somebody.

Work is named by the stream that it is about (`order-…`), so that the crew need not know what it is.
"""

from typing import ClassVar

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import StreamKind

SNAPSHOT_EVERY = 200
FORMULA = "least_load.v1"
"""Of those who have every skill and room: the least load by capacity, then the least load, then the id."""
BY_HAND = "by_hand.v1"
"""Somebody gave the work to whom they chose, whatever their load."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the crew as an assignment found them."""

    employee_id: str
    load: int
    capacity: int
    skills: tuple[str, ...] = ()


class CrewMemberSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """How much work somebody takes at once, and of what kinds. Capacity 0: nothing from now on."""

    TYPE: ClassVar = "crew.member_set.v1"
    store_id: str
    employee_id: str
    capacity: int
    skills: tuple[str, ...] = ()


class CrewAbsenceSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody of the crew is away and is offered nothing, or is back. What they have stays with them."""

    TYPE: ClassVar = "crew.absence_set.v1"
    store_id: str
    employee_id: str
    away: bool


class WorkAssigned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """`employee_id` has the work, found by `formula` among these, for these skills."""

    TYPE: ClassVar = "crew.work_assigned.v1"
    store_id: str
    work: str
    employee_id: str
    candidates: tuple[Candidate, ...]
    skills: tuple[str, ...] = ()
    formula: str


class WorkQueued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Nobody of these has room and every skill: the work waits, behind what waits already."""

    TYPE: ClassVar = "crew.work_queued.v1"
    store_id: str
    work: str
    candidates: tuple[Candidate, ...]
    skills: tuple[str, ...] = ()
    formula: str


class WorkEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The work is done or given up: whoever had it has room again."""

    TYPE: ClassVar = "crew.work_ended.v1"
    store_id: str
    work: str
    employee_id: str | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of the crew can take."""

    capacity: int
    skills: tuple[str, ...] = ()


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """Members by employee, who has which work, what waits with its skills, the oldest first; who is away."""

    members: dict[str, Member] = {}
    work: dict[str, str] = {}
    waiting: dict[str, tuple[str, ...]] = {}
    away: tuple[str, ...] = ()

    def candidates(self) -> tuple[Candidate, ...]:
        """Everybody who is there, with what they have now."""
        loads: dict[str, int] = dict.fromkeys(self.members, 0)
        for employee_id in self.work.values():
            loads[employee_id] = loads.get(employee_id, 0) + 1
        return tuple(
            Candidate(
                employee_id=employee_id,
                load=loads[employee_id],
                capacity=member.capacity,
                skills=member.skills,
            )
            for employee_id, member in sorted(self.members.items())
            if employee_id not in self.away
        )


def evolve(state: Crew, event: Event) -> Crew:
    """The crew after `event`."""
    change = msgspec.structs.replace
    match event:
        case CrewMemberSet():
            member = Member(capacity=event.capacity, skills=event.skills)
            return change(state, members=state.members | {event.employee_id: member})
        case CrewAbsenceSet():
            away = {*state.away, event.employee_id} if event.away else {*state.away} - {event.employee_id}
            return change(state, away=tuple(sorted(away)))
        case WorkAssigned():
            return change(
                state,
                work=state.work | {event.work: event.employee_id},
                waiting=_without(state.waiting, event.work),
            )
        case WorkQueued():
            return change(state, waiting=state.waiting | {event.work: event.skills})
        case WorkEnded():
            return change(
                state,
                work={work: who for work, who in state.work.items() if work != event.work},
                waiting=_without(state.waiting, event.work),
            )
        case _:
            return state


def _without(waiting: dict[str, tuple[str, ...]], work: str) -> dict[str, tuple[str, ...]]:
    return {name: skills for name, skills in waiting.items() if name != work}


CREW = StreamKind("crew", Crew(), evolve, snapshot_every=SNAPSHOT_EVERY)


def choose(candidates: tuple[Candidate, ...], skills: tuple[str, ...]) -> str | None:
    """Who takes the work, by FORMULA; None where nobody can. The same whatever order they are in."""
    able = [one for one in candidates if one.load < one.capacity and set(skills) <= set(one.skills)]
    if not able:
        return None
    # Loads as parts of the capacities, compared without rounding.
    common = 1
    for capacity in {one.capacity for one in able}:
        common *= capacity
    return min(
        able, key=lambda one: (one.load * (common // one.capacity), one.load, one.employee_id)
    ).employee_id


def offer_work(crew: Crew, store_id: str, work: str, skills: tuple[str, ...]) -> WorkAssigned | WorkQueued:
    """Gives the work to whom `choose` finds, or has it wait; with all that was looked at."""
    candidates = crew.candidates()
    employee_id = choose(candidates, skills)
    if employee_id is None:
        return WorkQueued(store_id=store_id, work=work, candidates=candidates, skills=skills, formula=FORMULA)
    return WorkAssigned(
        store_id=store_id,
        work=work,
        employee_id=employee_id,
        candidates=candidates,
        skills=skills,
        formula=FORMULA,
    )
