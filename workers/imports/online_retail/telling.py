"""From the plan to commands: what the journal is told, in order, and which file lines each carries."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.catalog.product import AddProduct, NegativeStock
from domain.checkout.check_out import CheckOut
from domain.checkout.lines_back import ReturnLine
from domain.checkout.pricing import BasketLine
from domain.checkout.take_back import TakeBack
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.customers.customer import RegisterCustomer
from domain.kernel.command import Command
from domain.kernel.quantity import Unit
from domain.sales.sale import Tender
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stores.store import OpenStore
from workers.imports.online_retail.plan import ImportPlan
from workers.imports.online_retail.steps import Cancellation, Correction, Invoice

STORE = "online-retail"
THE_STORE = "store"
"""The name of the first command."""
REGISTER = "import"
CURRENCY = "GBP"
TIME_ZONE = "Europe/London"
ON_ACCOUNT = "account"
"""How the file's customers paid: it doesn't say, so the invoices are on account."""
PRICE_REASON = "price on the invoice"
RECEIPT_LINES = 500


class Told(NamedTuple):
    """One command, its name (the same on every run) and what of the file it carries.

    `lines` are the file lines that end in this command's events; `invoices` is 1 for the first command of an
    invoice, 0 for its others.
    """

    name: str
    occurred_at: datetime
    command: Command
    lines: int = 0
    invoices: int = 0

    @property
    def is_sale(self) -> bool:
        """Whether the projections count its lines and its invoice themselves."""
        return isinstance(self.command, CheckOut)


def tell(plan: ImportPlan) -> Iterator[Told]:
    """Every command of the import in order: shop, products, customers, opening stock, then the year."""
    steps = plan.steps()
    first = next(steps, None)
    if first is None:
        return
    began_at = first.occurred_at
    yield Told(
        THE_STORE,
        began_at,
        OpenStore(store_id=STORE, name="Online Retail", currency=CURRENCY, time_zone=TIME_ZONE),
    )
    yield from _catalogue(plan, began_at)
    prices = {product.sku: product.price_pence for product in plan.products}
    sold = ""
    for step in itertools.chain((first,), steps):
        match step:
            case Invoice():
                sold = step.number
                yield _sale(step, prices)
            case Cancellation():
                yield from _returns(step)
            case Correction():
                yield _correction(step, invoices=0 if step.number == sold else 1)


def _catalogue(plan: ImportPlan, began_at: datetime) -> Iterator[Told]:
    for product in plan.products:
        command = AddProduct(
            sku=product.sku,
            name=product.name,
            category=product.category,
            unit=Unit.PIECE,
            price_minor=product.price_pence,
            currency=CURRENCY,
            stocked=product.stocked,
            # The opening stock is exactly what the year needs: that nothing goes short proves it.
            negative_stock=NegativeStock.BLOCK,
        )
        yield Told(f"product/{product.sku}", began_at, command)
    for customer in plan.customers:
        yield Told(
            f"customer/{customer.customer_id}", began_at, RegisterCustomer(customer_id=customer.customer_id)
        )
    opening = [product for product in plan.products if product.opening_quantity]
    for start in range(0, len(opening), RECEIPT_LINES):
        lines = tuple(
            MoveLine(sku=product.sku, quantity=product.opening_quantity, reason="opening stock")
            for product in opening[start : start + RECEIPT_LINES]
        )
        command = MoveStock(store_id=STORE, kind=MoveKind.RECEIPT, lines=lines, reference="opening")
        yield Told(f"opening/{start}", began_at, command)


def _sale(invoice: Invoice, prices: dict[str, int]) -> Told:
    total = sum(line.amount_pence for line in invoice.lines)
    lines = tuple(
        BasketLine(sku=line.sku, quantity=line.quantity)
        if line.unit_price_pence == prices[line.sku]
        else BasketLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_pence,
            price_reason=PRICE_REASON,
        )
        for line in invoice.lines
    )
    command = CheckOut(
        sale_id=invoice.number,
        store_id=STORE,
        register_id=REGISTER,
        customer_id=invoice.customer_id,
        lines=lines,
        tenders=(Tender(method=ON_ACCOUNT, amount_minor=total),) if total else (),
    )
    return Told(f"sale/{invoice.number}", invoice.occurred_at, command, len(lines), 1)


def _returns(cancellation: Cancellation) -> Iterator[Told]:
    """A cancellation is one return for each sale it touches, and one for each reason it can't be linked."""
    number, at = cancellation.number, cancellation.occurred_at
    invoices = 1
    by_sale: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    file_lines: defaultdict[str, set[int]] = defaultdict(set)
    counted: set[int] = set()
    for link in cancellation.linked:
        by_sale[link.sale_invoice][link.sale_line_number] += link.quantity
        # A line that is split over several sales counts with the first of them.
        if link.file_line not in counted:
            counted.add(link.file_line)
            file_lines[link.sale_invoice].add(link.file_line)
    for sale_id, quantities in by_sale.items():
        command = TakeBack(
            return_id=f"{number}-{sale_id}",
            sale_id=sale_id,
            register_id=REGISTER,
            lines=tuple(ReturnLine(line=line, quantity=quantity) for line, quantity in quantities.items()),
        )
        yield Told(f"return/{number}/{sale_id}", at, command, len(file_lines[sale_id]), invoices)
        invoices = 0
    by_reason: defaultdict[str, list[UnlinkedLine]] = defaultdict(list)
    for line in cancellation.unlinked:
        by_reason[line.reason].append(
            UnlinkedLine(sku=line.sku, quantity=line.quantity, refund_minor=line.refund_pence)
        )
    for index, (reason, lines) in enumerate(by_reason.items(), start=1):
        command = TakeBackUnlinked(
            return_id=f"{number}-u{index}",
            store_id=STORE,
            register_id=REGISTER,
            customer_id=cancellation.customer_id,
            lines=tuple(lines),
            method=ON_ACCOUNT,
            because=reason,
        )
        yield Told(f"return/{number}/u{index}", at, command, len(lines), invoices)
        invoices = 0


def _correction(correction: Correction, *, invoices: int) -> Told:
    command = MoveStock(
        store_id=STORE,
        kind=MoveKind.ADJUSTMENT,
        lines=tuple(
            MoveLine(sku=line.sku, quantity=line.quantity, reason=line.cause) for line in correction.lines
        ),
        reference=f"invoice-{correction.number}",
    )
    name = f"correction/{correction.number}"
    return Told(name, correction.occurred_at, command, len(correction.lines), invoices)
