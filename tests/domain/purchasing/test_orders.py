"""Purchase orders up to the delivery: drafted in whole packs, sent, confirmed, cancelled, closed."""

from datetime import date

import msgspec
import pytest

from domain.kernel.command import Command
from domain.kernel.errors import (
    AlreadyExists,
    CurrencyMismatch,
    InvalidCommand,
    NotFound,
    VersionConflict,
)
from domain.kernel.money import AmountTooLarge
from domain.purchasing.conditions import PurchaseNotReady
from domain.purchasing.order import (
    ClosedLine,
    ConfirmedLine,
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseConfirmed,
    PurchaseDrafted,
    PurchaseSent,
)
from domain.purchasing.steps import CancelPurchase, ClosePurchase, Confirmation, ConfirmPurchase
from domain.purchasing.supplier import ChangeSupplier, SupplierInactive
from domain.purchasing.terms import TermsMissing
from domain.stockroom.purchase_drafts import (
    MAX_BATCH,
    DraftPurchases,
    PurchasesDrafted,
    RedraftPurchase,
    SuggestedLine,
    WantedLine,
)
from domain.stockroom.purchase_sending import SendPurchase
from tests.support.decisions import given
from tests.support.facts import a_store, by_gram, by_piece
from tests.support.purchasing import TODAY, a_contact, a_supplier, a_supply, draft, ordered, terms, yuan

SHOP = (
    a_store(),
    a_supplier(),
    by_piece("apple"),
    by_gram("cherry"),
    by_piece("wrapping", stocked=False),
    a_supply("apple", terms(300, pack_size=12, minimum_packs=2, lead_time_days=3)),
    a_supply("cherry", terms(2000, pack_size=5_000, lead_time_days=1)),
)
SEND = SendPurchase(purchase_id="p1", by_mail=False)
CONFIRM = ConfirmPurchase(purchase_id="p1")
CANCEL = CancelPurchase(purchase_id="p1", cause="too late")
CLOSE = ClosePurchase(purchase_id="p1", cause="sold out")


def packs(quantity: int) -> int:
    return given(*SHOP).when(draft(("apple", quantity))).only(PurchaseDrafted).lines[0].packs


def test_what_is_wanted_is_rounded_up_to_packs_and_to_the_minimum() -> None:
    assert [packs(quantity) for quantity in (1, 24, 25, 36, 37)] == [2, 2, 3, 3, 4]


def test_a_line_keeps_the_terms_of_the_day() -> None:
    later = a_supply("apple", terms(400, valid_from=date(2026, 3, 3)))
    line = given(*SHOP, later).when(draft(("apple", 30))).only(PurchaseDrafted).lines[0]
    assert (line.quantity, line.unit_cost_minor, line.lead_time_days) == (36, 300, 3)


def test_what_is_said_of_cost_and_pack_counts_instead_of_the_terms() -> None:
    line = WantedLine(sku="apple", quantity=30, unit_cost=yuan(280), pack_size=10)
    drafted = given(*SHOP).when(draft(line)).only(PurchaseDrafted)
    assert (drafted.lines[0].packs, drafted.lines[0].unit_cost_minor) == (3, 280)


def test_without_terms_somebody_must_say_what_a_unit_costs() -> None:
    shop = given(*SHOP, by_piece("pear"), by_piece("plum"))
    shop.when(draft(("apple", 1), ("pear", 1), ("plum", 1))).refused(TermsMissing, skus=["pear", "plum"])
    said = WantedLine(sku="pear", quantity=7, unit_cost=yuan(100))
    assert shop.when(draft(said)).only(PurchaseDrafted).lines[0].quantity == 7


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (WantedLine(sku="apple", quantity=0), InvalidCommand),
        (WantedLine(sku="apple", quantity=1, pack_size=0), InvalidCommand),
        (WantedLine(sku="apple", quantity=1, unit_cost=yuan(-1)), InvalidCommand),
        (WantedLine(sku="apple", quantity=10**12), AmountTooLarge),
        (WantedLine(sku="wrapping", quantity=1, unit_cost=yuan(1)), InvalidCommand),
        (WantedLine(sku="unknown", quantity=1), NotFound),
    ],
)
def test_a_line_that_can_mean_nothing_is_refused(line: WantedLine, refusal: type[InvalidCommand]) -> None:
    given(*SHOP).when(draft(line)).refused(refusal)


def test_a_sku_stands_in_one_line() -> None:
    given(*SHOP).when(draft(("apple", 1), ("apple", 2))).refused(InvalidCommand, skus=["apple"])
    given(*SHOP).when(draft()).refused(InvalidCommand, lines=0)


