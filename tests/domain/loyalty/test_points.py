"""Points: lots, their order, what returns do to them, and that no loop makes any."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.points import Lot
from domain.loyalty.points import (
    Account,
    PointsShort,
    earn,
    evolve,
    restore,
    spend,
    take_back,
)
from domain.loyalty.programme import Programme

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
JANUARY = datetime(2026, 1, 31, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 28, tzinfo=UTC)
LATER = datetime(2026, 2, 10, tzinfo=UTC)

PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=1)


def lot(number: int, points: int, expires_at: datetime | None = None) -> Lot:
    return Lot(number=number, points=points, expires_at=expires_at)


def account(*lots: Lot) -> Account:
    state = Account()
    for one in lots:
        state = evolve(state, earn(state, "c1", "sale-1", one.points, one.expires_at))
    return state


THREE = account(lot(1, 100, JANUARY), lot(2, 50, FEBRUARY), lot(3, 80))


def numbers(lots: tuple[Lot, ...]) -> list[tuple[int, int]]:
    return [(one.number, one.points) for one in lots]


def test_what_lapses_first_is_spent_first() -> None:
    assert numbers(spend(THREE, "c1", "sale-2", 120, NEW_YEAR).lots) == [(1, 100), (2, 20)]


def test_half_of_it_comes_back_in_reverse() -> None:
    spent = spend(THREE, "c1", "sale-2", 120, NEW_YEAR).lots
    assert numbers(restore(spent, 0, "c1", "return-1", 60, NEW_YEAR).lots) == [(2, 20), (1, 40)]


def test_the_other_half_goes_on_where_the_first_ended() -> None:
    spent = spend(THREE, "c1", "sale-2", 120, NEW_YEAR).lots
    assert numbers(restore(spent, 60, "c1", "return-2", 60, NEW_YEAR).lots) == [(1, 60)]


def test_when_all_is_back_the_account_is_as_before() -> None:
    spent = spend(THREE, "c1", "sale-2", 120, NEW_YEAR)
    after = evolve(THREE, spent)
    for before in (0, 60):
        after = evolve(after, restore(spent.lots, before, "c1", "return-1", 60, NEW_YEAR))
    assert after == THREE


def test_a_lapsed_lot_comes_back_lapsed() -> None:
    spent = spend(THREE, "c1", "sale-2", 120, NEW_YEAR).lots
    back = restore(spent, 0, "c1", "return-1", 120, LATER)
    assert (numbers(back.lots), back.lapsed) == ([(2, 20)], 100)


def test_with_grace_it_lasts_until_then() -> None:
    spent = spend(THREE, "c1", "sale-2", 120, NEW_YEAR).lots
    until = LATER + timedelta(days=30)
    back = restore(spent, 0, "c1", "return-1", 120, LATER, grace_until=until)
    assert (back.lots[-1], back.lapsed) == (lot(1, 100, until), 0)


def test_what_never_lapses_is_spent_last() -> None:
    never_first = account(lot(1, 80), lot(2, 50, FEBRUARY))
    assert numbers(spend(never_first, "c1", "sale-2", 60, NEW_YEAR).lots) == [(2, 50), (1, 10)]


def test_lapsed_points_are_not_spent() -> None:
    with pytest.raises(PointsShort) as refusal:
        spend(THREE, "c1", "sale-2", 131, LATER)
    assert refusal.value.facts == {"spendable": 130}


def test_all_that_there_is_may_be_spent() -> None:
    assert evolve(THREE, spend(THREE, "c1", "sale-2", 230, NEW_YEAR)).balance == 0


def test_a_return_takes_the_purchases_own_lot_first() -> None:
    assert numbers(take_back(THREE, "c1", "return-1", 90, earned_as=3, at=NEW_YEAR).lots) == [
        (3, 80),
        (1, 10),
    ]


def test_what_was_spent_meanwhile_is_owed() -> None:
    poor = account(lot(1, 30))
    after = evolve(poor, take_back(poor, "c1", "return-1", 100, earned_as=1, at=NEW_YEAR))
    assert (after.balance, after.spendable(NEW_YEAR)) == (-70, 0)


def test_what_is_earned_next_pays_the_debt_first() -> None:
    poor = account(lot(1, 30))
    owing = evolve(poor, take_back(poor, "c1", "return-1", 100, earned_as=1, at=NEW_YEAR))
    after = evolve(owing, earn(owing, "c1", "sale-9", 100, None))
    assert (after.owed, after.balance, numbers(after.lots)) == (0, 30, [(2, 30)])


# --- the programme ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("paid", "points"), [(0, 0), (99, 0), (100, 1), (12_345, 123), (-500, 0)])
def test_points_are_earned_on_what_was_paid_rounded_down(paid: int, points: int) -> None:
    assert PROGRAMME.earned(paid) == points


HUNDREDS = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=100, redeem_minor=500)


def test_points_pay_by_their_rate() -> None:
    assert HUNDREDS.points_for(1_000) == 200


def test_what_no_whole_points_pay_is_refused() -> None:
    with pytest.raises(InvalidCommand):
        HUNDREDS.points_for(1_001)


@given(st.integers(0, 100_000), st.lists(st.integers(0, 100_000), max_size=6))
def test_partial_returns_take_back_all_but_what_the_kept_part_earns(paid: int, cuts: list[int]) -> None:
    earned = PROGRAMME.earned(paid)
    taken, before = 0, paid
    for kept in sorted((cut for cut in cuts if cut <= paid), reverse=True):
        taken += PROGRAMME.to_take_back(earned, before, kept)
        before = kept
        assert earned - taken == PROGRAMME.earned(kept)


# --- laws -------------------------------------------------------------------------------------------

when = st.integers(0, 60).map(lambda days: NEW_YEAR + timedelta(days=days))
expiries = st.none() | when


@given(st.lists(st.tuples(st.sampled_from("espb"), st.integers(1, 200), when, expiries), max_size=25))
def test_points_are_conserved(steps: list[tuple[str, int, datetime, datetime | None]]) -> None:
    state, booked = Account(), 0
    spent: tuple[Lot, ...] = ()
    for step, points, at, expires_at in steps:
        event: Event | None = None
        match step:
            case "e":
                event = earn(state, "c1", "sale-1", points, expires_at)
                booked += points
            case "s" if 0 < points <= state.spendable(at):
                event = spend(state, "c1", "sale-2", points, at)
                spent = event.lots
                booked -= points
            case "p" if spent:
                back = restore(spent, 0, "c1", "return-1", sum(one.points for one in spent), at)
                event, spent = back, ()
                booked += sum(one.points for one in back.lots)
            case "b":
                event = take_back(state, "c1", "return-2", points, earned_as=1, at=NEW_YEAR)
                booked -= points
            case _:
                pass
        if event is not None:
            state = evolve(state, event)
        assert state.balance == booked
        assert all(one.points > 0 for one in state.lots)
        assert state.owed >= 0
