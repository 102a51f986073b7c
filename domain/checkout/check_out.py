"""Checking out: sale, stock, coupons and receipt in one decision, all or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation, discount_bp
from domain.checkout import membership, points_discount, stored_tenders
from domain.checkout.issue import Issued, issue, with_lots
from domain.checkout.line_prices import BasketLine, Terms, stock_quantities
from domain.checkout.marked_down import lot_of, selling
from domain.checkout.pricing import Basket, Priced, discounts, price, spending
from domain.inventory.stock_item import STOCK_ITEM, item_id
from domain.kernel.business_day import business_day, utc_offset_min
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.stream import States
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.sales.cash_rounding import require_payable, rounding_of
from domain.sales.sale import (
    CASH,
    OWN_TENDERS,
    SALE,
    Attribution,
    CashRounding,
    Discount,
    MadeOffline,
    SaleCompleted,
    SaleException,
    SaleLine,
    TaxPolicy,
    Tender,
)
from domain.sales.sharing import shared
from domain.sales.tendering import carry, change_minor, kept, worth
from domain.stores.store import STORE, Store
from domain.tills.receipts import paid_by_method, require_shift
from domain.tills.till import TILL, ReceiptIssued, Till, till_id
from domain.tills.totals import by_rate


class SaleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer: the priced sale. Amounts in minor units of `currency`.

    `shift` is the one that it belongs to, 0 for none.
    """

    sale_id: str
    receipt_number: int
    currency: str
    lines: tuple[SaleLine, ...]
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    total_minor: int
    change_minor: int
    rounding_minor: int = 0
    shift: int = 0
    exceptions: tuple[SaleException, ...] = ()


