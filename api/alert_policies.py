"""Alert thresholds of all stores, one, a product and an item; and who gets a store's alerts by mail."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.details import Email
from api.reading import read, written
from api.requests import Body, ShopRequest, command_origin, expected_version
from domain.alerts.policy import (
    ALERT_POLICY,
    AlertPolicyVersion,
    AlertRecipientSet,
    SetAlertRecipient,
    SetAlertThresholds,
    policy_id,
)
from domain.alerts.thresholds import (
    MOST,
    MOST_DAYS,
    MOST_MINUTES,
    WHOLE_BP,
    AlertKind,
    Thresholds,
    in_force,
)
from domain.catalog.product import PRODUCT
from domain.staff.employee import EMPLOYEE
from domain.stores.store import STORE
from infra.tenancy import Tenant

Units = Annotated[int, Meta(ge=0, le=MOST)]
Days = Annotated[int, Meta(ge=0, le=MOST_DAYS)]


class ThresholdsBody(Body, frozen=True, kw_only=True):
    """From where on something is told; null leaves it to what is less particular. Units are the item's.

    Below `low` available units; above `high` on hand; lots with `expiring_days` days of life or less; what
    lasts for more than `slow_days` days; what was not sold for `dead_days` days. What was told is over only
    `margin` units beyond the threshold, or `margin_bp` basis points of it. Kinds in `off` are not told.
    `digest_min` is for stores: digests are so many minutes apart.
    """

    low: Units | None = None
    high: Units | None = None
    expiring_days: Days | None = None
    slow_days: Days | None = None
    dead_days: Days | None = None
    margin: Units | None = None
    margin_bp: Annotated[int, Meta(ge=0, le=WHOLE_BP)] | None = None
    off: Annotated[list[AlertKind], Meta(max_length=len(AlertKind))] | None = None
    digest_min: Annotated[int, Meta(ge=0, le=MOST_MINUTES)] | None = None


class ThresholdsToSet(Body, frozen=True, kw_only=True):
    """The thresholds from now on; null says nothing here any more."""

    thresholds: ThresholdsBody | None


class ThresholdsView(msgspec.Struct, frozen=True, kw_only=True):
    """What is said here, null if nothing is, and what is in force.

    An item with a reorder point is low below it, unless item or product say another.
    """

    thresholds: ThresholdsBody | None
    in_force: ThresholdsBody


class RecipientBody(Body, frozen=True, kw_only=True):
    """The address, which is stored sealed; null: they get no alerts any more."""

    email: Email | None


class RecipientView(msgspec.Struct, frozen=True, kw_only=True):
    """An employee who gets a store's alerts by mail."""

    employee_id: str


