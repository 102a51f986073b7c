"""The proof that a journal holds what callers were told: every sale once, whole, and nothing in halves."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from domain.catalog.product import NegativeStock, ProductAdded
from domain.checkout.check_out import SaleAnswer, sale_answer
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.event import AnyRecorded
from domain.promotions.campaign import CampaignDrawn, CampaignOpened, CustomerDrew
from domain.promotions.coupon import CouponRedeemed
from domain.sales.sale import SALE, SaleCompleted
from domain.tills.till import ReceiptIssued
from tests.crash.memory import Acknowledged, Memory
from tests.support.journals import facts, query, read_all, run
from tests.support.postgres import Tenant

PARTS_OF_A_SALE = (SaleCompleted, CouponRedeemed, CampaignDrawn, CustomerDrew, ReceiptIssued)

KEPT_ANSWERS = """
SELECT command_id, position, result
FROM commands
ORDER BY command_id
"""


class RecordedSale(NamedTuple):
    """A sale, and the position of the last entry of its command."""

    sale: SaleCompleted
    last: AnyRecorded


def audit(tenant: Tenant, memory: Memory) -> None:
    """Proves a quiet journal against what the callers remember. AssertionError says what is wrong."""
    assert memory.surprises == []
    # Positions and versions without gap or repeat, recorded_at never going back: read_all checks.
    entries = run(read_all(tenant))
    sales = _whole_sales(entries)
    _check_memory(sales, memory)
    _check_receipts(entries)
    _check_coupons(entries)
    _check_scarce_goods(entries)
    _check_kept_answers(tenant, entries, sales)


def _whole_sales(entries: Sequence[AnyRecorded]) -> dict[str, RecordedSale]:
    """Every sale by id. All that belongs to one has its command's id and follows it without a gap."""
    commands: defaultdict[str, list[AnyRecorded]] = defaultdict(list)
    for entry in entries:
        commands[entry.command_id].append(entry)
    sales: dict[str, RecordedSale] = {}
    for written in commands.values():
        assert written[-1].position - written[0].position == len(written) - 1, "another command in between"
        events = [entry.data for entry in written]
        sale = events[0]
        if not isinstance(sale, SaleCompleted):
            assert not any(_belongs_to_a_sale(event) for event in events), f"a part without a sale: {events}"
            continue
        assert sale.sale_id not in sales, f"sold twice: {sale.sale_id}"
        sales[sale.sale_id] = RecordedSale(sale, written[-1])
        _check_whole(sale, written)
    return sales


def _belongs_to_a_sale(event: object) -> bool:
    return isinstance(event, PARTS_OF_A_SALE) or (
        isinstance(event, StockMoved) and event.to is Place.CUSTOMER
    )


def _check_whole(sale: SaleCompleted, written: Sequence[AnyRecorded]) -> None:
    document = SALE.stream(sale.sale_id)
    moved = [(event.sku, event.quantity, event.reference) for event in facts(written, StockMoved)]
    assert moved == [(line.sku, line.quantity, document) for line in sale.lines if line.stocked], sale.sale_id
    coupons = [(discount.coupon_id, discount.amount_minor) for discount in sale.discounts]
    for kind in (CouponRedeemed, CampaignDrawn):
        used = [(event.coupon_id, event.amount_minor) for event in facts(written, kind)]
        assert used == coupons, sale.sale_id
    (receipt,) = facts(written, ReceiptIssued)
    assert (receipt.number, receipt.document) == (sale.receipt_number, document)
    assert receipt.total_minor == sale.total_minor
    drew = len(facts(written, CustomerDrew))
    assert len(written) == 2 + len(moved) + 2 * len(coupons) + drew, sale.sale_id


def _check_memory(sales: Mapping[str, RecordedSale], memory: Memory) -> None:
    """What was acknowledged is there as it was told; what was refused isn't; nobody sold anything else."""
    for sale_id, told in memory.acknowledged.items():
        assert sale_id in sales, f"acknowledged and lost: {sale_id}, {told}"
        sale, last = sales[sale_id]
        assert told == Acknowledged(
            receipt_number=sale.receipt_number, total_minor=sale.total_minor, position=last.position
        )
    assert not sales.keys() & memory.refused.keys(), "refused and sold"
    assert sales.keys() <= memory.acknowledged.keys() | memory.asked.keys(), "sold and never asked for"


def _check_receipts(entries: Sequence[AnyRecorded]) -> None:
    """The receipts of every till are 1, 2, 3 and so on, in the order of the journal."""
    last: Counter[str] = Counter()
    for receipt in facts(entries, ReceiptIssued):
        last[receipt.register_id] += 1
        assert receipt.number == last[receipt.register_id], receipt


def _check_coupons(entries: Sequence[AnyRecorded]) -> None:
    """No coupon is redeemed twice, and no campaign gives more than its limits."""
    redeemed = facts(entries, CouponRedeemed)
    assert all(times == 1 for times in Counter(event.coupon_id for event in redeemed).values())
    used = Counter(event.campaign_id for event in redeemed)
    for campaign in facts(entries, CampaignOpened):
        assert campaign.limit_total is None or used[campaign.campaign_id] <= campaign.limit_total
        if campaign.limit_per_customer is not None:
            own = [event.customer_id for event in redeemed if event.campaign_id == campaign.campaign_id]
            drawn = Counter(customer for customer in own if customer is not None)
            assert all(times <= campaign.limit_per_customer for times in drawn.values())


def _check_scarce_goods(entries: Sequence[AnyRecorded]) -> None:
    """What a till may not sell below zero never was below zero, at any moment."""
    products = facts(entries, ProductAdded)
    scarce = {product.sku for product in products if product.negative_stock is NegativeStock.BLOCK}
    on_hand: Counter[str] = Counter()
    for moved in facts(entries, StockMoved):
        on_hand[moved.sku] += moved.quantity if moved.to is Place.SHELF else -moved.quantity
        assert moved.sku not in scarce or on_hand[moved.sku] >= 0, moved


def _check_kept_answers(
    tenant: Tenant, entries: Sequence[AnyRecorded], sales: Mapping[str, RecordedSale]
) -> None:
    """Every sale's answer is kept, once, and is what the journal says; no other answer names a sale."""
    kept = 0
    by_position = {entry.position: entry for entry in entries}
    for command_id, position, result in query(tenant.service_url, tenant, KEPT_ANSWERS):
        entry = by_position[position]
        assert entry.command_id == command_id
        if b'"receipt_number"' in result:
            answer = msgspec.json.decode(result, type=SaleAnswer)
            sale, last = sales[answer.sale_id]
            assert entry is last
            assert answer == sale_answer(sale)
            kept += 1
    assert kept == len(sales)
