"""Recording a sale that a till made while it was offline: it happened, whatever the rules say by now.

What the till charged is a fact, and the goods are gone. So prices, totals, stock, coupons and shifts that the
rules would not allow are no reason to refuse: each is written into the sale as an exception, which is listed
for whoever has to look at it. Refused is only what can't be written down: an unknown product, customer or
store, or tenders that do not make what was charged. (Decision 0037.)
"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from domain.catalog.product import NegativeStock
from domain.checkout.check_out import CheckOut
from domain.checkout.issue import Issued
from domain.checkout.line_prices import BasketLine, stock_quantities
from domain.checkout.pricing import Priced, discounts, price
from domain.customers.customer import CUSTOMER
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Decision, Moment
from domain.kernel.errors import Erased, Refusal
from domain.kernel.money import require_bookable
from domain.kernel.stream import States
from domain.sales.sale import CashRounding, Discount, DiscountSource, LineShare, SaleException, Tender
from domain.sales.tax import tax_minor, taxes_minor
from domain.sales.tendering import TendersDoNotAddUp, change_minor
from domain.stores.store import Store, TaxRounding
from domain.tills.receipts import ShiftNotOpen
from domain.tills.till import TILL, Till, till_id

OFFLINE_FOR = timedelta(days=7)
"""How long a till may be offline: what comes later is held against coupons as they are now."""
OFFLINE = "offline"


class RecordSale(CheckOut, frozen=True, kw_only=True):
    """Records a sale as it was charged: `charged_minor` by line, tax included whatever the store's prices do.

    `unit_prices_minor` are the till's, None for the list's; `without_erased`: the
    customer was forgotten, and is left out. Offers and coupons count as the rules have them.
    """

    unit_prices_minor: tuple[int | None, ...]
    charged_minor: tuple[int, ...]
    without_erased: bool = False

    def decide(self, states: States, at: Moment) -> Decision:
        """The sale happened; of a customer who is forgotten by now it says nothing."""
        if self.customer_id is not None and states.require(CUSTOMER, self.customer_id).erased:
            nobodys = msgspec.structs.replace(self, customer_id=None, facts=None, without_erased=True)
            return CheckOut.decide(nobodys, states, at)
        return super().decide(states, at)

    def priced(self, states: States, at: Moment) -> tuple[Priced, tuple[SaleException, ...]]:
        """As the rules have it where that is what was charged, and otherwise as it was charged."""
        coupons: list[SaleException] = []
        ruled = self._by_the_rules(states, at, coupons)
        exceptions = (
            *self._prices(ruled),
            *self._totals(ruled),
            *coupons,
            *self._stock(states, ruled),
            *self._shift(states, ruled.store, at),
            *((SaleException(code=Erased.code),) if self.without_erased else ()),
        )
        as_ruled = _gross(ruled) == list(self.charged_minor)
        return ruled if as_ruled else self._as_charged(ruled), exceptions

    def discounts(self, priced: Priced) -> tuple[Discount, ...]:
        """The rules' matrix where it is what was charged; otherwise one row, of the till."""
        amounts, nets = priced.amounts_minor, priced.stacked.net_minor
        off = [amount - net for amount, net in zip(amounts, nets, strict=True)]
        by_rules = [0] * len(off)
        for grant in priced.stacked.grants:
            for index, share in enumerate(grant.shares):
                by_rules[index] += share
        if off == by_rules:
            return discounts(priced)
        if not any(off):
            return ()
        shares = tuple(
            LineShare(line=number, amount_minor=share) for number, share in enumerate(off, start=1) if share
        )
        return (
            Discount(
                source=DiscountSource.TILL,
                rule_id=OFFLINE,
                rule_version=0,
                base_minor=sum(amounts),
                amount_minor=sum(off),
                shares=shares,
            ),
        )

    def shift_of(self, roll: Till, store: Store, at: Moment) -> int:
        """The shift that was open then, closed or not by now; 0 for none."""
        return roll.shift_at(at.occurred_at)

    def _paid(self, total_minor: int, store: Store) -> tuple[CashRounding | None, tuple[Tender, ...], int]:
        """Rounded by the store's smallest coin, or not at all: the till may not have known of it."""
        try:
            return super()._paid(total_minor, store)
        except TendersDoNotAddUp:
            return None, self.tenders, change_minor(total_minor, self.tenders)

    def _issue_stock(self, states: States, at: Moment, priced: Priced) -> Issued:
        """What was handed over has left the shelf, whether the book held it or not."""
        products = tuple(
            msgspec.structs.replace(product, negative_stock=NegativeStock.ALLOW)
            if product.negative_stock is NegativeStock.BLOCK
            else product
            for product in priced.products
        )
        return super()._issue_stock(states, at, msgspec.structs.replace(priced, products=products))

    def _by_the_rules(self, states: States, at: Moment, exceptions: list[SaleException]) -> Priced:
        """The basket at the till's unit prices by the rules, with those coupons that the rules let in."""
        if at.recorded_at - at.occurred_at <= OFFLINE_FOR:
            # Coupons are judged by the moment of the sale.
            at = Moment(occurred_at=at.occurred_at, recorded_at=min(at.occurred_at, at.recorded_at))
        basket = msgspec.structs.replace(self, coupon_ids=())
        basket = msgspec.structs.replace(basket, lines=self._lines(price(states, at, basket)))
        priced = price(states, at, basket)
        for coupon_id in self.coupon_ids:
            more = msgspec.structs.replace(basket, coupon_ids=(*basket.coupon_ids, coupon_id))
            try:
                priced = price(states, at, more)
            except Refusal as refusal:
                exceptions.append(SaleException(code=refusal.code, reference=coupon_id))
            else:
                basket = more
        return priced

    def _lines(self, listed: Priced) -> tuple[BasketLine, ...]:
        return tuple(
            line
            if unit_price is None or unit_price == list_price
            else msgspec.structs.replace(line, unit_price_minor=unit_price, price_reason=OFFLINE)
            for line, unit_price, list_price in zip(
                self.lines, self.unit_prices_minor, listed.prices_minor, strict=True
            )
        )

    def _as_charged(self, ruled: Priced) -> Priced:
        """The same with what was charged. Tax is what that contains, by the products' present rates."""
        store = ruled.store
        gross = [require_bookable(charged) for charged in self.charged_minor]
        rates = [product.tax_rate_bp for product in ruled.products]
        if store.prices_include_tax:
            per_document = store.tax_rounding is TaxRounding.DOCUMENT
            taxes = taxes_minor(gross, rates, inclusive=True, per_document=per_document)
            nets = gross
        else:
            taxes = [tax_minor(paid, rate, inclusive=True) for paid, rate in zip(gross, rates, strict=True)]
            nets = [paid - tax for paid, tax in zip(gross, taxes, strict=True)]
        return msgspec.structs.replace(
            ruled,
            # More than the price was charged: then that was the price.
            amounts_minor=tuple(
                max(amount, net) for amount, net in zip(ruled.amounts_minor, nets, strict=True)
            ),
            taxes_minor=tuple(taxes),
            stacked=msgspec.structs.replace(ruled.stacked, net_minor=tuple(nets)),
        )

    def _prices(self, ruled: Priced) -> Iterable[SaleException]:
        found = zip(self.lines, ruled.list_prices_minor, ruled.prices_minor, strict=True)
        for number, (line, list_price, unit_price) in enumerate(found, start=1):
            if unit_price != list_price:
                yield SaleException(
                    code="price_differs",
                    line=number,
                    expected=list_price,
                    found=unit_price,
                    reference=line.sku,
                )

    def _totals(self, ruled: Priced) -> Iterable[SaleException]:
        found = zip(self.lines, _gross(ruled), self.charged_minor, strict=True)
        for number, (line, gross, charged) in enumerate(found, start=1):
            if gross != charged:
                yield SaleException(
                    code="total_differs", line=number, expected=gross, found=charged, reference=line.sku
                )

    def _stock(self, states: States, ruled: Priced) -> Iterable[SaleException]:
        asked: dict[str, int] = {}
        quantities = stock_quantities(self.lines, ruled.terms)
        for line, product, quantity in zip(self.lines, ruled.products, quantities, strict=True):
            if product.stocked and product.negative_stock is NegativeStock.BLOCK:
                asked[line.sku] = asked.get(line.sku, 0) + quantity
        for sku, quantity in asked.items():
            on_hand = states.of(STOCK_ITEM, item_id(self.store_id, sku)).on_hand
            if quantity > on_hand:
                yield SaleException(code="stock_short", expected=on_hand, found=quantity, reference=sku)

    def _shift(self, states: States, store: Store, at: Moment) -> Iterable[SaleException]:
        if store.shifts_required:
            roll = states.of(TILL, till_id(self.store_id, self.register_id))
            if not roll.shift_at(at.occurred_at):
                yield SaleException(code=ShiftNotOpen.code, reference=self.register_id)


def _gross(priced: Priced) -> list[int]:
    """What each line costs, tax included."""
    nets = priced.stacked.net_minor
    if priced.store.prices_include_tax:
        return list(nets)
    return [net + tax for net, tax in zip(nets, priced.taxes_minor, strict=True)]
