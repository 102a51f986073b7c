"""What comes back of an order shows in the order, and an order of which nothing is kept is over."""

from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.exchange import Exchange
from domain.checkout.take_back import TakeBack
from domain.kernel.command import Decision
from domain.orders.comeback import OrderReturned
from domain.orders.order import ORDER, OrderNotReady, OrderReceived, OrderShipped, OrderStatus
from domain.orders.shipment import CarrierStatus, ShippedLine
from domain.orders.steps import FailOrder, PickOrder
from tests.support.decisions import Given, Shop, given
from tests.support.facts import a_store, by_piece, cash, check_out, received, take_back
from tests.support.laws import a_law
from tests.support.orders import cancel, pay, place, said, ship

SHOP = (a_store(), by_piece("apple", 1000), received("apple", 50, 0))
READY = (pay(3000), AllocateOrder(order_id="o1"), PickOrder(order_id="o1"))


def picked() -> Given:
    """An order of three apples that lie ready."""
    return given(*SHOP).after(place(("apple", 3)), *READY)


def back(quantity: int, return_id: str = "r1") -> TakeBack:
    return take_back((1, quantity), return_id=return_id, sale_id="o1")


def came_back(quantity: int, *, kept: int, rest: int = 0) -> OrderReturned:
    lines = (ShippedLine(line=1, quantity=quantity),)
    return OrderReturned(order_id="o1", return_id="r1", lines=lines, kept=kept, rest=rest)


def test_an_order_that_comes_back_whole_at_a_till_is_over() -> None:
    outcome = picked().after(ship()).when(back(3))
    assert outcome.only(OrderReturned) == came_back(3, kept=0)
    shop = Shop(*SHOP)
    for command in (place(("apple", 3)), *READY, ship(), back(1), back(2, "r2")):
        assert isinstance(shop.do(command), Decision)
    assert shop.state(ORDER, "o1").status is OrderStatus.RETURNED


def test_an_order_of_which_part_comes_back_shows_so_and_stays_where_it_is() -> None:
    assert picked().after(ship()).when(back(1)).only(OrderReturned) == came_back(1, kept=2)


def test_what_is_exchanged_at_a_till_has_come_back() -> None:
    outcome = picked().after(ship()).when(Exchange(back=back(1), sale=check_out(("apple", 1), sale_id="x2")))
    assert outcome.only(OrderReturned) == came_back(1, kept=2)


def test_what_comes_back_before_it_has_left_is_not_shipped_any_more() -> None:
    assert picked().when(back(1)).only(OrderReturned) == came_back(1, kept=2, rest=2)
    left = picked().after(back(1)).when(ship()).only(OrderShipped)
    assert (left.lines, left.rest) == ((ShippedLine(line=1, quantity=2),), 0)


def test_an_order_that_is_over_is_neither_picked_nor_cancelled_nor_shipped() -> None:
    over = picked().after(back(3))
    for command in (PickOrder(order_id="o1"), cancel(), ship()):
        over.when(command).refused(OrderNotReady, status="returned")


def test_a_failed_order_stays_failed_when_it_is_refunded() -> None:
    shop = Shop(*SHOP)
    for command in (place(("apple", 3)), *READY, ship(), FailOrder(order_id="o1", cause="lost"), back(3)):
        assert isinstance(shop.do(command), Decision)
    assert shop.state(ORDER, "o1").status is OrderStatus.FAILED


def test_a_cancelled_order_says_nothing_of_goods_that_came_back() -> None:
    assert not picked().when(cancel()).all(OrderReturned)


def test_a_tills_own_sale_knows_no_order() -> None:
    sold = check_out(("apple", 1), tenders=(cash(1000),), sale_id="x1", register_id="orders.web")
    assert not given(*SHOP).after(sold).when(take_back((1, 1))).all(OrderReturned)


def test_what_left_comes_back_before_what_did_not() -> None:
    arrived = picked().after(ship((1, 2)), said(CarrierStatus.DELIVERED))
    assert arrived.when(back(1)).only(OrderReturned) == came_back(1, kept=2, rest=1)


def test_who_has_all_that_they_keep_has_received_it() -> None:
    """Of two lines the one that arrived is kept, and the other is taken back before it has left."""
    two = given(*SHOP, by_piece("pear", 1000), received("pear", 9, 0)).after(
        place(("apple", 1), ("pear", 2)), *READY, ship((1, 1)), said(CarrierStatus.DELIVERED)
    )
    outcome = two.when(take_back((2, 2), sale_id="o1"))
    assert (outcome.only(OrderReturned).rest, outcome.only(OrderReceived).order_id) == (0, "o1")


@drawn(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 4)), max_size=8))
@a_law
def test_of_each_line_what_left_what_is_to_leave_and_what_was_withdrawn_is_what_was_ordered(
    steps: list[tuple[bool, int]],
) -> None:
    shop = Shop(*SHOP)
    for command in (place(("apple", 3)), *READY):
        shop.do(command)
    for number, (shipping, quantity) in enumerate(steps):
        shop.do(ship((1, quantity), shipment_id=f"p{number}") if shipping else back(quantity, f"r{number}"))
        order = shop.state(ORDER, "o1")
        left, withdrawn, returned = (
            found.get(1, 0) for found in (order.shipped, order.withdrawn, order.returned)
        )
        assert left + withdrawn + order.rest().get(1, 0) == 3
        assert 0 <= withdrawn <= returned <= 3
        assert returned - withdrawn <= left
        assert (order.status is OrderStatus.RETURNED) == (returned == 3)
        if not order.rest() and returned < 3:
            assert order.status is OrderStatus.SHIPPED
