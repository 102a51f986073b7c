"""Goods near their end in the story of tests/support/shop_day.py: yoghurts are marked down, and expire."""

from collections.abc import Iterator
from datetime import timedelta

from domain.checkout.markdown_proposals import AcceptMarkdown, RejectMarkdown
from domain.checkout.watch_lots import EndWatch, WatchItem
from domain.freshness.ladder import SetMarkdownLadder, Step
from domain.kernel.business_day import business_day
from domain.kernel.command import Command
from domain.kernel.money import Money
from domain.stockroom.disposal import DisposedLot, DisposeExpired
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from infra.event_store.clerk import now_utc
from tests.support.commands import add_product


def near_their_end() -> Iterator[Command]:
    """Of four lots one has expired, one is marked down by itself, one by somebody; one keeps its price.

    The watch goes by the server's clock, so this is told of today.
    """
    today = business_day(now_utc(), "Asia/Shanghai", 240)
    yield add_product("yoghurt", 300, category="dairy")
    asked, at_once = Step(days_left=2, off_bp=2_000), Step(days_left=1, off_bp=5_000, automatic=True)
    yield SetMarkdownLadder(ladder="all", category="dairy", steps=(asked, at_once))
    lines = tuple(
        MoveLine(
            sku="yoghurt",
            quantity=5,
            unit_cost=Money(amount=110, currency="CNY"),
            lot=lot,
            sell_by=today + timedelta(days=days),
            supplier_id="orchard",
        )
        for lot, days in (("Y1", -1), ("Y2", 1), ("Y3", 2), ("Y4", 2))
    )
    yield MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=lines, reference="delivery-y")
    yield WatchItem(store_id="s1", sku="yoghurt")
    yield EndWatch(store_id="s1", day=today)
    yield AcceptMarkdown(store_id="s1", sku="yoghurt", number=2)
    yield RejectMarkdown(store_id="s1", sku="yoghurt", number=3, reason="sells anyway")
    disposed = DisposedLot(sku="yoghurt", lot="Y1", quantity=4)
    yield DisposeExpired(store_id="s1", reason="expired", lots=(disposed,))
