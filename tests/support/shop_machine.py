"""The desks of one shop, the witness of what they answer, and the means to ask and to read on."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from domain.kernel.command import Command
from domain.kernel.event import AnyRecorded
from infra.event_store.journal import Connection, channel_of
from tests.support.commands import add_product, add_scarce, open_store, register
from tests.support.desks import Desk
from tests.support.journals import answered, connected, journal_of, watching
from tests.support.postgres import Tenant
from tests.support.shop_model import ShopModel
from tests.support.shop_wishes import CUSTOMERS, PRICES, SCARCE, Wishes
from tests.support.witness import Asked, Heard, Witness

T = TypeVar("T")

EVERYTHING = 1_000_000


class ShopMachine(RuleBasedStateMachine):
    """A tenant and what a state machine needs to work on it, in an event loop of its own."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__()
        self.tenant = tenant
        self.wishes = Wishes()
        self.desks: list[Desk] = []
        self.entries: list[AnyRecorded] = []
        self.watch: Connection
        self.reader: Connection
        self.witness: Witness
        self._numbers = itertools.count()
        self._stack = AsyncExitStack()
        self._runner = asyncio.Runner()

    def teardown(self) -> None:
        self.run(self._stack.aclose())
        self._runner.close()

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(task)

    def open(self, desks: int) -> None:
        """Opens the shop. Each desk has a clock of its own; they are hours apart."""
        goods = [(add_scarce if sku in SCARCE else add_product)(sku, price) for sku, price in PRICES.items()]
        opening = [open_store(), *goods, *(register(customer) for customer in CUSTOMERS)]

        async def open_() -> None:
            for number in range(desks):
                desk = Desk.of(self.tenant, behind=timedelta(hours=number))
                self.desks.append(await self._stack.enter_async_context(desk))
            self.watch = await self._stack.enter_async_context(watching(self.tenant))
            self.reader = await self._stack.enter_async_context(connected(self.tenant))
            await answered(self.desks[0].clerk, *opening)

        self.run(open_())
        self.witness = Witness(ShopModel(PRICES, SCARCE, CUSTOMERS), len(opening))
        self.hear(self.desks[0], self.new(self.wishes.opening))

    def desk(self, number: int) -> Desk:
        return self.desks[number % len(self.desks)]

    def new(self, commands: Iterable[Command], *, keyed: bool = False) -> list[Asked]:
        """The commands with ids of their own; of three, two have a key unless all have."""
        return [
            Asked(command, f"c{number}", "the request" if keyed or number % 3 else None)
            for command, number in zip(commands, self._numbers, strict=False)
        ]

    def submit(
        self, *orders: tuple[Desk, list[Asked]], then: Coroutine[Any, Any, None] | None = None
    ) -> list[list[Heard]]:
        """What each desk answered to its order: all is submitted before any is looked at; `then` follows."""

        async def submit() -> list[list[Heard]]:
            waiting = [
                [desk.clerk.submit(asked.command, asked.origin) for asked in order] for desk, order in orders
            ]
            if then is not None:
                await then
            answers = [await asyncio.gather(*desk, return_exceptions=True) for desk in waiting]
            return [
                list(zip(order, answer, strict=True))
                for (_, order), answer in zip(orders, answers, strict=True)
            ]

        return self.run(submit())

    def hear(self, desk: Desk, order: list[Asked]) -> None:
        """Submits to one desk; its answers must be explained by the order in which it was asked."""
        (heard,) = self.submit((desk, order))
        self.witness.hear(heard)

    def cut(self, desk: Desk, *, at_commit: bool) -> None:
        """The desk's next acknowledgement gets lost.

        Where the head has not moved, the append is its own commit; under the head's lock a COMMIT follows.
        """
        append = channel_of(self.tenant.schema).encode()
        desk.wire.cut_before_the_answer_to(b"COMMIT" if at_commit else append)

    def read_on(self) -> list[AnyRecorded]:
        """What the journal holds since the last look."""
        page = journal_of(self.tenant).read_page(self.reader, len(self.entries), EVERYTHING)
        new = self.run(page)
        self.entries += new
        return new
