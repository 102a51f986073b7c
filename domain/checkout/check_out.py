"""Checking out: sale, stock, coupons and receipt in one decision, all or nothing."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import msgspec

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation, discount_bp
from domain.catalog.product import PRODUCT, NegativeStock, Product
from domain.checkout.redemption import redeem
from domain.inventory.stock_item import (
    STOCK_ITEM,
    Place,
    StockItem,
    StockMoved,
    cost_of,
    evolve,
    item_id,
    require_on_hand,
)
from domain.kernel.business_day import business_day, utc_offset_min
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.promotions.campaign import CAMPAIGN, QUOTA, counted_quota
from domain.promotions.coupon import COUPON
from domain.sales.pricing import tax_minor, to_pay_minor
from domain.sales.sale import SALE, Attribution, SaleCompleted, SaleLine, TaxPolicy, Tender
from domain.sales.tendering import change_minor
from domain.stores.store import STORE, Store
from domain.tills.till import TILL, ReceiptIssued, till_id
from domain.tills.totals import by_rate

MAX_LINES = 2_000
MAX_COUPONS = 10


class BasketLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is bought. `unit_price_minor` overrides the list price and then needs a `price_reason`."""

    sku: str
    quantity: int
    unit_price_minor: int | None = None
    price_reason: str | None = None


class SaleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer: the priced sale. Amounts in minor units of `currency`."""

    sale_id: str
    receipt_number: int
    currency: str
    lines: tuple[SaleLine, ...]
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    change_minor: int


class CheckOut(Command, frozen=True, kw_only=True):
    """Sells a basket: prices it, redeems its coupons, takes payment, moves the stock, numbers the receipt.

    `currencies` are those the tenders were given in: all must be the store's. Prices of the till's own are
    held against the limit of `authority`; None is without limit.
    """

    RESULT: ClassVar = SaleAnswer

    sale_id: str
    store_id: str
    register_id: str
    customer_id: str | None = None
    employee_id: str | None = None
    lines: tuple[BasketLine, ...]
    coupon_ids: tuple[str, ...] = ()
    tenders: tuple[Tender, ...]
    currencies: frozenset[str] = frozenset()
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        if self.authority is not None:
            yield from self.authority.streams()
        yield STORE.stream(self.store_id)
        yield TILL.stream(till_id(self.store_id, self.register_id))
        yield SALE.stream(self.sale_id)
        if self.customer_id is not None:
            yield f"customer-{self.customer_id}"
        if self.employee_id is not None:
            yield f"employee-{self.employee_id}"
        for line in self.lines:
            yield PRODUCT.stream(line.sku)
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))
        for coupon_id in self.coupon_ids:
            yield COUPON.stream(coupon_id)

    def linked(self, states: States) -> Iterable[str]:
        for coupon_id in self.coupon_ids:
            campaign_id = states.of(COUPON, coupon_id).campaign_id
            if campaign_id:
                yield (campaign := CAMPAIGN.stream(campaign_id))
                if campaign in states and (quota := counted_quota(states, campaign_id, self.customer_id)):
                    yield QUOTA.stream(quota)

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        states.require_absent(SALE.stream(self.sale_id))
        if self.customer_id is not None:
            states.require_stream(f"customer-{self.customer_id}")
        if self.employee_id is not None:
            states.require_stream(f"employee-{self.employee_id}")
        self._check_basket(store)

        products = [states.require(PRODUCT, line.sku) for line in self.lines]
        prices = [
            self._unit_price(line, product, store) for line, product in zip(self.lines, products, strict=True)
        ]
        amounts = [
            amount_minor(price, line.quantity, product.unit)
            for price, line, product in zip(prices, self.lines, products, strict=True)
        ]
        allowance, used = self._allow(states, at, products, prices)
        redemption = redeem(
            states,
            at,
            sale_id=self.sale_id,
            currency=store.currency,
            customer_id=self.customer_id,
            coupon_ids=self.coupon_ids,
            amounts_minor=amounts,
        )
        moves, costs = self._issue_stock(states, products)
        lines = tuple(
            SaleLine(
                line=number,
                sku=line.sku,
                name=product.name,
                category=product.category,
                unit=product.unit,
                quantity=line.quantity,
                unit_price_minor=price,
                amount_minor=amount,
                net_minor=net,
                tax_rate_bp=product.tax_rate_bp,
                tax_minor=tax_minor(net, product.tax_rate_bp, inclusive=store.prices_include_tax),
                cost_minor=cost,
                stocked=product.stocked,
                price_reason=line.price_reason,
            )
            for number, (line, product, price, amount, net, cost) in enumerate(
                zip(self.lines, products, prices, amounts, redemption.net_minor, costs, strict=True), start=1
            )
        )
        total = to_pay_minor(lines, inclusive=store.prices_include_tax)
        till = till_id(self.store_id, self.register_id)
        roll = states.of(TILL, till)
        sale = SaleCompleted(
            sale_id=self.sale_id,
            store_id=self.store_id,
            register_id=self.register_id,
            receipt_number=roll.last_number + 1,
            currency=store.currency,
            business_day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
            utc_offset_min=utc_offset_min(at.occurred_at, store.time_zone),
            customer_id=self.customer_id,
            lines=lines,
            discounts=redemption.discounts,
            tax_policy=TaxPolicy(inclusive=store.prices_include_tax),
            tenders=self.tenders,
            change_minor=change_minor(total, self.tenders),
            total_minor=total,
            attributions=() if self.employee_id is None else (Attribution(employee_id=self.employee_id),),
            allowance=allowance,
        )
        receipt = ReceiptIssued(
            store_id=self.store_id,
            register_id=self.register_id,
            number=sale.receipt_number,
            document=SALE.stream(self.sale_id),
            total_minor=total,
            taxes=by_rate(
                (
                    line.tax_rate_bp,
                    line.net_minor if store.prices_include_tax else line.net_minor + line.tax_minor,
                    line.tax_minor,
                )
                for line in lines
            ),
            late=roll.is_late(at.occurred_at),
        )
        return Decision(
            events=(
                (SALE.stream(self.sale_id), sale),
                *moves,
                *redemption.events,
                (TILL.stream(till), receipt),
                *used,
            ),
            result=sale_answer(sale),
        )

    def _check_basket(self, store: Store) -> None:
        if not 0 < len(self.lines) <= MAX_LINES:
            raise InvalidCommand(f"A sale has 1 to {MAX_LINES} lines.", lines=len(self.lines))
        if len(self.coupon_ids) > MAX_COUPONS or len(set(self.coupon_ids)) < len(self.coupon_ids):
            raise InvalidCommand(f"A sale takes up to {MAX_COUPONS} coupons, each once.")
        for currency in sorted(self.currencies):  # not by hash: the same answer always
            if currency != store.currency:
                raise CurrencyMismatch(f"The store sells in {store.currency}.", currency=currency)

    def _unit_price(self, line: BasketLine, product: Product, store: Store) -> int:
        if line.quantity <= 0:
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
            return product.price_minor
        if line.unit_price_minor < 0 or not line.price_reason:
            raise InvalidCommand("A price of the till's own is zero or more and says why.", sku=line.sku)
        return line.unit_price_minor

    def _allow(
        self, states: States, at: Moment, products: Sequence[Product], prices: Sequence[int]
    ) -> Allowed:
        """By what right the till's own prices are below the list's; the lowest of them counts."""
        if self.authority is None:
            return None, ()
        needed = max(
            discount_bp(product.price_minor, price) for product, price in zip(products, prices, strict=True)
        )
        if needed == 0:
            return None, ()
        request = Request(
            operation=Operation.DISCOUNT,
            store_id=self.store_id,
            target=self.sale_id,
            needed=needed,
            document=SALE.stream(self.sale_id),
        )
        return allow(states, at, self.authority, request)

    def _issue_stock(
        self, states: States, products: Sequence[Product]
    ) -> tuple[list[tuple[str, Event]], list[int]]:
        """The movements from shelf to customer, and each line's cost. A SKU may stand on several lines."""
        items: dict[str, StockItem] = {}
        moves: list[tuple[str, Event]] = []
        costs: list[int] = []
        reference = SALE.stream(self.sale_id)
        for line, product in zip(self.lines, products, strict=True):
            if not product.stocked:
                costs.append(0)
                continue
            id_ = item_id(self.store_id, line.sku)
            item = items.get(id_) or states.of(STOCK_ITEM, id_)
            if product.negative_stock is NegativeStock.BLOCK:
                require_on_hand(item, self.store_id, line.sku, line.quantity)
            moved = StockMoved(
                store_id=self.store_id,
                sku=line.sku,
                from_=Place.SHELF,
                to=Place.CUSTOMER,
                quantity=line.quantity,
                cost_minor=cost_of(item, line.quantity),
                reference=reference,
            )
            items[id_] = evolve(item, moved)
            moves.append((STOCK_ITEM.stream(id_), moved))
            costs.append(moved.cost_minor)
        return moves, costs


def sale_answer(sale: SaleCompleted) -> SaleAnswer:
    """What the till prints: subtotal before discounts, tax, total due and change."""
    return SaleAnswer(
        sale_id=sale.sale_id,
        receipt_number=sale.receipt_number,
        currency=sale.currency,
        lines=sale.lines,
        subtotal_minor=sum(line.amount_minor for line in sale.lines),
        discount_minor=sum(discount.amount_minor for discount in sale.discounts),
        tax_minor=sum(line.tax_minor for line in sale.lines),
        total_minor=sale.total_minor,
        change_minor=sale.change_minor,
    )