class CheckOut(Basket, Command, frozen=True, kw_only=True):
    """Sells a basket: prices it, redeems its coupons, takes payment, moves the stock, numbers the receipt.

    The tenders' currencies are among `currencies`. Prices of the till's own are held against the limit of
    `authority`; None is without limit.
    `credit` is what a return of the same decision (`exchange_of`) pays back, by tender.
    `points` come off where the programme makes them a discount.
    What those whom it is `shared_with` don't have of it is the employee's.
    """

    RESULT: ClassVar = SaleAnswer

    sale_id: str
    register_id: str
    employee_id: str | None = None
    shared_with: tuple[Attribution, ...] = ()
    tenders: tuple[Tender, ...]
    authority: Authority | None = None
    credit: tuple[Tender, ...] = ()
    exchange_of: str | None = None
    points: int = 0

    def streams(self) -> Iterable[str]:
        if self.authority is not None:
            yield from self.authority.streams()
        yield from super().streams()
        yield PROGRAMME.stream(MAIN)
        yield TILL.stream(till_id(self.store_id, self.register_id))
        yield SALE.stream(self.sale_id)
        yield from stored_tenders.accounts(self.tenders, self.customer_id)
        if self.employee_id is not None:
            yield f"employee-{self.employee_id}"
        for other in self.shared_with:
            yield f"employee-{other.employee_id}"
        for line in self.lines:
            yield STOCK_ITEM.stream(item_id(self.store_id, line.sku))

    def attributions(self) -> tuple[Attribution, ...]:
        """Whose sale it is."""
        if self.shared_with:
            return shared(self.employee_id, self.shared_with)
        return () if self.employee_id is None else (Attribution(employee_id=self.employee_id),)

    def linked(self, states: States) -> Iterable[str]:
        yield from super().linked(states)
        yield from membership.accounts(states, self.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        store = states.require(STORE, self.store_id)
        states.require_absent(SALE.stream(self.sale_id))
        if self.employee_id is not None:
            states.require_stream(f"employee-{self.employee_id}")
        for other in self.shared_with:
            states.require_stream(f"employee-{other.employee_id}")
        roll = states.of(TILL, till_id(self.store_id, self.register_id))
        shift = self.shift_of(roll, store, at)
        priced, exceptions = self.priced(states, at)
        rows = self.discounts(priced)
        if self.points:
            priced, row = self.points_off(states, priced)
            rows = (*rows, row)
        total_minor = priced.total_minor
        allowance, used = self._allow(states, at, priced)
        issued = self._issue_stock(states, at, priced)
        till = till_id(self.store_id, self.register_id)
        rounding, tenders, change = self._paid(total_minor, store)
        day = business_day(at.occurred_at, store.time_zone, store.day_starts_at_min)
        lines = with_lots(sale_lines(self.lines, priced, issued.costs), issued)
        points, moved_points, stored, drawn = None, (), (), ()
        own = any(tender.method in OWN_TENDERS for tender in self.tenders)
        if own or self.points or self.customer_id is not None:
            purchase = self._purchase(store, day, lines, priced, tenders)
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
        sale = SaleCompleted(
            sale_id=self.sale_id,
            store_id=self.store_id,
            register_id=self.register_id,
            receipt_number=roll.last_number + 1,
            currency=store.currency,
            business_day=day,
            utc_offset_min=utc_offset_min(at.occurred_at, store.time_zone),
            customer_id=self.customer_id,
            customer_facts=priced.facts,
            lines=lines,
            discounts=rows,
            tax_policy=TaxPolicy(inclusive=store.prices_include_tax, rounding=store.tax_rounding),
            tenders=tenders,
            change_minor=change,
            total_minor=total_minor,
            attributions=self.attributions(),
            allowance=allowance,
            points=points,
            cash_rounding=rounding,
            exceptions=(*exceptions, *issued.exceptions),
            stored=stored,
            exchange_of=self.exchange_of,
            offline=self.made_offline(shift),
        )
        receipt = ReceiptIssued(
            store_id=self.store_id,
            register_id=self.register_id,
            number=sale.receipt_number,
            document=SALE.stream(self.sale_id),
            total_minor=total_minor,
            taxes=by_rate(
                [
                    (
                        line.tax_rate_bp,
                        line.net_minor if store.prices_include_tax else line.net_minor + line.tax_minor,
                        line.tax_minor,
                    )
                    for line in sale.lines
                ]
            ),
            late=roll.is_late(at.occurred_at),
            shift=shift,
            paid=(
                paid_by_method(((tender.method, tender.amount_minor) for tender in tenders), change)
                if shift
                else ()
            ),
        )
        return Decision(
            events=(
                (SALE.stream(self.sale_id), sale),
                *issued.moves,
                *spending(states, at, priced, sale_id=self.sale_id, customer_id=self.customer_id),
                *moved_points,
                *drawn,
                *(selling(priced.terms, self.sale_id) if priced.terms else ()),
                (TILL.stream(till), receipt),
                *used,
            ),
            result=sale_answer(sale, shift),
        )

    def priced(self, states: States, at: Moment) -> tuple[Priced, tuple[SaleException, ...]]:
        """The basket with its prices, and what speaks against them though it is sold all the same."""
        return price(states, at, self), ()

    def discounts(self, priced: Priced) -> tuple[Discount, ...]:
        """The line × promotion matrix, as the sale keeps it."""
        return discounts(priced)

    def shift_of(self, roll: Till, store: Store, at: Moment) -> int:
        """The shift that the sale belongs to, 0 for none."""
        return require_shift(roll, at.occurred_at, required=store.shifts_required)

    def points_off(self, states: States, priced: Priced) -> tuple[Priced, Discount]:
        """What is left to pay once the points came off, and their row of the matrix."""
        return points_discount.take_off(states, priced, self.points)

    def made_offline(self, shift: int) -> MadeOffline | None:
        """What a sale keeps that was made offline; this one is made now."""
        return None

    def _paid(self, total_minor: int, store: Store) -> tuple[CashRounding | None, tuple[Tender, ...], int]:
        """What rounding adds to what is due in cash, the tenders, and the change."""
        if not (store.cash_unit_minor or self.credit):
            return None, self.tenders, change_minor(total_minor, self.tenders)
        rounding = rounding_of(total_minor, (*self.tenders, *self.credit), store.cash_unit_minor)
        due = total_minor if rounding is None else total_minor + rounding.amount_minor
        credit = carry(due - kept(self.tenders), self.credit, cash_last=store.cash_unit_minor > 0)
        change = change_minor(due - worth(credit), self.tenders)
        require_payable(total_minor, change, rounding)
        # What was handed over stands first: the change is taken off there.
        tenders = (*self.tenders, *credit)
        if rounding is not None and all(tender.method != CASH for tender in tenders):
            # Less than the smallest coin was left to pay: in cash, with nothing. Its returns find that.
            tenders = (*tenders, Tender(method=CASH, amount_minor=0))
        return rounding, tenders, change

    def _purchase(
        self, store: Store, day: date, lines: Sequence[SaleLine], priced: Priced, tenders: Sequence[Tender]
    ) -> membership.Purchase:
        return membership.Purchase(
            document=SALE.stream(self.sale_id),
            customer_id=self.customer_id,
            facts=priced.facts,
            currency=store.currency,
            business_day=day,
            lines=lines,
            tax_included=store.prices_include_tax,
            total_minor=priced.total_minor,
            tenders=tenders,
            points=self.points,
        )

    def _allow(self, states: States, at: Moment, priced: Priced) -> Allowed:
        """By what right the till's own prices are below the list's; the lowest of them counts."""
        if self.authority is None:
            return None, ()
        needed = max(
            discount_bp(list_price, unit_price)
            for list_price, unit_price in zip(priced.list_prices_minor, priced.prices_minor, strict=True)
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

    def _issue_stock(self, states: States, at: Moment, priced: Priced) -> Issued:
        """The movements from shelf to customer, and each line's cost."""
        quantities = stock_quantities(self.lines, priced.terms)
        lines = [
            (
                line.sku,
                product,
                quantity,
                None if line.label is None else lot_of(states, line.label, self.store_id),
            )
            for line, product, quantity in zip(self.lines, priced.products, quantities, strict=True)
        ]
        return issue(states, at, priced.store, lines, SALE.stream(self.sale_id))


def sale_lines(
    lines: Sequence[BasketLine], priced: Priced, costs_minor: Sequence[int]
) -> tuple[SaleLine, ...]:
    """The basket's lines as a sale keeps them, numbered from 1."""
    sold = tuple(
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
            barcode=line.barcode,
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
    return sold if not priced.terms else tuple(_by_terms(line, priced.terms) for line in sold)


def _by_terms(line: SaleLine, terms: Mapping[int, Terms]) -> SaleLine:
    if (found := terms.get(line.line - 1)) is None:
        return line
    listed = found.price_list
    if listed is not None and line.price_reason is None:
        line = msgspec.structs.replace(line, price_list=listed.list_id, price_list_version=listed.version)
    return msgspec.structs.replace(
        line,
        unit=found.unit,
        quantity=found.quantity,
        weight_g=found.weight_g,
        markdown=found.label,
        lot=found.lot,
    )


def sale_answer(sale: SaleCompleted, shift: int = 0) -> SaleAnswer:
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
        rounding_minor=0 if sale.cash_rounding is None else sale.cash_rounding.amount_minor,
        shift=shift,
        exceptions=sale.exceptions,
    )
