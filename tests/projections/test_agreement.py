"""The read models agree with the journal, counted in another way than they count."""

from collections import Counter
from typing import Any

import pytest

from api.personal_export import COUNTED, SECTIONS
from domain.book import STREAM_KINDS
from domain.inventory.parts import Parts
from domain.inventory.stock_item import STOCK_ITEM, StockItem, item_id
from domain.kernel.event import AnyRecorded
from domain.kernel.quantity import Unit
from domain.kernel.stream import Versioned
from domain.orders.order import ORDER, Order
from domain.promotions.batch import CouponBatchIssued
from domain.promotions.campaign import CAMPAIGN, CampaignOpened
from domain.promotions.coupon import CouponIssued, CouponRedeemed
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from domain.service.case import COMPLAINT, Case, CaseAssigned, CaseCommented, CaseOpened, CaseResolved
from domain.tills.shift import ShiftClosed
from domain.tills.till import ReceiptIssued
from projections.complaint_board.fold import COMPLAINT_BOARD, ComplaintRow
from projections.coupon_usage.fold import COUPON_USAGE, CouponUsage
from projections.customer_profile.fold import CUSTOMER_PROFILE, CustomerProfile
from projections.order_board.fold import ORDER_BOARD, OrderRow
from projections.product_sales.fold import PRODUCT_SALES, ProductSales
from projections.promotion_results.fold import (
    PROMOTION_CUSTOMERS,
    PROMOTION_RESULTS,
    TRADING_DAYS,
    PromotionCustomer,
    PromotionResult,
    TradingDay,
)
from projections.register_journal.fold import REGISTER_JOURNAL, REGISTER_SHIFTS, RegisterEntry, RegisterShift
from projections.sale_exceptions.fold import SALE_EXCEPTIONS, SaleExceptionRow
from projections.sales_report.fold import SALES_HOURS, SALES_REPORT, SalesHourRow, SalesReportRow
from projections.staff_scores.fold import STAFF_SCORES, StaffScore
from projections.stock_ledger.fold import STOCK_LEDGER, StockEntry
from projections.stock_levels.fold import RESERVATIONS, STOCK_LEVELS, ReservationRow, StockLevel
from tests.support.journals import facts, folded, run
from tests.support.postgres import Tenant
from tests.support.read_models import forget, project, rows_of
from tests.support.shop_day import CUSTOMERS, EMPLOYEES
from tests.support.shop_people import FORGOTTEN


@pytest.fixture(scope="module", autouse=True)
def _projected(shop: Tenant) -> None:
    forget(shop)
    run(project(shop))


@pytest.fixture(scope="module")
def states(shop: Tenant, journal: list[AnyRecorded]) -> dict[str, Versioned]:
    """The state of every stream, as decisions see it."""
    return folded(shop, journal)


def sales_and_returns(journal: list[AnyRecorded]) -> tuple[list[SaleCompleted], list[ReturnRecorded]]:
    sales, returns = facts(journal, SaleCompleted), facts(journal, ReturnRecorded)
    assert len(sales) > 50
    assert len(returns) > 10
    return sales, returns


def nonzero(counts: dict[Any, int]) -> dict[Any, int]:
    return {key: count for key, count in counts.items() if count}


def test_the_story_writes_to_every_kind_of_stream(states: dict[str, Versioned]) -> None:
    assert {stream.partition("-")[0] for stream in states} == {kind.category for kind in STREAM_KINDS}


def test_stock_levels_are_the_states_of_the_stock_items(shop: Tenant, states: dict[str, Versioned]) -> None:
    rows: list[StockLevel] = rows_of(shop, STOCK_LEVELS)
    items: dict[str, StockItem] = {
        stream: state.state for stream, state in states.items() if stream.startswith("stock-")
    }

    assert {STOCK_ITEM.stream(item_id(row.store_id, row.sku)) for row in rows} == set(items)
    for row in rows:
        item = items[STOCK_ITEM.stream(item_id(row.store_id, row.sku))]
        assert (row.on_hand, row.value_minor) == (item.on_hand, item.value_minor)
        came = row.received - row.sold + row.returned - row.wasted + row.adjusted
        assert came - row.held + row.transferred - row.donated == row.on_hand
        held = (item.parts or Parts()).held.values()
        assert row.held == sum(each.quantity for each in held)


