"""Incentive schemes of employees."""

from domain.staff.scheme import SchemePeriodClosed, SchemeSet
from workers.audit_words.telling import count, words


@words(SchemeSet)
def _(event: SchemeSet) -> str:
    terms = event.terms
    rules = [
        count(number, what)
        for number, what in ((len(terms.commission), "commission rule"), (len(terms.bonuses), "bonus"))
        if number
    ]
    return f"pays sales from {event.from_period} on by {' and '.join(rules)}"


@words(SchemePeriodClosed)
def _(event: SchemePeriodClosed) -> str:
    return f"closed {event.period} up to position {event.up_to}, with {count(len(event.amounts), 'employee')}"
