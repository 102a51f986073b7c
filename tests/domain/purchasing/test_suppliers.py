"""Suppliers, the people there, and what they ask for what."""

from datetime import date, timedelta

import msgspec
import pytest

from domain.kernel.errors import (
    AlreadyExists,
    CurrencyMismatch,
    Erased,
    InvalidCommand,
    NotFound,
    VersionConflict,
)
from domain.purchasing.contact import ContactAdded, ContactErased
from domain.purchasing.contact_steps import AddContact, EraseContact
from domain.purchasing.supplier import AddSupplier, ChangeSupplier, SupplierAdded, SupplierChanged
from domain.purchasing.terms import MAX_TERMS, SUPPLY, Supply, Terms, TermsSet, evolve
from domain.stockroom.supply_terms import SetTerms, TermsLine
from tests.support.decisions import given
from tests.support.facts import by_piece, sealed
from tests.support.purchasing import a_contact, a_supplier, a_supply, terms

JANUARY, FEBRUARY, MARCH = (date(2026, month, 1) for month in (1, 2, 3))


def add_contact(contact_id: str = "p1") -> AddContact:
    return AddContact(contact_id=contact_id, supplier_id="orchard", name=sealed("Ann"))


def set_terms(*of: Terms, sku: str = "apple") -> SetTerms:
    return SetTerms(supplier_id="orchard", lines=tuple(TermsLine(sku=sku, terms=one) for one in of))


def test_a_supplier_is_added_once() -> None:
    command = AddSupplier(supplier_id="orchard", name="Orchard", currency="CNY", over_bp=500)
    added = SupplierAdded(supplier_id="orchard", name="Orchard", currency="CNY", over_bp=500)
    given().when(command).then(("supplier-orchard", added))
    given(a_supplier()).when(command).refused(AlreadyExists)


@pytest.mark.parametrize("figure", [{"over_bp": 10_001}, {"short_bp": -1}, {"payment_days": 3_651}])
def test_tolerances_and_days_have_bounds(figure: dict[str, int]) -> None:
    command = AddSupplier(supplier_id="orchard", name="Orchard", currency="CNY")
    given().when(msgspec.structs.replace(command, **figure)).refused(InvalidCommand, **figure)


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    change = ChangeSupplier(supplier_id="orchard", short_bp=200)
    given(a_supplier()).when(change).then_events(SupplierChanged(supplier_id="orchard", short_bp=200))
    given(a_supplier()).after(change).when(change).then()


def test_a_supplier_that_changed_meanwhile_is_read_again() -> None:
    change = ChangeSupplier(supplier_id="orchard", short_bp=200, expected_version=2)
    given(a_supplier()).when(change).refused(VersionConflict)
    given().when(change).refused(NotFound)


def test_orders_go_to_the_first_contact_until_another_is_named() -> None:
    shop = given(a_supplier()).after(add_contact("p1"))
    assert not shop.when(add_contact("p2")).all(SupplierChanged)
    shop.after(add_contact("p2")).when(ChangeSupplier(supplier_id="orchard", contact_id="p2")).then_events(
        SupplierChanged(supplier_id="orchard", contact_id="p2")
    )


def test_another_suppliers_contact_gets_no_orders() -> None:
    command = ChangeSupplier(supplier_id="orchard", contact_id="p9")
    given(a_supplier(), a_contact("p9", "farm")).when(command).refused(InvalidCommand, contact_id="p9")
    given(a_supplier()).when(command).refused(NotFound)


def test_a_contact_needs_a_supplier_and_an_id_of_their_own() -> None:
    given().when(add_contact()).refused(NotFound)
    given(a_supplier(), a_contact()).when(add_contact()).refused(AlreadyExists)


def test_who_was_erased_gets_no_orders_any_more() -> None:
    erase = EraseContact(contact_id="p1", reason="request")
    shop = given(a_supplier()).after(add_contact())
    shop.when(erase).then(
        ("contact-p1", ContactErased(contact_id="p1", reason="request")),
        ("supplier-orchard", SupplierChanged(supplier_id="orchard", contact_id="")),
    )
    shop.after(erase).when(erase).then()
    shop.when(ChangeSupplier(supplier_id="orchard", contact_id="p1")).refused(Erased)
    given().when(erase).refused(NotFound)


