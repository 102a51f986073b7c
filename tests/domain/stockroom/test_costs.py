"""What goods cost: the worked numbers of the rule "Cost", by moving average and first in, first out."""

import pytest

from domain.inventory.cost import CostAdjusted, CostCause, CostMethod
from domain.inventory.policy import STOCK_POLICY, SetStockPolicy, StockPolicySet
from domain.inventory.stock_item import STOCK_ITEM, StockMoved
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound, Refusal
from domain.kernel.money import Money
from domain.stockroom.landed_cost import AddLandedCost, Basis, LandedLine
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.decisions import Given, given
from tests.support.facts import a_store, by_gram, by_piece, check_out, take_back

ITEM = "s1/apple"
both_methods = pytest.mark.parametrize("method", list(CostMethod))


def shop(method: CostMethod = CostMethod.AVERAGE) -> Given:
    policy = ("stockpolicy-main", StockPolicySet(cost_method=method))
    return given(a_store(), by_piece("apple", 0), by_piece("pear", 0), by_gram("cherry", 0), policy)


def cny(amount: int) -> Money:
    return Money(amount=amount, currency="CNY")


def receipt(
    quantity: int, unit_cost: int, sku: str = "apple", lot: str | None = None, reference: str | None = None
) -> MoveStock:
    line = MoveLine(sku=sku, quantity=quantity, unit_cost=cny(unit_cost), lot=lot)
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,), reference=reference)


def bill(amount: int, *lines: LandedLine, basis: Basis = Basis.QUANTITY) -> AddLandedCost:
    return AddLandedCost(store_id="s1", amount=cny(amount), basis=basis, lines=lines, reference="bill-1")


def apples(quantity: int, **named: object) -> LandedLine:
    return LandedLine(sku="apple", quantity=quantity, **named)  # pyright: ignore[reportArgumentType]


@both_methods
def test_a_receipt_puts_right_what_was_sold_before_it_came(method: CostMethod) -> None:
    """−2 sold at 3.00, then 10 received at 3.40 -> 8 at 3.40 = 27.20, and a true-up of 0.80."""
    before = shop(method).after(receipt(1, 300)).after(check_out(("apple", 3)))
    outcome = before.when(receipt(10, 340, reference="delivery-2"))
    assert outcome.only(CostAdjusted) == CostAdjusted(
        store_id="s1",
        sku="apple",
        stock_minor=-80,
        variance_minor=80,
        cause=CostCause.BELOW_ZERO,
        reference="delivery-2",
        quantity=2,
    )
    item = before.after(receipt(10, 340)).state(STOCK_ITEM, ITEM)
    assert (item.on_hand, item.value_minor) == (8, 2720)


@both_methods
def test_a_receipt_that_covers_a_part_leaves_the_rest_below_zero_at_its_cost(method: CostMethod) -> None:
    before = shop(method).after(receipt(1, 300)).after(check_out(("apple", 3)))
    item = before.after(receipt(1, 340)).state(STOCK_ITEM, ITEM)
    assert (item.on_hand, item.value_minor) == (-1, -300)


@both_methods
def test_freight_that_comes_late_is_split_over_what_is_there_and_what_is_sold(method: CostMethod) -> None:
    """10.00 on 10 received, 6 sold: +4.00 to stock, 6.00 variance now."""
    before = shop(method).after(receipt(10, 100)).after(check_out(("apple", 6)))
    adjusted = before.when(bill(1000, apples(10))).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.variance_minor) == (400, 600)
    assert before.after(bill(1000, apples(10))).state(STOCK_ITEM, ITEM).value_minor == 800


@both_methods
def test_freight_of_a_lot_asks_what_is_left_of_that_lot(method: CostMethod) -> None:
    before = shop(method).after(receipt(10, 100, lot="A")).after(receipt(10, 100, lot="B"))
    before = before.after(check_out(("apple", 6)))
    assert before.when(bill(1000, apples(10, lot="A"))).answer.shares[0].stock_minor == 400
    assert before.when(bill(1000, apples(10, lot="B"))).answer.shares[0].stock_minor == 1000


