"""Floor A: the same requests, decoded and answered by a bare handler on the same server.

`python -m bench.bare` serves it where the API's settings say.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar import Litestar, post

from api.money import money
from api.sales import Basket, SaleView, SoldLine
from infra.process import calm_collector
from infra.settings import Settings
from workers.processes import serve_app

CURRENCY = "CNY"

ANSWER = SaleView(
    sale_id="01981f5e-0000-7000-8000-000000000000",
    receipt_number=12_345,
    lines=[
        SoldLine(
            line=number,
            sku=f"sku-{number:03}",
            name=f"Goods {number:03}",
            quantity=1,
            unit_price=money(1_000, CURRENCY),
            amount=money(1_000, CURRENCY),
            discount=money(33, CURRENCY),
            tax=money(80, CURRENCY),
            total=money(967, CURRENCY),
        )
        for number in (1, 2, 3)
    ],
    subtotal=money(3_000, CURRENCY),
    discount=money(100, CURRENCY),
    tax=money(240, CURRENCY),
    total=money(2_900, CURRENCY),
    rounding=money(0, CURRENCY),
    change=money(7_100, CURRENCY),
    shift=None,
    position=1_234_567,
)


@post("/v1/stores/{store_id:str}/sales")
async def check_out(store_id: str, data: Basket) -> SaleView:
    """Reads a basket and answers as a till would be answered."""
    assert store_id
    assert data.lines
    return ANSWER


@asynccontextmanager
async def lifespan(_app: Litestar) -> AsyncGenerator[None]:
    """Like the API's: the collector is calmed once everything is loaded."""
    calm_collector()
    yield


def create_app() -> Litestar:
    """One handler: no key, no guard, no middleware, no database."""
    return Litestar([check_out], lifespan=[lifespan], openapi_config=None, logging_config=None, debug=False)


if __name__ == "__main__":
    serve_app("bench.bare:create_app", Settings.from_environment(os.environ))
