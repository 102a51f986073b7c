"""Pricing a basket: list prices, offers and coupons stacked, tax. The same for a sale and for a quote."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import msgspec

from domain.catalog.markdown import MARKDOWN
from domain.catalog.product import PRODUCT, Product
from domain.checkout.category_tax import tax_rates, taxed
from domain.checkout.line_prices import (
    BasketLine,
    Place,
    Terms,
    line_amount,
    lists_in,
    price_lists,
    terms_of,
)
from domain.checkout.marked_down import label_refusals, marked_down
from domain.checkout.redemption import Presented, present, redeeming, require_applied
from domain.customers.customer import require_known
from domain.customers.person import records_of, segments_of
from domain.kernel.business_day import local_time
from domain.kernel.command import Moment
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.person import person_streams, records
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.promotions.book import BOOK, OFFERS, counted, drawing, used
from domain.promotions.coupon import COUPON, links
from domain.promotions.stacking import Grant, Line, Situation, Stacked, stack
from domain.sales.sale import Discount, DiscountSource, LineShare
from domain.sales.tax import taxes_minor
from domain.stores.store import STORE, Store, TaxRounding

MAX_LINES = 2_000
MAX_COUPONS = 10


class Basket(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What somebody wants to buy, where, and who it is. `facts` are what the API knows of the customer.

    `coupon_reference` is what coupons may be reserved under. `currencies` are those that amounts were given
    in: all must be the store's. What has HAPPENED is priced by its labels even where they don't hold.
    """

    HAPPENED: ClassVar = False

    store_id: str
    customer_id: str | None = None
    facts: CustomerFacts | None = None
    lines: tuple[BasketLine, ...]
    coupon_ids: tuple[str, ...] = ()
    coupon_reference: str | None = None
    currencies: frozenset[str] = frozenset()

    def streams(self) -> Iterable[str]:
        """What the price depends on."""
        yield STORE.stream(self.store_id)
        yield OFFERS.stream(BOOK)
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            if line.label is not None:
                yield MARKDOWN.stream(line.label)
        for coupon_id in self.coupon_ids:
            yield COUPON.stream(coupon_id)

    def linked(self, states: States) -> Iterable[str]:
        """The coupons' campaigns, and what counts the uses of what is limited."""
        birthday = self.facts is not None and self.facts.birthday
        person = () if self.customer_id is None else records(states, self.customer_id)
        if len(person) > 1:
            yield from person_streams(states, self.customer_id)
        yield from counted(states.of(OFFERS, BOOK), person, birthday=birthday)
        # One pass for both books: most baskets need neither.
        products = [states.of(PRODUCT, line.sku) for line in self.lines]
        asking = [product for product in products if product.prices or product.tax_by_category]
        if asking:
            yield from price_lists(asking)
            yield from tax_rates(asking)
        for coupon_id in self.coupon_ids:
            yield from links(states, coupon_id, self.customer_id)


