"""Suppliers, orders to them, and goods on the way between stores."""

from domain.purchasing.contact import ContactAdded, ContactErased
from domain.purchasing.order import (
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseConfirmed,
    PurchaseDrafted,
    PurchaseReceived,
    PurchaseReturned,
    PurchaseSent,
)
from domain.purchasing.supplier import SupplierAdded, SupplierChanged
from domain.purchasing.supplier_return import GoodsCredited, GoodsReturned
from domain.purchasing.terms import TermsSet
from domain.transfers.transfer import TransferReceived, TransferSent
from workers.audit_words.telling import count, fields, money, words


@words(SupplierAdded)
def _(event: SupplierAdded) -> str:
    return f"supplier {event.name!r} added, paid in {event.currency}"


@words(SupplierChanged)
def _(event: SupplierChanged) -> str:
    return f"supplier changed: {fields(event, but=('supplier_id',))}"


@words(ContactAdded)
def _(event: ContactAdded) -> str:
    return (
        f"contact at supplier {event.supplier_id} added: {fields(event, but=('contact_id', 'supplier_id'))}"
    )


@words(ContactErased)
def _(event: ContactErased) -> str:
    return f"contact forgotten: {event.reason}"


@words(TermsSet)
def _(event: TermsSet) -> str:
    terms = event.terms
    cost = money(terms.unit_cost_minor, terms.currency)
    until = "" if terms.valid_until is None else f" until {terms.valid_until}"
    return f"{event.sku!r} costs {cost} in packs of {terms.pack_size:,} from {terms.valid_from}{until}"


@words(PurchaseDrafted)
def _(event: PurchaseDrafted) -> str:
    lines = count(len(event.lines), "line")
    return f"order of {lines} to supplier {event.supplier_id} drafted for store {event.store_id}"


@words(PurchaseSent)
def _(event: PurchaseSent) -> str:
    to = "" if event.contact_id is None else f" to contact {event.contact_id}"
    return f"sent{to} on {event.sent_on}, expected on {event.expected_on}"


@words(PurchaseConfirmed)
def _(event: PurchaseConfirmed) -> str:
    lines = f", {count(len(event.lines), 'line')} confirmed otherwise" if event.lines else ""
    return f"the supplier delivers on {event.expected_on}{lines}"


@words(PurchaseReceived)
def _(event: PurchaseReceived) -> str:
    parts = [
        f"{figure:,} {word}"
        for word, figure in (
            ("accepted", sum(line.accepted for line in event.lines)),
            ("quarantined", sum(line.quarantined for line in event.lines)),
            ("rejected", sum(line.rejected for line in event.lines)),
        )
        if figure
    ]
    return (
        f"delivery {event.receipt_id} after {count(event.lead_days, 'day')}: {', '.join(parts) or 'nothing'}"
    )


@words(PurchaseClosed)
def _(event: PurchaseClosed) -> str:
    ordered, received = (sum(getattr(line, name) for line in event.lines) for name in ("ordered", "received"))
    return f"closed, {event.cause}: {received:,} of {ordered:,} came"


@words(PurchaseCancelled)
def _(event: PurchaseCancelled) -> str:
    return f"order to the supplier cancelled: {event.cause}"


@words(PurchaseReturned)
def _(event: PurchaseReturned) -> str:
    return f"{count(len(event.lines), 'line')} of it back to the supplier by return {event.return_id}"


@words(GoodsReturned)
def _(event: GoodsReturned) -> str:
    claimed = money(sum(line.claimed_minor for line in event.lines), event.currency)
    lines = count(len(event.lines), "line")
    return f"{lines} back to supplier {event.supplier_id}, {event.cause}: {claimed} claimed"


@words(GoodsCredited)
def _(event: GoodsCredited) -> str:
    return f"supplier {event.supplier_id} credits {money(event.amount_minor)}, {event.reference}"


@words(TransferSent)
def _(event: TransferSent) -> str:
    lines = count(len(event.lines), "line")
    return f"{lines} on the way from store {event.from_store_id} to store {event.to_store_id}"


@words(TransferReceived)
def _(event: TransferReceived) -> str:
    parts = [
        f"{figure:,} {name}"
        for name in ("good", "damaged", "missing", "over")
        if (figure := sum(getattr(line, name) for line in event.lines))
    ]
    return f"arrived in store {event.to_store_id}: {', '.join(parts) or 'nothing'}"
