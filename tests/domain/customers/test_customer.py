"""Registering and changing customers, sealed all along."""

from domain.customers.customer import (
    CUSTOMER,
    ChangeCustomer,
    Customer,
    CustomerChanged,
    CustomerRegistered,
    RegisterCustomer,
)
from domain.kernel.command import Done
from domain.kernel.errors import AlreadyExists, NotFound, VersionConflict
from tests.support.decisions import Shop, given
from tests.support.facts import a_customer, sealed

NAME, PHONE, EMAIL, BIRTHDAY = sealed("name"), sealed("phone"), sealed("email"), sealed("birthday")
REGISTER = RegisterCustomer(customer_id="c1", name=NAME, phone=PHONE, email=EMAIL, birthday=BIRTHDAY)
REGISTERED = CustomerRegistered(customer_id="c1", name=NAME, phone=PHONE, email=EMAIL, birthday=BIRTHDAY)


def test_a_customer_is_registered_as_described() -> None:
    given().when(REGISTER).then(("customer-c1", REGISTERED))


def test_every_detail_is_optional() -> None:
    given().when(RegisterCustomer(customer_id="c1")).then_events(CustomerRegistered(customer_id="c1"))


def test_the_answer_names_the_customer_and_nothing_personal() -> None:
    assert given().when(REGISTER).answer == Done(id="c1")


def test_a_customer_is_registered_once() -> None:
    given().after(REGISTER).when(REGISTER).refused(AlreadyExists, kind="customer", id="c1")


def test_only_what_is_given_is_changed() -> None:
    given(("customer-c1", REGISTERED)).when(ChangeCustomer(customer_id="c1", phone=sealed("new"))).then(
        ("customer-c1", CustomerChanged(customer_id="c1", phone=sealed("new")))
    )


def test_what_is_given_as_none_is_removed_and_the_rest_stays() -> None:
    shop = Shop(("customer-c1", REGISTERED))
    shop.do(ChangeCustomer(customer_id="c1", email=None, birthday=None))
    assert shop.state(CUSTOMER, "c1") == Customer(customer_id="c1", name=NAME, phone=PHONE)


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    given(("customer-c1", REGISTERED)).when(ChangeCustomer(customer_id="c1", name=NAME)).then()


def test_removing_what_was_never_known_writes_nothing() -> None:
    given(a_customer()).when(ChangeCustomer(customer_id="c1", email=None)).then()


def test_the_same_change_again_writes_nothing() -> None:
    change = ChangeCustomer(customer_id="c1", name=sealed("new"), phone=None)
    given(("customer-c1", REGISTERED)).after(change).when(change).then()


def test_a_customer_who_does_not_exist_cannot_be_changed() -> None:
    given().when(ChangeCustomer(customer_id="c1", name=NAME)).refused(NotFound, kind="customer", id="c1")


def test_a_change_decided_on_an_older_version_is_refused() -> None:
    given(a_customer()).after(ChangeCustomer(customer_id="c1", name=NAME)).when(
        ChangeCustomer(customer_id="c1", name=PHONE, expected_version=1)
    ).refused(VersionConflict, expected=1, actual=2)


def test_a_language_is_given_changed_and_removed() -> None:
    registered = RegisterCustomer(customer_id="c1", language="en")
    shop = given().after(registered)
    assert shop.state(CUSTOMER, "c1").language == "en"
    shop.after(
        ChangeCustomer(customer_id="c1", language="zh-CN"), ChangeCustomer(customer_id="c1", name=NAME)
    )
    assert shop.state(CUSTOMER, "c1").language == "zh-CN"
    shop.after(ChangeCustomer(customer_id="c1", language=None))
    assert shop.state(CUSTOMER, "c1").language is None
