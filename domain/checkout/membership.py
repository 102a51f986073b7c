"""Membership in sales and returns: points pay, purchases earn, returns give back and take back."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from domain.checkout import points_discount
from domain.kernel.command import Moment
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.money import cumulative_share
from domain.kernel.points import SalePoints
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, Account, earn, evolve, restore, spend, take_back
from domain.loyalty.programme import MAIN, PROGRAMME, Pays, Programme
from domain.loyalty.tiers import upgrade
from domain.sales.returns import ReturnedLine
from domain.sales.sale import POINTS, UNCOVERED, Refund, Sale, SaleCompleted, SaleLine, Tender

Facts = tuple[tuple[str, Event], ...]
_EARNS_NOTHING = (POINTS, UNCOVERED)
"""What points pay, and what nobody does, is not paid in money: it earns nothing and qualifies for nothing."""


class PointsNeedCustomer(Refusal):
    """A sale to nobody in particular, or without a programme, is not paid with points."""

    code = "points_need_customer"


class Purchase(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a sale is to its customer's points; `points` were taken off as a discount."""

    document: str
    customer_id: str | None
    facts: CustomerFacts | None
    currency: str
    business_day: date
    lines: Sequence[SaleLine]
    tax_included: bool
    total_minor: int
    tenders: Sequence[Tender]
    points: int = 0


class Undone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a return does to the points; `taken` is kept with the sale where its lines earned differently."""

    facts: Facts = ()
    taken: int = 0


def accounts(states: States, customer_id: str | None) -> Iterable[str]:
    """The account of the customer, where there is a programme; it is linked by that."""
    if customer_id is not None and states.of(PROGRAMME, MAIN).present is not None:
        yield LOYALTY.stream(customer_id)


def settle(states: States, at: Moment, purchase: Purchase) -> tuple[SalePoints | None, Facts]:
    """What the sale does to the customer's points: some pay, the rest of what is paid earns and qualifies."""
    document, customer_id = purchase.document, purchase.customer_id
    in_points = [tender.amount_minor for tender in purchase.tenders if tender.method == POINTS]
    versions = states.of(PROGRAMME, MAIN)
    programme = versions.present
    if programme is None or customer_id is None:
        if in_points or purchase.points:
            raise PointsNeedCustomer("Name the customer whose points pay, and set a programme first.")
        return None, ()
    if programme.currency != purchase.currency:
        if in_points:
            raise CurrencyMismatch(f"Points pay {programme.currency}.", currency=purchase.currency)
        return None, ()
    if len(in_points) > 1:
        raise InvalidCommand("Points pay as one tender.", tenders=len(in_points))
    stream = LOYALTY.stream(customer_id)
    account = states.of(LOYALTY, customer_id)
    facts: list[tuple[str, Event]] = []
    if in_points and programme.pays is Pays.DISCOUNT:
        raise InvalidCommand("Points are a discount by the programme: send `points` instead of a tender.")
    paid_minor = sum(in_points)
    spent = None
    if points := purchase.points or (programme.points_for(paid_minor) if paid_minor else 0):
        spent = spend(account, customer_id, document, points, at.recorded_at)
        account = evolve(account, spent)
        facts.append((stream, spent))
    tier = account.standing.tier
    earning_minor = purchase.total_minor - _unearning(purchase.tenders)
    weights, earned = _earned(programme, at, purchase, tier, earning_minor)
    qualifying = earning_minor if programme.tiers and earning_minor > 0 else 0
    lot = 0
    if earned or qualifying:
        earning = earn(
            account,
            customer_id,
            document,
            earned,
            programme.expires_at(at.recorded_at),
            qualifying=(purchase.business_day, qualifying) if qualifying else None,
        )
        lot = earning.lot.number
        facts.append((stream, earning))
    if qualifying:
        facts.extend(_upgraded(evolve(account, facts[-1][1]), programme, purchase, at))
    if not facts:
        return None, ()
    kept = SalePoints(
        version=len(versions.all),
        earned=earned,
        lot=lot,
        spent=spent.lots if spent else (),
        weights_bp=weights,
        qualifying_minor=qualifying,
        tier=tier,
    )
    return kept, tuple(facts)


def _earned(
    programme: Programme, at: Moment, purchase: Purchase, tier: str | None, earning_minor: int
) -> tuple[tuple[int, ...], int]:
    """The weight of each line, empty where all earn plainly, and what the purchase earns."""
    birthday = purchase.facts is not None and purchase.facts.birthday
    lines = [(line.sku, line.category) for line in purchase.lines]
    weights = programme.weights_bp(lines, at.occurred_at, tier, birthday=birthday)
    if not weights:
        return (), programme.earned(earning_minor)
    paid = _paid(purchase.lines, tax_included=purchase.tax_included)
    return weights, programme.earned_by_lines(paid, weights, earning_minor)


def _unearning(tenders: Iterable[Tender]) -> int:
    return sum(tender.amount_minor for tender in tenders if tender.method in _EARNS_NOTHING)


def _paid(lines: Iterable[SaleLine], *, tax_included: bool) -> list[int]:
    """What was paid for each line, tax included."""
    return [line.net_minor if tax_included else line.net_minor + line.tax_minor for line in lines]


