"""Placing an order: the basket is priced as a quote is, the price is frozen, and the goods are reserved."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from domain.checkout.check_out import sale_lines
from domain.checkout.coupon_reservation import reserve
from domain.checkout.issue import day_of
from domain.checkout.line_prices import BasketLine
from domain.checkout.order_coupons import coupons_of, reference_of
from domain.checkout.pricing import Basket, Priced, discounts, price
from domain.customers.customer import CUSTOMER, CustomerRegistered
from domain.inventory.reservation import StockReserved
from domain.inventory.stock_item import STOCK_ITEM, item_id, require_available
from domain.kernel.business_day import local_time
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.orders.delivery import DeliverySet
from domain.orders.order import ORDER, OrderDiscount, OrderLine, OrderPlaced, OrderShare
from domain.promotions.book import drawing
from domain.sales.sale import SALE
from domain.stores.store import STORE

NOTHING: Mapping[int, int] = {}
MAX_HOLD_S = 7 * 24 * 60 * 60
"""Goods that wait longer for their payment are goods that nobody can buy."""


class PlacedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to whoever ordered: what it costs, and until when it must be paid."""

    order_id: str
    currency: str
    lines: tuple[OrderLine, ...]
    tax_minor: int
    total_minor: int
    pay_by: datetime


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    """Who orders without being a customer: known under this id for this order alone."""

    customer_id: str
    name: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None


class PlaceOrder(Command, frozen=True, kw_only=True):
    """Orders a basket. The sale that its payment makes will have the order's id.

    Goods and coupons are held for `hold_s`: an order that is not paid by then is given up. A reservation is
    refused where less is available, also of products that a till may sell below zero: the till holds the
    fruit in its hand. (Domain rule "Negative stock".)
    `delivery` says where the goods go; `language` is that of the customer's messages.
    """

    RESULT: ClassVar = PlacedOrder

    order_id: str
    store_id: str
    channel: str
    customer_id: str | None = None
    facts: CustomerFacts | None = None
    lines: tuple[BasketLine, ...]
    coupon_ids: tuple[str, ...] = ()
    hold_s: int
    ship_by: datetime | None = None
    skills: tuple[str, ...] = ()
    guest: Guest | None = None
    delivery: DeliverySet | None = None
    language: str | None = None

    @property
    def basket(self) -> Basket:
        """What its price depends on."""
        return Basket(
            store_id=self.store_id,
            customer_id=self.customer_id,
            facts=self.facts,
            lines=self.lines,
            coupon_ids=self.coupon_ids,
        )

    def streams(self) -> Iterable[str]:
        yield ORDER.stream(self.order_id)
        yield SALE.stream(self.order_id)
        if self.guest is not None:
            yield CUSTOMER.stream(self.guest.customer_id)
        yield from self.basket.streams()
        for line in self.lines:
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def linked(self, states: States) -> Iterable[str]:
        yield from self.basket.linked(states)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_absent(ORDER.stream(self.order_id))
        states.require_absent(SALE.stream(self.order_id))
        if self.guest is not None and self.customer_id is not None:
            raise InvalidCommand("An order is a customer's or a guest's.")
        if not 0 < self.hold_s <= MAX_HOLD_S:
            raise InvalidCommand(f"hold_s is 1 to {MAX_HOLD_S} seconds.", hold_s=self.hold_s)
        if any(line.label is not None for line in self.lines):
            raise InvalidCommand("What is marked down is sold at the till: an order takes no labels.")
        priced = price(states, at, self.basket)
        pay_by = at.recorded_at + timedelta(seconds=self.hold_s)
        year = local_time(at.occurred_at, priced.store.time_zone).year
        drawn = list(self._drawn(priced, year))
        placed = OrderPlaced(
            order_id=self.order_id,
            store_id=self.store_id,
            channel=self.channel,
            currency=priced.store.currency,
            customer_id=self.customer_id,
            customer_facts=priced.facts,
            lines=order_lines(self.lines, priced),
            discounts=order_discounts(priced),
            prices_include_tax=priced.store.prices_include_tax,
            tax_rounding=priced.store.tax_rounding.value,
            total_minor=priced.total_minor,
            pay_by=pay_by,
            ship_by=self.ship_by,
            skills=self.skills,
            drawn=tuple(stream for stream, _ in drawn),
            year=year if drawn else 0,
            guest_id=None if self.guest is None else self.guest.customer_id,
            language=self.language,
        )
        answer = PlacedOrder(
            order_id=self.order_id,
            currency=placed.currency,
            lines=placed.lines,
            tax_minor=sum(line.tax_minor for line in placed.lines),
            total_minor=placed.total_minor,
            pay_by=pay_by,
        )
        reserved = self._reserve(states, at, placed)
        held = reserve(
            states,
            at,
            coupon_ids=self.coupon_ids,
            customer_id=self.customer_id,
            reference=reference_of(self.order_id),
            until=pay_by,
            amounts_minor=coupons_of(placed),
        )
        events = (
            (ORDER.stream(self.order_id), placed),
            *self._whom_and_where(states),
            *reserved,
            *held,
            *drawn,
        )
        return Decision(events=events, result=answer)

    def _whom_and_where(self, states: States) -> Iterable[tuple[str, Event]]:
        """The guest becomes known, and the goods have somewhere to go."""
        if self.guest is not None:
            states.require_absent(stream := CUSTOMER.stream(self.guest.customer_id))
            yield stream, CustomerRegistered(**msgspec.structs.asdict(self.guest))
        if self.delivery is not None:
            yield ORDER.stream(self.order_id), self.delivery

    def _drawn(self, priced: Priced, year: int) -> Iterable[tuple[str, Event]]:
        """What the order uses up of limited offers. Coupons are held until it is paid."""
        coupons = {coupon.offer.offer_id for coupon in priced.coupons}
        for grant in priced.stacked.grants:
            if grant.offer.offer_id not in coupons:
                yield from drawing(grant, self.order_id, self.customer_id, year)

    def _reserve(self, states: States, at: Moment, placed: OrderPlaced) -> Iterable[tuple[str, Event]]:
        for sku, quantity in stocked(placed).items():
            id_ = item_id(self.store_id, sku)
            item = states.of(STOCK_ITEM, id_)
            today = day_of(item, at, states.require(STORE, self.store_id))
            require_available(item, self.store_id, sku, quantity, at.recorded_at, today=today)
            yield (
                STOCK_ITEM.stream(id_),
                StockReserved(
                    store_id=self.store_id,
                    sku=sku,
                    quantity=quantity,
                    reference=ORDER.stream(self.order_id),
                    until=placed.pay_by,
                ),
            )


