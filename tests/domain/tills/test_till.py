"""A till's receipt roll."""

from domain.tills.till import TILL, ReceiptIssued, Till, till_id
from domain.tills.totals import TaxTotal, Totals, by_rate
from tests.support.decisions import Fact, Shop


def tax(rate_bp: int, gross_minor: int, tax_minor: int) -> TaxTotal:
    return TaxTotal(rate_bp=rate_bp, gross_minor=gross_minor, tax_minor=tax_minor)


def receipt(number: int, total_minor: int, *taxes: TaxTotal, late: bool = False) -> Fact:
    till = till_id("s1", "till-1")
    return TILL.stream(till), ReceiptIssued(
        store_id="s1",
        register_id="till-1",
        number=number,
        document=f"sale-{number}",
        total_minor=total_minor,
        taxes=taxes,
        late=late,
    )


def test_a_new_till_has_issued_nothing() -> None:
    assert Shop().state(TILL, "s1/till-1") == Till(last_number=0, perpetual=Totals())


def test_a_till_knows_its_last_number_and_the_totals_of_all_receipts() -> None:
    """Receipts of long ago do not say their rates."""
    shop = Shop(receipt(1, 1000), receipt(2, 500, tax(900, 500, 41)), receipt(3, -300, tax(900, -300, -25)))
    assert shop.state(TILL, "s1/till-1") == Till(
        last_number=3,
        perpetual=Totals(
            receipts=3,
            sales_minor=1500,
            refunds_minor=300,
            taxes=(tax(900, 200, 16),),
            unsplit_minor=1000,
        ),
    )


def test_a_late_receipt_is_counted_with_the_others_and_by_itself() -> None:
    shop = Shop(receipt(1, 1000, tax(0, 1000, 0)), receipt(2, 500, tax(0, 500, 0), late=True))
    perpetual = shop.state(TILL, "s1/till-1").perpetual
    assert (perpetual.receipts, perpetual.total_minor) == (2, 1500)
    assert (perpetual.late_receipts, perpetual.late_minor) == (1, 500)


def test_amounts_of_one_rate_are_added_up_and_the_lowest_rate_stands_first() -> None:
    lines = [(900, 1000, 83), (0, 200, 0), (900, 500, 41)]
    assert by_rate(lines) == (tax(0, 200, 0), tax(900, 1500, 124))


def test_what_was_sold_and_came_back_at_a_rate_is_no_tax_of_the_period() -> None:
    before = Totals().with_receipt(1000, (tax(0, 1000, 0),), late=False)
    after = before.with_receipt(500, (tax(900, 500, 41),), late=False).with_receipt(
        -500, (tax(900, -500, -41),), late=False
    )
    assert after.less(before) == Totals(receipts=2, sales_minor=500, refunds_minor=500)
