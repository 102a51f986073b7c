"""Shifts of a till: float, cash in and out, a blind count, and what is over or short."""

from datetime import datetime, timedelta

import pytest

from domain.access.approval import ApprovalRequired, ApprovalUsed, Authority, GrantApproval
from domain.access.limits import Limits, Operation
from domain.checkout.check_out import CheckOut
from domain.checkout.shifts import CloseShift, CountDrawer, CountMissing, MoveCash, OpenShift, ShiftOpen
from domain.kernel.allowance import Allowance
from domain.kernel.command import Command
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, NotFound
from domain.sales.sale import Tender
from domain.tills.receipts import ShiftNotOpen
from domain.tills.shift import (
    SHIFTS_KEPT,
    CashMove,
    CashMoved,
    Difference,
    DrawerCounted,
    MethodSum,
    OverShortFound,
    Pieces,
    ShiftClosed,
    ShiftOpened,
)
from domain.tills.till import TILL, ReceiptIssued
from domain.tills.totals import TaxTotal, Totals
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import a_store, by_piece, card, cash, check_out, take_back

SHOP = (a_store(), by_piece("apple", 1000, tax_rate_bp=900))
EVENING = NOON + timedelta(hours=9)
LATER = NOON + timedelta(hours=10)
TILL_STREAM = "till-s1/till-1"


def open_shift(float_minor: int = 20_000, register_id: str = "till-1") -> OpenShift:
    return OpenShift(store_id="s1", register_id=register_id, float_minor=float_minor)


def move(kind: CashMove, amount_minor: int) -> MoveCash:
    return MoveCash(
        store_id="s1", register_id="till-1", kind=kind, amount_minor=amount_minor, reason="small change"
    )


def count(cash_minor: int | None = None, *others: MethodSum, pieces: tuple[Pieces, ...] = ()) -> CountDrawer:
    sums = others if cash_minor is None else (in_method("cash", cash_minor), *others)
    return CountDrawer(store_id="s1", register_id="till-1", counted=sums, pieces=pieces)


def close(authority: Authority | None = None) -> CloseShift:
    return CloseShift(store_id="s1", register_id="till-1", authority=authority)


def in_method(method: str, amount_minor: int) -> MethodSum:
    return MethodSum(method=method, amount_minor=amount_minor)


def sell(number: int = 1, *tenders: Tender) -> CheckOut:
    return check_out(("apple", 2), tenders=tenders or (cash(5000),), sale_id=f"x{number}")


def after(*commands: tuple[Command, datetime]) -> Shop:
    shop = Shop(*SHOP)
    for command, moment in commands:
        shop.record(shop.decide(command, at(moment)).events)
    return shop


def drawer(shop: Shop) -> tuple[MethodSum, ...]:
    """What should be there in the open shift."""
    shift = shop.state(TILL, "s1/till-1").shift
    assert shift is not None
    return shift.expected


def test_a_shift_opens_with_a_float_and_the_next_number() -> None:
    given(*SHOP).when(open_shift()).then(
        (
            TILL_STREAM,
            ShiftOpened(
                store_id="s1",
                register_id="till-1",
                shift=1,
                currency="CNY",
                opened_at=NOON,
                float_minor=20_000,
            ),
        )
    )


def test_shifts_are_numbered_without_gaps() -> None:
    shop = after((open_shift(), NOON), (count(20_000), NOON), (close(), EVENING), (open_shift(5), EVENING))
    assert [opened.shift for opened in shop.events(ShiftOpened)] == [1, 2]


def test_one_shift_ends_before_the_next_begins() -> None:
    given(*SHOP).after(open_shift()).when(open_shift()).refused(ShiftOpen, shift=1)


def test_each_register_has_shifts_of_its_own() -> None:
    given(*SHOP).after(open_shift()).when(open_shift(register_id="till-2")).only(ShiftOpened)


def test_a_sale_writes_what_was_paid_by_method_into_its_receipt_and_no_event_more() -> None:
    outcome = given(*SHOP).after(open_shift()).when(sell(1, card(500), cash(5000)))
    receipt = outcome.only(ReceiptIssued)
    assert (receipt.shift, receipt.paid) == (1, (in_method("card", 500), in_method("cash", 1500)))
    assert len(outcome.decision.events) == 3


def test_without_a_shift_a_receipt_says_nothing_of_it() -> None:
    receipt = given(*SHOP).when(sell()).only(ReceiptIssued)
    assert (receipt.shift, receipt.paid) == (0, ())


