"""The daily round of membership: lapses, expiries and reviews are written down once, come what may."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.command import Command
from domain.kernel.points import Lot
from domain.loyalty.earning import Tier
from domain.loyalty.points import LOYALTY, PointsEarned, PointsLapsed
from domain.loyalty.programme import Programme, SetProgramme
from domain.loyalty.tiers import TierChanged
from domain.stored_value.value import ValueExpired
from infra.crypto.master_key import MasterKey
from infra.event_store.submission import Answer, Origin
from infra.tenancy import Tenant, open_tenant
from tests.support.api import World, add_shop, world
from tests.support.commands import Happened, credit_that_expired, points_that_lapsed
from tests.support.journals import facts, origin, read_all
from tests.support.personal import follow
from workers.jobs import membership
from workers.jobs.membership import Upkept, keep_membership, look_after_members

MEMBERS = 25
TRACES = "SELECT customer_id, stream, active_at FROM customer_traces ORDER BY 1, 2"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PROGRAMME = Programme(
    currency="CNY",
    earn_points=1,
    earn_minor=100,
    redeem_points=1,
    redeem_minor=1,
    tiers=(Tier(name="silver", from_minor=5_000),),
)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    """25 members with points that lapsed and some that last; ten with credit that expired, one in a tier."""
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        happened = [
            fact
            for number in range(MEMBERS)
            for fact in (points_that_lapsed(f"m{number}", 10, 1), _lasting(f"m{number}"))
        ]
        happened += [credit_that_expired(f"m{number}", 100) for number in range(10)]
        climbed = TierChanged(customer_id="m3", tier="silver", reason="qualified", qualifying_minor=5_000)
        happened.append((LOYALTY.stream("m3"), climbed))

        async def tell(tenant: Tenant) -> None:
            for command in (SetProgramme(programme=PROGRAMME), Happened(facts=tuple(happened))):
                await tenant.submit(command, origin())

        at_work(opened, tell)
        opened.catch_up()
        yield opened


def _lasting(customer_id: str) -> tuple[str, PointsEarned]:
    lot = Lot(number=2, points=5, expires_at=NOW + timedelta(days=36_500))
    return LOYALTY.stream(customer_id), PointsEarned(customer_id=customer_id, document="sale-x", lot=lot)


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    """The work on the shop's tenant, in a process of its own as it were."""

    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def kept(shop: World) -> Any:
    return at_work(shop, lambda tenant: keep_membership(tenant, NOW))


def written_once(shop: World) -> None:
    """Each member's lapse and each expiry once, exactly as much as had lapsed, and the one review."""
    entries = asyncio.run(read_all(shop.tenant))
    lapsed = facts(entries, PointsLapsed)
    assert Counter(event.customer_id for event in lapsed) == {f"m{n}": 1 for n in range(MEMBERS)}
    assert {sum(lot.points for lot in event.lots) for event in lapsed} == {10}
    expired = Counter(event.account for event in facts(entries, ValueExpired))
    assert expired == {f"credit-m{n}": 1 for n in range(10)}
    assert [event.reason for event in facts(entries, TierChanged)] == ["qualified", "reviewed"]


def test_all_is_written_down(shop: World) -> None:
    assert kept(shop) == Upkept(lapsed=MEMBERS, expired=10, reviewed=1)
    written_once(shop)


def test_again_it_writes_nothing(shop: World) -> None:
    """Whether the read model has seen the first time or not."""
    kept(shop)
    kept(shop)
    shop.catch_up()
    assert kept(shop) == Upkept(0, 0, 0)
    written_once(shop)


@pytest.mark.parametrize("survived", [1, 7, 20, 30])
def test_killed_in_the_middle_and_run_again_it_is_exact(
    shop: World, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    monkeypatch.setattr(membership, "AT_ONCE", 4)
    submit = Tenant.submit
    done = 0

    async def until_killed(self: Tenant, command: Command, origin: Origin) -> Answer:
        nonlocal done
        if done >= survived:
            raise Killed
        done += 1
        return await submit(self, command, origin)

    with monkeypatch.context() as doomed:
        doomed.setattr(Tenant, "submit", until_killed)
        with pytest.raises(Killed):
            kept(shop)
    kept(shop)
    written_once(shop)


def test_two_at_once_write_once(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "AT_ONCE", 4)

    async def both(tenant: Tenant) -> None:
        await asyncio.gather(keep_membership(tenant, NOW), keep_membership(tenant, NOW))

    at_work(shop, both)
    written_once(shop)


def test_what_time_brings_is_no_activity_of_a_customer(shop: World) -> None:
    """Else nobody whose points lapse would ever be forgotten."""
    follow(shop)
    before = shop.query(TRACES)
    kept(shop)
    follow(shop)
    assert shop.query(TRACES) == before != []


def test_the_jobs_do_it_for_every_tenant(shop: World) -> None:
    asyncio.run(look_after_members(shop.settings))
    written_once(shop)


def test_afterwards_the_report_owes_nothing(shop: World) -> None:
    kept(shop)
    shop.catch_up()
    (credit,) = shop.read("/v1/reports/stored-value")["data"]
    assert (credit["balance"]["amount"], credit["issued"]["amount"], credit["expired"]["amount"]) == (
        0,
        1_000,
        1_000,
    )