def test_a_draft_needs_a_supplier_a_store_and_an_id_of_its_own() -> None:
    given(*SHOP).after(draft(("apple", 1))).when(draft(("apple", 1))).refused(AlreadyExists)
    given(*SHOP).when(draft(("apple", 1), supplier_id="nobody")).refused(NotFound)
    given(*SHOP).when(draft(("apple", 1), store_id="nowhere")).refused(NotFound)


def test_a_store_buys_in_its_own_currency() -> None:
    shop = given(*SHOP, a_supplier("abroad", currency="EUR"))
    shop.when(draft(("apple", 1), supplier_id="abroad")).refused(CurrencyMismatch, currency="EUR")


def test_nothing_is_ordered_from_who_is_not_active() -> None:
    gone = ChangeSupplier(supplier_id="orchard", active=False)
    given(*SHOP).after(gone).when(draft(("apple", 1))).refused(SupplierInactive)
    given(*SHOP).after(draft(("apple", 1)), gone).when(SEND).refused(SupplierInactive)


def test_a_draft_is_written_anew_while_it_is_one() -> None:
    change = RedraftPurchase(purchase_id="p1", lines=(WantedLine(sku="cherry", quantity=5_001),))
    shop = given(*SHOP).after(draft(("apple", 1)))
    (line,) = shop.when(change).only(PurchaseDrafted).lines
    assert (line.sku, line.quantity) == ("cherry", 10_000)
    shop.after(change).when(change).then()
    given(*ordered(*SHOP)).when(change).refused(PurchaseNotReady, status="sent")
    given(*SHOP).when(change).refused(NotFound)


def test_a_draft_that_changed_meanwhile_is_read_again() -> None:
    change = RedraftPurchase(
        purchase_id="p1", lines=(WantedLine(sku="cherry", quantity=1),), expected_version=2
    )
    given(*SHOP).after(draft(("apple", 1))).when(change).refused(VersionConflict)


def test_an_order_is_expected_when_its_slowest_line_is() -> None:
    shop = given(*SHOP).after(draft(("apple", 24), ("cherry", 5_000)))
    shop.when(SEND).then_events(PurchaseSent(purchase_id="p1", sent_on=TODAY, expected_on=date(2026, 3, 5)))
    shop.after(SEND).when(SEND).then()


def test_what_was_sent_otherwise_or_for_another_day_is_not_sent_again() -> None:
    shop = given(*SHOP, a_contact()).after(draft(("apple", 24)), SEND)
    shop.after(ChangeSupplier(supplier_id="orchard", contact_id="p1"))
    shop.when(SendPurchase(purchase_id="p1")).refused(PurchaseNotReady, status="sent")
    another_day = SendPurchase(purchase_id="p1", by_mail=False, expected_on=date(2026, 3, 30))
    shop.when(another_day).refused(PurchaseNotReady)
    shop.when(msgspec.structs.replace(another_day, expected_on=date(2026, 3, 5))).then()


def test_an_order_goes_to_the_suppliers_contact() -> None:
    by_mail = SendPurchase(purchase_id="p1")
    shop = given(*SHOP, a_contact()).after(draft(("apple", 24)))
    shop.when(by_mail).refused(InvalidCommand, supplier_id="orchard")
    shop.after(ChangeSupplier(supplier_id="orchard", contact_id="p1"))
    assert shop.when(by_mail).only(PurchaseSent).contact_id == "p1"


def test_the_supplier_confirms_other_quantities_costs_and_days() -> None:
    shop = given(*ordered(*SHOP, lines=(("apple", 24), ("cherry", 5_000))))
    line = Confirmation(sku="apple", quantity=12, unit_cost=yuan(310))
    confirm = ConfirmPurchase(purchase_id="p1", lines=(line,), expected_on=date(2026, 3, 9), reference="SO-1")
    shop.when(confirm).then_events(
        PurchaseConfirmed(
            purchase_id="p1",
            expected_on=date(2026, 3, 9),
            lines=(ConfirmedLine(sku="apple", quantity=12, unit_cost_minor=310),),
            reference="SO-1",
        )
    )
    shop.after(confirm).when(confirm).then()


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (Confirmation(sku="pear"), InvalidCommand),
        (Confirmation(sku="apple", quantity=-1), InvalidCommand),
        (Confirmation(sku="apple", quantity=10**12), AmountTooLarge),
    ],
)
def test_what_can_not_be_confirmed_is_refused(line: Confirmation, refusal: type[InvalidCommand]) -> None:
    given(*ordered(*SHOP)).when(ConfirmPurchase(purchase_id="p1", lines=(line,))).refused(refusal)


