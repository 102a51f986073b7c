"""Markdowns: labels on the goods of one lot that are sold cheaper, and how many of them there are.

A label has a code of its own, so what is fresh never gets its price. (Domain rule "FEFO", decision 0045.)
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from domain.catalog.barcode import is_gtin
from domain.catalog.barcodes import barcode_id
from domain.kernel.allowance import Allowance
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import half_up
from domain.kernel.stream import StreamKind

MAX_LABELS = 10_000
SNAPSHOT_EVERY = 500
WHOLE_BP = 10_000


class MarkdownMade(Event, frozen=True, kw_only=True, omit_defaults=True):
    """So many labels were printed for goods of a lot: until then they cost `price_minor`, or `off_bp` less.

    The price is per piece or per kilogram. `allowance` stands where whoever made it has a limit.
    """

    TYPE: ClassVar = "markdown.made.v1"
    label: str
    store_id: str
    sku: str
    lot: str
    labels: int
    price_minor: int | None = None
    off_bp: int = 0
    reason: str
    until: datetime
    allowance: Allowance | None = None


class LabelsSold(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A sale used so many of the labels."""

    TYPE: ClassVar = "markdown.sold.v1"
    label: str
    sale_id: str
    labels: int


class LabelsCameBack(Event, frozen=True, kw_only=True, omit_defaults=True):
    """So many labelled goods are on the shelf again, and can be sold by their labels."""

    TYPE: ClassVar = "markdown.came_back.v1"
    label: str
    return_id: str
    labels: int


class MarkdownEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The label is worth nothing any more, whatever its time."""

    TYPE: ClassVar = "markdown.ended.v1"
    label: str


class Markdown(msgspec.Struct, frozen=True, kw_only=True):
    """A markdown as decisions see it: what was printed, how many labels were used, and whether it is over."""

    made: MarkdownMade | None = None
    sold: int = 0
    ended: bool = False


def evolve(state: Markdown, event: Event) -> Markdown:
    """The markdown after `event`."""
    match event:
        case MarkdownMade():
            return Markdown(made=event)
        case LabelsSold():
            return msgspec.structs.replace(state, sold=state.sold + event.labels)
        case LabelsCameBack():
            return msgspec.structs.replace(state, sold=state.sold - event.labels)
        case MarkdownEnded():
            return msgspec.structs.replace(state, ended=True)
        case _:
            return state


MARKDOWN = StreamKind("markdown", Markdown(), evolve, snapshot_every=SNAPSHOT_EVERY)


def label_id(code: str) -> str:
    """The markdown's id: a code of the trade as such codes are kept, and any other as it is."""
    if not (code.isascii() and code.isdecimal()):
        return code
    if not is_gtin(code):
        raise InvalidCommand(
            "A label of digits has 8, 12, 13 or 14 of them, the last the check digit.", label=code
        )
    return barcode_id(code)


def marked_price_minor(made: MarkdownMade, list_price_minor: int) -> int:
    """What a piece or kilogram costs by the label where it would cost `list_price_minor` without it."""
    if made.price_minor is not None:
        return made.price_minor
    return half_up(list_price_minor * (WHOLE_BP - made.off_bp), WHOLE_BP)
