"""The indexer: follows the journal and keeps the blind index, the traces, and what was forgotten forgotten.

Rows and position are written in one transaction, under the lock that an erasure takes too. An erasure that
was recorded and then interrupted is finished when the indexer comes to its event. (Decision 0028.)
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from msgspec import UNSET

from domain.book import EVENTS
from domain.care.touch import CareDeferred, CareHeldOut, CarePlanned, CareSent, CareUndelivered, CareWithheld
from domain.customers.customer import (
    CUSTOMER,
    DETAILS,
    CustomerChanged,
    CustomerErased,
    CustomerHeld,
    CustomerRegistered,
    CustomerReleased,
    DetailsExpired,
    SegmentEntered,
    SegmentLeft,
    sealed_of,
)
from domain.customers.facts import PERSONAL, SEALED_FACTS, CustomerProfileSet
from domain.customers.links import (
    CustomerMerged,
    CustomerMergedInto,
    CustomerToldApart,
    CustomerUnmerged,
    CustomerUnmergedFrom,
)
from domain.kernel.event import AnyRecorded, Event
from domain.kernel.sealed import Sealed
from domain.loyalty.points import PointsLapsed
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
from domain.orders.order import OrderPlaced
from domain.purchasing.contact import CONTACT, ContactErased
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SALE
from domain.service.case import COMPLAINT, CaseOpened
from domain.service.survey import SurveySent
from domain.staff.employee import EMPLOYEE, EmployeeErased
from domain.stored_value.value import ValueExpired
from infra.crypto.master_key import KeyBroken
from infra.crypto.vault import SealBroken, Vault
from infra.event_store.journal import Journal
from infra.people import blind_index
from infra.postgres.pools import Connection

PAGE = 500
"""Positions of a page: an erasure waits for one at most."""

_LINKED_KINDS = (COMPLAINT.stream(""), SALE.stream(""))
"""Streams that may have keys of their own, where no customer was known when their texts were sealed."""
_LINKED_PAGE = 1_000

_OWN_PARTS = {*DETAILS, *SEALED_FACTS, PERSONAL}
"""What only the customer's own stream holds."""
FOUND_BY = tuple(blind_index.KINDS)
"""The details that lead to a customer."""

_NO_ACTIVITY = (
    *(CustomerHeld, CustomerReleased, DetailsExpired, CustomerErased),
    *(CustomerMerged, CustomerMergedInto, CustomerUnmerged, CustomerUnmergedFrom, CustomerToldApart),
    *(CarePlanned, CareHeldOut, CareDeferred, CareSent, CareWithheld, CareUndelivered),
    *(PointsLapsed, ValueExpired, TierChanged, TierGraceGiven, TierKept, SegmentEntered, SegmentLeft),
    SurveySent,
)
"""What is done about customers, or by the passing of time, without them."""
_UNWANTED = [
    event.TYPE
    for event in EVENTS
    if "customer_id" not in event.__struct_fields__ and event not in (EmployeeErased, ContactErased)
]

log = structlog.get_logger(__name__)


class _Page:
    """What a page of events says of customers: their last details, their traces, who was erased."""

    def __init__(self) -> None:
        self.boxes: dict[tuple[str, str], Sealed | None] = {}
        self.traces: dict[tuple[str, str], datetime | None] = {}
        self.of_sales: dict[str, str] = {}
        self.erased: list[str] = []
        self.expired: dict[str, set[str]] = {}

    def add(self, entry: AnyRecorded) -> None:
        """Takes an event in."""
        event: Event = entry.data
        customer_id: str | None = getattr(event, "customer_id", None)
        if customer_id is not None:
            before = self.traces.get((customer_id, entry.stream))
            at = None if isinstance(event, _NO_ACTIVITY) else entry.occurred_at
            self.traces[customer_id, entry.stream] = max(filter(None, (before, at)), default=None)
        match event:
            case CustomerRegistered():
                self.boxes |= {(event.customer_id, field): getattr(event, field) for field in DETAILS}
            case CustomerChanged() | CustomerProfileSet():
                given = {field: getattr(event, field, UNSET) for field in FOUND_BY}
                self.boxes |= {
                    (event.customer_id, field): box
                    for field, box in given.items()
                    if box is None or isinstance(box, Sealed)
                }
            case DetailsExpired():
                self.boxes |= {(event.customer_id, part): None for part in event.parts if part in FOUND_BY}
                self.expired.setdefault(event.customer_id, set()).update(event.parts)
            case CustomerErased():
                self.boxes |= {(event.customer_id, field): None for field in FOUND_BY}
                self.erased.append(CUSTOMER.stream(event.customer_id))
            case EmployeeErased():
                self.erased.append(EMPLOYEE.stream(event.employee_id))
            case ContactErased():
                self.erased.append(CONTACT.stream(event.contact_id))
            case CaseOpened(customer_id=None, sale_id=str(sale_id)):
                self.of_sales[entry.stream] = SALE.stream(sale_id)
            case ReturnRecorded(customer_id=None, sale_id=str(sale_id)):
                self.of_sales[entry.stream] = SALE.stream(sale_id)
            case OrderPlaced(guest_id=str(guest_id)):
                # The sale that its payment makes names nobody, and is the guest's all the same.
                for stream in (entry.stream, SALE.stream(event.order_id)):
                    self.traces[guest_id, stream] = entry.occurred_at
            case _:
                pass


