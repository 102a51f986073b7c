"""A diary: commands at instants of a test's choice, and the read models that they make, on real PostgreSQL.

A clerk takes its own clock; what is said of months and averages needs one that a test can set.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from psycopg.sql import SQL, Identifier

from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.event import AnyRecorded
from projections.kernel.projection import Projection
from tests.support.decisions import Fact, Shop, at
from tests.support.journals import connected
from tests.support.postgres import Tenant
from tests.support.read_models import entry_of, fold_in_memory


class Diary:
    """What happened when, in the order in which it was told."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.entries: list[AnyRecorded] = []

    def note(self, recorded_at: datetime, *facts: Fact) -> None:
        """Writes down what happened, without asking a rule."""
        self.shop.record(facts)
        self._append(recorded_at, recorded_at, facts)

    def do(self, recorded_at: datetime, *commands: Command, occurred_at: datetime | None = None) -> None:
        """Has the commands decided at that instant, or told late then; none may be refused."""
        for command in commands:
            outcome = self.shop.do(command, at(occurred_at or recorded_at, recorded_at))
            if isinstance(outcome, Refusal):
                raise outcome
            self._append(recorded_at, occurred_at or recorded_at, outcome.events)

    def _append(self, recorded_at: datetime, occurred_at: datetime, facts: Iterable[Fact]) -> None:
        for _, event in facts:
            position = len(self.entries) + 1
            entry = entry_of(event, position)
            self.entries.append(
                msgspec.structs.replace(entry, occurred_at=occurred_at, recorded_at=recorded_at)
            )

    async def write(self, tenant: Tenant, projections: Sequence[Projection]) -> None:
        """Writes the read models as one page would have."""
        async with connected(tenant) as connection:
            for projection in projections:
                for table, rows in fold_in_memory(projection, self.entries).items():
                    await connection.execute(SQL("DELETE FROM {}").format(Identifier(table.name)))
                    await table.write(connection, list(rows.values()))
