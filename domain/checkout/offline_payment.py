"""What a till took offline from accounts that are kept here, as far as they hold it by now.

The goods are gone, so nothing is refused. A card or a credit pays what is there, points pay all or nothing,
and what is missing is a tender of its own, `uncovered`: no money came in for it, and a return pays none out.
So no account falls below zero, and the tenders still make the total. (Decision 0048.)
"""

from collections.abc import Sequence

import msgspec

from domain.checkout import stored_tenders
from domain.checkout.membership import PointsNeedCustomer
from domain.checkout.stored_tenders import CreditNeedsCustomer
from domain.kernel.command import Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, PointsShort
from domain.loyalty.programme import MAIN, PROGRAMME, Pays
from domain.sales.sale import OWN_TENDERS, POINTS, STORE_CREDIT, UNCOVERED, SaleException, Tender
from domain.stored_value.value import StoredValueShort, require_usable


def covered(
    states: States, at: Moment, *, currency: str, customer_id: str | None, tenders: Sequence[Tender]
) -> tuple[tuple[Tender, ...], tuple[SaleException, ...]]:
    """The tenders with what the accounts can pay, and what is missing of each as an exception."""
    paid: list[Tender] = []
    found: list[SaleException] = []
    missing_minor = 0
    for tender in tenders:
        asked = tender.amount_minor
        if tender.method not in OWN_TENDERS or asked <= 0:
            paid.append(tender)
            continue
        try:
            pays = _pays(states, at, currency, customer_id, tender)
            code = PointsShort.code if tender.method == POINTS else StoredValueShort.code
        except Refusal as refusal:
            pays, code = 0, refusal.code
        if pays:
            paid.append(msgspec.structs.replace(tender, amount_minor=pays))
        if pays < asked:
            missing_minor += asked - pays
            found.append(SaleException(code=code, expected=pays, found=asked, reference=tender.reference))
    if missing_minor:
        paid.append(Tender(method=UNCOVERED, amount_minor=missing_minor))
    return tuple(paid), tuple(found)


def _pays(states: States, at: Moment, currency: str, customer_id: str | None, tender: Tender) -> int:
    """How much of the tender its account pays, or the refusal that says why it pays nothing."""
    if tender.method == POINTS:
        return _points_pay(states, at, currency, customer_id, tender.amount_minor)
    account = stored_tenders.account_of(tender, customer_id)
    if account is None:
        if tender.method == STORE_CREDIT:
            raise CreditNeedsCustomer("Name the customer whose credit pays.")
        raise InvalidCommand("A gift card pays by its code.")
    state = stored_tenders.account_state(states, account)
    require_usable(state, currency)
    return min(tender.amount_minor, state.spendable_minor(at.recorded_at))


def _points_pay(states: States, at: Moment, currency: str, customer_id: str | None, amount_minor: int) -> int:
    programme = states.of(PROGRAMME, MAIN).present
    if programme is None or customer_id is None:
        raise PointsNeedCustomer("Name the customer whose points pay, and set a programme first.")
    if programme.currency != currency:
        raise CurrencyMismatch(f"Points pay {programme.currency}.", currency=currency)
    if programme.pays is Pays.DISCOUNT:
        raise InvalidCommand("Points are a discount by the programme.")
    held = states.of(LOYALTY, customer_id).spendable(at.recorded_at)
    return amount_minor if programme.points_for(amount_minor) <= held else 0


def points_missing(states: States, at: Moment, customer_id: str | None, points: int) -> SaleException | None:
    """Why the points can't come off a customer's account; None where they can."""
    if customer_id is None or states.of(PROGRAMME, MAIN).present is None:
        return SaleException(code=PointsNeedCustomer.code, found=points)
    held = states.of(LOYALTY, customer_id).spendable(at.recorded_at)
    return None if points <= held else SaleException(code=PointsShort.code, expected=held, found=points)