class PeopleIndex:
    """Keeps what is known of a tenant's people beside the journal."""

    def __init__(self, journal: Journal, vault: Vault, region: str) -> None:
        self.region = region
        self.vault = vault
        self._journal = journal

    async def reached(self, connection: Connection) -> int:
        """The position up to which the index knows the journal."""
        return await blind_index.reached(connection)

    async def run_page(self, connection: Connection) -> int:
        """Follows the journal by a page; returns by how many positions, 0 at its end."""
        async with connection.transaction():
            after = await blind_index.lock(connection)
            up_to = min((await self._journal.head(connection)).position, after + PAGE)
            if up_to <= after:
                return 0
            page = _Page()
            decode = self._journal.codec.decode
            for entry in await self._journal.stored_span(connection, after, up_to, _UNWANTED):
                page.add(decode(entry.type, entry.state, entry.stream, entry.version, entry.position))
            await self._write(connection, page)
            await blind_index.move(connection, up_to)
            return up_to - after

    async def _write(self, connection: Connection, page: _Page) -> None:
        if page.traces:
            await blind_index.trace(connection, page.traces)
        if page.of_sales:
            await self._trace_of_sales(connection, page.of_sales)
        if page.boxes:
            texts = await self._open([box for box in page.boxes.values() if box is not None])
            details = {
                place: None if box is None else texts.get(box.box) for place, box in page.boxes.items()
            }
            await blind_index.enter(connection, self.vault, self.region, details)
        if page.expired:
            await self._destroy_expired(connection, page.expired)
        if page.expired or any(subject.startswith(CUSTOMER.stream("")) for subject in page.erased):
            # The page has taken them out of the index before what forgets could see that they were there.
            await blind_index.note_forgotten(connection)
        for subject in page.erased:
            await self._forget(connection, subject)

    async def _destroy_expired(self, connection: Connection, expired: dict[str, set[str]]) -> None:
        """The keys of details that have expired, in case that whoever recorded it was killed before.

        A detail that was given again since is left alone: its key may be the one, and it is wanted.
        """
        streams = {CUSTOMER.stream(customer_id): parts for customer_id, parts in expired.items()}
        states = await self._journal.read_states(connection, list(streams))
        for stream, parts in streams.items():
            known = {place.partition("/")[0] for place in sealed_of(states[stream][0].state)}
            gone = sorted((parts & _OWN_PARTS) - known)
            if gone:
                await self.vault.store.destroy([stream], gone)

    async def _trace_of_sales(self, connection: Connection, of_sales: dict[str, str]) -> None:
        """A complaint about a sale, or a return of it, that names no customer is about the sale's."""
        customers = await blind_index.customers_in(connection, of_sales.values())
        about = {(customers[sale], stream): None for stream, sale in of_sales.items() if sale in customers}
        if about:
            await blind_index.trace(connection, about)

    async def _open(self, boxes: Sequence[Sealed]) -> dict[str, str | None]:
        """The texts by box. One that was tampered with, or its key, is found by nobody and stops nobody."""
        try:
            return dict(zip((box.box for box in boxes), await self.vault.open_all(boxes), strict=True))
        except (SealBroken, KeyBroken):
            texts: dict[str, str | None] = {}
            for box in boxes:
                try:
                    texts[box.box] = await self.vault.open(box)
                except (SealBroken, KeyBroken) as error:
                    log.warning("detail_not_indexed", error=str(error))
            return texts

    async def forget(self, connection: Connection, subject: str) -> None:
        """Carries out an erasure that was recorded: destroys the keys, clears index and traces.

        When this returns, nobody opens or finds anything. It may be repeated, and the indexer does so.
        """
        async with connection.transaction():
            await blind_index.lock(connection)
            await self._forget(connection, subject)

    async def _forget(self, connection: Connection, subject: str) -> None:
        kind, _, id_ = subject.partition("-")
        customer_id = id_ if kind == CUSTOMER.category else ""
        await self.vault.store.destroy([subject], for_good=True)
        # The keys before the traces that lead to them: whoever is killed in between begins again.
        linked = [key for page in await self._linked(connection, customer_id) for key in page]
        if linked:
            await self.vault.store.destroy(linked)
        await blind_index.forget(connection, customer_id, [subject, *linked])

    async def _linked(self, connection: Connection, customer_id: str) -> list[list[str]]:
        """The streams about a customer whose texts were sealed under keys of the streams themselves."""
        found: list[list[str]] = []
        after = ""
        while streams := await blind_index.traces_of(connection, customer_id, after, _LINKED_PAGE):
            candidates = [stream for stream in streams if stream.startswith(_LINKED_KINDS)]
            found.append(sorted(await self.vault.store.parts_of(candidates)))
            after = streams[-1]
        return found

    async def finish_erasures(self, connection: Connection) -> int:
        """Destroys keys of the forgotten that have come back, as from a backup; returns how many."""
        destroyed = 0
        after = ""
        while subjects := await blind_index.forgotten(connection, after, _LINKED_PAGE):
            people = [s for s in subjects if not s.startswith(_LINKED_KINDS)]
            destroyed += await self.vault.store.destroy(people, for_good=True)
            destroyed += await self.vault.store.destroy([s for s in subjects if s.startswith(_LINKED_KINDS)])
            after = subjects[-1]
        return destroyed
