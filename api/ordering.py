"""/v1/stores/{store_id}/replenishment/suppliers: whose suggestions become drafts by themselves."""

from typing import Literal

from litestar import Controller, Response, get, put

from api.reading import read, written
from api.requests import Body, ShopRequest, command_origin, expected_version
from domain.purchasing.supplier import SUPPLIER
from domain.replenishment.ordering import ORDERING, Automatic, SetOrderingPolicy, ordering_id
from domain.replenishment.suggesting import ItemVersion
from domain.stores.store import STORE
from infra.tenancy import Tenant


class OrderingPolicy(Body, frozen=True, kw_only=True):
    """Which suggestions for the supplier are gathered into a draft every night; null: none."""

    automatic: Literal["accepted", "open"] | None


class OrderingController(Controller):
    """How a store orders from its suppliers."""

    path = "/v1/stores/{store_id:str}/replenishment/suppliers"
    tags = ("replenishment",)

    @get("/{supplier_id:str}", operation_id="getOrderingPolicy", opt={"scope": "purchasing:read"})
    async def show(self, tenant: Tenant, store_id: str, supplier_id: str) -> Response[OrderingPolicy]:
        """The policy in force and, as ETag, its version: "0" while none was set."""
        await tenant.require_state(STORE, store_id)
        await tenant.require_state(SUPPLIER, supplier_id)
        found = await tenant.look_up(ORDERING, ordering_id(store_id, supplier_id))
        automatic: Automatic | None = found.state.automatic
        return read(OrderingPolicy(automatic=None if automatic is None else automatic.value), found.version)

    @put("/{supplier_id:str}", operation_id="setOrderingPolicy", opt={"scope": "purchasing:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, supplier_id: str, data: OrderingPolicy
    ) -> Response[ItemVersion]:
        """Puts a policy in the place of the one before; before the first, If-Match is "0"."""
        origin = await command_origin(request, tenant, "setOrderingPolicy", key_required=False)
        command = SetOrderingPolicy(
            store_id=store_id,
            supplier_id=supplier_id,
            automatic=None if data.automatic is None else Automatic(data.automatic),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)
