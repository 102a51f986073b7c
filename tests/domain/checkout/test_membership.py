"""Points at the till: purchases earn, points pay, returns give back and take back, loops make none."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.checkout.check_out import CheckOut
from domain.checkout.membership import PointsNeedCustomer
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, Refusal, VersionConflict
from domain.kernel.points import Lot, SalePoints
from domain.loyalty.points import (
    LOYALTY,
    PointsEarned,
    PointsRestored,
    PointsShort,
    PointsSpent,
    PointsTakenBack,
)
from domain.loyalty.programme import PROGRAMME, Programme, ProgrammeSet, SetProgramme
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import POINTS, SaleCompleted, Tender
from domain.sales.tendering import TendersDoNotAddUp
from tests.support.decisions import NOON, Shop, at, given
from tests.support.facts import a_customer, a_store, by_piece, card, cash, check_out, take_back
from tests.support.laws import a_law

ONE_IN_A_HUNDRED = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=5)
"""A point for each yuan, five fen for each point."""


def points(amount_minor: int) -> Tender:
    return Tender(method=POINTS, amount_minor=amount_minor)


def a_shop(programme: Programme | None = ONE_IN_A_HUNDRED, holding: int = 0) -> Shop:
    """A shop with an apple at 10.00, and a customer who holds points that never lapse."""
    shop = Shop(a_store(), by_piece("apple", 1_000), a_customer("c1"))
    if programme is not None:
        shop.do(SetProgramme(programme=programme))
    if holding:
        lot = Lot(number=1, points=holding)
        shop.record([("loyalty-c1", PointsEarned(customer_id="c1", document="sale-x0", lot=lot))])
    return shop


def selling(quantity: int, *tenders: Tender, sale_id: str = "x1", customer_id: str | None = "c1") -> CheckOut:
    return check_out(("apple", quantity), tenders=tenders, sale_id=sale_id, customer_id=customer_id)


def balance(shop: Shop) -> int:
    return shop.state(LOYALTY, "c1").balance


# --- the programme ----------------------------------------------------------------------------------


def test_a_programme_is_set_and_changed_by_versions() -> None:
    changed = SetProgramme(programme=msgspec.structs.replace(ONE_IN_A_HUNDRED, earn_points=2), expected=1)
    given().after(SetProgramme(programme=ONE_IN_A_HUNDRED)).when(changed).then(
        ("programme-main", ProgrammeSet(programme=changed.programme))
    )


def test_the_same_programme_again_writes_nothing() -> None:
    again = SetProgramme(programme=ONE_IN_A_HUNDRED)
    given().after(again).when(again).then()


def test_a_change_names_the_version_that_was_read() -> None:
    command = SetProgramme(programme=ONE_IN_A_HUNDRED, expected=0)
    given().after(SetProgramme(programme=ONE_IN_A_HUNDRED)).when(command).refused(VersionConflict, actual=1)


def test_the_currency_stays() -> None:
    euros = SetProgramme(programme=msgspec.structs.replace(ONE_IN_A_HUNDRED, currency="EUR"))
    given().after(SetProgramme(programme=ONE_IN_A_HUNDRED)).when(euros).refused(InvalidCommand)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("earn_points", 0),
        ("earn_minor", 0),
        ("redeem_points", -1),
        ("redeem_minor", 0),
        ("days", 0),
        ("grace_days", 0),
    ],
)
def test_a_rate_means_something(name: str, value: int) -> None:
    command = SetProgramme(programme=msgspec.structs.replace(ONE_IN_A_HUNDRED, **{name: value}))
    given().when(command).refused(InvalidCommand, **{name: value})


# --- earning ----------------------------------------------------------------------------------------


def test_a_purchase_earns_on_what_was_paid() -> None:
    shop = a_shop()
    shop.do(selling(2, card(2_000)))
    assert shop.events(PointsEarned) == [
        PointsEarned(customer_id="c1", document="sale-x1", lot=Lot(number=1, points=20))
    ]


def test_points_last_as_long_as_the_programme_says() -> None:
    shop = a_shop(msgspec.structs.replace(ONE_IN_A_HUNDRED, days=30))
    shop.do(selling(1, card(1_000)))
    assert shop.events(PointsEarned)[0].lot.expires_at == NOON + timedelta(days=30)


def test_the_sale_keeps_what_it_earned_and_by_which_version() -> None:
    shop = a_shop()
    shop.do(selling(2, card(2_000)))
    assert shop.events(SaleCompleted)[0].points == SalePoints(version=1, earned=20, lot=1)


def test_a_sale_to_nobody_earns_nothing() -> None:
    shop = a_shop()
    shop.do(selling(2, card(2_000), customer_id=None))
    assert shop.events(PointsEarned) == []


def test_without_a_programme_nothing_is_earned() -> None:
    shop = a_shop(programme=None)
    shop.do(selling(2, card(2_000)))
    assert shop.events(SaleCompleted)[0].points is None


# --- paying -----------------------------------------------------------------------------------------


def test_points_pay_and_the_rest_earns() -> None:
    shop = a_shop(holding=100)
    shop.do(selling(2, points(500), card(1_500)))
    assert shop.events(PointsSpent)[0].lots == (Lot(number=1, points=100),)
    assert shop.events(PointsEarned)[-1].lot == Lot(number=2, points=15)


def test_what_is_not_there_does_not_pay() -> None:
    outcome = a_shop(holding=99).do(selling(2, points(500), card(1_500)))
    assert isinstance(outcome, PointsShort)
    assert outcome.facts == {"spendable": 99}


def test_points_of_nobody_do_not_pay() -> None:
    outcome = a_shop(holding=100).do(selling(2, points(500), card(1_500), customer_id=None))
    assert isinstance(outcome, PointsNeedCustomer)


def test_more_than_is_due_is_not_paid_with_points() -> None:
    outcome = a_shop(holding=1_000).do(selling(1, points(1_500)))
    assert isinstance(outcome, TendersDoNotAddUp)


def test_points_pay_in_one_tender() -> None:
    outcome = a_shop(holding=100).do(selling(1, points(250), points(250), card(500)))
    assert isinstance(outcome, InvalidCommand)


def test_no_half_point_pays() -> None:
    outcome = a_shop(holding=100).do(selling(1, points(3), card(997)))
    assert isinstance(outcome, InvalidCommand)


def test_points_pay_in_their_own_currency_only() -> None:
    shop = a_shop(msgspec.structs.replace(ONE_IN_A_HUNDRED, currency="EUR"), holding=100)
    assert isinstance(shop.do(selling(1, points(500), card(500))), CurrencyMismatch)
    shop.do(selling(1, card(1_000)))
    assert len(shop.events(PointsEarned)) == 1


# --- returning --------------------------------------------------------------------------------------


def test_a_return_takes_back_what_it_no_longer_earns() -> None:
    shop = a_shop()
    shop.do(selling(3, card(3_000)))
    shop.do(take_back((1, 1)))
    assert shop.events(PointsTakenBack) == [
        PointsTakenBack(customer_id="c1", document="return-r1", lots=(Lot(number=1, points=10),))
    ]


def test_a_return_gives_back_the_points_that_paid() -> None:
    shop = a_shop(holding=100)
    shop.do(selling(2, points(500), card(1_500)))
    shop.do(take_back((1, 1)))
    # Half of the sale: 250 of the 500 that points paid.
    assert shop.events(PointsRestored)[0].lots == (Lot(number=1, points=50),)


def test_a_return_that_comes_twice_takes_back_once() -> None:
    shop = a_shop()
    shop.do(selling(3, card(3_000)))
    shop.do(take_back((1, 1)))
    assert isinstance(shop.do(take_back((1, 1))), AlreadyExists)
    assert balance(shop) == 20


def test_what_was_spent_meanwhile_is_owed() -> None:
    shop = a_shop()
    shop.do(selling(3, card(3_000)))
    shop.do(selling(1, points(150), card(850), sale_id="x2"))
    shop.do(take_back((1, 3)))
    # Of 30 earned all were spent, and 8 came in since: those are taken, and 22 owed.
    assert (balance(shop), shop.events(PointsTakenBack)[0].owed) == (-22, 22)


def test_a_return_is_reckoned_by_the_programme_of_its_sale() -> None:
    shop = a_shop()
    shop.do(selling(3, card(3_000)))
    shop.do(SetProgramme(programme=msgspec.structs.replace(ONE_IN_A_HUNDRED, earn_points=50)))
    shop.do(take_back((1, 3)))
    assert balance(shop) == 0


def test_lapsed_points_come_back_with_the_programmes_grace() -> None:
    shop = a_shop(msgspec.structs.replace(ONE_IN_A_HUNDRED, grace_days=7))
    lot = Lot(number=1, points=100, expires_at=NOON + timedelta(days=1))
    shop.record([("loyalty-c1", PointsEarned(customer_id="c1", document="sale-x0", lot=lot))])
    shop.do(selling(1, points(500), card(500)))
    later = NOON + timedelta(days=3)
    shop.do(take_back((1, 1)), at(later))
    assert shop.events(PointsRestored)[0].lots == (
        Lot(number=1, points=100, expires_at=later + timedelta(days=7)),
    )


@a_law
@drawn(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 60)), min_size=1, max_size=6),
    st.integers(0, 500),
    st.data(),
)
def test_buying_and_returning_makes_no_points(
    rounds: list[tuple[int, int]], holding: int, data: st.DataObject
) -> None:
    shop = a_shop(holding=holding)
    before = balance(shop)
    for number, (quantity, share) in enumerate(rounds):
        account = shop.state(LOYALTY, "c1")
        in_points = min(account.spendable(NOON), quantity * 1_000 * share // 100 // 5) * 5
        tenders = [points(in_points)] if in_points else []
        rest = quantity * 1_000 - in_points
        sale_id = f"x{number}"
        outcome = shop.do(selling(quantity, *tenders, cash(rest), sale_id=sale_id))
        assert not isinstance(outcome, Refusal), outcome
        left = quantity
        while left:
            back = data.draw(st.integers(1, left))
            done = shop.do(take_back((1, back), return_id=f"r{number}-{left}", sale_id=sale_id))
            assert not isinstance(done, Refusal), done
            left -= back
        assert balance(shop) == before
    assert sum(back.total_minor for back in shop.events(ReturnRecorded)) == sum(
        sale.total_minor for sale in shop.events(SaleCompleted)
    )
    assert len(shop.state(PROGRAMME, "main").all) == 1
