"""Voids before payment: a fact of the till that moves nothing, counted in X and Z reports."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.access.approval import ApprovalRequired, ApprovalUsed, Authority, GrantApproval
from domain.access.limits import Limits, Operation
from domain.checkout.shifts import CloseShift, CountDrawer, OpenShift
from domain.checkout.void_basket import MAX_VOIDED_LINES, RecordVoid
from domain.kernel.allowance import Allowance
from domain.kernel.command import Command
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import MAX_AMOUNT_MINOR, AmountTooLarge
from domain.tills.receipts import ShiftNotOpen
from domain.tills.shift import MethodSum, ShiftClosed
from domain.tills.till import TILL
from domain.tills.void import VOID_ID, BasketVoided, VoidedLine, VoidIdTaken
from tests.support.decisions import NOON, Given, at, given
from tests.support.facts import a_store, an_employee, by_piece, cash, check_out

TILL_STREAM = "till-s1/till-1"
OPEN = OpenShift(store_id="s1", register_id="till-1", float_minor=0)
CLOSE = CloseShift(store_id="s1", register_id="till-1")


def voided(sku: str = "apple", quantity: int = 2, amount_minor: int = 2000) -> VoidedLine:
    return VoidedLine(sku=sku, quantity=quantity, amount_minor=amount_minor)


def void(*lines: VoidedLine, **fields: Any) -> RecordVoid:
    usual: dict[str, Any] = {"store_id": "s1", "register_id": "till-1", "void_id": "v1", "whole": True}
    usual["reason"] = "customer left"
    return RecordVoid(lines=lines or (voided(),), **(usual | fields))


def shop(*commands: Command) -> Given:
    return given(a_store(), an_employee(), by_piece("apple", 1000)).after(*commands)


def count(cash_minor: int) -> CountDrawer:
    counted = (MethodSum(method="cash", amount_minor=cash_minor),)
    return CountDrawer(store_id="s1", register_id="till-1", counted=counted)


def test_a_void_says_what_was_taken_off_by_whom_and_why_and_moves_nothing() -> None:
    shop(OPEN).when(void(employee_id="e1")).then(
        (
            TILL_STREAM,
            BasketVoided(
                store_id="s1",
                register_id="till-1",
                void_id="v1",
                shift=1,
                currency="CNY",
                whole=True,
                lines=(voided(),),
                amount_minor=2000,
                reason="customer left",
                employee_id="e1",
            ),
        ),
        (
            VOID_ID.stream("s1/v1"),
            VoidIdTaken(store_id="s1", register_id="till-1", void_id="v1"),
        ),
    )


def test_an_id_is_that_of_one_void_of_a_store_at_whatever_till() -> None:
    shop(void()).when(void()).refused(AlreadyExists)
    shop(void()).when(void(register_id="till-2")).refused(AlreadyExists)


def test_another_store_has_ids_of_its_own() -> None:
    both = given(a_store(), a_store("s2"), by_piece("apple", 1000)).after(void())
    assert both.when(void(store_id="s2")).only(BasketVoided).void_id == "v1"


def test_the_amount_is_that_of_all_its_lines() -> None:
    assert shop().when(void(voided(), voided(amount_minor=1))).only(BasketVoided).amount_minor == 2001


def test_the_z_report_counts_voids_beside_its_takings() -> None:
    sale = check_out(("apple", 1), tenders=(cash(1000),))
    day = shop(OPEN, void(), sale, void(void_id="v2", whole=False), count(1000))
    report = day.when(CLOSE).only(ShiftClosed)
    assert (report.voids, report.voided_minor) == (2, 4000)
    assert report.expected == (MethodSum(method="cash", amount_minor=1000),)


def test_a_count_still_holds_after_a_void() -> None:
    assert shop(OPEN, count(0), void()).when(CLOSE).only(ShiftClosed).voids == 1


def test_a_new_shift_begins_without_voids() -> None:
    again = shop(OPEN, void(), count(0), CLOSE, OPEN)
    assert again.when(count(0)).decision.events
    assert again.after(count(0)).when(CLOSE).only(ShiftClosed).voids == 0


def test_a_store_that_sells_in_shifts_voids_in_shifts() -> None:
    strict = given(a_store(shifts_required=True), by_piece("apple", 1000))
    strict.when(void()).refused(ShiftNotOpen)
    assert shop().when(void()).only(BasketVoided).shift == 0


CASHIER = Authority(person="person:ann", limits=Limits(void_minor={"CNY": 1999}, shift_voids_minor=None))


def test_within_the_limit_a_cashier_voids_alone_and_the_fact_says_so() -> None:
    small = void(voided(amount_minor=1999), authority=CASHIER)
    assert shop().when(small).only(BasketVoided).allowance == Allowance(limit=1999, needed=1999)


def test_beyond_the_limit_a_second_person_must_approve() -> None:
    shop().when(void(authority=CASHIER)).refused(
        ApprovalRequired, operation="void", target="v1", limit=1999, needed=2000, currency="CNY"
    )


def test_with_an_approval_it_is_voided_and_the_approval_is_spent() -> None:
    grant = GrantApproval(
        approval_id="a1",
        operation=Operation.VOID,
        store_id="s1",
        target="v1",
        up_to=2000,
        currency="CNY",
        authority=Authority(person="person:bob", limits=Limits(void_minor=None)),
    )
    approved = Authority(person=CASHIER.person, limits=CASHIER.limits, approval_id="a1")
    outcome = shop(grant).when(void(authority=approved))
    assert outcome.only(ApprovalUsed).document == TILL.stream("s1/till-1")


@pytest.mark.parametrize(
    "lines",
    [(), (voided(),) * (MAX_VOIDED_LINES + 1), (voided(quantity=0),), (voided(amount_minor=-1),)],
    ids=["nothing", "too much", "no quantity", "less than nothing"],
)
def test_what_no_till_has_shown_is_no_void(lines: tuple[VoidedLine, ...]) -> None:
    command = RecordVoid(
        store_id="s1", register_id="till-1", void_id="v1", whole=True, lines=lines, reason="mistyped"
    )
    shop().when(command).refused(InvalidCommand)


def test_what_nobody_has_heard_of_is_refused() -> None:
    shop().when(void(voided("typo"))).refused(NotFound)
    shop().when(void(employee_id="nobody")).refused(NotFound)
    shop().when(void(currencies=frozenset({"EUR"}))).refused(CurrencyMismatch)


def test_no_void_comes_to_more_than_can_be_written_down() -> None:
    most = voided(amount_minor=MAX_AMOUNT_MINOR)
    shop().when(void(most, most)).refused(AmountTooLarge)


SMALL = Limits(void_minor={"*": 1000}, shift_voids_minor={"*": 2000})
IN_SMALL_PARTS = Authority(person="person:ann", limits=SMALL)


def small(void_id: str, amount_minor: int = 1000, **fields: Any) -> RecordVoid:
    return void(voided(amount_minor=amount_minor), void_id=void_id, authority=IN_SMALL_PARTS, **fields)


def test_many_small_voids_of_a_shift_come_to_the_limit_of_the_shift() -> None:
    shop(OPEN, small("v1"), small("v2")).when(small("v3", 1)).refused(ApprovalRequired, target="v3", needed=1)


def test_up_to_the_limit_of_the_shift_each_is_held_against_its_own() -> None:
    second = shop(OPEN, small("v1")).when(small("v2"))
    assert second.only(BasketVoided).allowance == Allowance(limit=1000, needed=1000)


def test_what_others_voided_at_the_till_counts_too() -> None:
    shop(OPEN, void()).when(small("v2")).refused(ApprovalRequired)


def test_a_new_shift_begins_anew() -> None:
    again = shop(OPEN, void(), count(0), CLOSE, OPEN).when(small("v2"))
    assert again.only(BasketVoided).allowance == Allowance(limit=1000, needed=1000)


def test_without_a_shift_the_voids_of_a_business_day_count_together() -> None:
    day = shop(small("v1"), small("v2"))
    day.when(small("v3")).refused(ApprovalRequired)
    tomorrow = day.when(small("v3"), at(NOON + timedelta(days=1))).only(BasketVoided)
    assert tomorrow.business_day == date(2026, 3, 3)
    assert tomorrow.allowance == Allowance(limit=1000, needed=1000)


def test_what_comes_for_a_day_or_shift_that_is_over_takes_a_second_person() -> None:
    shop(small("v1")).when(small("v2"), at(NOON - timedelta(days=1))).refused(ApprovalRequired)
    shop(OPEN, count(0), CLOSE).when(small("v1")).refused(ApprovalRequired)


def test_beyond_the_limit_of_the_shift_an_approval_of_the_void_suffices() -> None:
    grant = GrantApproval(
        approval_id="a1",
        operation=Operation.VOID,
        store_id="s1",
        target="v2",
        up_to=1000,
        currency="CNY",
        authority=Authority(person="person:bob", limits=Limits(void_minor=None)),
    )
    approved = Authority(person="person:ann", limits=SMALL, approval_id="a1")
    second = shop(OPEN, void(), grant).when(void(voided(amount_minor=1000), void_id="v2", authority=approved))
    assert second.only(ApprovalUsed).needed == 1000