def test_no_order_is_for_more_than_books_can_hold() -> None:
    """Also what costs nothing: the sum of all that is on order is a number of 64 bits."""
    free = WantedLine(sku="apple", quantity=10**12, unit_cost=yuan(0), pack_size=10**12 - 1)
    given(*SHOP).when(draft(free)).refused(InvalidCommand, sku="apple")
    line = Confirmation(sku="apple", quantity=10**12 + 1, unit_cost=yuan(0))
    given(*ordered(*SHOP)).when(ConfirmPurchase(purchase_id="p1", lines=(line,))).refused(InvalidCommand)


def test_an_order_is_closed_with_what_came_of_it() -> None:
    shop = given(*ordered(*SHOP, lines=(("apple", 24),)))
    shop.when(CLOSE).then_events(
        PurchaseClosed(
            purchase_id="p1",
            supplier_id="orchard",
            cause="sold out",
            lines=(ClosedLine(sku="apple", ordered=24, received=0),),
        )
    )
    shop.after(CLOSE).when(CLOSE).then()


def test_an_order_is_cancelled_once() -> None:
    shop = given(*SHOP).after(draft(("apple", 1)))
    shop.when(CANCEL).then_events(PurchaseCancelled(purchase_id="p1", cause="too late"))
    shop.after(CANCEL).when(CANCEL).then()


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ((), CONFIRM),
        ((), CLOSE),
        ((CANCEL,), SEND),
        ((SEND, CANCEL), CONFIRM),
        ((SEND, CANCEL), CLOSE),
        ((SEND, CLOSE), CANCEL),
        ((SEND, CONFIRM), SEND),
    ],
)
def test_each_step_has_its_time(before: tuple[Command, ...], command: Command) -> None:
    given(*SHOP).after(draft(("apple", 1)), *before).when(command).refused(PurchaseNotReady)


@pytest.mark.parametrize("command", [SEND, CONFIRM, CANCEL, CLOSE])
def test_an_order_that_is_none_goes_nowhere(command: Command) -> None:
    given(*SHOP).when(command).refused(NotFound)


def suggested(*lines: tuple[str, str, str, int]) -> DraftPurchases:
    return DraftPurchases(
        batch_id="b1",
        lines=tuple(
            SuggestedLine(supplier_id=supplier_id, store_id=store_id, sku=sku, quantity=quantity)
            for supplier_id, store_id, sku, quantity in lines
        ),
    )


def test_suggestions_become_an_order_for_each_supplier_and_store() -> None:
    shop = given(*SHOP, a_store("s2"), a_supplier("farm"), a_supply("cherry", supplier_id="farm"))
    outcome = shop.when(
        suggested(
            ("orchard", "s2", "apple", 5),
            ("farm", "s1", "cherry", 900),
            ("orchard", "s1", "cherry", 4_000),
            ("orchard", "s1", "apple", 20),
            ("orchard", "s1", "apple", 20),
        )
    )
    assert outcome.answer == PurchasesDrafted(purchase_ids=("b1.1", "b1.2", "b1.3"))
    assert [
        (one.supplier_id, one.store_id, one.reference, [(line.sku, line.quantity) for line in one.lines])
        for one in outcome.all(PurchaseDrafted)
    ] == [
        ("farm", "s1", "b1", [("cherry", 900)]),
        ("orchard", "s1", "b1", [("cherry", 5_000), ("apple", 48)]),
        ("orchard", "s2", "b1", [("apple", 24)]),
    ]


def test_of_a_batch_all_orders_are_made_or_none() -> None:
    batch = suggested(("orchard", "s1", "apple", 5), ("farm", "s1", "apple", 5))
    given(*SHOP).when(batch).refused(NotFound)
    given(*SHOP, a_supplier("farm")).when(batch).refused(TermsMissing, supplier_id="farm")
    given(*SHOP).when(suggested()).refused(InvalidCommand, orders=0)
    many = suggested(*(("orchard", f"s{number}", "apple", 1) for number in range(MAX_BATCH + 1)))
    given(*SHOP).when(many).refused(InvalidCommand, orders=MAX_BATCH + 1)


def test_the_same_batch_again_makes_no_second_orders() -> None:
    batch = suggested(("orchard", "s1", "apple", 5))
    given(*SHOP).after(batch).when(batch).refused(AlreadyExists)