def _upgraded(account: Account, programme: Programme, purchase: Purchase, at: Moment) -> Facts:
    """A higher tier counts from the next purchase on."""
    assert purchase.customer_id is not None
    today = at.recorded_at.date()
    changed = upgrade(account.standing, programme, purchase.customer_id, purchase.document, today)
    return () if changed is None else ((LOYALTY.stream(purchase.customer_id), changed),)


def undo(
    states: States,
    at: Moment,
    *,
    document: str,
    sale: Sale,
    lines: Sequence[ReturnedLine],
    refunds: Sequence[Refund],
) -> Undone:
    """What a return does: gives back points that had paid, takes back those that are no longer earned.

    What qualified for a tier is taken off the day of the sale; the tier itself waits for a review.
    """
    completed = sale.completed
    assert completed is not None
    points, customer_id = completed.points, completed.customer_id
    if points is None or customer_id is None:
        return Undone()
    programme = states.of(PROGRAMME, MAIN).all[points.version - 1]
    stream = LOYALTY.stream(customer_id)
    account = states.of(LOYALTY, customer_id)
    facts: list[tuple[str, Event]] = []
    before, after = _given_back(sale, lines, refunds)
    if coming := after - before:
        restored = restore(
            points.spent,
            before,
            customer_id,
            document,
            coming,
            at.recorded_at,
            grace_until=programme.grace_until(at.recorded_at),
        )
        account = evolve(account, restored)
        facts.append((stream, restored))
    if points.weights_bp:
        lost = _lost_by_lines(programme, points, sale, lines, refunds)
    else:
        lost = _lost(programme, points, sale, refunds)
    in_money = sum(refund.amount_minor for refund in refunds if refund.method not in _EARNS_NOTHING)
    unqualified = in_money if points.qualifying_minor else 0
    if lost or unqualified:
        qualifying = (completed.business_day, unqualified) if unqualified else None
        taken = take_back(
            account, customer_id, document, lost, points.lot, at.recorded_at, qualifying=qualifying
        )
        facts.append((stream, taken))
    return Undone(facts=tuple(facts), taken=lost if points.weights_bp else 0)


def _given_back(sale: Sale, lines: Sequence[ReturnedLine], refunds: Sequence[Refund]) -> tuple[int, int]:
    """How many points were given back before this return, and after it; by the cumulative rule R."""
    completed = sale.completed
    assert completed is not None
    assert completed.points is not None
    spent = sum(lot.points for lot in completed.points.spent)
    if not spent:
        return 0, 0
    if (row := points_discount.row_of(completed)) is not None:
        return points_discount.given_back(sale, row, lines, spent)
    paid = sum(tender.amount_minor for tender in completed.tenders if tender.method == POINTS)
    before = _refunded_in(completed, sale.refunded, (POINTS,))
    after = before + sum(refund.amount_minor for refund in refunds if refund.method == POINTS)
    return cumulative_share(spent, before, paid), cumulative_share(spent, after, paid)


def _lost(programme: Programme, points: SalePoints, sale: Sale, refunds: Sequence[Refund]) -> int:
    completed = sale.completed
    assert completed is not None
    earning = completed.total_minor - _unearning(completed.tenders)
    before = sum(sale.refunded) - _refunded_in(completed, sale.refunded, _EARNS_NOTHING)
    now = sum(refund.amount_minor for refund in refunds if refund.method not in _EARNS_NOTHING)
    return programme.to_take_back(points.earned, earning - before, earning - before - now)


def _lost_by_lines(
    programme: Programme,
    points: SalePoints,
    sale: Sale,
    lines: Sequence[ReturnedLine],
    refunds: Sequence[Refund],
) -> int:
    """What was earned, less what the kept lines earn by their weights, less what was taken before."""
    completed = sale.completed
    assert completed is not None
    now = {line.line: line.refund_minor for line in lines}
    paid = _paid(completed.lines, tax_included=completed.tax_policy.inclusive)
    kept = [
        max(0, whole - _refunded_before(sale, line) - now.get(line.line, 0))
        for whole, line in zip(paid, completed.lines, strict=True)
    ]
    back = sum(sale.refunded) - _refunded_in(completed, sale.refunded, _EARNS_NOTHING)
    back += sum(refund.amount_minor for refund in refunds if refund.method not in _EARNS_NOTHING)
    earning = completed.total_minor - _unearning(completed.tenders) - back
    earns = programme.earned_by_lines(kept, points.weights_bp, min(earning, sum(kept)))
    return max(0, points.earned - earns - sale.points_taken)


def _refunded_before(sale: Sale, line: SaleLine) -> int:
    """What earlier returns paid back for a line, as TakeBack reckoned it."""
    completed = sale.completed
    assert completed is not None
    if line.line in sale.refunded_net or line.line in sale.refunded_tax:
        net, tax = sale.refunded_net.get(line.line, 0), sale.refunded_tax.get(line.line, 0)
    else:
        quantity = sale.returned.get(line.line, 0)
        net = cumulative_share(line.net_minor, quantity, line.quantity)
        tax = cumulative_share(line.tax_minor, quantity, line.quantity)
    return net if completed.tax_policy.inclusive else net + tax


def _refunded_in(completed: SaleCompleted, refunded: Sequence[int], methods: Sequence[str]) -> int:
    return sum(
        back for tender, back in zip(completed.tenders, refunded, strict=True) if tender.method in methods
    )
