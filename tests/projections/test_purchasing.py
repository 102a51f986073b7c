"""What is read of purchasing and transfers says what the journal's own states say."""

from datetime import date

from domain.kernel.event import AnyRecorded, Event
from domain.purchasing.order import OPEN, PURCHASE, ClosedLine, PurchaseClosed, PurchaseReceived, ReceivedLine
from domain.purchasing.terms import TermsSet
from domain.transfers.transfer import TRANSFER
from projections.purchase_board.fold import PURCHASES, PurchaseBoard, PurchaseRow
from projections.supplier_scores.fold import ALL, MOST_CHANGE_BP, SCORES, SupplierScore, SupplierScores
from projections.supplier_scores.queries import lead_time, mean
from projections.transfer_board.fold import TRANSFERS, TransferBoard, TransferRow
from tests.support.journals import folded
from tests.support.postgres import Tenant
from tests.support.purchasing import terms
from tests.support.read_models import entry_of, fold_in_memory


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
        arrivals=len(days),
        lead_days=sum(days),
        lead_days_squared=sum(day * day for day in days),
    )


def test_lead_times_have_a_mean_and_the_deviation_of_a_sample() -> None:
    assert lead_time(score()) is None
    assert lead_time(score(3)) == (3.0, 0.0)
    assert lead_time(score(2, 4, 4, 4, 5, 5, 7, 9)) == (5.0, (32 / 7) ** 0.5)


def came(lead_days: int, days_late: int | None, *lines: ReceivedLine) -> PurchaseReceived:
    return PurchaseReceived(
        purchase_id="p1",
        receipt_id=f"g{lead_days}",
        supplier_id="orchard",
        store_id="s1",
        received_on=date(2026, 3, 2),
        lead_days=lead_days,
        lines=lines,
        days_late=days_late,
    )


def closed(*lines: tuple[str, int, int]) -> PurchaseClosed:
    what = tuple(ClosedLine(sku=sku, ordered=ordered, received=received) for sku, ordered, received in lines)
    return PurchaseClosed(purchase_id="p1", supplier_id="orchard", cause="received", lines=what)


def scored(*events: Event) -> dict[str, SupplierScore]:
    rows = fold_in_memory(SupplierScores(), map(entry_of, events))[SCORES]
    return {sku: row for (_, sku), row in rows.items()}


def test_scores_are_what_is_worked_out_by_hand() -> None:
    """Apples came 80 of 100, all, none and 1 of 4 accepted: 80 %, 100 %, 0 % and 25 % are 51.25 % on average.

    Taken was of three, after 2, 4 and 6 days: 4 on average with a deviation of 2. All three were promised and
    one was late. Filled were 150 of 200 and 1 of 3: (75.00 % + 33.33 %) / 2 is 54.165 %, half up 54.17 %.
    """
    found = scored(
        came(
            2,
            0,
            ReceivedLine(sku="apple", accepted=80, quarantined=10, rejected=10, cause="wet"),
            ReceivedLine(sku="pear", accepted=5),
        ),
        came(
            4,
            1,
            ReceivedLine(sku="apple", accepted=30, lot="A"),
            ReceivedLine(sku="apple", accepted=30, lot="B"),
        ),
        came(1, None, ReceivedLine(sku="apple", rejected=50, cause="rotten")),
        came(6, -1, ReceivedLine(sku="apple", accepted=1, rejected=3, cause="wet")),
        closed(("apple", 200, 150), ("pear", 3, 5)),
        closed(("apple", 3, 1)),
    )
    apple, whole = found["apple"], found[ALL]
    assert mean(apple.accepted_bp, apple.deliveries) == 5_125
    assert lead_time(apple) == (4.0, 2.0)
    assert (apple.arrivals, apple.promised, apple.on_time) == (3, 3, 2)
    assert mean(apple.filled_bp, apple.closed) == 5_417
    # With the pears: 80, 100, 100, 0 and 25 %; 2, 2, 4 and 6 days; 75, 100 and 33.33 %.
    assert mean(whole.accepted_bp, whole.deliveries) == 6_100
    assert lead_time(whole) == (3.5, (11 / 3) ** 0.5)
    assert (whole.promised, whole.on_time) == (4, 3)
    assert mean(whole.filled_bp, whole.closed) == 6_944


def test_a_price_from_next_to_nothing_weighs_no_more_than_sums_can_hold() -> None:
    new = TermsSet(supplier_id="orchard", sku="apple", terms=terms(10**12), before_minor=1)
    assert scored(new)["apple"].price_change_bp == MOST_CHANGE_BP
