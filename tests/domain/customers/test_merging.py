"""Merging: several records are one person, by a link that an unmerge takes away without a trace."""

from itertools import permutations

import pytest

from domain.customers.consent import ConsentUnknown, GiveConsent, WithdrawConsent
from domain.customers.customer import (
    CUSTOMER,
    ChangeCustomer,
    Consent,
    ConsentGiven,
    CustomerErased,
    CustomerRegistered,
)
from domain.customers.fields import SetCustomerFields
from domain.customers.forgetting import EraseCustomer, ExpireDetails, Forgotten, HoldCustomer
from domain.customers.links import CustomerIsMerged, CustomerMerged, CustomerMergedInto, CustomerToldApart
from domain.customers.merging import (
    MAX_RECORDS,
    CustomerNotMerged,
    MergeCustomers,
    TellApart,
    UnmergeCustomers,
)
from domain.customers.person import consents_in_force
from domain.customers.segments import SetSegments
from domain.kernel.command import Command
from domain.kernel.errors import Erased, InvalidCommand, LegalHold, NotFound
from tests.support.decisions import Fact, Shop, given


def known(*ids: str) -> list[Fact]:
    return [(f"customer-{id_}", CustomerRegistered(customer_id=id_)) for id_ in ids]


def merge(customer_id: str, other_id: str) -> MergeCustomers:
    return MergeCustomers(customer_id=customer_id, other_id=other_id)


def unmerge(customer_id: str, other_id: str) -> UnmergeCustomers:
    return UnmergeCustomers(customer_id=customer_id, other_id=other_id)


def agree(customer_id: str) -> GiveConsent:
    return GiveConsent(customer_id=customer_id, purpose="news", channel="sms", text_version="1")


def withdraw(customer_id: str) -> WithdrawConsent:
    return WithdrawConsent(customer_id=customer_id, purpose="news", channel="sms")


def did(shop: Shop, *commands: Command) -> Shop:
    """The shop after commands, none of which may be refused."""
    for command in commands:
        outcome = shop.do(command)
        if isinstance(outcome, Exception):
            raise outcome
    return shop


def agreed(shop: Shop, *ids: str) -> list[tuple[str, str]]:
    person = [shop.state(CUSTOMER, id_) for id_ in ids]
    return [(consent.purpose, consent.channel) for consent in consents_in_force(person)]


def test_a_merge_stands_with_both_records() -> None:
    given(*known("a", "b")).when(merge("a", "b")).then(
        ("customer-a", CustomerMerged(customer_id="a", other_id="b")),
        ("customer-b", CustomerMergedInto(customer_id="b", survivor_id="a")),
    )


def test_a_merge_again_changes_nothing() -> None:
    given(*known("a", "b")).after(merge("a", "b")).when(merge("a", "b")).then()


def test_nobody_is_merged_with_themselves() -> None:
    given(*known("a")).when(merge("a", "a")).refused(InvalidCommand)


def test_a_record_that_nobody_knows_is_not_merged() -> None:
    given(*known("a")).when(merge("a", "b")).refused(NotFound)


def test_a_survivor_brings_its_records_each_by_a_link_of_its_own() -> None:
    shop = did(Shop(*known("a", "b", "c")), merge("b", "c"), merge("a", "b"))
    assert shop.state(CUSTOMER, "a").others == ("b", "c")
    assert [shop.state(CUSTOMER, id_).merged_into for id_ in "bc"] == ["a", "a"]
    assert shop.state(CUSTOMER, "b").others == ()


def test_there_is_no_chain_below_a_merged_record() -> None:
    given(*known("a", "b", "c")).after(merge("a", "b")).when(merge("b", "c")).refused(
        CustomerIsMerged, survivor_id="a"
    )


def test_there_is_no_cycle() -> None:
    given(*known("a", "b")).after(merge("a", "b")).when(merge("b", "a")).refused(CustomerIsMerged)


