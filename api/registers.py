"""/v1/stores/{store_id}/registers/{register_id}: what happened there, and what its shifts took."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter
from msgspec import Meta

from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.requests import ShopRequest
from api.shifts import MethodView
from domain.kernel.money import Money
from domain.stores.store import STORE
from infra.tenancy import Tenant
from projections.register_journal.fold import RegisterEntry, RegisterShift
from projections.register_journal.queries import register_entries, register_shifts

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
ShiftNumber = Annotated[int, Parameter(ge=1, le=10**12)]
Number = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$(?!\n)")]


class RegisterEntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a register's journal. `number` is that of the receipt, shift or closing.

    `kind` is receipt, void, shift_opened, pay_in, pay_out, drop, counted, over_short, shift_closed, or
    day_closed, month_closed and year_closed. `document` of a void is its id, and `by_method`
    of a receipt is known only where it belongs to a shift.
    """

    entry: int
    kind: str
    happened_at: datetime
    actor: str
    number: int | None
    shift: int | None
    amount: Money
    by_method: list[MethodView]
    document: str | None
    reason: str | None


class RegisterShiftView(msgspec.Struct, frozen=True, kw_only=True):
    """A shift. Once it is closed its sums are those of the Z report, and what comes late stands by itself."""

    shift: int
    opened_at: datetime
    closed_at: datetime | None
    opening_float: Money
    receipts: int
    sales: Money
    refunds: Money
    rounding: Money
    loaded: Money
    takings: list[MethodView]
    paid_in: Money
    paid_out: Money
    dropped: Money
    counted: list[MethodView]
    over_short: list[MethodView]
    late_receipts: int
    late: Money
    late_takings: list[MethodView]
    voids: int
    voided: Money
    late_voids: int


def _methods(sums: Mapping[str, int], currency: str) -> list[MethodView]:
    return [MethodView(method=method, amount=money(sums[method], currency)) for method in sorted(sums)]


def _entry(row: RegisterEntry, currency: str) -> RegisterEntryView:
    assert row.happened_at is not None
    return RegisterEntryView(
        entry=row.entry,
        kind=row.kind,
        happened_at=row.happened_at,
        actor=row.actor,
        number=row.number or None,
        shift=row.shift or None,
        amount=money(row.amount_minor, currency),
        by_method=_methods(row.by_method, currency),
        document=row.document,
        reason=row.reason,
    )


def _shift(row: RegisterShift) -> RegisterShiftView:
    assert row.opened_at is not None
    currency = row.currency
    return RegisterShiftView(
        shift=row.shift,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        opening_float=money(row.float_minor, currency),
        receipts=row.receipts,
        sales=money(row.sales_minor, currency),
        refunds=money(row.refunds_minor, currency),
        rounding=money(row.rounding_minor, currency),
        loaded=money(row.loaded_minor, currency),
        takings=_methods(row.takings, currency),
        paid_in=money(row.paid_in_minor, currency),
        paid_out=money(row.paid_out_minor, currency),
        dropped=money(row.dropped_minor, currency),
        counted=_methods(row.counted, currency),
        over_short=_methods(row.over_short, currency),
        late_receipts=row.late_receipts,
        late=money(row.late_minor, currency),
        late_takings=_methods(row.late_takings, currency),
        voids=row.voids,
        voided=money(row.voided_minor, currency),
        late_voids=row.late_voids,
    )


class RegistersController(Controller):
    """Registers of a store."""

    path = "/v1/stores/{store_id:str}"
    tags = ("shifts",)

    @get("/registers/{register_id:str}/journal", operation_id="registerJournal", opt={"scope": "shifts:read"})
    async def journal(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        register_id: str,
        shift: ShiftNumber | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[RegisterEntryView]:
        """What happened at a register, newest first: receipts, cash, counts, shifts and closings."""
        key = decode_cursor(cursor, tuple[Number])
        store, _ = await tenant.require_state(STORE, store_id)
        await caught_up(request, tenant, "register_journal")
        async with tenant.readers.connection() as connection:
            rows = await register_entries(
                connection,
                (store_id, register_id),
                shift=shift,
                before=None if key is None else int(key[0]),
                limit=limit + 1,
            )
        page = page_of(rows, limit, lambda row: (str(row.entry),))
        return Page(data=[_entry(row, store.currency) for row in page.data], next_cursor=page.next_cursor)

    @get("/registers/{register_id:str}/shifts", operation_id="listShifts", opt={"scope": "shifts:read"})
    async def shifts(
        self,
        request: ShopRequest,
        tenant: Tenant,
        store_id: str,
        register_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[RegisterShiftView]:
        """A register's shifts with their Z reports, newest first, and what came late to each."""
        key = decode_cursor(cursor, tuple[Number])
        await tenant.require_state(STORE, store_id)
        await caught_up(request, tenant, "register_journal")
        async with tenant.readers.connection() as connection:
            rows = await register_shifts(
                connection,
                (store_id, register_id),
                before=None if key is None else int(key[0]),
                limit=limit + 1,
            )
        page = page_of(rows, limit, lambda row: (str(row.shift),))
        return Page(data=[_shift(row) for row in page.data], next_cursor=page.next_cursor)
