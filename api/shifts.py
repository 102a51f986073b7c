"""/v1/stores/{store_id}/registers/{register_id}/shift: a till's open shift, from its float to its Z report.

Whoever counts is not told what should be there: that takes `shifts:read`, and the counter has `shifts:write`.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from api.money import Amount, money
from api.reading import read, written
from api.requests import Body, Cause, Instant, Positive, ShopRequest, authority_of, command_origin
from api.sales import Method
from domain.checkout.shifts import (
    MAX_METHODS,
    MAX_PIECES,
    CloseShift,
    CountDrawer,
    MoveCash,
    OpenShift,
    ShiftEnded,
)
from domain.kernel.money import Money
from domain.tills.receipts import ShiftNotOpen
from domain.tills.shift import CashMove, Difference, MethodSum, Pieces, Shift, ShiftClosed
from domain.tills.till import TILL, till_id
from infra.event_store.submission import Answer
from infra.tenancy import Tenant


class ShiftToOpen(Body, frozen=True, kw_only=True):
    """What is in the drawer. An offline till sends its own `occurred_at`, and shifts before their sales."""

    opening_float: Amount
    occurred_at: Instant | None = None


class CashToMove(Body, frozen=True, kw_only=True):
    """Money that goes into the drawer (`pay_in`), out of it (`pay_out`) or into the safe (`drop`)."""

    kind: CashMove
    amount: Amount
    reason: Cause
    occurred_at: Instant | None = None


class PiecesBody(Body, frozen=True, kw_only=True):
    """So many notes or coins of a value in minor units."""

    value: Positive
    pieces: Annotated[int, Meta(ge=0, le=10**6)]


class CountedMethod(Body, frozen=True, kw_only=True):
    """What was counted of a method, as the slips of a card terminal."""

    method: Method
    amount: Amount


class DrawerCount(Body, frozen=True, kw_only=True):
    """What was counted: of cash a sum (`cash`) or notes and coins (`pieces`), of other methods a sum."""

    cash: Amount | None = None
    pieces: Annotated[list[PiecesBody], Meta(max_length=MAX_PIECES)] = []  # noqa: RUF012 - msgspec copies it
    others: Annotated[list[CountedMethod], Meta(max_length=MAX_METHODS)] = []  # noqa: RUF012
    occurred_at: Instant | None = None


class ShiftToClose(Body, frozen=True, kw_only=True):
    """Closes with the last count. An offline till sends its own `occurred_at`."""

    occurred_at: Instant | None = None


class ShiftView(msgspec.Struct, frozen=True, kw_only=True):
    """Which shift it was. What is in the drawer is not told."""

    store_id: str
    register_id: str
    shift: int
    position: int


class MethodView(msgspec.Struct, frozen=True, kw_only=True):
    """A sum by method."""

    method: str
    amount: Money


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """By how much a count is over or, below zero, short."""

    method: str
    expected: Money
    counted: Money
    over: Money


class ShiftReport(msgspec.Struct, frozen=True, kw_only=True):
    """An X report of an open shift, or the Z report of a closed one (then with what was counted).

    `takings` are by method, net of change and refunds; they make `total`, `rounding` and `loaded`, which was
    put on gift cards. `expected` is what should be there. So many `voids` before payment came to `voided`.
    """

    store_id: str
    register_id: str
    shift: int
    opened_at: datetime
    closed_at: datetime | None
    opening_float: Money
    receipts: int
    sales: Money
    refunds: Money
    total: Money
    rounding: Money
    loaded: Money
    takings: list[MethodView]
    paid_in: Money
    paid_out: Money
    dropped: Money
    expected: list[MethodView]
    counted: list[MethodView]
    over_short: list[DifferenceView]
    voids: int
    voided: Money


def methods(parts: tuple[MethodSum, ...], currency: str) -> list[MethodView]:
    """Sums by method in an answer."""
    return [MethodView(method=part.method, amount=money(part.amount_minor, currency)) for part in parts]


def report_of(
    shift: Shift | ShiftClosed, till: tuple[str, str], differences: tuple[Difference, ...] = ()
) -> ShiftReport:
    """The X report of an open shift, and the Z report of a closed one; `till` is store and register."""
    closed = shift if isinstance(shift, ShiftClosed) else None
    currency, totals = shift.currency, shift.totals
    return ShiftReport(
        store_id=till[0],
        register_id=till[1],
        shift=shift.shift if isinstance(shift, ShiftClosed) else shift.number,
        opened_at=shift.opened_at,
        closed_at=None if closed is None else closed.closed_at,
        opening_float=money(shift.float_minor, currency),
        receipts=totals.receipts,
        sales=money(totals.sales_minor, currency),
        refunds=money(totals.refunds_minor, currency),
        total=money(totals.total_minor, currency),
        rounding=money(shift.rounding_minor, currency),
        loaded=money(shift.loaded_minor, currency),
        takings=methods(shift.takings, currency),
        paid_in=money(shift.paid_in_minor, currency),
        paid_out=money(shift.paid_out_minor, currency),
        dropped=money(shift.dropped_minor, currency),
        expected=methods(shift.expected, currency),
        counted=[] if closed is None else methods(closed.counted, currency),
        over_short=[
            DifferenceView(
                method=difference.method,
                expected=money(difference.expected_minor, currency),
                counted=money(difference.counted_minor, currency),
                over=money(difference.over_minor, currency),
            )
            for difference in differences
        ],
        voids=shift.voids,
        voided=money(shift.voided_minor, currency),
    )


class ShiftController(Controller):
    """A till's open shift."""

    path = "/v1/stores/{store_id:str}/registers/{register_id:str}/shift"
    tags = ("shifts",)

    @post(operation_id="openShift", opt={"scope": "shifts:write"})
    async def open(
        self, request: ShopRequest, tenant: Tenant, store_id: str, register_id: str, data: ShiftToOpen
    ) -> Response[ShiftView]:
        """Opens the till's next shift with what is in the drawer."""
        origin = await command_origin(
            request, tenant, "openShift", occurred_at=data.occurred_at, terminal=register_id
        )
        command = OpenShift(
            store_id=store_id,
            register_id=register_id,
            float_minor=data.opening_float.amount,
            currencies=frozenset({data.opening_float.currency}),
        )
        return _done(command, await tenant.submit(command, origin))

    @get(operation_id="reportShift", opt={"scope": "shifts:read"})
    async def report(self, tenant: Tenant, store_id: str, register_id: str) -> Response[ShiftReport]:
        """The X report: what the open shift took so far, and what should be in the drawer."""
        state, version = await tenant.require_state(TILL, till_id(store_id, register_id))
        if state.shift is None:
            raise ShiftNotOpen("No shift is open at this till.")
        return read(report_of(state.shift, (store_id, register_id)), version)

    @post("/cash-movements", operation_id="moveCash", opt={"scope": "shifts:write"})
    async def move_cash(
        self, request: ShopRequest, tenant: Tenant, store_id: str, register_id: str, data: CashToMove
    ) -> Response[ShiftView]:
        """Puts money into the drawer or takes it out, for a cause; out of it within your limit."""
        origin = await command_origin(
            request, tenant, "moveCash", occurred_at=data.occurred_at, terminal=register_id
        )
        command = MoveCash(
            store_id=store_id,
            register_id=register_id,
            kind=data.kind,
            amount_minor=data.amount.amount,
            reason=data.reason,
            currencies=frozenset({data.amount.currency}),
            authority=authority_of(request, store_id),
        )
        return _done(command, await tenant.submit(command, origin))

    @post("/counts", operation_id="countDrawer", opt={"scope": "shifts:write"})
    async def count(
        self, request: ShopRequest, tenant: Tenant, store_id: str, register_id: str, data: DrawerCount
    ) -> Response[ShiftView]:
        """Records a blind count; it holds until money moves again."""
        origin = await command_origin(
            request, tenant, "countDrawer", occurred_at=data.occurred_at, terminal=register_id
        )
        sums = [] if data.cash is None else [MethodSum(method="cash", amount_minor=data.cash.amount)]
        sums += [MethodSum(method=each.method, amount_minor=each.amount.amount) for each in data.others]
        command = CountDrawer(
            store_id=store_id,
            register_id=register_id,
            counted=tuple(sums),
            pieces=tuple(Pieces(value_minor=each.value, pieces=each.pieces) for each in data.pieces),
            currencies=frozenset(
                {
                    *(each.amount.currency for each in data.others),
                    *((data.cash.currency,) if data.cash else ()),
                }
            ),
        )
        return _done(command, await tenant.submit(command, origin))

    @post("/closing", operation_id="closeShift", opt={"scope": "shifts:write"})
    async def close(
        self, request: ShopRequest, tenant: Tenant, store_id: str, register_id: str, data: ShiftToClose
    ) -> Response[ShiftReport]:
        """Closes the shift with the last count; the answer is its Z report."""
        authority = authority_of(request, store_id)
        origin = await command_origin(
            request, tenant, "closeShift", occurred_at=data.occurred_at, terminal=register_id
        )
        command = CloseShift(store_id=store_id, register_id=register_id, authority=authority)
        answer = await tenant.submit(command, origin)
        ended: ShiftEnded = answer.result
        return written(report_of(ended.report, (store_id, register_id), ended.differences), answer, 201)


def _done(command: OpenShift | MoveCash | CountDrawer, answer: Answer) -> Response[ShiftView]:
    view = ShiftView(
        store_id=command.store_id,
        register_id=command.register_id,
        shift=answer.result.shift,
        position=answer.position,
    )
    return written(view, answer, 201)
