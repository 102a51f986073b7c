"""The paper of a purchase order: what its supplier reads, as data, as CSV and as a letter."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.kernel.money import decimal
from domain.kernel.quantity import Unit, amount_minor
from domain.purchasing.order import Purchase
from domain.purchasing.supplier import Supplier
from domain.stores.store import Store

_FORMULAS = tuple("=+-@＝＋－＠")
"""What a sheet takes for a formula where a cell begins with it, spaces aside."""
_COLUMNS = (
    *("sku", "supplier_sku", "name", "packs", "pack_size", "quantity", "unit"),
    *("unit_cost_minor", "amount_minor", "currency"),
)


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the supplier reads it, with what is expected; `packs` None where those are not whole."""

    sku: str
    supplier_sku: str | None
    name: str
    packs: int | None
    pack_size: int
    quantity: int
    unit: Unit
    unit_cost_minor: int
    amount_minor: int


class PurchasePaper(msgspec.Struct, frozen=True, kw_only=True):
    """An order with the names of those between whom it is."""

    purchase_id: str
    status: str
    supplier_name: str
    registration: str | None
    payment_days: int
    store_id: str
    store_name: str
    store_address: str | None
    currency: str
    sent_on: date | None
    expected_on: date | None
    lines: tuple[PaperLine, ...]
    total_minor: int


def paper(purchase: Purchase, supplier: Supplier, store: Store) -> PurchasePaper:
    """The paper of an order as it stands: quantities and costs as they were last confirmed."""
    drafted = purchase.drafted
    assert drafted is not None
    lines: list[PaperLine] = []
    for line in drafted.lines:
        now = purchase.progress[line.sku]
        lines.append(
            PaperLine(
                sku=line.sku,
                supplier_sku=line.supplier_sku,
                name=line.name,
                packs=None if now.expected % line.pack_size else now.expected // line.pack_size,
                pack_size=line.pack_size,
                quantity=now.expected,
                unit=line.unit,
                unit_cost_minor=now.unit_cost_minor,
                amount_minor=amount_minor(now.unit_cost_minor, now.expected, line.unit),
            )
        )
    return PurchasePaper(
        purchase_id=drafted.purchase_id,
        status=purchase.status.value,
        supplier_name=supplier.name,
        registration=supplier.registration,
        payment_days=supplier.payment_days,
        store_id=drafted.store_id,
        store_name=store.name,
        store_address=store.address,
        currency=drafted.currency,
        sent_on=purchase.sent_on,
        expected_on=purchase.expected_on,
        lines=tuple(lines),
        total_minor=sum(line.amount_minor for line in lines),
    )


def as_csv(of: PurchasePaper) -> str:
    """The lines as CSV with a header (RFC 4180). No cell is a formula to whoever opens it in a sheet."""
    rows: list[Iterable[object]] = [_COLUMNS]
    for line in of.lines:
        packs = "" if line.packs is None else line.packs
        values = (line.sku, line.supplier_sku or "", line.name, packs, line.pack_size, line.quantity)
        rows.append((*values, line.unit, line.unit_cost_minor, line.amount_minor, of.currency))
    return "".join(",".join(map(_cell, row)) + "\r\n" for row in rows)


def _cell(value: object) -> str:
    text = str(value)
    if isinstance(value, str) and text.lstrip().startswith(_FORMULAS):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


def as_letter(of: PurchasePaper) -> str:
    """The order as the text of a letter."""
    head = [
        f"Purchase order {of.purchase_id}",
        f"Supplier: {_on_a_line(of.supplier_name)}",
        f"Deliver to: {_on_a_line(of.store_name)}",
    ]
    if of.store_address:
        head.append(_on_a_line(of.store_address))
    if of.expected_on is not None:
        head.append(f"Expected on: {of.expected_on}")
    total = f"Total: {of.currency} {decimal(of.total_minor, of.currency)}"
    return "\n".join([*head, "", *(_row(line, of.currency) for line in of.lines), "", total, ""])


def _row(line: PaperLine, currency: str) -> str:
    per = "a kilogram" if line.unit is Unit.GRAM else "each"
    cost, amount = decimal(line.unit_cost_minor, currency), decimal(line.amount_minor, currency)
    what = f"{line.supplier_sku or line.sku}  {_on_a_line(line.name)}"
    return f"{what}: {_amount_of(line)} at {cost} {per}, {amount}"


def _amount_of(line: PaperLine) -> str:
    """How much is ordered, in packs as long as that is what is expected."""
    unit = "g" if line.unit is Unit.GRAM else "pieces"
    whole = line.pack_size > 1 and line.packs is not None
    return f"{line.packs} x {line.pack_size} {unit}" if whole else f"{line.quantity} {unit}"


def _on_a_line(text: str) -> str:
    """A name without what would begin a line of its own in a letter, or turn the direction of reading."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
