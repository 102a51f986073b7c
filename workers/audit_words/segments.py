"""Words for segments: how they are defined, and who came and went."""

from domain.customers.customer import SegmentEntered, SegmentLeft
from domain.customers.measures import Seen
from domain.customers.rules import conditions_of
from domain.customers.segment import SegmentDefined, SegmentEvaluated
from workers.audit_words.telling import count, words


@words(SegmentEntered)
def _(event: SegmentEntered) -> str:
    return f"belongs to {event.segment_id} as of {event.as_of}, {_because(event.reason)}"


@words(SegmentLeft)
def _(event: SegmentLeft) -> str:
    return f"no longer belongs to {event.segment_id} as of {event.as_of}, {_because(event.reason)}"


@words(SegmentDefined)
def _(event: SegmentDefined) -> str:
    if not event.definition.active:
        return "has no members any more"
    conditions = len(list(conditions_of(event.definition.rule)))
    return f"has new rules, of {count(conditions, 'condition')}"


@words(SegmentEvaluated)
def _(event: SegmentEvaluated) -> str:
    return f"has {count(event.members, 'member')} as of {event.as_of}, by version {event.version}"


def _because(reason: tuple[Seen, ...]) -> str:
    return "by " + ", ".join(f"{one.name} {'none' if one.value is None else one.value}" for one in reason)
