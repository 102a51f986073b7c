"""Random commands, repeats and mishaps at up to three clerks of one journal: a model in plain Python agrees.

Whatever is asked at the same time must have happened in some order: the answers are those that the model
gives in it, and the journal holds what the model then holds.
"""

import asyncio
import itertools
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from domain.catalog.product import ChangeProduct
from domain.inventory.stock_item import STOCK_ITEM
from domain.kernel.command import Command
from domain.promotions.campaign import CAMPAIGN
from domain.tills.till import TILL
from infra.event_store import batch as batch_module
from infra.event_store import clerk as clerk_module
from infra.event_store import knowledge as knowledge_module
from infra.event_store.submission import CommandInFlight
from tests.support.commands import receive
from tests.support.journals import folded
from tests.support.laws import a_law
from tests.support.postgres import Database, new_tenant
from tests.support.shop_machine import ShopMachine
from tests.support.shop_readings import modelled, recorded
from tests.support.shop_wishes import PRICES
from tests.support.witness import Asked, Heard

_tenant_numbers = itertools.count(1)

NOTHING_NEW = ChangeProduct(sku="apple")


def the_wishes(machine: ShopMachine) -> st.SearchStrategy[Command]:
    return machine.wishes.commands


wish = st.runner().flatmap(the_wishes)
many = st.one_of(st.lists(wish, min_size=1, max_size=2), st.lists(wish, min_size=5, max_size=12))
few = st.lists(wish, max_size=4)
number = st.integers(0, 5)
memory = st.sampled_from((1, 3_000, 24_000_000))


