"""Receipts of sales and returns: as data, as text for a printer, or as a page."""

from typing import Annotated, Any, Literal

from litestar import Controller, Response, get
from litestar.params import Parameter, QueryParameter

from api.answers import JsonAnswer
from api.receipt_html import POLICY, receipt_html
from api.receipt_text import COLUMNS, receipt_text
from api.receipt_words import CHINESE, ENGLISH, WORDS
from api.requests import ShopRequest
from domain.checkout.receipt import Receipt, return_receipt, sale_receipt
from domain.kernel.event import AnyRecorded
from domain.kernel.stream import StreamKind
from domain.sales.returns import RETURN, ReturnRecorded
from domain.sales.sale import SALE, SaleCompleted
from domain.stores.store import STORE
from infra.tenancy import Tenant

PLAIN = "text/plain"
PAGE = "text/html"

Form = Annotated[
    Literal["json", "text", "html"] | None,
    QueryParameter(name="format", description="json, text or html; without it as Accept says"),
]
RollWidth = Annotated[Literal["58mm", "80mm"], Parameter(description="of text: 32 or 48 columns")]
Language = Annotated[
    Literal["en", "zh-CN"] | None, Parameter(description="without it as Accept-Language says")
]
IsCopy = Annotated[bool, Parameter(description="false is for the till that prints it for the first time")]


def _form_of(accept: str) -> str:
    """The form that a reader likes best, by the weights of Accept; what says nothing gets JSON."""
    forms = {"application/json": "json", "text/plain": "text", "text/html": "html"}
    best, liked = "json", 0.0
    for part in accept.split(","):
        kind, _, parameters = part.strip().partition(";")
        form = forms.get(kind.strip().lower())
        weight = _weight(parameters)
        if form is not None and weight > liked:
            best, liked = form, weight
    return best


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _language_of(accepted: str) -> str:
    first = accepted.split(",")[0].strip().lower()
    return CHINESE if first.startswith("zh") else ENGLISH


def _answer(
    request: ShopRequest, receipt: Receipt, form: str | None, paper: str, language: str | None
) -> Response[Any]:
    words = WORDS[language or _language_of(request.headers.get("accept-language", ""))]
    headers = {"Vary": "Accept, Accept-Language"}
    match form or _form_of(request.headers.get("accept", "")):
        case "text":
            text = receipt_text(receipt, words, COLUMNS[paper])
            return Response(text.encode(), media_type=PLAIN, headers=headers)
        case "html":
            page = receipt_html(receipt, words).encode()
            return Response(page, media_type=PAGE, headers={**headers, "Content-Security-Policy": POLICY})
        case _:
            return JsonAnswer(receipt, headers=headers)


async def _first_entry(tenant: Tenant, kind: StreamKind[Any], id_: str) -> AnyRecorded:
    """The event that made the document, with the time at which it happened; NotFound if there is none."""
    await tenant.require_state(kind, id_)
    async with tenant.readers.connection() as connection:
        (entry,) = await tenant.journal.read_stream(connection, kind.stream(id_), 0, 1)
    return entry


class ReceiptsController(Controller):
    """Receipts."""

    path = "/v1"
    tags = ("sales",)

    @get("/sales/{sale_id:str}/receipt", operation_id="getSaleReceipt", opt={"scope": "sales:read"})
    async def of_sale(
        self,
        request: ShopRequest,
        tenant: Tenant,
        sale_id: str,
        form: Form = None,
        paper: RollWidth = "80mm",
        language: Language = None,
        copy: IsCopy = True,  # noqa: FBT002 - a parameter of the query
    ) -> Response[Receipt]:
        """The receipt of a sale, as data, as text for a printer or as a page; marked as a copy.

        Whether a receipt was ever printed is not known here: the till that prints it for the first time says
        `copy=false`.
        """
        entry = await _first_entry(tenant, SALE, sale_id)
        sale: SaleCompleted = entry.data
        request.user.require_store(sale.store_id)
        store, _ = await tenant.require_state(STORE, sale.store_id)
        receipt = sale_receipt(sale, entry.occurred_at, store, copy=copy)
        return _answer(request, receipt, form, paper, language)

    @get("/returns/{return_id:str}/receipt", operation_id="getReturnReceipt", opt={"scope": "sales:read"})
    async def of_return(
        self,
        request: ShopRequest,
        tenant: Tenant,
        return_id: str,
        form: Form = None,
        paper: RollWidth = "80mm",
        language: Language = None,
        copy: IsCopy = True,  # noqa: FBT002 - a parameter of the query
    ) -> Response[Receipt]:
        """The receipt of a return or a correction; marked as a copy unless the till says `copy=false`."""
        entry = await _first_entry(tenant, RETURN, return_id)
        returned: ReturnRecorded = entry.data
        request.user.require_store(returned.store_id)
        store, _ = await tenant.require_state(STORE, returned.store_id)
        sale = None
        if returned.sale_id is not None:
            sale = (await tenant.state_of(SALE, returned.sale_id)).completed
        receipt = return_receipt(returned, sale, entry.occurred_at, store, copy=copy)
        return _answer(request, receipt, form, paper, language)
