"""Amends are decided with the resolution, both or neither; within limits, and never twice unsaid."""

from typing import Any

import msgspec
import pytest

from domain.access.approval import ApprovalGranted, ApprovalRequired, ApprovalUsed, Authority
from domain.access.limits import Limits, Operation
from domain.aftercare.amends import SettleCase
from domain.aftercare.parts import CouponGiven, CreditGiven
from domain.checkout.lines_back import ReturnExceedsSale, ReturnLine
from domain.customers.customer import CustomerErased
from domain.kernel.allowance import Allowance
from domain.kernel.errors import CurrencyMismatch, Erased, InvalidCommand
from domain.loyalty.points import PointsEarned
from domain.loyalty.programme import Programme, SetProgramme
from domain.promotions.campaign import DiscountKind
from domain.promotions.coupon import CouponIssued, NewCoupon
from domain.sales.returns import ReturnRecorded
from domain.service.case import CaseIsResolved, CaseResolved
from domain.service.compensation import AlreadyCompensated, CaseCompensated
from domain.service.handling import ReopenComplaint
from domain.stored_value.value import CreditGranted
from tests.support.commands import complain
from tests.support.decisions import NOON, Given, given
from tests.support.facts import (
    a_campaign,
    a_customer,
    a_store,
    by_piece,
    cash,
    check_out,
    received,
    sealed,
    take_back,
)

TEXT = sealed("We are sorry.")
PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=2, redeem_minor=1)
CREDIT = CreditGiven(currency="CNY", amount_minor=500)
COUPON = CouponGiven(campaign_id="autumn", coupon=NewCoupon(coupon_id="k9", code=sealed()))
REOPEN = ReopenComplaint(case_id="q1", text=TEXT)
GONE = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))


def settle(**fields: Any) -> SettleCase:
    return SettleCase(case_id="q1", text=TEXT, **fields)


def shop(*facts: Any, **about: Any) -> Given:
    """A customer who bought four apples for 4000 and complains about them."""
    sale = check_out(("apple", 4), tenders=(cash(4000),), customer_id="c1")
    opened = given(a_store(), by_piece("apple", 1000), received(), a_customer(), a_campaign(), *facts)
    case = complain("q1", **({"customer_id": "c1", "sale_id": "x1", "store_id": "s1"} | about))
    return opened.after(SetProgramme(programme=PROGRAMME), sale, case)


def test_everything_is_given_and_the_case_is_resolved_in_one_decision() -> None:
    command = settle(back=take_back((1, 1)), credit=CREDIT, points=100, coupon=COUPON)
    settled = shop().when(command)
    assert settled.only(ReturnRecorded).total_minor == 1000
    assert settled.only(CreditGranted).document == "complaint-q1"
    assert settled.only(PointsEarned).document == "complaint-q1"
    assert settled.only(CouponIssued).customer_id == "c1"
    assert settled.only(CaseCompensated) == CaseCompensated(
        case_id="q1",
        resolution=1,
        currency="CNY",
        refund_minor=1000,
        return_id="r1",
        credit_minor=500,
        points=100,
        points_minor=50,
        coupon_id="k9",
        coupon_minor=1000,
    )
    settled.only(CaseResolved)
    assert settled.answer.worth_minor == 2550


def test_what_one_part_is_refused_for_refuses_all() -> None:
    shop().when(settle(back=take_back((1, 5)), credit=CREDIT)).refused(ReturnExceedsSale)


def test_never_more_is_paid_back_than_is_left_of_the_sale() -> None:
    back = take_back((1, 3), return_id="r2")
    shop().after(take_back((1, 2))).when(settle(back=back)).refused(ReturnExceedsSale)


def test_spoiled_goods_are_paid_back_and_go_to_waste() -> None:
    spoiled = ReturnLine(line=1, quantity=2, wasted=2, condition="spoiled")
    back = msgspec.structs.replace(take_back(), lines=(spoiled,))
    returned = shop().when(settle(back=back)).only(ReturnRecorded)
    assert (returned.total_minor, returned.lines[0].wasted) == (2000, 2)


def test_a_case_about_a_sale_pays_back_no_other() -> None:
    other = check_out(("apple", 1), tenders=(cash(1000),), sale_id="x2", customer_id="c1")
    shop().after(other).when(settle(back=take_back((1, 1), sale_id="x2"))).refused(InvalidCommand)


def test_a_case_is_not_settled_twice() -> None:
    shop().after(settle(credit=CREDIT)).when(settle(credit=CREDIT)).refused(CaseIsResolved)


def test_a_reopened_case_gets_more_only_if_that_is_said() -> None:
    again = shop().after(settle(credit=CREDIT), REOPEN)
    again.when(settle(credit=CREDIT)).refused(AlreadyCompensated, worth={"CNY": 500})
    compensated = again.when(settle(credit=CREDIT, again=True)).only(CaseCompensated)
    assert (compensated.resolution, compensated.again) == (2, True)


