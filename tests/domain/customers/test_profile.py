"""What is known of a customer: facts in the clear are words and ids, everything else is sealed."""

import pytest

from domain.customers.customer import CUSTOMER, CustomerRegistered, DetailsExpired, sealed_of
from domain.customers.facts import AddressRemoved, AddressSet, CustomerProfileSet, Facts
from domain.customers.profile import MAX_ADDRESSES, MAX_TAGS, RemoveAddress, SetAddress, SetProfile
from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from tests.support.decisions import Shop, given
from tests.support.facts import a_customer, a_store, an_employee, sealed

CARD, GENDER, HOME = sealed("card"), sealed("gender"), sealed("home")
SET = SetProfile(
    customer_id="c1",
    gender=GENDER,
    card=CARD,
    tags=("tall", "early-bird", "tall"),
    acquisition="trade-fair",
    owner_id="e1",
    household_id="h1",
)
KNOWN = CustomerProfileSet(
    customer_id="c1",
    gender=GENDER,
    card=CARD,
    tags=("early-bird", "tall"),
    acquisition="trade-fair",
    owner_id="e1",
    household_id="h1",
)
AT_HOME = SetAddress(customer_id="c1", place="home", address=HOME)


def test_facts_are_kept_as_they_are_set_and_each_tag_once() -> None:
    given(a_customer(), a_store(), an_employee()).when(SET).then_events(KNOWN)


def test_only_what_is_given_is_set_and_null_removes() -> None:
    shop = Shop(a_customer(), ("customer-c1", KNOWN))
    shop.do(SetProfile(customer_id="c1", card=None, acquisition=None))
    assert shop.state(CUSTOMER, "c1").facts == Facts(
        gender=GENDER, tags=("early-bird", "tall"), owner_id="e1", household_id="h1"
    )


def test_the_same_facts_again_write_nothing() -> None:
    given(a_customer(), a_store(), an_employee(), ("customer-c1", KNOWN)).when(SET).then()


def test_facts_are_of_a_customer_who_is_known() -> None:
    given().when(SetProfile(customer_id="c1", tags=("tall",))).refused(NotFound, kind="customer", id="c1")


def test_facts_are_not_set_over_what_another_has_changed() -> None:
    given(a_customer()).when(SetProfile(customer_id="c1", tags=(), expected_version=4)).refused(
        VersionConflict, expected=4, actual=1
    )


def test_the_owner_is_somebody_who_works_here() -> None:
    given(a_customer()).when(SetProfile(customer_id="c1", owner_id="e1")).refused(
        NotFound, kind="employee", id="e1"
    )


@pytest.mark.parametrize("word", ["Ada Lovelace", "13800000000", "she-likes-to-talk-long", ""])
def test_a_tag_a_way_and_a_label_have_no_room_for_a_person_or_a_sentence(word: str) -> None:
    given(a_customer()).when(SetProfile(customer_id="c1", tags=("tall", word))).refused(
        InvalidCommand, tag=word
    )
    given(a_customer()).when(SetProfile(customer_id="c1", acquisition=word)).refused(
        InvalidCommand, acquisition=word
    )
    given(a_customer()).when(SetAddress(customer_id="c1", place=word, address=HOME)).refused(
        InvalidCommand, place=word
    )


def test_a_customer_has_so_many_tags_and_no_more() -> None:
    tags = tuple(f"tag-{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(MAX_TAGS + 1))
    given(a_customer()).when(SetProfile(customer_id="c1", tags=tags)).refused(
        InvalidCommand, tags=MAX_TAGS + 1
    )


def test_an_address_replaces_the_one_of_the_same_label() -> None:
    moved = SetAddress(customer_id="c1", place="home", address=sealed("new home"))
    shop = Shop(a_customer())
    shop.do(AT_HOME)
    shop.do(moved)
    assert shop.state(CUSTOMER, "c1").facts.addresses == {"home": sealed("new home")}


def test_an_address_is_set_and_removed() -> None:
    given(a_customer()).when(AT_HOME).then_events(AddressSet(customer_id="c1", place="home", address=HOME))
    given(a_customer()).after(AT_HOME).when(RemoveAddress(customer_id="c1", place="home")).then_events(
        AddressRemoved(customer_id="c1", place="home")
    )


def test_an_address_that_is_not_there_is_not_removed() -> None:
    given(a_customer()).when(RemoveAddress(customer_id="c1", place="home")).refused(
        NotFound, kind="address", id="home"
    )


def test_a_customer_has_so_many_addresses_and_no_more() -> None:
    full = [
        ("customer-c1", AddressSet(customer_id="c1", place=f"place-{n}", address=HOME))
        for n in range(MAX_ADDRESSES)
    ]
    given(a_customer(), *full).when(AT_HOME).refused(InvalidCommand, addresses=MAX_ADDRESSES)


def test_what_has_been_kept_long_enough_is_gone_and_the_rest_stays() -> None:
    shop = Shop(
        ("customer-c1", CustomerRegistered(customer_id="c1", phone=sealed("phone"))),
        ("customer-c1", KNOWN),
        ("customer-c1", AddressSet(customer_id="c1", place="home", address=HOME)),
    )
    assert list(sealed_of(shop.state(CUSTOMER, "c1"))) == ["phone", "gender", "card", "address/home"]
    expired = ("customer-c1", DetailsExpired(customer_id="c1", parts=("card", "address")))
    after = Shop(
        ("customer-c1", CustomerRegistered(customer_id="c1", phone=sealed("phone"))),
        ("customer-c1", KNOWN),
        ("customer-c1", AddressSet(customer_id="c1", place="home", address=HOME)),
        expired,
    ).state(CUSTOMER, "c1")
    assert list(sealed_of(after)) == ["phone", "gender"]
    assert after.facts.tags == ("early-bird", "tall")
