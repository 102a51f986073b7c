"""Voids before payment: a fact of the till that moves nothing, counted in X and Z reports."""

from typing import Any

import pytest

from domain.access.approval import ApprovalRequired, ApprovalUsed, Authority, GrantApproval
from domain.access.limits import Limits, Operation
from domain.checkout.shifts import CloseShift, CountDrawer, OpenShift
from domain.checkout.void_basket import MAX_VOIDED_LINES, RecordVoid
from domain.kernel.allowance import Allowance
from domain.kernel.command import Command
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.kernel.money import MAX_AMOUNT_MINOR, AmountTooLarge
from domain.tills.receipts import ShiftNotOpen
from domain.tills.shift import MethodSum, ShiftClosed
from domain.tills.till import TILL
from domain.tills.void import BasketVoided, VoidedLine
from tests.support.decisions import Given, given
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
        )
    )


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


CASHIER = Authority(person="person:ann", limits=Limits(void_minor={"CNY": 1999}))


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
