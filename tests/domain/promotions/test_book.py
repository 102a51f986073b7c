"""The book of offers: versions, what may be published, and limits that sales count against."""

from typing import Any

import msgspec
import pytest

from domain.checkout.check_out import CheckOut
from domain.kernel.errors import AlreadyExists, InvalidCommand, NotFound, Refusal, VersionConflict
from domain.promotions.book import (
    BOOK,
    MAX_OFFERS,
    OFFERS,
    EndOffer,
    OfferDrawn,
    OfferEnded,
    OfferPublished,
    OfferUsedByCustomer,
    OfferVersion,
    PublishOffer,
    TooManyOffers,
)
from domain.promotions.offer import (
    AmountOff,
    Benefit,
    Bundle,
    BuyGet,
    Conditions,
    FixedPrice,
    Gift,
    Limits,
    OnReturn,
    Part,
    PercentOff,
    Phase,
    SpendAndSave,
    Step,
)
from domain.sales.sale import Discount, DiscountSource, LineShare, SaleCompleted
from tests.support.commands import publish
from tests.support.decisions import NOON, Shop, given
from tests.support.facts import a_campaign, a_coupon, a_customer, a_store, by_piece, card, check_out

TEN_PERCENT = PercentOff(rate_bp=1_000)


def ten_percent(offer_id: str = "ten", **terms: Any) -> PublishOffer:
    return publish(offer_id, TEN_PERCENT, Phase.ORDER, **terms)


def expecting(command: PublishOffer, version: int) -> PublishOffer:
    return msgspec.structs.replace(command, expected=version)


def published(command: PublishOffer, version: int) -> tuple[str, OfferPublished]:
    return "offers-book", OfferPublished(offer=msgspec.structs.replace(command.offer, version=version))


# --- versions ---------------------------------------------------------------------------------------


def test_an_offer_is_published_as_version_one() -> None:
    given().when(ten_percent()).then(published(ten_percent(), 1))


def test_a_change_is_the_next_version() -> None:
    given().after(ten_percent()).when(ten_percent(priority=3)).then(published(ten_percent(priority=3), 2))


def test_a_change_that_changes_nothing_writes_nothing() -> None:
    outcome = given().after(ten_percent()).when(ten_percent()).then()
    assert outcome.answer == OfferVersion(offer_id="ten", version=1)


def test_an_ended_offer_comes_back_as_the_next_version() -> None:
    given().after(ten_percent(), EndOffer(offer_id="ten")).when(ten_percent()).then(
        published(ten_percent(), 2)
    )


def test_an_offer_ends_with_its_last_version() -> None:
    given().after(ten_percent(), ten_percent(priority=3)).when(EndOffer(offer_id="ten")).then(
        ("offers-book", OfferEnded(offer_id="ten", version=2))
    )


def test_a_new_offer_takes_no_id_that_was_used() -> None:
    given().after(ten_percent(), EndOffer(offer_id="ten")).when(expecting(ten_percent(), 0)).refused(
        AlreadyExists, id="ten"
    )


def test_a_change_names_the_version_that_was_read() -> None:
    given().after(ten_percent(), ten_percent(priority=3)).when(expecting(ten_percent(), 1)).refused(
        VersionConflict, expected=1, actual=2
    )


def test_what_was_never_published_is_not_changed() -> None:
    given().when(expecting(ten_percent(), 1)).refused(NotFound, id="ten")


def test_what_is_not_in_the_book_does_not_end() -> None:
    given().when(EndOffer(offer_id="ten")).refused(NotFound, id="ten")


def test_an_offer_ends_at_the_version_that_was_read() -> None:
    given().after(ten_percent()).when(EndOffer(offer_id="ten", expected=2)).refused(
        VersionConflict, expected=2, actual=1
    )


def test_a_full_book_takes_changes_and_no_new_offer() -> None:
    full = [ten_percent(f"o{number}") for number in range(MAX_OFFERS)]
    given().after(*full).when(ten_percent()).refused(TooManyOffers, limit=MAX_OFFERS)
    changed = ten_percent("o7", priority=1)
    given().after(*full).when(changed).then(published(changed, 2))


