"""Recording a sale that a till made while it was offline: it happened, whatever the rules say by now.

What the till charged is a fact, and the goods are gone. So prices, totals, stock, coupons and shifts that the
rules would not allow are no reason to refuse: each is written into the sale as an exception, which is listed
for whoever has to look at it. Refused is only what can't be written down: an unknown product, customer or
store, or tenders that do not make what was charged. (Decisions 0037 and 0048.)
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

import msgspec

from domain.catalog.barcode import weight_for
from domain.catalog.product import NegativeStock
from domain.checkout import offline_payment, points_discount
from domain.checkout.check_out import CheckOut
from domain.checkout.issue import Issued
from domain.checkout.line_prices import BasketLine, stock_quantities
from domain.checkout.marked_down import label_misfit, label_refusals
from domain.checkout.pricing import Priced, discounts, price
from domain.customers.customer import CUSTOMER
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.command import Decision, Moment
from domain.kernel.errors import Erased, Refusal
from domain.kernel.money import require_bookable
from domain.kernel.stream import States
from domain.sales.sale import (
    OWN_TENDERS,
    CashRounding,
    Discount,
    DiscountSource,
    LineShare,
    MadeOffline,
    SaleException,
    Tender,
)
from domain.sales.tax import tax_minor, taxes_minor
from domain.sales.tendering import TendersDoNotAddUp, change_minor
from domain.stores.store import STORE, Store, TaxRounding
from domain.tills.receipts import ShiftNotOpen
from domain.tills.till import TILL, Till, till_id

OFFLINE_FOR = timedelta(days=7)
"""How long a till may be offline: what comes later is held against coupons as they are now."""
OFFLINE = "offline"


class RecordSale(CheckOut, frozen=True, kw_only=True):
    """Records a sale as it was charged: `charged_minor` by line, tax included whatever the store's prices do.

    `unit_prices_minor` are the till's, None for the list's. Offers, coupons and points count as the rules
    have them, and what was charged is what was paid after all of them. `noted` is known against the sale
    before it is priced. `request` is a keyed hash of what the till sent.
    """

    HAPPENED: ClassVar = True

    unit_prices_minor: tuple[int | None, ...]
    charged_minor: tuple[int, ...]
    noted: tuple[SaleException, ...] = ()
    request: str | None = None

    def decide(self, states: States, at: Moment) -> Decision:
        """The sale happened: without a customer who is forgotten by now, and with what accounts can pay."""
        sale = self
        if self.customer_id is not None and states.require(CUSTOMER, self.customer_id).erased:
            sale = _noting(sale, SaleException(code=Erased.code), customer_id=None, facts=None)
        if any(line.label is not None for line in self.lines):
            sale = _without_misfits(states, sale)
        if any(tender.method in OWN_TENDERS for tender in self.tenders):
            tenders, missing = offline_payment.covered(
                states,
                at,
                currency=states.require(STORE, self.store_id).currency,
                customer_id=sale.customer_id,
                tenders=self.tenders,
            )
            sale = _noting(sale, *missing, tenders=tenders)
        if self.points and (problem := sale.points_problem(states, at)) is not None:
            sale = _noting(sale, problem, points=0)
        return CheckOut.decide(sale, states, at)

    def points_problem(self, states: States, at: Moment) -> SaleException | None:
        """Why the points don't come off: then what the till took off is the till's own discount."""
        problem = offline_payment.points_missing(states, at, self.customer_id, self.points)
        if problem is not None:
            return problem
        try:
            points_discount.take_off(states, self._by_the_rules(states, at, []), self.points)
        except Refusal as refusal:
            return SaleException(code=refusal.code, found=self.points)
        return None

    def priced(self, states: States, at: Moment) -> tuple[Priced, tuple[SaleException, ...]]:
        """As the rules have it where that is what was charged, and otherwise as it was charged."""
        coupons: list[SaleException] = []
        ruled = self._by_the_rules(states, at, coupons)
        due = ruled if not self.points else points_discount.take_off(states, ruled, self.points)[0]
        exceptions = (
            *self._prices(ruled),
            *self._totals(due),
            *coupons,
            *self._labels(states, at, ruled),
            *self._stock(states, ruled),
            *self._shift(states, ruled.store, at),
            *self.noted,
        )
        as_ruled = _gross(due) == list(self.charged_minor)
        return ruled if as_ruled else self._as_charged(ruled, due), exceptions

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
        return (
            Discount(
                source=DiscountSource.TILL,
                rule_id=OFFLINE,
                rule_version=0,
                base_minor=sum(amounts),
                amount_minor=sum(off),
                shares=_shares(off),
            ),
        )

    def points_off(self, states: States, priced: Priced) -> tuple[Priced, Discount]:
        """By the rules, or such shares that what was charged is left."""
        off, row = super().points_off(states, priced)
        if _gross(off) == list(self.charged_minor):
            return off, row
        nets, taxes = self._charged(priced)
        shares = [before - after for before, after in zip(priced.stacked.net_minor, nets, strict=True)]
        row = msgspec.structs.replace(row, shares=_shares(shares))
        stacked = msgspec.structs.replace(priced.stacked, net_minor=tuple(nets))
        return msgspec.structs.replace(priced, stacked=stacked, taxes_minor=tuple(taxes)), row

    def made_offline(self, shift: int) -> MadeOffline | None:
        """By what the same sale is recognised when it is sent again."""
        return None if self.request is None else MadeOffline(request=self.request, shift=shift)

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
            line if unit_price is None or unit_price == list_price else _at_the_tills_price(line, unit_price)
            for line, unit_price, list_price in zip(
                self.lines, self.unit_prices_minor, listed.prices_minor, strict=True
            )
        )

    def _charged(self, ruled: Priced) -> tuple[list[int], list[int]]:
        """Net amounts and taxes of what was charged. Tax is what that contains, by its day's rates."""
        store = ruled.store
        gross = [require_bookable(charged) for charged in self.charged_minor]
        rates = [product.tax_rate_bp for product in ruled.products]
        if store.prices_include_tax:
            per_document = store.tax_rounding is TaxRounding.DOCUMENT
            return gross, taxes_minor(gross, rates, inclusive=True, per_document=per_document)
        taxes = [tax_minor(paid, rate, inclusive=True) for paid, rate in zip(gross, rates, strict=True)]
        return [paid - tax for paid, tax in zip(gross, taxes, strict=True)], taxes

    def _as_charged(self, ruled: Priced, due: Priced) -> Priced:
        """The same with what was charged, and with the points that come off later: `due` is without them."""
        charged, taxes = self._charged(ruled)
        before = zip(charged, ruled.stacked.net_minor, due.stacked.net_minor, strict=True)
        nets = [net + ruled_net - due_net for net, ruled_net, due_net in before]
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

    def _labels(self, states: States, at: Moment, ruled: Priced) -> Iterable[SaleException]:
        for refusal in label_refusals(states, at, self.store_id, ruled.terms):
            yield SaleException(code=refusal.code, reference=str(refusal.facts["label"]))

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


