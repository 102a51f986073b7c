"""Suggestions become a draft where the store says so, each in one, and what becomes of it settles them."""

from datetime import date

import pytest

from domain.kernel.command import Command
from domain.kernel.errors import NotFound, VersionConflict
from domain.purchasing.order import FromSuggestion, PurchaseDrafted
from domain.purchasing.steps import CancelPurchase
from domain.purchasing.supplier import AddSupplier
from domain.purchasing.terms import Terms
from domain.replenishment.item import (
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDrafted,
    SuggestionOrdered,
    SuggestionSettled,
)
from domain.replenishment.levels import Shelf
from domain.replenishment.ordering import Automatic, OrderingPolicySet, SetOrderingPolicy
from domain.replenishment.policy import MinMax, Policy
from domain.replenishment.suggesting import (
    DecideSuggestion,
    Look,
    MarkOrdered,
    OrderedSuggestion,
    SetReplenishmentPolicy,
    SuggestOrders,
)
from domain.stockroom.purchase_drafts import RedraftPurchase, WantedLine
from domain.stockroom.purchase_sending import SendPurchase
from domain.stockroom.suggested_purchases import Gathered, GatherSuggestions, SettleSuggestions
from domain.stockroom.supply_terms import SetTerms, TermsLine
from tests.support.commands import STORE_ID, add_product, open_store
from tests.support.decisions import Given, given

POLICY = Policy(rule=MinMax(minimum=10, maximum=40), supplier_id="orchard")
APPLE, PEAR = FromSuggestion(sku="apple", number=1), FromSuggestion(sku="pear", number=1)
ITEM = f"replenishment-{STORE_ID}/apple"


def terms(*skus: str, pack_size: int = 1) -> Command:
    said = Terms(valid_from=date(2026, 1, 1), unit_cost_minor=50, currency="CNY", pack_size=pack_size)
    return SetTerms(supplier_id="orchard", lines=tuple(TermsLine(sku=sku, terms=said) for sku in skus))


def automatic(which: Automatic | None) -> SetOrderingPolicy:
    return SetOrderingPolicy(store_id=STORE_ID, supplier_id="orchard", automatic=which)


def accept(sku: str = "apple", quantity: int | None = None, reason: str | None = None) -> DecideSuggestion:
    return DecideSuggestion(store_id=STORE_ID, sku=sku, number=1, quantity=quantity, reason=reason)


def gather(*suggestions: FromSuggestion, purchase_id: str = "p1", supplier_id: str = "orchard") -> Command:
    return GatherSuggestions(
        purchase_id=purchase_id,
        store_id=STORE_ID,
        supplier_id=supplier_id,
        suggestions=suggestions or (APPLE, PEAR),
    )


def settle() -> Command:
    return SettleSuggestions(purchase_id="p1")


def a_shop() -> Given:
    """Forty apples and forty pears are suggested, and the supplier has terms for both."""
    looks = tuple(Look(sku=sku, shelf=Shelf()) for sku in ("apple", "pear"))
    return given().after(
        open_store(),
        add_product("apple", 100),
        add_product("pear", 100),
        AddSupplier(supplier_id="orchard", name="Orchard", currency="CNY"),
        AddSupplier(supplier_id="meadow", name="Meadow", currency="CNY"),
        terms("apple", "pear"),
        *(SetReplenishmentPolicy(store_id=STORE_ID, sku=sku, policy=POLICY) for sku in ("apple", "pear")),
        SuggestOrders(store_id=STORE_ID, day=date(2026, 3, 1), looks=looks),
    )


def drafted_shop() -> Given:
    return a_shop().after(automatic(Automatic.ACCEPTED), accept(), gather())


def test_a_store_says_which_suggestions_for_a_supplier_are_gathered() -> None:
    set_ = OrderingPolicySet(store_id=STORE_ID, supplier_id="orchard", automatic=Automatic.OPEN)
    a_shop().when(automatic(Automatic.OPEN)).then((f"ordering-{STORE_ID}/orchard", set_))


def test_the_same_policy_again_changes_nothing() -> None:
    a_shop().when(automatic(None)).then()
    a_shop().after(automatic(Automatic.OPEN)).when(automatic(Automatic.OPEN)).then()


def test_a_policy_is_of_a_store_and_a_supplier_that_there_are() -> None:
    command = SetOrderingPolicy(store_id=STORE_ID, supplier_id="nobody", automatic=Automatic.OPEN)
    a_shop().when(command).refused(NotFound, kind="supplier")


def test_a_policy_that_changed_meanwhile_is_not_overwritten() -> None:
    command = SetOrderingPolicy(
        store_id=STORE_ID, supplier_id="orchard", automatic=Automatic.OPEN, expected_version=0
    )
    a_shop().after(automatic(Automatic.ACCEPTED)).when(command).refused(VersionConflict, actual=1)


def test_accepted_suggestions_are_drafted_and_those_that_nobody_decided_on_are_not() -> None:
    outcome = a_shop().after(automatic(Automatic.ACCEPTED), accept(quantity=30, reason="fair")).when(gather())

    drafted = outcome.only(PurchaseDrafted)
    assert [(line.sku, line.quantity) for line in drafted.lines] == [("apple", 30)]
    assert drafted.suggestions == (APPLE,)
    assert outcome.only(SuggestionDrafted).reference == "purchase-p1"


