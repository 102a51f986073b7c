"""Cash rounding: where there are no small coins, what is due in cash is rounded, and only that.

It is a line of its own: totals, discounts and tax stay exact. (Domain rule "Tender".)
"""

from collections.abc import Sequence

import msgspec

from domain.kernel.money import half_up
from domain.sales.sale import CASH, CashRounding, Refund, SaleCompleted, Tender
from domain.sales.tendering import TendersDoNotAddUp


def rounded(amount_minor: int, unit_minor: int) -> int:
    """The nearest amount that coins of the unit make, half away from zero."""
    return half_up(amount_minor, unit_minor) * unit_minor


def rounding_of(due_minor: int, tenders: Sequence[Tender], unit_minor: int) -> CashRounding | None:
    """What rounding adds to what is due (or, below zero, takes off); None where nothing is paid in cash.

    Only what other tenders leave is rounded. A sale that nobody need pay for any more is one in cash too.
    """
    if not unit_minor or (tenders and all(tender.method != CASH for tender in tenders)):
        return None
    in_cash = due_minor - sum(tender.amount_minor for tender in tenders if tender.method != CASH)
    # Without cash that is needed there is nothing to round; whether it adds up is looked at elsewhere.
    if in_cash <= 0:
        return None
    return CashRounding(unit_minor=unit_minor, amount_minor=rounded(in_cash, unit_minor) - in_cash)


def require_payable(due_minor: int, change_minor: int, rounding: CashRounding | None) -> None:
    """TendersDoNotAddUp where the change would need coins that there are not."""
    if rounding is not None and change_minor % rounding.unit_minor:
        raise TendersDoNotAddUp(
            f"Cash comes in multiples of {rounding.unit_minor}.",
            due=due_minor + rounding.amount_minor,
            unit=rounding.unit_minor,
        )


def require_coins(unit_minor: int, tenders: Sequence[Tender], change_minor: int) -> None:
    """TendersDoNotAddUp where cash would pay exactly what is never rounded, and coins can't make that."""
    in_cash = sum(tender.amount_minor for tender in tenders if tender.method == CASH) - change_minor
    if unit_minor and in_cash % unit_minor:
        raise TendersDoNotAddUp(
            f"Cash comes in multiples of {unit_minor}; this is not rounded.",
            paid=in_cash,
            unit=unit_minor,
        )


def rounded_refunds(
    completed: SaleCompleted, refunded: Sequence[int], refunds: tuple[Refund, ...]
) -> tuple[Refund, ...]:
    """The refunds with what rounding adds to their cash; `refunded` is what each tender already got back.

    All cash that came back is rounded, less what it was before: so any order of partial refunds ends at what
    was handed over, and none before is above it.
    """
    rounding = completed.cash_rounding
    if rounding is None:
        return refunds
    before = sum(
        back for tender, back in zip(completed.tenders, refunded, strict=True) if tender.method == CASH
    )
    now = sum(refund.amount_minor for refund in refunds if refund.method == CASH)
    unit = rounding.unit_minor
    return _with_rounding(refunds, rounded(before + now, unit) - rounded(before, unit) - now)


def rounded_refund(refund: Refund, unit_minor: int) -> Refund:
    """A refund whose sale is not known, rounded by itself where it is paid in cash."""
    if not unit_minor or refund.method != CASH:
        return refund
    off = rounded(refund.amount_minor, unit_minor) - refund.amount_minor
    return _with_rounding((refund,), off)[0]


def _with_rounding(refunds: tuple[Refund, ...], rounding_minor: int) -> tuple[Refund, ...]:
    """The first that is paid in cash bears it, as far as it is not more than that; then the next."""
    found: list[Refund] = []
    for refund in refunds:
        if rounding_minor and refund.method == CASH:
            part = max(rounding_minor, -refund.amount_minor)
            rounding_minor -= part
            refund = msgspec.structs.replace(refund, rounding_minor=part)
        found.append(refund)
    return tuple(found)
