"""Fields of a merchant's own: what may be defined, what fits, and that nothing noted is ever wrong later."""

from typing import Any

import pytest

from domain.catalog.fields import SetProductFields
from domain.catalog.product import PRODUCT, ProductFieldsSet
from domain.customers.customer import CUSTOMER, DetailsExpired, sealed_of
from domain.customers.facts import CustomerFieldsSet
from domain.customers.fields import SetCustomerFields
from domain.fields.field import (
    MAX_FIELDS,
    DefineField,
    FieldDefined,
    FieldType,
    FieldValue,
    Subject,
    check_value,
)
from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from tests.support.decisions import Fact, Shop, given
from tests.support.facts import a_customer, by_piece, sealed


def define(name: str = "brand", type_: FieldType = FieldType.TEXT, **rest: Any) -> DefineField:
    about: dict[str, Any] = {"subject": Subject.PRODUCT, "label": name.title(), **rest}
    return DefineField(name=name, type=type_, **about)


def defined(name: str = "brand", type_: FieldType = FieldType.TEXT, **rest: Any) -> Fact:
    about: dict[str, Any] = {"subject": Subject.PRODUCT, "label": name.title(), **rest}
    return (
        f"fields-{about['subject']}",
        FieldDefined(name=name, type=type_, **about),
    )


OF_CUSTOMERS: dict[str, Any] = {"subject": Subject.CUSTOMER}
SHAPE = define("shape", FieldType.CHOICE, choices=("round", "square"))
SHOES = defined("shoe_size", FieldType.INTEGER, personal=True, **OF_CUSTOMERS)
NEWS = defined("newsletter", FieldType.BOOLEAN, **OF_CUSTOMERS)
NOTE = SetProductFields(sku="apple", values={"brand": "Orchard"})


def test_a_field_is_defined_and_the_same_definition_again_writes_nothing() -> None:
    given().when(define()).then(defined())
    given(defined()).when(define()).then()


@pytest.mark.parametrize(
    "wrong",
    [
        define("Brand"),
        define("x" * 41),
        define("2nd"),
        define("shape", FieldType.CHOICE),
        define(choices=("a",)),
        define("shape", FieldType.CHOICE, choices=("a", "a")),
        define("shape", FieldType.CHOICE, choices=("a", "")),
        define(personal=True),
        define("note", **OF_CUSTOMERS),
        define("children", FieldType.INTEGER, **OF_CUSTOMERS),
    ],
    ids=str,
)
def test_what_means_nothing_or_would_stand_unsealed_beside_a_customer_is_no_field(wrong: DefineField) -> None:
    given().when(wrong).refused(InvalidCommand, field=wrong.name)


def test_there_are_so_many_fields_and_no_more() -> None:
    full = [defined(f"field_{number}") for number in range(MAX_FIELDS)]
    given(*full).when(define()).refused(InvalidCommand, fields=MAX_FIELDS)


def test_a_field_keeps_its_type_and_stays_personal_or_not() -> None:
    given(defined()).when(define(type_=FieldType.INTEGER)).refused(InvalidCommand, field="brand")
    open_ = defined("member", FieldType.BOOLEAN, **OF_CUSTOMERS)
    sealed_ = define("member", FieldType.BOOLEAN, personal=True, **OF_CUSTOMERS)
    given(open_).when(sealed_).refused(InvalidCommand, field="member")


@pytest.mark.parametrize(
    ("type_", "fits", "fits_not"),
    [
        (FieldType.TEXT, ["x", "x" * 200], ["", "x" * 201, "a\nb", 1, True]),
        (FieldType.INTEGER, [0, -5, 10**12], ["1", True, 10**12 + 1]),
        (FieldType.DECIMAL, ["1", "-12.50"], ["1.", ".5", "1e3", "1,5", "١", 1]),
        (FieldType.DATE, ["2026-02-28"], ["2026-02-29", "20260228", "28.2.2026", 20260228]),
        (FieldType.BOOLEAN, [True, False], [1, "true"]),
        (FieldType.CHOICE, ["round"], ["oval", True]),
    ],
)
def test_what_fits_is_taken_and_nothing_else(
    type_: FieldType, fits: list[FieldValue], fits_not: list[FieldValue]
) -> None:
    choices = ("round", "square") if type_ is FieldType.CHOICE else ()
    field = FieldDefined(subject=Subject.PRODUCT, name="f", label="F", type=type_, choices=choices)
    for value in fits:
        check_value(field, value)
    for value in fits_not:
        with pytest.raises(InvalidCommand):
            check_value(field, value)


