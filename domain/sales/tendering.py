"""Paying and paying back: sum(tenders) − change = due, and refunds go where the money came from."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.money import allocate, cumulative_share
from domain.sales.sale import CASH, OWN_TENDERS, Refund, SaleCompleted, Tender


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


def carry(due_minor: int, credit: Sequence[Tender], *, cash_last: bool = False) -> tuple[Tender, ...]:
    """What comes back in an exchange pays for what is taken, as far as that is due, in proportion.

    With `cash_last` other methods pay first: where cash is rounded, what is left of it must be payable.
    """
    amount = max(0, min(due_minor, worth(credit)))
    if cash_last:
        others = min(amount, worth(tender for tender in credit if tender.method != CASH))
        shares = _spread(others, credit, lambda tender: tender.method != CASH)
        cash = _spread(amount - others, credit, lambda tender: tender.method == CASH)
        shares = [share + more for share, more in zip(shares, cash, strict=True)]
    else:
        shares = allocate(amount, [tender.amount_minor for tender in credit])
    return tuple(
        Tender(method=tender.method, amount_minor=share, carried=True)
        for tender, share in zip(credit, shares, strict=True)
        if share
    )


def _spread(amount_minor: int, credit: Sequence[Tender], among: Callable[[Tender], bool]) -> list[int]:
    return allocate(amount_minor, [tender.amount_minor if among(tender) else 0 for tender in credit])


def kept(tenders: Iterable[Tender]) -> int:
    """What is paid from accounts that are kept here."""
    return worth(tender for tender in tenders if tender.method in OWN_TENDERS)


def worth(tenders: Iterable[Tender]) -> int:
    """The sum of the tenders."""
    return sum(tender.amount_minor for tender in tenders)


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


class ChosenRefund(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a refund goes to the sale's `tender`, counted from 1."""

    tender: int
    amount_minor: int


class RefundsDoNotFit(Refusal):
    """The refunds that were chosen are not what is paid back, or more than a tender paid and has left."""

    code = "refunds_do_not_fit"


def chosen_refunds(
    completed: SaleCompleted, refunded: Sequence[int], amount_minor: int, chosen: Sequence[ChosenRefund]
) -> tuple[Refund, ...]:
    """The refunds as somebody chose them, never above what each tender paid, or RefundsDoNotFit."""
    room = {
        number: most - back
        for number, (most, back) in enumerate(zip(paid_by_tender(completed), refunded, strict=True), start=1)
    }
    if len({refund.tender for refund in chosen}) < len(chosen):
        raise RefundsDoNotFit("Name each tender once.")
    for refund in chosen:
        most = room.get(refund.tender, 0)
        if not 0 < refund.amount_minor <= most:
            raise RefundsDoNotFit(
                f"Tender {refund.tender} has {most} left to be paid back.", tender=refund.tender, left=most
            )
    if sum(refund.amount_minor for refund in chosen) != amount_minor:
        raise RefundsDoNotFit("The refunds add up to what is paid back.", due=amount_minor)
    return tuple(
        Refund(
            tender=refund.tender,
            method=completed.tenders[refund.tender - 1].method,
            amount_minor=refund.amount_minor,
        )
        for refund in sorted(chosen, key=lambda refund: refund.tender)
    )


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
