"""What is read of purchasing and transfers says what the journal's own states say."""

from domain.kernel.event import AnyRecorded
from domain.purchasing.order import OPEN, PURCHASE
from domain.transfers.transfer import TRANSFER
from projections.purchase_board.fold import PURCHASES, PurchaseBoard, PurchaseRow
from projections.supplier_scores.fold import SupplierScore
from projections.supplier_scores.queries import lead_time
from projections.transfer_board.fold import TRANSFERS, TransferBoard, TransferRow
from tests.support.journals import folded
from tests.support.postgres import Tenant
from tests.support.read_models import fold_in_memory


def test_an_order_on_the_board_is_owed_what_it_is_owed(shop: Tenant, journal: list[AnyRecorded]) -> None:
    states = folded(shop, journal)
    statuses: set[str] = set()
    for (purchase_id,), row in fold_in_memory(PurchaseBoard(), journal)[PURCHASES].items():
        assert isinstance(row, PurchaseRow)
        purchase = states[PURCHASE.stream(purchase_id)].state
        assert (row.status, row.expected_on, row.sent_on) == (
            purchase.status,
            purchase.expected_on,
            purchase.sent_on,
        )
        if purchase.status in OPEN:
            assert row.owed == {sku: one.owed for sku, one in purchase.progress.items() if one.owed}
        statuses.add(row.status)
    assert statuses >= {"sent", "closed", "cancelled"}


def test_what_is_in_transit_has_not_left_it(shop: Tenant, journal: list[AnyRecorded]) -> None:
    states = folded(shop, journal)
    rows = fold_in_memory(TransferBoard(), journal)[TRANSFERS]
    for (transfer_id,), row in rows.items():
        assert isinstance(row, TransferRow)
        transfer = states[TRANSFER.stream(transfer_id)].state
        rest = {line.sku: line.quantity - transfer.left.get(line.sku, 0) for line in transfer.sent.lines}
        assert row.in_transit == {sku: quantity for sku, quantity in rest.items() if quantity}
    assert {row.status for row in rows.values()} == {"in_transit", "received"}


def score(*days: int) -> SupplierScore:
    return SupplierScore(
        "orchard",
        "",
        deliveries=len(days),
        lead_days=sum(days),
        lead_days_squared=sum(day * day for day in days),
    )


def test_lead_times_have_a_mean_and_the_deviation_of_a_sample() -> None:
    assert lead_time(score()) is None
    assert lead_time(score(3)) == (3.0, 0.0)
    assert lead_time(score(2, 4, 4, 4, 5, 5, 7, 9)) == (5.0, (32 / 7) ** 0.5)
