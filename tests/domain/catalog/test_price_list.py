"""Price lists: versions in one book, prices with the products, and which list counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.catalog.price_list import (
    BOOK,
    MAX_LISTS,
    MAX_PRICES,
    PRICE_LISTS,
    EndPriceList,
    NewPrice,
    PriceList,
    PriceListEnded,
    PriceListPublished,
    PriceListRepriced,
    PriceListVersion,
    PricesSet,
    PublishPriceList,
    SetPrices,
    TooManyPriceLists,
    list_for,
)
from domain.catalog.product import PRODUCT, ListPrice, PriceSet, Product
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound, VersionConflict
from tests.support.decisions import NOON, Fact, Shop, given
from tests.support.facts import by_gram, by_piece
from tests.support.laws import a_law

THE_BOOK = "pricelists-book"


def a_list(list_id: str = "south", version: int = 1, **terms: Any) -> PriceList:
    return PriceList(
        list_id=list_id, version=version, name="South", currency=terms.pop("currency", "CNY"), **terms
    )


def published(list_id: str = "south", version: int = 1, **terms: Any) -> Fact:
    return THE_BOOK, PriceListPublished(price_list=a_list(list_id, version, **terms))


def priced(sku: str, list_id: str, price_minor: int | None, version: int = 2) -> Fact:
    return f"product-{sku}", PriceSet(sku=sku, list_id=list_id, version=version, price_minor=price_minor)


def set_prices(*prices: NewPrice | tuple[str, int | None], list_id: str = "south") -> SetPrices:
    return SetPrices(
        list_id=list_id,
        prices=tuple(
            price if isinstance(price, NewPrice) else NewPrice(sku=price[0], price_minor=price[1])
            for price in prices
        ),
    )


# --- the book ---------------------------------------------------------------------------------------


def test_a_new_list_is_version_one() -> None:
    given().when(PublishPriceList(price_list=a_list(version=0), expected=0)).then(published())


def test_a_change_is_the_next_version() -> None:
    given(published()).when(PublishPriceList(price_list=a_list(stores=("s1",)), expected=1)).then(
        published(version=2, stores=("s1",))
    )


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    outcome = given(published()).when(PublishPriceList(price_list=a_list(), expected=1)).then()
    assert outcome.answer == PriceListVersion(list_id="south", version=1)


def test_a_change_of_what_changed_meanwhile_is_refused() -> None:
    given(published(), published(version=2, stores=("s1",))).when(
        PublishPriceList(price_list=a_list(), expected=1)
    ).refused(VersionConflict)


def test_an_id_is_given_once() -> None:
    given(published()).when(PublishPriceList(price_list=a_list(), expected=0)).refused(AlreadyExists)


def test_what_never_was_can_not_be_changed_filled_or_ended() -> None:
    shop = given(by_piece())
    shop.when(PublishPriceList(price_list=a_list(), expected=1)).refused(NotFound)
    shop.when(set_prices(("apple", 1))).refused(NotFound)
    shop.when(EndPriceList(list_id="south")).refused(NotFound)


def test_a_list_keeps_its_currency() -> None:
    given(published()).when(PublishPriceList(price_list=a_list(currency="EUR"), expected=1)).refused(
        InvalidCommand
    )


def test_a_list_begins_before_it_ends() -> None:
    given().when(PublishPriceList(price_list=a_list(valid_from=NOON, valid_until=NOON))).refused(
        InvalidCommand
    )


def test_the_book_is_full_at_some_time() -> None:
    full = [published(f"l{number}") for number in range(MAX_LISTS)]
    given(*full).when(PublishPriceList(price_list=a_list("one-more"), expected=0)).refused(TooManyPriceLists)


def test_a_list_that_ended_can_be_published_again_with_the_next_version() -> None:
    ended = (THE_BOOK, PriceListEnded(list_id="south", version=1))
    given(published()).when(EndPriceList(list_id="south", expected=1)).then(ended)
    given(published(), ended).when(PublishPriceList(price_list=a_list(), expected=1)).then(
        published(version=2)
    )


# --- prices -----------------------------------------------------------------------------------------


def test_new_prices_are_the_lists_next_version() -> None:
    outcome = given(published(), by_piece("apple"), by_piece("pear")).when(
        set_prices(("apple", 900), ("pear", 800))
    )
    outcome.then(
        (THE_BOOK, PriceListRepriced(list_id="south", version=2, products=2)),
        priced("apple", "south", 900),
        priced("pear", "south", 800),
    )
    assert outcome.answer == PricesSet(list_id="south", version=2, changed=2)


def test_only_what_changes_is_written() -> None:
    shop = given(published(), by_piece("apple"), by_piece("pear")).after(
        set_prices(("apple", 900), ("pear", 800))
    )
    shop.when(set_prices(("apple", 900), ("pear", 700))).then(
        (THE_BOOK, PriceListRepriced(list_id="south", version=3, products=1)),
        priced("pear", "south", 700, version=3),
    )
    shop.when(set_prices(("apple", 900), ("pear", 800))).then()


def test_none_is_set_where_one_can_not_be() -> None:
    shop = given(published(), by_piece("apple"))
    shop.when(set_prices(("apple", 900), ("ghost", 1))).refused(NotFound)
    shop.when(set_prices(("apple", 900), ("apple", 1))).refused(InvalidCommand)
    shop.when(set_prices(("apple", -1))).refused(InvalidCommand)


def test_so_many_are_set_at_once_and_no_more() -> None:
    products = [by_piece(f"p{number}") for number in range(MAX_PRICES + 1)]
    all_of_them = [(f"p{number}", 5) for number in range(MAX_PRICES + 1)]
    shop = given(published(), *products)
    assert shop.when(set_prices(*all_of_them[1:])).answer.changed == MAX_PRICES
    shop.when(set_prices(*all_of_them)).refused(InvalidCommand)
    shop.when(set_prices()).refused(InvalidCommand)


def test_a_list_is_in_one_currency() -> None:
    given(published(), by_piece("apple", currency="EUR")).when(set_prices(("apple", 1))).refused(
        CurrencyMismatch
    )
    told = SetPrices(list_id="south", prices=(NewPrice(sku="apple"),), currencies=frozenset({"EUR"}))
    given(published(), by_piece("apple")).when(told).refused(CurrencyMismatch)


def test_a_price_taken_out_is_no_longer_there() -> None:
    shop = Shop(published(), by_piece("apple"))
    shop.do(set_prices(("apple", 900)))
    assert shop.state(PRODUCT, "apple").prices == {"south": ListPrice(version=2, price_minor=900)}
    shop.do(set_prices(("apple", None)))
    assert shop.state(PRODUCT, "apple").prices == {}
    assert shop.state(PRICE_LISTS, BOOK).lists["south"].version == 3


def test_a_piece_has_a_price_only_where_there_is_one() -> None:
    both = NewPrice(sku="cherry", price_minor=3000, piece_price_minor=50)
    given(published(), by_gram("cherry")).when(set_prices(both)).refused(InvalidCommand)


# --- which list counts ------------------------------------------------------------------------------


def chosen(*lists: PriceList, at: datetime = NOON, segments: tuple[str, ...] = ("vip",)) -> str | None:
    prices = {one.list_id: ListPrice(version=1, price_minor=1) for one in lists}
    product = Product(sku="apple", price_minor=1000, currency="CNY", prices=prices)
    found = list_for(
        product,
        {one.list_id: one for one in lists},
        store_id="s1",
        currency="CNY",
        segments=segments,
        at=at,
    )
    return None if found is None else found.list_id


FOR_ALL = a_list("all")
FOR_A_TIME = a_list("time", valid_until=NOON + timedelta(days=1))
FOR_STORES = a_list("store", stores=("s1", "s2"))
FOR_SEGMENTS = a_list("segment", segments=("vip", "staff"))


def test_the_most_specific_list_counts() -> None:
    assert chosen(FOR_ALL) == "all"
    assert chosen(FOR_ALL, FOR_A_TIME) == "time"
    assert chosen(FOR_ALL, FOR_A_TIME, FOR_STORES) == "store"
    assert chosen(FOR_ALL, FOR_A_TIME, FOR_STORES, FOR_SEGMENTS) == "segment"


def test_of_equals_the_one_that_began_last_counts_and_then_the_smaller_id() -> None:
    older = a_list("a", valid_from=NOON - timedelta(days=9))
    newer = a_list("b", valid_from=NOON - timedelta(days=1))
    assert chosen(older, newer) == "b"
    assert chosen(a_list("b"), a_list("a")) == "a"


@pytest.mark.parametrize(
    "terms",
    [
        {"stores": ("s2",)},
        {"segments": ("staff",)},
        {"currency": "EUR"},
        {"valid_from": NOON + timedelta(seconds=1)},
        {"valid_until": NOON},
    ],
)
def test_a_list_for_others_does_not_count(terms: dict[str, Any]) -> None:
    assert chosen(a_list("other", **terms)) is None


def test_a_list_counts_from_its_first_moment_to_just_before_its_last() -> None:
    one = a_list("one", valid_from=NOON, valid_until=NOON + timedelta(hours=1))
    assert chosen(one, at=NOON) == "one"
    assert chosen(one, at=NOON + timedelta(hours=1)) is None


def some_list(number: int, stores: tuple[str, ...], segments: tuple[str, ...], day: int | None) -> PriceList:
    begin = None if day is None else datetime(2026, 1, day, tzinfo=UTC)
    return a_list(f"l{number}", stores=stores, segments=segments, valid_from=begin)


LISTS = st.lists(
    st.builds(
        some_list,
        st.integers(0, 99),
        st.sampled_from(((), ("s1",))),
        st.sampled_from(((), ("vip",))),
        st.one_of(st.none(), st.integers(1, 5)),
    ),
    unique_by=lambda one: one.list_id,
    max_size=6,
)


@a_law
@for_all(LISTS, st.randoms(use_true_random=False))
def test_the_order_in_which_prices_were_set_decides_nothing(lists: list[PriceList], random: Any) -> None:
    shuffled = list(lists)
    random.shuffle(shuffled)
    assert chosen(*lists) == chosen(*shuffled)
