"""/v1/stores/{store_id}/sales/batch: sales that tills made while they were offline, each once."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta, Raw

from api.answers import JsonAnswer
from api.baskets import BasketLineBody, basket_of
from api.errors import ProblemDetails, response_to
from api.money import Amount, money
from api.request_ids import request_id_of
from api.requests import Body, Instant, Positive, ShopRequest, Text, require_plausible
from api.sales import MAIN_REGISTER, TenderBody, tender_of
from domain.catalog.markdown import label_id
from domain.checkout.check_out import SaleAnswer, sale_answer
from domain.checkout.marked_down import LABEL_UNKNOWN
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES, BasketLine
from domain.checkout.record_sale import RecordSale
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.kernel.quantity import Unit
from domain.promotions.coupon import CouponMistyped
from domain.sales.sale import SALE, SaleCompleted, SaleException
from domain.stores.store import STORE
from infra.event_store.submission import Answer, CommandReused, Origin
from infra.tenancy import Tenant

MAX_SALES = 500

_DECODER_REF = {"$ref": "#/components/schemas/OfflineSale"}


class OfflineLine(Body, frozen=True, kw_only=True):
    """What was sold, and `total`: what was charged for it, tax included. Without `unit_price`, the list's.

    A `sku` or a scanned `barcode`, as in a basket: what a scale has printed stands in the code, and
    `quantity` is left out. `unit` chooses where a product is sold by either. `label` is that of a markdown,
    if it was sold by one: such a sale is recorded though the label is unknown or used up by now.
    """

    sku: Id | None = None
    barcode: Text | None = None
    quantity: Positive | None = None
    unit: Unit | None = None
    unit_price: Amount | None = None
    label: Id | None = None
    total: Amount


class OfflineSale(Body, frozen=True, kw_only=True):
    """A sale that was made. Its id (a UUIDv7) and `occurred_at` are the till's.

    `points` of the customer came off the price; each line's `total` is what was charged after that.
    """

    sale_id: Id
    register_id: Id = MAIN_REGISTER
    customer_id: Id | None = None
    employee_id: Id | None = None
    lines: Annotated[list[OfflineLine], Meta(min_length=1, max_length=MAX_LINES)]
    coupon_codes: Annotated[list[Text], Meta(max_length=MAX_COUPONS)] = []  # noqa: RUF012 - msgspec copies it
    tenders: Annotated[list[TenderBody], Meta(max_length=20)]
    points: Positive | None = None
    occurred_at: Instant


class OfflineBatch(Body, frozen=True, kw_only=True):
    """Sales in any order. Each is read by itself, so that a bad one does not stop the others."""

    sales: Annotated[
        list[Annotated[Raw, Meta(extra_json_schema=_DECODER_REF)]], Meta(min_length=1, max_length=MAX_SALES)
    ]


class ExceptionView(msgspec.Struct, frozen=True, kw_only=True):
    """What a sale has against the rules. What `expected` and `found` are depends on the code."""

    code: str
    line: int
    expected: int
    found: int
    reference: str | None


class BatchedSale(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a sale. A `refused` one has a `problem`, and was not recorded."""

    sale_id: str | None
    status: Literal["created", "replayed", "refused"]
    receipt_number: int | None = None
    shift: int | None = None
    total: Money | None = None
    exceptions: list[ExceptionView] = []
    problem: ProblemDetails | None = None


class BatchAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each sale, in the order in which they were sent."""

    results: list[BatchedSale]
    position: int


class _Named(msgspec.Struct):
    sale_id: str | None = None


_SALE = msgspec.json.Decoder(OfflineSale, strict=True)
_NAMED = msgspec.json.Decoder(_Named)
_Waiting = tuple[Origin | None, asyncio.Future[Answer] | Exception]
"""Where a sale comes from, as far as it could be read, and what will become of it."""


def exception_view(exception: SaleException) -> ExceptionView:
    """An exception in an answer."""
    return ExceptionView(**msgspec.structs.asdict(exception))


class OfflineSalesController(Controller):
    """Sales that were made offline."""

    path = "/v1/stores/{store_id:str}/sales/batch"
    tags = ("sales",)

    @post(
        operation_id="recordSales", status_code=200, opt={"scope": "sales:offline", "shows": (OfflineSale,)}
    )
    async def record(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: OfflineBatch
    ) -> Response[BatchAnswer]:
        """Records sales that were made offline: each once by its id, whatever else becomes of the batch.

        The same sale again is `replayed`; another one under the same id is refused.
        """
        await tenant.require_state(STORE, store_id)
        # By command id: a sale that stands in a batch twice is submitted once.
        submitted: dict[str, asyncio.Future[Answer]] = {}
        prints: dict[str, bytes | None] = {}
        waiting: list[_Waiting] = []
        first: list[bool] = []
        for raw in data.sales:
            origin = None
            try:
                sale, origin = _read(request, tenant, store_id, raw)
                known = submitted.get(origin.command_id)
                if known is not None and prints[origin.command_id] != origin.fingerprint:
                    raise CommandReused(_REUSED)
                future = known or asyncio.ensure_future(
                    tenant.submit(await _command(tenant, store_id, sale, origin), origin)
                )
            except Exception as error:  # noqa: BLE001 - it is this sale's problem alone
                waiting.append((origin, error))
                first.append(True)
            else:
                submitted[origin.command_id], prints[origin.command_id] = future, origin.fingerprint
                waiting.append((origin, future))
                first.append(known is None)
        await asyncio.gather(*submitted.values(), return_exceptions=True)
        recorded = await _recorded(tenant, [_sale_id(raw) for raw in data.sales], waiting)
        outcomes = [_outcome(origin, each, recorded) for origin, each in waiting]
        results = [
            _result(request, raw, outcome, again=not new)
            for raw, outcome, new in zip(data.sales, outcomes, first, strict=True)
        ]
        position = max((each.position for each in outcomes if isinstance(each, Answer)), default=0)
        return JsonAnswer(
            BatchAnswer(results=results, position=position), headers={"Daybook-Position": str(position)}
        )


_REUSED = "The sale id was used for another sale. Send this one under an id of its own."


def _read(request: ShopRequest, tenant: Tenant, store_id: str, raw: Raw) -> tuple[OfflineSale, Origin]:
    """The sale, named by its id alone: whoever sends it again, it is the same sale."""
    sale = _SALE.decode(raw)
    require_plausible(sale.occurred_at)
    origin = Origin(
        command_id=hashlib.sha256(f"offline sale\0{sale.sale_id}".encode()).hexdigest()[:32],
        actor=request.user.name,
        channel="offline",
        terminal=sale.register_id,
        correlation_id=request_id_of(request.scope),
        occurred_at=sale.occurred_at,
        fingerprint=tenant.vault.fingerprint(b"offline sale", store_id.encode(), said(sale)),
    )
    return sale, origin


def said(sale: OfflineSale) -> bytes:
    """What a sale says, in one spelling: without what it leaves open, so that later versions say the same."""
    return msgspec.json.encode(_without_nothing(msgspec.to_builtins(sale)), order="sorted")


def _without_nothing(value: Any) -> Any:
    match value:
        case dict():
            said_of = cast("dict[str, Any]", value)
            return {name: _without_nothing(each) for name, each in said_of.items() if not _is_left_open(each)}
        case list():
            return [_without_nothing(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


def _is_left_open(value: Any) -> bool:
    # Not by equality: zero is an amount.
    return value is None or value is False or value == []


async def _command(tenant: Tenant, store_id: str, sale: OfflineSale, origin: Origin) -> RecordSale:
    """The command that records it. Codes become ids, and of one that can't be read it is noted."""
    coupon_ids: list[str] = []
    noted: list[SaleException] = []
    for code in sale.coupon_codes:
        try:
            coupon_ids.append(tenant.vault.coupon_id(code))
        except CouponMistyped as mistyped:
            noted.append(SaleException(code=mistyped.code))
    prices = [line.unit_price for line in sale.lines]
    amounts = [*(price for price in prices if price), *(line.total for line in sale.lines)]
    wanted = [
        BasketLineBody(sku=line.sku, barcode=line.barcode, quantity=line.quantity, unit=line.unit)
        for line in sale.lines
    ]
    return RecordSale(
        sale_id=sale.sale_id,
        store_id=store_id,
        register_id=sale.register_id,
        customer_id=sale.customer_id,
        employee_id=sale.employee_id,
        lines=_labelled(await basket_of(tenant, wanted), sale.lines, noted),
        unit_prices_minor=tuple(None if price is None else price.amount for price in prices),
        charged_minor=tuple(line.total.amount for line in sale.lines),
        coupon_ids=tuple(coupon_ids),
        tenders=tuple(tender_of(tenant, tender) for tender in sale.tenders),
        points=sale.points or 0,
        currencies=frozenset(
            [amount.currency for amount in amounts] + [tender.amount.currency for tender in sale.tenders]
        ),
        noted=tuple(noted),
        request=request_of(origin),
    )


