"""/v1/tax-rates: what categories are taxed at, each rate from a business day on."""

from datetime import date

import msgspec
from litestar import Controller, Response, get, post

from api.products import TaxRate
from api.reading import Page, written
from api.requests import Body, ShopRequest, Text, command_origin
from domain.catalog.tax_rates import BOOK, TAX_RATES, SetTaxRate
from infra.tenancy import Tenant


class TaxRateBody(Body, frozen=True, kw_only=True):
    """A category's rate from a business day on; null is no rate from then on.

    It counts for products that name none of their own.
    """

    category: Text
    valid_from: date
    rate: TaxRate | None


class TaxRateView(msgspec.Struct, frozen=True, kw_only=True):
    """A category's rate from a business day on."""

    category: str
    valid_from: date
    rate: int | None


class TaxRatesController(Controller):
    """Rates of tax by category."""

    path = "/v1/tax-rates"
    tags = ("products",)

    @post(operation_id="setTaxRate", opt={"scope": "products:write"}, status_code=200)
    async def set(self, request: ShopRequest, tenant: Tenant, data: TaxRateBody) -> Response[TaxRateView]:
        """Sets a category's rate from a business day on. What was sold keeps the rate that it was sold at."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setTaxRate", key_required=False)
        command = SetTaxRate(category=data.category, valid_from=data.valid_from, rate_bp=data.rate)
        answer = await tenant.submit(command, origin)
        view = TaxRateView(category=data.category, valid_from=data.valid_from, rate=data.rate)
        return written(view, answer)

    @get(operation_id="listTaxRates", opt={"scope": "products:read"})
    async def list(self, tenant: Tenant) -> Page[TaxRateView]:
        """Every rate by category and day. They are few enough for one page."""
        rates = (await tenant.state_of(TAX_RATES, BOOK)).rates
        views = [
            TaxRateView(category=category, valid_from=one.valid_from, rate=one.rate_bp)
            for category in sorted(rates)
            for one in rates[category]
        ]
        return Page(data=views, next_cursor=None)