# --- of products --------------------------------------------------------------------------------------


def test_values_are_noted_and_again_they_write_nothing() -> None:
    noted = ProductFieldsSet(sku="apple", values={"brand": "Orchard"})
    given(by_piece(), defined()).when(NOTE).then_events(noted)
    given(by_piece(), defined()).after(NOTE).when(NOTE).then()


def test_what_is_removed_is_noted_no_more_and_the_rest_stays() -> None:
    shop = Shop(by_piece(), defined(), defined("size"))
    shop.do(SetProductFields(sku="apple", values={"brand": "Orchard", "size": "1 l"}))
    shop.do(SetProductFields(sku="apple", removed=("brand",)))
    assert shop.state(PRODUCT, "apple").fields == {"size": "1 l"}


def test_only_what_is_defined_and_fits_is_noted_of_a_product_that_is_there() -> None:
    given(by_piece()).when(NOTE).refused(InvalidCommand, field="brand")
    given(by_piece(), defined(retired=True)).when(NOTE).refused(InvalidCommand, field="brand")
    given(by_piece(), defined(type_=FieldType.DATE)).when(NOTE).refused(InvalidCommand, field="brand")
    given(defined()).when(NOTE).refused(NotFound, kind="product", id="apple")
    stale = SetProductFields(sku="apple", values={"brand": "Orchard"}, expected_version=7)
    given(by_piece(), defined()).when(stale).refused(VersionConflict, expected=7, actual=1)


def test_a_changed_definition_leaves_what_was_noted_and_it_may_be_said_again() -> None:
    noted = SetProductFields(sku="apple", values={"shape": "square"})
    narrower = define("shape", FieldType.CHOICE, choices=("round",))
    told = given(by_piece()).after(SHAPE).after(noted).after(narrower)
    told.when(noted).then()
    other = SetProductFields(sku="pear", values={"shape": "square"})
    given(by_piece("pear")).after(SHAPE).after(narrower).when(other).refused(InvalidCommand, field="shape")


def test_what_is_required_is_said_with_the_first_value_and_is_not_removed() -> None:
    facts = (by_piece(), defined("size", required=True), defined())
    given(*facts).when(NOTE).refused(InvalidCommand, missing=["size"])
    both = SetProductFields(sku="apple", values={"brand": "Orchard", "size": "1 l"})
    gone = SetProductFields(sku="apple", removed=("size",))
    given(*facts).after(both).when(gone).refused(InvalidCommand, missing=["size"])


# --- of customers -------------------------------------------------------------------------------------


def test_what_is_personal_is_noted_sealed_and_the_rest_in_the_clear() -> None:
    values, personal = {"newsletter": True}, {"shoe_size": sealed("43")}
    given(a_customer(), SHOES, NEWS).when(
        SetCustomerFields(customer_id="c1", values={**values}, personal=personal)
    ).then_events(CustomerFieldsSet(customer_id="c1", values={**values}, personal=personal))


def test_what_was_not_noted_is_not_named_as_removed() -> None:
    """A name that nobody defined may say anything, and events stand for ever."""
    noting = SetCustomerFields(
        customer_id="c1", values={"newsletter": True}, removed=("han_13911112222", "newsletter_of_old")
    )
    given(a_customer(), NEWS).when(noting).then_events(
        CustomerFieldsSet(customer_id="c1", values={"newsletter": True})
    )


def test_what_is_personal_never_stands_in_the_clear_nor_the_other_way_round() -> None:
    clear = SetCustomerFields(customer_id="c1", values={"shoe_size": 43})
    given(a_customer(), SHOES).when(clear).refused(InvalidCommand, field="shoe_size")
    boxed = SetCustomerFields(customer_id="c1", personal={"newsletter": sealed("true")})
    given(a_customer(), NEWS).when(boxed).refused(InvalidCommand, field="newsletter")


def test_what_is_personal_is_gone_when_its_time_is_over() -> None:
    noted = CustomerFieldsSet(
        customer_id="c1", values={"newsletter": True}, personal={"shoe_size": sealed("43")}
    )
    shop = Shop(a_customer(), ("customer-c1", noted))
    assert list(sealed_of(shop.state(CUSTOMER, "c1"))) == ["personal/shoe_size"]
    over = ("customer-c1", DetailsExpired(customer_id="c1", parts=("personal",)))
    customer = Shop(a_customer(), ("customer-c1", noted), over).state(CUSTOMER, "c1")
    assert (sealed_of(customer), customer.facts.fields) == ({}, {"newsletter": True})
