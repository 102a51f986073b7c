"""Segments are worked out once a business day: who enters and leaves is written down once, come what may."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec
import pytest

from domain.customers.customer import CustomerRegistered, SegmentEntered, SegmentLeft
from domain.customers.measures import Seen, Stage
from domain.customers.merging import MergeCustomers, UnmergeCustomers
from domain.customers.rules import Between, BirthdayMonth, Definition, InStage, Measure, Rule
from domain.customers.segment import DefineSegment, SegmentEvaluated
from domain.kernel.command import Command
from domain.kernel.event import Event
from domain.sales.sale import SaleCompleted
from infra.crypto.master_key import MasterKey
from infra.event_store.submission import Answer, Origin
from infra.tenancy import Tenant, open_tenant
from tests.support.api import World, add_store, fresh, fresh_word, world
from tests.support.commands import Happened
from tests.support.decisions import given
from tests.support.facts import a_customer, a_store, by_piece, cash, check_out
from tests.support.journals import facts, origin, read_all
from tests.support.personal import follow
from workers import segments
from workers.jobs import catching_up
from workers.jobs.segments import evaluate_as_of, evaluate_due

E = TypeVar("E", SegmentEntered, SegmentLeft)
F = TypeVar("F", bound=Event)

GUESTS = 25
DAY = date(2026, 3, 2)
OFTEN = Between(measure=Measure.PURCHASES, at_least=2)


class Killed(BaseException):
    """The process is gone."""


def bought(customer_id: str, day: date) -> tuple[str, Event]:
    """One apple for 3.50 on a day."""
    shop = given(a_store("s1"), by_piece("apple", 350), a_customer())
    sale = shop.when(check_out(("apple", 1), customer_id="c1", tenders=(cash(350),))).only(SaleCompleted)
    sale_id = f"{customer_id}-{day}"
    fact = msgspec.structs.replace(sale, sale_id=sale_id, customer_id=customer_id, business_day=day)
    return f"sale-{sale_id}", fact


def guests() -> Iterator[tuple[str, Event]]:
    """Of 25 guests all bought ten days before the day, and those with an even number on the day again."""
    for number in range(GUESTS):
        yield f"customer-g{number}", CustomerRegistered(customer_id=f"g{number}")
        yield bought(f"g{number}", DAY - timedelta(days=10))
        if number % 2 == 0:
            yield bought(f"g{number}", DAY)


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, tmp_path_factory.mktemp("shop")) as opened:
        yield settled(opened)


@pytest.fixture
def another(shop: World) -> World:
    """A shop of the test's own."""
    return settled(shop.neighbour())


@pytest.fixture
def regulars() -> str:
    """A segment of the test's own."""
    return fresh_word("regulars")


def settled(shop: World) -> World:
    add_store(shop, "s1")
    tell(shop, Happened(facts=tuple(guests())))
    return shop


def define(segment_id: str, rule: Rule = OFTEN, **fields: Any) -> DefineSegment:
    return DefineSegment(segment_id=segment_id, definition=Definition(rule=rule, **fields))


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    """The work on the shop's tenant, in a process of its own as it were."""

    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def tell(shop: World, *commands: Command) -> None:
    async def told(tenant: Tenant) -> None:
        for command in commands:
            await tenant.submit(command, origin())

    at_work(shop, told)
    shop.catch_up()


def evaluate(shop: World, as_of: date = DAY) -> None:
    at_work(shop, lambda tenant: evaluate_as_of(tenant, as_of))
    shop.catch_up()


def moved(shop: World, segment_id: str, kind: type[E]) -> list[E]:
    """Who entered or left the segment, in the order in which it was written down."""
    return [event for event in all_of(shop, kind) if event.segment_id == segment_id]


def entered(shop: World, segment_id: str) -> Counter[str]:
    return Counter(event.customer_id for event in moved(shop, segment_id, SegmentEntered))


def left(shop: World, segment_id: str) -> Counter[str]:
    return Counter(event.customer_id for event in moved(shop, segment_id, SegmentLeft))


def members(shop: World, segment_id: str) -> set[str]:
    return set(entered(shop, segment_id) - left(shop, segment_id))


def evaluations(shop: World, segment_id: str) -> list[tuple[int, date, int]]:
    """By which version, as of which day, with how many members."""
    done = [event for event in all_of(shop, SegmentEvaluated) if event.segment_id == segment_id]
    return [(event.version, event.as_of, event.members) for event in done]


def all_of(shop: World, kind: type[F]) -> list[F]:
    return facts(asyncio.run(read_all(shop.tenant)), kind)


REGULARS = Counter(f"g{number}" for number in range(0, GUESTS, 2))


def test_who_belongs_enters_with_what_the_rule_looked_at(shop: World, regulars: str) -> None:
    tell(shop, define(regulars))

    evaluate(shop)

    assert entered(shop, regulars) == REGULARS
    reasons = {event.reason for event in moved(shop, regulars, SegmentEntered)}
    assert reasons == {(Seen(name="purchases", value=2),)}
    assert evaluations(shop, regulars) == [(1, DAY, 13)]


def test_a_day_that_was_worked_out_and_those_before_it_are_not_again(shop: World, regulars: str) -> None:
    tell(shop, define(regulars))
    for as_of in (DAY, DAY, DAY - timedelta(days=1)):
        evaluate(shop, as_of)
    assert evaluations(shop, regulars) == [(1, DAY, 13)]


