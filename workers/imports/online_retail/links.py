"""Which earlier sale lines a cancelled "Online Retail" line takes back."""

import enum
from collections.abc import Container, Iterable

import msgspec

from domain.kernel.money import cumulative_share
from workers.imports.online_retail.file import FIRST_LINE, FileInvoice, OnlineRetailFile
from workers.imports.online_retail.rules import Fate, Fates, unit_price_pence


class UnlinkedReason(enum.StrEnum):
    """Why no earlier sale fits a cancelled line. The first that holds is given."""

    NO_CUSTOMER = "no customer"
    NEVER_SOLD = "no earlier sale of the product to the customer"
    OTHER_PRICE = "earlier sales to the customer were at another price"
    MORE_THAN_LEFT = "more than is left of the earlier sales at the price"


class LinkedReturn(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a cancelled line, or all of it, taken back from one sale line.

    `sale_line_number` counts the lines of the planned sale from 1. `refund_pence` is R(q1) - R(q0) of the
    sale line with all linked returns executed in the order of the plan. (Domain rule "Returns".)
    """

    file_line: int
    sale_invoice: str
    sale_line_number: int
    quantity: int
    refund_pence: int


Returns = dict[int, tuple[LinkedReturn, ...] | UnlinkedReason]


class _SoldLine:
    """A sale line and how much of it has come back."""

    __slots__ = ("amount_pence", "invoice", "line_number", "quantity", "returned")

    def __init__(self, invoice: str, line_number: int, quantity: int, amount_pence: int) -> None:
        self.invoice = invoice
        self.line_number = line_number
        self.quantity = quantity
        self.amount_pence = amount_pence
        self.returned = 0

    @property
    def left(self) -> int:
        return self.quantity - self.returned

    def take_back(self, quantity: int, file_line: int) -> LinkedReturn:
        before = cumulative_share(self.amount_pence, self.returned, self.quantity)
        self.returned += quantity
        after = cumulative_share(self.amount_pence, self.returned, self.quantity)
        return LinkedReturn(
            file_line=file_line,
            sale_invoice=self.invoice,
            sale_line_number=self.line_number,
            quantity=quantity,
            refund_pence=after - before,
        )


class Purchases:
    """What one customer bought of the products that they will take back: the others need no memory."""

    def __init__(self) -> None:
        self._by_code: dict[int, dict[int, list[_SoldLine]]] = {}

    def watch(self, code: int) -> None:
        """Keeps the customer's sales of `code` from now on."""
        self._by_code.setdefault(code, {})

    @property
    def watched(self) -> Container[int]:
        """The codes of which sales are kept."""
        return self._by_code

    def add(
        self, code: int, price: int, *, invoice: str, line_number: int, quantity: int, amount_pence: int
    ) -> None:
        """A watched code was sold at `price`."""
        lines = self._by_code[code].setdefault(price, [])
        lines.append(_SoldLine(invoice, line_number, quantity, amount_pence))

    def take_back(
        self, code: int, price: int, quantity: int, file_line: int
    ) -> tuple[LinkedReturn, ...] | UnlinkedReason:
        """All of `quantity` from the latest line that has it; or from several, latest first; or nothing."""
        by_price = self._by_code[code]
        if not by_price:
            return UnlinkedReason.NEVER_SOLD
        if price not in by_price:
            return UnlinkedReason.OTHER_PRICE
        lines = by_price[price]
        for line in reversed(lines):
            if line.left >= quantity:
                return (line.take_back(quantity, file_line),)
        if sum(line.left for line in lines) < quantity:
            return UnlinkedReason.MORE_THAN_LEFT
        return tuple(_split(reversed(lines), quantity, file_line))


def _split(lines: Iterable[_SoldLine], quantity: int, file_line: int) -> Iterable[LinkedReturn]:
    for line in lines:
        part = min(line.left, quantity)
        if part:
            yield line.take_back(part, file_line)
            quantity -= part


def link_returns(file: OnlineRetailFile, fates: Fates) -> Returns:
    """For each returned line, by index, its links, or why there are none."""
    returns: Returns = {}
    purchases = _watched_purchases(file, fates)
    for invoice in file.invoices:
        bought = None if invoice.customer_id is None else purchases.get(invoice.customer_id)
        if invoice.cancels:
            for index in invoice.lines():
                if fates[index] is Fate.RETURN:
                    returns[index] = (
                        UnlinkedReason.NO_CUSTOMER
                        if bought is None
                        else bought.take_back(
                            file.code[index],
                            file.price_thousandths[index],
                            -file.quantity[index],
                            index + FIRST_LINE,
                        )
                    )
        elif bought is not None:
            _remember(file, fates, invoice, bought)
    return returns


def _watched_purchases(file: OnlineRetailFile, fates: Fates) -> dict[str, Purchases]:
    """Per customer who takes something back, an empty memory for those products."""
    purchases: dict[str, Purchases] = {}
    for invoice in file.invoices:
        if invoice.cancels and invoice.customer_id is not None:
            for index in invoice.lines():
                if fates[index] is Fate.RETURN:
                    purchases.setdefault(invoice.customer_id, Purchases()).watch(file.code[index])
    return purchases


def _remember(file: OnlineRetailFile, fates: Fates, invoice: FileInvoice, bought: Purchases) -> None:
    line_number = 0
    for index in invoice.lines():
        if fates[index] is Fate.SALE:
            line_number += 1
            code, price = file.code[index], file.price_thousandths[index]
            if code in bought.watched:
                quantity = file.quantity[index]
                bought.add(
                    code,
                    price,
                    invoice=invoice.number,
                    line_number=line_number,
                    quantity=quantity,
                    amount_pence=unit_price_pence(price) * quantity,
                )