def test_a_record_has_one_survivor() -> None:
    given(*known("a", "b", "c")).after(merge("a", "b")).when(merge("c", "b")).refused(
        CustomerIsMerged, survivor_id="a"
    )


def test_a_person_has_no_more_records_than_a_checkout_looks_at() -> None:
    ids = [f"r{number}" for number in range(MAX_RECORDS + 1)]
    given(*known(*ids)).after(*(merge("r0", other) for other in ids[1:-1])).when(
        merge("r0", ids[-1])
    ).refused(InvalidCommand)


@pytest.mark.parametrize("order", list(permutations("bcd")))
def test_unmerged_in_any_order_every_record_is_what_it_was(order: tuple[str, ...]) -> None:
    shop = Shop(*known("a", "b", "c", "d"))
    before = [shop.state(CUSTOMER, id_) for id_ in "abcd"]
    did(shop, merge("c", "d"), merge("a", "b"), merge("a", "c"), *(unmerge("a", other) for other in order))
    assert [shop.state(CUSTOMER, id_) for id_ in "abcd"] == before


def test_what_is_not_merged_is_not_unmerged() -> None:
    given(*known("a", "b")).when(unmerge("a", "b")).refused(CustomerNotMerged, other_id="b")


def test_it_is_unmerged_from_its_survivor_alone() -> None:
    given(*known("a", "b", "c")).after(merge("a", "b")).when(unmerge("c", "b")).refused(CustomerNotMerged)