def stocked(placed: OrderPlaced, withdrawn: Mapping[int, int] = NOTHING) -> dict[str, int]:
    """How much of each SKU the order takes from the shelf: one may stand on several lines.

    Less what was `withdrawn` of a line, in the line's own unit.
    """
    wanted: dict[str, int] = {}
    for line in placed.lines:
        if line.stocked:
            back = withdrawn.get(line.line, 0) * (line.weight_g or 1)
            wanted[line.sku] = wanted.get(line.sku, 0) + line.stock_quantity - back
    return wanted


def order_lines(lines: Sequence[BasketLine], priced: Priced) -> tuple[OrderLine, ...]:
    """The basket's lines as an order keeps them: as a sale does, but for what the goods cost."""
    sold = sale_lines(lines, priced, [0] * len(lines))
    return tuple(
        OrderLine(**{name: getattr(line, name) for name in OrderLine.__struct_fields__}) for line in sold
    )


def order_discounts(priced: Priced) -> tuple[OrderDiscount, ...]:
    """The line × promotion matrix, as an order keeps it."""
    return tuple(
        OrderDiscount(
            source=discount.source.value,
            rule_id=discount.rule_id,
            rule_version=discount.rule_version,
            name=discount.name,
            coupon_id=discount.coupon_id,
            base_minor=discount.base_minor,
            amount_minor=discount.amount_minor,
            shares=tuple(
                OrderShare(line=share.line, amount_minor=share.amount_minor) for share in discount.shares
            ),
        )
        for discount in discounts(priced)
    )
