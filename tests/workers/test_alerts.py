"""Alerts follow what happens, are raised once whoever is killed when, and are told together."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.alerts.alert import AlertCleared, AlertRaised
from domain.alerts.digest import AlertsTold
from domain.alerts.policy import SetAlertRecipient, SetAlertThresholds
from domain.alerts.thresholds import AlertKind, Thresholds
from domain.kernel.command import Command
from domain.replenishment.policy import MinMax, Policy
from domain.replenishment.suggesting import SetReplenishmentPolicy
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from infra.crypto.master_key import MasterKey
from infra.event_store.journal import Journal
from infra.jobs import migrate_jobs
from infra.messages.mail import Mail
from infra.messages.port import Messenger, Recording
from infra.tenancy import Tenant, open_tenant
from tests.support.api import World, world
from tests.support.commands import STORE_ID, add_product, adjust, hire, open_store, receive, sell
from tests.support.journals import facts, origin, read_all
from tests.support.reacting import at_rest
from tests.support.smtp_server import MailServer, mail_server
from workers.alert_letters import FEW, alert_letters
from workers.alerts import AlertFollower, items_of
from workers.jobs import catching_up
from workers.jobs.alerts import look_daily, look_everywhere

NOW = datetime.now(UTC)
LOW, OUT, NEGATIVE = AlertKind.LOW, AlertKind.OUT, AlertKind.NEGATIVE
ADDRESS = "e1@shop.example"
HEAD = "SELECT position FROM alert_head"
BACK = "UPDATE alert_head SET position = 0"


@pytest.fixture(scope="module")
def town(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("town"))) as opened:
        migrate_jobs(opened.tenant.owner_url)
        yield opened


@pytest.fixture
def shop(town: World) -> World:
    """A tenant of its own that sells apples and pears."""
    opened = town.neighbour()
    told(opened, open_store(), add_product("apple", 100), add_product("pear", 100))
    return opened


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    """The work on the shop's tenant, in a process of its own as it were."""

    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def told(shop: World, *commands: Command, days_ago: int = 0) -> None:
    """This has happened, and the read models know it."""

    async def work(tenant: Tenant) -> None:
        for command in commands:
            await tenant.submit(command, origin(occurred_at=NOW - timedelta(days=days_ago)))

    at_work(shop, work)
    shop.catch_up()


def says(sku: str | None = None, store_id: str | None = STORE_ID, **values: Any) -> SetAlertThresholds:
    return SetAlertThresholds(store_id=store_id, sku=sku, thresholds=Thresholds(**values))


def follower_of(tenant: Tenant) -> AlertFollower:
    async def itself() -> Tenant:
        return tenant

    return AlertFollower(Journal(f"t_{tenant.name}"), itself)


async def follow(tenant: Tenant) -> None:
    """Everything that the read models know is looked at."""
    follower = follower_of(tenant)
    async with tenant.readers.connection() as connection:
        while await follower.run_page(connection, NOW):
            pass


def looked(shop: World) -> None:
    """Everything is looked at, what that leads to included."""
    before = 0
    while (head := shop.catch_up()) > before:
        at_work(shop, follow)
        before = head


def raised(shop: World) -> list[tuple[str, AlertKind]]:
    return [(one.sku, one.kind) for one in facts(asyncio.run(read_all(shop.tenant)), AlertRaised)]


def cleared(shop: World) -> list[tuple[str, AlertKind]]:
    return [(one.sku, one.kind) for one in facts(asyncio.run(read_all(shop.tenant)), AlertCleared)]


def tell(shop: World) -> int:
    async def work(tenant: Tenant) -> int:
        async with tenant.readers.connection() as connection:
            return await follower_of(tenant).tell(connection, datetime.now(UTC))

    made = at_work(shop, work)
    shop.catch_up()
    return made


def post(shop: World, messenger: Messenger | None = None) -> None:
    asyncio.run(at_rest(shop, alert_letters(messenger or Recording())))