def test_reservations_are_those_of_the_stock_items(shop: Tenant, states: dict[str, Versioned]) -> None:
    rows: list[ReservationRow] = rows_of(shop, RESERVATIONS)
    held = {
        (stream, reference): (made.quantity, made.until)
        for stream, state in states.items()
        if stream.startswith("stock-")
        for reference, made in state.state.reservations.items()
    }
    assert held
    assert held == {
        (STOCK_ITEM.stream(item_id(row.store_id, row.sku)), row.reference): (row.quantity, row.held_until)
        for row in rows
        if row.quantity
    }
    assert len(rows) > len(held), "what has ended stays, at nothing"


def test_the_board_has_every_order_as_it_stands(shop: Tenant, states: dict[str, Versioned]) -> None:
    rows: list[OrderRow] = rows_of(shop, ORDER_BOARD)
    orders: dict[str, Order] = {
        stream: state.state for stream, state in states.items() if stream.startswith("order-")
    }
    assert {
        ORDER.stream(row.order_id): (row.status, bool(row.returned), set(row.matters)) for row in rows
    } == {
        stream: (order.status.value, bool(order.returned), set(order.matters))
        for stream, order in orders.items()
    }


def test_the_stock_ledger_adds_up_to_the_states_of_the_stock_items(
    shop: Tenant, states: dict[str, Versioned]
) -> None:
    sums: dict[str, Counter[str]] = {}
    rows: list[StockEntry] = rows_of(shop, STOCK_LEDGER)
    for row in rows:
        found = sums.setdefault(STOCK_ITEM.stream(item_id(row.store_id, row.sku)), Counter())
        found.update({"on_hand": row.on_hand, "held": row.held, "value": row.value_minor})
    for stream, found in sums.items():
        item: StockItem = states[stream].state
        held = (item.parts or Parts()).held.values()
        assert found["on_hand"] == item.on_hand
        assert found["held"] == sum(each.quantity for each in held)
        assert found["value"] == item.value_minor + sum(each.value_minor for each in held)


def test_the_sales_report_adds_up_to_the_sales_and_returns(shop: Tenant, journal: list[AnyRecorded]) -> None:
    """Day by day and store by store, from the totals that customers paid and got back."""
    sales, returns = sales_and_returns(journal)
    paid, gross, discount, units = Counter[Any](), Counter[Any](), Counter[Any](), Counter[Any]()
    for sale in sales:
        day = (sale.store_id, sale.business_day)
        tax_on_top = 0 if sale.tax_policy.inclusive else sum(line.tax_minor for line in sale.lines)
        paid[day] += sale.total_minor - tax_on_top
        gross[day] += sum(line.amount_minor for line in sale.lines)
        discount[day] += sum(discount.amount_minor for discount in sale.discounts)
        units[day] += sum(line.quantity for line in sale.lines)
    for back in returns:
        paid[back.store_id, back.business_day] -= sum(line.net_minor for line in back.lines)

    found: dict[str, Counter[Any]] = {name: Counter() for name in ("net", "gross", "discount", "units")}
    rows: list[SalesReportRow] = rows_of(shop, SALES_REPORT)
    for row in rows:
        day = (row.store_id, row.business_day)
        assert row.gross_minor - row.discount_minor - row.returns_minor == row.net_minor
        found["net"][day] += row.net_minor
        found["gross"][day] += row.gross_minor
        found["discount"][day] += row.discount_minor
        found["units"][day] += row.units

    expected = {"net": paid, "gross": gross, "discount": discount, "units": units}
    for name, counts in found.items():
        assert nonzero(counts) == nonzero(expected[name]), name


def test_the_sales_report_counts_tax_cost_and_returns_once(shop: Tenant, journal: list[AnyRecorded]) -> None:
    sales, returns = sales_and_returns(journal)
    sold = [line for sale in sales for line in sale.lines]
    back = [line for taken in returns for line in taken.lines]

    rows: list[SalesReportRow] = rows_of(shop, SALES_REPORT)

    assert sum(row.lines for row in rows) == len(sold)
    assert sum(row.tax_minor for row in rows) == sum(line.tax_minor for line in sold) - sum(
        line.tax_minor for line in back
    )
    assert sum(row.cost_minor for row in rows) == sum(line.cost_minor for line in sold) - sum(
        line.cost_minor for line in back
    )
    assert sum(row.returned_units for row in rows) == sum(line.quantity for line in back)
    assert sum(row.returns_minor for row in rows) == sum(line.net_minor for line in back)


