"""Examples of lots near their end and past it, for tests/domain/examples.py."""

from datetime import date

from domain.freshness.item import MarkdownProposed, ProposalAccepted, ProposalRejected
from domain.freshness.ladder import MarkdownLadderSet, Step
from domain.freshness.watch import LotsWatched
from domain.inventory.lots import LotExpired
from domain.kernel.event import Event

DAY = date(2026, 3, 25)

FRESHNESS_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    LotExpired: (
        LotExpired(
            store_id="s1",
            sku="apple",
            lot="L8",
            sell_by=date(2026, 3, 21),
            day=DAY,
            quantity=3,
            held=2,
            value_minor=1_000,
        ),
        LotExpired(
            store_id="s1",
            sku="apple",
            lot="L7",
            sell_by=date(2026, 3, 24),
            day=DAY,
            quantity=3,
            value_minor=600,
        ),
    ),
    MarkdownLadderSet: (
        MarkdownLadderSet(
            ladder="dairy",
            version=2,
            store_id="s1",
            sku="yoghurt",
            category="dairy",
            steps=(Step(days_left=2, off_bp=2_000), Step(days_left=1, off_bp=5_000, automatic=True)),
        ),
        MarkdownLadderSet(ladder="dairy", version=3),
    ),
    MarkdownProposed: (
        MarkdownProposed(
            store_id="s1",
            sku="yoghurt",
            number=2,
            lot="L7",
            sell_by=date(2026, 3, 26),
            day=DAY,
            days_left=1,
            off_bp=5_000,
            quantity=8,
            ladder="dairy",
            ladder_version=2,
            replaces=1,
        ),
        MarkdownProposed(
            store_id="s1",
            sku="yoghurt",
            number=1,
            lot="L7",
            sell_by=date(2026, 3, 26),
            day=date(2026, 3, 24),
            days_left=2,
            off_bp=2_000,
            quantity=9,
            ladder="dairy",
            ladder_version=2,
        ),
    ),
    ProposalAccepted: (
        ProposalAccepted(
            store_id="s1", sku="yoghurt", number=2, lot="L7", label="md.2f6c0d1b", automatic=True
        ),
        ProposalAccepted(store_id="s1", sku="yoghurt", number=1, lot="L7", label="04006381333931"),
    ),
    ProposalRejected: (
        ProposalRejected(store_id="s1", sku="yoghurt", number=1, lot="L7", reason="sells anyway"),
    ),
    LotsWatched: (LotsWatched(store_id="s1", day=DAY),),
}
