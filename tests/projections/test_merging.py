"""However records are merged and unmerged between trade, every read model is what it is without."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.aftercare.asking import AskAboutResolution
from domain.care.rule import SetCareRule
from domain.care.touch import CareSent
from domain.customers.belonging import Move, MoveMembers
from domain.customers.consent import GiveConsent
from domain.customers.customer import CUSTOMER, Customer, CustomerHeld, SegmentEntered
from domain.customers.measures import Seen
from domain.customers.merging import MergeCustomers, UnmergeCustomers
from domain.customers.rules import Between, Definition, Measure
from domain.customers.segment import DefineSegment
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.event import Envelope
from domain.leads.handling import AdvanceLead, OpenLead
from domain.leads.lead import LeadOpened, LeadStage
from domain.leads.task import TaskOpened
from domain.leads.tasking import OpenTask
from domain.loyalty.programme import Programme, SetProgramme
from domain.outreach.plan_care import PlanCare
from domain.outreach.send_care import SendCare
from domain.service.handling import ResolveComplaint
from domain.service.survey import AnswerSurvey, SurveyAnswered, id_of_csat
from domain.service.survey_plan import SetSurveyPlan, SurveyPlan
from infra.event_store.codec import Codec
from infra.event_store.journal import NewEntry
from projections.customer_profile.fold import CustomerProfile
from projections.customer_profile.person import profile_of_person
from tests.support.care import care_rule
from tests.support.commands import add_product, complain, open_store, register
from tests.support.decisions import NOON, Fact, Shop
from tests.support.facts import cash, check_out, sealed, take_back
from tests.support.journals import connected, journal_of, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.read_models import all_contents, made_anew, project

CUSTOMERS = 4
PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=1)
ENVELOPE = Envelope(
    occurred_at=NOON, recorded_at=NOON, actor="tester", channel="till", command_id="c1", correlation_id="c1"
)
YESTERDAY = NOON.date() - timedelta(days=1)
NOBODYS: Fact = ("customer-nobody", CustomerHeld(customer_id="nobody", reason="lawsuit"))
"""What stands in a link's place in the journal without: all else keeps its position, and nothing shows it."""

REGULARS = Definition(rule=Between(measure=Measure.PURCHASES, at_least=1))

customers = st.integers(0, CUSTOMERS - 1)
kinds = st.sampled_from(
    ["merge", "merge", "merge", "unmerge", "unmerge", "sale", "return", "survey", "care", "lead", "segment"]
)
trades = st.lists(st.tuples(kinds, customers, customers), max_size=30)


def _asked_and_answered(case_id: str, customer_id: str) -> Iterator[Command]:
    yield complain(case_id, customer_id=customer_id)
    yield ResolveComplaint(case_id=case_id, text=sealed("Replaced.", f"customer-{customer_id}"))
    yield AskAboutResolution(case_id=case_id, handed_over=True)
    yield AnswerSurvey(survey_id=id_of_csat(case_id, 1), score=4)


def _care(occasion: str, customer_id: str) -> Iterator[Command]:
    """Written to, unless another record speaks for them."""
    yield PlanCare(rule_id="birthday", customer_id=customer_id, occasion=occasion, day=NOON.date())
    yield SendCare(rule_id="birthday", customer_id=customer_id, occasion=occasion)


def _lead(lead_id: str, customer_id: str) -> Iterator[Command]:
    yield OpenLead(lead_id=lead_id, customer_id=customer_id, store_id="s1", source="web")
    yield AdvanceLead(lead_id=lead_id, stage=LeadStage.CONTACTED)
    subject = CUSTOMER.stream(customer_id)
    yield OpenTask(task_id=f"t{lead_id}", store_id="s1", subject=subject, action="call", due_at=NOON)


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
        self.must(
            open_store(),
            add_product(),
            SetProgramme(programme=PROGRAMME),
            SetSurveyPlan(plan=SurveyPlan(csat=True, csat_needs_consent=False)),
            SetCareRule(rule_id="birthday", rule=care_rule()),
            DefineSegment(segment_id="regulars", definition=REGULARS),
        )

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
            agreed = GiveConsent(customer_id=id_, purpose="marketing", channel="email", text_version="1")
            self.must(register(id_), agreed)
            self.sell(id_, f"x-{id_}")
        return ids

    def sell(self, customer_id: str, sale_id: str) -> None:
        self.must(check_out(("apple", 2), tenders=(cash(2000),), sale_id=sale_id, customer_id=customer_id))

    def live(self, ids: Sequence[str], trade: Sequence[tuple[str, int, int]]) -> None:
        deals = {"care": _care, "lead": _lead, "segment": self._segment}
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
                case "survey":
                    self.must(*_asked_and_answered(f"q{number}", ids[one]))
                case _:
                    for command in deals[kind](f"{number}", ids[one]):
                        self.may(command)

    def _segment(self, _: str, customer_id: str) -> Iterator[Command]:
        """They enter, or leave where they belong."""
        enters = "regulars" not in self.shop.state(CUSTOMER, customer_id).entered
        move = Move(customer_id=customer_id, enters=enters, reason=(Seen(name="purchases", value=1),))
        yield MoveMembers(segment_id="regulars", version=1, as_of=YESTERDAY, moves=(move,))

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


def apart_from_segments(books: Books, ids: Sequence[str]) -> list[Customer]:
    """Records as decisions see them, but for the segments that they came to meanwhile."""
    return [msgspec.structs.replace(books.shop.state(CUSTOMER, id_), entered=()) for id_ in ids]


async def profiles(tenant: Tenant, people: Sequence[Sequence[str]]) -> list[CustomerProfile]:
    async with connected(tenant) as connection:
        return [await profile_of_person(connection, ids) for ids in people]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trade=trades)
def test_unmerged_in_any_order_every_read_model_is_what_it_is_without(
    books: Books, trade: list[tuple[str, int, int]]
) -> None:
    ids = books.people()
    before = apart_from_segments(books, ids)
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
    assert apart_from_segments(books, ids) == before
    assert all_contents(books.linked) == all_contents(books.plain)


def test_each_dealing_is_told_of_the_record_that_it_named(books: Books) -> None:
    one, other, *_ = ids = books.people()
    before = len(books.shop.facts)
    books.live(ids, [("merge", 0, 1), *((kind, 1, 0) for kind in ("survey", "lead", "segment"))])
    books.live(ids, [("care", 0, 0), ("care", 1, 1)])
    kinds = Counter(type(event) for _, event in books.shop.facts[before:])
    assert kinds[SurveyAnswered] == kinds[LeadOpened] == kinds[TaskOpened] == kinds[SegmentEntered] == 1
    assert [event.customer_id for event in books.shop.events(CareSent)][-1] == one
    assert [event.customer_id for event in books.shop.events(LeadOpened)][-1] == other


def test_made_anew_they_are_the_same(books: Books) -> None:
    ids = books.people()
    books.live(ids, [("merge", 0, 1), ("sale", 1, 0), ("survey", 1, 0), ("merge", 2, 0), ("return", 1, 0)])
    books.keep()
    live = all_contents(books.linked)
    run(made_anew(books.linked))
    assert all_contents(books.linked) == live