def test_first_in_first_out_asks_what_is_left_of_the_receipt() -> None:
    before = shop(CostMethod.FIFO).after(receipt(10, 100, reference="one"))
    before = before.after(receipt(10, 100, reference="two")).after(check_out(("apple", 6)))
    assert before.when(bill(1000, apples(10, receipt="one"))).answer.shares[0].stock_minor == 400
    assert before.when(bill(1000, apples(10, receipt="two"))).answer.shares[0].stock_minor == 1000


def test_what_is_in_quarantine_takes_its_part_too() -> None:
    held = MoveLine(sku="apple", quantity=3, lot="A", reason="recalled")
    before = shop().after(receipt(10, 100, lot="A"))
    before = before.after(MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(held,)))
    adjusted = before.when(bill(1000, apples(10, lot="A"))).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.held_minor, adjusted.variance_minor) == (700, 300, 0)


def test_a_bill_is_split_by_largest_remainder() -> None:
    before = shop().after(receipt(1, 100)).after(receipt(2, 100, sku="pear"))
    pears = LandedLine(sku="pear", quantity=2)
    answer = before.when(bill(100, apples(1), pears)).answer
    assert [share.amount_minor for share in answer.shares] == [33, 67]


def test_a_bill_is_split_by_value() -> None:
    before = shop().after(receipt(10, 300)).after(receipt(10, 100, sku="pear"))
    pears = LandedLine(sku="pear", quantity=10)
    answer = before.when(bill(400, apples(10), pears, basis=Basis.VALUE)).answer
    assert [share.amount_minor for share in answer.shares] == [300, 100]


def test_a_bill_is_split_by_weight_which_grams_have_of_themselves() -> None:
    before = shop().after(receipt(10, 300)).after(receipt(1000, 100, sku="cherry"))
    cherries = LandedLine(sku="cherry", quantity=1000)
    answer = before.when(bill(400, apples(10, weight_g=3000), cherries, basis=Basis.WEIGHT)).answer
    assert [share.amount_minor for share in answer.shares] == [300, 100]


def test_pieces_do_not_tell_their_weight() -> None:
    shop().after(receipt(10, 300)).when(bill(400, apples(10), basis=Basis.WEIGHT)).refused(
        InvalidCommand, sku="apple"
    )


def test_a_credit_takes_no_more_off_than_the_stock_is_worth() -> None:
    before = shop().after(receipt(10, 1))
    adjusted = before.when(bill(-50, apples(10))).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.variance_minor) == (-10, -40)


def test_a_credit_takes_no_more_off_than_what_is_in_quarantine_is_worth() -> None:
    held = MoveLine(sku="apple", quantity=4, reason="recalled")
    before = shop().after(receipt(10, 100))
    before = before.after(MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(held,)))
    adjusted = before.when(bill(-2000, apples(10))).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.held_minor, adjusted.variance_minor) == (-600, -400, -1000)


def test_first_in_first_out_a_credit_takes_no_more_off_than_its_receipt_is_worth() -> None:
    before = (
        shop(CostMethod.FIFO).after(receipt(10, 100, reference="d1")).after(receipt(10, 900, reference="d2"))
    )
    adjusted = before.when(bill(-3000, apples(10, receipt="d1"))).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.variance_minor) == (-1000, -2000)


def test_no_unit_takes_its_part_of_a_bill_twice() -> None:
    """Two receipts of ten, of which twelve are left."""
    before = shop().after(receipt(10, 100)).after(receipt(10, 100)).after(check_out(("apple", 8)))
    first, second = before.when(bill(2000, apples(10), apples(10))).all(CostAdjusted)
    assert (first.stock_minor, second.stock_minor) == (1000, 200)


@pytest.mark.parametrize("kind", [MoveKind.RELEASE, MoveKind.WASTE])
def test_a_lot_that_never_came_is_not_what_belongs_to_no_lot(kind: MoveKind) -> None:
    held = MoveLine(sku="apple", quantity=4, reason="recalled")
    before = shop().after(receipt(10, 100))
    before = before.after(MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(held,)))
    line = MoveLine(sku="apple", quantity=1, lot="mistyped", reason="spoiled")
    refused = before.when(MoveStock(store_id="s1", kind=kind, lines=(line,)))
    with pytest.raises(Refusal):
        _ = refused.decision


def test_a_bill_for_nothing_is_refused() -> None:
    shop().after(receipt(10, 1)).when(bill(0, apples(10))).refused(InvalidCommand)


