"""Which lines of a sale come back, in what condition, and what is paid back for each."""

from collections.abc import Mapping, Sequence

import msgspec

from domain.checkout.reprice import refund_minor, reprice
from domain.inventory.flows import lots_back
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.money import cumulative_share
from domain.promotions.offer import Offer
from domain.sales.returns import ReturnedLine
from domain.sales.sale import CameBack, Sale, SaleCompleted, SaleLine


class ReturnExceedsSale(Refusal):
    """More is returned than was bought and not yet returned."""

    code = "return_exceeds_sale"


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of which line of the sale comes back, in the line's unit.

    So much of it as is `wasted` can't be sold again and goes to waste, in the `condition` that it came in (a
    cause: "spoiled"); the rest goes back on the shelf, or into quarantine where all that is left of its lot
    is.
    """

    line: int
    quantity: int
    wasted: int = 0
    condition: str | None = None


def everything_left(sale: Sale) -> tuple[ReturnLine, ...]:
    """What has not come back yet."""
    assert sale.completed is not None
    left = ((line.line, line.quantity - sale.returned.get(line.line, 0)) for line in sale.completed.lines)
    return tuple(ReturnLine(line=number, quantity=quantity) for number, quantity in left if quantity)


def lines_back(sale: Sale, wanted: Sequence[ReturnLine], offers: Sequence[Offer]) -> tuple[ReturnedLine, ...]:
    """The lines with what is paid back for them: by R, or where an offer prices returns anew by that."""
    completed = sale.completed
    assert completed is not None
    if len({line.line for line in wanted}) < len(wanted):
        raise InvalidCommand("Name each line once.")
    lines = tuple(_line_back(completed, sale.returned, line) for line in wanted)
    return _repriced(sale, offers, lines) if offers else lines


def _line_back(completed: SaleCompleted, returned: Mapping[int, int], wanted: ReturnLine) -> ReturnedLine:
    if not 1 <= wanted.line <= len(completed.lines):
        raise NotFound(f"The sale has no line {wanted.line}.", line=wanted.line)
    line = completed.lines[wanted.line - 1]
    before = returned.get(wanted.line, 0)
    after = before + wanted.quantity
    _check(wanted, line, before)

    def share(whole: int) -> int:
        return cumulative_share(whole, after, line.quantity) - cumulative_share(whole, before, line.quantity)

    net, tax = share(line.net_minor), share(line.tax_minor)
    lots = lots_back(line.lots, before, after, line.weight_g or 1) if line.lots else ()
    return ReturnedLine(
        line=wanted.line,
        sku=line.sku,
        category=line.category,
        unit=line.unit,
        quantity=wanted.quantity,
        net_minor=net,
        refund_minor=net if completed.tax_policy.inclusive else net + tax,
        tax_rate_bp=line.tax_rate_bp,
        tax_minor=tax,
        cost_minor=sum(lot.cost_minor for lot in lots) if lots else share(line.cost_minor),
        stocked=line.stocked,
        weight_g=line.weight_g,
        wasted=wanted.wasted,
        condition=wanted.condition,
        lots=lots,
    )


def _check(wanted: ReturnLine, line: SaleLine, before: int) -> None:
    if wanted.quantity <= 0:
        raise InvalidCommand("quantity must be a positive whole number.", line=wanted.line)
    if before + wanted.quantity > line.quantity:
        raise ReturnExceedsSale(
            f"Line {wanted.line} has {line.quantity - before} left to return.",
            line=wanted.line,
            bought=line.quantity,
            returned=before,
            asked=wanted.quantity,
        )
    if not 0 <= wanted.wasted <= wanted.quantity:
        raise InvalidCommand("No more goes to waste than comes back.", line=wanted.line)
    if wanted.wasted and not line.stocked:
        raise InvalidCommand("What moves no stock can't go to waste.", line=wanted.line)
    if (wanted.wasted > 0) != (wanted.condition is not None):
        raise InvalidCommand("What goes to waste says in which condition it came.", line=wanted.line)


def _repriced(sale: Sale, offers: Sequence[Offer], lines: Sequence[ReturnedLine]) -> tuple[ReturnedLine, ...]:
    """The lines with what is paid back for them, and those that are kept and cost more or less now."""
    completed = sale.completed
    assert completed is not None
    by_line = {line.line: line for line in lines}
    found: list[ReturnedLine] = []
    for number, back in reprice(sale, offers, {line.line: line.quantity for line in lines}).items():
        line = by_line.get(number) or _kept(completed.lines[number - 1])
        found.append(
            msgspec.structs.replace(
                line,
                net_minor=back.net_minor,
                tax_minor=back.tax_minor,
                refund_minor=refund_minor(completed, back),
            )
        )
    return tuple(found)


def _kept(line: SaleLine) -> ReturnedLine:
    """A line of which nothing comes back, and whose price changes all the same."""
    return ReturnedLine(
        line=line.line,
        sku=line.sku,
        category=line.category,
        unit=line.unit,
        quantity=0,
        net_minor=0,
        refund_minor=0,
        tax_rate_bp=line.tax_rate_bp,
        stocked=line.stocked,
    )


def came_back(line: ReturnedLine, *, with_money: bool) -> CameBack:
    """The sale's side of a line; with what was paid back where an offer prices returns anew."""
    if not with_money:
        return CameBack(line=line.line, quantity=line.quantity)
    return CameBack(
        line=line.line, quantity=line.quantity, net_minor=line.net_minor, tax_minor=line.tax_minor
    )
