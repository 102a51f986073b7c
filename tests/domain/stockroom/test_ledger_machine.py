"""Laws of the ledger: whatever happens to goods of two stores in any order, they and money are conserved.

Quantity over all places sums to zero, an item is worth what its lots are worth and what the read models say,
every unit leaves transit, and what came in of money went out or is still there; under the moving average and
under FIFO. What was reported of a day that is over is never told otherwise.
"""

import os
from collections import Counter
from datetime import date, datetime, timedelta
from typing import ClassVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.catalog.product import NegativeStock
from domain.checkout.line_prices import BasketLine
from domain.checkout.lines_back import ReturnLine
from domain.checkout.record_sale import RecordSale
from domain.inventory.cost import CostMethod
from domain.inventory.flows import taken_from
from domain.inventory.layers import owed_of
from domain.inventory.movement import Place, StockMoved
from domain.inventory.parts import Parts, in_lots, lot_values
from domain.inventory.policy import SetStockPolicy
from domain.inventory.stock_item import STOCK_ITEM, StockItem
from domain.kernel.command import Command, Decision
from domain.kernel.money import Money
from domain.sales.sale import SaleCompleted
from domain.stockroom.landed_cost import AddLandedCost, Basis, LandedLine
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.relocation import Relocate, RelocateLine
from domain.stockroom.transfer_in import ArrivingLine, ReceiveTransfer
from domain.stockroom.transfer_out import SendTransfer, TransferLine
from domain.stores.store import StoreChanged
from domain.transfers.transfer import TRANSFER, TransferSent, TransferStatus
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import a_store, by_gram, by_piece, check_out, take_back
from tests.support.stock_books import Item, StockBooks, Sums

SKUS = ("apple", "cherry", "rice")
STORES = ("s1", "s2")
ITEMS: tuple[Item, ...] = tuple((store, sku) for store in STORES for sku in SKUS)
PICK = st.integers(0, 999)
QUANTITY = st.integers(1, 9)
LOTS = st.sampled_from((None, None, "A", "B", "C", "D"))
SKU = st.sampled_from(("apple", "apple", *SKUS))
STORE = st.sampled_from(("s1", "s1", "s2"))
DAY_ONE = date(2026, 3, 2)
BACK = "back room"
ZONE = "Asia/Shanghai"


