"""/v1/transfers: goods that go from one store to another, in two steps."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, Instant, Positive, ShopRequest, command_origin
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.stockroom.transfer_in import ArrivingLine, ReceiveTransfer
from domain.stockroom.transfer_out import MAX_LINES, SendTransfer, TransferLine
from domain.transfers.transfer import TRANSFER, ArrivedLine, SentLine, Transfer, TransferSent
from infra.ids import uuid7
from infra.tenancy import Tenant
from projections.transfer_board.fold import TransferBoard
from projections.transfer_board.queries import transfers

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Status = Literal["in_transit", "received"]
Quantity = Annotated[int, Meta(ge=0, le=10**12)]


class LineToSend(Body, frozen=True, kw_only=True):
    """How much of a SKU goes, of which lot; without one those that are to be sold first."""

    sku: Id
    quantity: Positive
    lot: Id | None = None


class GoodsToSend(Body, frozen=True, kw_only=True):
    """Goods for another store."""

    transfer_id: Id | None = None
    to_store_id: Id
    lines: Annotated[list[LineToSend], Meta(min_length=1, max_length=MAX_LINES)]
    expected_on: date | None = None
    occurred_at: Instant | None = None


class LineArriving(Body, frozen=True, kw_only=True):
    """What arrived of a SKU, also beyond what was sent, and what of it is damaged."""

    sku: Id
    good: Quantity = 0
    damaged: Quantity = 0


class GoodsArriving(Body, frozen=True, kw_only=True):
    """What arrived. Unless there is `more_to_come` all else is missing, and nothing stays in transit."""

    receipt_id: Id | None = None
    lines: Annotated[list[LineArriving], Meta(max_length=MAX_LINES)]
    more_to_come: bool = False
    occurred_at: Instant | None = None


class SentLotView(msgspec.Struct, frozen=True, kw_only=True):
    """A lot on its way; `lot` null is of none."""

    lot: str | None
    quantity: int
    cost: Money


class SentLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What left of a SKU, at what it cost."""

    sku: str
    quantity: int
    cost: Money
    lots: list[SentLotView]


class ArrivedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What arrived of a SKU: of what was sent, damaged, not at all, and beyond what was sent."""

    sku: str
    good: int
    damaged: int
    missing: int
    over: int


class ArrivalView(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt of a transfer."""

    receipt_id: str
    lines: list[ArrivedLineView]


