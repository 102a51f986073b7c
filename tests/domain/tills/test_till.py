"""A till's receipt roll."""

from domain.tills.till import TILL, ReceiptIssued, Till, till_id
from tests.support.decisions import Fact, Shop


def receipt(number: int, total_minor: int) -> Fact:
    till = till_id("s1", "till-1")
    return TILL.stream(till), ReceiptIssued(
        store_id="s1", register_id="till-1", number=number, document=f"sale-{number}", total_minor=total_minor
    )


def test_a_new_till_has_issued_nothing() -> None:
    assert Shop().state(TILL, "s1/till-1") == Till(last_number=0, perpetual_total_minor=0)


def test_a_till_knows_its_last_number_and_the_total_of_all_receipts() -> None:
    shop = Shop(receipt(1, 1000), receipt(2, 500), receipt(3, -300))
    assert shop.state(TILL, "s1/till-1") == Till(last_number=3, perpetual_total_minor=1200)