def test_versions_that_returns_price_anew_with_are_kept() -> None:
    shop = Shop()
    for priority in (1, 2):
        shop.do(ten_percent(priority=priority, on_return=OnReturn.REPRICE))
    shop.do(EndOffer(offer_id="ten"))
    book = shop.state(OFFERS, BOOK)
    assert ({key: offer.priority for key, offer in book.repriced.items()}, book.offers) == (
        {"ten@1": 1, "ten@2": 2},
        {},
    )


# --- what can't be meant ----------------------------------------------------------------------------

STEPS = (Step(from_minor=100, off_minor=10), Step(from_minor=200, off_minor=30))
TEA = Part(skus=("tea",), quantity=1)


@pytest.mark.parametrize(
    ("benefit", "phase"),
    [
        (PercentOff(rate_bp=0), Phase.ORDER),
        (PercentOff(rate_bp=10_001), Phase.ORDER),
        (AmountOff(amount_minor=0), Phase.LINE),
        (FixedPrice(price_minor=-1), Phase.LINE),
        (FixedPrice(price_minor=100), Phase.ORDER),
        (BuyGet(buy=0, get=1), Phase.LINE),
        (BuyGet(buy=1, get=0), Phase.LINE),
        (BuyGet(buy=1, get=1, rate_bp=0), Phase.LINE),
        (BuyGet(buy=1, get=1), Phase.ORDER),
        (SpendAndSave(steps=()), Phase.ORDER),
        (SpendAndSave(steps=STEPS[::-1]), Phase.ORDER),
        (SpendAndSave(steps=(STEPS[0], STEPS[0])), Phase.ORDER),
        (SpendAndSave(steps=STEPS, repeat=True), Phase.ORDER),
        (SpendAndSave(steps=(Step(from_minor=0, off_minor=1),)), Phase.ORDER),
        (SpendAndSave(steps=(Step(from_minor=10, off_minor=11),)), Phase.ORDER),
        (SpendAndSave(steps=STEPS), Phase.LINE),
        (Bundle(parts=(), price_minor=100), Phase.LINE),
        (Bundle(parts=(Part(skus=(), quantity=1),), price_minor=100), Phase.LINE),
        (Bundle(parts=(TEA, TEA), price_minor=100), Phase.LINE),
        (Bundle(parts=(Part(skus=("tea",), quantity=0),), price_minor=100), Phase.LINE),
        (Bundle(parts=(TEA,), price_minor=-1), Phase.LINE),
        (Bundle(parts=(TEA,), price_minor=100), Phase.ORDER),
        (Gift(sku="mug", quantity=0), Phase.LINE),
        (Gift(sku="mug"), Phase.ORDER),
    ],
)
def test_a_benefit_means_something(benefit: Benefit, phase: Phase) -> None:
    given().when(publish("x", benefit, phase)).refused(InvalidCommand)


@pytest.mark.parametrize(
    ("benefit", "phase"),
    [
        (PercentOff(rate_bp=10_000), Phase.LINE),
        (AmountOff(amount_minor=1), Phase.ORDER),
        (FixedPrice(price_minor=0), Phase.LINE),
        (BuyGet(buy=1, get=1, rate_bp=1), Phase.LINE),
        (SpendAndSave(steps=STEPS), Phase.ORDER),
        (SpendAndSave(steps=STEPS[:1], repeat=True), Phase.ORDER),
        (Bundle(parts=(TEA,), price_minor=0), Phase.LINE),
        (Gift(sku="mug"), Phase.LINE),
    ],
)
def test_every_benefit_can_be_published(benefit: Benefit, phase: Phase) -> None:
    command = publish("x", benefit, phase)
    given().when(command).then(published(command, 1))


@pytest.mark.parametrize(
    "terms",
    [
        {"conditions": Conditions(valid_from=NOON, valid_until=NOON)},
        {"conditions": Conditions(weekdays=(0,))},
        {"conditions": Conditions(weekdays=(8,))},
        {"conditions": Conditions(from_min=-1)},
        {"conditions": Conditions(until_min=1_441)},
        {"conditions": Conditions(from_min=600, until_min=600)},
        {"conditions": Conditions(minimum_minor=-1)},
        {"conditions": Conditions(minimum_quantity=-1)},
        {"limits": Limits(cap_minor=0)},
        {"limits": Limits(uses=0)},
        {"limits": Limits(total_uses=0)},
        {"limits": Limits(customer_uses=0)},
        {"limits": Limits(budget_minor=0)},
    ],
)
def test_conditions_and_limits_mean_something(terms: dict[str, Any]) -> None:
    given().when(ten_percent(**terms)).refused(InvalidCommand)


