"""Holds, erasure and expiry: a hold comes before everything, and an erased customer stays erased."""

import pytest

from domain.customers.consent import ConsentUnknown, GiveConsent, WithdrawConsent
from domain.customers.customer import (
    CUSTOMER,
    ChangeCustomer,
    Consent,
    ConsentGiven,
    ConsentWithdrawn,
    Customer,
    CustomerErased,
    CustomerHeld,
    CustomerRegistered,
    CustomerReleased,
    DetailsExpired,
    RegisterCustomer,
)
from domain.customers.forgetting import (
    EraseCustomer,
    ExpireDetails,
    HoldCustomer,
    ReleaseCustomer,
)
from domain.kernel.command import Command
from domain.kernel.errors import AlreadyExists, Erased, HoldUnknown, LegalHold, NotFound
from tests.support.decisions import Shop, given
from tests.support.facts import sealed

NAME, PHONE = sealed("name"), sealed("phone")
KNOWN = ("customer-c1", CustomerRegistered(customer_id="c1", name=NAME, phone=PHONE))
HELD = ("customer-c1", CustomerHeld(customer_id="c1", reason="lawsuit"))
ERASED = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))
AGREED = ("customer-c1", ConsentGiven(customer_id="c1", purpose="news", channel="sms", text_version="1"))

ERASE = EraseCustomer(customer_id="c1", reason="request")
HOLD = HoldCustomer(customer_id="c1", reason="lawsuit")
RELEASE = ReleaseCustomer(customer_id="c1", reason="lawsuit")
EXPIRE = ExpireDetails(customer_id="c1", parts=("phone",))
AGREE = GiveConsent(customer_id="c1", purpose="news", channel="sms", text_version="1")
WITHDRAW = WithdrawConsent(customer_id="c1", purpose="news", channel="sms")


def test_an_erased_customer_is_an_id_and_nothing_else() -> None:
    shop = Shop(KNOWN, AGREED)
    shop.do(ERASE)
    assert shop.state(CUSTOMER, "c1") == Customer(customer_id="c1", erased=True)


def test_an_erasure_says_why_and_nothing_personal() -> None:
    given(KNOWN).when(ERASE).then(ERASED)


def test_an_erasure_again_changes_nothing() -> None:
    given(KNOWN).after(ERASE).when(ERASE).then()


def test_whoever_was_never_known_is_not_erased() -> None:
    given().when(ERASE).refused(NotFound, kind="customer", id="c1")


def test_an_erased_id_is_not_given_again() -> None:
    given(KNOWN, ERASED).when(RegisterCustomer(customer_id="c1")).refused(
        AlreadyExists, kind="customer", id="c1"
    )


@pytest.mark.parametrize(
    "command", [ChangeCustomer(customer_id="c1", phone=PHONE), HOLD, RELEASE, EXPIRE, AGREE, WITHDRAW]
)
def test_nothing_is_learnt_of_an_erased_customer(command: Command) -> None:
    given(KNOWN, ERASED).when(command).refused(Erased, kind="customer", id="c1")


@pytest.mark.parametrize("command", [ERASE, EXPIRE])
def test_a_hold_forbids_to_forget(command: Command) -> None:
    given(KNOWN, HELD).when(command).refused(LegalHold, reasons=["lawsuit"])


def test_the_same_hold_again_changes_nothing() -> None:
    given(KNOWN).after(HOLD).when(HOLD).then()


def test_after_a_release_a_customer_may_be_forgotten() -> None:
    given(KNOWN, HELD).after(RELEASE).when(ERASE).then(ERASED)


def test_a_release_lifts_the_hold_of_its_own_reason() -> None:
    other = HoldCustomer(customer_id="c1", reason="tax audit")
    given(KNOWN, HELD).after(other, RELEASE).when(ERASE).refused(LegalHold, reasons=["tax audit"])


def test_a_release_is_of_a_hold_that_there_is() -> None:
    given(KNOWN).when(RELEASE).refused(HoldUnknown, reason="lawsuit")


def test_a_release_is_written_once() -> None:
    given(KNOWN, HELD).when(RELEASE).then(
        ("customer-c1", CustomerReleased(customer_id="c1", reason="lawsuit"))
    )


def test_an_expired_part_is_gone_and_the_others_stay() -> None:
    shop = Shop(KNOWN)
    shop.do(EXPIRE)
    assert shop.state(CUSTOMER, "c1") == Customer(customer_id="c1", name=NAME)


def test_parts_that_are_no_details_may_expire() -> None:
    texts = ExpireDetails(customer_id="c1", parts=("text",))
    given(KNOWN).when(texts).then(("customer-c1", DetailsExpired(customer_id="c1", parts=("text",))))


def test_a_consent_counts() -> None:
    shop = Shop(KNOWN)
    shop.do(AGREE)
    assert shop.state(CUSTOMER, "c1").consents == (Consent(purpose="news", channel="sms", text_version="1"),)


def test_the_same_consent_again_changes_nothing() -> None:
    given(KNOWN).after(AGREE).when(AGREE).then()


def test_a_consent_is_taken_back() -> None:
    given(KNOWN, AGREED).when(WITHDRAW).then(
        ("customer-c1", ConsentWithdrawn(customer_id="c1", purpose="news", channel="sms"))
    )


def test_a_consent_is_taken_back_once() -> None:
    given(KNOWN, AGREED).after(WITHDRAW).when(WITHDRAW).refused(ConsentUnknown, purpose="news", channel="sms")
