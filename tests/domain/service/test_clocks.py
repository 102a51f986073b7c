"""The clocks of a case, beside a count of every minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.event import Event
from domain.service.calendar import Calendar, Hours, SpecialDay
from domain.service.case import (
    CaseKind,
    CaseOpened,
    CasePaused,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
)
from domain.service.clocks import ClockKind, Clocks, Reading, evolve, read
from domain.service.terms import Goals
from tests.support.facts import sealed

MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
TEXT = sealed("…")
OPENED = CaseOpened(case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=TEXT)
RESPONDED = CaseResponded(case_id="q1", text=TEXT)
PAUSED = CasePaused(case_id="q1", reason="photo")
RESUMED = CaseResumed(case_id="q1")
RESOLVED = CaseResolved(case_id="q1", text=TEXT)
REOPENED = CaseReopened(case_id="q1", text=TEXT)

DAILY = Calendar(time_zone="UTC", weekly=((Hours(from_min=9 * 60, until_min=17 * 60),),) * 7)
GOALS = Goals(first_response_min=60, update_min=240, solution_min=480)


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def clocks(*facts: tuple[Event, datetime]) -> Clocks:
    state = Clocks()
    for event, occurred_at in facts:
        state = evolve(state, event, occurred_at)
    return state


def shown(state: Clocks, kind: ClockKind, now: datetime) -> list[Reading]:
    return [one for one in read(state, DAILY, GOALS, now) if one.kind is kind]


def minutes(readings: Sequence[Reading]) -> list[int]:
    return [one.elapsed // MINUTE for one in readings]


def test_a_response_clock_runs_from_the_opening_to_the_first_word() -> None:
    state = clocks((OPENED, at(10)), (RESPONDED, at(10, 40)), (RESPONDED, at(12)))

    [response] = shown(state, ClockKind.FIRST_RESPONSE, at(15))
    assert (response.elapsed, response.running, response.breached_at) == (40 * MINUTE, False, None)


def test_a_case_opened_in_the_evening_is_due_in_the_morning() -> None:
    [response] = shown(clocks((OPENED, at(16, 30))), ClockKind.FIRST_RESPONSE, at(20))

    assert response.elapsed == 30 * MINUTE
    assert response.due_at == at(9, 30, day=1)


def test_a_breach_is_the_instant_at_which_the_time_was_up() -> None:
    [response] = shown(clocks((OPENED, at(10))), ClockKind.FIRST_RESPONSE, at(11, 1))

    assert response.breached_at == at(11)


def test_a_word_at_the_very_instant_is_in_time() -> None:
    state = clocks((OPENED, at(10)), (RESPONDED, at(11)))

    assert shown(state, ClockKind.FIRST_RESPONSE, at(15))[0].breached_at is None


def test_time_in_which_the_shop_waits_for_the_customer_does_not_count() -> None:
    state = clocks((OPENED, at(10)), (PAUSED, at(11)), (RESUMED, at(13)), (RESOLVED, at(14)))

    assert minutes(shown(state, ClockKind.SOLUTION, at(15))) == [120]


def test_nothing_is_due_while_the_shop_waits_for_the_customer() -> None:
    [solution] = shown(clocks((OPENED, at(10)), (PAUSED, at(11))), ClockKind.SOLUTION, at(16))

    assert (solution.elapsed, solution.due_at) == (60 * MINUTE, None)


def test_reopening_goes_on_with_the_solution_clock_and_starts_a_new_response_clock() -> None:
    state = clocks(
        (OPENED, at(9)), (RESPONDED, at(9, 30)), (RESOLVED, at(12)), (REOPENED, at(14)), (RESOLVED, at(16))
    )

    assert minutes(shown(state, ClockKind.SOLUTION, at(17))) == [180 + 120]
    assert minutes(shown(state, ClockKind.FIRST_RESPONSE, at(17))) == [30, 120]


def test_reopening_erases_no_breach() -> None:
    late = clocks((OPENED, at(9)), (RESOLVED, at(12)))

    again = evolve(evolve(late, REOPENED, at(14)), RESPONDED, at(14, 5))

    assert [one.breached_at for one in shown(late, ClockKind.FIRST_RESPONSE, at(13))] == [at(10)]
    assert [one.breached_at for one in shown(again, ClockKind.FIRST_RESPONSE, at(15))] == [at(10), None]


def test_every_word_to_the_customer_starts_the_clock_of_the_next() -> None:
    state = clocks((OPENED, at(9)), (RESPONDED, at(10)), (RESPONDED, at(16)), (RESOLVED, at(17)))

    updates = shown(state, ClockKind.UPDATE, at(17))
    assert minutes(updates) == [60, 360, 60]
    assert [one.breached_at for one in updates] == [None, at(14), None]


def test_a_till_whose_clock_is_behind_turns_no_clock_back() -> None:
    state = clocks((OPENED, at(10)), (RESPONDED, at(9)), (RESOLVED, at(12)), (REOPENED, at(11)))

    assert minutes(shown(state, ClockKind.FIRST_RESPONSE, at(13))) == [0, 60]
    assert minutes(shown(state, ClockKind.SOLUTION, at(13))) == [180]


# Any case, any calendar: every minute is looked at by itself.

ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Shanghai", "America/St_Johns")
STARTS = (
    datetime(2026, 3, 27, tzinfo=UTC),
    datetime(2026, 10, 23, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
)
SPAN_MIN = 5 * 24 * 60


@st.composite
def hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    ends = sorted(draw(st.sets(st.integers(0, 24 * 60), max_size=6)))
    return tuple(
        Hours(from_min=first, until_min=last)
        for index, (first, last) in enumerate(pairwise(ends))
        if index % 2 == 0
    )


@st.composite
def calendars(draw: st.DrawFn, start: date) -> Calendar:
    days = draw(st.sets(st.integers(0, 5), max_size=2))
    return Calendar(
        time_zone=draw(st.sampled_from(ZONES)),
        weekly=tuple(draw(hours()) for _ in range(7)),
        special=tuple(
            SpecialDay(day=start + timedelta(days=day), hours=draw(hours())) for day in sorted(days)
        ),
    )


STATUS_AFTER = {PAUSED.TYPE: "waits", RESOLVED.TYPE: "resolved"}


def next_facts(status: str) -> Sequence[Event]:
    """What can happen to a case that is open, waits or is resolved."""
    if status == "resolved":
        return (REOPENED,)
    return (RESPONDED, RESOLVED, RESUMED if status == "waits" else PAUSED)


@st.composite
def histories(draw: st.DrawFn, start: datetime) -> list[tuple[Event, datetime]]:
    offsets = sorted(draw(st.lists(st.integers(0, SPAN_MIN), min_size=1, max_size=9)))
    facts: list[tuple[Event, datetime]] = [(OPENED, start + offsets[0] * MINUTE)]
    status = "open"
    for offset in offsets[1:]:
        event = draw(st.sampled_from(next_facts(status)))
        facts.append((event, start + offset * MINUTE))
        status = status if event is RESPONDED else STATUS_AFTER.get(event.TYPE, "open")
    return facts


class Counted:
    """The clocks of a case, counted minute by minute as a person with a list of its facts would."""

    def __init__(self) -> None:
        self.minutes: dict[tuple[ClockKind, int], int] = {}
        self.up_at: dict[tuple[ClockKind, int], datetime] = {}
        self.running: set[tuple[ClockKind, int]] = set()
        self.waits = False
        self._begun = dict.fromkeys(ClockKind, 0)

    def _begin(self, kind: ClockKind) -> None:
        self._begun[kind] += 1
        clock = kind, self._begun[kind]
        self.minutes[clock] = 0
        self.running.add(clock)

    def _stop(self, *kinds: ClockKind) -> None:
        self.running = {clock for clock in self.running if clock[0] not in kinds}

    def happens(self, event: Event) -> None:
        if event is OPENED or event is REOPENED:
            self._begin(ClockKind.FIRST_RESPONSE)
            self._begin(ClockKind.UPDATE)
            if event is OPENED:
                self._begin(ClockKind.SOLUTION)
            self.running.add((ClockKind.SOLUTION, 1))
        elif event is RESPONDED:
            self._stop(ClockKind.FIRST_RESPONSE, ClockKind.UPDATE)
            self._begin(ClockKind.UPDATE)
        elif event is RESOLVED:
            self._stop(*ClockKind)
            self.waits = False
        else:
            self.waits = event is PAUSED

    def passes(self, instant: datetime, goals: Goals) -> None:
        for clock in self.running if not self.waits else ():
            if self.minutes[clock] == getattr(goals, f"{clock[0]}_min"):
                self.up_at.setdefault(clock, instant)
            self.minutes[clock] += 1


def is_open(calendar: Calendar, instant: datetime) -> bool:
    wall = instant.astimezone(ZoneInfo(calendar.time_zone))
    special = {one.day: one.hours for one in calendar.special}
    hours = special.get(wall.date(), calendar.weekly[wall.weekday()])
    return any(one.from_min <= wall.hour * 60 + wall.minute < one.until_min for one in hours)


def count(
    history: Sequence[tuple[Event, datetime]], calendar: Calendar, goals: Goals, now: datetime
) -> Counted:
    counted, left = Counted(), list(history)
    instant = history[0][1]
    while True:
        while left and left[0][1] == instant:
            counted.happens(left.pop(0)[0])
        if instant == now:
            return counted
        if is_open(calendar, instant):
            counted.passes(instant, goals)
        instant += MINUTE


@settings(deadline=None)  # A busy machine is no failure.
@given(data=st.data(), start=st.sampled_from(STARTS))
def test_the_clocks_show_what_counting_every_minute_shows(data: st.DataObject, start: datetime) -> None:
    calendar = data.draw(calendars(start.date()))
    history = data.draw(histories(start))
    limits = st.none() | st.integers(0, 1_000)
    goals = Goals(
        first_response_min=data.draw(limits), update_min=data.draw(limits), solution_min=data.draw(limits)
    )
    now = max(history[-1][1], start + data.draw(st.integers(0, SPAN_MIN)) * MINUTE)

    readings = list(read(clocks(*history), calendar, goals, now))

    counted = count(history, calendar, goals, now)
    assert {(one.kind, one.number): one.elapsed // MINUTE for one in readings} == counted.minutes
    assert {(one.kind, one.number) for one in readings if one.running} == counted.running
    breaches = {(one.kind, one.number): one.breached_at for one in readings if one.breached_at}
    assert breaches.keys() == counted.up_at.keys()
    for one in readings:
        if one.due_at is not None and now < one.due_at < now + timedelta(days=9):
            later = count(history, calendar, goals, one.due_at)
            assert later.minutes[one.kind, one.number] * MINUTE == one.goal