def _labelled(
    basket: Sequence[BasketLine], lines: Sequence[OfflineLine], noted: list[SaleException]
) -> tuple[BasketLine, ...]:
    """The lines with their labels. One that was mistyped is noted: nobody can know it."""
    labelled: list[BasketLine] = []
    for number, (line, sold) in enumerate(zip(basket, lines, strict=True), start=1):
        label = None
        if sold.label is not None:
            try:
                label = label_id(sold.label)
            except InvalidCommand:
                noted.append(SaleException(code=LABEL_UNKNOWN, line=number, reference=sold.label))
            line = msgspec.structs.replace(line, label=label, barcode=sold.label)
        labelled.append(line)
    return tuple(labelled)


def request_of(origin: Origin) -> str:
    """What a recorded sale keeps of the request that it was made by."""
    assert origin.fingerprint is not None
    return origin.fingerprint.hex()


async def _recorded(
    tenant: Tenant, sale_ids: Sequence[str | None], waiting: Sequence[_Waiting]
) -> dict[str, Answer]:
    """By request, the answers that sales gave which are refused now.

    Kept answers go after a while, and barcodes are given to other products: the journal knows the sale.
    """
    streams = [
        SALE.stream(sale_id)
        for sale_id, (origin, each) in zip(sale_ids, waiting, strict=True)
        if sale_id is not None and origin is not None and isinstance(_error(each), Refusal)
    ]
    if not streams:
        return {}
    async with tenant.readers.connection() as connection:
        entries = await tenant.journal.read_first(connection, list(dict.fromkeys(streams)))
    answers: dict[str, Answer] = {}
    for entry in entries:
        sale = entry.data
        if isinstance(sale, SaleCompleted) and sale.offline is not None:
            result = sale_answer(sale, sale.offline.shift)
            answers[sale.offline.request] = Answer(position=entry.position, result=result, replayed=True)
    return answers


def _error(each: asyncio.Future[Answer] | Exception) -> BaseException | None:
    return each if isinstance(each, Exception) else each.exception()


def _outcome(
    origin: Origin | None, each: asyncio.Future[Answer] | Exception, recorded: Mapping[str, Answer]
) -> Answer | Exception:
    error = _error(each)
    if origin is not None and isinstance(error, Refusal) and (same := recorded.get(request_of(origin))):
        return same
    if isinstance(error, CommandReused):
        return CommandReused(_REUSED)
    if isinstance(error, Exception):
        return error
    assert not isinstance(each, Exception)
    return each.result()


def _result(request: ShopRequest, raw: Raw, outcome: Answer | Exception, *, again: bool) -> BatchedSale:
    if isinstance(outcome, Exception):
        problem: Any = response_to(request, outcome).content
        return BatchedSale(sale_id=_sale_id(raw), status="refused", problem=problem)
    sale: SaleAnswer = outcome.result
    return BatchedSale(
        sale_id=sale.sale_id,
        status="replayed" if outcome.replayed or again else "created",
        receipt_number=sale.receipt_number,
        shift=sale.shift,
        total=money(sale.total_minor, sale.currency),
        exceptions=[exception_view(exception) for exception in sale.exceptions],
    )


def _sale_id(raw: Raw) -> str | None:
    """The id that a sale names, if that much can be read of it."""
    try:
        return _NAMED.decode(raw).sale_id
    except msgspec.MsgspecError:
        return None
