"""What is to be ordered is suggested from sales and empty shelves, once, come what may."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.command import Command
from domain.purchasing.supplier import AddSupplier
from domain.purchasing.terms import Terms
from domain.replenishment.expiring import SellBy
from domain.replenishment.item import SuggestionMade
from domain.replenishment.levels import Shelf
from domain.replenishment.policy import MinMax, Newsvendor, OrderUpTo, Policy
from domain.replenishment.suggesting import SetReplenishmentPolicy
from domain.stockroom.booking import MoveKind, MoveLine
from domain.stockroom.moves import MoveStock
from domain.stockroom.purchase_drafts import DraftPurchase, WantedLine
from domain.stockroom.purchase_sending import SendPurchase
from domain.stockroom.supply_terms import SetTerms, TermsLine
from domain.stockroom.transfer_out import SendTransfer, TransferLine
from infra.crypto.master_key import MasterKey
from infra.tenancy import Tenant, open_tenant
from projections.replenishment.history import DAYS, Clock
from projections.replenishment.looks import Seen, looks_of
from tests.support.api import World, product, world
from tests.support.commands import STORE_ID, add_product, open_store, receive, sell, waste
from tests.support.journals import facts, origin, read_all
from tests.support.orders import place
from workers.jobs import catching_up
from workers.jobs.replenishment import ReadModelsBehind, Replenished, replenish, replenish_everywhere

NOW = datetime(2026, 3, 21, 4, tzinfo=UTC)
CLOCK = Clock("Asia/Shanghai", 0)
Told = tuple[int, int, Command]
"""So many days before now, at an hour of the store's clock."""


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        yield opened


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    """The work on the shop's tenant, in a process of its own as it were."""

    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def tell(shop: World, *told: Told) -> None:
    """A shop with apples and pears that has lived through this."""

    async def work(tenant: Tenant) -> None:
        goods = ((30, 8, add_product(sku, 100)) for sku in ("apple", "pear"))
        begun: list[Told] = [(30, 8, open_store()), *goods]
        for days, hour, command in (*begun, *told):
            happened = NOW.replace(hour=0) - timedelta(days=days) + timedelta(hours=hour - 8)
            await tenant.submit(command, origin(occurred_at=happened))

    at_work(shop, work)
    shop.catch_up()


def by_demand(sku: str = "apple") -> Told:
    policy = Policy(rule=OrderUpTo(service_level_bp=9_500), supplier_id="orchard")
    return 30, 9, SetReplenishmentPolicy(store_id=STORE_ID, sku=sku, policy=policy)


def ten_a_day_until_none_is_left() -> list[Told]:
    """Fifty come ten days ago and are gone after five, at four o'clock."""
    return [
        by_demand(),
        (10, 9, receive(("apple", 50))),
        *(
            (day, hour, sell(("apple", 5), sale_id=f"s{day}-{hour}"))
            for day in range(10, 5, -1)
            for hour in (10, 16)
        ),
    ]


def transfer_of(line: tuple[str, int], *, from_: str, to: str) -> SendTransfer:
    sku, quantity = line
    lines = (TransferLine(sku=sku, quantity=quantity),)
    return SendTransfer(transfer_id="t1", from_store_id=from_, to_store_id=to, lines=lines)


def seen_of(shop: World) -> list[Seen]:
    async def work(tenant: Tenant) -> list[Seen]:
        async with tenant.readers.connection() as connection:
            return await looks_of(connection, STORE_ID, CLOCK, NOW)

    return at_work(shop, work)


def suggest(shop: World) -> Replenished:
    return at_work(shop, lambda tenant: replenish(tenant, NOW))


def made(shop: World) -> list[SuggestionMade]:
    return facts(asyncio.run(read_all(shop.tenant)), SuggestionMade)


def test_days_after_the_last_one_was_sold_are_no_days_without_demand(shop: World) -> None:
    """Ten a day were asked for while there were any, though five a day were sold of late."""
    tell(shop, *ten_a_day_until_none_is_left())

    (seen,) = seen_of(shop)

    assert seen.look.demand is not None
    assert seen.look.demand.mean_milli == pytest.approx(10_000, rel=0.02)
    assert (seen.look.demand.days, seen.look.demand.censored_days) == (10, 6)