def test_a_bill_in_another_currency_is_refused() -> None:
    command = AddLandedCost(
        store_id="s1", amount=Money(amount=1, currency="EUR"), basis=Basis.QUANTITY, lines=(apples(1),)
    )
    shop().when(command).refused(CurrencyMismatch, currency="EUR")


def test_a_bill_for_a_lot_that_never_came_is_refused() -> None:
    shop().after(receipt(10, 1)).when(bill(5, apples(10, lot="X"))).refused(NotFound, kind="lot", id="X")


def test_by_moving_average_every_unit_costs_the_same() -> None:
    before = shop().after(receipt(10, 100)).after(receipt(10, 300))
    assert before.when(check_out(("apple", 10))).only(StockMoved).cost_minor == 2000


def test_first_in_first_out_what_came_first_is_issued_first() -> None:
    before = shop(CostMethod.FIFO).after(receipt(10, 100)).after(receipt(10, 300))
    assert before.when(check_out(("apple", 12))).only(StockMoved).cost_minor == 1600


def test_first_in_first_out_a_part_of_a_layer_costs_its_part() -> None:
    """3 for 10.00 one by one: 3.33, 3.34, 3.33, and nothing leaks."""
    now = shop(CostMethod.FIFO).after(receipt(1, 334)).after(receipt(2, 333))
    costs: list[int] = []
    for number in range(3):
        sale = check_out(("apple", 1), sale_id=f"x{number}")
        costs.append(now.when(sale).only(StockMoved).cost_minor)
        now = now.after(sale)
    assert (sum(costs), now.state(STOCK_ITEM, ITEM).value_minor) == (1000, 0)


def test_first_in_first_out_a_return_leaves_again_first_at_what_it_was_issued_at() -> None:
    now = shop(CostMethod.FIFO).after(receipt(10, 100)).after(receipt(10, 300))
    now = now.after(check_out(("apple", 10))).after(take_back((1, 1)))
    assert now.when(check_out(("apple", 1), sale_id="x2")).only(StockMoved).cost_minor == 100


def test_first_in_first_out_the_cost_is_that_of_the_lot_that_leaves() -> None:
    now = shop(CostMethod.FIFO).after(receipt(10, 100, lot="A")).after(receipt(10, 300, lot="B"))
    waste = MoveLine(sku="apple", quantity=2, lot="B", reason="spoiled")
    moved = now.when(MoveStock(store_id="s1", kind=MoveKind.WASTE, lines=(waste,))).only(StockMoved)
    assert moved.cost_minor == 600


@pytest.mark.parametrize("lot", [None, "B"])
def test_first_in_first_out_no_value_is_left_where_nothing_is(lot: str | None) -> None:
    """One sold below zero at 3.00 is owed; another, issued at 1.00, comes back in its place."""
    now = shop(CostMethod.FIFO).after(receipt(1, 100)).after(check_out(("apple", 1)))
    now = now.after(receipt(1, 300)).after(check_out(("apple", 2), sale_id="x2")).after(take_back((1, 1)))
    assert (now.state(STOCK_ITEM, ITEM).on_hand, now.state(STOCK_ITEM, ITEM).value_minor) == (0, -200)
    adjusted = now.when(receipt(5, 200, lot=lot)).only(CostAdjusted)
    assert (adjusted.stock_minor, adjusted.variance_minor) == (200, -200)
    item = now.after(receipt(5, 200, lot=lot)).state(STOCK_ITEM, ITEM)
    assert item.parts is not None
    assert (item.value_minor, [layer.value_minor for layer in item.parts.layers]) == (1_000, [1_000])


def test_what_was_there_before_fifo_began_is_one_layer_at_its_average() -> None:
    now = shop().after(receipt(10, 100)).after(receipt(10, 300))
    now = now.after(SetStockPolicy(cost_method=CostMethod.FIFO)).after(receipt(10, 500))
    assert now.when(check_out(("apple", 20))).only(StockMoved).cost_minor == 4000


def test_a_policy_that_is_set_already_writes_nothing() -> None:
    shop(CostMethod.FIFO).when(SetStockPolicy(cost_method=CostMethod.FIFO)).then()


def test_a_policy_is_what_was_set_last() -> None:
    now = shop().after(SetStockPolicy(cost_method=CostMethod.FIFO))
    assert now.state(STOCK_POLICY, "main").cost_method is CostMethod.FIFO
