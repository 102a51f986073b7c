"""/v1/stores/{store_id}/sales/batch: sales that tills made while they were offline, each once."""

import asyncio
import hashlib
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta, Raw

from api.answers import JsonAnswer
from api.errors import ProblemDetails, response_to
from api.money import Amount, money
from api.request_ids import request_id_of
from api.requests import Body, Instant, Positive, ShopRequest, Text, require_plausible
from api.sales import MAIN_REGISTER, TenderBody
from domain.catalog.markdown import label_id
from domain.checkout.check_out import SaleAnswer
from domain.checkout.pricing import MAX_COUPONS, MAX_LINES, BasketLine
from domain.checkout.record_sale import RecordSale
from domain.kernel.ids import Id
from domain.kernel.money import Money
from domain.sales.sale import SaleException, Tender
from domain.stores.store import STORE
from infra.event_store.submission import Answer, CommandReused, Origin
from infra.tenancy import Tenant

MAX_SALES = 500

_DECODER_REF = {"$ref": "#/components/schemas/OfflineSale"}


class OfflineLine(Body, frozen=True, kw_only=True):
    """What was sold, and `total`: what was charged for it, tax included. Without `unit_price`, the list's.

    `label` is that of a markdown, if it was sold by one.
    """

    sku: Id
    quantity: Positive
    unit_price: Amount | None = None
    label: Id | None = None
    total: Amount


class OfflineSale(Body, frozen=True, kw_only=True):
    """A sale that was made. Its id (a UUIDv7) and `occurred_at` are the till's."""

    sale_id: Id
    register_id: Id = MAIN_REGISTER
    customer_id: Id | None = None
    employee_id: Id | None = None
    lines: Annotated[list[OfflineLine], Meta(min_length=1, max_length=MAX_LINES)]
    coupon_codes: Annotated[list[Text], Meta(max_length=MAX_COUPONS)] = []  # noqa: RUF012 - msgspec copies it
    tenders: Annotated[list[TenderBody], Meta(max_length=20)]
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
        waiting: list[asyncio.Future[Answer] | Exception] = []
        first: list[bool] = []
        for raw in data.sales:
            try:
                command, origin = _read(request, tenant, store_id, raw)
                known = submitted.get(origin.command_id)
                if known is not None and prints[origin.command_id] != origin.fingerprint:
                    raise CommandReused(_REUSED)
                future = known or asyncio.ensure_future(tenant.submit(command, origin))
            except Exception as error:  # noqa: BLE001 - it is this sale's problem alone
                waiting.append(error)
                first.append(True)
            else:
                submitted[origin.command_id], prints[origin.command_id] = future, origin.fingerprint
                waiting.append(future)
                first.append(known is None)
        await asyncio.gather(*submitted.values(), return_exceptions=True)
        outcomes = [each if isinstance(each, Exception) else _outcome(each) for each in waiting]
        results = [
            _result(request, raw, outcome, again=not new)
            for raw, outcome, new in zip(data.sales, outcomes, first, strict=True)
        ]
        position = max((each.position for each in outcomes if isinstance(each, Answer)), default=0)
        return JsonAnswer(
            BatchAnswer(results=results, position=position), headers={"Daybook-Position": str(position)}
        )


_REUSED = "The sale id was used for another sale. Send this one under an id of its own."


def _read(request: ShopRequest, tenant: Tenant, store_id: str, raw: Raw) -> tuple[RecordSale, Origin]:
    """The sale as a command, named by its id alone: whoever sends it again, it is the same sale."""
    sale = _SALE.decode(raw)
    require_plausible(sale.occurred_at)
    prices = [line.unit_price for line in sale.lines]
    amounts = [*(price for price in prices if price), *(line.total for line in sale.lines)]
    command = RecordSale(
        sale_id=sale.sale_id,
        store_id=store_id,
        register_id=sale.register_id,
        customer_id=sale.customer_id,
        employee_id=sale.employee_id,
        lines=tuple(
            BasketLine(
                sku=line.sku,
                quantity=line.quantity,
                label=None if line.label is None else label_id(line.label),
                barcode=line.label,
            )
            for line in sale.lines
        ),
        unit_prices_minor=tuple(None if price is None else price.amount for price in prices),
        charged_minor=tuple(line.total.amount for line in sale.lines),
        coupon_ids=tuple(tenant.vault.coupon_id(code) for code in sale.coupon_codes),
        tenders=tuple(
            Tender(method=tender.method, amount_minor=tender.amount.amount) for tender in sale.tenders
        ),
        currencies=frozenset(
            [amount.currency for amount in amounts] + [tender.amount.currency for tender in sale.tenders]
        ),
    )
    origin = Origin(
        command_id=hashlib.sha256(f"offline sale\0{sale.sale_id}".encode()).hexdigest()[:32],
        actor=request.user.name,
        channel="offline",
        terminal=sale.register_id,
        correlation_id=request_id_of(request.scope),
        occurred_at=sale.occurred_at,
        fingerprint=tenant.vault.fingerprint(b"offline sale", store_id.encode(), msgspec.json.encode(sale)),
    )
    return command, origin


def _outcome(future: asyncio.Future[Answer]) -> Answer | Exception:
    error = future.exception()
    if isinstance(error, CommandReused):
        return CommandReused(_REUSED)
    if isinstance(error, Exception):
        return error
    return future.result()


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
