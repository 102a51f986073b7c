"""Guests, and where an order goes."""

import pytest

from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.place_order import Guest
from domain.customers.customer import CustomerRegistered
from domain.kernel.errors import AlreadyExists, InvalidCommand
from domain.orders.delivery import PICK_UP, DeliverySet
from domain.orders.order import OrderNotReady, OrderPlaced, OrderReceived, OrderShipped
from domain.orders.steps import PickOrder, ReceiveOrder, SetDelivery
from domain.sales.sale import SaleCompleted
from tests.support.decisions import Given, given
from tests.support.facts import a_customer, a_store, by_piece, received, sealed
from tests.support.orders import pay, place, ship

SHOP = (a_store(), by_piece("apple", 1000), received("apple", 10, 0))
GUEST = Guest(customer_id="g1", name=sealed("Han", "customer-g1"), phone=sealed("+86", "customer-g1"))
HOME = DeliverySet(order_id="o1", address=sealed("Via Roma 1", "customer-g1"))
PICKED_UP = DeliverySet(order_id="o1", pick_up=True)


def placed(delivery: DeliverySet | None = HOME) -> Given:
    return given(*SHOP).after(place(("apple", 2), guest=GUEST, delivery=delivery))


def picked(delivery: DeliverySet | None) -> Given:
    return placed(delivery).after(pay(2000), AllocateOrder(order_id="o1"), PickOrder(order_id="o1"))


def test_a_guest_becomes_known_with_the_order_that_names_them() -> None:
    outcome = given(*SHOP).when(place(("apple", 2), guest=GUEST, delivery=HOME))
    assert (outcome.only(OrderPlaced).customer_id, outcome.only(OrderPlaced).guest_id) == (None, "g1")
    assert outcome.only(CustomerRegistered).phone == GUEST.phone
    assert outcome.only(DeliverySet) == HOME


def test_a_guests_order_becomes_a_sale_to_nobody_in_particular() -> None:
    assert placed().when(pay(2000)).only(SaleCompleted).customer_id is None


def test_nobody_is_a_guest_twice() -> None:
    placed().when(place(("apple", 1), order_id="o2", guest=GUEST)).refused(AlreadyExists, kind="customer")


def test_an_order_is_a_customers_or_a_guests() -> None:
    given(*SHOP, a_customer("c1")).when(place(("apple", 1), customer_id="c1", guest=GUEST)).refused(
        InvalidCommand
    )


def test_an_order_is_sent_elsewhere_until_all_has_left() -> None:
    elsewhere = SetDelivery(order_id="o1", address=sealed("Via Po 2", "customer-g1"))
    assert picked(HOME).when(elsewhere).only(DeliverySet).address == elsewhere.address
    assert picked(HOME).after(ship((1, 1))).when(elsewhere).only(DeliverySet).address == elsewhere.address
    picked(HOME).after(ship()).when(elsewhere).refused(OrderNotReady, status="shipped")


def test_what_is_picked_up_leaves_and_is_received_at_once() -> None:
    outcome = picked(PICKED_UP).when(ReceiveOrder(order_id="o1"))
    left = outcome.only(OrderShipped)
    assert (left.shipment_id, left.carrier, left.rest) == (PICK_UP, PICK_UP, 0)
    assert outcome.only(OrderReceived).order_id == "o1"


@pytest.mark.parametrize("delivery", [None, HOME])
def test_what_goes_to_an_address_is_not_received_before_it_has_left(delivery: DeliverySet | None) -> None:
    picked(delivery).when(ReceiveOrder(order_id="o1")).refused(OrderNotReady, status="picked")


def test_of_what_is_picked_up_in_parts_the_rest_is_handed_over() -> None:
    assert (
        picked(PICKED_UP).after(ship((1, 1))).when(ReceiveOrder(order_id="o1")).only(OrderShipped).lines
        == ship((1, 1)).lines
    )