# --- at the till ------------------------------------------------------------------------------------


def a_shop(*offers: PublishOffer) -> Shop:
    shop = Shop(a_store(), by_piece("apple", 1_000), by_piece("tea", 500), a_customer("c1"))
    for offer in offers:
        assert not isinstance(shop.do(offer), Refusal)
    return shop


def selling(sale_id: str, due: int, customer_id: str | None = None) -> CheckOut:
    return check_out(("apple", 2), ("tea", 1), sale_id=sale_id, customer_id=customer_id, tenders=(card(due),))


def test_a_sale_keeps_which_version_took_what_off_which_line() -> None:
    shop = a_shop(ten_percent(), ten_percent(priority=3))
    shop.do(selling("x1", 2_250))
    (sale,) = shop.events(SaleCompleted)
    assert sale.discounts == (
        Discount(
            source=DiscountSource.OFFER,
            rule_id="ten",
            rule_version=2,
            name="Ten",
            base_minor=2_500,
            amount_minor=250,
            shares=(LineShare(line=1, amount_minor=200), LineShare(line=2, amount_minor=50)),
        ),
    )


def test_what_has_no_limits_is_not_counted() -> None:
    shop = a_shop(ten_percent())
    shop.do(selling("x1", 2_250))
    assert shop.events(OfferDrawn) == []


def test_a_limited_offer_is_counted_with_the_sale() -> None:
    shop = a_shop(ten_percent(limits=Limits(total_uses=9, customer_uses=2)))
    shop.do(selling("x1", 2_250, "c1"))
    assert shop.facts[-3:-1] == [
        (
            "offer-ten",
            OfferDrawn(offer_id="ten", version=1, sale_id="x1", customer_id="c1", amount_minor=250),
        ),
        ("offeruse-ten/c1", OfferUsedByCustomer(offer_id="ten", customer_id="c1", sale_id="x1")),
    ]


def test_when_it_is_used_up_the_price_is_the_lists_again() -> None:
    shop = a_shop(ten_percent(limits=Limits(total_uses=2)))
    for number in range(4):
        for due in (2_250, 2_500):
            shop.do(selling(f"x{number}", due))
    assert [sale.total_minor for sale in shop.events(SaleCompleted)] == [2_250, 2_250, 2_500, 2_500]


def test_a_change_of_the_offer_does_not_give_it_anew() -> None:
    shop = a_shop(ten_percent(limits=Limits(total_uses=1)))
    shop.do(selling("x1", 2_250))
    shop.do(ten_percent(limits=Limits(total_uses=1), priority=5))
    shop.do(selling("x2", 2_500))
    assert [sale.total_minor for sale in shop.events(SaleCompleted)] == [2_250, 2_500]


def test_each_customer_has_their_own_uses() -> None:
    shop = a_shop(ten_percent(limits=Limits(customer_uses=1)))
    shop.record([a_customer("c2")])
    for number, customer_id in enumerate(("c1", "c1", "c2")):
        for due in (2_250, 2_500):
            shop.do(selling(f"x{number}", due, customer_id))
    assert [sale.total_minor for sale in shop.events(SaleCompleted)] == [2_250, 2_500, 2_250]


def test_a_budget_is_never_exceeded() -> None:
    shop = a_shop(ten_percent(limits=Limits(budget_minor=600)))
    for number in range(5):
        for due in (2_250, 2_500):
            shop.do(selling(f"x{number}", due))
    assert sum(event.amount_minor for event in shop.events(OfferDrawn)) == 500


def test_offers_and_coupons_stack_in_one_order() -> None:
    shop = a_shop(ten_percent(priority=5))
    # The coupon's campaign has priority 0: 10.00 off first, then ten per cent of the rest.
    shop.record([a_campaign(), a_coupon("k1")])
    shop.do(check_out(("apple", 2), ("tea", 1), coupons=("k1",), tenders=(card(1_350),)))
    (sale,) = shop.events(SaleCompleted)
    assert [(row.rule_id, row.amount_minor) for row in sale.discounts] == [("autumn", 1_000), ("ten", 150)]
