"""Picked, shipped in parts, on its way, received, late, broken: and what comes too early or too late."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.checkout.allocate_order import AllocateOrder
from domain.kernel.command import Command
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound
from domain.orders.order import (
    ORDER,
    OrderDamaged,
    OrderDelayed,
    OrderFailed,
    OrderNotReady,
    OrderPicked,
    OrderReceived,
    OrderShipped,
    OrderStatus,
)
from domain.orders.shipment import CarrierReported, CarrierStatus, Shipment, ShippedLine, reported
from domain.orders.steps import (
    DelayOrder,
    FailOrder,
    OrderStep,
    PickOrder,
    ReceiveOrder,
    ReportCarrier,
    ReportDamage,
    SetDelivery,
    ShipGoods,
    ShipmentExceedsOrder,
)
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_store, by_piece, received, take_back
from tests.support.laws import a_law
from tests.support.orders import cancel, pay, place, said, ship

FACTS = (a_store(), by_piece("apple", 1000), by_piece("pear", 500), received("apple"), received("pear"))
TO_PICK: tuple[Command, ...] = (
    place(("apple", 3), ("pear", 2)),
    pay(4000),
    AllocateOrder(order_id="o1"),
    PickOrder(order_id="o1"),
)
DELIVERED = said(CarrierStatus.DELIVERED, minutes=60)


def after(*commands: Command) -> Given:
    """An order of three apples and two pears that was picked, and then this."""
    return given(*FACTS).after(*TO_PICK, *commands)


def state(*commands: Command) -> OrderStatus:
    shop = Shop(*FACTS)
    for command in (*TO_PICK, *commands):
        shop.record(shop.decide(command, at(NOON)).events)
    return shop.state(ORDER, "o1").status


def test_an_allocated_order_is_picked() -> None:
    given(*FACTS).after(*TO_PICK[:3]).when(PickOrder(order_id="o1")).then_events(OrderPicked(order_id="o1"))


def test_what_is_not_named_leaves_whole() -> None:
    shipped = after().when(ship()).only(OrderShipped)
    assert shipped.lines == (ShippedLine(line=1, quantity=3), ShippedLine(line=2, quantity=2))
    assert shipped.rest == 0


def test_an_order_is_shipped_when_its_last_part_has_left() -> None:
    assert state(ship((1, 2))) is OrderStatus.PICKED
    assert state(ship((1, 2)), ship((1, 1), (2, 2), shipment_id="p2")) is OrderStatus.SHIPPED


def test_no_more_leaves_than_was_ordered() -> None:
    after(ship((1, 2))).when(ship((1, 2), shipment_id="p2")).refused(
        ShipmentExceedsOrder, line=1, left=1, asked=2
    )


@pytest.mark.parametrize("lines", [((1, 0),), ((1, -1),), ((1, 1), (1, 1))])
def test_a_shipment_names_each_line_once_with_what_leaves(lines: tuple[tuple[int, int], ...]) -> None:
    after().when(ship(*lines)).refused(InvalidCommand)


@pytest.mark.parametrize("line", [0, 3, -1])
def test_a_line_that_the_order_has_not_does_not_leave(line: int) -> None:
    after().when(ship((line, 1))).refused(NotFound, kind="line")


def test_a_shipment_has_an_id_of_its_own() -> None:
    after(ship((1, 1))).when(ship((1, 1))).refused(AlreadyExists, kind="shipment", id="p1")


def test_an_order_is_received_when_everything_of_it_is_delivered() -> None:
    shipped = after(ship((1, 3)), ship((2, 2), shipment_id="p2"), DELIVERED)
    second = said(CarrierStatus.DELIVERED, shipment_id="p2")
    assert shipped.when(second).all(OrderReceived) == [OrderReceived(order_id="o1")]


def test_a_delivered_part_is_no_received_order() -> None:
    assert state(ship((1, 3)), DELIVERED) is OrderStatus.PICKED
    assert state(ship((1, 3)), DELIVERED, ship(shipment_id="p2")) is OrderStatus.SHIPPED


def test_the_same_report_again_changes_nothing() -> None:
    after(ship(), DELIVERED).when(DELIVERED).then()


def test_a_report_that_comes_after_the_delivery_does_not_go_back() -> None:
    shop = Shop(*FACTS)
    for command in (*TO_PICK, ship(), DELIVERED, said(CarrierStatus.IN_TRANSIT, minutes=30)):
        shop.record(shop.decide(command, at(NOON)).events)
    order = shop.state(ORDER, "o1")
    assert (order.status, order.shipments["p1"].status) == (OrderStatus.RECEIVED, CarrierStatus.DELIVERED)


def test_a_failed_delivery_may_still_succeed() -> None:
    tried = (said(CarrierStatus.FAILED, minutes=20), said(CarrierStatus.DELIVERED, minutes=90))
    assert state(ship(), *tried) is OrderStatus.RECEIVED


def test_a_report_of_a_shipment_that_there_is_not_is_refused() -> None:
    after().when(DELIVERED).refused(NotFound, kind="shipment", id="p1")


REPORTS = st.lists(
    st.builds(
        CarrierReported,
        order_id=st.just("o1"),
        shipment_id=st.just("p1"),
        event_id=st.uuids().map(str),
        status=st.sampled_from(CarrierStatus),
        happened_at=st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours)),
    ),
    max_size=4,
)


@a_law
@given_any(reports=REPORTS)
def test_reports_say_the_same_whatever_the_order_they_come_in(reports: list[CarrierReported]) -> None:
    ends: set[tuple[object, ...]] = set()
    for order in permutations(reports):
        shipment = Shipment(carrier="sf", lines=())
        for report in order:
            shipment = reported(shipment, report)
        ends.add((shipment.status, shipment.status_at, shipment.damaged))
    assert len(ends) == 1


def test_an_order_is_delayed_to_a_later_day() -> None:
    later = DelayOrder(order_id="o1", ship_by=NOON + timedelta(days=2), cause="supplier late")
    after().when(later).then_events(
        OrderDelayed(order_id="o1", ship_by=NOON + timedelta(days=2), cause="supplier late")
    )
    after(later).when(later).refused(InvalidCommand)


def test_goods_are_damaged_once() -> None:
    one = ReportDamage(order_id="o1", lines=(ShippedLine(line=2, quantity=2),), cause="crushed")
    after().when(one).then_events(
        OrderDamaged(order_id="o1", lines=(ShippedLine(line=2, quantity=2),), cause="crushed")
    )
    after(one).when(one).refused(InvalidCommand, line=2)


def test_what_was_shipped_and_will_not_arrive_has_failed() -> None:
    fail = FailOrder(order_id="o1", cause="address unknown")
    after(ship()).when(fail).then_events(OrderFailed(order_id="o1", cause="address unknown"))
    after().when(fail).refused(InvalidCommand)


STEPS: tuple[tuple[OrderStep, tuple[OrderStatus, ...]], ...] = (
    (PickOrder(order_id="o1"), (OrderStatus.ALLOCATED,)),
    (ship(), (OrderStatus.PICKED,)),
    (ReceiveOrder(order_id="o1"), (OrderStatus.SHIPPED,)),
    (FailOrder(order_id="o1", cause="lost"), (OrderStatus.SHIPPED,)),
    (
        DelayOrder(order_id="o1", ship_by=NOON + timedelta(days=1), cause="rain"),
        (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.ALLOCATED, OrderStatus.PICKED),
    ),
    (
        SetDelivery(order_id="o1", pick_up=True),
        (OrderStatus.PLACED, OrderStatus.PAID, OrderStatus.ALLOCATED, OrderStatus.PICKED),
    ),
)
WAYS: dict[OrderStatus, tuple[Command, ...]] = {
    OrderStatus.PLACED: TO_PICK[:1],
    OrderStatus.PAID: TO_PICK[:2],
    OrderStatus.ALLOCATED: TO_PICK[:3],
    OrderStatus.PICKED: TO_PICK,
    OrderStatus.SHIPPED: (*TO_PICK, ship(shipment_id="p0")),
    OrderStatus.RECEIVED: (*TO_PICK, ship(shipment_id="p0"), ReceiveOrder(order_id="o1")),
    OrderStatus.CANCELLED: (TO_PICK[0], cancel()),
    OrderStatus.RETURNED: (*TO_PICK, take_back((1, 3), (2, 2), sale_id="o1")),
    OrderStatus.FAILED: (*TO_PICK, ship(shipment_id="p0"), FailOrder(order_id="o1", cause="lost")),
}


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize(("step", "allowed"), STEPS, ids=lambda one: type(one).__name__)
def test_a_step_is_taken_from_where_it_follows_and_refused_elsewhere(
    step: OrderStep, allowed: tuple[OrderStatus, ...], status: OrderStatus
) -> None:
    outcome = given(*FACTS).after(*WAYS[status]).when(step)
    if status in allowed:
        assert outcome.decision.events
    elif not (isinstance(step, FailOrder) and status is OrderStatus.PICKED):
        outcome.refused(OrderNotReady, status=status.value)


@pytest.mark.parametrize(
    "step",
    [*(step for step, _ in STEPS), DELIVERED],
    ids=lambda step: type(step).__name__,
)
def test_what_nobody_ordered_goes_no_way(step: ShipGoods | ReportCarrier) -> None:
    given(*FACTS).when(step).refused(NotFound, kind="order", id="o1")