def _noting(sale: RecordSale, *found: SaleException, **changed: Any) -> RecordSale:
    return msgspec.structs.replace(sale, noted=(*sale.noted, *found), **changed)


def _without_misfits(states: States, sale: RecordSale) -> RecordSale:
    """The sale without labels that name nothing of what was sold."""
    for index, line in enumerate(sale.lines):
        if line.label is not None and (code := label_misfit(states, line)) is not None:
            found = SaleException(code=code, line=index + 1, reference=line.label)
            plain = msgspec.structs.replace(line, label=None)
            sale = _noting(sale, found, lines=(*sale.lines[:index], plain, *sale.lines[index + 1 :]))
    return sale


def _at_the_tills_price(line: BasketLine, unit_price_minor: int) -> BasketLine:
    """The line at the till's price per unit; what a scale has printed is the price, and weighs by that."""
    if line.label_minor is not None and unit_price_minor > 0:
        line = msgspec.structs.replace(line, quantity=max(1, weight_for(line.label_minor, unit_price_minor)))
    return msgspec.structs.replace(line, unit_price_minor=unit_price_minor, price_reason=OFFLINE)


def _shares(by_line: Iterable[int]) -> tuple[LineShare, ...]:
    return tuple(
        LineShare(line=number, amount_minor=share) for number, share in enumerate(by_line, start=1) if share
    )


def _gross(priced: Priced) -> list[int]:
    """What each line costs, tax included."""
    nets = priced.stacked.net_minor
    if priced.store.prices_include_tax:
        return list(nets)
    return [net + tax for net, tax in zip(nets, priced.taxes_minor, strict=True)]
