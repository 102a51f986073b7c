"""Wishes: who asked to hear of a product, how often, and that they want it no more."""

from domain.care.wish import WISH, NoteWish, NoWish, WishNoted, WishWithdrawn, WithdrawWish
from domain.kernel.errors import NotFound
from tests.support.decisions import NOON, given
from tests.support.facts import a_customer, by_piece

NOTE = NoteWish(customer_id="c1", sku="apple")
WITHDRAW = WithdrawWish(customer_id="c1", sku="apple")
KNOWN = (a_customer(), by_piece())


def noted(number: int = 1) -> WishNoted:
    return WishNoted(customer_id="c1", sku="apple", number=number, noted_at=NOON)


def test_a_wish_is_noted() -> None:
    given(*KNOWN).when(NOTE).then_events(noted())


def test_asked_again_it_is_a_new_wish() -> None:
    given(*KNOWN, (WISH.stream("c1/apple"), noted())).when(NOTE).then_events(noted(2))


def test_a_wish_is_for_a_product_that_there_is() -> None:
    given(a_customer()).when(NOTE).refused(NotFound, kind="product", id="apple")


def test_a_wish_is_withdrawn_once() -> None:
    gone = WishWithdrawn(customer_id="c1", sku="apple", number=1)
    facts = (*KNOWN, (WISH.stream("c1/apple"), noted()))
    given(*facts).when(WITHDRAW).then_events(gone)
    given(*facts, (WISH.stream("c1/apple"), gone)).when(WITHDRAW).refused(NoWish, sku="apple")