def test_who_belongs_no_more_leaves_when_the_window_has_moved_on(shop: World, regulars: str) -> None:
    tell(shop, define(regulars, window_days=20))
    evaluate(shop)
    evaluate(shop, DAY + timedelta(days=9))
    assert not left(shop, regulars)
    evaluate(shop, DAY + timedelta(days=10))
    assert entered(shop, regulars) == left(shop, regulars) == REGULARS


def test_a_new_version_counts_as_of_the_same_day(shop: World, regulars: str) -> None:
    tell(shop, define(regulars))
    evaluate(shop)
    tell(shop, define(regulars, Between(measure=Measure.PURCHASES, at_most=1)))
    evaluate(shop)
    assert left(shop, regulars) == REGULARS
    assert evaluations(shop, regulars) == [(1, DAY, 13), (2, DAY, 12)]


def test_all_leave_a_segment_that_is_not_active_and_then_it_rests(shop: World, regulars: str) -> None:
    tell(shop, define(regulars))
    evaluate(shop)
    tell(shop, define(regulars, active=False))
    evaluate(shop)
    evaluate(shop, DAY + timedelta(days=1))
    assert left(shop, regulars) == REGULARS
    assert evaluations(shop, regulars) == [(1, DAY, 13), (2, DAY, 0)]


def test_stages_follow_each_guests_own_rhythm(shop: World, regulars: str) -> None:
    """Every ten days: away for 31 is lost. One purchase 41 days ago is no reason to miss anybody."""
    tell(shop, define(regulars, InStage(stages=(Stage.LOST,))))
    evaluate(shop, DAY + timedelta(days=31))
    assert entered(shop, regulars) == REGULARS


@pytest.mark.parametrize("survived", [0, 1, 4, 5])
def test_killed_in_the_middle_and_run_again_everybody_enters_once(
    shop: World, regulars: str, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    tell(shop, define(regulars))
    monkeypatch.setattr(segments, "MAX_MOVES", 3)
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
            evaluate(shop)
    shop.catch_up()
    evaluate(shop)
    assert entered(shop, regulars) == REGULARS
    assert evaluations(shop, regulars) == [(1, DAY, 13)]


def test_two_at_once_write_once(shop: World, regulars: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(shop, define(regulars))
    monkeypatch.setattr(segments, "MAX_MOVES", 3)

    async def both(tenant: Tenant) -> None:
        await asyncio.gather(evaluate_as_of(tenant, DAY), evaluate_as_of(tenant, DAY))

    at_work(shop, both)
    assert entered(shop, regulars) == REGULARS
    assert evaluations(shop, regulars) == [(1, DAY, 13)]


def test_while_the_read_models_are_behind_nobody_is_looked_at(
    shop: World, regulars: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "CATCH_UP_S", 0.1)
    tell(shop, define(regulars))
    shop.made("/v1/customers", {"customer_id": fresh("late")})
    evaluate(shop)
    assert not evaluations(shop, regulars)
    evaluate(shop)
    assert evaluations(shop, regulars) == [(1, DAY, 13)]


def test_birthdays_are_found_by_the_index_that_is_brought_to_see_all(shop: World, regulars: str) -> None:
    today = datetime.now(UTC).date()
    another = today.month % 12 + 1
    birthdays = (f"1990-{today:%m}-28", f"--{today:%m}-01", f"1990-{another:02}-01")
    for number, birthday in enumerate(birthdays):
        shop.made("/v1/customers", {"customer_id": f"b{number}", "birthday": birthday})
    tell(shop, define(regulars, BirthdayMonth()))
    evaluate(shop, today)
    assert entered(shop, regulars) == Counter(("b0", "b1"))


def test_who_is_one_person_belongs_once_and_after_an_unmerge_as_before(another: World, regulars: str) -> None:
    today = datetime.now(UTC).date()
    tell(another, define(regulars, OFTEN))
    evaluate(another)
    before = members(another, regulars)
    assert {"g1", "g3", "g4"} & before == {"g4"}

    tell(another, MergeCustomers(customer_id="g1", other_id="g3"))
    tell(another, MergeCustomers(customer_id="g1", other_id="g4"))
    evaluate(another, today - timedelta(days=1))
    assert members(another, regulars) == before, "as of a day on which nobody knew"
    evaluate(another, today)
    assert members(another, regulars) == before - {"g4"} | {"g1"}
    assert evaluations(another, regulars)[-1] == (1, today, len(before))

    for record in ("g3", "g4"):
        tell(another, UnmergeCustomers(customer_id="g1", other_id=record))
    tell(another, define(regulars, Between(measure=Measure.PURCHASES, at_least=2, at_most=9)))
    evaluate(another, today)
    assert members(another, regulars) == before


def test_who_was_forgotten_enters_nothing(another: World, regulars: str) -> None:
    tell(another, define(regulars))
    follow(another)
    assert another.call("POST", "/v1/customers/g0/erasure", {"reason": "request"}).is_success
    another.catch_up()
    evaluate(another)
    assert entered(another, regulars).keys() == REGULARS.keys() - {"g0"}


def test_days_are_worked_out_when_they_are_over_in_every_store(another: World, regulars: str) -> None:
    """At 05:00 UTC it is the third in Shanghai and still the second where days start late in New York."""
    broadway = {"currency": "USD", "time_zone": "America/New_York", "day_starts_at_min": 60}
    add_store(another, "s3", **broadway)
    tell(another, define(regulars))
    for hour in (5, 6, 7):
        now = datetime(2026, 3, 3, hour, tzinfo=UTC)
        at_work(another, partial(evaluate_due, now=now))
        another.catch_up()
    assert evaluations(another, regulars) == [(1, DAY - timedelta(days=1), 0), (1, DAY, 13)]
