"""Selling by the label of a markdown: its price, its lot, and no more of it than labels were printed.

Lines without a label pass all of it by.
"""

from collections.abc import Iterable, Mapping

import msgspec

from domain.catalog.markdown import MARKDOWN, LabelsCameBack, LabelsSold, marked_price_minor
from domain.catalog.product import PRODUCT, Product
from domain.checkout.line_prices import BasketLine, Terms
from domain.checkout.lines_back import ReturnLine
from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.kernel.stream import States
from domain.sales.sale import SaleCompleted, SaleLine

LABEL_UNKNOWN = "label_unknown"
"""The exception of a sale that was made offline, by a label that nobody has printed."""


class MarkdownOver(Refusal):
    """The label's time is over, or it was ended: the goods cost their price, or leave the shelf."""

    code = "markdown_over"


class LabelsUsedUp(Refusal):
    """More is sold by a label than labels were printed: somebody has copied it, or relabelled fresh goods."""

    code = "labels_used_up"


class LabelElsewhere(Refusal):
    """The label belongs to a lot of another store."""

    code = "label_elsewhere"


def marked_down(
    states: States, store_id: str, line: BasketLine, product: Product, terms: Terms | None
) -> Terms:
    """The line's terms with the label's price; `terms` are those that it would have without one."""
    assert line.label is not None
    made = states.require(MARKDOWN, line.label).made
    assert made is not None
    if made.sku != line.sku:
        raise InvalidCommand("The label is of another product.", sku=line.sku, label=line.label)
    terms = terms or Terms(unit=product.unit, quantity=line.quantity, list_price_minor=product.price_minor)
    if made.price_minor is not None and terms.weight_g:
        raise InvalidCommand("The label has a price per kilogram: sell by weight.", sku=line.sku)
    return msgspec.structs.replace(
        terms,
        list_price_minor=marked_price_minor(made, terms.list_price_minor),
        price_list=None if made.price_minor is not None else terms.price_list,
        label=line.label,
        lot=lot_of(states, line.label, store_id),
    )


def label_misfit(states: States, line: BasketLine) -> str | None:
    """Why the line can't have been sold by its label, as far as is known: of what was sold all the same."""
    assert line.label is not None
    made = states.of(MARKDOWN, line.label).made
    if made is None:
        return LABEL_UNKNOWN
    by_piece = line.unit is Unit.PIECE and states.require(PRODUCT, line.sku).unit is Unit.GRAM
    return "label_unfit" if made.sku != line.sku or (made.price_minor is not None and by_piece) else None


def lot_of(states: States, label: str, store_id: str) -> str | None:
    """The lot that is sold by the label; none where that lies in another store."""
    made = states.of(MARKDOWN, label).made
    return None if made is None or made.store_id != store_id else made.lot


def labels_in(terms: Mapping[int, Terms]) -> dict[str, int]:
    """How many labels the lines use: one for each piece, or for each line of goods by weight."""
    used: dict[str, int] = {}
    for one in terms.values():
        if one.label is not None:
            used[one.label] = used.get(one.label, 0) + (one.quantity if one.unit is Unit.PIECE else 1)
    return used


def label_refusals(
    states: States, at: Moment, store_id: str, terms: Mapping[int, Terms]
) -> Iterable[Refusal]:
    """What speaks against selling so much by the labels, here and then."""
    for label, wanted in labels_in(terms).items():
        markdown = states.of(MARKDOWN, label)
        made = markdown.made
        assert made is not None
        if made.store_id != store_id:
            yield LabelElsewhere(
                "The label belongs to another store. Sell it without the label.",
                label=label,
                store_id=made.store_id,
            )
        if markdown.ended or at.occurred_at >= made.until:
            yield MarkdownOver("The markdown is over. Take the label off.", label=label, sku=made.sku)
        if markdown.sold + wanted > made.labels:
            yield LabelsUsedUp(
                f"{max(0, made.labels - markdown.sold)} of {made.labels} labels are left. "
                "Sell the others without.",
                label=label,
                printed=made.labels,
                sold=markdown.sold,
                asked=wanted,
            )


def selling(terms: Mapping[int, Terms], sale_id: str) -> Iterable[tuple[str, Event]]:
    """What a sale uses up of labels."""
    for label, labels in labels_in(terms).items():
        yield MARKDOWN.stream(label), LabelsSold(label=label, sale_id=sale_id, labels=labels)


def labels_of(completed: SaleCompleted, wanted: Iterable[ReturnLine]) -> Iterable[str]:
    """The markdowns of lines that come back."""
    for line in wanted:
        if 0 < line.line <= len(completed.lines):
            label = completed.lines[line.line - 1].markdown
            if label is not None:
                yield MARKDOWN.stream(label)


def coming_back(
    completed: SaleCompleted, wanted: Iterable[ReturnLine], return_id: str
) -> Iterable[tuple[str, Event]]:
    """The labels that are on the shelf again. Part of a pack by weight brings none back."""
    back: dict[str, int] = {}
    for line in wanted:
        sold = completed.lines[line.line - 1]
        if sold.markdown is not None and (labels := _labels_on_shelf(sold, line)):
            back[sold.markdown] = back.get(sold.markdown, 0) + labels
    for label, labels in back.items():
        yield MARKDOWN.stream(label), LabelsCameBack(label=label, return_id=return_id, labels=labels)


def _labels_on_shelf(sold: SaleLine, line: ReturnLine) -> int:
    on_shelf = line.quantity - line.wasted
    return on_shelf if sold.unit is Unit.PIECE else int(on_shelf == sold.quantity)
