"""A generated past is one that the shop could have had: read, folded and continued like any other journal."""

from pathlib import Path
from typing import NamedTuple

import pytest

from bench.books import Books
from bench.measure import BenchmarkFailed
from bench.order_kinds import EVENTS_AN_ORDER
from bench.parts import Database
from bench.preload import preload
from bench.shop import RECEIVED, Shop, founding, open_shop, submit_all
from bench.supply import Supply
from domain.kernel.event import AnyRecorded, Envelope
from domain.kernel.stream import Versioned
from domain.promotions.coupon import CouponRedeemed
from domain.sales.sale import SaleCompleted
from domain.tills.till import ReceiptIssued
from infra.event_store.codec import StateStore
from infra.postgres.migrate import tenant_schema
from projections.sales_report.fold import SALES_REPORT
from projections.stock_levels.fold import STOCK_LEVELS
from tests.support import postgres
from tests.support.journals import facts, journal_of, query, read_all, run
from tests.support.read_models import project, rows_of

EVENTS = 4_000
WRITE_TWICE = """
INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id)
SELECT originator_id, 1000000, topic, state, (SELECT max(notification_id) + 1 FROM stored_events)
FROM stored_events
WHERE topic = %s
ORDER BY notification_id
LIMIT 1
"""
TAKE_BACK = """
ALTER TABLE stored_events DISABLE TRIGGER append_only;
DELETE FROM stored_events WHERE originator_version = 1000000;
ALTER TABLE stored_events ENABLE TRIGGER append_only
"""
ORDERS = EVENTS // EVENTS_AN_ORDER
NAME = "preloaded"


class Past(NamedTuple):
    """A shop whose journal was filled, and its entries."""

    shop: Shop
    tenant: postgres.Tenant
    entries: list[AnyRecorded]


@pytest.fixture(scope="module")
def past(database: postgres.Database, tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder: Path = tmp_path_factory.mktemp("bench")
    data = Database(folder=folder, owner=database.owner_url, service=database.service_url)
    shop = open_shop(data, NAME)
    preload(shop, EVENTS)
    tenant = postgres.Tenant(
        name=NAME,
        schema=tenant_schema(NAME),
        owner_url=database.owner_url,
        service_url=database.service_url,
    )
    return Past(shop, tenant, run(read_all(tenant)))


def test_every_entry_is_read_without_a_gap_in_positions_versions_receipts_or_coupons(past: Past) -> None:
    """Reading checks the first two."""
    founded = len(past.entries) - EVENTS
    assert founded > len(list(founding()))
    assert len(facts(past.entries[founded:], SaleCompleted)) == ORDERS
    Books(past.shop).require_exact()


def test_what_is_encoded_once_and_filled_in_says_what_it_would_have_said(past: Past) -> None:
    """The same codec, given the decoded event, writes the same bytes."""
    codec = journal_of(past.tenant).codec
    stored = query(
        past.tenant.owner_url,
        past.tenant,
        "SELECT convert_from(state, 'UTF8') FROM stored_events ORDER BY notification_id",
    )
    for entry, (state,) in zip(past.entries, stored, strict=True):
        assert state == codec.encode(_envelope(entry), [entry.data])[0].decode()


def _envelope(entry: AnyRecorded) -> Envelope:
    return Envelope(
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        channel=entry.channel,
        terminal=entry.terminal,
        command_id=entry.command_id,
        correlation_id=entry.correlation_id,
    )


def test_every_snapshot_is_the_state_that_its_stream_had(past: Past) -> None:
    states = StateStore()
    known: dict[str, Versioned] = {}
    by_version: dict[tuple[str, int], Versioned] = {}
    for entry in past.entries:
        known[entry.stream] = states.evolve(
            entry.stream, known.get(entry.stream, states.initial(entry.stream)), entry.data
        )
        by_version[entry.stream, entry.version] = known[entry.stream]
    kept = query(
        past.tenant.owner_url, past.tenant, "SELECT originator_id, originator_version, state FROM snapshots"
    )

    assert states.kind_of("stock-a/b").snapshot_every is not None
    for stream, version, state in kept:
        assert states.decode_snapshot(stream, version, bytes(state)) == by_version[stream, version]


def test_the_read_models_fold_it(past: Past) -> None:
    run(project(past.tenant))

    sales = facts(run(read_all(past.tenant)), SaleCompleted)
    sold = rows_of(past.tenant, STOCK_LEVELS)
    assert sum(row.sold for row in sold) == 3 * len(sales)
    assert sum(row.on_hand for row in sold) == RECEIVED * len(sold) - 3 * len(sales)
    assert sum(row.net_minor for row in rows_of(past.tenant, SALES_REPORT)) == sum(
        sale.total_minor for sale in sales
    )


def test_the_shop_goes_on_selling_where_it_ends(past: Past) -> None:
    supply = Supply(past.shop)
    supply.ensure(5)
    before = len(facts(run(read_all(past.tenant)), SaleCompleted))

    async def sell() -> None:
        async with past.shop.open() as tenant:
            await submit_all(tenant, supply.commands(tenant, 5))

    run(sell())
    assert len(facts(run(read_all(past.tenant)), SaleCompleted)) == before + 5
    Books(past.shop).require_exact()


@pytest.mark.parametrize(
    ("type_", "told"),
    [(CouponRedeemed.TYPE, "1 coupons used twice"), (ReceiptIssued.TYPE, "1 receipt rolls with gaps")],
)
def test_a_journal_that_is_not_exact_is_told_from_one_that_is(past: Past, type_: str, told: str) -> None:
    """An event is written twice, as a broken clerk might."""
    query(past.tenant.owner_url, past.tenant, WRITE_TWICE, type_)
    try:
        with pytest.raises(BenchmarkFailed) as failure:
            Books(past.shop).require_exact()
        assert str(failure.value) == f"{NAME}: {told}"
    finally:
        query(past.tenant.owner_url, past.tenant, TAKE_BACK)
