"""The shop that is measured: a tenant with stores, goods on the shelf, customers, campaigns, and a key."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import msgspec

from bench.orders import CAMPAIGNS, CURRENCY, CUSTOMERS, SKUS, STORES
from bench.parts import Database
from domain.catalog.product import AddProduct, NegativeStock
from domain.customers.customer import RegisterCustomer
from domain.kernel.command import Command
from domain.kernel.money import Money
from domain.kernel.quantity import Unit
from domain.promotions.campaign import DiscountKind, OpenCampaign
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stores.store import OpenStore
from infra.api_keys import create_key
from infra.crypto.master_key import MasterKey
from infra.event_store.submission import Origin
from infra.ids import uuid7
from infra.postgres.migrate import create_tenant
from infra.postgres.pools import connector
from infra.tenancy import Tenant, open_tenant

TIME_ZONE = "Asia/Shanghai"
CATEGORIES = 10
TAX_RATE_BP = 900
COST_MINOR = 400
COUPON_MINOR = 100
RECEIVED = 1_000_000
"""Pieces of each product in each store: more than any run sells."""
LONG_AGO, LONG_AFTER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """An open tenant and an API key that may do everything in it."""

    database: Database
    tenant: str
    key: str

    def open(self) -> AbstractAsyncContextManager[Tenant]:
        """The tenant at work in this process, beside its API."""
        master = MasterKey.of_store(self.database.folder / "master.key", self.database.service, self.tenant)
        return open_tenant(self.database.service, self.database.service, master, self.tenant)

    def do(self, commands: Iterable[Command]) -> None:
        """Has a clerk of this process carry out the commands, in order."""

        async def all_of_them() -> None:
            async with self.open() as tenant:
                await submit_all(tenant, commands)

        asyncio.run(all_of_them())


def open_shop(database: Database, tenant: str = "bench") -> Shop:
    """A new tenant with everything that the orders need but coupons."""
    create_tenant(database.owner, tenant)
    shop = Shop(database=database, tenant=tenant, key=asyncio.run(_key(database, tenant)))
    shop.do(founding())
    return shop


async def _key(database: Database, tenant: str) -> str:
    async with await connector(database.service)() as connection:
        return await create_key(connection, tenant, "bench")


async def submit_all(tenant: Tenant, commands: Iterable[Command]) -> None:
    """Has the clerk carry out all of the commands, waiting at once. Raises the first refusal."""
    await asyncio.gather(*(tenant.submit(command, origin()) for command in commands))


def origin() -> Origin:
    """Of a command whose repeat nobody has to recognise."""
    return Origin(command_id=uuid7(), actor="bench", channel="bench")


def founding() -> Iterator[Command]:
    """Stores, products, customers, campaigns and a first delivery to every shelf."""
    for store_id in STORES:
        yield OpenStore(store_id=store_id, name=store_id.title(), currency=CURRENCY, time_zone=TIME_ZONE)
    for number, sku in enumerate(SKUS):
        yield add_product(sku, price_minor=500 + 10 * number)
    for customer_id in CUSTOMERS:
        yield RegisterCustomer(customer_id=customer_id)
    for campaign_id in CAMPAIGNS:
        yield open_campaign(campaign_id)
    for store_id in STORES:
        yield deliver(store_id, SKUS, RECEIVED)


def add_product(
    sku: str, *, price_minor: int = 1_000, negative_stock: NegativeStock = NegativeStock.ALLOW
) -> AddProduct:
    """Goods by the piece."""
    return AddProduct(
        sku=sku,
        name=f"Goods {sku}",
        category=f"category-{price_minor // 10 % CATEGORIES}",
        unit=Unit.PIECE,
        price_minor=price_minor,
        currency=CURRENCY,
        tax_rate_bp=TAX_RATE_BP,
        stocked=True,
        negative_stock=negative_stock,
    )


def open_campaign(campaign_id: str, limit_total: int | None = None) -> OpenCampaign:
    """Coupons that take the same amount off any basket, whatever the clock says."""
    return OpenCampaign(
        campaign_id=campaign_id,
        name=campaign_id.title(),
        kind=DiscountKind.AMOUNT,
        value=COUPON_MINOR,
        currency=CURRENCY,
        valid_from=LONG_AGO,
        valid_until=LONG_AFTER,
        limit_total=limit_total,
    )


def deliver(store_id: str, skus: Sequence[str], quantity: int) -> MoveStock:
    """So many pieces of each product reach a shelf."""
    cost = Money(amount=COST_MINOR, currency=CURRENCY)
    lines = tuple(MoveLine(sku=sku, quantity=quantity, unit_cost=cost) for sku in skus)
    return MoveStock(store_id=store_id, kind=MoveKind.RECEIPT, lines=lines)
