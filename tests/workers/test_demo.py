"""Opening the demo shop: once, whatever interrupts it, and nowhere else than in an empty journal."""

import asyncio
import itertools
import re
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from domain.access.record import KeyIssued
from domain.kernel.event import AnyRecorded
from domain.promotions.coupon import CouponIssued
from domain.sales.sale import SaleCompleted
from infra.crypto.master_key import MasterKey
from infra.crypto.vault import Vault
from infra.postgres.pools import pool
from infra.settings import Settings
from infra.tenancy import open_tenant
from tests.support.commands import open_store
from tests.support.journals import answered, clerk_of, facts, folded, query, read_all, run
from tests.support.postgres import Tenant
from tests.workers.test_demo_plan import FIRST_DAY, LATER, SEED, a_plan, stock_of
from workers.database import Database
from workers.demo.founding import people
from workers.demo.opening import DemoState, open_demo_shop, state_file
from workers.demo.plan import demo_plan
from workers.demo.steps import Step
from workers.demo.teller import DemoRefused, Told, tell
from workers.demo.trade import Trade

DAYS = 3


def told_to(tenant: Tenant, steps: Iterable[Step]) -> Told:
    """What a process does that tells these steps and ends."""

    async def work() -> Told:
        async with clerk_of(tenant, clock=lambda: LATER) as clerk, pool(tenant.service_url) as keys:
            vault = Vault(keys, MasterKey(bytes(32)), tenant.name)
            await vault.start()
            return await tell(clerk, vault, steps)

    return asyncio.run(work())


def entries_of(tenant: Tenant) -> list[AnyRecorded]:
    """What was told; that a key was made is recorded besides."""
    return [entry for entry in run(read_all(tenant)) if not isinstance(entry.data, KeyIssued)]


def settings_of(tenant: Tenant, folder: Path) -> Settings:
    return Settings(data_dir=folder, tenant=tenant.name)


def connections_of(tenant: Tenant) -> Database:
    return Database(
        owner=tenant.owner_url,
        service=tenant.service_url,
        keys_owner=tenant.owner_url,
        keys=tenant.service_url,
    )


def opened_at(tenant: Tenant, folder: Path, days: int = DAYS) -> str:
    return open_demo_shop(settings_of(tenant, folder), connections_of(tenant), days=days)


def unsealed(entries: Iterable[AnyRecorded]) -> list[str]:
    """Stream, type, times and data as text, without what two tenants never share: boxes and keyed ids."""
    lines: list[str] = []
    ids: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.data, CouponIssued):
            ids[entry.data.coupon_id] = f"coupon-{len(ids) + 1}"
        lines.append(
            msgspec.json.encode(
                (
                    entry.stream,
                    entry.version,
                    entry.data.TYPE,
                    entry.occurred_at,
                    entry.command_id,
                    entry.data,
                )
            ).decode()
        )
    text = re.sub(r'"key_id":"[^"]*"|"box":"[^"]*"', '""', "\n".join(lines))
    return re.sub("|".join(ids), lambda found: ids[found.group()], text).split("\n")


def test_opening_tells_three_weeks_and_answers_a_working_key(tenant: Tenant, tmp_path: Path) -> None:
    key = open_demo_shop(settings_of(tenant, tmp_path), connections_of(tenant))

    entries = entries_of(tenant)
    sales = facts(entries, SaleCompleted)
    assert len({sale.business_day for sale in sales}) == 21
    assert 2_200 <= len(sales) <= 2_900
    assert min(stock_of(folded(tenant, entries)).values()) >= 0
    assert key.startswith("dbk_")
    # What the file keeps is a secret.
    assert stat.S_IMODE(state_file(settings_of(tenant, tmp_path)).stat().st_mode) == 0o600


def test_opening_again_tells_nothing_and_answers_the_same_key(tenant: Tenant, tmp_path: Path) -> None:
    key = opened_at(tenant, tmp_path)
    head = len(entries_of(tenant))
    assert opened_at(tenant, tmp_path) == key
    assert len(entries_of(tenant)) == head