class ClerkMachine(ShopMachine):
    """What may happen to one to three processes that write one journal. Desks are drawn by number."""

    @initialize(desks=st.integers(1, 3))
    def the_shop_opens(self, desks: int) -> None:
        self.open(desks)

    @rule(commands=many, at=number)
    def many_ask_at_one_desk(self, commands: list[Command], at: int) -> None:
        self.hear(self.desk(at), self.new(commands))

    @rule(commands=many, others=many, at=number)
    def many_ask_at_two_desks(self, commands: list[Command], others: list[Command], at: int) -> None:
        here, there = (self.desk(at), self.new(commands)), (self.desk(at + 1), self.new(others))
        self.witness.hear(*self.submit(here, there))

    @rule(age=number, at=number)
    def somebody_asks_again_for_what_was_done(self, age: int, at: int) -> None:
        """The first answer is given again and nothing is written."""
        self.hear(self.desk(at), of_age(self.witness.done, age))

    @rule(age=number, at=number, meanwhile=few)
    def somebody_asks_again_for_what_was_refused(self, age: int, at: int, meanwhile: list[Command]) -> None:
        """It is decided again, on what has changed elsewhere since the desk saw why not."""
        refused = of_age(self.witness.refused, age)
        self.hear(self.desk(at), refused)
        self.hear(self.desk(at + 1), self.new([*meanwhile, receive(*((sku, 4) for sku in PRICES))]))
        self.hear(self.desk(at), refused)

    @rule(age=number, command=wish, at=number)
    def somebody_uses_a_key_for_another_request(self, age: int, command: Command, at: int) -> None:
        """It is refused, whatever it is."""
        used = of_age(self.witness.done, age)
        self.hear(self.desk(at), [asked._replace(command=command, body="another") for asked in used])

    @rule(command=wish, at=number)
    def somebody_asks_twice_at_one_desk(self, command: Command, at: int) -> None:
        """The second is told to wait for the first."""
        (asked,) = self.new([command], keyed=True)
        clerk = self.desk(at).clerk

        async def ask() -> Heard:
            first = clerk.submit(asked.command, asked.origin)
            with pytest.raises(CommandInFlight):
                clerk.submit(asked.command, asked.origin)
            return asked, (await asyncio.gather(first, return_exceptions=True))[0]

        self.witness.hear([self.run(ask())])

    @precondition(lambda self: len(self.desks) > 1)
    @rule(command=st.one_of(wish, st.just(NOTHING_NEW)), at=number)
    def somebody_asks_the_same_at_two_desks(self, command: Command, at: int) -> None:
        """One of them does it and the other one repeats the answer, even if nothing was to be done.

        Both know where the journal ends, so that neither is made to look again.
        """
        for desk in (self.desk(at), self.desk(at + 1)):
            self.hear(desk, self.new([NOTHING_NEW]))
        same = self.new([command], keyed=True)
        self.witness.hear(*self.submit((self.desk(at), same), (self.desk(at + 1), same)))

    @rule(commands=few, at=number, memory_bytes=memory)
    def a_clerk_is_replaced_while_some_wait(
        self, commands: list[Command], at: int, memory_bytes: int
    ) -> None:
        desk = self.desk(at)
        (heard,) = self.submit((desk, self.new(commands)), then=desk.restart(memory_bytes))
        self.witness.hear(heard)

    @rule(at=number, reading=st.booleans())
    def a_backend_ends(self, at: int, reading: bool) -> None:
        self.run(self.desk(at).end_backend(by=self.watch, reading=reading))

    @rule(commands=many, others=few, at=number, at_commit=st.booleans())
    def an_acknowledgement_is_lost(
        self, commands: list[Command], others: list[Command], at: int, at_commit: bool
    ) -> None:
        """All have keys. What landed is found; what was refused is decided again, and so in another order."""
        desk = self.desk(at)
        self.cut(desk, at_commit=at_commit)
        here, there = self.new(commands, keyed=True), self.new(others, keyed=True)
        heard, elsewhere = self.submit((desk, here), (self.desk(at + 1), there))
        self.witness.hear(*[[one] for one in (*heard, *elsewhere)], after_all=True)
        desk.wire.cut_no_more()

    @rule(commands=many, at=number, at_commit=st.booleans())
    def an_acknowledgement_is_lost_to_some_without_a_key(
        self, commands: list[Command], at: int, at_commit: bool
    ) -> None:
        """They are told that the outcome is unknown, and read it back."""
        desk = self.desk(at)
        self.cut(desk, at_commit=at_commit)
        (heard,) = self.submit((desk, self.new(commands)))
        written = {entry.command_id: entry.position for entry in self.read_on()}
        self.witness.hear(*[[one] for one in heard], after_all=True, written=written)
        desk.wire.cut_no_more()

    @invariant()
    def the_journal_is_whole_and_equals_the_model(self) -> None:
        self.read_on()
        versions: Counter[str] = Counter()
        for position, entry in enumerate(self.entries, start=1):
            versions[entry.stream] += 1
            assert (entry.position, entry.version) == (position, versions[entry.stream])
        for before, after in itertools.pairwise(self.entries):
            assert before.recorded_at <= after.recorded_at
        assert len(self.entries) == self.witness.position
        assert recorded(folded(self.tenant, self.entries)) == modelled(self.witness.model)


def of_age(asked: list[Asked], age: int) -> list[Asked]:
    """The request before the last `age` ones, if there is one at all."""
    return [asked[-1 - age % len(asked)]] if asked else []


def limit_everything(patch: pytest.MonkeyPatch) -> None:
    """Batches of a few commands and bytes, snapshots of a few events, a tail soon too long to fold."""
    patch.setattr(batch_module, "BATCH_BYTES", 3_000)
    patch.setattr(clerk_module, "BATCH_COMMANDS", 9)
    patch.setattr(clerk_module, "SPLIT_FROM", 3)
    patch.setattr(knowledge_module, "TAIL_LIMIT", 12)
    for kind, events in ((STOCK_ITEM, 4), (TILL, 3), (CAMPAIGN, 2)):
        patch.setattr(kind, "snapshot_every", events)


def test_the_clerks_and_the_model_agree(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    limit_everything(monkeypatch)

    class OnATenantOfItsOwn(ClerkMachine):
        def __init__(self) -> None:
            super().__init__(new_tenant(database, f"machine_{next(_tenant_numbers)}"))

    # The clerks log each lost connection, as they should.
    with capture_logs():
        run_state_machine_as_test(
            OnATenantOfItsOwn, settings=settings(a_law, max_examples=25, stateful_step_count=25)
        )
