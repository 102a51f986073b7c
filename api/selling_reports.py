"""/v1/reports/products and /v1/reports/promotions: what a product sold, and what a promotion did."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of
from api.reports import First, Last, StoreId, stores_asked
from api.requests import ShopRequest
from domain.catalog.product import PRODUCT
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.sales.sale import DiscountSource
from infra.tenancy import Tenant
from projections.customer_profile.fold import CustomerProfiles
from projections.product_sales.fold import ProductsSold
from projections.product_sales.queries import days_of_product, sums_by_product
from projections.promotion_results.fold import PromotionResults
from projections.promotion_results.queries import PromotionSum, promotion_results

MAX_DAYS = 366
"""Of one product: a row a store and day."""
Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class ProductFigures(msgspec.Struct, frozen=True, kw_only=True):
    """gross − discount − returns = net. Quantities are pieces or grams, as the product is kept."""

    quantity: int
    returned_quantity: int
    gross: Money
    discount: Money
    returns: Money
    net: Money
    cost: Money


class ProductRow(ProductFigures, frozen=True, kw_only=True):
    """What a product sold; a product sold in two currencies has two rows."""

    sku: str


class ProductDay(ProductFigures, frozen=True, kw_only=True):
    """What a product sold in a store on a business day."""

    store_id: str
    business_day: date


class ProductDays(msgspec.Struct, frozen=True, kw_only=True):
    """A product's days, the first one first."""

    data: list[ProductDay]


class PromotionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer or a coupon campaign did. `…_without`: the other sales of the same stores and days.

    A customer is new if the first use was the first purchase that is known. All as sold: what came back later
    changes nothing.
    """

    source: DiscountSource
    rule_id: str
    sales: int
    uses: int
    discount: Money
    revenue: Money
    sales_without: int
    revenue_without: Money
    new_customers: int
    returning_customers: int


def _promotion_row(found: PromotionSum) -> PromotionRow:
    currency = found.currency
    return PromotionRow(
        source=DiscountSource(found.source),
        rule_id=found.rule_id,
        sales=found.sales,
        uses=found.uses,
        discount=money(found.discount_minor, currency),
        revenue=money(found.revenue_minor, currency),
        sales_without=found.sales_without,
        revenue_without=money(found.revenue_without_minor, currency),
        new_customers=found.new_customers,
        returning_customers=found.returning_customers,
    )


class SellingReportsController(Controller):
    """Reports on products and promotions."""

    path = "/v1/reports"
    tags = ("reports",)

    @get("/products", operation_id="productsReport", opt={"scope": "reports:read"})
    async def products(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        store_id: StoreId = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ProductRow]:
        """What each product sold, in the order of SKUs."""
        stores = await stores_asked(request, tenant, first, last, store_id)
        after = decode_cursor(cursor, tuple[Id, CurrencyCode]) or ("", "")
        await caught_up(request, tenant, ProductsSold.name)
        async with tenant.readers.connection() as connection:
            found = await sums_by_product(
                connection, first=first, last=last, stores=stores, after=after, limit=limit + 1
            )
        rows = [
            ProductRow(
                sku=row.sku,
                quantity=row.quantity,
                returned_quantity=row.returned_quantity,
                gross=money(row.gross_minor, row.currency),
                discount=money(row.discount_minor, row.currency),
                returns=money(row.returns_minor, row.currency),
                net=money(row.net_minor, row.currency),
                cost=money(row.cost_minor, row.currency),
            )
            for row in found
        ]
        return page_of(rows, limit, lambda row: (row.sku, row.net.currency))

    @get("/products/{sku:str}", operation_id="productReport", opt={"scope": "reports:read"})
    async def product(
        self,
        request: ShopRequest,
        tenant: Tenant,
        sku: str,
        first: First,
        last: Last,
        store_id: StoreId = None,
    ) -> ProductDays:
        """What a product sold, by store and business day."""
        stores = await stores_asked(request, tenant, first, last, store_id)
        if (last - first).days >= MAX_DAYS:
            raise Problem(400, "invalid_request", f"Ask for up to {MAX_DAYS} days of one product.")
        await tenant.require_state(PRODUCT, sku)
        await caught_up(request, tenant, ProductsSold.name)
        async with tenant.readers.connection() as connection:
            found = await days_of_product(connection, sku, first=first, last=last, stores=stores)
        return ProductDays(
            data=[
                ProductDay(
                    store_id=row.store_id,
                    business_day=row.business_day,
                    quantity=row.quantity,
                    returned_quantity=row.returned_quantity,
                    gross=money(row.gross_minor, row.currency),
                    discount=money(row.discount_minor, row.currency),
                    returns=money(row.returns_minor, row.currency),
                    net=money(row.net_minor, row.currency),
                    cost=money(row.cost_minor, row.currency),
                )
                for row in found
            ]
        )

    @get("/promotions", operation_id="promotionsReport", opt={"scope": "reports:read"})
    async def promotions(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        store_id: StoreId = None,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[PromotionRow]:
        """What each offer and coupon campaign took off and brought, and to whom."""
        stores = await stores_asked(request, tenant, first, last, store_id)
        after = decode_cursor(cursor, tuple[DiscountSource, Id, CurrencyCode]) or ("", "", "")
        await caught_up(request, tenant, PromotionResults.name)
        # Who is new says the profile.
        await caught_up(request, tenant, CustomerProfiles.name)
        async with tenant.readers.connection() as connection:
            found = await promotion_results(
                connection, first=first, last=last, stores=stores, after=after, limit=limit + 1
            )
        rows = [_promotion_row(row) for row in found]
        return page_of(rows, limit, lambda row: (row.source.value, row.rule_id, row.revenue.currency))