def test_the_demo_makes_its_tenant(tenant: Tenant, tmp_path: Path) -> None:
    new = msgspec.structs.replace(tenant, name=f"{tenant.name}_new", schema=f"{tenant.schema}_new")
    opened_at(new, tmp_path)
    assert len(facts(entries_of(new), SaleCompleted)) > 0


@pytest.mark.parametrize("commands", [90, 500])
def test_an_interrupted_opening_continues_to_the_same_journal(
    tenant: Tenant, tmp_path: Path, commands: int
) -> None:
    whole = msgspec.structs.replace(tenant, name=f"{tenant.name}_whole", schema=f"{tenant.schema}_whole")
    opened_at(whole, tmp_path)
    state = msgspec.json.decode(state_file(settings_of(whole, tmp_path)).read_bytes(), type=DemoState)
    assert state.plan is not None
    # The plan is stored before anything is told; the key comes last.
    file = state_file(settings_of(tenant, tmp_path))
    file.write_bytes(msgspec.json.encode(DemoState(plan=state.plan)))
    plan = demo_plan(state.plan.seed, state.plan.first_day, state.plan.days)

    async def killed() -> None:
        settings = settings_of(tenant, tmp_path)
        master = MasterKey.load_or_create(settings.master_key_file)
        async with open_tenant(tenant.service_url, tenant.service_url, master, tenant.name) as opened:
            await tell(opened.clerk, opened.vault, itertools.islice(plan, commands))

    asyncio.run(killed())
    opened_at(tenant, tmp_path)

    assert unsealed(entries_of(tenant)) == unsealed(entries_of(whole))


def test_a_plan_told_again_is_only_answered_again(tenant: Tenant) -> None:
    first = told_to(tenant, a_plan(days=DAYS))
    again = told_to(tenant, a_plan(days=DAYS))
    assert first == Told(commands=first.commands, replayed=0, position=len(entries_of(tenant)))
    assert again == Told(commands=first.commands, replayed=first.commands, position=first.position)


def test_a_tenant_with_events_of_its_own_only_gets_a_key(tenant: Tenant, tmp_path: Path) -> None:
    async def own_shop() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store("mine"))

    run(own_shop())
    key = opened_at(tenant, tmp_path)
    assert len(entries_of(tenant)) == 1
    assert opened_at(tenant, tmp_path) == key


def test_without_its_file_an_open_demo_gets_a_new_key_and_no_second_demo(
    tenant: Tenant, tmp_path: Path
) -> None:
    key = opened_at(tenant, tmp_path / "one")
    head = len(entries_of(tenant))
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "master.key").rename(tmp_path / "two" / "master.key")
    assert opened_at(tenant, tmp_path / "two") != key
    assert len(entries_of(tenant)) == head


def test_a_revoked_key_is_replaced(tenant: Tenant, tmp_path: Path) -> None:
    key = opened_at(tenant, tmp_path)
    query(
        tenant.owner_url,
        tenant,
        "UPDATE daybook.api_keys SET revoked_at = now() WHERE tenant = %s",
        tenant.name,
    )
    fresh = opened_at(tenant, tmp_path)
    assert fresh != key
    assert opened_at(tenant, tmp_path) == fresh


def test_a_refused_step_is_an_error_that_names_it(tenant: Tenant) -> None:
    first, *_ = a_plan(days=1)
    with pytest.raises(DemoRefused, match=r"step 2 of the demo \(OpenStore\)"):
        told_to(tenant, [first, first])


def test_nothing_personal_stands_in_the_journal_in_clear(tenant: Tenant) -> None:
    plan = a_plan(days=DAYS)
    told_to(tenant, plan)
    stored = b"\n".join(
        bytes(state) for (state,) in query(tenant.owner_url, tenant, "SELECT state FROM stored_events")
    ).decode()
    kept = b"\n".join(
        bytes(result) for (result,) in query(tenant.owner_url, tenant, "SELECT result FROM commands")
    ).decode()
    texts = {text for step in plan for text in step.texts.values()}
    details = people(Trade(SEED, FIRST_DAY, DAYS).random)
    assert texts >= {text for customer in details for text in customer.values()}
    assert len(stored) > 500_000
    assert [text for text in texts if text in stored or text in kept] == []
