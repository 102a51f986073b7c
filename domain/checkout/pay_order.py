"""Paying an order: it becomes the sale that a till would have made, at the prices of its placing."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, NegativeStock
from domain.checkout import membership, stored_tenders
from domain.checkout.assign_order import assigned, crew_of
from domain.checkout.issue import Issued, day_of, lots_of, sold
from domain.checkout.order_coupons import coupons_need, redeem_ordered
from domain.checkout.order_sale import ordered_sale, purchase_of, receipt_of, register_of
from domain.checkout.place_order import stocked
from domain.inventory.reservation import ReservationReleased
from domain.inventory.stock_item import (
    STOCK_ITEM,
    StockItem,
    StockShort,
    evolve,
    expired,
    item_id,
    require_available,
    require_on_hand,
)
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.orders.order import (
    ORDER,
    Order,
    OrderAssigned,
    OrderPaid,
    OrderPlaced,
    OrderStatus,
    Payment,
    require_order,
    require_status,
)
from domain.sales.cash_rounding import require_payable, rounding_of
from domain.sales.sale import (
    CASH,
    GIFT_CARD_TENDER,
    SALE,
    Attribution,
    SaleException,
    Tender,
)
from domain.sales.tendering import change_minor
from domain.stores.store import STORE
from domain.tills.till import TILL, till_id

Facts = list[tuple[str, Event]]


class PaidOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a payment: the sale that it made."""

    order_id: str
    sale_id: str
    receipt_number: int
    currency: str
    total_minor: int
    change_minor: int


