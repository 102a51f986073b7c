"""/v1/custom-fields, and …/fields of customers and products: what a merchant notes in fields of their own."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, put
from msgspec import Meta

from api.customers import CustomerView, changed_view, known_customer
from api.products import ProductView, product_view
from api.reading import written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version
from domain.catalog.fields import SetProductFields
from domain.catalog.product import PRODUCT
from domain.customers.customer import CUSTOMER
from domain.customers.facts import PERSONAL, CustomerFieldsSet
from domain.customers.fields import SetCustomerFields
from domain.fields.field import (
    FIELDS,
    MAX_CHOICES,
    MAX_FIELDS,
    MAX_INTEGER,
    DefineField,
    FieldDefined,
    FieldType,
    FieldValue,
    Subject,
    check_value,
    require_defined,
)
from domain.kernel.sealed import Sealed
from infra.tenancy import Tenant

FieldName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$(?!\n)")]
Value = Text | Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)] | bool | None


class FieldBody(Body, frozen=True, kw_only=True):
    """A field `of` customers or products. Its type never changes, nor whether it is `personal`: sealed.

    Of customers only choices and booleans may stand in the clear. Where it is `required`, no fields are set
    without it. A `retired` one takes nothing new. Decimals and days are texts: 12.50 and 2026-03-02.
    """

    of: Subject
    field: FieldName
    label: Text
    type: FieldType
    required: bool = False
    personal: bool = False
    choices: Annotated[tuple[Text, ...], Meta(max_length=MAX_CHOICES)] = ()
    retired: bool = False


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """A field of customers or products."""

    of: Subject
    field: str
    label: str
    type: FieldType
    required: bool
    personal: bool
    choices: list[str]
    retired: bool


class FieldsView(msgspec.Struct, frozen=True, kw_only=True):
    """All fields, those of customers first."""

    data: list[FieldView]


class ValuesBody(Body, frozen=True, kw_only=True):
    """What is given is noted, null removes; the others stay."""

    values: Annotated[dict[FieldName, Value], Meta(min_length=1, max_length=MAX_FIELDS)]


def _view(field: FieldDefined) -> FieldView:
    return FieldView(
        of=field.subject,
        field=field.name,
        label=field.label,
        type=field.type,
        required=field.required,
        personal=field.personal,
        choices=list(field.choices),
        retired=field.retired,
    )


class CustomFieldsController(Controller):
    """Fields of a merchant's own."""

    path = "/v1"
    tags = ("custom fields",)

    @put("/custom-fields", operation_id="defineField", opt={"scope": "fields:write"})
    async def define(self, request: ShopRequest, tenant: Tenant, data: FieldBody) -> Response[FieldView]:
        """Defines a field of customers or products, or changes its definition. What was noted stays."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "defineField", key_required=False)
        command = DefineField(
            subject=data.of,
            name=data.field,
            label=data.label,
            type=data.type,
            required=data.required,
            personal=data.personal,
            choices=data.choices,
            retired=data.retired,
        )
        answer = await tenant.submit(command, origin)
        state, _ = await tenant.state_at(FIELDS, data.of, answer.position)
        return written(_view(state.defined[data.field]), answer)

    @get("/custom-fields", operation_id="listFields", opt={"scope": "fields:read"})
    async def list(self, tenant: Tenant) -> FieldsView:
        """All fields of customers and of products, as they are defined now."""
        states = [await tenant.state_of(FIELDS, subject) for subject in Subject]
        return FieldsView(
            data=[_view(field) for state in states for _, field in sorted(state.defined.items())]
        )

    @patch(
        "/customers/{customer_id:str}/fields",
        operation_id="setCustomerFields",
        opt={"scope": "customers:write"},
    )
    async def set_of_customer(
        self, request: ShopRequest, tenant: Tenant, customer_id: str, data: ValuesBody
    ) -> Response[CustomerView]:
        """Notes values in fields of a customer; those of personal fields are stored sealed."""
        expected = expected_version(request)
        await known_customer(tenant, customer_id)
        origin = await command_origin(request, tenant, "setCustomerFields", key_required=False)
        fields = await tenant.state_of(FIELDS, Subject.CUSTOMER)
        clear: dict[str, FieldValue] = {}
        texts: dict[str, str] = {}
        for name, value in data.values.items():
            if value is None:
                continue
            field = fields.defined.get(name)
            if field is not None and field.personal:
                check_value(require_defined(fields, name), value)
                texts[name] = msgspec.json.encode(value).decode()
            else:
                clear[name] = value
        command = SetCustomerFields(
            customer_id=customer_id,
            values=clear,
            personal=await _sealed(tenant, customer_id, texts),
            removed=_removed(data),
            expected_version=expected,
        )
        return await changed_view(request, tenant, customer_id, await tenant.submit(command, origin))

    @patch("/products/{sku:str}/fields", operation_id="setProductFields", opt={"scope": "products:write"})
    async def set_of_product(
        self, request: ShopRequest, tenant: Tenant, sku: str, data: ValuesBody
    ) -> Response[ProductView]:
        """Notes values in fields of a product. Customers' pages count `brand`, `size` and `variety`."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setProductFields", key_required=False)
        command = SetProductFields(
            sku=sku,
            values={name: value for name, value in data.values.items() if value is not None},
            removed=_removed(data),
            expected_version=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        state, version = await tenant.state_at(PRODUCT, sku, answer.position)
        return written(product_view(state), answer, version=version)


def _removed(data: ValuesBody) -> tuple[str, ...]:
    return tuple(name for name, value in data.values.items() if value is None)


async def _sealed(tenant: Tenant, customer_id: str, texts: dict[str, str]) -> dict[str, Sealed]:
    """Each text under the one part that the merchant's own fields are."""
    if not texts:
        return {}
    place = f"{CustomerFieldsSet.TYPE}/{PERSONAL}"
    places = {f"{place}/{name}": text for name, text in texts.items()}
    boxes = await tenant.vault.seal_all(CUSTOMER.stream(customer_id), places)
    return {name: boxes[f"{place}/{name}"] for name in texts}
