"""Who takes care of a case: whoever of the store's crew has room and skill, where its terms say so.

The crew's books follow the case: whatever was done to it by hand or by an escalation, the same command brings
them in line. Decided twice, or in another order than things happened, it comes to what is so now.
"""

from collections.abc import Iterable

from domain.checkout.crew_work import Facts, crew_after, drained, ended, given, people, still_here, waiting
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import NotFound
from domain.kernel.stream import States
from domain.service.case import COMPLAINT, Case, CaseOpened, CaseStatus
from domain.service.desk import Desk
from domain.service.terms import SERVICE_TERMS
from domain.staff.crew import (
    BY_HAND,
    CREW,
    Crew,
    CrewAbsenceSet,
    WorkAssigned,
    WorkQueued,
    evolve,
    offer_work,
)


class SettleCaseWork(Command, frozen=True, kw_only=True):
    """Finds somebody for a case that nobody has, counts one for whoever has it, and ends a settled one.

    What that makes room for is given out. `reopened`: who had the case may be away by now, and then somebody
    else gets it; if nobody can take it, it stays with them.
    """

    case_id: str
    reopened: bool = False

    def streams(self) -> Iterable[str]:
        yield COMPLAINT.stream(self.case_id)

    def linked(self, states: States) -> Iterable[str]:
        case = states.of(COMPLAINT, self.case_id)
        opened = case.opened
        if opened is None or opened.store_id is None or opened.terms is None:
            return
        yield (terms := SERVICE_TERMS.stream(opened.terms.store_id))
        yield (crew := CREW.stream(opened.store_id))
        if terms in states and crew in states:
            yield from people(states.of(CREW, opened.store_id))
            facts = self._settled(states, case, opened, opened.store_id)
            yield from waiting(crew_after(states.of(CREW, opened.store_id), opened.store_id, facts))

    def decide(self, states: States, at: Moment) -> Decision:
        case = states.require(COMPLAINT, self.case_id)
        opened = case.opened
        assert opened is not None, "it was opened before it was anything else"
        facts: Facts = []
        if opened.store_id is not None and opened.terms is not None:
            facts = self._settled(states, case, opened, opened.store_id)
            if facts:
                after = crew_after(states.of(CREW, opened.store_id), opened.store_id, facts)
                facts += drained(states, opened.store_id, after)
        return Decision(events=tuple(facts), result=Done(id=self.case_id))

    def _settled(self, states: States, case: Case, opened: CaseOpened, store_id: str) -> Facts:
        """What follows for the case itself; nothing where its books are in line."""
        assert opened.terms is not None
        desk = states.of(SERVICE_TERMS, opened.terms.store_id).desks[opened.terms.version - 1]
        crew = still_here(states, states.of(CREW, store_id))
        work = COMPLAINT.stream(self.case_id)
        known = work in crew.work or work in crew.waiting
        if not desk.assigns:
            return []
        if case.status is CaseStatus.RESOLVED:
            return ended(store_id, crew, work) if known else []
        if case.employee_id is None:
            if known or not crew.members:
                return []
            return given(store_id, work, _offer(crew, desk, opened, work))
        if crew.work.get(work) == case.employee_id:
            return []
        if case.employee_id not in crew.members:
            return ended(store_id, crew, work) if known else []
        if self.reopened and case.employee_id in crew.away:
            offered = _offer(crew, desk, opened, work)
            if isinstance(offered, WorkAssigned):
                return given(store_id, work, offered)
        by_hand = WorkAssigned(
            store_id=store_id,
            work=work,
            employee_id=case.employee_id,
            candidates=crew.candidates(),
            skills=desk.skills_for(opened.kind, opened.channel, opened.category),
            formula=BY_HAND,
        )
        return [(CREW.stream(store_id), by_hand)]


def _offer(crew: Crew, desk: Desk, opened: CaseOpened, work: str) -> WorkAssigned | WorkQueued:
    assert opened.store_id is not None
    skills = desk.skills_for(opened.kind, opened.channel, opened.category)
    return offer_work(crew, opened.store_id, work, skills)


class SetCrewAbsence(Command, frozen=True, kw_only=True):
    """Somebody of the crew is away, or back: then what waits is given out. Again, it changes nothing."""

    store_id: str
    employee_id: str
    away: bool

    def streams(self) -> Iterable[str]:
        yield CREW.stream(self.store_id)

    def linked(self, states: States) -> Iterable[str]:
        after = evolve(states.of(CREW, self.store_id), self._event())
        return (*people(after), *waiting(after))

    def decide(self, states: States, at: Moment) -> Decision:
        crew = states.of(CREW, self.store_id)
        if self.employee_id not in crew.members:
            raise NotFound(
                f"{self.employee_id!r} is not of the crew. Set them with a capacity first.",
                kind="crew member",
                id=self.employee_id,
            )
        answer = Done(id=self.employee_id)
        if (self.employee_id in crew.away) == self.away:
            return Decision(events=(), result=answer)
        facts: Facts = [(CREW.stream(self.store_id), self._event())]
        facts += drained(states, self.store_id, crew_after(crew, self.store_id, facts))
        return Decision(events=tuple(facts), result=answer)

    def _event(self) -> CrewAbsenceSet:
        return CrewAbsenceSet(store_id=self.store_id, employee_id=self.employee_id, away=self.away)
