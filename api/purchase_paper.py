"""A purchase order as its supplier reads it: as data, and its lines as CSV."""

from litestar import Controller, Response, get
from litestar.response import Stream

from api.purchases import require_purchase
from api.reading import read
from api.requests import (
    ShopRequest,
)
from domain.purchasing.supplier import SUPPLIER
from domain.stockroom.purchase_paper import PurchasePaper, as_csv, paper
from domain.stores.store import STORE
from infra.tenancy import Tenant

CSV = "text/csv"


async def _paper(request: ShopRequest, tenant: Tenant, purchase_id: str) -> tuple[PurchasePaper, int]:
    purchase, drafted, version = await require_purchase(request, tenant, purchase_id)
    supplier, _ = await tenant.require_state(SUPPLIER, drafted.supplier_id)
    store, _ = await tenant.require_state(STORE, drafted.store_id)
    return paper(purchase, supplier, store), version


class PurchasePaperController(Controller):
    """The paper of purchase orders."""

    path = "/v1/purchase-orders"
    tags = ("purchasing",)

    @get("/{purchase_id:str}/paper", operation_id="getPurchasePaper", opt={"scope": "purchasing:read"})
    async def show_paper(
        self, request: ShopRequest, tenant: Tenant, purchase_id: str
    ) -> Response[PurchasePaper]:
        """The order as its supplier reads it, with what is confirmed by now."""
        found, version = await _paper(request, tenant, purchase_id)
        return read(found, version)

    @get(
        "/{purchase_id:str}/lines",
        operation_id="exportPurchaseLines",
        opt={"scope": "purchasing:read"},
        media_type=CSV,
    )
    async def export_lines(self, request: ShopRequest, tenant: Tenant, purchase_id: str) -> Stream:
        """The lines as CSV with a header: for the supplier, and for whoever counts what comes."""
        found, _ = await _paper(request, tenant, purchase_id)
        return Stream(iter([as_csv(found).encode()]), media_type=CSV)
