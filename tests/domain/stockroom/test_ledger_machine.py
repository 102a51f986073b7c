"""Laws of the ledger: whatever happens to lots in whatever order, goods and money are conserved.

Quantity over all places sums to zero, an item is worth what its lots are worth, and what came in of money
went out or is still there; under the moving average and under FIFO.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import ClassVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.catalog.product import NegativeStock
from domain.checkout.lines_back import ReturnLine
from domain.inventory.cost import CostAdjusted, CostCause, CostMethod
from domain.inventory.flows import taken_from
from domain.inventory.movement import shares_of
from domain.inventory.parts import Parts, lot_values
from domain.inventory.policy import SetStockPolicy
from domain.inventory.stock_item import STOCK_ITEM, Place, StockItem, StockMoved
from domain.kernel.command import Command, Decision
from domain.kernel.money import Money
from domain.sales.sale import SaleCompleted
from domain.stockroom.landed_cost import AddLandedCost, Basis, LandedLine
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.relocation import Relocate, RelocateLine
from domain.stores.store import StoreChanged
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import a_store, by_gram, by_piece, check_out, take_back

SKUS = ("apple", "cherry", "rice")
PICK = st.integers(0, 999)
QUANTITY = st.integers(1, 9)
LOTS = st.sampled_from((None, None, "A", "B", "C", "D"))
SKU = st.sampled_from(("apple", "apple", *SKUS))
DAY_ONE = date(2026, 3, 2)
BACK = "back room"


class Ledger(RuleBasedStateMachine):
    """Goods with and without lots, which may be sold below zero; cherry may not."""

    method: ClassVar = CostMethod.AVERAGE

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(
            a_store(),
            by_piece("apple", 0),
            by_gram("cherry", 0, negative_stock=NegativeStock.BLOCK),
            by_piece("rice", 0, negative_stock=NegativeStock.WARN),
        )
        self.shop.record([("store-s1", StoreChanged(store_id="s1", locations=(BACK,)))])
        self.now: datetime = NOON
        self.number = 0
        if self.method is CostMethod.FIFO:
            self.do(SetStockPolicy(cost_method=self.method))

    def do(self, command: Command) -> bool:
        """Whether it was accepted. Refusals are part of the game."""
        return isinstance(self.shop.do(command, at(self.now)), Decision)

    def next(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def item(self, sku: str) -> StockItem:
        return self.shop.state(STOCK_ITEM, f"s1/{sku}")

    def move(self, kind: MoveKind, line: MoveLine) -> bool:
        return self.do(MoveStock(store_id="s1", kind=kind, lines=(line,), reference=self.next("document-")))

    @rule(sku=SKU, quantity=QUANTITY, cost=PICK, lot=LOTS, days=st.integers(0, 5), back=st.booleans())
    def receive(self, sku: str, quantity: int, cost: int, lot: str | None, days: int, back: bool) -> None:
        lot = None if lot is None or sku == "rice" else self.next(lot)
        sell_by = None if lot is None or days == 5 else DAY_ONE + timedelta(days=days)
        line = MoveLine(
            sku=sku,
            quantity=quantity,
            unit_cost=Money(amount=cost, currency="CNY"),
            lot=lot,
            sell_by=sell_by,
            location=BACK if back else None,
        )
        assert self.move(MoveKind.RECEIPT, line)

    @rule(sku=SKU, quantity=QUANTITY, other=SKU)
    def sell(self, sku: str, quantity: int, other: str) -> None:
        before = self.item(sku)
        if self.do(check_out((sku, quantity), (other, 1), sale_id=self.next("x"))):
            self.nothing_expired_was_sold(sku, before)

    @rule(sku=st.sampled_from(("apple", "rice")), cost=PICK, back=QUANTITY)
    def sell_before_it_is_received(self, sku: str, cost: int, back: int) -> None:
        """More than there is; some of it comes back before the delivery does."""
        self.sell(sku, max(0, self.item(sku).on_hand) + 3, sku)
        sale = self.shop.events(SaleCompleted)[-1]
        self.do(take_back((1, min(back, 3)), return_id=self.next("r"), sale_id=sale.sale_id))
        self.receive(sku, back, cost, "A", 3, back=False)

    def nothing_expired_was_sold(self, sku: str, before: StockItem) -> None:
        sale = self.shop.events(SaleCompleted)[-1]
        for share in sale.lines[0].lots:
            if share.lot:
                assert before.parts is not None
                sell_by = before.parts.lots[share.lot].sell_by
                assert sell_by is None or sell_by >= self.now.date()

    @rule(pick=PICK, quantity=QUANTITY, wasted=st.booleans())
    def take_back(self, pick: int, quantity: int, wasted: bool) -> None:
        sales = self.shop.events(SaleCompleted)
        if sales:
            sale_id = sales[pick % len(sales)].sale_id
            line = ReturnLine(
                line=1 + pick % 2,
                quantity=quantity,
                wasted=1 if wasted else 0,
                condition="spoiled" if wasted else None,
            )
            command = take_back(return_id=self.next("r"), sale_id=sale_id)
            self.do(msgspec.structs.replace(command, lines=(line,)))

    @rule(pick=PICK)
    def correct(self, pick: int) -> None:
        sales = self.shop.events(SaleCompleted)
        if sales:
            command = take_back(return_id=self.next("r"), sale_id=sales[pick % len(sales)].sale_id)
            self.do(msgspec.structs.replace(command, lines=(), correction=True))

    def some_lot(self, sku: str, pick: int) -> str | None:
        """One of which there is something, or what has none."""
        parts = self.item(sku).parts or Parts()
        there = [name for name, lot in parts.lots.items() if lot.quantity or name in parts.held]
        return [None, *there][pick % (len(there) + 1)]

    @rule(
        sku=SKU,
        quantity=QUANTITY,
        pick=PICK,
        kind=st.sampled_from((MoveKind.WASTE, MoveKind.QUARANTINE, MoveKind.RELEASE)),
        held=st.booleans(),
    )
    def take_away(self, sku: str, quantity: int, pick: int, kind: MoveKind, held: bool) -> None:
        from_quarantine = kind is MoveKind.RELEASE or (held and kind is MoveKind.WASTE)
        lot = self.some_lot(sku, pick)
        line = MoveLine(
            sku=sku,
            quantity=self.at_most(quantity, self.there(sku, lot, from_quarantine)),
            lot=lot,
            reason="law",
            from_quarantine=from_quarantine,
        )
        self.move(kind, line)

    def there(self, sku: str, lot: str | None, held: bool) -> int:
        """How much of a lot is in quarantine, or on the shelf."""
        item = self.item(sku)
        parts = item.parts or Parts()
        if held:
            return parts.held[lot or ""].quantity if (lot or "") in parts.held else 0
        if lot is not None:
            return parts.lots[lot].quantity
        return item.on_hand

    def at_most(self, quantity: int, there: int) -> int:
        """What there is, most of the time: refusals teach nothing of sums."""
        return quantity if quantity > 8 else max(1, min(quantity, there))

    @rule(sku=SKU, quantity=st.integers(-6, 6), pick=PICK)
    def count(self, sku: str, quantity: int, pick: int) -> None:
        self.move(MoveKind.ADJUSTMENT, MoveLine(sku=sku, quantity=quantity, lot=self.some_lot(sku, pick)))

    @rule(sku=SKU, other=SKU, amount=st.integers(-500, 999), quantity=QUANTITY, pick=PICK)
    def bill(self, sku: str, other: str, amount: int, quantity: int, pick: int) -> None:
        lines = (
            LandedLine(sku=sku, quantity=quantity, lot=self.some_lot(sku, pick), receipt=f"document-{pick}"),
            LandedLine(sku=other, quantity=2 * quantity),
        )
        command = AddLandedCost(
            store_id="s1",
            amount=Money(amount=amount, currency="CNY"),
            basis=Basis.QUANTITY,
            lines=lines,
            reference=self.next("bill-"),
        )
        self.do(command)

    @rule(sku=SKU, quantity=QUANTITY, pick=PICK, back=st.booleans())
    def carry(self, sku: str, quantity: int, pick: int, back: bool) -> None:
        lot = self.some_lot(sku, pick)
        line = RelocateLine(
            sku=sku,
            quantity=self.at_most(quantity, self.there(sku, lot, held=False)),
            lot=lot,
            from_location="" if back else BACK,
            to_location=BACK if back else "",
        )
        self.do(Relocate(store_id="s1", lines=(line,)))

    @rule()
    def a_night_passes(self) -> None:
        self.now += timedelta(days=1)

    @rule(method=st.sampled_from(CostMethod))
    def change_the_method(self, method: CostMethod) -> None:
        if self.number % 7 == 0:
            self.do(SetStockPolicy(cost_method=method))

    @invariant()
    def every_unit_is_in_one_place(self) -> None:
        for sku in SKUS:
            places: Counter[Place] = Counter()
            for moved in self.shop.events(StockMoved):
                if moved.sku == sku:
                    places[moved.from_] -= moved.quantity
                    places[moved.to] += moved.quantity
                    assert sum(share.quantity for share in shares_of(moved)) == moved.quantity
                    assert sum(share.cost_minor for share in shares_of(moved)) == moved.cost_minor
            assert sum(places.values()) == 0
            item = self.item(sku)
            held = (item.parts or Parts()).held.values()
            assert places[Place.SHELF] == item.on_hand
            assert places[Place.QUARANTINE] == sum(each.quantity for each in held)

    @invariant()
    def money_that_came_in_went_out_or_is_still_there(self) -> None:
        for sku in SKUS:
            shelf = held = outside = 0
            for moved in self.shop.events(StockMoved):
                if moved.sku == sku:
                    for place, sign in ((moved.from_, -1), (moved.to, 1)):
                        shelf += sign * moved.cost_minor * (place is Place.SHELF)
                        held += sign * moved.cost_minor * (place is Place.QUARANTINE)
                        outside += sign * moved.cost_minor * (place not in (Place.SHELF, Place.QUARANTINE))
            for adjusted in self.shop.events(CostAdjusted):
                if adjusted.sku == sku:
                    shelf += adjusted.stock_minor
                    held += adjusted.held_minor
                    outside += adjusted.variance_minor
                    if adjusted.cause is not CostCause.BELOW_ZERO:  # which a bill pays
                        outside -= adjusted.stock_minor + adjusted.held_minor + adjusted.variance_minor
            item = self.item(sku)
            assert item.value_minor == shelf
            assert sum(each.value_minor for each in (item.parts or Parts()).held.values()) == held
            assert shelf + held + outside == 0

    @invariant()
    def an_item_is_worth_what_its_lots_are_worth(self) -> None:
        for sku in SKUS:
            item = self.item(sku)
            if item.parts is None:
                continue
            values = lot_values(item.parts, item.on_hand, item.value_minor)
            assert sum(values.values()) == item.value_minor
            if item.parts.fifo:
                layers = Counter[str]()
                for layer in item.parts.layers:
                    layers[layer.lot] += layer.quantity
                for name, lot in item.parts.lots.items():
                    assert layers[name] == lot.quantity
                assert layers.total() == item.on_hand
                assert all(layer.quantity > 0 for layer in item.parts.layers[:-1])

    @invariant()
    def no_lot_is_below_zero_and_what_blocks_is_not_either(self) -> None:
        for sku in SKUS:
            parts = self.item(sku).parts or Parts()
            assert all(lot.quantity >= 0 for lot in parts.lots.values())
            assert all(held.quantity > 0 for held in parts.held.values())
        if not any(moved.to is Place.COUNT_DIFFERENCE for moved in self.shop.events(StockMoved)):
            assert self.item("cherry").on_hand >= 0

    @invariant()
    def nothing_stands_at_a_location_that_is_not_there(self) -> None:
        for sku in SKUS:
            item = self.item(sku)
            parts = item.parts or Parts()
            loose = item.on_hand - sum(lot.quantity for lot in parts.lots.values())
            for name, quantity in parts.elsewhere.get(BACK, {}).items():
                there = parts.lots[name].quantity if name else loose
                assert 0 < quantity <= there

    @invariant()
    def the_last_unit_takes_the_rest(self) -> None:
        for sku in SKUS:
            item = self.item(sku)
            lots = (item.parts or Parts()).lots.values()
            # Where a lot has expired, what has none may have been sold below zero.
            if 0 < item.on_hand >= sum(lot.quantity for lot in lots) and all(lot.quantity for lot in lots):
                cost, _ = taken_from(item, item.on_hand, None)
                assert cost == item.value_minor


class FifoLedger(Ledger):
    """The same, valued first in, first out from the beginning."""

    method: ClassVar = CostMethod.FIFO


LAWS = settings(
    derandomize=True,
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLedger = Ledger.TestCase
TestLedger.settings = LAWS
TestFifoLedger = FifoLedger.TestCase
TestFifoLedger.settings = LAWS
