"""A sale is shared as it is rung up, and what comes back is taken from those who share it."""

import msgspec
import pytest

from domain.checkout.check_out import CheckOut
from domain.kernel.errors import InvalidCommand, NotFound
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import Attribution, SaleCompleted
from tests.support.decisions import given
from tests.support.facts import a_store, an_employee, by_piece, cash, check_out, take_back

SHOP = (a_store(), by_piece("apple", 1_000), an_employee(), an_employee("e2"))


def by(employee_id: str | None, *others: tuple[str, int]) -> CheckOut:
    """One apple, sold by somebody with others."""
    command = check_out(("apple", 1), tenders=(cash(1_000),), employee_id=employee_id)
    shared_with = tuple(Attribution(employee_id=name, share_bp=share) for name, share in others)
    return msgspec.structs.replace(command, shared_with=shared_with)


WHOSE = (Attribution(employee_id="e1", share_bp=6_000), Attribution(employee_id="e2", share_bp=4_000))


def test_the_employee_has_what_others_do_not_have() -> None:
    assert given(*SHOP).when(by("e1", ("e2", 4_000))).only(SaleCompleted).attributions == WHOSE


def test_what_comes_back_is_of_those_who_shared_the_sale() -> None:
    shop = given(*SHOP).after(by("e1", ("e2", 4_000)))
    assert shop.when(take_back((1, 1))).only(ReturnRecorded).attributions == WHOSE


@pytest.mark.parametrize(
    "command",
    [
        by(None, ("e2", 4_000)),
        by("e1", ("e1", 4_000)),
        by("e1", ("e2", 10_000)),
        by("e1", ("e2", 0)),
        by("e1", ("e2", 4_000), ("e2", 1)),
    ],
)
def test_shares_that_mean_nothing_are_refused(command: CheckOut) -> None:
    given(*SHOP).when(command).refused(InvalidCommand)


def test_a_sale_is_shared_with_employees_alone() -> None:
    given(*SHOP).when(by("e1", ("e9", 4_000))).refused(NotFound, id="e9")
