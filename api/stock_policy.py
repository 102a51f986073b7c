"""/v1/stock-policy: what counts for the stock of all stores."""

import msgspec
from litestar import Controller, Response, get, put

from api.reading import written
from api.requests import Body, ShopRequest, command_origin
from domain.inventory.cost import CostMethod
from domain.inventory.policy import MAIN, STOCK_POLICY, SetStockPolicy
from infra.tenancy import Tenant


class StockPolicyBody(Body, frozen=True, kw_only=True):
    """How stock is valued: by the moving average, or first in, first out."""

    cost_method: CostMethod


class StockPolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """How stock is valued. An item follows with its next receipt: until then both methods say the same."""

    cost_method: CostMethod


class StockPolicyController(Controller):
    """The stock policy."""

    path = "/v1/stock-policy"
    tags = ("stock",)

    @get(operation_id="getStockPolicy", opt={"scope": "stock:read"})
    async def show(self, tenant: Tenant) -> StockPolicyView:
        """How stock is valued; by the moving average where nobody has said."""
        policy = await tenant.state_of(STOCK_POLICY, MAIN)
        return StockPolicyView(cost_method=policy.cost_method)

    @put(operation_id="setStockPolicy", opt={"scope": "stores:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, data: StockPolicyBody
    ) -> Response[StockPolicyView]:
        """Sets how receipts are valued from now on, in all stores. What happened stays as it is."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setStockPolicy", key_required=False)
        answer = await tenant.submit(SetStockPolicy(cost_method=data.cost_method), origin)
        return written(StockPolicyView(cost_method=data.cost_method), answer)
