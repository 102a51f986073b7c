"""However records are merged and unmerged between trade, every read model is what it is without."""

import itertools
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.customer import CUSTOMER, CustomerHeld
from domain.customers.merging import MergeCustomers, UnmergeCustomers
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.event import Envelope
from domain.loyalty.programme import Programme, SetProgramme
from infra.event_store.codec import Codec
from infra.event_store.journal import NewEntry
from projections.customer_profile.fold import CustomerProfile
from projections.customer_profile.person import profile_of_person
from tests.support.commands import add_product, complain, open_store, register
from tests.support.decisions import NOON, Fact, Shop
from tests.support.facts import cash, check_out, take_back
from tests.support.journals import connected, journal_of, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.read_models import all_contents, made_anew, project

CUSTOMERS = 4
PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=1)
ENVELOPE = Envelope(
    occurred_at=NOON, recorded_at=NOON, actor="tester", channel="till", command_id="c1", correlation_id="c1"
)
NOBODYS: Fact = ("customer-nobody", CustomerHeld(customer_id="nobody", reason="lawsuit"))
"""What stands in a link's place in the journal without: all else keeps its position, and nothing shows it."""

customers = st.integers(0, CUSTOMERS - 1)
kinds = st.sampled_from(["merge", "merge", "unmerge", "sale", "return", "complaint"])
trades = st.lists(st.tuples(kinds, customers, customers), max_size=30)


class Books:
    """One shop's trade in two journals: with all links, and without any."""

    def __init__(self, linked: Tenant, plain: Tenant) -> None:
        self.linked = linked
        self.plain = plain
        self.shop = Shop()
        self.links: set[int] = set()
        self.numbers = itertools.count(1)
        self._written = 0
        self._versions: dict[str, Counter[str]] = {tenant.name: Counter() for tenant in (linked, plain)}
        self.must(open_store(), add_product(), SetProgramme(programme=PROGRAMME))

    def must(self, *commands: Command) -> None:
        for command in commands:
            outcome = self.shop.do(command)
            assert not isinstance(outcome, Refusal), outcome.detail

    def may(self, command: Command, *, links: bool = False) -> None:
        before = len(self.shop.facts)
        self.shop.do(command)
        if links:
            self.links.update(range(before, len(self.shop.facts)))

    def people(self) -> list[str]:
        """New customers, each with a sale that can be returned."""
        ids = [f"n{next(self.numbers)}" for _ in range(CUSTOMERS)]
        for id_ in ids:
            self.must(register(id_))
            self.sell(id_, f"x-{id_}")
        return ids

    def sell(self, customer_id: str, sale_id: str) -> None:
        self.must(check_out(("apple", 2), tenders=(cash(2000),), sale_id=sale_id, customer_id=customer_id))

    def live(self, ids: Sequence[str], trade: Sequence[tuple[str, int, int]]) -> None:
        for kind, one, other in trade:
            number = next(self.numbers)
            match kind:
                case "merge":
                    self.may(MergeCustomers(customer_id=ids[one], other_id=ids[other]), links=True)
                case "unmerge":
                    self.may(UnmergeCustomers(customer_id=ids[one], other_id=ids[other]), links=True)
                case "sale":
                    self.sell(ids[one], f"x{number}")
                case "return":
                    self.may(take_back((1, 1), return_id=f"r{number}", sale_id=f"x-{ids[one]}"))
                case _:
                    self.must(complain(f"q{number}", customer_id=ids[one]))

    def part(self, ids: Sequence[str]) -> None:
        """Undoes every link that is left."""
        for id_ in ids:
            if (survivor := self.shop.state(CUSTOMER, id_).merged_into) is not None:
                self.may(UnmergeCustomers(customer_id=survivor, other_id=id_), links=True)

    def keep(self) -> None:
        """Writes what has happened since into both journals, each fact at the same position; and folds it."""
        new = list(enumerate(self.shop.facts))[self._written :]
        self._written = len(self.shop.facts)
        run(self._write(self.linked, [fact for _, fact in new]))
        run(self._write(self.plain, [NOBODYS if place in self.links else fact for place, fact in new]))

    async def _write(self, tenant: Tenant, facts: Sequence[Fact]) -> None:
        versions = self._versions[tenant.name]
        known = versions.total()
        entries: list[NewEntry] = []
        for (stream, event), state in zip(
            facts, Codec().encode(ENVELOPE, [e for _, e in facts]), strict=True
        ):
            versions[stream] += 1
            entries.append(NewEntry(stream=stream, version=versions[stream], type=event.TYPE, state=state))
        async with connected(tenant) as connection:
            if entries:
                assert await journal_of(tenant).append(
                    connection, known=known, recorded_at=NOON, entries=entries, accepted=[]
                )
        await project(tenant)


@pytest.fixture(scope="module")
def books(database: Database) -> Books:
    return Books(new_tenant(database, "test_linked"), new_tenant(database, "test_plain"))


async def profiles(tenant: Tenant, people: Sequence[Sequence[str]]) -> list[CustomerProfile]:
    async with connected(tenant) as connection:
        return [await profile_of_person(connection, ids) for ids in people]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trade=trades)
def test_unmerged_in_any_order_every_read_model_is_what_it_is_without(
    books: Books, trade: list[tuple[str, int, int]]
) -> None:
    ids = books.people()
    before = [books.shop.state(CUSTOMER, id_) for id_ in ids]
    books.live(ids, trade)
    books.keep()

    states = [books.shop.state(CUSTOMER, id_) for id_ in ids]
    people = [(state.customer_id, *state.others) for state in states if state.merged_into is None]
    assert sorted(id_ for person in people for id_ in person) == sorted(ids), "everybody is in one person"
    alone = {row.customer_id: row for row in run(profiles(books.linked, [(id_,) for id_ in ids]))}
    for person, profile in zip(people, run(profiles(books.linked, people)), strict=True):
        assert profile.visits == sum(alone[id_].visits for id_ in person)
        assert profile.complaints == sum(alone[id_].complaints for id_ in person)
        assert profile.spend_minor["CNY"] == sum(alone[id_].spend_minor["CNY"] for id_ in person)

    books.part(ids)
    books.keep()
    assert [books.shop.state(CUSTOMER, id_) for id_ in ids] == before
    assert all_contents(books.linked) == all_contents(books.plain)


def test_made_anew_they_are_the_same(books: Books) -> None:
    ids = books.people()
    books.live(ids, [("merge", 0, 1), ("sale", 1, 0), ("complaint", 1, 0), ("merge", 2, 0), ("return", 1, 0)])
    books.keep()
    live = all_contents(books.linked)
    run(made_anew(books.linked))
    assert all_contents(books.linked) == live
