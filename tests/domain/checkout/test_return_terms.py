"""Returns by the policy: reasons, windows, exceptions, what goes to waste, refunds as the cashier chooses."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.access.approval import ApprovalRequired, ApprovalUnfit, Authority, GrantApproval
from domain.access.limits import Limits, Operation
from domain.checkout.lines_back import ReturnLine
from domain.checkout.take_back import CorrectionTooLate, TakeBack
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved
from domain.kernel.allowance import Allowance
from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand
from domain.sales.policy import Policy, ReasonUnknown, ReturnOutsidePolicy, SetReturnPolicy, Terms
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SALE, Refund
from domain.sales.tendering import ChosenRefund, RefundsDoNotFit
from tests.support.decisions import NOON, Given, Shop, at, given
from tests.support.facts import a_store, by_piece, card, cash, check_out, received, take_back

CASHIER = Authority(person="person:u1", limits=Limits(refund_minor={"CNY": 5000}))
MANAGER = Authority(person="person:u2", limits=Limits(refund_minor={"CNY": 50_000}))
BY_POLICY = SetReturnPolicy(
    policy=Policy(
        default=Terms(days=14, without_receipt_days=0),
        skus={"card": Terms(final_sale=True)},
        reasons=("quality", "changed mind"),
    )
)


def sold(*commands: Any) -> Given:
    """Three apples at 10.00 and a gift card of 50.00, paid with 30.00 in cash and the rest on a card."""
    return (
        given(
            a_store(),
            by_piece("apple", 1000, tax_rate_bp=900),
            by_piece("card", 5000, stocked=False),
            received("apple", 10, 3400),
        )
        .after(check_out(("apple", 3), ("card", 1), tenders=(cash(3000), card(5000))))
        .after(*commands)
    )


def back(*lines: tuple[int, int], **terms: Any) -> TakeBack:
    return msgspec.structs.replace(take_back(*lines), **{"reason_code": "quality", **terms})


def later(days: int) -> Moment:
    return at(NOON + timedelta(days=days))


# --- windows and exceptions ---------------------------------------------------------------------------


def test_the_return_tells_by_which_policy_it_was_taken() -> None:
    returned = sold(BY_POLICY).when(back((1, 1)), later(14)).only(ReturnRecorded)
    assert returned.policy is not None
    assert (returned.policy.version, returned.policy.days_since, returned.reason_code) == (1, 14, "quality")


def test_after_the_window_nothing_comes_back() -> None:
    sold(BY_POLICY).when(back((1, 1)), later(15)).refused(ReturnOutsidePolicy, line=1, days=14, days_since=15)


def test_without_the_receipt_the_window_is_another() -> None:
    sold(BY_POLICY).when(back((1, 1), without_receipt=True), later(1)).refused(
        ReturnOutsidePolicy, days=0, days_since=1, without_receipt=True
    )


def test_a_final_sale_does_not_come_back() -> None:
    sold(BY_POLICY).when(back((2, 1))).refused(ReturnOutsidePolicy, line=2, final_sale=True)


def test_one_line_outside_the_policy_refuses_the_return() -> None:
    sold(BY_POLICY).when(back((1, 1), (2, 1))).refused(ReturnOutsidePolicy, line=2)


def test_an_exception_takes_it_back_all_the_same() -> None:
    returned = sold(BY_POLICY).when(back((1, 1), exception="goodwill"), later(15)).only(ReturnRecorded)
    assert returned.policy is not None
    assert returned.policy.exception == "goodwill"


def test_whoever_has_a_limit_makes_no_exception_alone() -> None:
    command = back((1, 1), exception="goodwill", authority=CASHIER)
    sold(BY_POLICY).when(command, later(15)).refused(
        ApprovalRequired, operation="exception", limit=0, needed=1000, target="x1"
    )


def test_within_the_policy_the_limit_is_that_of_refunds() -> None:
    command = back((1, 1), exception="goodwill", authority=CASHIER)
    returned = sold(BY_POLICY).when(command, later(14)).only(ReturnRecorded)
    assert returned.allowance == Allowance(limit=5000, needed=1000)


def approval(operation: Operation = Operation.EXCEPTION, up_to: int = 1000) -> GrantApproval:
    return GrantApproval(
        approval_id="a1",
        operation=operation,
        store_id="s1",
        target="x1",
        up_to=up_to,
        currency="CNY",
        authority=MANAGER,
    )


def test_a_second_person_allows_the_exception() -> None:
    brings = msgspec.structs.replace(CASHIER, approval_id="a1")
    command = back((2, 1), exception="goodwill", authority=brings)
    returned = sold(BY_POLICY, approval(up_to=5000)).when(command).only(ReturnRecorded)
    assert returned.allowance == Allowance(limit=0, needed=5000, approval_id="a1", approved_by="person:u2")


def test_the_approval_of_a_refund_is_none_of_an_exception() -> None:
    brings = msgspec.structs.replace(CASHIER, approval_id="a1")
    command = back((2, 1), exception="goodwill", authority=brings)
    sold(BY_POLICY, approval(Operation.REFUND)).when(command).refused(ApprovalUnfit, operation="refund")


# --- reasons ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, "boredom"])
def test_where_the_policy_lists_reasons_it_is_one_of_them(code: str | None) -> None:
    sold(BY_POLICY).when(back((1, 1), reason_code=code)).refused(
        ReasonUnknown, reasons=["quality", "changed mind"], reason=code
    )


def test_without_a_policy_any_reason_will_do() -> None:
    assert sold().when(back((1, 1), reason_code="boredom")).only(ReturnRecorded).reason_code == "boredom"


# --- condition ----------------------------------------------------------------------------------------


def spoiled(quantity: int, wasted: int) -> TakeBack:
    line = ReturnLine(line=1, quantity=quantity, wasted=wasted, condition="spoiled")
    return back(lines=(line,))


def test_what_is_spoiled_goes_from_the_customer_to_waste_with_its_cost() -> None:
    # Three apples left at 10.20: half_up(3400·3/10). Two of them are 6.80, of which one is 3.40.
    moves = sold().when(spoiled(2, 1)).all(StockMoved)
    assert [(move.from_, move.to, move.quantity, move.cost_minor, move.reason) for move in moves] == [
        (Place.CUSTOMER, Place.SHELF, 1, 340, None),
        (Place.CUSTOMER, Place.WASTE, 1, 340, "spoiled"),
    ]


def test_what_is_spoiled_does_not_come_onto_the_shelf() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000), received("apple", 10, 3400))
    shop.do(check_out(("apple", 3), tenders=(card(3000),)))
    shop.do(spoiled(3, 3))
    item = shop.state(STOCK_ITEM, "s1/apple")
    assert (item.on_hand, item.value_minor) == (7, 2380)


def test_what_is_spoiled_is_refunded_like_the_rest() -> None:
    assert sold().when(spoiled(2, 1)).answer.total_minor == 2000


@pytest.mark.parametrize(("quantity", "wasted"), [(1, 2), (1, -1)])
def test_no_more_goes_to_waste_than_comes_back(quantity: int, wasted: int) -> None:
    sold().when(spoiled(quantity, wasted)).refused(InvalidCommand, line=1)


def test_waste_says_in_which_condition_it_came() -> None:
    sold().when(back(lines=(ReturnLine(line=1, quantity=1, wasted=1),))).refused(InvalidCommand, line=1)


def test_a_condition_of_what_goes_to_the_shelf_is_refused() -> None:
    line = ReturnLine(line=1, quantity=1, condition="spoiled")
    sold().when(back(lines=(line,))).refused(InvalidCommand, line=1)


def test_a_service_does_not_go_to_waste() -> None:
    line = ReturnLine(line=2, quantity=1, wasted=1, condition="spoiled")
    sold().when(back(lines=(line,))).refused(InvalidCommand, line=2)


# --- tenders ------------------------------------------------------------------------------------------


def chosen(*amounts: tuple[int, int]) -> tuple[ChosenRefund, ...]:
    return tuple(ChosenRefund(tender=tender, amount_minor=amount) for tender, amount in amounts)


def test_the_cashier_chooses_which_tender_is_paid_back() -> None:
    returned = sold().when(back((1, 3), chosen=chosen((1, 3000)))).only(ReturnRecorded)
    assert returned.refunds == (Refund(tender=1, method="cash", amount_minor=3000),)


def test_after_a_choice_the_rest_goes_where_there_is_room() -> None:
    outcome = sold(back((1, 3), chosen=chosen((1, 3000)))).when(back((2, 1), return_id="r2"))
    assert outcome.answer.refunds == (Refund(tender=2, method="card", amount_minor=5000),)


def test_no_tender_is_chosen_above_what_it_paid() -> None:
    sold().when(back((2, 1), chosen=chosen((1, 5000)))).refused(RefundsDoNotFit, tender=1, left=3000)


def test_no_tender_is_chosen_above_what_it_has_left() -> None:
    sold(back((1, 2), chosen=chosen((1, 2000)))).when(
        back((1, 1), return_id="r2", chosen=chosen((1, 1001)))
    ).refused(RefundsDoNotFit, tender=1, left=1000)


@pytest.mark.parametrize(
    "amounts", [((1, 999),), ((1, 1001),), ((1, 500), (1, 500)), ((3, 1000),), ((1, 0),)]
)
def test_a_choice_adds_up_to_the_refund_and_names_tenders_of_the_sale(
    amounts: tuple[tuple[int, int], ...],
) -> None:
    sold().when(back((1, 1), chosen=chosen(*amounts))).refused(RefundsDoNotFit)


# --- corrections --------------------------------------------------------------------------------------


def correction(**terms: Any) -> TakeBack:
    return msgspec.structs.replace(take_back(), correction=True, **terms)


def test_a_correction_takes_back_everything_whatever_the_policy_says() -> None:
    returned = sold(BY_POLICY).when(correction()).only(ReturnRecorded)
    assert (returned.correction, returned.total_minor, returned.policy) == (True, 8000, None)
    assert [(line.line, line.quantity) for line in returned.lines] == [(1, 3), (2, 1)]


def test_a_correction_takes_back_what_is_left() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000))
    shop.do(check_out(("apple", 3), tenders=(card(3000),)))
    shop.do(take_back((1, 2)))
    shop.do(correction(return_id="r2"))
    assert shop.state(SALE, "x1").refunded == (3000,)


def test_a_sale_of_yesterday_is_not_corrected() -> None:
    sold().when(correction(), later(1)).refused(CorrectionTooLate, business_day="2026-03-02")


def test_a_sale_that_came_back_whole_has_nothing_to_correct() -> None:
    sold(correction()).when(correction(return_id="r2")).refused(InvalidCommand, lines=0)


def test_a_correction_counts_against_the_limit_of_refunds() -> None:
    sold().when(correction(authority=CASHIER)).refused(
        ApprovalRequired, operation="refund", limit=5000, needed=8000
    )
