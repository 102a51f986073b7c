"""Laws of stock: quantity is conserved and value does not leak, whatever happens in whatever order."""

from collections import Counter
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog.product import NegativeStock
from domain.inventory.cost import CostAdjusted
from domain.inventory.stock_item import STOCK_ITEM, Place, StockItem, StockMoved
from domain.kernel.errors import Refusal
from domain.kernel.money import Money
from domain.sales.sale import SALE, SaleCompleted
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.decisions import Shop
from tests.support.facts import a_store, by_gram, by_piece, check_out, take_back
from tests.support.laws import a_law

SKUS = ("apple", "cherry")
FREE = 0  # goods without a price need no tenders, and stock does not care

Step = tuple[Literal["receive", "waste", "count", "sell", "return"], str, int, int]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(("receive", "waste", "count", "sell", "return")),
        st.sampled_from(SKUS),
        st.integers(1, 12),
        st.integers(0, 999),
    ),
    max_size=25,
)


def shop_with(negative_stock: NegativeStock) -> Shop:
    return Shop(
        a_store(),
        by_piece("apple", FREE, negative_stock=negative_stock),
        by_gram("cherry", FREE, negative_stock=negative_stock),
    )


def move(kind: MoveKind, sku: str, quantity: int, unit_cost: int | None = None) -> MoveStock:
    cost = None if unit_cost is None else Money(amount=unit_cost, currency="CNY")
    line = MoveLine(sku=sku, quantity=quantity, unit_cost=cost, reason="law")
    return MoveStock(store_id="s1", kind=kind, lines=(line,))


def item(shop: Shop, sku: str) -> StockItem:
    return shop.state(STOCK_ITEM, f"s1/{sku}")


def perform(shop: Shop, number: int, step: Step) -> None:
    """One step; `pick` is a unit cost, or which earlier sale comes back. Refusals are part of the game."""
    what, sku, quantity, pick = step
    if what == "receive":
        shop.do(move(MoveKind.RECEIPT, sku, quantity, pick))
    elif what == "waste":
        shop.do(move(MoveKind.WASTE, sku, quantity))
    elif what == "count":  # counted − book
        shop.do(move(MoveKind.ADJUSTMENT, sku, quantity - item(shop, sku).on_hand))
    elif what == "sell":  # the SKU on two lines, the other one on a third
        other = SKUS[1 - SKUS.index(sku)]
        shop.do(check_out((sku, quantity), (sku, 1), (other, 1), sale_id=f"x{number}"))
    elif sales := shop.events(SaleCompleted):
        line = 1 + pick % 3
        sale_id = sales[pick % len(sales)].sale_id
        shop.do(take_back((line, quantity), return_id=f"r{number}", sale_id=sale_id))


def places(shop: Shop, sku: str) -> tuple[Counter[Place], Counter[Place], int]:
    """What the ledger says is in each place, quantity and value, and what costs turned out to be besides."""
    quantity, value, variance = Counter[Place](), Counter[Place](), 0
    for moved in shop.events(StockMoved):
        if moved.sku == sku:
            quantity[moved.from_] -= moved.quantity
            quantity[moved.to] += moved.quantity
            value[moved.from_] -= moved.cost_minor
            value[moved.to] += moved.cost_minor
    for adjusted in shop.events(CostAdjusted):
        if adjusted.sku == sku:
            value[Place.SHELF] += adjusted.stock_minor
            variance += adjusted.variance_minor
    return quantity, value, variance


@pytest.mark.parametrize("negative_stock", list(NegativeStock))
@a_law
@given(steps=STEPS)
def test_quantity_and_value_are_conserved_over_all_places(
    negative_stock: NegativeStock, steps: list[Step]
) -> None:
    shop = shop_with(negative_stock)
    for number, step in enumerate(steps):
        perform(shop, number, step)
    for sku in SKUS:
        quantity, value, variance = places(shop, sku)
        assert sum(quantity.values()) == 0
        assert quantity[Place.SHELF] == item(shop, sku).on_hand
        assert value[Place.SHELF] == item(shop, sku).value_minor
        outside = [place for place in Place if place is not Place.SHELF]
        assert item(shop, sku).value_minor + variance == -sum(value[place] for place in outside)


@pytest.mark.parametrize("negative_stock", list(NegativeStock))
@a_law
@given(steps=STEPS)
def test_customers_hold_what_was_sold_and_not_returned(
    negative_stock: NegativeStock, steps: list[Step]
) -> None:
    shop = shop_with(negative_stock)
    for number, step in enumerate(steps):
        perform(shop, number, step)
    held: Counter[str] = Counter()
    for sold in shop.events(SaleCompleted):
        returned = shop.state(SALE, sold.sale_id).returned
        for line in sold.lines:
            held[line.sku] += line.quantity - returned.get(line.line, 0)
    for sku in SKUS:
        assert places(shop, sku)[0][Place.CUSTOMER] == held[sku]


@a_law
@given(steps=STEPS)
def test_where_the_product_blocks_nothing_ever_goes_below_zero(steps: list[Step]) -> None:
    shop = shop_with(NegativeStock.BLOCK)
    for number, step in enumerate(steps):
        perform(shop, number, step)
        for sku in SKUS:
            shelf = item(shop, sku)
            assert shelf.on_hand >= 0
            assert shelf.value_minor >= 0
            assert shelf.value_minor == 0 or shelf.on_hand > 0, "an empty shelf is worth nothing"


@a_law
@given(steps=STEPS, received=st.integers(3, 50), cost=st.integers(0, 999))
def test_a_sale_returned_in_full_leaves_the_shelf_as_it_was(
    steps: list[Step], received: int, cost: int
) -> None:
    shop = shop_with(NegativeStock.ALLOW)
    shop.do(move(MoveKind.RECEIPT, "apple", received, cost))
    for number, step in enumerate(steps):
        perform(shop, number, step)
    before = item(shop, "apple")
    assert not isinstance(shop.do(check_out(("apple", 3), sale_id="all")), Refusal)
    for number in range(3):
        assert not isinstance(shop.do(take_back((1, 1), return_id=f"all-{number}", sale_id="all")), Refusal)
    assert item(shop, "apple") == before
