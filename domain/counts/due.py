"""What is due to be counted, the most urgent first. It never says what the book holds: counts are blind."""

import enum
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from domain.counts.classes import CountPlan, ItemFacts, Risk, ValueClass, classes, raised, risks


class Why(enum.StrEnum):
    """Why an item is due."""

    NEGATIVE = "negative"
    NEVER = "never"
    PERIOD = "period"


class Graded(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An item's class by value and the one that it is counted by; from `due_on` on it is to be counted."""

    item: ItemFacts
    by_value: ValueClass
    counted_as: ValueClass
    risks: tuple[Risk, ...]
    due_on: date
    why: Why

    @property
    def urgency(self) -> tuple[str, str, str, str]:
        """Sorts before what is less urgent: the negative, the never counted, then by class and day."""
        rank = {Why.NEGATIVE: "0", Why.NEVER: "1", Why.PERIOD: "2"}[self.why]
        return rank, self.counted_as.value, self.due_on.isoformat(), self.item.sku


def grade(items: Sequence[ItemFacts], plan: CountPlan, today: date) -> list[Graded]:
    """Each item of a store with its classes, its risks and the day on which it is due, by urgency.

    What is below zero, or was never counted, is due at once; the others so many days after their last count.
    """
    by_value = classes({item.sku: item.issued_minor for item in items}, plan)
    found: list[Graded] = []
    for item in items:
        doubts = risks(item, plan)
        counted_as = raised(by_value[item.sku], doubts)
        why, due_on = Why.PERIOD, today
        if Risk.NEGATIVE in doubts:
            why = Why.NEGATIVE
        elif item.counted_on is None:
            why = Why.NEVER
        else:
            due_on = item.counted_on + timedelta(days=plan.days(counted_as))
        graded = Graded(
            item=item,
            by_value=by_value[item.sku],
            counted_as=counted_as,
            risks=doubts,
            due_on=due_on,
            why=why,
        )
        found.append(graded)
    return sorted(found, key=lambda one: one.urgency)


def due(graded: Sequence[Graded], today: date) -> list[Graded]:
    """What is to be counted today or should have been, and is in no count yet."""
    return [one for one in graded if one.due_on <= today and not one.item.counting]
