"""What is read of lots and markdowns says what the journal's own states say."""

from domain.catalog.markdown import MARKDOWN
from domain.freshness.item import FRESH_ITEM
from domain.inventory.lots import LotReceived
from domain.inventory.parts import Parts
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved, item_id
from domain.kernel.event import AnyRecorded
from domain.kernel.lot_share import LotShare
from projections.expiry_board.fold import EXPIRY_BOARD, ExpiryBoard, LotRow
from projections.markdown_board.fold import LABELS, PROPOSALS, LabelRow, MarkdownBoard, ProposalRow
from tests.domain.examples_of_freshness import DAY
from tests.support.journals import folded
from tests.support.postgres import Tenant
from tests.support.read_models import entry_of, fold_in_memory


def test_a_lot_on_the_board_is_as_the_item_has_it(shop: Tenant, journal: list[AnyRecorded]) -> None:
    states = folded(shop, journal)
    told: set[bool] = set()
    for (store_id, sku, name), row in fold_in_memory(ExpiryBoard(), journal)[EXPIRY_BOARD].items():
        assert isinstance(row, LotRow)
        parts: Parts = states[STOCK_ITEM.stream(item_id(store_id, sku))].state.parts or Parts()
        lot, held = parts.lots.get(name), parts.held.get(name)
        assert row.on_hand == (0 if lot is None else lot.quantity)
        assert row.held == (0 if held is None else held.quantity)
        if lot is not None:
            assert (row.sell_by, row.received_on) == (lot.sell_by, lot.received_on)
            assert (row.expired_on is not None) == lot.told_expired
            told.add(lot.told_expired)
    assert told == {True, False}


def test_a_markdown_on_the_board_is_as_its_labels_are(shop: Tenant, journal: list[AnyRecorded]) -> None:
    states = folded(shop, journal)
    rows = fold_in_memory(MarkdownBoard(), journal)[LABELS]
    assert len(rows) == 3
    for (label,), row in rows.items():
        assert isinstance(row, LabelRow)
        markdown = states[MARKDOWN.stream(label)].state
        assert (row.sold, row.ended_at is not None) == (markdown.sold, markdown.ended)
        assert (row.lot, row.until, row.off_bp) == (
            markdown.made.lot,
            markdown.made.until,
            markdown.made.off_bp,
        )


def test_proposals_stand_where_they_stand(shop: Tenant, journal: list[AnyRecorded]) -> None:
    rows = fold_in_memory(MarkdownBoard(), journal)[PROPOSALS]
    item = folded(shop, journal)[FRESH_ITEM.stream(item_id("s1", "yoghurt"))].state
    found: dict[str, str] = {}
    for row in rows.values():
        assert isinstance(row, ProposalRow)
        found[row.lot] = row.status
        assert row.label == item.lots[row.lot].label
    assert found == {"Y2": "accepted", "Y3": "accepted", "Y4": "rejected"}


def test_what_names_a_lot_that_nobody_told_of_counts_as_no_lot() -> None:
    """Entries that are older than lots named some."""
    sold = StockMoved(
        store_id="s1", sku="apple", from_=Place.SHELF, to=Place.CUSTOMER, quantity=1, cost_minor=1, lot="l-17"
    )
    (row,) = fold_in_memory(ExpiryBoard(), [entry_of(sold)])[EXPIRY_BOARD].values()
    assert row == LotRow("s1", "apple", "l-17")


def test_a_lot_that_is_told_of_anew_is_what_is_told_then() -> None:
    """The item had forgotten it, and what came back of it since belonged to no lot."""
    moved = StockMoved(
        store_id="s1",
        sku="apple",
        from_=Place.CUSTOMER,
        to=Place.SHELF,
        quantity=1,
        cost_minor=1,
        shares=(LotShare(lot="A", quantity=1, cost_minor=1),),
    )
    told = LotReceived(store_id="s1", sku="apple", lot="A", received_on=DAY)

    rows = fold_in_memory(ExpiryBoard(), map(entry_of, (told, moved, told)))[EXPIRY_BOARD]

    assert rows["s1", "apple", "A"].on_hand == 0