class RecipientsView(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets a store's alerts by mail; the addresses are not told."""

    data: list[RecipientView]


class TenantThresholdsController(Controller):
    """Thresholds of all stores."""

    path = "/v1/alert-thresholds"
    tags = ("alerts",)

    @get(operation_id="getAlertDefaults", opt={"scope": "stock:read"})
    async def show(self, tenant: Tenant) -> Response[ThresholdsView]:
        """What counts where nobody says another and, as ETag, its version."""
        return await _told(tenant, None, None)

    @put(operation_id="setAlertDefaults", opt={"scope": "stock:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, data: ThresholdsToSet
    ) -> Response[AlertPolicyVersion]:
        """Sets what counts where nobody says another; before the first, If-Match is "0"."""
        request.user.require_store(None)
        return await _set(request, tenant, "setAlertDefaults", None, None, data)


class ProductThresholdsController(Controller):
    """Thresholds of a product in all stores."""

    path = "/v1/products/{sku:str}/alert-thresholds"
    tags = ("alerts",)

    @get(operation_id="getProductAlerts", opt={"scope": "stock:read"})
    async def show(self, tenant: Tenant, sku: str) -> Response[ThresholdsView]:
        """The product's thresholds and, as ETag, their version."""
        await tenant.require_state(PRODUCT, sku)
        return await _told(tenant, None, sku)

    @put(operation_id="setProductAlerts", opt={"scope": "stock:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, sku: str, data: ThresholdsToSet
    ) -> Response[AlertPolicyVersion]:
        """Sets or ends a product's thresholds. One that is given up is quiet with all kinds off."""
        request.user.require_store(None)
        return await _set(request, tenant, "setProductAlerts", None, sku, data)


class StoreThresholdsController(Controller):
    """Thresholds of a store, and of its items."""

    path = "/v1/stores/{store_id:str}/alert-thresholds"
    tags = ("alerts",)

    @get(operation_id="getStoreAlerts", opt={"scope": "stock:read"})
    async def show(self, tenant: Tenant, store_id: str) -> Response[ThresholdsView]:
        """The store's thresholds and, as ETag, their version."""
        await tenant.require_state(STORE, store_id)
        return await _told(tenant, store_id, None)

    @put(operation_id="setStoreAlerts", opt={"scope": "stock:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: ThresholdsToSet
    ) -> Response[AlertPolicyVersion]:
        """Sets or ends a store's thresholds."""
        return await _set(request, tenant, "setStoreAlerts", store_id, None, data)

    @get("/{sku:str}", operation_id="getItemAlerts", opt={"scope": "stock:read"})
    async def show_item(self, tenant: Tenant, store_id: str, sku: str) -> Response[ThresholdsView]:
        """An item's thresholds and, as ETag, their version."""
        await tenant.require_state(STORE, store_id)
        await tenant.require_state(PRODUCT, sku)
        return await _told(tenant, store_id, sku)

    @put("/{sku:str}", operation_id="setItemAlerts", opt={"scope": "stock:write"})
    async def set_item(
        self, request: ShopRequest, tenant: Tenant, store_id: str, sku: str, data: ThresholdsToSet
    ) -> Response[AlertPolicyVersion]:
        """Sets or ends an item's thresholds."""
        return await _set(request, tenant, "setItemAlerts", store_id, sku, data)


class RecipientsController(Controller):
    """Who gets a store's alerts by mail."""

    path = "/v1/stores/{store_id:str}/alert-recipients"
    tags = ("alerts",)

    @get(operation_id="listAlertRecipients", opt={"scope": "stock:read"})
    async def list(self, tenant: Tenant, store_id: str) -> RecipientsView:
        """Who gets the store's alerts by mail, besides the inbox."""
        await tenant.require_state(STORE, store_id)
        policy = await tenant.state_of(ALERT_POLICY, policy_id(store_id, None))
        return RecipientsView(data=[RecipientView(employee_id=name) for name in sorted(policy.recipients)])

    @put("/{employee_id:str}", operation_id="setAlertRecipient", opt={"scope": "employees:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, employee_id: str, data: RecipientBody
    ) -> Response[RecipientView]:
        """Has an employee get the store's alerts at an address, which is sealed for them, or no longer."""
        origin = await command_origin(request, tenant, "setAlertRecipient", key_required=False)
        email = None
        if data.email is not None:
            # Nobody's key is made for somebody who is not there.
            await tenant.require_state(EMPLOYEE, employee_id)
            subject, place = EMPLOYEE.stream(employee_id), f"{AlertRecipientSet.TYPE}/email"
            email = await tenant.vault.seal(subject, place, data.email)
        command = SetAlertRecipient(store_id=store_id, employee_id=employee_id, email=email)
        answer = await tenant.submit(command, origin)
        return written(RecipientView(employee_id=employee_id), answer)


async def _told(tenant: Tenant, store_id: str | None, sku: str | None) -> Response[ThresholdsView]:
    """What is said here, and what is in force by all levels above it."""
    own = await tenant.look_up(ALERT_POLICY, policy_id(store_id, sku))
    levels = [own.state.thresholds]
    for of_store, of_sku in ((None, sku), (store_id, None), (None, None)):
        if (of_store, of_sku) == (store_id, sku):
            continue
        levels.append((await tenant.state_of(ALERT_POLICY, policy_id(of_store, of_sku))).thresholds)
    said = own.state.thresholds
    view = ThresholdsView(thresholds=None if said is None else _view(said), in_force=_view(in_force(levels)))
    return read(view, own.version)


async def _set(
    request: ShopRequest,
    tenant: Tenant,
    operation: str,
    store_id: str | None,
    sku: str | None,
    data: ThresholdsToSet,
) -> Response[AlertPolicyVersion]:
    origin = await command_origin(request, tenant, operation, key_required=False)
    command = SetAlertThresholds(
        store_id=store_id,
        sku=sku,
        thresholds=None if data.thresholds is None else _thresholds(data.thresholds),
        expected_version=expected_version(request),
    )
    answer = await tenant.submit(command, origin)
    return written(answer.result, answer, version=answer.result.version)


def _thresholds(body: ThresholdsBody) -> Thresholds:
    values = msgspec.structs.asdict(body)
    off = values.pop("off")
    return Thresholds(**values, off=None if off is None else tuple(dict.fromkeys(off)))


def _view(said: Thresholds) -> ThresholdsBody:
    values = msgspec.structs.asdict(said)
    off = values.pop("off")
    return ThresholdsBody(**values, off=None if off is None else list(off))
