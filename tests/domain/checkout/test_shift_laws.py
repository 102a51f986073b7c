"""Laws of shifts: in whatever order sales come, each shift has its own, and a Z report never changes."""

from collections import Counter
from datetime import timedelta

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.checkout.shifts import OpenShift
from domain.kernel.errors import AlreadyExists
from domain.tills.shift import ShiftClosed
from domain.tills.till import TILL, ReceiptIssued
from tests.domain.checkout.test_record_sale import made
from tests.domain.checkout.test_shifts import close, count, open_shift
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import a_store, by_piece
from tests.support.laws import a_law

HOUR = timedelta(hours=1)
# Open from hour 0 to 4, from 5 to 9, and since 10; in between nobody is there.
SHIFTS = ((0, 4), (5, 9), (10, None))
NOW = at(NOON + 20 * HOUR)


def shift_of(half_hours: int) -> int:
    """By the clock alone."""
    for number, (first, last) in enumerate(SHIFTS, start=1):
        if 2 * first <= half_hours and (last is None or half_hours <= 2 * last):
            return number
    return 0


def three_shifts() -> Shop:
    shop = Shop(a_store(), by_piece("apple", 1))
    for first, last in SHIFTS:
        assert not isinstance(shop.do(open_shift(0), at(NOON + first * HOUR)), Exception)
        if last is not None:
            shop.do(count(0), at(NOON + last * HOUR))
            shop.do(close(), at(NOON + last * HOUR))
    return shop


sales = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 50)), min_size=1, max_size=12)


@settings(a_law, max_examples=60)
@for_all(sales=sales, data=st.data())
def test_offline_sales_in_any_order_and_repeated_are_one_each_in_their_shift(
    sales: list[tuple[int, int]], data: st.DataObject
) -> None:
    shop = three_shifts()
    reports = shop.events(ShiftClosed)
    numbers = list(range(len(sales)))
    order = data.draw(st.permutations([*numbers, *data.draw(st.lists(st.sampled_from(numbers), max_size=6))]))
    seen: set[int] = set()
    for number in order:
        half_hours, quantity = sales[number]
        command = made(("apple", quantity, None, quantity), sale_id=f"x{number}")
        moment = at(NOON + half_hours * HOUR / 2, NOW.recorded_at)
        outcome = shop.do(command, moment)
        assert isinstance(outcome, AlreadyExists) == (number in seen)
        seen.add(number)

    expected, found = Counter[int](), Counter[int]()
    for half_hours, quantity in sales:
        expected[shift_of(half_hours)] += quantity
    for receipt in shop.events(ReceiptIssued):
        found[receipt.shift] += receipt.total_minor
    assert found == expected
    shift = shop.state(TILL, "s1/till-1").shift
    assert shift is not None
    assert shift.totals.total_minor == expected[3]
    assert sum(part.amount_minor for part in shift.expected) == expected[3]
    assert shop.events(ShiftClosed) == reports


def test_a_clock_that_was_set_back_lays_no_shift_over_another() -> None:
    shop = three_shifts()
    shop.do(count(0), NOW)
    shop.do(close(), NOW)
    shop.do(OpenShift(store_id="s1", register_id="till-1", float_minor=0), at(NOON))
    past = shop.state(TILL, "s1/till-1").past
    shift = shop.state(TILL, "s1/till-1").shift
    assert shift is not None
    assert shift.opened_at == past[-1].closed_at
