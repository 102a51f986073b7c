"""Records of the story in tests/support/shop_day.py that are one person, or were taken for one."""

from collections.abc import Iterator

from domain.customers.merging import MergeCustomers, TellApart, UnmergeCustomers
from domain.kernel.command import Command
from tests.support.commands import complain, sell

SURVIVOR, RECORD = "c4", "c7"
"""Who stay one person, whatever else happens in the story."""


def merges() -> Iterator[Command]:
    """Needs customers c3 to c7: c3 and c5 are parted again, and so is c6, who brought c7 to c4."""
    yield MergeCustomers(customer_id="c3", other_id="c5")
    yield sell(("juice", 1), sale_id="while-merged", customer_id="c5")
    yield UnmergeCustomers(customer_id="c3", other_id="c5")
    yield TellApart(customer_id="c3", other_id="c5")
    yield MergeCustomers(customer_id="c6", other_id=RECORD)
    yield MergeCustomers(customer_id=SURVIVOR, other_id="c6")
    yield complain("of-a-record", customer_id=RECORD, store_id="s1")
    yield UnmergeCustomers(customer_id=SURVIVOR, other_id="c6")
    yield sell(("juice", 1), sale_id="of-a-record", customer_id=RECORD)
