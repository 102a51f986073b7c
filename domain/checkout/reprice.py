"""Returns under offers that price anew: what is kept costs what it would have cost alone. (Rule "Returns".)

The refund is max(0, paid − refunded so far − the price of what is kept), by the versions that the sale used.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from domain.kernel.money import allocate, cumulative_share
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.promotions.book import BOOK, OFFERS, version_key
from domain.promotions.offer import Conditions, Limits, Offer
from domain.promotions.stacking import Line, Situation, stack
from domain.sales.sale import DiscountSource, Sale, SaleCompleted, SaleLine
from domain.sales.tax import tax_minor

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The conditions that look at the clock were met when the sale was made, and are left out."""


class Back(NamedTuple):
    """What is paid back for a line; below zero where what is kept of it costs more than before."""

    net_minor: int
    tax_minor: int


def asks_for_offers(completed: SaleCompleted) -> bool:
    """Whether the sale used an offer, so that its versions have to be looked at."""
    return any(discount.source is DiscountSource.OFFER for discount in completed.discounts)


def repriced_offers(states: States, completed: SaleCompleted) -> list[Offer]:
    """The versions of the sale's offers that price a return anew. Needs the book if the sale used offers."""
    if not asks_for_offers(completed):
        return []
    versions = states.of(OFFERS, BOOK).repriced
    keys = (
        version_key(discount.rule_id, discount.rule_version)
        for discount in completed.discounts
        if discount.source is DiscountSource.OFFER
    )
    return [_as_it_was_met(versions[key]) for key in keys if key in versions]


def _as_it_was_met(offer: Offer) -> Offer:
    """The offer with the conditions that a return can break; all others held when the sale was made."""
    minima = Conditions(
        minimum_minor=offer.conditions.minimum_minor, minimum_quantity=offer.conditions.minimum_quantity
    )
    in_a_basket = Limits(cap_minor=offer.limits.cap_minor, uses=offer.limits.uses)
    return msgspec.structs.replace(offer, conditions=minima, limits=in_a_basket, group=None)


def reprice(sale: Sale, offers: Iterable[Offer], coming: Mapping[int, int]) -> dict[int, Back]:
    """What is paid back for each line when `coming[line]` of it comes back, lines without change left out."""
    completed = sale.completed
    assert completed is not None
    lines = completed.lines
    left = [line.quantity - sale.returned.get(line.line, 0) - coming.get(line.line, 0) for line in lines]
    kept = _price_of_kept(completed, offers, left)
    paid = [line.net_minor - sale.refunded_net.get(line.line, 0) for line in lines]
    wanted = [before - after for before, after in zip(paid, kept, strict=True)]
    most = sum(back for back in wanted if back > 0)
    while True:
        backs = _charging_at_most(most, wanted)
        found = {
            line.line: Back(back, _tax_back(sale, completed, line, before, back))
            for line, before, back in zip(lines, paid, backs, strict=True)
            if back or line.line in coming
        }
        short = -sum(refund_minor(completed, back) for back in found.values())
        if short <= 0:
            return found
        # Tax on top of what is charged, at a higher rate than that of what comes back: charge less.
        most = max(0, most - short)


def refund_minor(completed: SaleCompleted, back: Back) -> int:
    """What is paid back in money: tax is in it where prices include it, and comes on top elsewhere."""
    return back.net_minor if completed.tax_policy.inclusive else back.net_minor + back.tax_minor


def _charging_at_most(most: int, wanted: Sequence[int]) -> list[int]:
    """Nobody pays for bringing something back: what is kept costs more only by what comes back."""
    charges = [-back for back in wanted if back < 0]
    if sum(charges) <= most:
        return list(wanted)
    cut = iter(allocate(most, charges))
    return [back if back >= 0 else -next(cut) for back in wanted]


def _price_of_kept(completed: SaleCompleted, offers: Iterable[Offer], left: Sequence[int]) -> list[int]:
    """What the kept quantities cost: discounts that stay keep their shares, the others are stacked anew."""
    anew = list(offers)
    keys = {(offer.offer_id, offer.version) for offer in anew}
    staying = [0] * len(left)
    points = [0] * len(left)
    for discount in completed.discounts:
        if discount.source is DiscountSource.OFFER and (discount.rule_id, discount.rule_version) in keys:
            continue
        # Points come off last: no threshold sees them.
        off = points if discount.source is DiscountSource.POINTS else staying
        for share in discount.shares:
            line = completed.lines[share.line - 1]
            off[share.line - 1] += cumulative_share(share.amount_minor, left[share.line - 1], line.quantity)
    kept = [
        Line(
            sku=line.sku,
            category=line.category,
            unit=line.unit,
            quantity=quantity,
            amount_minor=max(0, _amount_of_kept(line, quantity) - stays),
            marked_down=line.markdown is not None,
        )
        for line, quantity, stays in zip(completed.lines, left, staying, strict=True)
    ]
    at = Situation(
        store_id=completed.store_id,
        currency=completed.currency,
        at=_ANY_TIME,
        local=_ANY_TIME,
        customer_id=completed.customer_id,
    )
    nets = stack(kept, anew, at, {}).net_minor
    return [max(0, net - off) for net, off in zip(nets, points, strict=True)]


def _amount_of_kept(line: SaleLine, quantity: int) -> int:
    """Before discounts. A printed price is no product of price and weight: its part is kept instead."""
    if line.amount_minor == amount_minor(line.unit_price_minor, line.quantity, line.unit):
        return amount_minor(line.unit_price_minor, quantity, line.unit)
    return cumulative_share(line.amount_minor, quantity, line.quantity)


def _tax_back(sale: Sale, completed: SaleCompleted, line: SaleLine, before: int, back: int) -> int:
    """The tax in (or on) what is paid back: all that is left of it when nothing more is kept."""
    if not back:
        return 0
    tax_before = line.tax_minor - sale.refunded_tax.get(line.line, 0)
    inclusive = completed.tax_policy.inclusive
    return tax_before - tax_minor(before - back, line.tax_rate_bp, inclusive=inclusive)