def test_the_day_on_which_the_shelf_ran_empty_counts_for_the_part_that_it_saw(shop: World) -> None:
    """Half of the buyers come at ten and half at four; the last went before four."""
    told = ten_a_day_until_none_is_left()[:-1]
    tell(shop, *told, (6, 12, waste("apple", 5)))

    (seen,) = seen_of(shop)

    assert seen.look.demand is not None
    assert seen.look.demand.mean_milli == pytest.approx(10_000, rel=0.02)


def test_a_day_on_which_nobody_came_counts_as_it_is(shop: World) -> None:
    tell(shop, by_demand(), (4, 9, receive(("apple", 50))), (4, 10, sell(("apple", 12), sale_id="s1")))

    (seen,) = seen_of(shop)

    assert seen.look.demand is not None
    assert (seen.look.demand.days, seen.look.demand.censored_days) == (4, 0)
    assert seen.look.demand.mean_milli == pytest.approx(12_000 / 4, rel=0.1)


def test_what_is_older_than_eight_weeks_is_not_looked_at(shop: World) -> None:
    told = (DAYS + 3, 10, receive(("apple", 50))), (DAYS + 2, 10, sell(("apple", 40), sale_id="s1"))
    tell(shop, by_demand(), *told)

    (seen,) = seen_of(shop)

    assert seen.look.demand is not None
    assert (seen.look.demand.mean_milli, seen.look.demand.days) == (0, DAYS)
    assert seen.look.shelf.on_hand == 10


def test_what_was_sold_though_the_book_had_none_was_there(shop: World) -> None:
    told = [(day, 12, sell(("apple", 3), sale_id=f"s{day}")) for day in (3, 2, 1)]
    tell(shop, by_demand(), *told)

    (seen,) = seen_of(shop)

    assert seen.look.demand is not None
    assert seen.look.demand.mean_milli == 3_000
    assert seen.look.shelf.on_hand == -9


def test_what_never_moved_has_no_known_demand(shop: World) -> None:
    tell(shop, by_demand())

    (seen,) = seen_of(shop)

    assert seen.look.demand is None
    assert suggest(shop) == Replenished(items=1, suggested=0)


def test_a_suggestion_says_from_what_it_follows(shop: World) -> None:
    """10.174 a day, σ 1.065: 20.3 for the two days and 2.5 more for 95 %; nothing is on the shelf."""
    tell(shop, *ten_a_day_until_none_is_left())

    assert suggest(shop) == Replenished(items=1, suggested=1)

    (suggestion,) = made(shop)
    assert (suggestion.sku, suggestion.quantity, suggestion.position) == ("apple", 23, 0)
    assert suggestion.demand is not None
    assert suggestion.demand.censored_days == 6
    assert suggestion.day == CLOCK.day_of(NOW)


def test_again_nothing_is_suggested(shop: World) -> None:
    """Whether the read model has seen the first time or not."""
    tell(shop, *ten_a_day_until_none_is_left())
    suggest(shop)

    assert suggest(shop).suggested == 0
    shop.catch_up()
    assert suggest(shop).suggested == 0


def test_two_who_look_at_once_suggest_once(shop: World) -> None:
    tell(shop, *ten_a_day_until_none_is_left())

    async def both(tenant: Tenant) -> None:
        await asyncio.gather(*(replenish(tenant, NOW) for _ in range(5)))

    at_work(shop, both)

    assert len(made(shop)) == 1


def test_every_tenant_is_looked_at(shop: World) -> None:
    by_hand = Policy(rule=MinMax(minimum=10, maximum=40))
    tell(shop, (30, 9, SetReplenishmentPolicy(store_id=STORE_ID, sku="pear", policy=by_hand)))

    assert asyncio.run(replenish_everywhere(shop.settings)) == Replenished(items=1, suggested=1)

    assert [(one.sku, one.quantity) for one in made(shop)] == [("pear", 40)]


