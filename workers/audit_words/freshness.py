"""Freshness: ladders of markdowns, what was proposed by them, and that somebody looked."""

from domain.freshness.item import MarkdownProposed, ProposalAccepted, ProposalRejected
from domain.freshness.ladder import MarkdownLadderSet
from domain.freshness.watch import LotsWatched
from workers.audit_words.telling import count, percent, words


@words(MarkdownLadderSet)
def _(event: MarkdownLadderSet) -> str:
    category = "" if event.category is None else f"category {event.category!r}"
    goods = category or ("all goods" if event.sku is None else f"product {event.sku}")
    store = "all stores" if event.store_id is None else f"store {event.store_id}"
    steps = ", ".join(
        f"{percent(step.off_bp)} off at {count(step.days_left, 'day')} left"
        f"{' without asking' if step.automatic else ''}"
        for step in event.steps
    )
    return f"ladder {event.ladder} version {event.version} for {goods} in {store}: {steps or 'ended'}"


@words(MarkdownProposed)
def _(event: MarkdownProposed) -> str:
    left = f"{count(event.days_left, 'day')} left, {event.quantity:,} on the shelf"
    by = f"ladder {event.ladder} version {event.ladder_version}"
    return f"proposal {event.number}: {percent(event.off_bp)} off for lot {event.lot} ({left}), by {by}"


@words(ProposalAccepted)
def _(event: ProposalAccepted) -> str:
    who = " by the ladder alone" if event.automatic else ""
    return f"proposal {event.number} accepted{who}: lot {event.lot} has the label {event.label}"


@words(ProposalRejected)
def _(event: ProposalRejected) -> str:
    return f"proposal {event.number} for lot {event.lot} rejected: {event.reason}"


@words(LotsWatched)
def _(event: LotsWatched) -> str:
    return f"all lots were looked at on {event.day}"