def inbox(shop: World) -> list[tuple[str, str, bool, str | None]]:
    return [
        (each["kind"], each["about"], each["sent_at"] is not None, each["failure"])
        for each in shop.read("/v1/inbox")["data"]
    ]


def test_what_a_sale_takes_below_the_threshold_is_raised_and_a_delivery_clears_it(shop: World) -> None:
    told(shop, says("apple", low=10), receive(("apple", 20), ("pear", 20)), sell(("apple", 11), sale_id="s1"))
    looked(shop)
    assert raised(shop) == [("apple", LOW)]
    told(shop, receive(("apple", 20)))
    looked(shop)
    assert cleared(shop) == [("apple", LOW)]


def test_the_minimum_of_an_items_policy_is_its_threshold(shop: World) -> None:
    policy = Policy(rule=MinMax(minimum=10, maximum=40))
    told(shop, receive(("apple", 9)), SetReplenishmentPolicy(store_id=STORE_ID, sku="apple", policy=policy))
    looked(shop)
    assert raised(shop) == [("apple", LOW)]


def test_thresholds_of_a_store_are_looked_at_for_all_that_it_holds(shop: World) -> None:
    told(shop, receive(("apple", 20), ("pear", 20)))
    looked(shop)
    told(shop, says(high=10))
    looked(shop)
    assert raised(shop) == [("apple", AlertKind.HIGH), ("pear", AlertKind.HIGH)]
    told(shop, says("apple", store_id=None, off=tuple(AlertKind)))
    looked(shop)
    assert cleared(shop) == [("apple", AlertKind.HIGH)]


def test_pages_that_are_looked_at_again_raise_nothing_again(shop: World) -> None:
    """As after a kill between the alert and the position: the follower begins where it was."""
    told(shop, sell(("apple", 1), sale_id="s1"))
    looked(shop)
    once = raised(shop)
    for _ in range(2):
        with psycopg.connect(shop.tenant.owner_url) as connection:
            connection.execute(f"SET search_path = {shop.tenant.schema}")  # type: ignore[arg-type]
            connection.execute(BACK)
        looked(shop)
    assert once == raised(shop) == [("apple", OUT), ("apple", NEGATIVE)]


def test_two_who_follow_at_once_raise_it_once(shop: World) -> None:
    told(shop, sell(("apple", 1), ("pear", 2), sale_id="s1"))

    async def both(tenant: Tenant) -> None:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as other:
            await asyncio.gather(*(follow(each) for each in (tenant, other, tenant, other)))

    at_work(shop, both)
    assert sorted(raised(shop)) == [(sku, kind) for sku in ("apple", "pear") for kind in (NEGATIVE, OUT)]


def test_what_crosses_again_before_the_read_model_knows_what_is_open_is_seen(shop: World) -> None:
    """Cleared in the journal, still open in the read model, and low again: the clearing is looked at too."""
    told(shop, says("apple", low=10), receive(("apple", 9)))
    looked(shop)
    told(shop, receive(("apple", 20)))
    at_work(shop, follow)
    told(shop, adjust("apple", -20))
    looked(shop)
    assert raised(shop) == [("apple", LOW)] * 2


def test_it_waits_for_the_read_models(shop: World) -> None:
    async def work(tenant: Tenant) -> int:
        await tenant.submit(sell(("apple", 1), sale_id="s1"), origin(occurred_at=NOW))
        await follow(tenant)
        async with tenant.readers.connection() as connection:
            return await follower_of(tenant).run_page(connection, NOW)

    assert at_work(shop, work) == 0
    assert raised(shop) == []
    shop.catch_up()
    looked(shop)
    assert ("apple", NEGATIVE) in raised(shop)


