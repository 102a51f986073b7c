"""Points as a discount, where the programme says so: the last of all, so it lowers the tax and no threshold.

It is one more row of the line × promotion matrix. Of a line that comes back, its share of the points does.
"""

from collections.abc import Sequence

import msgspec

from domain.checkout.pricing import Priced
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.money import allocate, cumulative_share
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME, Pays
from domain.sales.returns import ReturnedLine
from domain.sales.sale import Discount, DiscountSource, LineShare, Sale, SaleCompleted
from domain.sales.tax import taxes_minor
from domain.stores.store import TaxRounding

ROW = "points"
"""The row's rule; its version is the programme's."""


class PointsExceedBasket(Refusal):
    """The points are worth more than what is left to pay."""

    code = "points_exceed_basket"


def take_off(states: States, priced: Priced, points: int) -> tuple[Priced, Discount]:
    """The basket with the points' worth off, split as an order's discount is, and the row that says so."""
    versions = states.of(PROGRAMME, MAIN)
    programme = versions.present
    if programme is None or programme.pays is not Pays.DISCOUNT:
        raise InvalidCommand("Points are no discount by the programme. Pay with them, or change it.")
    if programme.currency != priced.store.currency:
        raise CurrencyMismatch(f"Points are worth {programme.currency}.", currency=priced.store.currency)
    worth = programme.worth_minor(points)
    nets = priced.stacked.net_minor
    if worth > (base := sum(nets)):
        raise PointsExceedBasket("The points are worth more than is left to pay.", worth=worth, left=base)
    shares = allocate(worth, nets)
    left = tuple(net - share for net, share in zip(nets, shares, strict=True))
    taxes = taxes_minor(
        left,
        [product.tax_rate_bp for product in priced.products],
        inclusive=priced.store.prices_include_tax,
        per_document=priced.store.tax_rounding is TaxRounding.DOCUMENT,
    )
    row = Discount(
        source=DiscountSource.POINTS,
        rule_id=ROW,
        rule_version=len(versions.all),
        base_minor=base,
        amount_minor=worth,
        shares=tuple(
            LineShare(line=number, amount_minor=share)
            for number, share in enumerate(shares, start=1)
            if share
        ),
    )
    stacked = msgspec.structs.replace(priced.stacked, net_minor=left)
    return msgspec.structs.replace(priced, stacked=stacked, taxes_minor=tuple(taxes)), row


def row_of(completed: SaleCompleted) -> Discount | None:
    """The row of points; None where they took nothing off."""
    return next((row for row in completed.discounts if row.source is DiscountSource.POINTS), None)


def given_back(sale: Sale, row: Discount, lines: Sequence[ReturnedLine], points: int) -> tuple[int, int]:
    """How many of the points were given back before this return, and after it; by the cumulative rule R."""
    completed = sale.completed
    assert completed is not None
    coming = {line.line: line.quantity for line in lines}
    by_line = allocate(points, [share.amount_minor for share in row.shares])
    before = after = 0
    for share, whole in zip(row.shares, by_line, strict=True):
        of = completed.lines[share.line - 1].quantity
        returned = sale.returned.get(share.line, 0)
        before += cumulative_share(whole, returned, of)
        after += cumulative_share(whole, returned + coming.get(share.line, 0), of)
    return before, after
