"""Drafting purchase orders: whole packs at the supplier's terms of the day, one order or a batch of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.catalog.product import PRODUCT, Product
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.money import Money
from domain.kernel.quantity import amount_minor
from domain.kernel.stream import States
from domain.purchasing.conditions import require_lines, require_purchase, require_quantity, require_status
from domain.purchasing.order import (
    PURCHASE,
    FromSuggestion,
    PurchaseDrafted,
    PurchaseLine,
    PurchaseStatus,
)
from domain.purchasing.supplier import SUPPLIER, Supplier, require_active
from domain.purchasing.terms import SUPPLY, Terms, missing, supply_id
from domain.stockroom.purchase_sending import day_of
from domain.stores.store import STORE

MAX_BATCH = 200
"""Orders that one batch may make."""


class WantedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU is wanted, in its unit: rounded up to whole packs, and to the minimum.

    What is said of cost and pack counts instead of the supplier's terms.
    """

    sku: str
    quantity: int
    unit_cost: Money | None = None
    pack_size: int | None = None


class DraftPurchase(Command, frozen=True, kw_only=True):
    """Drafts a purchase order under an id of the caller's choice."""

    purchase_id: str
    supplier_id: str
    store_id: str
    lines: tuple[WantedLine, ...]
    expected_on: date | None = None

    def streams(self) -> Iterable[str]:
        yield PURCHASE.stream(self.purchase_id)
        yield SUPPLIER.stream(self.supplier_id)
        yield STORE.stream(self.store_id)
        yield from streams_of(self.supplier_id, self.lines)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PURCHASE.stream(self.purchase_id)
        states.require_absent(stream)
        drafted = drafted_at(
            states, at, self.purchase_id, self.supplier_id, self.store_id, self.lines, self.expected_on
        )
        return Decision(events=((stream, drafted),), result=Done(id=self.purchase_id))


class RedraftPurchase(Command, frozen=True, kw_only=True):
    """Writes a draft anew, with other lines at the terms of the day. The same lines again write nothing."""

    purchase_id: str
    lines: tuple[WantedLine, ...]
    expected_on: date | None = None
    expected_version: int | None = None

    def streams(self) -> Iterable[str]:
        return (PURCHASE.stream(self.purchase_id),)

    def linked(self, states: States) -> Iterable[str]:
        drafted = states.of(PURCHASE, self.purchase_id).drafted
        if drafted is None:
            return
        yield SUPPLIER.stream(drafted.supplier_id)
        yield STORE.stream(drafted.store_id)
        yield from streams_of(drafted.supplier_id, self.lines)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PURCHASE.stream(self.purchase_id)
        purchase, before = require_purchase(states, self.purchase_id)
        states.require_version(stream, self.expected_version)
        require_status(purchase, "changed", PurchaseStatus.DRAFT)
        drafted = drafted_at(
            states,
            at,
            self.purchase_id,
            before.supplier_id,
            before.store_id,
            self.lines,
            self.expected_on,
            before.reference,
            before.suggestions,
        )
        events = () if drafted == before else ((stream, drafted),)
        return Decision(events=events, result=Done(id=self.purchase_id))


class SuggestedLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU a store should order from whom."""

    supplier_id: str
    store_id: str
    sku: str
    quantity: int


class PurchasesDrafted(msgspec.Struct, frozen=True, kw_only=True):
    """The drafts that a batch made."""

    purchase_ids: tuple[str, ...]


class DraftPurchases(Command, frozen=True, kw_only=True):
    """Drafts an order for each supplier and store of the lines: all of them or none.

    The orders are numbered `<batch>.1`, `<batch>.2` by supplier and store, so that a repeat makes the same.
    """

    RESULT: ClassVar = PurchasesDrafted

    batch_id: str
    lines: tuple[SuggestedLine, ...]

    def streams(self) -> Iterable[str]:
        for purchase_id, (supplier_id, store_id), lines in self._orders():
            yield PURCHASE.stream(purchase_id)
            yield SUPPLIER.stream(supplier_id)
            yield STORE.stream(store_id)
            yield from streams_of(supplier_id, lines)

    def decide(self, states: States, at: Moment) -> Decision:
        orders = self._orders()
        if not 0 < len(orders) <= MAX_BATCH:
            raise InvalidCommand(f"A batch makes 1 to {MAX_BATCH} orders.", orders=len(orders))
        events: list[tuple[str, PurchaseDrafted]] = []
        for purchase_id, (supplier_id, store_id), lines in orders:
            stream = PURCHASE.stream(purchase_id)
            states.require_absent(stream)
            drafted = drafted_at(states, at, purchase_id, supplier_id, store_id, lines, None, self.batch_id)
            events.append((stream, drafted))
        result = PurchasesDrafted(purchase_ids=tuple(purchase_id for purchase_id, _, _ in orders))
        return Decision(events=tuple(events), result=result)

    def _orders(self) -> list[tuple[str, tuple[str, str], list[WantedLine]]]:
        """The orders to make. A SKU that is suggested twice is ordered once, in sum."""
        wanted: dict[tuple[str, str], dict[str, int]] = {}
        for line in self.lines:
            of_order = wanted.setdefault((line.supplier_id, line.store_id), {})
            of_order[line.sku] = of_order.get(line.sku, 0) + line.quantity
        return [
            (
                f"{self.batch_id}.{number}",
                place,
                [WantedLine(sku=sku, quantity=quantity) for sku, quantity in wanted[place].items()],
            )
            for number, place in enumerate(sorted(wanted), start=1)
        ]


def streams_of(supplier_id: str, lines: Iterable[WantedLine]) -> Iterable[str]:
    """What a draft of these lines asks about its SKUs."""
    for line in lines:
        yield PRODUCT.stream(line.sku)
        yield SUPPLY.stream(supply_id(supplier_id, line.sku))


def drafted_at(
    states: States,
    at: Moment,
    purchase_id: str,
    supplier_id: str,
    store_id: str,
    lines: Sequence[WantedLine],
    expected_on: date | None,
    reference: str | None = None,
    suggestions: tuple[FromSuggestion, ...] = (),
) -> PurchaseDrafted:
    """A draft of these lines, in whole packs and at the supplier's terms of the store's business day.

    Refuses what can't be ordered: an inactive supplier, another currency, a SKU without terms.
    """
    supplier = require_active(states, supplier_id)
    store = states.require(STORE, store_id)
    if supplier.currency != store.currency:
        raise CurrencyMismatch(
            f"The store keeps its books in {store.currency}, the supplier is paid in {supplier.currency}.",
            currency=supplier.currency,
        )
    require_lines([line.sku for line in lines])
    today = day_of(store, at)
    terms = {line.sku: states.of(SUPPLY, supply_id(supplier_id, line.sku)).on(today) for line in lines}
    products = {line.sku: states.require(PRODUCT, line.sku) for line in lines}
    if without := [line.sku for line in lines if terms[line.sku] is None and line.unit_cost is None]:
        raise missing(supplier_id, without)
    return PurchaseDrafted(
        purchase_id=purchase_id,
        supplier_id=supplier_id,
        store_id=store_id,
        currency=store.currency,
        lines=tuple(line_of(line, products[line.sku], terms[line.sku], supplier) for line in lines),
        expected_on=expected_on,
        reference=reference,
        suggestions=suggestions,
    )


def line_of(wanted: WantedLine, product: Product, terms: Terms | None, supplier: Supplier) -> PurchaseLine:
    """The line of an order. Refuses what holds no stock, and more than anybody orders or pays."""
    if not product.stocked:
        raise InvalidCommand(f"{wanted.sku!r} is a service and holds no stock.", sku=wanted.sku)
    if wanted.quantity <= 0 or (wanted.pack_size is not None and wanted.pack_size <= 0):
        raise InvalidCommand("quantity and pack_size are positive whole numbers.", sku=wanted.sku)
    if terms is None:
        assert wanted.unit_cost is not None, "a line without both is refused before"
        terms = Terms(
            valid_from=date.min, unit_cost_minor=wanted.unit_cost.amount, currency=wanted.unit_cost.currency
        )
    if wanted.unit_cost is not None:
        if wanted.unit_cost.currency != supplier.currency:
            raise CurrencyMismatch(f"The supplier is paid in {supplier.currency}.", sku=wanted.sku)
        if wanted.unit_cost.amount < 0:
            raise InvalidCommand("unit_cost is zero or more.", sku=wanted.sku)
        terms = msgspec.structs.replace(terms, unit_cost_minor=wanted.unit_cost.amount)
    if wanted.pack_size is not None:
        terms = msgspec.structs.replace(terms, pack_size=wanted.pack_size)
    line = PurchaseLine(
        sku=wanted.sku,
        name=product.name,
        unit=product.unit,
        packs=terms.packs_for(wanted.quantity),
        pack_size=terms.pack_size,
        unit_cost_minor=terms.unit_cost_minor,
        lead_time_days=terms.lead_time_days,
        supplier_sku=terms.supplier_sku,
    )
    amount_minor(line.unit_cost_minor, line.quantity, line.unit)
    require_quantity(line.quantity, line.sku)
    return line
