"""Taking back lines of a sale: refund, stock and receipt in one decision, by what the sale's event froze."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation
from domain.checkout import membership, stored_tenders
from domain.checkout.coupon_return import give_back, links_of_used
from domain.checkout.lines_back import ReturnLine, came_back, everything_left, lines_back
from domain.checkout.marked_down import coming_back, labels_of
from domain.checkout.order_return import order_of, returned_of_order
from domain.checkout.reprice import asks_for_offers, repriced_offers
from domain.checkout.return_document import ReturnAnswer, Taken, check_count, write_down
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.business_day import business_day
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.promotions.book import BOOK, OFFERS
from domain.sales import policy
from domain.sales.cash_rounding import rounded_refunds
from domain.sales.policy import RETURN_POLICY, PolicyApplied, Wanted, check_reason
from domain.sales.returns import RETURN
from domain.sales.sale import SALE, LinesReturned, Refund, Sale, SaleCompleted
from domain.sales.tendering import ChosenRefund, chosen_refunds, refunds
from domain.stores.store import STORE
from domain.tills.till import TILL, till_id


class CorrectionTooLate(Refusal):
    """The day of the sale is over, and with it the time to say that it was recorded wrongly."""

    code = "correction_too_late"


class TakeBack(Command, frozen=True, kw_only=True):
    """Takes back lines of a sale. `return_id` is the caller's; a second return with it is refused.

    The refund of units q0..q1 of a line paid P for Q is R(q1) − R(q0): any order of partial returns ends
    at P and none pays more. Where an offer of the sale prices returns anew, what is kept is priced by itself
    and the rest is paid back. (Domain rule "Returns".) What was refunded before counts towards the
    limit of `authority`, so that a large refund can't be had in small ones. None is without limit.

    What the return policy forbids comes back only with an `exception`, which has a limit of its own. The
    money goes to the tenders by R, or as `chosen` says. A `correction` takes back everything that is left of
    a sale that was recorded wrongly, on its own day, whatever the policy says; it names no lines. Nor has the
    policy a say about what was `undelivered`.
    """

    RESULT: ClassVar = ReturnAnswer

    return_id: str
    sale_id: str
    register_id: str
    lines: tuple[ReturnLine, ...] = ()
    reason: Sealed | None = None
    reason_code: str | None = None
    without_receipt: bool = False
    exception: str | None = None
    chosen: tuple[ChosenRefund, ...] = ()
    correction: bool = False
    undelivered: bool = False
    exchanged_for: str | None = None
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield SALE.stream(self.sale_id)
        yield RETURN.stream(self.return_id)
        yield RETURN_POLICY.stream(policy.MAIN)
        if self.authority is not None:
            yield from self.authority.streams()

    def linked(self, states: States) -> Iterable[str]:
        sale = states.of(SALE, self.sale_id)
        completed = sale.completed
        if completed is None:
            return
        if asks_for_offers(completed):
            yield OFFERS.stream(BOOK)
        yield from links_of_used(states, completed)
        if completed.points is not None:
            yield (programme := PROGRAMME.stream(MAIN))
            if programme in states:
                yield from membership.accounts(states, completed.customer_id)
        for payment in completed.stored:
            yield payment.account
        yield from order_of(completed)
        yield STORE.stream(completed.store_id)
        yield TILL.stream(till_id(completed.store_id, self.register_id))
        coming = self._wanted(sale)
        yield from labels_of(completed, coming)
        wanted = {line.line for line in coming}
        for line in completed.lines:
            if line.line in wanted:
                yield STOCK_ITEM.stream(item_id(completed.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        sale = states.require(SALE, self.sale_id)
        completed = sale.completed
        assert completed is not None
        states.require_absent(RETURN.stream(self.return_id))
        wanted = self._wanted(sale)
        check_count(wanted)
        store = states.require(STORE, completed.store_id)
        offers = repriced_offers(states, completed)
        lines = lines_back(sale, wanted, offers)
        today = business_day(at.occurred_at, store.time_zone, store.day_starts_at_min)
        applied = self._hold_to_policy(states, completed, wanted, today)
        total = sum(line.refund_minor for line in lines)
        allowance, used = self._allow(states, at, sale, total, applied)
        taken = Taken(
            return_id=self.return_id,
            sale_id=self.sale_id,
            store=store,
            register_id=self.register_id,
            customer_id=completed.customer_id,
            lines=lines,
            refunds=rounded_refunds(completed, sale.refunded, self._refunds(sale, total)),
            attributions=completed.attributions,
            reason=self.reason,
            reason_code=self.reason_code,
            unlinked_because=None,
            allowance=allowance,
            policy=applied,
            correction=self.correction,
            exchanged_for=self.exchanged_for,
            attended=not self.undelivered,
        )
        events, answer = write_down(states, at, taken)
        points = membership.undo(
            states,
            at,
            document=RETURN.stream(self.return_id),
            sale=sale,
            lines=lines,
            refunds=taken.refunds,
        )
        returned = LinesReturned(
            sale_id=self.sale_id,
            return_id=self.return_id,
            lines=tuple(came_back(line, with_money=bool(offers)) for line in lines),
            refunds=taken.refunds,
            points_taken=points.taken,
        )
        stored = stored_tenders.give_back(
            states, document=RETURN.stream(self.return_id), sale=sale, refunds=taken.refunds
        )
        coming = ((line.line, line.quantity) for line in wanted)
        coupons = give_back(states, at, sale, coming, self.return_id)
        return Decision(
            events=(
                *events,
                (SALE.stream(self.sale_id), returned),
                *coupons,
                *coming_back(completed, wanted, self.return_id),
                *points.facts,
                *stored,
                *(() if self.undelivered else returned_of_order(states, completed, self.return_id, wanted)),
                *used,
            ),
            result=answer,
        )

    def _wanted(self, sale: Sale) -> Sequence[ReturnLine]:
        return everything_left(sale) if self.correction else self.lines

    def _refunds(self, sale: Sale, total: int) -> tuple[Refund, ...]:
        assert sale.completed is not None
        if self.chosen:
            return chosen_refunds(sale.completed, sale.refunded, total, self.chosen)
        return refunds(sale.completed, sale.refunded, total)

    def _hold_to_policy(
        self, states: States, completed: SaleCompleted, wanted: Sequence[ReturnLine], today: date
    ) -> PolicyApplied | None:
        """What the policy says of the return, or the refusal."""
        policies = states.of(RETURN_POLICY, policy.MAIN)
        if self.undelivered:
            return None
        if self.correction:
            # Nobody brings anything back: the sale was not what happened.
            if today > completed.business_day:
                raise CorrectionTooLate(
                    "A sale is corrected on its own day. Take its lines back instead.",
                    business_day=completed.business_day.isoformat(),
                )
            return None
        check_reason(policies, self.reason_code)
        goods = [completed.lines[line.line - 1] for line in wanted]
        return policy.apply(
            policies,
            (Wanted(line=line.line, sku=line.sku, category=line.category) for line in goods),
            sold_on=completed.business_day,
            today=today,
            without_receipt=self.without_receipt,
            exception=self.exception,
        )

    def _allow(
        self, states: States, at: Moment, sale: Sale, total: int, applied: PolicyApplied | None
    ) -> Allowed:
        assert sale.completed is not None
        beyond = applied is not None and applied.exception is not None
        request = Request(
            operation=Operation.EXCEPTION if beyond else Operation.REFUND,
            store_id=sale.completed.store_id,
            target=self.sale_id,
            needed=sum(sale.refunded) + total if total else 0,
            currency=sale.completed.currency,
            document=RETURN.stream(self.return_id),
        )
        return allow(states, at, self.authority, request)
