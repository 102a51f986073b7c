"""A proposed markdown becomes labels: they take the place of those that the lot has from an earlier step."""

from collections.abc import Iterable

from domain.catalog.markdown import MARKDOWN, MarkdownEnded
from domain.checkout.mark_down import MarkDown
from domain.freshness.item import FRESH_ITEM, ProposalAccepted
from domain.inventory.stock_item import item_id
from domain.kernel.command import Moment
from domain.kernel.event import Event
from domain.kernel.stream import States

REASON = "near its end"


def relabelled(
    states: States, at: Moment, marking: MarkDown, accepted: ProposalAccepted
) -> Iterable[tuple[str, Event]]:
    """The events of marking down what was accepted; the earlier label is worth nothing from then on."""
    id_ = item_id(marking.store_id, marking.sku)
    steps = states.of(FRESH_ITEM, id_).lots.get(marking.lot)
    yield FRESH_ITEM.stream(id_), accepted
    if steps is not None and steps.label is not None and not states.of(MARKDOWN, steps.label).ended:
        yield MARKDOWN.stream(steps.label), MarkdownEnded(label=steps.label)
    yield from marking.decide(states, at).events