def test_the_drawer_holds_float_takings_and_what_was_put_in_less_what_was_taken_out() -> None:
    shop = after(
        (open_shift(20_000), NOON),
        (sell(1), NOON),
        (sell(2, card(2000)), NOON),
        (move(CashMove.PAY_IN, 300), NOON),
        (move(CashMove.PAY_OUT, 50), NOON),
        (move(CashMove.DROP, 10_000), NOON),
    )
    assert drawer(shop) == (in_method("card", 2000), in_method("cash", 20_000 + 2000 + 300 - 50 - 10_000))


def test_a_refund_leaves_the_drawer_of_the_shift_in_which_it_is_paid() -> None:
    shop = after(
        (open_shift(20_000), NOON),
        (sell(), NOON),
        (count(22_000), NOON),
        (close(), EVENING),
        (open_shift(20_000), EVENING),
        (take_back((1, 1)), EVENING + timedelta(minutes=1)),
    )
    assert drawer(shop) == (in_method("cash", 19_000),)
    (report,) = shop.events(ShiftClosed)
    assert report.takings == (in_method("cash", 2000),)


def test_a_count_tells_nothing_of_what_should_be_there() -> None:
    outcome = given(*SHOP).after(open_shift()).when(count(19_000))
    outcome.then_events(
        DrawerCounted(store_id="s1", register_id="till-1", shift=1, counted=(in_method("cash", 19_000),))
    )
    assert str(outcome.answer) == "ShiftBegun(shift=1)"


def test_notes_and_coins_make_the_cash_that_was_counted() -> None:
    pieces = (Pieces(value_minor=10_000, pieces=2), Pieces(value_minor=50, pieces=3))
    counted = given(*SHOP).after(open_shift()).when(count(pieces=pieces)).only(DrawerCounted)
    assert counted.counted == (in_method("cash", 20_150),)


@pytest.mark.parametrize(
    "wrong",
    [
        count(),
        count(-1),
        count(5, in_method("cash", 6)),
        count(5, pieces=(Pieces(value_minor=5, pieces=1),)),
        count(pieces=(Pieces(value_minor=5, pieces=1), Pieces(value_minor=5, pieces=2))),
    ],
)
def test_a_count_that_can_mean_nothing_is_refused(wrong: CountDrawer) -> None:
    given(*SHOP).after(open_shift()).when(wrong).refused(InvalidCommand)


def test_a_shift_is_not_closed_without_a_count() -> None:
    given(*SHOP).after(open_shift()).when(close()).refused(CountMissing, shift=1)


def test_money_that_moves_after_the_count_asks_for_another() -> None:
    shop = after((open_shift(), NOON), (count(20_000), NOON), (sell(), NOON))
    assert isinstance(shop.do(close()), CountMissing)


def test_the_z_report_says_what_was_taken_what_should_be_there_and_what_was_counted() -> None:
    shop = after((open_shift(), NOON), (sell(), NOON), (count(22_000), NOON), (close(), EVENING))
    (report,) = shop.events(ShiftClosed)
    assert report == ShiftClosed(
        store_id="s1",
        register_id="till-1",
        shift=1,
        currency="CNY",
        opened_at=NOON,
        closed_at=EVENING,
        float_minor=20_000,
        totals=Totals(
            receipts=1,
            sales_minor=2000,
            taxes=(TaxTotal(rate_bp=900, gross_minor=2000, tax_minor=165),),
        ),
        takings=(in_method("cash", 2000),),
        expected=(in_method("cash", 22_000),),
        counted=(in_method("cash", 22_000),),
    )
    assert shop.events(OverShortFound) == []


def test_what_is_short_is_a_fact_of_its_own() -> None:
    outcome = given(*SHOP).after(open_shift(), count(19_900)).when(close())
    assert outcome.only(OverShortFound).differences == (
        Difference(method="cash", expected_minor=20_000, counted_minor=19_900),
    )
    assert outcome.answer.differences[0].over_minor == -100


CASHIER = Authority(person="person:ann", limits=Limits(over_short_minor={"CNY": 100}))
MANAGER = Authority(person="person:bob", limits=Limits(over_short_minor=None))


def test_within_the_limit_a_cashier_closes_alone_and_the_fact_says_so() -> None:
    found = given(*SHOP).after(open_shift(), count(19_900)).when(close(CASHIER)).only(OverShortFound)
    assert found.allowance == Allowance(limit=100, needed=100)


def test_beyond_the_limit_a_second_person_must_approve() -> None:
    given(*SHOP).after(open_shift(), count(20_101)).when(close(CASHIER)).refused(
        ApprovalRequired, operation="over_short", target="till-1", limit=100, needed=101, currency="CNY"
    )


