"""Paying and paying back: sum(tenders) − change = due, and refunds go where the money came from."""

from collections.abc import Sequence

from domain.kernel.errors import Refusal
from domain.kernel.money import cumulative_share
from domain.sales.sale import CASH, Refund, SaleCompleted, Tender


class TendersDoNotAddUp(Refusal):
    """The payment isn't what is due, or more than is due without cash to give change from."""

    code = "tenders_do_not_add_up"


def change_minor(due_minor: int, tenders: Sequence[Tender]) -> int:
    """The change to give, or TendersDoNotAddUp. Change is only given from cash. (Domain rule "Tender".)"""
    if any(tender.amount_minor <= 0 for tender in tenders):
        raise TendersDoNotAddUp("Every tender is above zero.", due=due_minor)
    paid = sum(tender.amount_minor for tender in tenders)
    if paid < due_minor:
        raise TendersDoNotAddUp("The tenders do not cover what is due.", due=due_minor, paid=paid)
    change = paid - due_minor
    cash = sum(tender.amount_minor for tender in tenders if tender.method == CASH)
    if change > 0 and change >= cash:
        raise TendersDoNotAddUp(
            "More than is due was paid; change is given only from cash that is needed.",
            due=due_minor,
            paid=paid,
        )
    return change


def paid_by_tender(completed: SaleCompleted) -> list[int]:
    """What each tender really paid: cash less its change, and as it was before rounding."""
    rounding = completed.cash_rounding
    change = completed.change_minor + (0 if rounding is None else rounding.amount_minor)
    paid: list[int] = []
    for tender in completed.tenders:
        given = min(change, tender.amount_minor) if tender.method == CASH else 0
        change -= given
        paid.append(tender.amount_minor - given)
    return paid


def refunds(completed: SaleCompleted, refunded: Sequence[int], amount_minor: int) -> tuple[Refund, ...]:
    """Splits a refund over the sale's tenders, pro rata by the cumulative rule R, never above what each paid.

    `refunded` is what each tender already got back. R rounds each tender by itself, so the units that it
    leaves over or short go to the first tenders that have room.
    """
    paid = paid_by_tender(completed)
    so_far = sum(refunded) + amount_minor
    room = [most - back for most, back in zip(paid, refunded, strict=True)]
    shares = (
        [
            max(0, min(cumulative_share(most, so_far, completed.total_minor) - back, free))
            for most, back, free in zip(paid, refunded, room, strict=True)
        ]
        if completed.total_minor
        else [0] * len(paid)
    )
    over = sum(shares) - amount_minor
    for index, free in enumerate(room):
        step = min(over, shares[index]) if over > 0 else max(over, shares[index] - free)
        shares[index] -= step
        over -= step
    assert over == 0, "a refund is never more than what was paid and not yet refunded"
    return tuple(
        Refund(tender=number, method=tender.method, amount_minor=share)
        for number, (tender, share) in enumerate(zip(completed.tenders, shares, strict=True), start=1)
        if share
    )