def test_where_the_shop_says_so_what_nobody_decided_on_is_accepted_and_drafted() -> None:
    outcome = a_shop().after(automatic(Automatic.OPEN), accept()).when(gather())

    assert [line.sku for line in outcome.only(PurchaseDrafted).lines] == ["apple", "pear"]
    assert outcome.only(SuggestionAccepted).sku == "pear"
    assert [one.sku for one in outcome.all(SuggestionDrafted)] == ["apple", "pear"]


@pytest.mark.parametrize("policy", [automatic(None), automatic(Automatic.ACCEPTED)])
def test_nothing_is_drafted_that_the_policy_does_not_allow(policy: SetOrderingPolicy) -> None:
    a_shop().after(automatic(Automatic.OPEN), policy).when(gather()).then()


def test_a_suggestion_stands_in_one_draft_however_often_it_is_gathered() -> None:
    drafted_shop().when(gather(purchase_id="p2")).then()


def test_named_twice_it_is_ordered_once() -> None:
    shop = a_shop().after(automatic(Automatic.OPEN))
    (line,) = shop.when(gather(APPLE, APPLE)).only(PurchaseDrafted).lines
    assert line.quantity == 40


def test_what_was_settled_meanwhile_is_passed_over() -> None:
    dismissed = accept(quantity=0, reason="season is over")
    a_shop().after(automatic(Automatic.OPEN), dismissed).when(gather(APPLE)).then()


def test_what_another_supplier_delivers_is_not_for_this_one() -> None:
    other = SetOrderingPolicy(store_id=STORE_ID, supplier_id="meadow", automatic=Automatic.OPEN)
    a_shop().after(other).when(gather(supplier_id="meadow")).then()


def test_what_the_supplier_has_no_terms_for_waits_and_holds_up_nothing_else() -> None:
    shop = a_shop().after(
        add_product("plum", 100),
        SetReplenishmentPolicy(store_id=STORE_ID, sku="plum", policy=POLICY),
        SuggestOrders(store_id=STORE_ID, day=date(2026, 3, 1), looks=(Look(sku="plum", shelf=Shelf()),)),
        automatic(Automatic.OPEN),
    )
    outcome = shop.when(gather(APPLE, FromSuggestion(sku="plum", number=1)))

    assert [line.sku for line in outcome.only(PurchaseDrafted).lines] == ["apple"]
    assert outcome.answer == Gathered(purchase_id="p1", without_terms=("plum",))


def test_a_quantity_that_nobody_orders_waits_and_holds_back_no_other() -> None:
    dear = Terms(valid_from=date(2026, 1, 2), unit_cost_minor=100_000, currency="CNY")
    shop = a_shop().after(
        SetTerms(supplier_id="orchard", lines=(TermsLine(sku="apple", terms=dear),)),
        accept("apple", 1_000_000_000, "a slip of the scanner"),
        automatic(Automatic.OPEN),
    )

    outcome = shop.when(gather(APPLE, PEAR))

    assert [line.sku for line in outcome.only(PurchaseDrafted).lines] == ["pear"]
    assert outcome.only(SuggestionDrafted).sku == "pear"
    assert outcome.answer == Gathered(purchase_id="p1", too_large=("apple",))


def test_a_draft_is_in_whole_packs_of_the_supplier() -> None:
    shop = a_shop().after(terms("apple", pack_size=24), automatic(Automatic.OPEN))
    assert shop.when(gather(APPLE)).only(PurchaseDrafted).lines[0].quantity == 48


def test_what_stands_in_a_draft_counts_as_if_it_was_ordered() -> None:
    looks = (Look(sku="apple", shelf=Shelf(), numbers=1, waiting=(1,)),)
    drafted_shop().when(SuggestOrders(store_id=STORE_ID, day=date(2026, 3, 2), looks=looks)).then()


@pytest.mark.parametrize(
    "decision",
    [
        accept(quantity=0, reason="season is over"),
        MarkOrdered(
            store_id=STORE_ID,
            suggestions=(OrderedSuggestion(sku="apple", number=1),),
            reference="purchase-p9",
        ),
    ],
    ids=["dismissed", "marked"],
)
def test_what_stands_in_a_draft_is_settled_by_it(decision: Command) -> None:
    drafted_shop().when(decision).refused(SuggestionSettled, draft="purchase-p1")


def test_it_is_ordered_when_the_draft_is_sent() -> None:
    shop = drafted_shop().after(SendPurchase(purchase_id="p1", by_mail=False))
    ordered = SuggestionOrdered(store_id=STORE_ID, sku="apple", number=1, reference="purchase-p1")
    shop.when(settle()).then((ITEM, ordered))


def test_settled_again_nothing_happens() -> None:
    drafted_shop().after(SendPurchase(purchase_id="p1", by_mail=False), settle()).when(settle()).then()


def test_a_draft_settles_nothing() -> None:
    drafted_shop().when(settle()).then()


def test_a_cancelled_draft_dismisses_what_stood_in_it() -> None:
    shop = drafted_shop().after(CancelPurchase(purchase_id="p1", cause="too dear"))
    dismissed = SuggestionDismissed(store_id=STORE_ID, sku="apple", number=1, reason="too dear")
    shop.when(settle()).then((ITEM, dismissed))


def test_what_was_taken_off_the_draft_is_not_ordered() -> None:
    shop = (
        a_shop()
        .after(automatic(Automatic.OPEN), gather())
        .after(
            RedraftPurchase(purchase_id="p1", lines=(WantedLine(sku="pear", quantity=12),)),
            SendPurchase(purchase_id="p1", by_mail=False),
        )
    )
    outcome = shop.when(settle())

    assert outcome.only(SuggestionDismissed).sku == "apple"
    assert outcome.only(SuggestionOrdered).sku == "pear"