def test_over_and_short_do_not_make_up_for_each_other() -> None:
    counted = count(20_060, in_method("card", 1940))
    given(*SHOP).after(open_shift(), check_out(("apple", 2), tenders=(card(2000),)), counted).when(
        close(CASHIER)
    ).refused(ApprovalRequired, needed=120)


def test_with_an_approval_it_is_closed_and_the_approval_is_spent() -> None:
    grant = GrantApproval(
        approval_id="a1",
        operation=Operation.OVER_SHORT,
        store_id="s1",
        target="till-1",
        up_to=500,
        currency="CNY",
        authority=MANAGER,
    )
    with_approval = Authority(person=CASHIER.person, limits=CASHIER.limits, approval_id="a1")
    outcome = given(*SHOP).after(open_shift(), count(20_500), grant).when(close(with_approval))
    assert outcome.only(OverShortFound).allowance == Allowance(
        limit=100, needed=500, approval_id="a1", approved_by="person:bob"
    )
    assert outcome.only(ApprovalUsed).document == TILL_STREAM


def test_what_happened_in_a_closed_shift_goes_there_and_changes_no_other() -> None:
    """An offline till's sale of 12:00 comes when the next shift is open."""
    shop = after((open_shift(), NOON), (count(20_000), NOON), (close(), EVENING), (open_shift(5000), EVENING))
    shop.record(shop.decide(sell(), at(NOON + timedelta(hours=1), LATER)).events)
    (receipt,) = shop.events(ReceiptIssued)
    assert (receipt.shift, receipt.paid) == (1, (in_method("cash", 2000),))
    assert drawer(shop) == (in_method("cash", 5000),)


def test_what_happened_between_two_shifts_belongs_to_none() -> None:
    shop = after((open_shift(), NOON), (count(20_000), NOON), (close(), EVENING), (open_shift(5000), LATER))
    shop.record(shop.decide(sell(), at(EVENING + timedelta(minutes=1), LATER)).events)
    assert shop.events(ReceiptIssued)[0].shift == 0


def test_cash_that_moved_in_a_closed_shift_goes_there_too() -> None:
    shop = after((open_shift(), NOON), (count(20_000), NOON), (close(), EVENING), (open_shift(5000), EVENING))
    shop.record(shop.decide(move(CashMove.DROP, 1), at(NOON, LATER)).events)
    assert [moved.shift for moved in shop.events(CashMoved)] == [1]
    assert drawer(shop) == (in_method("cash", 5000),)


def test_a_till_remembers_the_last_shifts_only() -> None:
    shop = Shop(*SHOP)
    for number in range(SHIFTS_KEPT + 3):
        moment = at(NOON + timedelta(hours=number))
        for command in (open_shift(0), count(0), close()):
            assert not isinstance(shop.do(command, moment), Exception)
    assert [each.number for each in shop.state(TILL, "s1/till-1").past][:1] == [4]
    shop.do(open_shift(0), at(NOON + timedelta(days=30)))
    assert shop.events(ShiftOpened)[-1].shift == SHIFTS_KEPT + 4


def test_a_store_may_ask_that_a_shift_is_open() -> None:
    store = a_store(shifts_required=True)
    shop = Shop(store, by_piece("apple", 1000))
    assert isinstance(shop.do(check_out(("apple", 2), tenders=(cash(2000),))), ShiftNotOpen)
    shop.do(open_shift())
    assert not isinstance(shop.do(check_out(("apple", 2), tenders=(cash(2000),))), Exception)


@pytest.mark.parametrize("command", [move(CashMove.PAY_IN, 1), count(1), close()])
def test_without_a_shift_nothing_is_moved_counted_or_closed(command: Command) -> None:
    given(*SHOP).when(command).refused(ShiftNotOpen)


def test_a_shift_of_a_store_that_there_is_not_is_refused() -> None:
    given().when(open_shift()).refused(NotFound, kind="store", id="s1")


def test_a_float_in_another_currency_is_refused() -> None:
    command = OpenShift(store_id="s1", register_id="t", float_minor=1, currencies=frozenset({"EUR"}))
    given(*SHOP).when(command).refused(CurrencyMismatch, currency="EUR")


@pytest.mark.parametrize("command", [open_shift(-1), move(CashMove.DROP, 0)])
def test_amounts_that_can_mean_nothing_are_refused(command: OpenShift | MoveCash) -> None:
    shop = given(*SHOP)
    (shop if isinstance(command, OpenShift) else shop.after(open_shift())).when(command).refused(
        InvalidCommand
    )
