"""Who takes care of an order: whoever has room and skill; what waits is given out as room comes free."""

from collections.abc import Iterable

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.orders.order import ORDER, Order, OrderAssigned, OrderPlaced, require_order
from domain.orders.steps import OPEN
from domain.staff.crew import CREW, Crew, CrewMemberSet, WorkAssigned, WorkEnded, evolve, offer_work

DRAINED_AT_ONCE = 50
"""So many that wait are looked at when room comes free: each is a stream that the decision reads."""
MAX_CAPACITY = 1_000
MAX_SKILLS = 20

Facts = list[tuple[str, Event]]


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
        return _waiting(evolve(states.of(CREW, self.store_id), self._event()))

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
        facts += _drained(states, self.store_id, after)
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
            yield CREW.stream(placed.store_id)

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        facts = assigned(states, placed) if order.status in OPEN else []
        return Decision(events=tuple(facts), result=Done(id=self.order_id))


def assigned(states: States, placed: OrderPlaced) -> Facts:
    """Whoever is found for the order, or that it waits; nothing where that is known, or there is no crew."""
    crew = states.of(CREW, placed.store_id)
    work = ORDER.stream(placed.order_id)
    if not crew.members or work in crew.work or work in crew.waiting:
        return []
    return _given(placed.store_id, work, offer_work(crew, placed.store_id, work, placed.skills))


class EndOrderWork(Command, frozen=True, kw_only=True):
    """Frees whoever had an order that has left or is off, and gives out what waits. Again: nothing."""

    order_id: str

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)

    def linked(self, states: States) -> Iterable[str]:
        placed = states.of(ORDER, self.order_id).placed
        if placed is not None:
            yield (crew := CREW.stream(placed.store_id))
            if crew in states:
                facts = _ended(placed.store_id, states.of(CREW, placed.store_id), ORDER.stream(self.order_id))
                yield from _waiting(_after(states.of(CREW, placed.store_id), facts))

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        crew = states.of(CREW, placed.store_id)
        work = ORDER.stream(self.order_id)
        facts: Facts = []
        if order.status not in OPEN and (work in crew.work or work in crew.waiting):
            facts = _ended(placed.store_id, crew, work)
            facts += _drained(states, placed.store_id, _after(crew, facts))
        return Decision(events=tuple(facts), result=Done(id=self.order_id))


def _waiting(crew: Crew) -> Iterable[str]:
    """The oldest that somebody with room could take: others, however many, stand in nobody's way."""
    free = [set(one.skills) for one in crew.candidates() if one.load < one.capacity]
    able = (work for work, skills in crew.waiting.items() if any(set(skills) <= has for has in free))
    return [found for _, found in zip(range(DRAINED_AT_ONCE), able, strict=False)]


def _after(crew: Crew, facts: Facts) -> Crew:
    for _, event in facts:
        crew = evolve(crew, event)
    return crew


def _ended(store_id: str, crew: Crew, work: str) -> Facts:
    ended = WorkEnded(store_id=store_id, work=work, employee_id=crew.work.get(work))
    return [(CREW.stream(store_id), ended)]


def _given(store_id: str, work: str, event: Event) -> Facts:
    facts: Facts = [(CREW.stream(store_id), event)]
    if isinstance(event, WorkAssigned):
        order_id = work.partition("-")[2]
        facts.append((work, OrderAssigned(order_id=order_id, employee_id=event.employee_id)))
    return facts


def _drained(states: States, store_id: str, crew: Crew) -> Facts:
    """Gives out what waits, the oldest first. What nobody can take now lets others pass."""
    facts: Facts = []
    for work in _waiting(crew):
        if work not in states:
            # It has moved up since the streams were named: the next who comes free sees it.
            continue
        order: Order = states.of(ORDER, work.partition("-")[2])
        if order.status not in OPEN:
            made = _ended(store_id, crew, work)
        else:
            offered = offer_work(crew, store_id, work, crew.waiting[work])
            made = _given(store_id, work, offered) if isinstance(offered, WorkAssigned) else []
        for stream, event in made:
            if stream == CREW.stream(store_id):
                crew = evolve(crew, event)
        facts += made
    return facts
