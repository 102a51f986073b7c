"""Entered and left are written down once, with the reason; offers and lists see both kinds of segments."""

from datetime import date, timedelta

import pytest

from domain.checkout.check_out import CheckOut
from domain.customers.belonging import MAX_MOVES, FinishEvaluation, Move, Moved, MoveMembers
from domain.customers.customer import CUSTOMER, CustomerErased, SegmentEntered, SegmentLeft, SegmentsSet
from domain.customers.measures import Seen
from domain.customers.rules import Between, Definition, Measure
from domain.customers.segment import DefineSegment, SegmentEvaluated
from domain.customers.segments import SetSegments
from domain.kernel.errors import InvalidCommand, NotFound
from domain.promotions.campaign import CouponNeedsCustomer, CouponNotTargeted, DiscountKind, OpenCampaign
from domain.sales.sale import SaleCompleted
from tests.support.decisions import NOON, given
from tests.support.facts import a_campaign, a_coupon, a_customer, a_store, by_piece, cash, check_out

DAY = NOON.date() - timedelta(days=1)
WHY = (Seen(name="purchases", value=3),)


def defined(at_least: int = 3) -> DefineSegment:
    rule = Between(measure=Measure.PURCHASES, at_least=at_least)
    return DefineSegment(segment_id="regulars", definition=Definition(rule=rule))


def move(*customers: str, enters: bool = True, version: int = 1, as_of: date = DAY) -> MoveMembers:
    moves = tuple(Move(customer_id=one, enters=enters, reason=WHY) for one in customers)
    return MoveMembers(segment_id="regulars", version=version, as_of=as_of, moves=moves)


def finish(version: int = 1, as_of: date = DAY) -> FinishEvaluation:
    return FinishEvaluation(segment_id="regulars", version=version, as_of=as_of, members=1)


def entered(customer_id: str) -> SegmentEntered:
    return SegmentEntered(customer_id=customer_id, segment_id="regulars", version=1, as_of=DAY, reason=WHY)


def test_who_enters_does_so_with_the_reason() -> None:
    outcome = given(a_customer("c1"), a_customer("c2")).after(defined()).when(move("c1", "c2"))
    outcome.then(("customer-c1", entered("c1")), ("customer-c2", entered("c2")))
    assert outcome.answer == Moved(entered=2, left=0)


def test_who_leaves_does_so_with_the_reason() -> None:
    given(a_customer()).after(defined(), move("c1")).when(move("c1", enters=False)).then_events(
        SegmentLeft(customer_id="c1", segment_id="regulars", version=1, as_of=DAY, reason=WHY)
    )


def test_a_repeat_writes_nothing() -> None:
    given(a_customer()).after(defined(), move("c1")).when(move("c1")).then()
    given(a_customer()).after(defined()).when(move("c1", enters=False)).then()


def test_one_who_is_named_twice_enters_once() -> None:
    given(a_customer()).after(defined()).when(move("c1", "c1")).then_events(entered("c1"))


def test_who_was_forgotten_is_passed_over_and_the_others_move() -> None:
    gone = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))
    shop = given(a_customer("c1"), gone, a_customer("c2")).after(defined())
    shop.when(move("c1", "c2", "stranger")).then_events(entered("c2"))


def test_an_older_version_moves_nobody() -> None:
    given(a_customer()).after(defined(), defined(4)).when(move("c1", version=1)).then()


def test_a_day_before_the_last_evaluation_moves_nobody() -> None:
    shop = given(a_customer()).after(defined(), finish())
    shop.when(move("c1", as_of=DAY - timedelta(days=1))).then()
    shop.when(finish(as_of=DAY - timedelta(days=1))).then()


def test_a_day_to_come_is_refused() -> None:
    tomorrow = NOON.date() + timedelta(days=1)
    shop = given(a_customer()).after(defined())
    shop.when(move("c1", as_of=tomorrow)).refused(InvalidCommand, as_of=tomorrow.isoformat())
    shop.when(finish(as_of=tomorrow)).refused(InvalidCommand, as_of=tomorrow.isoformat())


def test_too_many_at_once_are_refused() -> None:
    many = [f"c{number}" for number in range(MAX_MOVES + 1)]
    given().after(defined()).when(move(*many)).refused(InvalidCommand, moves=MAX_MOVES + 1)


def test_nobody_enters_a_segment_that_is_not_defined() -> None:
    given(a_customer()).when(move("c1")).refused(NotFound, kind="segment", id="regulars")


def test_an_evaluation_is_noted_once_for_a_version_and_a_day() -> None:
    evaluated = SegmentEvaluated(segment_id="regulars", version=1, as_of=DAY, members=1)
    given().after(defined()).when(finish()).then_events(evaluated)
    given().after(defined(), finish()).when(finish()).then()
    again = SegmentEvaluated(segment_id="regulars", version=2, as_of=DAY, members=1)
    given().after(defined(), finish(), defined(4)).when(finish(version=2)).then_events(again)


@pytest.mark.parametrize(
    ("by_hand", "known"), [((), ("regulars",)), (("staff", "regulars"), ("regulars", "staff"))]
)
def test_a_sale_goes_by_the_segments_of_either_kind(by_hand: tuple[str, ...], known: tuple[str, ...]) -> None:
    put = ("customer-c1", SegmentsSet(customer_id="c1", segments=by_hand))
    shop = given(a_store(), by_piece(), a_customer(), put).after(defined(), move("c1"))
    sale = shop.when(check_out(("apple", 1), customer_id="c1", tenders=(cash(10_000),))).only(SaleCompleted)
    assert sale.customer_facts is not None
    assert sale.customer_facts.segments == known


def test_who_was_put_into_others_by_hand_stays_where_they_entered() -> None:
    shop = given(a_customer()).after(defined(), move("c1"))
    shop = given(*shop.facts, ("customer-c1", SegmentsSet(customer_id="c1")))
    assert shop.state(CUSTOMER, "c1").groups == ("regulars",)


def with_coupon(customer_id: str | None) -> CheckOut:
    return check_out(("apple", 10), customer_id=customer_id, coupons=("k1",), tenders=(cash(10_000),))


def test_a_targeted_campaign_reaches_who_entered_its_segments_or_was_put_there() -> None:
    campaign = a_campaign(targeted=True, segments=("regulars", "staff"))
    shop = given(a_store(), by_piece(), campaign, a_coupon("k1"), a_customer("c1"), a_customer("c2"))
    shop = shop.after(defined(), move("c1"), SetSegments(customer_id="c2", segments=("staff",)))
    for customer_id in ("c1", "c2"):
        assert shop.when(with_coupon(customer_id)).only(SaleCompleted).discounts
    shop.after(move("c1", enters=False)).when(with_coupon("c1")).refused(CouponNotTargeted, customer_id="c1")


def test_a_targeted_campaign_of_segments_needs_a_customer() -> None:
    shop = given(a_store(), by_piece(), a_campaign(targeted=True, segments=("regulars",)), a_coupon("k1"))
    shop.when(with_coupon(None)).refused(CouponNeedsCustomer)


def test_a_campaign_for_everybody_has_no_segments() -> None:
    campaign = OpenCampaign(
        campaign_id="autumn",
        name="Autumn",
        kind=DiscountKind.PERCENT,
        value=1_000,
        currency="CNY",
        valid_from=NOON,
        valid_until=NOON + timedelta(days=1),
        segments=("regulars",),
    )
    given().when(campaign).refused(InvalidCommand)
