"""Taking back lines of a sale: refund, stock and receipt in one decision, by what the sale's event froze."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from domain.access.approval import Authority, Request, allow
from domain.access.limits import Operation
from domain.checkout import membership, stored_tenders
from domain.checkout.reprice import asks_for_offers, refund_minor, reprice, repriced_offers
from domain.checkout.return_document import ReturnAnswer, Taken, check_count, write_down
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, NotFound, Refusal
from domain.kernel.money import cumulative_share
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.promotions.book import BOOK, OFFERS
from domain.promotions.offer import Offer
from domain.sales.returns import RETURN, ReturnedLine
from domain.sales.sale import SALE, CameBack, LinesReturned, Sale, SaleCompleted, SaleLine
from domain.sales.tendering import refunds
from domain.stores.store import STORE
from domain.tills.till import TILL, till_id


class ReturnExceedsSale(Refusal):
    """More is returned than was bought and not yet returned."""

    code = "return_exceeds_sale"


class ReturnLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of which line of the sale comes back, in the line's unit."""

    line: int
    quantity: int


class TakeBack(Command, frozen=True, kw_only=True):
    """Takes back lines of a sale. `return_id` is the caller's; a second return with it is refused.

    The refund of units q0..q1 of a line paid P for Q is R(q1) − R(q0): any order of partial returns ends
    at P and none pays more. Where an offer of the sale prices returns anew, what is kept is priced by itself
    and the rest is paid back. (Domain rule "Returns".) What was refunded before counts towards the
    limit of `authority`, so that a large refund can't be had in small ones. None is without limit.
    """

    RESULT: ClassVar = ReturnAnswer

    return_id: str
    sale_id: str
    register_id: str
    lines: tuple[ReturnLine, ...]
    reason: Sealed | None = None
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield SALE.stream(self.sale_id)
        yield RETURN.stream(self.return_id)
        if self.authority is not None:
            yield from self.authority.streams()

    def linked(self, states: States) -> Iterable[str]:
        completed = states.of(SALE, self.sale_id).completed
        if completed is None:
            return
        if asks_for_offers(completed):
            yield OFFERS.stream(BOOK)
        if completed.points is not None:
            yield (programme := PROGRAMME.stream(MAIN))
            if programme in states:
                yield from membership.accounts(states, completed.customer_id)
        for payment in completed.stored:
            yield payment.account
        yield STORE.stream(completed.store_id)
        yield TILL.stream(till_id(completed.store_id, self.register_id))
        wanted = {line.line for line in self.lines}
        for line in completed.lines:
            if line.line in wanted:
                yield STOCK_ITEM.stream(item_id(completed.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        sale = states.require(SALE, self.sale_id)
        completed = sale.completed
        assert completed is not None
        states.require_absent(RETURN.stream(self.return_id))
        check_count(self.lines)
        if len({line.line for line in self.lines}) < len(self.lines):
            raise InvalidCommand("Name each line once.")
        lines = tuple(self._take_back(completed, sale.returned, line) for line in self.lines)
        if offers := repriced_offers(states, completed):
            lines = self._reprice(sale, offers, lines)
        total = sum(line.refund_minor for line in lines)
        request = Request(
            operation=Operation.REFUND,
            store_id=completed.store_id,
            target=self.sale_id,
            needed=sum(sale.refunded) + total if total else 0,
            currency=completed.currency,
            document=RETURN.stream(self.return_id),
        )
        allowance, used = allow(states, at, self.authority, request)
        taken = Taken(
            return_id=self.return_id,
            sale_id=self.sale_id,
            store=states.require(STORE, completed.store_id),
            register_id=self.register_id,
            customer_id=completed.customer_id,
            lines=lines,
            refunds=refunds(completed, sale.refunded, total),
            attributions=completed.attributions,
            reason=self.reason,
            unlinked_because=None,
            allowance=allowance,
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
            lines=tuple(_came_back(line, with_money=bool(offers)) for line in lines),
            refunds=taken.refunds,
            points_taken=points.taken,
        )
        stored = stored_tenders.give_back(
            states, document=RETURN.stream(self.return_id), sale=sale, refunds=taken.refunds
        )
        return Decision(
            events=(*events, (SALE.stream(self.sale_id), returned), *points.facts, *stored, *used),
            result=answer,
        )

    def _reprice(
        self, sale: Sale, offers: Sequence[Offer], lines: Sequence[ReturnedLine]
    ) -> tuple[ReturnedLine, ...]:
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

    def _take_back(
        self, completed: SaleCompleted, returned: dict[int, int], wanted: ReturnLine
    ) -> ReturnedLine:
        if not 1 <= wanted.line <= len(completed.lines):
            raise NotFound(f"The sale has no line {wanted.line}.", line=wanted.line)
        line = completed.lines[wanted.line - 1]
        before = returned.get(wanted.line, 0)
        after = before + wanted.quantity
        if wanted.quantity <= 0:
            raise InvalidCommand("quantity must be a positive whole number.", line=wanted.line)
        if after > line.quantity:
            raise ReturnExceedsSale(
                f"Line {wanted.line} has {line.quantity - before} left to return.",
                line=wanted.line,
                bought=line.quantity,
                returned=before,
                asked=wanted.quantity,
            )

        def share(whole: int) -> int:
            return cumulative_share(whole, after, line.quantity) - cumulative_share(
                whole, before, line.quantity
            )

        net, tax = share(line.net_minor), share(line.tax_minor)
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
            cost_minor=share(line.cost_minor),
            stocked=line.stocked,
        )


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


def _came_back(line: ReturnedLine, *, with_money: bool) -> CameBack:
    if not with_money:
        return CameBack(line=line.line, quantity=line.quantity)
    return CameBack(
        line=line.line, quantity=line.quantity, net_minor=line.net_minor, tax_minor=line.tax_minor
    )
