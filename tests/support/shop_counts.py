"""Counting in the shop's story: one is posted, one goes on, and one is called off."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.counts.count import CountKind, RecountBy, Tolerance
from domain.kernel.command import Command
from domain.kernel.money import Money
from domain.stockroom.counts import AddToCount, CancelCount, StartCount
from domain.stockroom.counts_posted import PostCount
from domain.stockroom.counts_taken import ApproveCount, AskRecount, CountLines, LineToCount
from tests.support.commands import sell

NOW = datetime(2200, 1, 1, tzinfo=UTC)
"""A clock that is ahead counts as the server's: the story happened before it is told."""
ANN, BEN, CHO = "person:ann", "person:ben", "person:cho"


def counting() -> Iterator[Command]:
    """Juice is counted twice, pears by lot, and somebody else approves what is posted."""
    for count_id, kind in (("c1", CountKind.CYCLE), ("c2", CountKind.FULL), ("c3", CountKind.SPOT)):
        yield StartCount(
            count_id=count_id,
            store_id="s1",
            kind=kind,
            blind=kind is not CountKind.SPOT,
            tolerance=Tolerance(permille=10, pieces=1),
            recount_by=RecountBy.ANOTHER,
            approve_above=Money(amount=100, currency="CNY"),
        )
        yield AddToCount(count_id=count_id, store_id="s1", skus=("juice", "pear"))
    yield _found("c1", ANN, LineToCount(sku="juice", quantity=2, counted_at=NOW))
    yield sell(("juice", 1), sale_id="counted")
    yield _found("c1", ANN, LineToCount(sku="pear", quantity=4, lot="P1", counted_at=NOW))
    yield AskRecount(count_id="c1", store_id="s1", skus=("juice", "pear"))
    yield _found("c1", CHO, LineToCount(sku="juice", quantity=3, counted_at=NOW))
    yield _found("c1", CHO, LineToCount(sku="pear", quantity=4, lot="P1", counted_at=NOW))
    yield ApproveCount(
        count_id="c1", store_id="s1", approved_by=CHO, up_to=Money(amount=10**9, currency="CNY")
    )
    yield PostCount(count_id="c1", store_id="s1", posted_by=BEN, leave_uncounted=True)
    yield _found("c2", ANN, LineToCount(sku="pear", quantity=4, lot="P1", counted_at=NOW))
    yield CancelCount(count_id="c3", store_id="s1")


def _found(count_id: str, counted_by: str, line: LineToCount) -> CountLines:
    return CountLines(count_id=count_id, store_id="s1", counted_by=counted_by, lines=(line,))
