"""Who takes care of an order: whoever has room and skill; what waits is given out as room comes free."""

from collections.abc import Iterable

from domain.checkout.crew_work import Facts, crew_after, drained, ended, given, people, still_here, waiting
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States
from domain.orders.order import ORDER, OrderPlaced, require_order
from domain.orders.steps import OPEN
from domain.staff.crew import CREW, CrewMemberSet, evolve, offer_work

MAX_CAPACITY = 1_000
MAX_SKILLS = 20


class SetCrewMember(Command, frozen=True, kw_only=True):
    """Says how much and what work an employee takes at once. With more room, what waits is given out."""

    store_id: str
    employee_id: str
    capacity: int
    skills: tuple[str, ...] = ()

    def streams(self) -> Iterable[str]:
        yield CREW.stream(self.store_id)
        yield f"store-{self.store_id}"
        yield f"employee-{self.employee_id}"

    def linked(self, states: States) -> Iterable[str]:
        after = evolve(states.of(CREW, self.store_id), self._event())
        return (*people(after), *waiting(after))

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_stream(f"store-{self.store_id}")
        states.require_stream(f"employee-{self.employee_id}")
        if self.capacity:
            # Whoever was forgotten takes nothing more, and can be taken off the crew.
            states.require_person(f"employee-{self.employee_id}")
        if not 0 <= self.capacity <= MAX_CAPACITY or len(self.skills) > MAX_SKILLS:
            raise InvalidCommand(f"capacity is 0 to {MAX_CAPACITY}, with up to {MAX_SKILLS} skills.")
        crew = states.of(CREW, self.store_id)
        event = self._event()
        after = evolve(crew, event)
        answer = Done(id=self.employee_id)
        if after == crew:
            return Decision(events=(), result=answer)
        facts: Facts = [(CREW.stream(self.store_id), event)]
        facts += drained(states, self.store_id, after)
        return Decision(events=tuple(facts), result=answer)

    def _event(self) -> CrewMemberSet:
        return CrewMemberSet(
            store_id=self.store_id,
            employee_id=self.employee_id,
            capacity=self.capacity,
            skills=tuple(sorted(set(self.skills))),
        )


class AssignOrder(Command, frozen=True, kw_only=True):
    """Finds somebody for an order. Again, or where the store has no crew, it changes nothing."""

    order_id: str

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)

    def linked(self, states: States) -> Iterable[str]:
        placed = states.of(ORDER, self.order_id).placed
        if placed is not None:
            yield from crew_of(states, placed.store_id)

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        facts = assigned(states, placed) if order.status in OPEN else []
        return Decision(events=tuple(facts), result=Done(id=self.order_id))


def crew_of(states: States, store_id: str) -> Iterable[str]:
    """The store's crew and, once it is known, who they are."""
    yield (crew := CREW.stream(store_id))
    if crew in states:
        yield from people(states.of(CREW, store_id))


def assigned(states: States, placed: OrderPlaced) -> Facts:
    """Whoever is found for the order, or that it waits; nothing where that is known, or there is no crew."""
    crew = still_here(states, states.of(CREW, placed.store_id))
    work = ORDER.stream(placed.order_id)
    if not crew.members or work in crew.work or work in crew.waiting:
        return []
    return given(placed.store_id, work, offer_work(crew, placed.store_id, work, placed.skills))


class EndOrderWork(Command, frozen=True, kw_only=True):
    """Frees whoever had an order that has left or is off, and gives out what waits. Again: nothing."""

    order_id: str

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)

    def linked(self, states: States) -> Iterable[str]:
        placed = states.of(ORDER, self.order_id).placed
        if placed is not None:
            yield from crew_of(states, placed.store_id)
            if CREW.stream(placed.store_id) in states:
                before = states.of(CREW, placed.store_id)
                facts = ended(placed.store_id, before, ORDER.stream(self.order_id))
                yield from waiting(crew_after(before, placed.store_id, facts))

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        crew = states.of(CREW, placed.store_id)
        work = ORDER.stream(self.order_id)
        facts: Facts = []
        if order.status not in OPEN and (work in crew.work or work in crew.waiting):
            facts = ended(placed.store_id, crew, work)
            facts += drained(states, placed.store_id, crew_after(crew, placed.store_id, facts))
        return Decision(events=tuple(facts), result=Done(id=self.order_id))