class TransferView(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer with what has arrived so far."""

    transfer_id: str
    from_store_id: str
    to_store_id: str
    status: str
    expected_on: date | None
    lines: list[SentLineView]
    arrivals: list[ArrivalView]


class SentView(msgspec.Struct, frozen=True, kw_only=True):
    """What left."""

    transfer_id: str
    lines: list[SentLineView]
    position: int


class ArrivedView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each line, and where the transfer stands."""

    transfer_id: str
    receipt_id: str
    status: str
    lines: list[ArrivedLineView]
    position: int


class TransferOnBoard(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer's place on the board; `in_transit` is by SKU."""

    transfer_id: str
    from_store_id: str
    to_store_id: str
    status: str
    sent_at: Instant
    expected_on: date | None
    changed_at: Instant
    in_transit: dict[str, int]
    damaged: int
    missing: int
    over: int


def _sent(line: SentLine, currency: str) -> SentLineView:
    return SentLineView(
        sku=line.sku,
        quantity=line.quantity,
        cost=money(line.cost_minor, currency),
        lots=[
            SentLotView(
                lot=share.lot or None, quantity=share.quantity, cost=money(share.cost_minor, currency)
            )
            for share in line.shares
        ],
    )


def _arrived(lines: tuple[ArrivedLine, ...]) -> list[ArrivedLineView]:
    return [
        ArrivedLineView(
            sku=line.sku, good=line.good, damaged=line.damaged, missing=line.missing, over=line.over
        )
        for line in lines
    ]


def _view(transfer: Transfer, sent: TransferSent) -> TransferView:
    return TransferView(
        transfer_id=sent.transfer_id,
        from_store_id=sent.from_store_id,
        to_store_id=sent.to_store_id,
        status=transfer.status,
        expected_on=sent.expected_on,
        lines=[_sent(line, sent.currency) for line in sent.lines],
        arrivals=[
            ArrivalView(receipt_id=receipt.receipt_id, lines=_arrived(receipt.lines))
            for receipt in transfer.receipts
        ],
    )


async def _require_transfer(
    request: ShopRequest, tenant: Tenant, transfer_id: str
) -> tuple[Transfer, TransferSent, int]:
    transfer, version = await tenant.require_state(TRANSFER, transfer_id)
    assert transfer.sent is not None
    return transfer, transfer.sent, version


class StoreTransfersController(Controller):
    """Sending goods to another store."""

    path = "/v1/stores/{store_id:str}/transfers"
    tags = ("stock",)

    @post(operation_id="sendTransfer", opt={"scope": "stock:write"})
    async def send(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: GoodsToSend
    ) -> Response[SentView]:
        """Sends goods: they are in transit until the other store books what arrived."""
        request.user.require_store(store_id)
        origin = await command_origin(request, tenant, "sendTransfer", occurred_at=data.occurred_at)
        command = SendTransfer(
            transfer_id=data.transfer_id or uuid7(),
            from_store_id=store_id,
            to_store_id=data.to_store_id,
            lines=tuple(
                TransferLine(sku=line.sku, quantity=line.quantity, lot=line.lot) for line in data.lines
            ),
            expected_on=data.expected_on,
        )
        answer = await tenant.submit(command, origin)
        sent = answer.result
        view = SentView(
            transfer_id=sent.transfer_id,
            lines=[_sent(line, sent.currency) for line in sent.lines],
            position=answer.position,
        )
        return written(view, answer, 201)


class TransfersController(Controller):
    """Goods between stores."""

    path = "/v1/transfers"
    tags = ("stock",)

    @get(operation_id="listTransfers", opt={"scope": "stock:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        status: Status | None = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[TransferOnBoard]:
        """Transfers, newest first; from or to the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[datetime, Id])
        await caught_up(request, tenant, TransferBoard.name)
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await transfers(
                connection,
                status=status,
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        board = [
            TransferOnBoard(
                transfer_id=row.transfer_id,
                from_store_id=row.from_store_id,
                to_store_id=row.to_store_id,
                status=row.status,
                sent_at=row.sent_at,
                expected_on=row.expected_on,
                changed_at=row.changed_at,
                in_transit=row.in_transit,
                damaged=row.damaged,
                missing=row.missing,
                over=row.over,
            )
            for row in rows
            if row.sent_at is not None and row.changed_at is not None
        ]
        return page_of(board, limit, lambda row: (row.sent_at, row.transfer_id))

    @get("/{transfer_id:str}", operation_id="getTransfer", opt={"scope": "stock:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, transfer_id: str) -> Response[TransferView]:
        """A transfer, to whom the store is open that it left or the one to which it goes."""
        transfer, sent, version = await _require_transfer(request, tenant, transfer_id)
        try:
            request.user.require_store(sent.from_store_id)
        except Problem:
            request.user.require_store(sent.to_store_id)
        return read(_view(transfer, sent), version)

    @post("/{transfer_id:str}/arrivals", operation_id="receiveTransfer", opt={"scope": "stock:write"})
    async def receive(
        self, request: ShopRequest, tenant: Tenant, transfer_id: str, data: GoodsArriving
    ) -> Response[ArrivedView]:
        """Books what arrived in the store to which it was sent."""
        _, sent, _ = await _require_transfer(request, tenant, transfer_id)
        request.user.require_store(sent.to_store_id)
        origin = await command_origin(request, tenant, "receiveTransfer", occurred_at=data.occurred_at)
        command = ReceiveTransfer(
            transfer_id=transfer_id,
            receipt_id=data.receipt_id or uuid7(),
            lines=tuple(
                ArrivingLine(sku=line.sku, good=line.good, damaged=line.damaged) for line in data.lines
            ),
            more_to_come=data.more_to_come,
        )
        answer = await tenant.submit(command, origin)
        arrived = answer.result
        view = ArrivedView(
            transfer_id=arrived.transfer_id,
            receipt_id=arrived.receipt_id,
            status=arrived.status,
            lines=_arrived(arrived.lines),
            position=answer.position,
        )
        return written(view, answer, 201)
