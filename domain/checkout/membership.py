"""Membership in sales and returns: points pay, purchases earn, returns give back and take back."""

from collections.abc import Iterable, Sequence

from domain.kernel.command import Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.money import cumulative_share
from domain.kernel.points import SalePoints
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, earn, evolve, restore, spend, take_back
from domain.loyalty.programme import MAIN, PROGRAMME, Programme
from domain.sales.sale import POINTS, Refund, Sale, SaleCompleted, Tender

Facts = tuple[tuple[str, Event], ...]


class PointsNeedCustomer(Refusal):
    """A sale to nobody in particular, or without a programme, is not paid with points."""

    code = "points_need_customer"


def accounts(states: States, customer_id: str | None) -> Iterable[str]:
    """The account of the customer, where there is a programme; it is linked by that."""
    if customer_id is not None and states.of(PROGRAMME, MAIN).present is not None:
        yield LOYALTY.stream(customer_id)


def settle(
    states: States,
    at: Moment,
    *,
    document: str,
    customer_id: str | None,
    currency: str,
    total_minor: int,
    tenders: Sequence[Tender],
) -> tuple[SalePoints | None, Facts]:
    """What the sale does to the customer's points: some pay, and the rest of what is paid earns."""
    in_points = [tender.amount_minor for tender in tenders if tender.method == POINTS]
    versions = states.of(PROGRAMME, MAIN)
    programme = versions.present
    if programme is None or customer_id is None:
        if in_points:
            raise PointsNeedCustomer("Name the customer whose points pay, and set a programme first.")
        return None, ()
    if programme.currency != currency:
        if in_points:
            raise CurrencyMismatch(f"Points pay {programme.currency}.", currency=currency)
        return None, ()
    if len(in_points) > 1:
        raise InvalidCommand("Points pay as one tender.", tenders=len(in_points))
    stream = LOYALTY.stream(customer_id)
    account = states.of(LOYALTY, customer_id)
    facts: list[tuple[str, Event]] = []
    paid_minor = sum(in_points)
    spent = None
    if paid_minor:
        spent = spend(account, customer_id, document, programme.points_for(paid_minor), at.recorded_at)
        account = evolve(account, spent)
        facts.append((stream, spent))
    earned = programme.earned(total_minor - paid_minor)
    lot = 0
    if earned:
        earning = earn(account, customer_id, document, earned, programme.expires_at(at.recorded_at))
        lot = earning.lot.number
        facts.append((stream, earning))
    if not facts:
        return None, ()
    points = SalePoints(version=len(versions.all), earned=earned, lot=lot, spent=spent.lots if spent else ())
    return points, tuple(facts)


def undo(states: States, at: Moment, *, document: str, sale: Sale, refunds: Sequence[Refund]) -> Facts:
    """What a return does: gives back points that had paid, takes back those that are no longer earned."""
    completed = sale.completed
    assert completed is not None
    points, customer_id = completed.points, completed.customer_id
    if points is None or customer_id is None:
        return ()
    programme = states.of(PROGRAMME, MAIN).all[points.version - 1]
    stream = LOYALTY.stream(customer_id)
    account = states.of(LOYALTY, customer_id)
    facts: list[tuple[str, Event]] = []
    before, after = _given_back(sale, refunds)
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
    if lost := _lost(programme, points, sale, refunds):
        facts.append((stream, take_back(account, customer_id, document, lost, points.lot)))
    return tuple(facts)


def _given_back(sale: Sale, refunds: Sequence[Refund]) -> tuple[int, int]:
    """How many points were given back before this return, and after it; by the cumulative rule R."""
    completed = sale.completed
    assert completed is not None
    assert completed.points is not None
    spent = sum(lot.points for lot in completed.points.spent)
    if not spent:
        return 0, 0
    paid = sum(tender.amount_minor for tender in completed.tenders if tender.method == POINTS)
    before = _refunded_in_points(completed, sale.refunded)
    after = before + sum(refund.amount_minor for refund in refunds if refund.method == POINTS)
    return cumulative_share(spent, before, paid), cumulative_share(spent, after, paid)


def _lost(programme: Programme, points: SalePoints, sale: Sale, refunds: Sequence[Refund]) -> int:
    completed = sale.completed
    assert completed is not None
    paid_in_points = sum(tender.amount_minor for tender in completed.tenders if tender.method == POINTS)
    earning = completed.total_minor - paid_in_points
    before = sum(sale.refunded) - _refunded_in_points(completed, sale.refunded)
    now = sum(refund.amount_minor for refund in refunds if refund.method != POINTS)
    return programme.to_take_back(points.earned, earning - before, earning - before - now)


def _refunded_in_points(completed: SaleCompleted, refunded: Sequence[int]) -> int:
    return sum(
        back for tender, back in zip(completed.tenders, refunded, strict=True) if tender.method == POINTS
    )
