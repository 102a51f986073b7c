"""Paying an order: it becomes the sale that a till would have made, at the prices of its placing."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, NegativeStock
from domain.checkout import membership
from domain.checkout.assign_order import assigned
from domain.checkout.issue import Issued, day_of, lots_of, sold, with_lots
from domain.checkout.order_coupons import coupons_need, redeem_ordered
from domain.checkout.place_order import stocked
from domain.inventory.reservation import ReservationReleased
from domain.inventory.stock_item import (
    STOCK_ITEM,
    StockItem,
    evolve,
    item_id,
    require_available,
    require_on_hand,
)
from domain.kernel.business_day import business_day, utc_offset_min
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.orders.order import (
    ORDER,
    Order,
    OrderAssigned,
    OrderDiscount,
    OrderLine,
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
    STORE_CREDIT,
    Attribution,
    Discount,
    DiscountSource,
    LineShare,
    SaleCompleted,
    SaleLine,
    TaxPolicy,
    Tender,
)
from domain.sales.tendering import change_minor
from domain.staff.crew import CREW
from domain.stores.store import STORE
from domain.tills.till import TILL, ReceiptIssued, till_id
from domain.tills.totals import by_rate

Facts = list[tuple[str, Event]]


class PaidOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a payment: the sale that it made."""

    order_id: str
    sale_id: str
    receipt_number: int
    currency: str
    total_minor: int
    change_minor: int


def register_of(channel: str) -> str:
    """The till that numbers the receipts of a channel: there is nobody at it."""
    return f"orders.{channel}"


class PayOrder(Command, frozen=True, kw_only=True):
    """Takes payment and sells. What is reserved moves, and the reservation ends.

    Where it has lapsed, the goods must still be available to anybody. Then the sale is refused and whoever
    took the money gives it back: Daybook moves no money. (Decision 0041.)
    """

    RESULT: ClassVar = PaidOrder

    order_id: str
    payments: tuple[Payment, ...]
    currencies: frozenset[str] = frozenset()

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)
        yield SALE.stream(self.order_id)
        yield PROGRAMME.stream(MAIN)

    def linked(self, states: States) -> Iterable[str]:
        placed = states.of(ORDER, self.order_id).placed
        if placed is None:
            return
        yield STORE.stream(placed.store_id)
        yield CREW.stream(placed.store_id)
        yield TILL.stream(till_id(placed.store_id, register_of(placed.channel)))
        for line in placed.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(placed.store_id, line.sku))
        yield from membership.accounts(states, placed.customer_id)
        yield from coupons_need(states, placed)

    def decide(self, states: States, at: Moment) -> Decision:
        order, placed = require_order(states, self.order_id)
        require_status(order, "paid", OrderStatus.PLACED)
        states.require_absent(SALE.stream(self.order_id))
        for currency in sorted(self.currencies):
            if currency != placed.currency:
                raise CurrencyMismatch(f"The order is priced in {placed.currency}.", currency=currency)
        sale_stream = SALE.stream(self.order_id)
        tenders = tuple(
            Tender(method=payment.method, amount_minor=payment.amount_minor) for payment in self.payments
        )
        if any(tender.method in (GIFT_CARD_TENDER, STORE_CREDIT) for tender in tenders):
            raise InvalidCommand("Gift cards and credit pay at tills only. Take another payment.")
        store = states.require(STORE, placed.store_id)
        rounding = rounding_of(placed.total_minor, tenders, store.cash_unit_minor)
        due = placed.total_minor if rounding is None else placed.total_minor + rounding.amount_minor
        change = change_minor(due, tenders)
        require_payable(placed.total_minor, change, rounding)
        issued = self._issue(states, at, placed)
        # Who pays at once is quicker than the reaction that assigns: the sale needs somebody now.
        found = assigned(states, placed) if order.employee_id is None else []
        unpaid = _sale(states, at, placed, issued)
        points, moved_points = membership.settle(states, at, _purchase(unpaid, tenders))
        sale = msgspec.structs.replace(
            unpaid,
            # What is less than the smallest coin was paid in cash, with nothing, as at a till.
            tenders=tenders or (() if rounding is None else (Tender(method=CASH, amount_minor=0),)),
            change_minor=change,
            cash_rounding=rounding,
            points=points,
            attributions=_attributions(order, found),
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
                (till, _receipt(states, at, sale)),
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
            elif states.require(PRODUCT, sku).negative_stock is NegativeStock.BLOCK:
                # Waste or a count may have taken what was reserved: then whoever comes first is served.
                require_on_hand(item, placed.store_id, sku, quantity, today=today)
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


def _sale(states: States, at: Moment, placed: OrderPlaced, issued: Issued) -> SaleCompleted:
    """The sale, but for how it was paid and whose it is."""
    store = states.require(STORE, placed.store_id)
    register_id = register_of(placed.channel)
    return SaleCompleted(
        sale_id=placed.order_id,
        store_id=placed.store_id,
        register_id=register_id,
        receipt_number=states.of(TILL, till_id(placed.store_id, register_id)).last_number + 1,
        currency=placed.currency,
        business_day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
        utc_offset_min=utc_offset_min(at.occurred_at, store.time_zone),
        customer_id=placed.customer_id,
        customer_facts=placed.customer_facts,
        lines=with_lots(
            [_line(line, cost) for line, cost in zip(placed.lines, issued.costs, strict=True)], issued
        ),
        discounts=tuple(_discount(discount) for discount in placed.discounts),
        tax_policy=TaxPolicy(inclusive=placed.prices_include_tax, rounding=placed.tax_rounding),
        tenders=(),
        total_minor=placed.total_minor,
    )


def _purchase(sale: SaleCompleted, tenders: tuple[Tender, ...]) -> membership.Purchase:
    return membership.Purchase(
        document=SALE.stream(sale.sale_id),
        customer_id=sale.customer_id,
        facts=sale.customer_facts,
        currency=sale.currency,
        business_day=sale.business_day,
        lines=sale.lines,
        tax_included=sale.tax_policy.inclusive,
        total_minor=sale.total_minor,
        tenders=tenders,
    )


def _line(line: OrderLine, cost_minor: int) -> SaleLine:
    return SaleLine(**msgspec.structs.asdict(line), cost_minor=cost_minor)


def _discount(discount: OrderDiscount) -> Discount:
    return Discount(
        source=DiscountSource(discount.source),
        rule_id=discount.rule_id,
        rule_version=discount.rule_version,
        name=discount.name,
        coupon_id=discount.coupon_id,
        base_minor=discount.base_minor,
        amount_minor=discount.amount_minor,
        shares=tuple(
            LineShare(line=share.line, amount_minor=share.amount_minor) for share in discount.shares
        ),
    )


def _receipt(states: States, at: Moment, sale: SaleCompleted) -> ReceiptIssued:
    roll = states.of(TILL, till_id(sale.store_id, sale.register_id))
    return ReceiptIssued(
        store_id=sale.store_id,
        register_id=sale.register_id,
        number=sale.receipt_number,
        document=SALE.stream(sale.sale_id),
        total_minor=sale.total_minor,
        taxes=by_rate(
            (
                line.tax_rate_bp,
                line.net_minor if sale.tax_policy.inclusive else line.net_minor + line.tax_minor,
                line.tax_minor,
            )
            for line in sale.lines
        ),
        late=roll.is_late(at.occurred_at),
    )