@pytest.mark.parametrize(
    ("stream", "items"),
    [
        ("stock-s1/apple", {"s1": {"apple"}}),
        ("replenishment-a-b/c-d", {"a-b": {"c-d"}}),
        ("alerting-item/s1/apple", {"s1": {"apple"}}),
        ("alerting-store/s1", {"s1": None}),
        ("alerting-product/apple", {"s1": {"apple"}, "s2": {"apple"}}),
        ("alerting-all", {"s1": None, "s2": None}),
    ],
)
def test_a_stream_says_whose_alerts_may_change(stream: str, items: dict[str, set[str] | None]) -> None:
    assert items_of([stream], ["s1", "s2"]) == items
    assert items_of([stream, "alerting-all"], ["s1", "s2"]) == {**items, "s1": None, "s2": None}


def test_a_lot_is_told_on_the_business_day_on_which_it_comes_near(shop: World) -> None:
    """The store's day: at 17:00 UTC it is tomorrow in Shanghai. A day that was missed is made up for."""
    line = MoveLine(sku="apple", quantity=5, lot="l1", sell_by=date(2026, 12, 10))
    told(shop, receive(("apple", 9)), MoveStock(store_id=STORE_ID, kind=MoveKind.RECEIPT, lines=(line,)))

    def looked_on(day: int, hour: int) -> int:
        at = datetime(2026, 12, day, hour, tzinfo=UTC)
        return at_work(shop, lambda tenant: look_daily(tenant, at)).raised

    assert [looked_on(5, 12), looked_on(7, 15), looked_on(7, 17), looked_on(7, 18)] == [0, 0, 1, 0]
    shop.catch_up()
    assert looked_on(12, 12) == 0


def test_each_store_is_looked_at_once_a_day(shop: World) -> None:
    told(shop, receive(("apple", 9), ("pear", 9)))
    done = [at_work(shop, lambda tenant: look_daily(tenant, NOW)).items for _ in range(2)]
    assert done == [2, 0]


