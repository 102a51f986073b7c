"""/v1/customers/{customer_id}/merges, unmerges, records and distinctions: one person, many records."""

import msgspec
from litestar import Controller, Response, get, post

from api.customers import CustomerView, opened_view
from api.persons import person_of
from api.reading import written
from api.requests import Body, ShopRequest, command_origin
from domain.customers.merging import MergeCustomers, TellApart, UnmergeCustomers
from domain.kernel.ids import Id
from infra.tenancy import Tenant


class OtherRecord(Body, frozen=True, kw_only=True):
    """The other record."""

    other_id: Id


class RecordsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Which two records it was about."""

    customer_id: str
    other_id: str
    position: int


class RecordsView(msgspec.Struct, frozen=True, kw_only=True):
    """All records of a person, each with its own details; the one that speaks for them comes first."""

    customer_id: str
    records: list[CustomerView]


class CustomerMergesController(Controller):
    """Records that are one person."""

    path = "/v1/customers/{customer_id:str}"
    tags = ("customers",)

    @get("/records", operation_id="listRecords", opt={"scope": "customers:read"})
    async def records(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> RecordsView:
        """The records of a person, as each would be without the others."""
        person = await person_of(request, tenant, customer_id)
        views = [await opened_view(request, tenant, record) for record in person.records]
        return RecordsView(customer_id=customer_id, records=views)

    @post("/merges", operation_id="mergeCustomers", opt={"scope": "customers:merge"})
    async def merge(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: OtherRecord
    ) -> Response[RecordsChanged]:
        """Says that the other record is the same person, for whom this one speaks from now on.

        Nothing moves: sales, points and complaints keep the id that they named, and an unmerge undoes it.
        """
        command = MergeCustomers(customer_id=customer_id, other_id=data.other_id)
        return await self._write(request, tenant, "mergeCustomers", command)

    @post("/unmerges", operation_id="unmergeCustomers", opt={"scope": "customers:merge"})
    async def unmerge(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: OtherRecord
    ) -> Response[RecordsChanged]:
        """Undoes the merge of one record."""
        command = UnmergeCustomers(customer_id=customer_id, other_id=data.other_id)
        return await self._write(request, tenant, "unmergeCustomers", command)

    @post("/distinctions", operation_id="tellApart", opt={"scope": "customers:merge"})
    async def tell_apart(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: OtherRecord
    ) -> Response[RecordsChanged]:
        """Says that the two are two people: they are not proposed as duplicates again."""
        command = TellApart(customer_id=customer_id, other_id=data.other_id)
        return await self._write(request, tenant, "tellApart", command)

    async def _write(
        self,
        request: ShopRequest,
        tenant: Tenant,
        operation: str,
        command: MergeCustomers | UnmergeCustomers | TellApart,
    ) -> Response[RecordsChanged]:
        request.user.require_store(None)
        origin = await command_origin(request, tenant, operation, key_required=False)
        answer = await tenant.submit(command, origin)
        changed = RecordsChanged(
            customer_id=command.customer_id, other_id=command.other_id, position=answer.position
        )
        return written(changed, answer, 201)
