"""What stands on a receipt, row by row: the same on paper and on a page."""

from collections.abc import Iterator
from typing import NamedTuple

from api.receipt_words import Words, price_text, quantity_text, rate_text
from domain.checkout.receipt import Receipt, ReceiptLine
from domain.kernel.money import decimal


class Row(NamedTuple):
    """Something on the left, a figure on the right; `more` is indented: it says more of the row above."""

    left: str
    right: str = ""
    more: bool = False


def heading(receipt: Receipt, words: Words) -> list[str]:
    """What stands in the middle above: whose receipt it is, and whether it is a copy."""
    return [
        receipt.store_name,
        *([receipt.store_address] if receipt.store_address else []),
        *([words.copy] if receipt.copy else []),
    ]


def sections(receipt: Receipt, words: Words) -> Iterator[list[Row]]:
    """The parts that are divided by rules; the last may be missing."""
    yield list(_about(receipt, words))
    yield [row for line in receipt.lines for row in _line(line, receipt.currency, words)]
    yield list(_sums(receipt, words))
    if rest := list(_rest(receipt, words)):
        yield rest


def _about(receipt: Receipt, words: Words) -> Iterator[Row]:
    yield Row(f"{words.kinds[receipt.kind]} {receipt.number}", f"{words.till} {receipt.register_id}")
    yield Row(f"{receipt.issued_at:%Y-%m-%d}", f"{receipt.issued_at:%H:%M:%S}")
    yield Row(receipt.document)
    if receipt.of_sale:
        yield Row(words.of_sale, receipt.of_sale)
    if receipt.exchange:
        yield Row(words.exchange, receipt.exchange)


def _line(line: ReceiptLine, currency: str, words: Words) -> Iterator[Row]:
    yield Row(line.name)
    counted = quantity_text(line.quantity, line.unit)
    if line.unit_price_minor is not None:
        counted += f" x {price_text(line.unit_price_minor, line.unit, currency)}"
    yield Row(counted, decimal(line.amount_minor, currency), more=True)
    for discount in line.discounts:
        name = words.sources.get(discount.source, discount.name)
        yield Row(name, decimal(-discount.amount_minor, currency), more=True)


def _sums(receipt: Receipt, words: Words) -> Iterator[Row]:
    currency = receipt.currency
    if receipt.discount_minor:
        yield Row(words.subtotal, decimal(receipt.subtotal_minor, currency))
        yield Row(words.discounts, decimal(-receipt.discount_minor, currency))
    if not receipt.tax_included:
        yield from _taxes(receipt, words.tax_on)
    total = words.total if receipt.kind == "sale" else words.paid_back
    yield Row(f"{total} {currency}", decimal(receipt.total_minor, currency))
    if receipt.rounding_minor:
        yield Row(words.rounding, decimal(receipt.rounding_minor, currency))
    for tender in receipt.tenders:
        method = words.methods.get(tender.method, tender.method)
        name = f"{method} {words.carried}" if tender.carried else method
        yield Row(name, decimal(tender.amount_minor, currency), more=True)
    if receipt.change_minor:
        yield Row(words.change, decimal(receipt.change_minor, currency), more=True)


def _rest(receipt: Receipt, words: Words) -> Iterator[Row]:
    if receipt.tax_included and receipt.tax_minor:
        yield from _taxes(receipt, words.tax_in)
    points = receipt.points
    if points is not None:
        for name, number in ((words.points_earned, points.earned), (words.points_spent, points.spent)):
            if number:
                yield Row(name, f"{number:,}")


def _taxes(receipt: Receipt, words: str) -> Iterator[Row]:
    """By rate: of what is paid the tax in it, or of what the goods cost the tax on top."""
    for tax in receipt.taxes:
        base = tax.gross_minor if receipt.tax_included else tax.gross_minor - tax.tax_minor
        told = words.format(rate=rate_text(tax.rate_bp), gross=decimal(base, receipt.currency))
        yield Row(told, decimal(tax.tax_minor, receipt.currency))
