"""Suppliers, terms and purchase orders for tests, with defaults that the test does not care about."""

from datetime import date

from domain.kernel.money import Money
from domain.purchasing.contact import CONTACT, ContactAdded
from domain.purchasing.order import PURCHASE
from domain.purchasing.supplier import SUPPLIER, SupplierAdded
from domain.purchasing.terms import SUPPLY, Terms, TermsSet, supply_id
from domain.stockroom.purchase_drafts import DraftPurchase, WantedLine
from domain.stockroom.purchase_sending import SendPurchase
from tests.support.decisions import NOON, Fact, Shop, at
from tests.support.facts import sealed

TODAY = date(2026, 3, 2)
"""The business day of NOON."""


def yuan(amount: int) -> Money:
    return Money(amount=amount, currency="CNY")


def a_supplier(
    supplier_id: str = "orchard", *, currency: str = "CNY", over_bp: int = 0, short_bp: int = 0
) -> Fact:
    return SUPPLIER.stream(supplier_id), SupplierAdded(
        supplier_id=supplier_id,
        name=supplier_id.title(),
        currency=currency,
        over_bp=over_bp,
        short_bp=short_bp,
    )


def a_contact(contact_id: str = "p1", supplier_id: str = "orchard") -> Fact:
    return CONTACT.stream(contact_id), ContactAdded(
        contact_id=contact_id, supplier_id=supplier_id, name=sealed("Ann", f"contact-{contact_id}")
    )


def terms(
    unit_cost_minor: int = 300,
    *,
    pack_size: int = 1,
    minimum_packs: int = 1,
    lead_time_days: int = 0,
    valid_from: date = date(2026, 1, 1),
    valid_until: date | None = None,
    currency: str = "CNY",
) -> Terms:
    return Terms(
        valid_from=valid_from,
        valid_until=valid_until,
        unit_cost_minor=unit_cost_minor,
        currency=currency,
        pack_size=pack_size,
        minimum_packs=minimum_packs,
        lead_time_days=lead_time_days,
    )


def a_supply(sku: str = "apple", of: Terms | None = None, supplier_id: str = "orchard") -> Fact:
    event = TermsSet(supplier_id=supplier_id, sku=sku, terms=of or terms())
    return SUPPLY.stream(supply_id(supplier_id, sku)), event


def draft(
    *lines: WantedLine | tuple[str, int],
    purchase_id: str = "p1",
    supplier_id: str = "orchard",
    store_id: str = "s1",
) -> DraftPurchase:
    return DraftPurchase(
        purchase_id=purchase_id,
        supplier_id=supplier_id,
        store_id=store_id,
        lines=tuple(
            line if isinstance(line, WantedLine) else WantedLine(sku=line[0], quantity=line[1])
            for line in lines
        ),
    )


def ordered(*facts: Fact, lines: tuple[tuple[str, int], ...] = (("apple", 100),)) -> list[Fact]:
    """The facts, and an order `p1` of these lines that was sent."""
    shop = Shop(*facts)
    for command in (draft(*lines), SendPurchase(purchase_id="p1", by_mail=False)):
        shop.record(shop.decide(command, at(NOON)).events)
    assert PURCHASE.stream("p1") in {stream for stream, _ in shop.facts}
    return shop.facts
