"""A stock item: quantity and value of one SKU on one shelf."""

import pytest

from domain.inventory.stock_item import (
    STOCK_ITEM,
    Place,
    StockItem,
    StockMoved,
    StockShort,
    cost_of,
    require_on_hand,
)
from domain.kernel.money import MAX_AMOUNT_MINOR, AmountTooLarge


def moved(from_: Place, to: Place, quantity: int, cost_minor: int) -> StockMoved:
    return StockMoved(
        store_id="s1", sku="apple", from_=from_, to=to, quantity=quantity, cost_minor=cost_minor
    )


def fold(*events: StockMoved) -> StockItem:
    state = STOCK_ITEM.initial
    for event in events:
        state = STOCK_ITEM.evolve(state, event)
    return state


RECEIVED = moved(Place.SUPPLIER, Place.SHELF, 10, 3400)


def test_a_receipt_adds_quantity_and_value_and_is_the_latest_cost() -> None:
    assert fold(RECEIVED) == StockItem(on_hand=10, value_minor=3400, last_cost_minor=3400, last_quantity=10)


@pytest.mark.parametrize("to", [Place.CUSTOMER, Place.WASTE, Place.COUNT_DIFFERENCE, Place.SUPPLIER])
def test_what_leaves_the_shelf_takes_quantity_and_value_along(to: Place) -> None:
    item = fold(RECEIVED, moved(Place.SHELF, to, 4, 1360))
    assert (item.on_hand, item.value_minor) == (6, 2040)


@pytest.mark.parametrize("from_", [Place.CUSTOMER, Place.COUNT_DIFFERENCE])
def test_what_comes_back_is_no_receipt(from_: Place) -> None:
    item = fold(RECEIVED, moved(from_, Place.SHELF, 2, 680))
    assert item == StockItem(on_hand=12, value_minor=4080, last_cost_minor=3400, last_quantity=10)


def test_what_passes_by_the_shelf_changes_nothing_on_it() -> None:
    assert fold(RECEIVED, moved(Place.CUSTOMER, Place.WASTE, 2, 680)) == fold(RECEIVED)


def test_an_issue_costs_its_part_of_the_value_rounded_half_up() -> None:
    assert cost_of(StockItem(on_hand=3, value_minor=1000), 2) == 667


def test_issues_one_by_one_take_the_whole_value_and_nothing_leaks() -> None:
    item = fold(moved(Place.SUPPLIER, Place.SHELF, 3, 1000))
    costs: list[int] = []
    for _ in range(3):
        costs.append(cost_of(item, 1))
        item = STOCK_ITEM.evolve(item, moved(Place.SHELF, Place.CUSTOMER, 1, costs[-1]))
    assert costs == [333, 334, 333]
    assert (item.on_hand, item.value_minor) == (0, 0)


def test_two_receipts_at_different_costs_are_averaged() -> None:
    item = fold(RECEIVED, moved(Place.SUPPLIER, Place.SHELF, 10, 1600))
    assert cost_of(item, 5) == 1250


def test_grams_are_valued_like_pieces() -> None:
    item = fold(moved(Place.SUPPLIER, Place.SHELF, 1000, 2000))
    assert cost_of(item, 251) == 502


def test_what_goes_below_zero_costs_as_much_as_the_latest_receipt() -> None:
    item = fold(RECEIVED, moved(Place.SHELF, Place.CUSTOMER, 9, 3060))
    assert cost_of(item, 3) == 340 + 680


def test_what_is_sold_when_nothing_is_left_costs_as_much_as_the_latest_receipt() -> None:
    item = fold(RECEIVED, moved(Place.SHELF, Place.CUSTOMER, 12, 4080))
    assert cost_of(item, 2) == 680


def test_what_was_never_received_costs_nothing() -> None:
    assert cost_of(StockItem(), 5) == 0


def test_an_issue_that_would_cost_anything_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        cost_of(StockItem(last_cost_minor=MAX_AMOUNT_MINOR, last_quantity=1), 2)


def test_the_shelf_holds_what_is_on_hand() -> None:
    require_on_hand(StockItem(on_hand=5), "s1", "apple", 5)


@pytest.mark.parametrize("on_hand", [4, 0, -2])
def test_the_shelf_does_not_hold_more(on_hand: int) -> None:
    with pytest.raises(StockShort) as refusal:
        require_on_hand(StockItem(on_hand=on_hand), "s1", "apple", 5)
    assert refusal.value.facts == {"store_id": "s1", "sku": "apple", "on_hand": on_hand, "asked": 5}
