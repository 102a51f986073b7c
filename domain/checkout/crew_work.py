"""A crew's work, of whatever kind: orders and cases are given out, waited for and ended alike."""

import enum
from collections.abc import Iterable

import msgspec

from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.orders.order import ORDER, OrderAssigned
from domain.orders.steps import OPEN
from domain.service.case import COMPLAINT, CaseAssigned, CaseStatus
from domain.staff.crew import CREW, Crew, WorkAssigned, WorkEnded, evolve, offer_work
from domain.staff.employee import EMPLOYEE

DRAINED_AT_ONCE = 50
"""So many that wait are looked at when room comes free: each is a stream that the decision reads."""

Facts = list[tuple[str, Event]]


class Standing(enum.Enum):
    """What is to be done about work that waits."""

    OPEN = "nobody has it"
    TAKEN = "somebody was given it by hand, which the crew's books hear of next"
    OVER = "it is done or given up"


def waiting(crew: Crew) -> Iterable[str]:
    """The oldest that somebody with room could take: others, however many, stand in nobody's way."""
    free = [set(one.skills) for one in crew.candidates() if one.load < one.capacity]
    able = (work for work, skills in crew.waiting.items() if any(set(skills) <= has for has in free))
    return [found for _, found in zip(range(DRAINED_AT_ONCE), able, strict=False)]


def people(crew: Crew) -> Iterable[str]:
    """The streams of whoever could be given work."""
    return [EMPLOYEE.stream(one.employee_id) for one in crew.candidates() if one.capacity]


def still_here(states: States, crew: Crew) -> Crew:
    """The crew with whoever was forgotten away: they are given nothing more."""
    gone = {stream for stream in people(crew) if stream in states and states.is_erased(stream)}
    if not gone:
        return crew
    away = {*crew.away, *(one for one in crew.members if EMPLOYEE.stream(one) in gone)}
    return msgspec.structs.replace(crew, away=tuple(sorted(away)))


def crew_after(crew: Crew, store_id: str, facts: Facts) -> Crew:
    """The crew once these facts have happened."""
    for stream, event in facts:
        if stream == CREW.stream(store_id):
            crew = evolve(crew, event)
    return crew


def ended(store_id: str, crew: Crew, work: str) -> Facts:
    """Whoever had the work has room again."""
    event = WorkEnded(store_id=store_id, work=work, employee_id=crew.work.get(work))
    return [(CREW.stream(store_id), event)]


def given(store_id: str, work: str, event: Event) -> Facts:
    """What was offered, in the books of the crew and of the work itself."""
    facts: Facts = [(CREW.stream(store_id), event)]
    if isinstance(event, WorkAssigned):
        facts.append((work, _assigned(work, event.employee_id)))
    return facts


def drained(states: States, store_id: str, crew: Crew) -> Facts:
    """Gives out what waits, the oldest first. What nobody can take now lets others pass."""
    facts: Facts = []
    crew = still_here(states, crew)
    for work in waiting(crew):
        if work not in states:
            # It has moved up since the streams were named: the next who comes free sees it.
            continue
        made: Facts = []
        match _standing(states, work):
            case Standing.OVER:
                made = ended(store_id, crew, work)
            case Standing.OPEN:
                offered = offer_work(crew, store_id, work, crew.waiting[work])
                made = given(store_id, work, offered) if isinstance(offered, WorkAssigned) else []
            case Standing.TAKEN:
                pass
        crew = crew_after(crew, store_id, made)
        facts += made
    return facts


def _standing(states: States, work: str) -> Standing:
    kind, _, id_ = work.partition("-")
    if kind != COMPLAINT.category:
        return Standing.OPEN if states.of(ORDER, id_).status in OPEN else Standing.OVER
    case = states.of(COMPLAINT, id_)
    if case.status is CaseStatus.RESOLVED:
        return Standing.OVER
    return Standing.OPEN if case.employee_id is None else Standing.TAKEN


def _assigned(work: str, employee_id: str) -> Event:
    kind, _, id_ = work.partition("-")
    if kind == COMPLAINT.category:
        return CaseAssigned(case_id=id_, employee_id=employee_id)
    return OrderAssigned(order_id=id_, employee_id=employee_id)
