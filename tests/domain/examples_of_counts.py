"""Examples of counts, for tests/domain/examples.py."""

from datetime import UTC, datetime

from domain.counts.count import (
    CountApproved,
    CountCancelled,
    CountedLine,
    CountItemsAdded,
    CountKind,
    CountPosted,
    CountStarted,
    LinesCounted,
    PostedLine,
    RecountAsked,
    RecountBy,
    Tolerance,
)
from domain.inventory.counted import CountClosed, CountedPart, CountOpened
from domain.kernel.event import Event

_TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)

COUNT_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    CountStarted: (
        CountStarted(
            count_id="c1",
            store_id="s1",
            kind=CountKind.CYCLE,
            currency="CNY",
            blind=False,
            location="cold room",
            tolerance=Tolerance(permille=10, pieces=2, weight_g=50),
            recount_by=RecountBy.ANYONE,
            approve_above_minor=10_000,
        ),
        CountStarted(count_id="c1", store_id="s1", kind=CountKind.FULL, currency="CNY"),
    ),
    CountItemsAdded: (
        CountItemsAdded(count_id="c1", skus=("apple", "grapes"), opened_at=_TEN, weighed=("grapes",)),
        CountItemsAdded(count_id="c1", skus=("apple",), opened_at=_TEN),
    ),
    LinesCounted: (
        LinesCounted(
            count_id="c1",
            counted_by="person:ann",
            lines=(
                CountedLine(sku="apple", lot="L7", location="cold room", quantity=58, counted_at=_TEN),
                CountedLine(sku="grapes", quantity=0, counted_at=_TEN),
            ),
        ),
    ),
    RecountAsked: (RecountAsked(count_id="c1", skus=("apple",)),),
    CountApproved: (CountApproved(count_id="c1", approved_by="person:ben", up_to_minor=12_000),),
    CountPosted: (
        CountPosted(
            count_id="c1",
            store_id="s1",
            posted_by="person:cho",
            lines=(
                PostedLine(
                    sku="apple",
                    lot="L7",
                    location="cold room",
                    counted=58,
                    book=60,
                    difference=-2,
                    cost_minor=-600,
                    counted_at=_TEN,
                ),
                PostedLine(sku="pear", counted=3, book=3, difference=0, cost_minor=0, counted_at=_TEN),
            ),
            uncounted=("grapes",),
            last=True,
        ),
        CountPosted(count_id="c1", store_id="s1", posted_by="person:cho", lines=()),
    ),
    CountCancelled: (
        CountCancelled(count_id="c1", skus=("apple", "grapes"), last=True),
        CountCancelled(count_id="c1"),
    ),
    CountOpened: (CountOpened(store_id="s1", sku="apple", count="c1"),),
    CountClosed: (
        CountClosed(
            store_id="s1",
            sku="apple",
            count="c1",
            counted=(
                CountedPart(lot="L7", location="cold room", counted_at=_TEN),
                CountedPart(counted_at=_TEN),
            ),
        ),
        CountClosed(store_id="s1", sku="apple", count="c1"),
    ),
}