def test_saying_again_where_there_was_nothing_is_noted_as_the_first() -> None:
    assert not shop().when(settle(credit=CREDIT, again=True)).only(CaseCompensated).again


def test_without_amends_a_complaint_is_resolved_as_ever() -> None:
    shop().when(settle()).refused(InvalidCommand)


def test_a_case_of_nobody_gets_goods_paid_back_alone() -> None:
    nobody = {"customer_id": None}
    shop(**nobody).when(settle(back=take_back((1, 1)))).only(ReturnRecorded)
    for given_ in ({"credit": CREDIT}, {"points": 2}, {"coupon": COUPON}):
        shop(**nobody).when(settle(**given_)).refused(InvalidCommand)


@pytest.mark.parametrize("parts", [{"credit": CREDIT}, {"points": 2}, {"coupon": COUPON}])
def test_whoever_was_forgotten_gets_nothing_more(parts: dict[str, Any]) -> None:
    given(*shop().facts, GONE).when(settle(**parts)).refused(Erased)


def test_amends_are_of_one_currency() -> None:
    euros = CreditGiven(currency="EUR", amount_minor=500)
    shop().when(settle(back=take_back((1, 1)), credit=euros)).refused(CurrencyMismatch)


@pytest.mark.parametrize(
    "campaign",
    [
        a_campaign("free", limit_per_code=None),
        a_campaign("free", kind=DiscountKind.PERCENT, value=10_000),
    ],
)
def test_a_coupon_of_which_nobody_knows_what_it_can_take_off_is_none_for_amends(campaign: Any) -> None:
    coupon = msgspec.structs.replace(COUPON, campaign_id="free")
    shop(campaign).when(settle(coupon=coupon)).refused(InvalidCommand)


def test_a_coupon_counts_with_the_most_that_all_its_uses_take_off() -> None:
    capped = a_campaign("ten", kind=DiscountKind.PERCENT, value=1000, cap_minor=300, limit_per_code=2)
    coupon = msgspec.structs.replace(COUPON, campaign_id="ten")
    assert shop(capped).when(settle(coupon=coupon)).only(CaseCompensated).coupon_minor == 600


LIMITS = Limits(compensation_minor={"CNY": 800}, credit_minor=None, refund_minor=None)
ANN = Authority(person="person:ann", limits=LIMITS)


def approved(operation: Operation, target: str, store_id: str, up_to: int) -> tuple[str, ApprovalGranted]:
    return f"approval-{operation}", ApprovalGranted(
        approval_id=operation.value,
        operation=operation,
        store_id=store_id,
        target=target,
        up_to=up_to,
        currency="CNY",
        approved_by="person:bob",
        expires_at=NOON.replace(hour=13),
    )


def test_within_the_limit_somebody_settles_alone() -> None:
    compensated = shop().when(settle(credit=CREDIT, authority=ANN)).only(CaseCompensated)
    assert compensated.allowance == Allowance(limit=800, needed=500)


def test_all_amends_of_a_case_count_together() -> None:
    reopened = shop().after(settle(credit=CREDIT), REOPEN)
    command = settle(credit=CREDIT, again=True, authority=ANN)
    reopened.when(command).refused(ApprovalRequired, operation="compensation", target="q1", needed=1000)


def test_beyond_the_limit_a_second_person_approves_once() -> None:
    approval = approved(Operation.COMPENSATION, "q1", "s1", 1500)
    who = msgspec.structs.replace(ANN, other_approvals=("compensation",))
    settled = shop(approval).when(settle(back=take_back((1, 1)), credit=CREDIT, authority=who))
    used = settled.only(ApprovalUsed)
    assert (used.document, used.needed) == ("complaint-q1", 1500)
    allowance = settled.only(CaseCompensated).allowance
    assert allowance is not None
    assert allowance.approved_by == "person:bob"


def test_what_somebody_may_not_pay_back_alone_they_may_not_pay_back_as_amends() -> None:
    careful = Authority(person="person:ann", limits=Limits(refund_minor={"CNY": 100}, credit_minor={}))
    back = msgspec.structs.replace(take_back((1, 1)), authority=careful)
    shop().when(settle(back=back)).refused(ApprovalRequired, operation="refund", needed=1000)
    granted = settle(credit=CREDIT, credit_authority=careful)
    shop().when(granted).refused(ApprovalRequired, operation="credit", needed=500)


def test_each_approval_is_used_for_what_it_was_given_for() -> None:
    approvals = [
        approved(Operation.REFUND, "x1", "s1", 1000),
        approved(Operation.COMPENSATION, "q1", "s1", 1500),
    ]
    limits = Limits(credit_minor=None)
    who = Authority(person="person:ann", limits=limits, other_approvals=("refund", "compensation"))
    back = msgspec.structs.replace(take_back((1, 1)), authority=who)
    command = settle(back=back, credit=CREDIT, authority=who, credit_authority=who)
    settled = shop(*approvals).when(command)
    assert [used.approval_id for used in settled.all(ApprovalUsed)] == ["refund", "compensation"]
