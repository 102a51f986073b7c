"""The expiry watch looks at each store once a business day, whenever that begins."""

import asyncio
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.catalog.markdown import MarkdownEnded, MarkdownMade
from domain.checkout.mark_down import MarkDown
from domain.freshness.item import MarkdownProposed, proposal_label
from domain.freshness.ladder import SetMarkdownLadder, Step
from domain.freshness.watch import LotsWatched
from domain.inventory.lots import LotExpired
from domain.kernel.command import Command
from domain.kernel.errors import AlreadyExists
from domain.kernel.event import Event
from domain.kernel.money import Money
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from infra.event_store.clerk import Clerk
from infra.tenancy import Tenant
from tests.support.api import World, world
from tests.support.commands import STORE_ID, add_product, open_store
from tests.support.freshness import at_work
from tests.support.journals import facts, origin, read_all
from workers.jobs import catching_up
from workers.jobs.freshness import Looked, watch, watch_everywhere

NOON = datetime(2099, 3, 2, 12, tzinfo=UTC)
"""Late enough that no clock of the server is after it."""
TODAY = NOON.date()
Look = Callable[..., Looked]
AUTOMATIC = Step(days_left=1, off_bp=5_000, automatic=True)


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        yield opened


def received(lot: str, days: int, sku: str = "apple", store_id: str = STORE_ID) -> MoveStock:
    line = MoveLine(
        sku=sku,
        quantity=5,
        lot=lot,
        sell_by=TODAY + timedelta(days=days),
        unit_cost=Money(amount=100, currency="CNY"),
    )
    return MoveStock(store_id=store_id, kind=MoveKind.RECEIPT, lines=(line,))


def tell(shop: World, *commands: Command) -> None:
    async def work(tenant: Tenant) -> None:
        goods = (add_product(sku, 100) for sku in ("apple", "pear"))
        ladder = SetMarkdownLadder(ladder="all", steps=(Step(days_left=2, off_bp=2_000), AUTOMATIC))
        for command in (open_store(), *goods, ladder, *commands):
            await tenant.submit(command, origin())

    at_work(shop, work)
    shop.catch_up()


@pytest.fixture
def look(shop: World, monkeypatch: pytest.MonkeyPatch) -> Look:
    """The watch at an instant, by the server's clock too."""

    def looked(now: datetime = NOON, times: int = 1) -> Looked:
        monkeypatch.setattr("infra.tenancy.Clerk", partial(Clerk, clock=lambda: now))

        async def work(tenant: Tenant) -> list[Looked]:
            return await asyncio.gather(*(watch(tenant, now) for _ in range(times)))

        return at_work(shop, work)[0]

    return looked


def told(shop: World, kind: type[Event]) -> list[Event]:
    return facts(asyncio.run(read_all(shop.tenant)), kind)


def expired(shop: World) -> list[tuple[str, date]]:
    return [(event.lot, event.day) for event in facts(asyncio.run(read_all(shop.tenant)), LotExpired)]


def test_a_store_is_looked_at_once_a_day(shop: World, look: Look) -> None:
    tell(shop, received("A", -1), received("B", 2), received("C", 1), received("D", 9, "pear"))

    assert look() == Looked(stores=1, expired=1, proposed=1, marked_down=1)

    shop.catch_up()
    assert look(NOON + timedelta(hours=3)) == Looked()
    assert expired(shop) == [("A", TODAY)]


def test_the_next_day_lots_are_a_step_further(shop: World, look: Look) -> None:
    tell(shop, received("A", 1), received("B", 2))
    look()
    shop.catch_up()

    assert look(NOON + timedelta(days=1)) == Looked(stores=1, expired=0, proposed=0, marked_down=1)

    assert len(told(shop, MarkdownMade)) == 2
    assert told(shop, MarkdownEnded) == []


def test_three_days_without_a_worker_are_one_look(shop: World, look: Look) -> None:
    """A expired meanwhile and is told with the day on which that was found; B never was at its first step."""
    tell(shop, received("A", 1), received("B", 4))
    assert look() == Looked(stores=1, expired=0, proposed=0, marked_down=1)
    shop.catch_up()

    assert look(NOON + timedelta(days=3)) == Looked(stores=1, expired=1, proposed=0, marked_down=1)

    assert expired(shop) == [("A", TODAY + timedelta(days=3))]
    days = [event.day for event in facts(asyncio.run(read_all(shop.tenant)), LotsWatched)]
    assert days == [TODAY, TODAY + timedelta(days=3)]


def test_a_day_begins_when_the_stores_day_does(shop: World, look: Look) -> None:
    """At four o'clock in New York, which is nine in UTC; in Shanghai it has been the 3rd for long."""
    there = open_store("s2", time_zone="America/New_York", day_starts_at_min=240)
    tell(shop, there, received("A", 0, store_id="s2"), received("B", 0))
    nine = NOON.replace(day=3, hour=9)
    look(NOON)
    shop.catch_up()

    look(nine - timedelta(minutes=1))
    assert expired(shop) == [("B", TODAY + timedelta(days=1))]
    shop.catch_up()
    look(nine)
    assert expired(shop) == [("B", TODAY + timedelta(days=1)), ("A", TODAY + timedelta(days=1))]


def test_several_who_look_at_once_tell_it_once(shop: World, look: Look) -> None:
    tell(shop, received("A", -1), received("B", 2), received("C", 1))

    look(times=5)

    kinds = (LotExpired, MarkdownProposed, MarkdownMade, LotsWatched)
    assert [len(told(shop, kind)) for kind in kinds] == [1, 2, 1, 1]


def test_a_day_that_the_board_has_not_seen_is_looked_at_again(
    shop: World, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "CATCH_UP_S", 0.1)
    tell(shop, received("A", -1))
    at_work(shop, lambda tenant: tenant.submit(received("B", -1, "pear"), origin()))

    assert look().expired == 1
    assert told(shop, LotsWatched) == []

    shop.catch_up()
    assert look().expired == 1
    assert len(told(shop, LotsWatched)) == 1


def test_what_fails_for_one_item_is_done_for_the_others_and_the_day_is_not_done_with(
    shop: World, look: Look
) -> None:
    """Somebody has taken the label that the watch would make."""
    taken = MarkDown(
        code=proposal_label(STORE_ID, "apple", 1),
        store_id=STORE_ID,
        sku="apple",
        lot="A",
        labels=1,
        off_bp=100,
        reason="theirs",
        until=NOON,
    )
    tell(shop, received("A", 1), taken, received("B", -1, "pear"))

    with pytest.raises(AlreadyExists):
        look()

    assert expired(shop) == [("B", TODAY)]
    assert told(shop, LotsWatched) == []


def test_every_tenant_is_looked_at(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(shop, received("A", -1))
    monkeypatch.setattr("infra.tenancy.Clerk", partial(Clerk, clock=lambda: NOON))

    assert asyncio.run(watch_everywhere(shop.settings, NOON)).expired == 1
