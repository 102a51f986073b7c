"""Another process's clerk: it writes the same journal, so that the head moves under the one that is killed.

It lives in the process of the tests, which nobody kills: a clerk that goes through every end of PostgreSQL.
"""

import asyncio
import itertools
from collections.abc import Callable
from random import Random

import psycopg

from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from infra.event_store.clerk import Clerk
from infra.event_store.journal import Connection
from infra.event_store.submission import Answer, CommandInFlight, OutcomeUnknown
from infra.postgres.pools import connector
from tests.crash.memory import Acknowledged, Memory
from tests.crash.shop import HOT, SCARCE, Shop
from tests.support.commands import receive, sell
from tests.support.journals import conninfo_of, journal_of, keyed

PAUSE_S = 0.03
RETRY_S = 0.02


class Rival:
    """Sells and receives until it is told to stop."""

    def __init__(self, shop: Shop, name: str, memory: Memory, stopping: Callable[[], bool]) -> None:
        self._shop = shop
        self._name = name
        self._memory = memory
        self._stopping = stopping

    async def work(self) -> None:
        """Returns when told to stop."""
        clerk = Clerk(journal_of(self._shop.tenant()), self._connect)
        await clerk.start()
        random = Random(self._name)
        for number in itertools.count(1):
            if self._stopping():
                break
            command_id = f"rival-{self._name}-{number}"
            answer = await self._answer(clerk, command_id, self._command(random, number, command_id))
            if answer is not None and number % 3:
                told = answer.result
                self._memory.acknowledge(
                    command_id,
                    Acknowledged(
                        receipt_number=told.receipt_number,
                        total_minor=told.total_minor,
                        position=answer.position,
                    ),
                )
            await asyncio.sleep(PAUSE_S)
        await clerk.stop()

    def _command(self, random: Random, number: int, command_id: str) -> Command:
        if number % 3 == 0:
            return receive(*((sku, random.randint(1, 12)) for sku in SCARCE))
        return sell((random.choice(HOT), 1), sale_id=command_id, register_id="till-rival")

    async def _answer(self, clerk: Clerk, command_id: str, command: Command) -> Answer | None:
        """The answer to a command, repeated until there is one; None if told to stop before."""
        while not self._stopping():
            try:
                return await clerk.submit(command, keyed(command_id))
            except (OutcomeUnknown, CommandInFlight, psycopg.OperationalError):
                await asyncio.sleep(RETRY_S)
            except Refusal as refusal:
                self._memory.surprises.append(f"{command_id}: {refusal!r}")
                return None
        return None

    async def _connect(self) -> Connection:
        # A PostgreSQL that was started anew listens elsewhere.
        return await connector(conninfo_of(self._shop.tenant()))()