class Priced(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The basket with its prices; everything by line in the basket's order, amounts in minor units.

    `terms` are by index, of lines that are not simply a product's own price times a quantity. `facts` are
    those of the customer that it was priced by.
    """

    store: Store
    facts: CustomerFacts | None
    products: tuple[Product, ...]
    terms: dict[int, Terms]
    prices_minor: tuple[int, ...]
    amounts_minor: tuple[int, ...]
    taxes_minor: tuple[int, ...]
    stacked: Stacked
    coupons: tuple[Presented, ...]

    @property
    def list_prices_minor(self) -> list[int]:
        """What the units cost by the products and the price lists."""
        terms = self.terms
        return [
            terms[index].list_price_minor if index in terms else product.price_minor
            for index, product in enumerate(self.products)
        ]

    @property
    def total_minor(self) -> int:
        """What is to be paid, tax included."""
        net = sum(self.stacked.net_minor)
        return net if self.store.prices_include_tax else net + sum(self.taxes_minor)


def price(states: States, at: Moment, basket: Basket) -> Priced:
    """Prices the basket, or the refusal that says why it can't be sold as it is."""
    store = states.require(STORE, basket.store_id)
    facts = _facts(states, basket)
    if not 0 < len(basket.lines) <= MAX_LINES:
        raise InvalidCommand(f"A sale has 1 to {MAX_LINES} lines.", lines=len(basket.lines))
    if len(basket.coupon_ids) > MAX_COUPONS or len(set(basket.coupon_ids)) < len(basket.coupon_ids):
        raise InvalidCommand(f"A sale takes up to {MAX_COUPONS} coupons, each once.")
    for currency in sorted(basket.currencies):  # not by hash: the same answer always
        if currency != store.currency:
            raise CurrencyMismatch(f"The store sells in {store.currency}.", currency=currency)
    products = [states.require(PRODUCT, line.sku) for line in basket.lines]
    products = taxed(states, products, store, at.occurred_at)
    place = Place(store, () if facts is None else facts.segments, at, lists_in(states))
    terms: dict[int, Terms] = {}
    prices: list[int] = []
    amounts: list[int] = []
    for line, product in zip(basket.lines, products, strict=True):
        found = terms_of(line, product, place)
        if line.label is not None:
            found = marked_down(states, store.store_id, line, product, found)
        if found is not None:
            terms[len(prices)] = found
        unit_price = _unit_price(line, product, store, found)
        prices.append(unit_price)
        amounts.append(line_amount(line, unit_price, product, found))
    if terms and not basket.HAPPENED:
        for refusal in label_refusals(states, at, store.store_id, terms):
            raise refusal
    coupons = present(
        states,
        at,
        currency=store.currency,
        customer_id=basket.customer_id,
        coupon_ids=basket.coupon_ids,
        reference=basket.coupon_reference,
    )
    if states.of(OFFERS, BOOK).offers or coupons:
        lines = _lines(basket, products, amounts, terms)
        stacked = _stacked(states, at, basket, store, facts, lines, coupons)
    else:
        stacked = Stacked(net_minor=tuple(amounts))
    if coupons:
        goods = [(line.sku, product.category) for line, product in zip(basket.lines, products, strict=True)]
        require_applied(states, at, coupons, stacked, goods)
    taxes = taxes_minor(
        stacked.net_minor,
        [product.tax_rate_bp for product in products],
        inclusive=store.prices_include_tax,
        per_document=store.tax_rounding is TaxRounding.DOCUMENT,
    )
    return Priced(
        store=store,
        facts=facts,
        products=tuple(products),
        terms=terms,
        prices_minor=tuple(prices),
        amounts_minor=tuple(amounts),
        taxes_minor=tuple(taxes),
        stacked=stacked,
        coupons=tuple(coupons),
    )


def _facts(states: States, basket: Basket) -> CustomerFacts | None:
    """What is known of the customer, who is not forgotten: what the API found, and the segments."""
    if basket.customer_id is None:
        return basket.facts
    customer = require_known(states, basket.customer_id)
    merged = customer.others or customer.merged_into is not None
    segments = segments_of(records_of(states, basket.customer_id)) if merged else customer.groups
    if not segments:
        return basket.facts
    return msgspec.structs.replace(basket.facts or CustomerFacts(), segments=segments)


def _unit_price(line: BasketLine, product: Product, store: Store, terms: Terms | None) -> int:
    if line.quantity <= 0 and line.label_minor is None:
        raise InvalidCommand(
            "quantity must be a positive whole number.", sku=line.sku, quantity=line.quantity
        )
    if product.currency != store.currency:
        raise CurrencyMismatch(
            f"{line.sku!r} is priced in {product.currency}, the store sells in {store.currency}.",
            sku=line.sku,
        )
    if line.unit_price_minor is None:
        if line.price_reason is not None:
            raise InvalidCommand("price_reason goes with a unit_price of the till's own.", sku=line.sku)
        return product.price_minor if terms is None else terms.list_price_minor
    if line.unit_price_minor < 0 or not line.price_reason:
        raise InvalidCommand("A price of the till's own is zero or more and says why.", sku=line.sku)
    return line.unit_price_minor


def _lines(
    basket: Basket, products: Sequence[Product], amounts: Sequence[int], terms: Mapping[int, Terms]
) -> list[Line]:
    lines = [
        Line(
            sku=line.sku,
            category=product.category,
            unit=product.unit,
            quantity=line.quantity,
            amount_minor=amount,
            floor_minor=0
            if not product.floor_minor
            else amount_minor(product.floor_minor, line.quantity, product.unit),
        )
        for line, product, amount in zip(basket.lines, products, amounts, strict=True)
    ]
    for index, found in terms.items():
        floor = amount_minor(products[index].floor_minor, found.stock_quantity, products[index].unit)
        lines[index] = msgspec.structs.replace(
            lines[index],
            unit=found.unit,
            quantity=found.quantity,
            floor_minor=floor,
            marked_down=found.label is not None,
        )
    return lines


def _stacked(
    states: States,
    at: Moment,
    basket: Basket,
    store: Store,
    facts: CustomerFacts | None,
    lines: Sequence[Line],
    coupons: Sequence[Presented],
) -> Stacked:
    book = states.of(OFFERS, BOOK)
    facts = facts or CustomerFacts()
    situation = Situation(
        store_id=store.store_id,
        currency=store.currency,
        at=at.occurred_at,
        local=local_time(at.occurred_at, store.time_zone),
        customer_id=basket.customer_id,
        segments=facts.segments,
        first_purchase=facts.first_purchase,
        birthday=facts.birthday,
        tier=facts.tier,
    )
    offers = [*book.offers.values(), *(coupon.offer for coupon in coupons)]
    person = () if basket.customer_id is None else records(states, basket.customer_id)
    gone = used(states, book, person, situation.local.year)
    return stack(lines, offers, situation, gone)


def discounts(priced: Priced) -> tuple[Discount, ...]:
    """The line × promotion matrix, as a sale keeps it."""
    coupons = {coupon.offer.offer_id: coupon for coupon in priced.coupons}
    return tuple(_discount(grant, coupons.get(grant.offer.offer_id)) for grant in priced.stacked.grants)


def _discount(grant: Grant, coupon: Presented | None) -> Discount:
    return Discount(
        source=DiscountSource.OFFER if coupon is None else DiscountSource.COUPON,
        rule_id=grant.offer.offer_id if coupon is None else coupon.campaign_id,
        rule_version=grant.offer.version,
        name=grant.offer.name,
        coupon_id=None if coupon is None else coupon.coupon_id,
        base_minor=grant.base_minor,
        amount_minor=grant.amount_minor,
        shares=tuple(
            LineShare(line=number, amount_minor=share)
            for number, share in enumerate(grant.shares, start=1)
            if share
        ),
    )


def spending(
    states: States, at: Moment, priced: Priced, *, sale_id: str, customer_id: str | None
) -> Iterable[tuple[str, Event]]:
    """What the grants use up of coupons, campaigns and offers."""
    if not priced.stacked.grants:
        return
    coupons = {coupon.offer.offer_id: coupon for coupon in priced.coupons}
    year = local_time(at.occurred_at, priced.store.time_zone).year
    for grant in priced.stacked.grants:
        coupon = coupons.get(grant.offer.offer_id)
        if coupon is None:
            yield from drawing(grant, sale_id, customer_id, year)
        else:
            yield from redeeming(states, coupon, grant.amount_minor, sale_id=sale_id, customer_id=customer_id)