class PayOrder(Command, frozen=True, kw_only=True):
    """Takes payment and sells. What is reserved moves, and the reservation ends.

    Where it has lapsed, the goods must still be available to anybody. Then the sale is refused and whoever
    took the money gives it back: Daybook moves no money. (Decision 0041.) What gift cards, credit and points
    pay leaves them by the same decision, and comes back to them if the order is given up.
    """

    RESULT: ClassVar = PaidOrder

    order_id: str
    payments: tuple[Payment, ...]
    currencies: frozenset[str] = frozenset()

    @property
    def tenders(self) -> tuple[Tender, ...]:
        """The payments as the sale keeps them: of gift cards with the card's id."""
        return tuple(
            Tender(
                method=payment.method,
                amount_minor=payment.amount_minor,
                reference=payment.reference if payment.method == GIFT_CARD_TENDER else None,
            )
            for payment in self.payments
        )

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)
        yield SALE.stream(self.order_id)
        yield PROGRAMME.stream(MAIN)

    def linked(self, states: States) -> Iterable[str]:
        order = states.of(ORDER, self.order_id)
        placed = order.placed
        if placed is None:
            return
        yield STORE.stream(placed.store_id)
        if order.employee_id is None:
            yield from crew_of(states, placed.store_id)
        yield TILL.stream(till_id(placed.store_id, register_of(placed.channel)))
        for line in placed.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(placed.store_id, line.sku))
        yield from membership.accounts(states, placed.customer_id)
        yield from stored_tenders.accounts(self.tenders, placed.customer_id)
        yield from coupons_need(states, placed)

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        require_status(order, "paid", OrderStatus.PLACED)
        states.require_absent(SALE.stream(self.order_id))
        for currency in sorted(self.currencies):
            if currency != placed.currency:
                raise CurrencyMismatch(f"The order is priced in {placed.currency}.", currency=currency)
        sale_stream = SALE.stream(self.order_id)
        tenders = self.tenders
        store = states.require(STORE, placed.store_id)
        rounding = rounding_of(placed.total_minor, tenders, store.cash_unit_minor)
        due = placed.total_minor if rounding is None else placed.total_minor + rounding.amount_minor
        change = change_minor(due, tenders)
        require_payable(placed.total_minor, change, rounding)
        issued = self._issue(states, at, placed)
        # Who pays at once is quicker than the reaction that assigns: the sale needs somebody now.
        found = assigned(states, placed) if order.employee_id is None else []
        unpaid = ordered_sale(states, at, placed, issued)
        points, moved_points = membership.settle(states, at, purchase_of(unpaid, tenders))
        stored, drawn = stored_tenders.pay(
            states,
            at,
            document=sale_stream,
            customer_id=placed.customer_id,
            currency=placed.currency,
            tenders=tenders,
        )
        sale = msgspec.structs.replace(
            unpaid,
            # What is less than the smallest coin was paid in cash, with nothing, as at a till.
            tenders=tenders or (() if rounding is None else (Tender(method=CASH, amount_minor=0),)),
            change_minor=change,
            cash_rounding=rounding,
            points=points,
            attributions=_attributions(order, found),
            stored=stored,
            exceptions=tuple(issued.exceptions),
        )
        till = TILL.stream(till_id(placed.store_id, sale.register_id))
        paid = OrderPaid(order_id=self.order_id, sale_id=sale.sale_id, payments=self.payments)
        answer = PaidOrder(
            order_id=self.order_id,
            sale_id=sale.sale_id,
            receipt_number=sale.receipt_number,
            currency=sale.currency,
            total_minor=sale.total_minor,
            change_minor=change,
        )
        return Decision(
            events=(
                (ORDER.stream(self.order_id), paid),
                *found,
                (sale_stream, sale),
                *issued.moves,
                *redeem_ordered(states, at, placed),
                *moved_points,
                *drawn,
                (till, receipt_of(states, at, sale)),
            ),
            result=answer,
        )

    def _issue(self, states: States, at: Moment, placed: OrderPlaced) -> Issued:
        """The movements from shelf to customer with each line's cost, and the end of the reservations."""
        issued = Issued(moves=[], costs=[], lots={}, exceptions=[])
        items: dict[str, StockItem] = {}
        reference = ORDER.stream(self.order_id)
        store = states.require(STORE, placed.store_id)
        for sku, quantity in stocked(placed).items():
            item = states.of(STOCK_ITEM, item_id(placed.store_id, sku))
            made = item.reservations.get(reference)
            today = day_of(item, at, store)
            if made is None or made.until <= at.recorded_at:
                require_available(
                    item, placed.store_id, sku, quantity, at.recorded_at, but=reference, today=today
                )
            else:
                # Waste or a count may have taken what was reserved: then whoever comes first is served.
                product = states.require(PRODUCT, sku)
                if (product.negative_stock_orders or product.negative_stock) is NegativeStock.BLOCK:
                    require_on_hand(item, placed.store_id, sku, quantity, today=today)
                elif product.negative_stock_orders is NegativeStock.WARN:
                    issued.exceptions.extend(_gone(item, sku, quantity, today))
            items[sku] = item
            issued.moves.extend(released(states, placed, sku, "sold"))
        for index, line in enumerate(placed.lines):
            if not line.stocked:
                issued.costs.append(0)
                continue
            moved = sold(
                items[line.sku],
                placed.store_id,
                line.sku,
                line.stock_quantity,
                SALE.stream(self.order_id),
                day_of(items[line.sku], at, store),
            )
            items[line.sku] = evolve(items[line.sku], moved)
            issued.moves.append((STOCK_ITEM.stream(item_id(placed.store_id, line.sku)), moved))
            issued.costs.append(moved.cost_minor)
            if lots := lots_of(moved):
                issued.lots[index] = lots
        return issued


def _gone(item: StockItem, sku: str, quantity: int, today: date | None) -> Iterable[SaleException]:
    """What somebody should look at where less is there than was reserved."""
    there = item.on_hand if today is None else item.on_hand - expired(item, today)
    if quantity > there:
        yield SaleException(code=StockShort.code, expected=there, found=quantity, reference=sku)


def released(states: States, placed: OrderPlaced, sku: str, reason: str) -> Facts:
    """The end of the order's reservation of a SKU, if there is one."""
    id_ = item_id(placed.store_id, sku)
    reference = ORDER.stream(placed.order_id)
    made = states.of(STOCK_ITEM, id_).reservations.get(reference)
    if made is None:
        return []
    event = ReservationReleased(
        store_id=placed.store_id, sku=sku, quantity=made.quantity, reference=reference, reason=reason
    )
    return [(STOCK_ITEM.stream(id_), event)]


def _attributions(order: Order, found: Facts) -> tuple[Attribution, ...]:
    """Whose sale it is: that of whoever takes care of the order, or was found for it right now."""
    employees = [order.employee_id, *(e.employee_id for _, e in found if isinstance(e, OrderAssigned))]
    return tuple(Attribution(employee_id=employee_id) for employee_id in employees if employee_id is not None)
