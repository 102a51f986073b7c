"""What somebody has to look at: asked for once a cause, until it is dealt with."""

import pytest

from domain.kernel.errors import NotFound
from domain.orders.attending import MAX_MATTERS, AskAttention, Attend
from domain.orders.attention import CALL, CARRIER, Attended, AttentionNeeded
from domain.orders.order import ORDER
from domain.orders.steps import TooManyReports
from tests.support.decisions import Given, Shop, given
from tests.support.facts import a_store, by_piece, received
from tests.support.orders import place

FACTS = (a_store(), by_piece("apple", 1000), received("apple", 10, 0))


def asking(cause: str = "no address", matter: str = CALL, about: str = "remind_to_pay") -> AskAttention:
    return AskAttention(order_id="o1", matter=matter, about=about, cause=cause)


def placed() -> Given:
    return given(*FACTS).after(place(("apple", 1)))


DONE = Attend(order_id="o1", matter=CALL, about="remind_to_pay")


def test_a_matter_is_asked_for_once_a_cause() -> None:
    assert placed().when(asking()).only(AttentionNeeded).cause == "no address"
    placed().after(asking()).when(asking()).then()
    assert placed().after(asking()).when(asking("refused")).only(AttentionNeeded).cause == "refused"


def test_what_is_dealt_with_is_over_and_may_come_again() -> None:
    assert placed().after(asking()).when(DONE).only(Attended).about == "remind_to_pay"
    placed().after(asking(), DONE).when(DONE).then()
    assert placed().after(asking(), DONE).when(asking()).all(AttentionNeeded)


def test_one_matter_ends_and_the_others_stay() -> None:
    shop = Shop(*FACTS)
    for command in (place(("apple", 1)), asking(), asking("no event", CARRIER, "p1"), DONE):
        shop.do(command)
    assert shop.state(ORDER, "o1").matters == {"carrier/p1": "no event"}


def test_an_order_has_no_end_of_matters() -> None:
    shop = Shop(*FACTS)
    shop.do(place(("apple", 1)))
    for number in range(MAX_MATTERS):
        shop.do(asking(about=f"p{number}"))
    assert isinstance(shop.do(asking()), TooManyReports)
    assert not isinstance(shop.do(asking("refused", about="p0")), TooManyReports)


@pytest.mark.parametrize("command", [asking(), DONE])
def test_nobody_looks_at_what_nobody_ordered(command: AskAttention | Attend) -> None:
    given(*FACTS).when(command).refused(NotFound, kind="order", id="o1")
