"""Checking out: sale, stock, coupons and receipt in one decision, all or nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation, discount_bp
from domain.catalog.product import NegativeStock, Product
from domain.checkout import membership, points_discount, stored_tenders
from domain.checkout.pricing import Basket, BasketLine, Priced, discounts, price, spending
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
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.event import Event
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.sales.sale import OWN_TENDERS, SALE, Attribution, SaleCompleted, SaleLine, TaxPolicy, Tender
from domain.sales.tendering import change_minor
from domain.stores.store import STORE, Store
from domain.tills.till import TILL, ReceiptIssued, till_id
from domain.tills.totals import by_rate


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
    held against the limit of `authority`; None is without limit. `points` come off where the programme
    makes them a discount.
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
    facts: CustomerFacts | None = None
    points: int = 0

    @property
    def basket(self) -> Basket:
        """What its price depends on."""
        return Basket(
            store_id=self.store_id,
            customer_id=self.customer_id,
            facts=self.facts,
            lines=self.lines,
            coupon_ids=self.coupon_ids,
            currencies=self.currencies,
        )

    def streams(self) -> Iterable[str]:
        if self.authority is not None:
            yield from self.authority.streams()
        yield from self.basket.streams()
        yield PROGRAMME.stream(MAIN)
        yield TILL.stream(till_id(self.store_id, self.register_id))
        yield SALE.stream(self.sale_id)
        yield from stored_tenders.accounts(self.tenders, self.customer_id)
        if self.employee_id is not None:
            yield f"employee-{self.employee_id}"
        for line in self.lines:
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def linked(self, states: States) -> Iterable[str]:
        yield from self.basket.linked(states)
        yield from membership.accounts(states, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        states.require_absent(SALE.stream(self.sale_id))
        if self.employee_id is not None:
            states.require_stream(f"employee-{self.employee_id}")
        priced = price(states, at, self.basket)
        rows = discounts(priced)
        if self.points:
            priced, row = points_discount.take_off(states, priced, self.points)
            rows = (*rows, row)
        allowance, used = self._allow(states, at, priced)
        moves, costs = self._issue_stock(states, priced.products)
        till = till_id(self.store_id, self.register_id)
        day = business_day(at.occurred_at, store.time_zone, store.day_starts_at_min)
        lines = sale_lines(self.lines, priced, costs)
        points, moved_points, stored, drawn = None, (), (), ()
        own = any(tender.method in OWN_TENDERS for tender in self.tenders)
        if own or self.points or self.customer_id is not None:
            purchase = self._purchase(store, day, lines, priced)
            points, moved_points = membership.settle(states, at, purchase)
        if own:
            stored, drawn = stored_tenders.pay(
                states,
                at,
                document=SALE.stream(self.sale_id),
                customer_id=self.customer_id,
                currency=store.currency,
                tenders=self.tenders,
            )
        roll = states.of(TILL, till)
        sale = SaleCompleted(
            sale_id=self.sale_id,
            store_id=self.store_id,
            register_id=self.register_id,
            receipt_number=roll.last_number + 1,
            currency=store.currency,
            business_day=day,
            utc_offset_min=utc_offset_min(at.occurred_at, store.time_zone),
            customer_id=self.customer_id,
            customer_facts=self.facts,
            lines=lines,
            discounts=rows,
            tax_policy=TaxPolicy(inclusive=store.prices_include_tax, rounding=store.tax_rounding),
            tenders=self.tenders,
            change_minor=change_minor(priced.total_minor, self.tenders),
            total_minor=priced.total_minor,
            attributions=() if self.employee_id is None else (Attribution(employee_id=self.employee_id),),
            allowance=allowance,
            points=points,
            stored=stored,
        )
        receipt = ReceiptIssued(
            store_id=self.store_id,
            register_id=self.register_id,
            number=sale.receipt_number,
            document=SALE.stream(self.sale_id),
            total_minor=sale.total_minor,
            taxes=by_rate(
                (
                    line.tax_rate_bp,
                    line.net_minor if store.prices_include_tax else line.net_minor + line.tax_minor,
                    line.tax_minor,
                )
                for line in sale.lines
            ),
            late=roll.is_late(at.occurred_at),
        )
        return Decision(
            events=(
                (SALE.stream(self.sale_id), sale),
                *moves,
                *spending(states, priced, sale_id=self.sale_id, customer_id=self.customer_id),
                *moved_points,
                *drawn,
                (TILL.stream(till), receipt),
                *used,
            ),
            result=sale_answer(sale),
        )

    def _purchase(
        self, store: Store, day: date, lines: Sequence[SaleLine], priced: Priced
    ) -> membership.Purchase:
        return membership.Purchase(
            document=SALE.stream(self.sale_id),
            customer_id=self.customer_id,
            facts=self.facts,
            currency=store.currency,
            business_day=day,
            lines=lines,
            tax_included=store.prices_include_tax,
            total_minor=priced.total_minor,
            tenders=self.tenders,
            points=self.points,
        )

    def _allow(self, states: States, at: Moment, priced: Priced) -> Allowed:
        """By what right the till's own prices are below the list's; the lowest of them counts."""
        if self.authority is None:
            return None, ()
        needed = max(
            discount_bp(product.price_minor, unit_price)
            for product, unit_price in zip(priced.products, priced.prices_minor, strict=True)
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


def sale_lines(
    lines: Sequence[BasketLine], priced: Priced, costs_minor: Sequence[int]
) -> tuple[SaleLine, ...]:
    """The basket's lines as a sale keeps them, numbered from 1."""
    return tuple(
        SaleLine(
            line=number,
            sku=line.sku,
            name=product.name,
            category=product.category,
            unit=product.unit,
            quantity=line.quantity,
            unit_price_minor=unit_price,
            amount_minor=amount,
            net_minor=net,
            tax_rate_bp=product.tax_rate_bp,
            tax_minor=tax,
            cost_minor=cost,
            stocked=product.stocked,
            price_reason=line.price_reason,
        )
        for number, (line, product, unit_price, amount, net, tax, cost) in enumerate(
            zip(
                lines,
                priced.products,
                priced.prices_minor,
                priced.amounts_minor,
                priced.stacked.net_minor,
                priced.taxes_minor,
                costs_minor,
                strict=True,
            ),
            start=1,
        )
    )


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