def test_nothing_of_a_contact_is_left_in_the_clear() -> None:
    event = given(a_supplier()).when(add_contact()).only(ContactAdded)
    assert (event.name.subject, event.email, event.phone) == ("customer-c1", None, None)


def test_terms_tell_what_a_unit_cost_before() -> None:
    old, new = terms(300), terms(330, valid_from=MARCH)
    shop = given(a_supplier(), by_piece("apple"), a_supply("apple", old))
    shop.when(set_terms(new)).then(
        (
            "supply-orchard/apple",
            TermsSet(supplier_id="orchard", sku="apple", terms=new, before_minor=300),
        )
    )
    shop.after(set_terms(new)).when(set_terms(new)).then()


def test_a_weeks_price_counts_for_its_week() -> None:
    usual = terms(300, valid_from=JANUARY)
    week = terms(250, valid_from=FEBRUARY, valid_until=FEBRUARY + timedelta(days=6))
    supply = SUPPLY.initial
    for one in (usual, week):
        supply = evolve(supply, TermsSet(supplier_id="orchard", sku="apple", terms=one))
    days = (JANUARY - timedelta(days=1), JANUARY, FEBRUARY, FEBRUARY + timedelta(days=6), MARCH)
    assert [supply.on(day) for day in days] == [None, usual, week, week, usual]


def test_the_oldest_of_many_terms_are_forgotten() -> None:
    supply = Supply()
    for day in range(MAX_TERMS + 5):
        one = terms(day, valid_from=JANUARY + timedelta(days=day))
        supply = evolve(supply, TermsSet(supplier_id="orchard", sku="apple", terms=one))
    assert [one.unit_cost_minor for one in supply.terms] == list(range(5, MAX_TERMS + 5))


def weeks(first: date, count: int) -> list[Terms]:
    days = [first + timedelta(days=7 * week) for week in range(count)]
    return [terms(200, valid_from=day, valid_until=day + timedelta(days=6)) for day in days]


def test_a_price_without_an_end_outlives_any_number_of_weeks_prices() -> None:
    usual = terms(300, valid_from=JANUARY - timedelta(days=1))
    supply = SUPPLY.initial
    for one in (usual, *weeks(JANUARY, MAX_TERMS + 10)):
        supply = evolve(supply, TermsSet(supplier_id="orchard", sku="apple", terms=one))
    assert len(supply.terms) == MAX_TERMS
    assert supply.on(JANUARY + timedelta(days=7 * (MAX_TERMS + 10))) == usual


def test_no_terms_that_count_still_give_way_to_later_ones() -> None:
    shop = given(a_supplier(), by_piece("apple"), a_supply("apple", terms(300)))
    year = weeks(MARCH, MAX_TERMS)
    shop.after(set_terms(*year[:-1])).when(set_terms(year[-1])).refused(InvalidCommand, sku="apple")


def test_a_list_that_says_two_things_of_a_day_is_refused() -> None:
    shop = given(a_supplier(), by_piece("apple"))
    shop.when(set_terms(terms(300), terms(310))).refused(InvalidCommand)


@pytest.mark.parametrize(
    "bad",
    [
        terms(-1),
        terms(pack_size=0),
        terms(minimum_packs=0),
        terms(lead_time_days=-1),
        terms(valid_from=MARCH, valid_until=FEBRUARY),
        terms(valid_from=date.min),
    ],
)
def test_terms_that_can_mean_nothing_are_refused(bad: Terms) -> None:
    given(a_supplier(), by_piece("apple")).when(set_terms(bad)).refused(InvalidCommand, sku="apple")


def test_terms_are_in_the_suppliers_currency_and_for_goods() -> None:
    shop = given(a_supplier(), by_piece("apple"), by_piece("wrapping", stocked=False))
    shop.when(set_terms(terms(currency="EUR"))).refused(CurrencyMismatch)
    shop.when(set_terms(terms(), sku="wrapping")).refused(InvalidCommand)
    shop.when(set_terms(terms(), sku="unknown")).refused(NotFound)
    shop.when(set_terms()).refused(InvalidCommand, lines=0)