@pytest.mark.parametrize(
    "command",
    [
        ChangeCustomer(customer_id="b", language="en"),
        SetSegments(customer_id="b", segments=("vip",)),
        SetCustomerFields(customer_id="b", values={"newsletter": True}),
        agree("b"),
        withdraw("b"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_who_is_merged_is_changed_as_the_survivor(command: Command) -> None:
    given(*known("a", "b")).after(agree("b"), merge("a", "b")).when(command).refused(
        CustomerIsMerged, survivor_id="a"
    )


def test_what_either_agreed_to_holds_for_the_person() -> None:
    shop = did(Shop(*known("a", "b")), agree("b"), merge("a", "b"))
    assert agreed(shop, "a", "b") == [("news", "sms")]


def test_the_stricter_record_wins() -> None:
    shop = did(Shop(*known("a", "b")), agree("a"), withdraw("a"), agree("b"), merge("b", "a"))
    assert agreed(shop, "b", "a") == []


def test_what_was_agreed_after_the_merge_answers_what_a_record_withdrew() -> None:
    shop = did(Shop(*known("a", "b")), agree("b"), withdraw("b"), merge("a", "b"), agree("a"))
    assert agreed(shop, "a", "b") == [("news", "sms")]
    assert shop.events(ConsentGiven)[-1].over == ("b",)


def test_what_was_withdrawn_since_an_unmerge_is_not_answered_by_a_consent_of_before() -> None:
    shop = did(Shop(*known("a", "b")), agree("b"), withdraw("b"), merge("a", "b"), agree("a"))
    did(shop, unmerge("a", "b"), agree("b"), withdraw("b"), merge("a", "b"))
    assert agreed(shop, "a", "b") == []


def test_who_speaks_takes_back_what_a_record_agreed_to_over_them() -> None:
    shop = did(Shop(*known("a", "b")), agree("b"), withdraw("b"), merge("a", "b"), agree("a"))
    did(shop, unmerge("a", "b"), agree("b"), merge("b", "a"), withdraw("b"))
    assert agreed(shop, "b", "a") == []


def test_an_answer_ends_with_the_link_also_where_its_survivor_was_merged() -> None:
    shop = did(Shop(*known("a", "b", "c")), agree("b"), withdraw("b"), merge("a", "b"), agree("a"))
    did(shop, merge("c", "a"), unmerge("c", "b"), agree("b"), withdraw("b"), merge("c", "b"))
    assert agreed(shop, "c", "a", "b") == []


def test_what_a_withdrawal_of_another_record_hides_can_be_taken_back() -> None:
    shop = did(Shop(*known("a", "b")), agree("a"), agree("b"), withdraw("b"), merge("a", "b"))
    did(shop, withdraw("a"), unmerge("a", "b"))
    assert agreed(shop, "a") == []


def test_what_was_taken_back_for_all_is_taken_back_once() -> None:
    given(*known("a", "b")).after(agree("b"), merge("a", "b"), withdraw("a")).when(withdraw("a")).refused(
        ConsentUnknown
    )


def test_the_person_takes_back_what_another_record_agreed_to() -> None:
    shop = did(Shop(*known("a", "b")), agree("b"), merge("a", "b"), withdraw("a"))
    assert agreed(shop, "a", "b") == []


def test_an_unmerged_record_agrees_to_what_it_had_agreed_to() -> None:
    shop = did(Shop(*known("a", "b")), agree("b"), merge("a", "b"), withdraw("a"), unmerge("a", "b"))
    assert shop.state(CUSTOMER, "b").consents == (Consent(purpose="news", channel="sms", text_version="1"),)


def test_what_nobody_agreed_to_is_not_taken_back() -> None:
    given(*known("a", "b")).after(merge("a", "b")).when(withdraw("a")).refused(ConsentUnknown)


@pytest.mark.parametrize("named", ["a", "b", "c"])
def test_whoever_is_forgotten_is_forgotten_under_every_id(named: str) -> None:
    shop = did(Shop(*known("a", "b", "c")), merge("a", "b"), merge("a", "c"))
    did(shop, EraseCustomer(customer_id=named, reason="request"))
    assert {event.customer_id for event in shop.events(CustomerErased)} == {"a", "b", "c"}


def test_the_answer_names_whom_else_it_forgets() -> None:
    erasing = EraseCustomer(customer_id="b", reason="request")
    outcome = given(*known("a", "b")).after(merge("a", "b")).when(erasing)
    assert outcome.answer == Forgotten(id="b", also=("a",))


@pytest.mark.parametrize(
    "command",
    [EraseCustomer(customer_id="b", reason="request"), ExpireDetails(customer_id="b", parts=("phone",))],
    ids=lambda command: type(command).__name__,
)
def test_a_hold_of_one_record_holds_all(command: Command) -> None:
    given(*known("a", "b")).after(merge("a", "b"), HoldCustomer(customer_id="a", reason="lawsuit")).when(
        command
    ).refused(LegalHold)


def test_whoever_was_unmerged_is_forgotten_alone() -> None:
    shop = did(Shop(*known("a", "b")), merge("a", "b"), unmerge("a", "b"))
    did(shop, EraseCustomer(customer_id="b", reason="request"))
    assert [event.customer_id for event in shop.events(CustomerErased)] == ["b"]


def test_nobody_is_merged_with_the_forgotten() -> None:
    given(*known("a", "b")).after(EraseCustomer(customer_id="b", reason="request")).when(
        merge("a", "b")
    ).refused(Erased, id="b")


def test_two_who_are_told_apart_know_it_both() -> None:
    given(*known("a", "b")).when(TellApart(customer_id="a", other_id="b")).then(
        ("customer-a", CustomerToldApart(customer_id="a", other_id="b")),
        ("customer-b", CustomerToldApart(customer_id="b", other_id="a")),
    )


def test_told_apart_again_changes_nothing() -> None:
    given(*known("a", "b")).after(TellApart(customer_id="b", other_id="a")).when(
        TellApart(customer_id="a", other_id="b")
    ).then()


def test_who_is_merged_is_not_told_apart() -> None:
    given(*known("a", "b")).after(merge("a", "b")).when(TellApart(customer_id="b", other_id="a")).refused(
        InvalidCommand
    )


def test_two_records_of_one_person_are_not_told_apart() -> None:
    given(*known("a", "b", "c")).after(merge("a", "b"), merge("a", "c")).when(
        TellApart(customer_id="b", other_id="c")
    ).refused(InvalidCommand)