class Ledger(RuleBasedStateMachine):
    """Goods with and without lots, which may be sold below zero; cherry may not."""

    method: ClassVar = CostMethod.AVERAGE

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(
            a_store(),
            a_store("s2"),
            by_piece("apple", 0),
            by_gram("cherry", 0, negative_stock=NegativeStock.BLOCK),
            by_piece("rice", 0, negative_stock=NegativeStock.WARN),
        )
        for store in STORES:
            self.shop.record([(f"store-{store}", StoreChanged(store_id=store, locations=(BACK,)))])
        self.books = StockBooks()
        self.now: datetime = NOON
        self.number = 0
        self.stated: set[Item] = set()
        """Of which somebody told what had happened: no rule is asked then."""
        self.valued: dict[int, dict[Item, Sums]] = {}
        self.closed: dict[tuple[str, date], dict[tuple[str, str], int]] = {}
        if self.method is CostMethod.FIFO:
            self.do(SetStockPolicy(cost_method=self.method))
        for store in STORES:
            self.receive(store, "apple", 7, 331, "A", 2, back=True)
            self.receive(store, "apple", 5, 47, "B", 4, back=False)
            self.receive(store, "cherry", 9, 5_000, "C", 3, back=False)
            self.receive(store, "rice", 6, 997, None, 5, back=False)

    def do(self, command: Command, occurred_at: datetime | None = None) -> bool:
        """Whether it was accepted. Refusals are part of the game."""
        before = len(self.shop.facts)
        accepted = isinstance(self.shop.do(command, at(occurred_at or self.now, self.now)), Decision)
        new = self.shop.facts[before:]
        self.books.post(new, occurred_at or self.now, self.now)
        self.stated |= {
            (event.store_id, event.sku)
            for _, event in new
            if isinstance(event, StockMoved) and event.to is Place.COUNT_DIFFERENCE
        }
        return accepted

    def next(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def item(self, store: str, sku: str) -> StockItem:
        return self.shop.state(STOCK_ITEM, f"{store}/{sku}")

    def move(self, store: str, kind: MoveKind, line: MoveLine) -> bool:
        return self.do(MoveStock(store_id=store, kind=kind, lines=(line,), reference=self.next("document-")))

    @rule(
        store=STORE,
        sku=SKU,
        quantity=QUANTITY,
        cost=PICK,
        lot=LOTS,
        days=st.integers(0, 5),
        back=st.booleans(),
    )
    def receive(
        self, store: str, sku: str, quantity: int, cost: int, lot: str | None, days: int, back: bool
    ) -> None:
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
        assert self.move(store, MoveKind.RECEIPT, line)
        assert all(layer.quantity for layer in (self.item(store, sku).parts or Parts()).layers)

    @rule(store=STORE, sku=SKU, quantity=QUANTITY, other=SKU)
    def sell(self, store: str, sku: str, quantity: int, other: str) -> None:
        before = self.item(store, sku)
        sale = check_out((sku, quantity), (other, 1), sale_id=self.next("x"))
        if self.do(msgspec.structs.replace(sale, store_id=store)):
            self.nothing_expired_was_sold(before, self.now.date())

    @rule(store=STORE, sku=SKU, quantity=QUANTITY, hours=st.integers(1, 72))
    def learn_of_a_sale_late(self, store: str, sku: str, quantity: int, hours: int) -> None:
        """A till was offline, and sold what nobody kept from it."""
        sale = RecordSale(
            sale_id=self.next("x"),
            store_id=store,
            register_id="till-2",
            lines=(BasketLine(sku=sku, quantity=quantity),) * 2,
            unit_prices_minor=(None, None),
            charged_minor=(0, 0),
            tenders=(),
        )
        before, then = self.item(store, sku), self.now - timedelta(hours=hours)
        assert self.do(sale, then)
        self.stated.add((store, sku))
        self.nothing_expired_was_sold(before, then.date())

    @rule(store=STORE, sku=st.sampled_from(("apple", "rice")), cost=PICK, back=QUANTITY)
    def sell_before_it_is_received(self, store: str, sku: str, cost: int, back: int) -> None:
        """More than there is; some of it comes back before the delivery does."""
        self.sell(store, sku, max(0, self.item(store, sku).on_hand) + 3, sku)
        sale = self.shop.events(SaleCompleted)[-1]
        self.do(take_back((1, min(back, 3)), return_id=self.next("r"), sale_id=sale.sale_id))
        self.receive(store, sku, back, cost, "A", 3, back=False)

    def nothing_expired_was_sold(self, before: StockItem, day: date) -> None:
        sale = self.shop.events(SaleCompleted)[-1]
        for share in sale.lines[0].lots:
            if share.lot:
                assert before.parts is not None
                sell_by = before.parts.lots[share.lot].sell_by
                assert sell_by is None or sell_by >= day

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

    def some_lot(self, store: str, sku: str, pick: int) -> str | None:
        """One of which there is something, or what has none."""
        parts = self.item(store, sku).parts or Parts()
        there = [name for name, lot in parts.lots.items() if lot.quantity or name in parts.held]
        return [None, *there][pick % (len(there) + 1)]

    @rule(
        store=STORE,
        sku=SKU,
        quantity=QUANTITY,
        pick=PICK,
        kind=st.sampled_from((MoveKind.WASTE, MoveKind.DONATION, MoveKind.QUARANTINE, MoveKind.RELEASE)),
        held=st.booleans(),
    )
    def take_away(self, store: str, sku: str, quantity: int, pick: int, kind: MoveKind, held: bool) -> None:
        from_quarantine = kind is MoveKind.RELEASE or (held and kind is MoveKind.WASTE)
        lot = self.some_lot(store, sku, pick)
        behind = sum((self.item(store, sku).parts or Parts()).elsewhere.get(BACK, {}).values())
        line = MoveLine(
            sku=sku,
            quantity=self.at_most(quantity, self.there(store, sku, lot, from_quarantine)),
            lot=lot,
            reason="law",
            from_quarantine=from_quarantine,
            location=BACK if behind and pick % 2 else None,
        )
        self.move(store, kind, line)

    def there(self, store: str, sku: str, lot: str | None, held: bool) -> int:
        """How much of a lot is in quarantine, or on the shelf."""
        item = self.item(store, sku)
        parts = item.parts or Parts()
        if held:
            return parts.held[lot or ""].quantity if (lot or "") in parts.held else 0
        if lot is not None:
            return parts.lots[lot].quantity
        return item.on_hand

    def at_most(self, quantity: int, there: int) -> int:
        """What there is, most of the time: refusals teach nothing of sums."""
        return quantity if quantity > 8 else max(1, min(quantity, there))

    @rule(store=STORE, sku=SKU, quantity=st.integers(-6, 6), pick=PICK)
    def adjust(self, store: str, sku: str, quantity: int, pick: int) -> None:
        line = MoveLine(sku=sku, quantity=quantity, lot=self.some_lot(store, sku, pick))
        self.move(store, MoveKind.ADJUSTMENT, line)

    @rule(store=STORE, sku=SKU, quantity=QUANTITY, pick=PICK, other=SKU)
    def send(self, store: str, sku: str, quantity: int, pick: int, other: str) -> None:
        lot = self.some_lot(store, sku, pick)
        first = self.at_most(quantity, self.there(store, sku, lot, held=False))
        lines = [TransferLine(sku=sku, quantity=first, lot=lot)]
        if other != sku and self.item(store, other).on_hand > 0:
            lines.append(TransferLine(sku=other, quantity=1))
        command = SendTransfer(
            transfer_id=self.next("t"),
            from_store_id=store,
            to_store_id=STORES[1 - STORES.index(store)],
            lines=tuple(lines),
        )
        self.do(command)

    def on_the_way(self) -> list[TransferSent]:
        return [
            sent
            for sent in self.shop.events(TransferSent)
            if self.shop.state(TRANSFER, sent.transfer_id).status is TransferStatus.IN_TRANSIT
        ]

    @precondition(lambda self: self.on_the_way())
    @rule(pick=PICK, good=st.integers(0, 12), damaged=st.integers(0, 2), more=st.booleans())
    def arrive(self, pick: int, good: int, damaged: int, more: bool) -> None:
        """Short, damaged, over or not at all, of the first SKU; of the second nothing comes."""
        sent = self.on_the_way()[pick % len(self.on_the_way())]
        command = ReceiveTransfer(
            transfer_id=sent.transfer_id,
            receipt_id=self.next("a"),
            lines=(ArrivingLine(sku=sent.lines[0].sku, good=good, damaged=damaged),),
            more_to_come=more,
        )
        self.do(command)

    @rule(store=STORE, sku=SKU, other=SKU, amount=st.integers(-500, 999), quantity=QUANTITY, pick=PICK)
    def bill(self, store: str, sku: str, other: str, amount: int, quantity: int, pick: int) -> None:
        lot = self.some_lot(store, sku, pick)
        lines = (
            LandedLine(sku=sku, quantity=quantity, lot=lot, receipt=f"document-{pick}"),
            LandedLine(sku=other, quantity=2 * quantity),
        )
        command = AddLandedCost(
            store_id=store,
            amount=Money(amount=amount, currency="CNY"),
            basis=Basis.QUANTITY,
            lines=lines,
            reference=self.next("bill-"),
        )
        self.do(command)

    @rule(store=STORE, sku=SKU, quantity=QUANTITY, pick=PICK, back=st.booleans())
    def carry(self, store: str, sku: str, quantity: int, pick: int, back: bool) -> None:
        lot, parts = self.some_lot(store, sku, pick), self.item(store, sku).parts or Parts()
        behind = parts.elsewhere.get(BACK, {}).get(lot or "", 0)
        there = self.there(store, sku, lot, held=False) - behind if back else behind
        line = RelocateLine(
            sku=sku,
            quantity=self.at_most(quantity, there),
            lot=lot,
            from_location="" if back else BACK,
            to_location=BACK if back else "",
        )
        self.do(Relocate(store_id=store, lines=(line,)))

    @rule()
    def a_night_passes(self) -> None:
        """The day is over, and its reports are handed in."""
        today = (self.now + timedelta(hours=8)).date()
        for store in STORES:
            self.closed[store, today] = self.books.losses(store, today, ZONE)
        self.now += timedelta(days=1)

    @rule(method=st.sampled_from(CostMethod))
    def change_the_method(self, method: CostMethod) -> None:
        if self.number % 7 == 0:
            self.do(SetStockPolicy(cost_method=method))

    def teardown(self) -> None:
        """What was reported stays so, and what is on its way arrives or is missing."""
        for (store, day), told in self.closed.items():
            assert self.books.losses(store, day, ZONE) == told
        for position, told in self.valued.items():
            assert {item: self.books.sums(item, position) for item in ITEMS} == told
        for sent in self.on_the_way():
            assert self.do(ReceiveTransfer(transfer_id=sent.transfer_id, receipt_id=self.next("a"), lines=()))
        for sku in SKUS:
            assert sum(self.books.quantity[store, sku, Place.TRANSIT] for store in STORES) == 0
            assert sum(self.books.value[store, sku, Place.TRANSIT] for store in STORES) == 0

    @invariant()
    def units_and_money_come_from_somewhere_and_go_somewhere(self) -> None:
        quantity, value = self.books.quantity, self.books.value
        for store, sku in ITEMS:
            item = self.item(store, sku)
            held = (item.parts or Parts()).held.values()
            assert quantity[store, sku, Place.SHELF] == item.on_hand
            assert quantity[store, sku, Place.QUARANTINE] == sum(each.quantity for each in held)
            assert value[store, sku, Place.SHELF] == item.value_minor
            assert value[store, sku, Place.QUARANTINE] == sum(each.value_minor for each in held)
            assert self.books.over_all_places((store, sku)) == (0, 0)

    @invariant()
    def the_read_models_say_what_the_states_say(self) -> None:
        told: dict[Item, Sums] = {}
        for store, sku in ITEMS:
            item, level = self.item(store, sku), self.books.level((store, sku))
            parts = item.parts or Parts()
            held = sum(each.quantity for each in parts.held.values())
            value = item.value_minor + sum(each.value_minor for each in parts.held.values())
            told[store, sku] = self.books.sums((store, sku), self.books.position)
            assert told[store, sku] == Sums(item.on_hand, held, value)
            assert (level.on_hand, level.held, level.value_minor) == (item.on_hand, held, item.value_minor)
            came = level.received - level.sold + level.returned - level.wasted + level.adjusted
            assert came - level.held + level.transferred - level.donated == level.on_hand
            lots = self.books.by_lot((store, sku))
            assert all(lots.pop(name, 0) == lot.quantity for name, lot in parts.lots.items())
            assert sum(lots.values()) == lots[""]
        self.valued[self.books.position] = told

    @invariant()
    def what_has_left_and_not_arrived_is_in_transit(self) -> None:
        for sku in SKUS:
            on_board = sum(row.in_transit.get(sku, 0) for row in self.books.transfers())
            assert sum(self.books.quantity[store, sku, Place.TRANSIT] for store in STORES) == on_board
            worth = sum(self.books.value[store, sku, Place.TRANSIT] for store in STORES)
            assert worth == 0 if not on_board else worth >= 0

    @invariant()
    def an_item_is_worth_what_its_lots_are_worth(self) -> None:
        for store, sku in ITEMS:
            item = self.item(store, sku)
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
        for store, sku in ITEMS:
            parts = self.item(store, sku).parts or Parts()
            assert all(lot.quantity >= 0 for lot in parts.lots.values())
            assert all(held.quantity > 0 for held in parts.held.values())
            if sku == "cherry" and (store, sku) not in self.stated:
                assert self.item(store, sku).on_hand >= 0

    @invariant()
    def nothing_stands_at_a_location_that_is_not_there(self) -> None:
        for store, sku in ITEMS:
            item = self.item(store, sku)
            parts = item.parts or Parts()
            loose = item.on_hand - sum(lot.quantity for lot in parts.lots.values())
            for name, quantity in parts.elsewhere.get(BACK, {}).items():
                there = parts.lots[name].quantity if name else loose
                assert 0 < quantity <= there

    @invariant()
    def the_last_unit_takes_the_rest(self) -> None:
        for store, sku in ITEMS:
            item = self.item(store, sku)
            parts = item.parts or Parts()
            # What comes back at another cost than it was owed at leaves a value until the next receipt.
            if item.on_hand > 0 and item.on_hand >= in_lots(parts) and owed_of(parts.layers) is None:
                cost, _ = taken_from(item, item.on_hand, None)
                assert cost == item.value_minor


class FifoLedger(Ledger):
    """The same, valued first in, first out from the beginning."""

    method: ClassVar = CostMethod.FIFO


# make laws plays many more.
LAWS = settings(
    derandomize=True,
    max_examples=int(os.environ.get("DAYBOOK_TEST_LEDGERS", "50")),
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestLedger = Ledger.TestCase
TestLedger.settings = LAWS
TestFifoLedger = FifoLedger.TestCase
TestFifoLedger.settings = LAWS
