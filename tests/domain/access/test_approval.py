"""Four eyes: what is beyond a limit takes the approval of a second person, once."""

from datetime import timedelta

import msgspec

from domain.access.approval import (
    GOOD_FOR,
    ApprovalBeyondLimit,
    ApprovalGranted,
    ApprovalOwn,
    ApprovalRequired,
    ApprovalSpent,
    ApprovalUnfit,
    ApprovalUsed,
    Authority,
    GrantApproval,
)
from domain.access.limits import Limits, Operation
from domain.checkout.check_out import BasketLine, CheckOut
from domain.checkout.take_back import TakeBack
from domain.kernel.allowance import Allowance
from domain.kernel.errors import AlreadyExists, NotFound
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from tests.support.decisions import NOON, Fact, Given, Shop, at, given
from tests.support.facts import a_store, by_piece, card, check_out, take_back

CASHIER = Authority(person="person:ann", limits=Limits(refund_minor={"CNY": 1000}, discount_bp=1000))
MANAGER = Authority(person="person:bob", limits=Limits(refund_minor={"CNY": 5000}, discount_bp=5000))
WITH_A1 = msgspec.structs.replace(CASHIER, approval_id="a1")


def granted(**fields: object) -> Fact:
    """An approval by Bob, of a refund of 30.00 for the sale x1, unless told otherwise."""
    event = ApprovalGranted(
        approval_id="a1",
        operation=Operation.REFUND,
        store_id="s1",
        target="x1",
        up_to=3000,
        currency="CNY",
        approved_by="person:bob",
        expires_at=NOON + GOOD_FOR,
    )
    return "approval-a1", msgspec.structs.replace(event, **fields)


def grant(up_to: int = 3000, authority: Authority = MANAGER) -> GrantApproval:
    return GrantApproval(
        approval_id="a1",
        operation=Operation.REFUND,
        store_id="s1",
        target="x1",
        up_to=up_to,
        currency="CNY",
        authority=authority,
    )


def three_apples(*facts: Fact) -> Given:
    """Sold for 30.00."""
    sale = check_out(("apple", 3), tenders=(card(3000),))
    return given(a_store(), by_piece("apple", 1000), *facts).after(sale)


def refund(*lines: tuple[int, int], authority: Authority | None, return_id: str = "r1") -> TakeBack:
    return msgspec.structs.replace(take_back(*lines, return_id=return_id), authority=authority)


def sale_at(price: int, authority: Authority | None) -> CheckOut:
    """One apple, listed at 10.00, at a price of the till's own."""
    line = BasketLine(sku="apple", quantity=1, unit_price_minor=price, price_reason="bruised")
    return msgspec.structs.replace(check_out(line, tenders=(card(price),)), authority=authority)


def an_apple(*facts: Fact) -> Given:
    return given(a_store(), by_piece("apple", 1000), *facts)


# Granting.


def test_an_approval_says_what_it_is_for_and_until_when() -> None:
    given().when(grant()).then(granted())


def test_nobody_approves_more_than_they_might_do_themselves() -> None:
    given().when(grant(up_to=5001)).refused(ApprovalBeyondLimit, limit=5000, needed=5001)


def test_who_has_no_limit_approves_anything() -> None:
    owner = Authority(person="person:bob", limits=Limits(refund_minor=None))
    given().when(grant(up_to=10**9, authority=owner)).then(granted(up_to=10**9))


def test_an_approvals_id_is_taken_once() -> None:
    given(granted()).when(grant()).refused(AlreadyExists)


# Refunds.


def test_within_the_limit_no_second_person_is_needed() -> None:
    outcome = three_apples().when(refund((1, 1), authority=CASHIER))
    assert outcome.only(ReturnRecorded).allowance == Allowance(limit=1000, needed=1000)


def test_beyond_the_limit_a_refund_is_refused_and_says_what_is_needed() -> None:
    three_apples().when(refund((1, 3), authority=CASHIER)).refused(
        ApprovalRequired,
        operation="refund",
        target="x1",
        store_id="s1",
        limit=1000,
        needed=3000,
        currency="CNY",
    )


def test_many_small_refunds_of_a_sale_are_one_large_one() -> None:
    three_apples().after(refund((1, 1), authority=CASHIER)).when(
        refund((1, 1), authority=CASHIER, return_id="r2")
    ).refused(ApprovalRequired, needed=2000)


def test_with_an_approval_it_is_done_and_the_events_tell_who_approved() -> None:
    outcome = three_apples(granted()).when(refund((1, 3), authority=WITH_A1))
    used = ApprovalUsed(approval_id="a1", used_by="person:ann", document="return-r1", needed=3000)
    assert outcome.only(ApprovalUsed) == used
    assert outcome.only(ReturnRecorded).allowance == Allowance(
        limit=1000, needed=3000, approval_id="a1", approved_by="person:bob"
    )


