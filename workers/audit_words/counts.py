"""What happened in counts, in words."""

from domain.counts.count import (
    CountApproved,
    CountCancelled,
    CountItemsAdded,
    CountPosted,
    CountStarted,
    LinesCounted,
    RecountAsked,
)
from domain.inventory.counted import CountClosed, CountOpened
from workers.audit_words.telling import count, money, words


@words(CountStarted)
def _(event: CountStarted) -> str:
    where = f", location {event.location!r}" if event.location is not None else ""
    how = "blind" if event.blind else "with the book in sight"
    return f"{event.kind.value} count of store {event.store_id}{where}, {how}"


@words(CountItemsAdded)
def _(event: CountItemsAdded) -> str:
    return f"{count(len(event.skus), 'item')} to count"


@words(LinesCounted)
def _(event: LinesCounted) -> str:
    return f"{count(len(event.lines), 'line')} counted by {event.counted_by}"


@words(RecountAsked)
def _(event: RecountAsked) -> str:
    return f"{count(len(event.skus), 'item')} to count again"


@words(CountApproved)
def _(event: CountApproved) -> str:
    return f"differences up to {money(event.up_to_minor)} approved by {event.approved_by}"


@words(CountPosted)
def _(event: CountPosted) -> str:
    differing = sum(1 for line in event.lines if line.difference)
    cost = money(sum(line.cost_minor for line in event.lines))
    left = f", {count(len(event.uncounted), 'item')} not counted" if event.uncounted else ""
    end = ", the last" if event.last else ""
    return f"{count(len(event.lines), 'line')} posted, {differing} differing, worth {cost}{left}{end}"


@words(CountCancelled)
def _(event: CountCancelled) -> str:
    return f"{count(len(event.skus), 'item')} not counted after all{', the last' if event.last else ''}"


@words(CountOpened)
def _(event: CountOpened) -> str:
    return f"being counted, count {event.count}"


@words(CountClosed)
def _(event: CountClosed) -> str:
    parts = f", {count(len(event.counted), 'part')} counted" if event.counted else ", not counted"
    return f"count {event.count} is over{parts}"