def test_nothing_is_suggested_by_read_models_that_are_being_made(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = Policy(rule=MinMax(minimum=10, maximum=40))
    tell(shop, (30, 9, SetReplenishmentPolicy(store_id=STORE_ID, sku="pear", policy=by_hand)))
    monkeypatch.setattr(catching_up, "CATCH_UP_S", 0.1)
    shop.made("/v1/products", product("new"))

    with pytest.raises(ReadModelsBehind):
        asyncio.run(replenish_everywhere(shop.settings))

    assert made(shop) == []
    shop.catch_up()
    assert asyncio.run(replenish_everywhere(shop.settings)).suggested == 1


def test_what_suppliers_owe_and_what_other_stores_sent_is_counted(shop: World) -> None:
    terms = Terms(
        valid_from=CLOCK.day_of(NOW) - timedelta(days=30),
        unit_cost_minor=50,
        currency="CNY",
        lead_time_days=1,
    )
    wanted = (WantedLine(sku="apple", quantity=12),)
    tell(
        shop,
        by_demand(),
        (3, 9, open_store("s2")),
        (3, 9, receive(("apple", 9), store_id="s2")),
        (3, 9, AddSupplier(supplier_id="orchard", name="Orchard", currency="CNY")),
        (3, 9, SetTerms(supplier_id="orchard", lines=(TermsLine(sku="apple", terms=terms),))),
        *(
            (3, 10, DraftPurchase(purchase_id=id_, supplier_id="orchard", store_id=STORE_ID, lines=wanted))
            for id_ in ("sent", "drafted")
        ),
        (3, 11, SendPurchase(purchase_id="sent", by_mail=False)),
        (3, 12, transfer_of(("apple", 4), from_="s2", to=STORE_ID)),
    )

    (seen,) = seen_of(shop)

    assert seen.look.shelf == Shelf(on_order=12, in_transit=4)


def lot(name: str, quantity: int, sell_by: date | None) -> MoveStock:
    line = MoveLine(sku="apple", quantity=quantity, lot=name, sell_by=sell_by)
    return MoveStock(store_id=STORE_ID, kind=MoveKind.RECEIPT, lines=(line,), reference=name)


def test_what_nobody_will_have_bought_before_an_order_comes_is_not_counted_as_there(shop: World) -> None:
    """Nobody has bought any yet, and an order takes a day: what ends today is gone then, but for two that
    are promised. What ends tomorrow is good when it comes."""
    today = CLOCK.day_of(NOW)
    by_hand = Policy(rule=MinMax(minimum=30, maximum=40))
    order = place(("apple", 2), store_id=STORE_ID)
    tell(
        shop,
        (3, 8, SetReplenishmentPolicy(store_id=STORE_ID, sku="apple", policy=by_hand)),
        (3, 9, lot("old", 3, today - timedelta(days=1))),
        (3, 9, lot("due", 12, today)),
        (3, 9, lot("fresh", 8, today + timedelta(days=1))),
        (3, 9, lot("keeps", 9, None)),
        (0, 9, order),
    )

    (seen,) = seen_of(shop)

    assert seen.look.shelf == Shelf(on_hand=32, reserved=2, expiring=13)
    assert seen.look.expires == (
        SellBy(day=today - timedelta(days=1), quantity=3, expiring=3),
        SellBy(day=today, quantity=12, expiring=10),
    )
    assert suggest(shop) == Replenished(items=1, suggested=1)
    (suggestion,) = made(shop)
    assert (suggestion.position, suggestion.quantity) == (17, 23)
    assert suggestion.expires == seen.look.expires


def test_goods_of_one_day_are_ordered_anew_for_the_next(shop: World) -> None:
    papers = Policy(rule=Newsvendor(underage_minor=70, overage_minor=18))
    tell(
        shop,
        (3, 8, SetReplenishmentPolicy(store_id=STORE_ID, sku="apple", policy=papers)),
        (3, 9, receive(("apple", 50))),
        *((day, 10, sell(("apple", 6), sale_id=f"s{day}")) for day in (3, 2, 1)),
    )

    (seen,) = seen_of(shop)

    assert seen.look.shelf == Shelf(on_hand=32, expiring=32)
    assert suggest(shop).suggested == 1


def test_one_item_is_looked_at_alone(shop: World) -> None:
    tell(shop, by_demand(), by_demand("pear"))

    async def work(tenant: Tenant) -> list[Seen]:
        async with tenant.readers.connection() as connection:
            return await looks_of(connection, STORE_ID, CLOCK, NOW, "pear")

    assert [seen.look.sku for seen in at_work(shop, work)] == ["pear"]