def test_an_approval_that_is_not_needed_is_not_spent() -> None:
    assert three_apples(granted()).when(refund((1, 1), authority=WITH_A1)).all(ApprovalUsed) == []


def test_an_approval_is_good_once() -> None:
    used = ApprovalUsed(approval_id="a1", used_by="person:ann", document="return-r0", needed=1)
    three_apples(granted(), ("approval-a1", used)).when(refund((1, 3), authority=WITH_A1)).refused(
        ApprovalSpent
    )


def test_of_two_who_bring_the_same_approval_one_is_refunded() -> None:
    shop = Shop(a_store(), by_piece("apple", 1000), granted(up_to=9000))
    shop.do(check_out(("apple", 4), tenders=(card(4000),)))
    shop.do(refund((1, 2), authority=WITH_A1))
    assert isinstance(shop.do(refund((1, 2), authority=WITH_A1, return_id="r2")), ApprovalSpent)
    assert len(shop.events(ReturnRecorded)) == 1


def test_nobody_approves_what_they_do_themselves() -> None:
    three_apples(granted(approved_by="person:ann")).when(refund((1, 3), authority=WITH_A1)).refused(
        ApprovalOwn
    )


def test_an_approval_is_over_after_some_minutes_by_the_servers_clock() -> None:
    late = at(NOON, recorded_at=NOON + GOOD_FOR)
    three_apples(granted()).when(refund((1, 3), authority=WITH_A1), late).refused(ApprovalUnfit)


def test_until_then_it_is_good_whatever_the_till_says() -> None:
    moment = at(NOON + timedelta(days=1), recorded_at=NOON + GOOD_FOR - timedelta(seconds=1))
    three_apples(granted()).when(refund((1, 3), authority=WITH_A1), moment).only(ApprovalUsed)


def test_an_approval_of_less_is_not_enough() -> None:
    three_apples(granted(up_to=2999)).when(refund((1, 3), authority=WITH_A1)).refused(
        ApprovalUnfit, up_to=2999, needed=3000
    )


def test_an_approval_is_for_its_own_sale() -> None:
    three_apples(granted(target="x2")).when(refund((1, 3), authority=WITH_A1)).refused(ApprovalUnfit)


def test_an_approval_is_for_its_own_store() -> None:
    three_apples(granted(store_id="s2")).when(refund((1, 3), authority=WITH_A1)).refused(ApprovalUnfit)


def test_an_approval_is_for_its_own_operation() -> None:
    three_apples(granted(operation=Operation.DISCOUNT)).when(refund((1, 3), authority=WITH_A1)).refused(
        ApprovalUnfit
    )


def test_an_approval_is_in_its_own_currency() -> None:
    three_apples(granted(currency="EUR")).when(refund((1, 3), authority=WITH_A1)).refused(ApprovalUnfit)


def test_a_guessed_approval_is_not_found() -> None:
    three_apples().when(refund((1, 3), authority=WITH_A1)).refused(NotFound)


def test_without_a_limit_everything_is_as_it_was() -> None:
    assert three_apples().when(refund((1, 3), authority=None)).only(ReturnRecorded).allowance is None


# Prices of the till's own.


def test_a_price_within_the_limit_needs_nobody() -> None:
    outcome = an_apple().when(sale_at(900, CASHIER))
    assert outcome.only(SaleCompleted).allowance == Allowance(limit=1000, needed=1000)


def test_a_price_beyond_the_limit_is_refused_and_says_what_is_needed() -> None:
    an_apple().when(sale_at(899, CASHIER)).refused(
        ApprovalRequired, operation="discount", target="x1", limit=1000, needed=1010
    )


def test_a_price_above_the_lists_is_no_discount() -> None:
    assert an_apple().when(sale_at(1500, CASHIER)).only(SaleCompleted).allowance is None


def test_with_an_approval_the_sale_tells_who_approved() -> None:
    discount = granted(operation=Operation.DISCOUNT, currency=None, up_to=5000)
    outcome = an_apple(discount).when(sale_at(500, WITH_A1))
    assert outcome.only(ApprovalUsed).document == "sale-x1"
    assert outcome.only(SaleCompleted).allowance == Allowance(
        limit=1000, needed=5000, approval_id="a1", approved_by="person:bob"
    )


def test_a_key_without_a_limit_sells_at_any_price() -> None:
    assert an_apple().when(sale_at(1, None)).only(SaleCompleted).allowance is None
