"""A repeated command gets its first answer, whoever is asked, and is never carried out twice."""

import asyncio

import pytest

from domain.inventory.stock_item import StockShort
from domain.kernel.errors import AlreadyExists
from domain.sales.sale import SaleCompleted
from domain.stores.store import ChangeStore, StoreOpened
from infra.event_store.clerk import Clerk
from infra.event_store.submission import Answer, CommandReused, DecisionFailed
from tests.support.commands import add_product, add_scarce, open_store, receive, sell
from tests.support.journals import (
    Lines,
    accepted,
    answered,
    clerk_of,
    connected,
    facts,
    keyed,
    origin,
    query,
    read_all,
    run,
    until_waiting,
    watching,
)
from tests.support.postgres import Tenant

ONE_APPLE = sell(("apple", 1), sale_id="x1")


async def open_shop(clerk: Clerk) -> None:
    await answered(clerk, open_store(), add_product())


def test_a_repeat_gets_the_first_answer(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await open_shop(clerk)
            first = await clerk.submit(ONE_APPLE, keyed("sell"))
            again = await clerk.submit(ONE_APPLE, keyed("sell"))
        assert (first.replayed, again.replayed) == (False, True)
        assert (again.position, again.result) == (first.position, first.result)
        assert len(facts(await read_all(tenant), SaleCompleted)) == 1

    run(test())


def test_a_repeat_after_a_restart_gets_the_first_answer(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await open_shop(clerk)
            first = await clerk.submit(ONE_APPLE, keyed("sell"))
        async with clerk_of(tenant) as clerk:
            again = await clerk.submit(ONE_APPLE, keyed("sell"))
        assert (again.replayed, again.position, again.result) == (True, first.position, first.result)

    run(test())


def test_a_key_used_for_another_request_is_refused(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await open_shop(clerk)
            await clerk.submit(ONE_APPLE, keyed("sell", "one apple"))
            with pytest.raises(CommandReused):
                await clerk.submit(sell(("apple", 2), sale_id="x2"), keyed("sell", "two apples"))
        assert len(facts(await read_all(tenant), SaleCompleted)) == 1

    run(test())


def test_a_refused_command_is_decided_again_when_repeated(tenant: Tenant) -> None:
    """Only acceptances are kept: what was refused may be right a moment later."""

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store(), add_scarce())
            with pytest.raises(StockShort):
                await clerk.submit(ONE_APPLE, keyed("sell"))
            await answered(clerk, receive(("apple", 1)))
            answer = await clerk.submit(ONE_APPLE, keyed("sell"))
        assert not answer.replayed

    run(test())


def test_without_a_fingerprint_no_answer_is_kept(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store())
            with pytest.raises(AlreadyExists):
                await answered(clerk, open_store())
        assert query(tenant.service_url, tenant, "SELECT command_id FROM commands") == []

    run(test())


def test_two_clerks_asked_the_same_at_the_same_time_do_it_once(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await open_shop(one)
            for number in range(30):
                command = sell(("apple", 1), sale_id=f"x{number}")
                pair = await asyncio.gather(
                    one.submit(command, keyed(f"sell-{number}")),
                    other.submit(command, keyed(f"sell-{number}")),
                )
                assert sorted(answer.replayed for answer in pair) == [False, True]
                assert pair[0].result == pair[1].result
                assert pair[0].position == pair[1].position
        assert len(facts(await read_all(tenant), SaleCompleted)) == 30

    run(test())


def test_two_clerks_keep_one_answer_of_a_command_that_changes_nothing(tenant: Tenant) -> None:
    """It doesn't move the head, so only the kept answer itself can tell the second clerk.

    Both are held at the head's lock until both have decided.
    """
    nothing_new = ChangeStore(store_id="s1", name="Main Street")

    async def test() -> None:
        lines = [Lines(tenant), Lines(tenant)]
        async with (
            clerk_of(tenant, connect=lines[0]) as one,
            clerk_of(tenant, connect=lines[1]) as other,
            connected(tenant) as holder,
            watching(tenant) as watch,
        ):
            await answered(one, open_store())
            # Now the other one, too, knows where the journal ends.
            await answered(other, nothing_new)
            async with holder.transaction():
                await holder.execute("SELECT position FROM journal_head FOR UPDATE")
                pair = [clerk.submit(nothing_new, keyed("rename")) for clerk in (one, other)]
                await until_waiting(watch, lines)
            answers = await asyncio.gather(*pair)
        assert sorted(answer.replayed for answer in answers) == [False, True]
        assert {answer.position for answer in answers} == {1}
        assert len(facts(await read_all(tenant), StoreOpened)) == 1

    run(test())


def test_a_batch_may_mix_first_requests_and_repeats(tenant: Tenant) -> None:
    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await open_shop(clerk)
            commands = {f"sell-{n}": sell(("apple", 1), sale_id=f"x{n}") for n in range(6)}
            early = [clerk.submit(commands[key], keyed(key)) for key in ("sell-1", "sell-4")]
            await asyncio.gather(*early)
            found: list[Answer | BaseException] = await asyncio.gather(
                *[clerk.submit(command, keyed(key)) for key, command in commands.items()]
            )
        assert [answer.replayed for answer in accepted(found)] == [False, True, False, False, True, False]
        assert len(facts(await read_all(tenant), SaleCompleted)) == 6

    run(test())


def test_an_answer_that_can_not_be_read_back_concerns_its_own_repeat_alone(tenant: Tenant) -> None:
    """As after an upgrade whose answers have another shape."""

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, add_product())
            await clerk.submit(open_store(), keyed("k1"))
        query(tenant.owner_url, tenant, "UPDATE commands SET result = '{}'")
        async with clerk_of(tenant) as clerk:
            repeat = clerk.submit(open_store(), keyed("k1"))
            neighbour = clerk.submit(sell(("apple", 1), sale_id="x1"), origin())
            assert (await neighbour).result.sale_id == "x1"
            with pytest.raises(DecisionFailed):
                await repeat

    run(test())
