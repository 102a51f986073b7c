"""/v1/customers/import: customers of another system, as CSV with a mapping; each row is answered."""

from collections import Counter
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.answers import JsonAnswer
from api.errors import Problem
from api.request_ids import request_id_of
from api.requests import NO_NUL, Body, ShopRequest
from infra.ids import uuid7
from infra.people.customer_import import AT_ONCE, Caller, CustomerImport, Outcome, RowResult
from infra.people.customer_rows import ColumnMapping, TableUnfit, batches, read_rows
from infra.tenancy import Tenant

MAX_ROWS = 1_000
MAX_LETTERS = 1_000_000


class CustomersToImport(Body, frozen=True, kw_only=True):
    """A table with a header, and what its columns hold. A dry run tells the same and writes nothing.

    A row with a `customer_id` creates or updates that customer. One without meets who is known by number or
    mail address, and is a duplicate then.
    """

    csv: Annotated[str, Meta(min_length=1, max_length=MAX_LETTERS, pattern=NO_NUL)]
    mapping: ColumnMapping
    dry_run: bool = False


class CustomersImported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each row, and how many there are of each outcome; `unknown_columns` were left out."""

    dry_run: bool
    outcomes: dict[Outcome, int]
    unknown_columns: list[str]
    rows: list[RowResult]


class CustomerImportController(Controller):
    """Customers of another system."""

    path = "/v1/customers/import"
    tags = ("customers",)

    @post(operation_id="importCustomers", opt={"scope": "customers:import"}, status_code=200)
    async def take(
        self, request: ShopRequest, tenant: Tenant, data: CustomersToImport
    ) -> Response[CustomersImported]:
        """Takes up to a thousand customers over, each row for itself. Sent again, it makes nothing twice."""
        request.user.require_store(None)
        try:
            sheet = read_rows(data.csv, data.mapping, tenant.people.region, MAX_ROWS)
        except TableUnfit as unfit:
            raise Problem(400, "invalid_request", str(unfit)) from None
        caller = Caller(request.user.name, "api", request_id_of(request.scope) or uuid7())
        work = CustomerImport(tenant, caller, dry_run=data.dry_run)
        results = [result for some in batches(sheet.rows, AT_ONCE) for result in await work.take(some)]
        counts = Counter(result.outcome for result in results)
        imported = CustomersImported(
            dry_run=data.dry_run,
            outcomes={outcome: counts[outcome] for outcome in Outcome},
            unknown_columns=sheet.unknown_columns,
            rows=results,
        )
        position = work.position
        if not position:
            async with tenant.readers.connection() as connection:
                position = (await tenant.journal.head(connection)).position
        return JsonAnswer(imported, headers={"Daybook-Position": str(position)})
