"""Taking goods back whose sale can't be found: the caller answers for the amount and says why."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT
from domain.checkout.return_document import ReturnAnswer, Taken, check_count, write_down
from domain.inventory.stock_item import STOCK_ITEM, cost_of, item_id
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States
from domain.sales.returns import RETURN, ReturnedLine
from domain.sales.sale import Refund
from domain.stores.store import STORE
from domain.tills.till import TILL, till_id


class UnlinkedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that come back without their sale, and what is paid for them."""

    sku: str
    quantity: int
    refund_minor: int


class TakeBackUnlinked(Command, frozen=True, kw_only=True):
    """Takes back goods whose sale can't be found, at an amount that the caller answers for.

    `because` is a stable cause ("no earlier sale"). Stock re-enters at the book's present cost.
    """

    RESULT: ClassVar = ReturnAnswer

    return_id: str
    store_id: str
    register_id: str
    customer_id: str | None = None
    lines: tuple[UnlinkedLine, ...]
    method: str
    because: str

    def streams(self) -> Iterable[str]:
        yield RETURN.stream(self.return_id)
        yield STORE.stream(self.store_id)
        yield TILL.stream(till_id(self.store_id, self.register_id))
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_absent(RETURN.stream(self.return_id))
        if self.customer_id is not None:
            states.require_stream(f"customer-{self.customer_id}")
        check_count(self.lines)
        lines: list[ReturnedLine] = []
        for line in self.lines:
            product = states.require(PRODUCT, line.sku)
            if line.quantity <= 0 or line.refund_minor < 0:
                raise InvalidCommand("quantity is above zero and the refund not below.", sku=line.sku)
            item = states.of(STOCK_ITEM, item_id(self.store_id, line.sku))
            lines.append(
                ReturnedLine(
                    line=0,
                    sku=line.sku,
                    category=product.category,
                    unit=product.unit,
                    quantity=line.quantity,
                    net_minor=line.refund_minor,
                    refund_minor=line.refund_minor,
                    cost_minor=cost_of(item, line.quantity) if product.stocked else 0,
                    stocked=product.stocked,
                )
            )
        total = sum(line.refund_minor for line in lines)
        taken = Taken(
            return_id=self.return_id,
            sale_id=None,
            store=states.require(STORE, self.store_id),
            register_id=self.register_id,
            customer_id=self.customer_id,
            lines=tuple(lines),
            refunds=(Refund(tender=0, method=self.method, amount_minor=total),) if total else (),
            attributions=(),
            reason=None,
            unlinked_because=self.because,
        )
        events, answer = write_down(states, at, taken)
        return Decision(events=tuple(events), result=answer)