def test_a_day_is_not_done_with_before_the_read_models_have_seen_it(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lot that they did not know would be told a day later: what lies there moves nothing."""
    monkeypatch.setattr(catching_up, "CATCH_UP_S", 0.1)
    told(shop, receive(("apple", 9)))

    async def behind(tenant: Tenant) -> int:
        await tenant.submit(receive(("pear", 9)), origin(occurred_at=NOW))
        return (await look_daily(tenant, NOW)).items

    assert at_work(shop, behind) == 0
    shop.catch_up()
    assert at_work(shop, lambda tenant: look_daily(tenant, NOW)).items == 2


def test_every_tenants_stores_are_looked_at(shop: World) -> None:
    told(shop, sell(("apple", 1), sale_id="s1"))
    asyncio.run(look_everywhere(shop.settings))
    assert raised(shop) == [("apple", OUT), ("apple", NEGATIVE)]


def test_what_was_not_sold_since_it_came_is_dead_and_a_sale_ends_that(shop: World) -> None:
    told(shop, says(dead_days=30))
    told(shop, receive(("apple", 9), ("pear", 9)), days_ago=31)
    told(shop, sell(("pear", 1), sale_id="s1"), days_ago=29)
    looked(shop)
    assert raised(shop) == [("apple", AlertKind.DEAD)]
    told(shop, sell(("apple", 1), sale_id="s2"))
    looked(shop)
    assert cleared(shop) == [("apple", AlertKind.DEAD)]


def test_what_came_back_onto_an_empty_shelf_is_not_dead_at_once(shop: World) -> None:
    told(shop, says(dead_days=30))
    told(shop, receive(("apple", 1)), days_ago=90)
    told(shop, sell(("apple", 1), sale_id="s1"), days_ago=80)
    told(shop, receive(("apple", 9)), days_ago=3)
    looked(shop)
    assert raised(shop) == []


def test_cover_is_measured_on_days_with_goods_on_the_shelf(shop: World) -> None:
    """Ten were sold within ten days, then there were none for two weeks: one a day, not a third of one."""
    told(shop, says(slow_days=60))
    told(shop, receive(("apple", 10), ("pear", 61)), days_ago=24)
    told(shop, sell(("apple", 9), ("pear", 9), sale_id="s1"), days_ago=23)
    told(shop, sell(("apple", 1), sale_id="s2"), days_ago=14)
    told(shop, receive(("apple", 50)))
    looked(shop)
    assert raised(shop) == [("pear", AlertKind.SLOW_MOVING)]


def test_what_is_raised_together_is_told_together_once(shop: World) -> None:
    told(shop, *(add_product(f"p{number}", 100) for number in range(60)))
    told(shop, sell(*((f"p{number}", 1) for number in range(60)), sale_id="s1"))
    looked(shop)
    assert [tell(shop), tell(shop)] == [1, 0]
    for _ in range(2):
        post(shop)
    (told_,) = facts(asyncio.run(read_all(shop.tenant)), AlertsTold)
    assert told_.raised == {"out": 60, "negative": 60}
    assert inbox(shop) == [("tell_alerts", f"digest-{STORE_ID}", False, None)]


def test_the_next_digest_waits(shop: World) -> None:
    told(shop, sell(("apple", 1), sale_id="s1"))
    looked(shop)
    assert tell(shop) == 1
    told(shop, sell(("pear", 1), sale_id="s2"))
    looked(shop)
    assert tell(shop) == 0
    told(shop, says(digest_min=0))
    assert tell(shop) == 1


def test_what_is_over_or_seen_before_it_is_told_is_not_told(shop: World) -> None:
    told(shop, sell(("apple", 1), sale_id="s1"))
    looked(shop)
    told(shop, receive(("apple", 9)))
    looked(shop)
    assert tell(shop) == 0


def names_a_recipient(shop: World) -> None:
    """The store wants an employee to get its alerts."""

    async def work(tenant: Tenant) -> None:
        email = await tenant.vault.seal("employee-e1", "alert.recipient_set.v1/email", ADDRESS)
        for command in (hire(), SetAlertRecipient(store_id=STORE_ID, employee_id="e1", email=email)):
            await tenant.submit(command, origin(occurred_at=NOW))

    at_work(shop, work)


def mailed(shop: World) -> list[tuple[str, str]]:
    """Who gets which letters, though they are tried twice."""

    async def served() -> list[tuple[str, str]]:
        async with mail_server() as server:
            mail = Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com")
            for _ in range(2):
                await at_rest(shop, alert_letters(mail))
            return _letters(server)

    return asyncio.run(served())


def test_whom_the_store_names_gets_a_letter_each_once(shop: World) -> None:
    names_a_recipient(shop)
    skus = [f"p{number}" for number in range(FEW + 5)]
    told(shop, *(add_product(sku, 100) for sku in skus))
    told(shop, sell(*((sku, 1) for sku in skus), sale_id="s1"))
    looked(shop)
    tell(shop)

    ((to, letter),) = mailed(shop)
    assert to == ADDRESS
    assert letter.startswith(f"{2 * len(skus)} alerts in store {STORE_ID}\n")
    assert "p0: 0 available" not in letter
    assert "  p0: -1 on hand\n" in letter
    assert letter.count("  and 5 more\n") == 2
    assert sorted(inbox(shop)) == [
        ("mail_alerts", "employee-e1", True, None),
        ("tell_alerts", f"digest-{STORE_ID}", False, None),
    ]
    (access,) = shop.read("/v1/audit/accesses?subject=employee-e1")["data"]
    assert (access["operation"], access["purpose"]) == ("sendMessage", "stock alerts")
    assert ADDRESS not in shop.everything_stored()


def test_who_was_forgotten_is_not_written_to(shop: World) -> None:
    names_a_recipient(shop)
    shop.made("/v1/employees/e1/erasure", {"reason": "left"})
    told(shop, sell(("apple", 1), sale_id="s1"))
    looked(shop)
    tell(shop)
    assert mailed(shop) == []
    assert ("mail_alerts", "employee-e1", False, "no address") in inbox(shop)


def _letters(server: MailServer) -> list[tuple[str, str]]:
    return [
        (to, f"{letter['Subject']}\n{letter.get_payload(decode=True).decode()}".replace("\r\n", "\n"))  # type: ignore[union-attr]
        for to, letter in server.taken
    ]
