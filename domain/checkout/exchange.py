"""Exchanging: a return and a sale in one decision, where only the difference is paid."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, cast

import msgspec

from domain.access.approval import APPROVAL
from domain.catalog.markdown import MARKDOWN
from domain.checkout.check_out import CheckOut, SaleAnswer
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.inventory.stock_item import STOCK_ITEM
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY
from domain.orders.order import ORDER
from domain.promotions.campaign import CAMPAIGN, QUOTA
from domain.promotions.coupon import COUPON
from domain.sales.returns import RETURN
from domain.sales.sale import OWN_TENDERS, SALE, Refund, SaleCompleted, Tender
from domain.sales.tendering import worth
from domain.stored_value.value import CREDIT, GIFT_CARD
from domain.tills.till import TILL

TOUCHED_BY_RETURN = (
    *(SALE, RETURN, STOCK_ITEM, TILL, LOYALTY, GIFT_CARD, CREDIT, COUPON, CAMPAIGN, QUOTA, APPROVAL),
    *(MARKDOWN, ORDER),
)
"""The streams that a return writes to: the sale is decided on what they are then."""


class ExchangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer: both documents, and what really changes hands.

    `paid_out` is what the customer gets, by method; `carried_minor` is what the return paid of the sale, and
    `paid_minor` what was paid besides, less the change.
    """

    returned: ReturnAnswer
    sale: SaleAnswer
    paid_out: tuple[Tender, ...]
    carried_minor: int
    paid_minor: int


class Exchange(Command, frozen=True, kw_only=True):
    """Takes lines back and sells others, both or neither, with a receipt for each.

    In all totals it is the return followed by the sale. What is paid back pays for what is taken, by the
    methods of the first sale, so that of those only the difference moves; `sale.tenders` pay the rest.
    Points and stored value go back to their accounts, and pay again if they are among the tenders. A
    `correction` with a sale is what should have been recorded in the first place.
    """

    RESULT: ClassVar = ExchangeAnswer

    back: TakeBack
    sale: CheckOut

    def streams(self) -> Iterable[str]:
        yield from self.back.streams()
        yield from self.sale.streams()

    def linked(self, states: States) -> Iterable[str]:
        yield from self.back.linked(states)
        yield from self.sale.linked(states)

    def decide(self, states: States, at: Moment) -> Decision:
        completed = states.require(SALE, self.back.sale_id).completed
        assert completed is not None
        if self.sale.store_id != completed.store_id:
            raise InvalidCommand("An exchange is made in the store of the sale.", store_id=completed.store_id)
        if self.sale.sale_id == self.back.sale_id:
            raise InvalidCommand("The new sale has an id of its own.", sale_id=self.sale.sale_id)
        back = msgspec.structs.replace(self.back, exchanged_for=self.sale.sale_id).decide(states, at)
        returned = cast("ReturnAnswer", back.result)
        sale = msgspec.structs.replace(
            self.sale,
            credit=_credit(returned.refunds),
            exchange_of=self.back.return_id,
            authority=None if self.sale.authority is None else self.sale.authority.without(back.events),
        ).decide(states.after(back.events, TOUCHED_BY_RETURN), at)
        sold = next(event for _, event in sale.events if isinstance(event, SaleCompleted))
        carried = [tender for tender in sold.tenders if tender.carried]
        return Decision(
            events=(*back.events, *sale.events),
            result=ExchangeAnswer(
                returned=returned,
                sale=cast("SaleAnswer", sale.result),
                paid_out=_paid_out(returned.refunds, carried),
                carried_minor=worth(carried),
                paid_minor=worth(sold.tenders) - sold.change_minor - worth(carried),
            ),
        )


def _credit(refunds: Sequence[Refund]) -> tuple[Tender, ...]:
    return tuple(
        Tender(method=refund.method, amount_minor=refund.amount_minor + refund.rounding_minor)
        for refund in refunds
        if refund.method not in OWN_TENDERS
    )


def _paid_out(refunds: Sequence[Refund], carried: Sequence[Tender]) -> tuple[Tender, ...]:
    """What is left of the refunds, by method, once a part of them has paid for the sale."""
    left: dict[str, int] = {}
    for refund in refunds:
        left[refund.method] = left.get(refund.method, 0) + refund.amount_minor + refund.rounding_minor
    for tender in carried:
        left[tender.method] -= tender.amount_minor
    return tuple(Tender(method=method, amount_minor=amount) for method, amount in left.items() if amount)
