"""Laws of orders: whatever is done in whatever order, stock and money are conserved, and promises end."""

from datetime import timedelta
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.catalog.product import NegativeStock
from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.assign_order import AssignOrder, EndOrderWork, SetCrewMember
from domain.checkout.cancel_order import LapseOrder
from domain.inventory.reservation import reserved
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved
from domain.kernel.command import Command, Decision
from domain.kernel.money import cumulative_share
from domain.orders.order import ORDER, Order, OrderPlaced, OrderStatus
from domain.orders.shipment import CarrierStatus
from domain.orders.steps import PickOrder
from domain.sales.sale import SALE
from domain.staff.crew import CREW
from tests.support.commands import receive
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import a_store, an_employee, by_gram, by_piece, cash, check_out, take_back
from tests.support.orders import HOLD_S, cancel, pay, place, said, ship

SKUS = ("apple", "cherry")
NUMBERS = st.integers(0, 30)
QUANTITIES = st.integers(1, 4)


class OrdersOfAShop(RuleBasedStateMachine):
    """Two products that block, tills that sell them, and orders to which all sorts of things happen."""

    policy: ClassVar = NegativeStock.BLOCK

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(
            a_store(),
            by_piece("apple", 999, negative_stock=self.policy, tax_rate_bp=900),
            by_gram("cherry", 3990, negative_stock=self.policy),
            an_employee("e1"),
            an_employee("e2"),
        )
        self.now = NOON
        self.number = 0
        self.do(SetCrewMember(store_id="s1", employee_id="e1", capacity=1))
        self.do(receive(("apple", 6), ("cherry", 6), unit_cost_minor=300))

    def do(self, command: Command) -> bool:
        """Whether it was accepted. Refusals are part of the game."""
        return isinstance(self.shop.do(command, at(self.now)), Decision)

    def next(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def some(self, pick: int) -> str:
        """An order that there is, or one that there isn't."""
        placed = self.shop.events(OrderPlaced)
        return placed[pick % len(placed)].order_id if placed else "nothing"

    def order(self, order_id: str) -> Order:
        return self.shop.state(ORDER, order_id)

    @rule(apples=QUANTITIES, cherries=QUANTITIES)
    def place(self, apples: int, cherries: int) -> None:
        order_id = self.next("o")
        if self.do(place(("apple", apples), ("cherry", cherries), ("apple", 1), order_id=order_id)):
            self.do(AssignOrder(order_id=order_id))

    @rule(pick=NUMBERS, short=st.sampled_from((0, 0, 0, 1)))
    def pay(self, pick: int, short: int) -> None:
        order_id = self.some(pick)
        placed = self.order(order_id).placed
        self.do(pay((0 if placed is None else placed.total_minor) - short, order_id=order_id))

    @rule(pick=NUMBERS)
    def cancel(self, pick: int) -> None:
        self.do(cancel(self.some(pick), return_id=self.next("r")))
        self.do(EndOrderWork(order_id=self.some(pick)))

    @rule(pick=NUMBERS)
    def prepare(self, pick: int) -> None:
        self.do(AllocateOrder(order_id=self.some(pick)))
        self.do(PickOrder(order_id=self.some(pick)))

    @rule(pick=NUMBERS, line=st.integers(1, 3), quantity=QUANTITIES)
    def ship(self, pick: int, line: int, quantity: int) -> None:
        self.do(ship((line, quantity), order_id=self.some(pick), shipment_id=self.next("p")))

    @rule(pick=NUMBERS)
    def ship_the_rest(self, pick: int) -> None:
        self.do(ship(order_id=self.some(pick), shipment_id=self.next("p")))
        self.do(EndOrderWork(order_id=self.some(pick)))

    @rule(pick=NUMBERS, status=st.sampled_from(CarrierStatus), minutes=st.integers(0, 5))
    def hear(self, pick: int, status: CarrierStatus, minutes: int) -> None:
        order_id = self.some(pick)
        for shipment_id in self.order(order_id).shipments:
            self.do(said(status, minutes=minutes, shipment_id=shipment_id, order_id=order_id))

    @rule(pick=NUMBERS, line=st.integers(1, 3), quantity=QUANTITIES)
    def take_back(self, pick: int, line: int, quantity: int) -> None:
        self.do(take_back((line, quantity), return_id=self.next("r"), sale_id=self.some(pick)))

    @rule(quantity=QUANTITIES)
    def sell_at_the_till(self, quantity: int) -> None:
        self.do(check_out(("apple", quantity), tenders=(cash(10_000),), sale_id=self.next("x")))

    @rule(quantity=QUANTITIES)
    def deliver(self, quantity: int) -> None:
        self.do(receive(("apple", quantity), ("cherry", quantity), unit_cost_minor=300))

    @rule(seconds=st.sampled_from((60, HOLD_S // 2, HOLD_S)), pick=NUMBERS)
    def wait(self, seconds: int, pick: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.do(LapseOrder(order_id=self.some(pick)))

    @invariant()
    def no_more_is_promised_than_is_there(self) -> None:
        for sku in SKUS:
            item = self.shop.state(STOCK_ITEM, f"s1/{sku}")
            promised = reserved(item.reservations, self.now)
            assert promised >= 0
            if self.policy is NegativeStock.BLOCK:
                assert promised <= item.on_hand

    @invariant()
    def only_orders_that_wait_for_their_payment_hold_anything(self) -> None:
        for sku in SKUS:
            for reference in self.shop.state(STOCK_ITEM, f"s1/{sku}").reservations:
                assert self.order(reference.partition("-")[2]).status is OrderStatus.PLACED

    @invariant()
    def goods_are_conserved(self) -> None:
        for sku in SKUS:
            places = dict.fromkeys(Place, 0)
            for moved in self.shop.events(StockMoved):
                if moved.sku == sku:
                    places[moved.from_] -= moved.quantity
                    places[moved.to] += moved.quantity
            assert sum(places.values()) == 0
            assert places[Place.SHELF] == self.shop.state(STOCK_ITEM, f"s1/{sku}").on_hand

    @invariant()
    def what_was_paid_is_refunded_or_kept(self) -> None:
        for placed in self.shop.events(OrderPlaced):
            order, sale = self.order(placed.order_id), self.shop.state(SALE, placed.order_id)
            if order.sale_id is None:
                assert sale.completed is None
                continue
            assert sale.completed is not None
            paid = sum(payment.amount_minor for payment in order.payments)
            kept = sum(
                line.net_minor
                - cumulative_share(line.net_minor, sale.returned.get(line.line, 0), line.quantity)
                for line in sale.completed.lines
            )
            assert paid == sale.completed.total_minor == placed.total_minor
            assert paid == sum(sale.refunded) + kept
            assert order.status is not OrderStatus.CANCELLED or kept == 0

    @invariant()
    def no_more_leaves_than_was_ordered(self) -> None:
        for placed in self.shop.events(OrderPlaced):
            order = self.order(placed.order_id)
            for line in placed.lines:
                assert 0 <= order.shipped.get(line.line, 0) <= line.quantity
            assert (order.status in {OrderStatus.SHIPPED, OrderStatus.RECEIVED}) <= (not order.rest())

    @invariant()
    def nobody_has_more_work_than_they_take(self) -> None:
        assert all(one.load <= one.capacity for one in self.shop.state(CREW, "s1").candidates())

    def teardown(self) -> None:
        """In the end every reservation ends, by itself."""
        self.now += timedelta(days=8)
        for placed in self.shop.events(OrderPlaced):
            self.do(LapseOrder(order_id=placed.order_id))
        for sku in SKUS:
            assert self.shop.state(STOCK_ITEM, f"s1/{sku}").reservations == {}


class OrdersBesideTillsThatSellBelowZero(OrdersOfAShop):
    """The same where a till may sell what is reserved."""

    policy: ClassVar = NegativeStock.ALLOW


_LAWS = settings(
    derandomize=True,
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestOrdersOfAShop = OrdersOfAShop.TestCase
TestOrdersOfAShop.settings = _LAWS
TestOrdersBesideTills = OrdersBesideTillsThatSellBelowZero.TestCase
TestOrdersBesideTills.settings = _LAWS
