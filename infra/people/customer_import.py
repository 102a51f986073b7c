"""Taking customers over from another system: each row is created, updated, skipped, a duplicate or invalid.

A row's id is its own, or follows from what the row says, by a keyed hash: sent again, it finds what it made.
A dry run looks at everything in the same way and writes nothing. (Decision 0070.)
"""

import asyncio
import base64
import enum
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from domain.customers.customer import CUSTOMER, ChangeCustomer, Customer, RegisterCustomer
from domain.kernel.command import Command
from domain.kernel.errors import AlreadyExists, Refusal
from domain.kernel.sealed import Sealed
from infra.crypto.vault import SubjectErased
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.people.accesses import note_access
from infra.people.blind_index import find
from infra.people.customer_rows import Row
from infra.tenancy import Tenant

AT_ONCE = 100
"""Rows on their way together."""
_ID_BYTES = 15
_MEETING = ("phone", "email")
"""By what a row without an id of its own meets who is known."""


class Outcome(enum.StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """A row, counted from 1 below the header, and why it is neither created nor updated.

    `customer_id` is whose it is: of a duplicate, of whoever is known already.
    """

    row: int
    outcome: Outcome
    customer_id: str | None = None
    why: str | None = None


class Caller(NamedTuple):
    """Who imports, for the journal and the access log."""

    actor: str
    channel: str
    request_id: str


class _Plan(NamedTuple):
    row: Row
    customer_id: str
    changed: dict[str, str]
    language: str | None
    version: int


class CustomerImport:
    """One import: its rows are taken in their order, and a later one knows what the earlier said."""

    def __init__(self, tenant: Tenant, caller: Caller, *, dry_run: bool) -> None:
        self.position = 0
        self._tenant = tenant
        self._caller = caller
        self._dry_run = dry_run
        self._rows: dict[tuple[str, str], Row] = {}

    async def take(self, rows: Sequence[Row]) -> list[RowResult]:
        """What became of these rows. It may be asked again, after a crash too: nothing is made twice."""
        async with self._tenant.readers.connection() as connection:
            # Who was registered a moment ago is met by their number.
            while await self._tenant.people.run_page(connection):
                pass
        results: dict[int, RowResult] = {}
        own: list[tuple[Row, str]] = []
        for row in rows:
            customer_id = row.customer_id or self._derived_id(row)
            result = self._at_a_glance(row, customer_id)
            if result is None:
                own.append((row, customer_id))
            else:
                results[row.number] = result
        streams = [CUSTOMER.stream(customer_id) for _, customer_id in own]
        async with self._tenant.readers.connection() as connection:
            states = await self._tenant.journal.read_states(connection, streams)
        texts = await self._known_texts(
            [states[CUSTOMER.stream(id_)][0].state for row, id_ in own if row.customer_id is not None]
        )
        plans: list[_Plan] = []
        for row, customer_id in own:
            found = states[CUSTOMER.stream(customer_id)][0]
            decided = await self._compared(row, customer_id, found.state, found.version, texts)
            if isinstance(decided, RowResult):
                results[row.number] = decided
            else:
                plans.append(decided)
        for done in await asyncio.gather(*map(self._write, plans)):
            results[done.row] = done
        return [results[row.number] for row in rows]

    def _derived_id(self, row: Row) -> str:
        said = msgspec.json.encode([sorted(row.details.items()), row.language])
        digest = self._tenant.vault.fingerprint(b"imported customer", said)[:_ID_BYTES]
        return f"i-{base64.b32encode(digest).decode().lower()}"

    def _at_a_glance(self, row: Row, customer_id: str) -> RowResult | None:
        """What the row and those before it say alone."""
        if row.problem is not None:
            return RowResult(row=row.number, outcome=Outcome.INVALID, why=row.problem)
        # A language alone is one of a customer who has an id.
        if not row.details and (row.language is None or row.customer_id is None):
            return RowResult(
                row=row.number, outcome=Outcome.SKIPPED, customer_id=row.customer_id, why="It says nothing."
            )
        named = [("customer_id", customer_id)]
        meeting = [(kind, row.details[kind]) for kind in _MEETING if kind in row.details]
        keys = named if row.customer_id is not None else named + meeting
        for key in keys:
            if (first := self._rows.get(key)) is not None:
                own = key not in named or row.customer_id is not None
                same = f"has the same {key[0]}" if own else "says the same"
                why = f"Row {first.number} {same}."
                return RowResult(row=row.number, outcome=Outcome.DUPLICATE, why=why)
        for key in named + meeting:
            self._rows.setdefault(key, row)
        return None

    async def _known_texts(self, customers: Sequence[Customer]) -> dict[str, str | None]:
        """What is known of these customers, by box; who looked is on record."""
        boxes = [
            box
            for customer in customers
            for box in (customer.name, customer.phone, customer.email, customer.birthday)
            if box is not None
        ]
        if not boxes:
            return {}
        async with self._tenant.readers.connection() as connection:
            await note_access(
                connection,
                actor=self._caller.actor,
                operation="importCustomers",
                purpose="import",
                subjects=sorted({box.subject for box in boxes}),
                texts=len(boxes),
                request_id=self._caller.request_id,
            )
        texts = await self._tenant.vault.open_all(boxes)
        return {box.box: text for box, text in zip(boxes, texts, strict=True)}

    async def _compared(
        self, row: Row, customer_id: str, known: Customer, version: int, texts: dict[str, str | None]
    ) -> RowResult | _Plan:
        """What is to be written of the row, or why nothing is."""
        if not version:
            met = None if row.customer_id is not None else await self._met(row, customer_id)
            if met is None:
                return _Plan(row, customer_id, row.details, row.language, 0)
            kind, other = met
            why = f"Somebody with this {kind} is known."
            return RowResult(row=row.number, outcome=Outcome.DUPLICATE, customer_id=other, why=why)
        if known.erased or known.merged_into is not None:
            why = "The customer was erased." if known.erased else "The customer was merged into another."
            return RowResult(row=row.number, outcome=Outcome.SKIPPED, customer_id=customer_id, why=why)
        if row.customer_id is None:
            # The row is all that it was made of. What is different now was changed or forgotten since.
            why = "It was imported before."
            return RowResult(row=row.number, outcome=Outcome.SKIPPED, customer_id=customer_id, why=why)
        changed = {
            field: text
            for field, text in row.details.items()
            if (box := getattr(known, field)) is None or texts[box.box] != text
        }
        language = None if row.language == known.language else row.language
        if not changed and language is None:
            why = "Nothing is new."
            return RowResult(row=row.number, outcome=Outcome.SKIPPED, customer_id=customer_id, why=why)
        return _Plan(row, customer_id, changed, language, version)

    async def _met(self, row: Row, customer_id: str) -> tuple[str, str] | None:
        async with self._tenant.readers.connection() as connection:
            for kind in _MEETING:
                if kind in row.details:
                    found = await find(connection, self._tenant.vault, kind, row.details[kind], "", 1)
                    if found and found != [customer_id]:
                        return kind, found[0]
        return None

    async def _write(self, plan: _Plan) -> RowResult:
        outcome = Outcome.UPDATED if plan.version else Outcome.CREATED
        result = RowResult(row=plan.row.number, outcome=outcome, customer_id=plan.customer_id)
        if self._dry_run:
            return result
        try:
            answer = await self._tenant.submit(await self._command(plan), self._origin())
        except (Refusal, SubjectErased) as refusal:
            # Somebody was quicker: with the same row, with another change, or with an erasure.
            same = isinstance(refusal, AlreadyExists)
            why = "It exists by now." if same else "It was changed meanwhile. Send the row again."
            return RowResult(
                row=plan.row.number, outcome=Outcome.SKIPPED, customer_id=plan.customer_id, why=why
            )
        self.position = max(self.position, answer.position)
        return result

    async def _command(self, plan: _Plan) -> Command:
        event = "customer.changed.v1" if plan.version else "customer.registered.v1"
        places = {f"{event}/{field}": text for field, text in plan.changed.items()}
        subject = CUSTOMER.stream(plan.customer_id)
        boxes = await self._tenant.vault.seal_all(subject, places) if places else {}
        sealed: dict[str, Sealed] = {field: boxes[f"{event}/{field}"] for field in plan.changed}
        if not plan.version:
            return RegisterCustomer(customer_id=plan.customer_id, language=plan.language, **sealed)
        language = msgspec.UNSET if plan.language is None else plan.language
        return ChangeCustomer(
            customer_id=plan.customer_id, language=language, expected_version=plan.version, **sealed
        )

    def _origin(self) -> Origin:
        return Origin(
            command_id=uuid7(),
            actor=self._caller.actor,
            channel=self._caller.channel,
            correlation_id=self._caller.request_id,
        )
