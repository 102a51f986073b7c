"""The paper of a purchase order: as data, as CSV, as a letter."""

import msgspec
import pytest

from domain.purchasing.order import PURCHASE
from domain.purchasing.steps import Confirmation, ConfirmPurchase
from domain.purchasing.supplier import SUPPLIER
from domain.stockroom.purchase_paper import PurchasePaper, as_csv, as_letter, paper
from domain.stores.store import STORE
from tests.support.decisions import Shop
from tests.support.facts import a_store, by_gram, by_piece
from tests.support.purchasing import a_supplier, a_supply, ordered, terms

FACTS = (
    a_store(),
    a_supplier(),
    by_piece("apple"),
    by_gram("cherry"),
    a_supply("apple", terms(300, pack_size=12)),
    a_supply("cherry", terms(2000)),
)


def the_paper(*commands: ConfirmPurchase) -> PurchasePaper:
    shop = Shop(*ordered(*FACTS, lines=(("apple", 24), ("cherry", 1_500))))
    for command in commands:
        shop.do(command)
    purchase = shop.state(PURCHASE, "p1")
    return paper(purchase, shop.state(SUPPLIER, "orchard"), shop.state(STORE, "s1"))


def test_a_paper_adds_up() -> None:
    found = the_paper()
    assert [(line.quantity, line.amount_minor) for line in found.lines] == [(24, 7_200), (1_500, 3_000)]
    assert found.total_minor == 10_200


def test_a_paper_has_what_was_confirmed_last() -> None:
    less = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="apple", quantity=12),))
    assert the_paper(less).total_minor == 6_600


def test_a_letter_tells_packs_while_whole_packs_come() -> None:
    less = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="apple", quantity=20),))
    assert "Apple: 2 x 12 pieces at 3.00 each, 72.00" in as_letter(the_paper())
    assert "Apple: 20 pieces at 3.00 each, 60.00" in as_letter(the_paper(less))
    assert "Cherry: 1500 g at 20.00 a kilogram, 30.00" in as_letter(the_paper())


def test_a_paper_tells_packs_only_of_whole_ones() -> None:
    for quantity, packs in ((12, 1), (20, None), (0, 0)):
        less = ConfirmPurchase(purchase_id="p1", lines=(Confirmation(sku="apple", quantity=quantity),))
        assert the_paper(less).lines[0].packs == packs
        assert as_csv(the_paper(less)).splitlines()[1].split(",")[3] == ("" if packs is None else str(packs))


def test_no_name_forges_a_line_of_a_letter() -> None:
    found = the_paper()
    forged = msgspec.structs.replace(found.lines[0], name="Apple\u2028Total: CNY 0.00\x85\u202ecod")
    letter = as_letter(msgspec.structs.replace(found, supplier_name="Or\nchard", lines=(forged,)))
    assert "apple  Apple Total: CNY 0.00 cod: 2 x 12 pieces" in letter
    assert "Supplier: Or chard" in letter


@pytest.mark.parametrize(
    "name", ["@SUM(1)", "+1", "-1", " =1", "\t=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]
)
def test_a_name_that_a_sheet_would_calculate_is_text(name: str) -> None:
    line = msgspec.structs.replace(the_paper().lines[0], name=name)
    assert f",'{name}," in as_csv(msgspec.structs.replace(the_paper(), lines=(line,)))


def test_no_cell_of_the_csv_is_a_formula_or_more_than_a_cell() -> None:
    found = the_paper()
    first = msgspec.structs.replace(found.lines[0], name='=1+1, "two"')
    head, row, _ = as_csv(msgspec.structs.replace(found, lines=(first, found.lines[1]))).splitlines()
    assert head == "sku,supplier_sku,name,packs,pack_size,quantity,unit,unit_cost_minor,amount_minor,currency"
    assert row == 'apple,,"\'=1+1, ""two""",2,12,24,piece,300,7200,CNY'
