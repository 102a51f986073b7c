"""Taking goods back whose sale can't be found: the caller answers for the amount and says why."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.access.approval import Authority, Request, allow
from domain.access.limits import Operation
from domain.catalog.product import PRODUCT, Product
from domain.checkout.category_tax import tax_rates, taxed
from domain.checkout.return_document import ReturnAnswer, Taken, check_count, write_down
from domain.customers.customer import require_known
from domain.inventory.parts import known
from domain.inventory.stock_item import STOCK_ITEM, StockItem, item_id, present_cost
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.lot_share import LotShare
from domain.kernel.money import require_bookable
from domain.kernel.quantity import amount_minor
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.sales.cash_rounding import rounded_refund
from domain.sales.policy import MAIN, RETURN_POLICY, check_reason
from domain.sales.returns import RETURN, ReturnedLine
from domain.sales.sale import Refund
from domain.sales.tax import tax_minor
from domain.stores.store import STORE, Store
from domain.tills.till import TILL, till_id


class RefundAbovePrice(Refusal):
    """More would be paid back for goods than they cost today."""

    code = "refund_above_price"


class UnlinkedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods that come back without their sale, what is paid for them and, if somebody can tell, their lot."""

    sku: str
    quantity: int
    refund_minor: int
    lot: str | None = None


class TakeBackUnlinked(Command, frozen=True, kw_only=True):
    """Takes back goods whose sale can't be found, at an amount that the caller answers for.

    `because` is a stable cause ("no earlier sale"). Stock re-enters at the book's present cost. With
    `within_price` no more is paid back than the goods cost today, and the reason is one that the policy
    knows. It is always an exception: whoever has a limit needs a second person.
    """

    RESULT: ClassVar = ReturnAnswer

    return_id: str
    store_id: str
    register_id: str
    customer_id: str | None = None
    lines: tuple[UnlinkedLine, ...]
    method: str
    because: str
    currency: str | None = None
    reason: Sealed | None = None
    reason_code: str | None = None
    within_price: bool = False
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield RETURN.stream(self.return_id)
        yield RETURN_POLICY.stream(MAIN)
        if self.authority is not None:
            yield from self.authority.streams()
        yield STORE.stream(self.store_id)
        yield TILL.stream(till_id(self.store_id, self.register_id))
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def linked(self, states: States) -> Iterable[str]:
        yield from tax_rates([states.of(PRODUCT, line.sku) for line in self.lines])

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_absent(RETURN.stream(self.return_id))
        if self.customer_id is not None:
            require_known(states, self.customer_id)
        check_count(self.lines)
        store = states.require(STORE, self.store_id)
        if self.currency not in (None, store.currency):
            raise CurrencyMismatch(f"The store pays in {store.currency}.", currency=self.currency)
        if self.within_price:
            check_reason(states.of(RETURN_POLICY, MAIN), self.reason_code)
        lines = tuple(self._take_back(states, at, store, line) for line in self.lines)
        total = sum(line.refund_minor for line in lines)
        request = Request(
            operation=Operation.EXCEPTION,
            store_id=self.store_id,
            target=self.return_id,
            needed=total,
            currency=store.currency,
            document=RETURN.stream(self.return_id),
        )
        allowance, used = allow(states, at, self.authority, request)
        taken = Taken(
            return_id=self.return_id,
            sale_id=None,
            store=store,
            register_id=self.register_id,
            customer_id=self.customer_id,
            lines=lines,
            refunds=(
                (
                    rounded_refund(
                        Refund(tender=0, method=self.method, amount_minor=total), store.cash_unit_minor
                    ),
                )
                if total
                else ()
            ),
            attributions=(),
            reason=self.reason,
            reason_code=self.reason_code,
            unlinked_because=self.because,
            allowance=allowance,
        )
        events, answer = write_down(states, at, taken)
        return Decision(events=(*events, *used), result=answer)

    def _take_back(self, states: States, at: Moment, store: Store, line: UnlinkedLine) -> ReturnedLine:
        """The line by today's product: its tax rate, and the book's present cost."""
        (product,) = taxed(states, [states.require(PRODUCT, line.sku)], store, at.occurred_at)
        if product.currency != store.currency:
            raise CurrencyMismatch(
                f"{line.sku!r} is priced in {product.currency}, the store pays in {store.currency}.",
                sku=line.sku,
            )
        if line.quantity <= 0 or line.refund_minor < 0:
            raise InvalidCommand("quantity is above zero and the refund not below.", sku=line.sku)
        if self.within_price:
            _require_within_price(product, store, line)
        # The refund holds the tax, whatever the store's prices do: that is what was handed over.
        tax = tax_minor(require_bookable(line.refund_minor), product.tax_rate_bp, inclusive=True)
        item = states.of(STOCK_ITEM, item_id(self.store_id, line.sku))
        cost = present_cost(item, line.quantity) if product.stocked else 0
        return ReturnedLine(
            line=0,
            sku=line.sku,
            category=product.category,
            unit=product.unit,
            quantity=line.quantity,
            net_minor=line.refund_minor if store.prices_include_tax else line.refund_minor - tax,
            refund_minor=line.refund_minor,
            tax_rate_bp=product.tax_rate_bp,
            tax_minor=tax,
            cost_minor=cost,
            stocked=product.stocked,
            lots=() if line.lot is None else (_in_lot(item, line, line.lot, cost),),
        )


def _in_lot(item: StockItem, line: UnlinkedLine, lot: str, cost_minor: int) -> LotShare:
    """All of the line in one lot, or InvalidCommand: what belongs to none is of no lot, and keeps."""
    if item.parts is None or not known(item.parts, lot):
        raise InvalidCommand(
            f"{line.sku!r} has no lot {lot!r}. Name one that it has, or none.", sku=line.sku, lot=lot
        )
    return LotShare(lot=lot, quantity=line.quantity, cost_minor=cost_minor)


def _require_within_price(product: Product, store: Store, line: UnlinkedLine) -> None:
    """RefundAbovePrice unless somebody who buys the goods now pays as much, tax included."""
    price = amount_minor(product.price_minor, line.quantity, product.unit)
    on_top = 0 if store.prices_include_tax else tax_minor(price, product.tax_rate_bp, inclusive=False)
    most = price + on_top
    if line.refund_minor > most:
        raise RefundAbovePrice(
            "Without its sale goods are worth what they cost today.",
            sku=line.sku,
            most=most,
            asked=line.refund_minor,
        )