def test_the_sales_report_tells_the_stores_local_hour(shop: Tenant, journal: list[AnyRecorded]) -> None:
    """Of each sale, from UTC and the offset that the sale itself recorded."""
    expected = Counter[tuple[str, int]]()
    for entry in journal:
        if isinstance(entry.data, SaleCompleted):
            minutes = entry.occurred_at.hour * 60 + entry.occurred_at.minute + entry.data.utc_offset_min
            expected[entry.data.store_id, minutes // 60 % 24] += len(entry.data.lines)

    found = Counter[tuple[str, int]]()
    rows: list[SalesReportRow] = rows_of(shop, SALES_REPORT)
    for row in rows:
        found[row.store_id, row.hour] += row.lines

    assert nonzero(found) == nonzero(expected)


def test_baskets_and_returns_are_counted_by_the_stores_day(shop: Tenant, journal: list[AnyRecorded]) -> None:
    sales, returns = sales_and_returns(journal)
    expected = Counter[Any](("sales", sale.store_id, sale.business_day) for sale in sales)
    expected.update(("returns", back.store_id, back.business_day) for back in returns)
    for sale in sales:
        expected["lines", sale.store_id, sale.business_day] += len(sale.lines)
    for back in returns:
        expected["returned_lines", back.store_id, back.business_day] += len(back.lines)

    found = Counter[Any]()
    rows: list[SalesHourRow] = rows_of(shop, SALES_HOURS)
    for row in rows:
        for name in ("sales", "lines", "returns", "returned_lines"):
            found[name, row.store_id, row.business_day] += getattr(row, name)

    assert nonzero(found) == nonzero(expected)


def test_coupon_usage_is_what_campaigns_and_coupons_record(
    shop: Tenant, journal: list[AnyRecorded], states: dict[str, Versioned]
) -> None:
    opened = {event.campaign_id for event in facts(journal, CampaignOpened)}
    issued = Counter(event.campaign_id for event in facts(journal, CouponIssued))
    for batch in facts(journal, CouponBatchIssued):
        issued[batch.campaign_id] += batch.count
    redeemed = facts(journal, CouponRedeemed)
    assert len(redeemed) > 10

    rows: list[CouponUsage] = rows_of(shop, COUPON_USAGE)

    assert {row.campaign_id for row in rows} == opened
    for row in rows:
        campaign = states[CAMPAIGN.stream(row.campaign_id)].state
        assert (row.redeemed, row.discount_minor) == (campaign.redeemed, campaign.given_minor)
        assert row.issued == issued[row.campaign_id]
        baskets = {event.sale_id for event in redeemed if event.campaign_id == row.campaign_id}
        assert row.sales == len(baskets)
        paid = [sale.total_minor for sale in facts(journal, SaleCompleted) if sale.sale_id in baskets]
        assert row.sales_minor == sum(paid)


def test_the_complaint_board_shows_the_states_of_the_cases(
    shop: Tenant, journal: list[AnyRecorded], states: dict[str, Versioned]
) -> None:
    comments = Counter(event.case_id for event in facts(journal, CaseCommented))
    rows: list[ComplaintRow] = rows_of(shop, COMPLAINT_BOARD)

    assert {row.case_id for row in rows} == {event.case_id for event in facts(journal, CaseOpened)}
    assert {row.status for row in rows} == {"open", "assigned", "resolved"}
    for row in rows:
        case: Case = states[COMPLAINT.stream(row.case_id)].state
        opened = case.opened
        assert opened is not None
        assert (row.status, row.employee_id) == (case.status.value, case.employee_id)
        assert (row.comments, row.reopenings) == (comments[row.case_id], case.reopenings)
        assert (row.customer_id, row.store_id, row.sale_id) == (
            opened.customer_id,
            opened.store_id,
            opened.sale_id,
        )
        assert (row.resolved_at is not None) == (row.status == "resolved")


def test_staff_scores_add_up_to_what_employees_did(shop: Tenant, journal: list[AnyRecorded]) -> None:
    sales, returns = sales_and_returns(journal)
    expected = Counter[tuple[str, str]]()
    for sale in sales:
        for attribution in sale.attributions:
            expected["sales", attribution.employee_id] += 1
            expected["sales_minor", attribution.employee_id] += sale.total_minor
            # Grams and pieces don't add up: a weighed line is one unit.
            expected["units", attribution.employee_id] += sum(
                line.quantity if line.unit is Unit.PIECE else 1 for line in sale.lines
            )
    for back in returns:
        for attribution in back.attributions:
            expected["returns", attribution.employee_id] += 1
            expected["returns_minor", attribution.employee_id] += back.total_minor
    for assigned in facts(journal, CaseAssigned):
        expected["assigned", assigned.employee_id] += 1
    for resolved in facts(journal, CaseResolved):
        if resolved.employee_id is not None:
            expected["resolved", resolved.employee_id] += 1

    found = Counter[tuple[str, str]]()
    rows: list[StaffScore] = rows_of(shop, STAFF_SCORES)
    for row in rows:
        found["sales", row.employee_id] += row.sales
        found["sales_minor", row.employee_id] += sum(row.sales_minor.values())
        found["units", row.employee_id] += row.units
        found["returns", row.employee_id] += row.returns
        found["returns_minor", row.employee_id] += sum(row.returns_minor.values())
        found["assigned", row.employee_id] += row.complaints_assigned
        found["resolved", row.employee_id] += row.complaints_resolved

    assert nonzero(found) == nonzero(expected)
    assert {row.employee_id for row in rows} == {name for names in EMPLOYEES.values() for name in names}
    assert {row.month for row in rows} == {"2026-03", "2026-04"}


def test_a_customers_profile_is_what_the_journal_says_of_them(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    sales, returns = sales_and_returns(journal)
    rows: list[CustomerProfile] = rows_of(shop, CUSTOMER_PROFILE)

    assert {row.customer_id for row in rows} == {*CUSTOMERS, "g1", FORGOTTEN}, (
        "the guest of an order is one too"
    )
    for row in rows:
        bought = [sale for sale in sales if sale.customer_id == row.customer_id]
        brought = [back for back in returns if back.customer_id == row.customer_id]
        spend = sum(sale.total_minor for sale in bought) - sum(back.total_minor for back in brought)
        assert (row.visits, row.returns) == (len(bought), len(brought))
        assert row.spend_minor == ({"CNY": spend} if bought or brought else {})
        assert sum(row.categories.values()) == sum(
            line.net_minor for sale in bought for line in sale.lines
        ) - sum(line.net_minor for back in brought for line in back.lines)
        complaints = [event for event in facts(journal, CaseOpened) if event.customer_id == row.customer_id]
        assert row.complaints == len(complaints)
        times = [
            entry.occurred_at
            for entry in journal
            if isinstance(entry.data, SaleCompleted) and entry.data.customer_id == row.customer_id
        ]
        assert row.first_purchase_at == min(times, default=None)
        assert row.last_purchase_at == max(times, default=None)
        assert row.coupons_redeemed == sum(
            event.customer_id == row.customer_id for event in facts(journal, CouponRedeemed)
        )


def test_product_sales_add_up_to_the_sales_report(shop: Tenant) -> None:
    """Day by day, store by store and product by product, of whoever sold it at whatever hour."""
    expected, found = Counter[Any](), Counter[Any]()
    report: list[SalesReportRow] = rows_of(shop, SALES_REPORT)
    rows: list[ProductSales] = rows_of(shop, PRODUCT_SALES)
    for of_report in report:
        key = (of_report.sku, of_report.store_id, of_report.business_day)
        expected[*key, "net"] += of_report.net_minor
        expected[*key, "gross"] += of_report.gross_minor
        expected[*key, "returns"] += of_report.returns_minor
        expected[*key, "cost"] += of_report.cost_minor
        expected[*key, "sold"] += of_report.units
        expected[*key, "back"] += of_report.returned_units
    for row in rows:
        key = (row.sku, row.store_id, row.business_day)
        assert row.gross_minor - row.discount_minor - row.returns_minor == row.net_minor
        found[*key, "net"] += row.net_minor
        found[*key, "gross"] += row.gross_minor
        found[*key, "returns"] += row.returns_minor
        found[*key, "cost"] += row.cost_minor
        found[*key, "sold"] += row.quantity
        found[*key, "back"] += row.returned_quantity
    assert nonzero(found) == nonzero(expected)


def test_promotion_results_are_what_the_sales_say(shop: Tenant, journal: list[AnyRecorded]) -> None:
    sales, _ = sales_and_returns(journal)
    given, revenue, days = Counter[Any](), Counter[Any](), Counter[Any]()
    customers: set[Any] = set()
    for sale in sales:
        days[sale.store_id, sale.business_day] += sale.total_minor
        rules = {(discount.source.value, discount.rule_id) for discount in sale.discounts}
        for rule in rules:
            revenue[rule] += sale.total_minor
            if sale.customer_id is not None:
                customers.add((*rule, sale.customer_id))
        for discount in sale.discounts:
            given[discount.source.value, discount.rule_id] += discount.amount_minor

    rows: list[PromotionResult] = rows_of(shop, PROMOTION_RESULTS)
    buyers: list[PromotionCustomer] = rows_of(shop, PROMOTION_CUSTOMERS)
    trading: list[TradingDay] = rows_of(shop, TRADING_DAYS)
    off, brought = Counter[Any](), Counter[Any]()
    for row in rows:
        off[row.source, row.rule_id] += row.discount_minor
        brought[row.source, row.rule_id] += row.revenue_minor
    assert (off, brought) == (given, revenue)
    assert {(row.source, row.rule_id, row.customer_id) for row in buyers} == customers
    assert {(row.store_id, row.business_day): row.revenue_minor for row in trading} == dict(days)


def test_a_shift_took_what_its_sales_were_paid_with_less_what_its_refunds_paid_back(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    """From the documents themselves, what came late included; the Z report has the part before it."""
    shift_of = {receipt.document: receipt.shift for receipt in facts(journal, ReceiptIssued)}
    expected = Counter[tuple[str, str, int, str]]()
    sales, returns = sales_and_returns(journal)
    for sale in sales:
        shift = (sale.store_id, sale.register_id, shift_of[f"sale-{sale.sale_id}"])
        for tender in sale.tenders:
            expected[*shift, tender.method] += tender.amount_minor
        expected[*shift, "cash"] -= sale.change_minor
    for back in returns:
        shift = (back.store_id, back.register_id, shift_of[f"return-{back.return_id}"])
        for refund in back.refunds:
            expected[*shift, refund.method] -= refund.amount_minor + refund.rounding_minor

    found = Counter[tuple[str, str, int, str]]()
    z_reports = {(z.store_id, z.register_id, z.shift): z for z in facts(journal, ShiftClosed)}
    rows: list[RegisterShift] = rows_of(shop, REGISTER_SHIFTS)
    for row in rows:
        shift = (row.store_id, row.register_id, row.shift)
        for sums in (row.takings, row.late_takings):
            for method, amount in sums.items():
                found[*shift, method] += amount
        if (z := z_reports.get(shift)) is not None:
            assert row.takings == {part.method: part.amount_minor for part in z.takings}
            assert (row.sales_minor, row.refunds_minor) == (z.totals.sales_minor, z.totals.refunds_minor)
            assert row.late_receipts == 1
    assert nonzero(found) == {key: n for key, n in nonzero(expected).items() if key[2]}


def test_a_registers_journal_holds_every_entry_of_its_stream(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    rows: list[RegisterEntry] = rows_of(shop, REGISTER_JOURNAL)
    told = {(f"till-{row.store_id}/{row.register_id}", row.entry) for row in rows}
    assert told == {(e.stream, e.version) for e in journal if e.stream.startswith("till-")}


def test_every_exception_of_a_sale_is_listed(shop: Tenant, journal: list[AnyRecorded]) -> None:
    rows: list[SaleExceptionRow] = rows_of(shop, SALE_EXCEPTIONS)
    expected = Counter(
        (sale.sale_id, e.code) for sale in facts(journal, SaleCompleted) for e in sale.exceptions
    )
    assert Counter((row.sale_id, row.code) for row in rows) == expected
    assert expected


def test_every_kind_of_stream_that_names_a_customer_is_in_their_export(journal: list[AnyRecorded]) -> None:
    naming = {
        entry.stream.partition("-")[0] + "-"
        for entry in journal
        if getattr(entry.data, "customer_id", None) is not None
    }
    assert naming - COUNTED <= set(SECTIONS.values())
