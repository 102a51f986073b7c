"""A shop's API at work: the real application on a database of its own, and callers with keys."""

import asyncio
import itertools
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
from litestar import Litestar
from litestar.exceptions import LitestarDeprecationWarning
from litestar.testing import TestClient

from api.app import create_app
from infra.api_keys import ALL_SCOPES, create_key
from infra.audit.sealer import Sealer
from infra.audit.web_sink import sink_of
from infra.event_store.journal import Journal
from infra.postgres.pools import connector, tenant_conninfo
from infra.settings import Settings
from projections.catalogue import PROJECTIONS
from tests.support.postgres import Tenant, new_tenant, shop_alone
from workers.projection_runner import Runner
from workers.sealer import seal_all, shop_signer

Json = dict[str, Any]
POSITION = "Daybook-Position"
MIN_POSITION = "Daybook-Min-Position"
REPLAYED = "Idempotent-Replayed"
KEY = "Idempotency-Key"
IF_MATCH = "If-Match"
LONG_AGO, LONG_AFTER = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"

WRITTEN = """
SELECT position,
    (SELECT count(*) FROM commands)
    + (SELECT count(*) FROM daybook.api_keys WHERE tenant = %(tenant)s)
    + (SELECT count(*) FROM daybook.roles WHERE tenant = %(tenant)s)
FROM journal_head
"""

_numbers = itertools.count(1)
_SPELLED = str.maketrans("0123456789", "abcdefghij")

PLAIN_TABLES = """
SELECT table_schema, table_name
FROM information_schema.tables
WHERE table_schema IN (%s, 'daybook', 'daybook_keys')
ORDER BY 1, 2
"""


def fresh(prefix: str = "k") -> str:
    """A name that no other call of this process got: ids and Idempotency-Keys."""
    return f"{prefix}{next(_numbers)}"


def fresh_word(prefix: str) -> str:
    """As `fresh`, of letters alone, for what has no room for numbers."""
    return prefix + str(next(_numbers)).translate(_SPELLED)


def cny(amount: int) -> Json:
    return {"amount": amount, "currency": "CNY"}


def cash(amount: int) -> Json:
    return {"method": "cash", "amount": cny(amount)}


def card(amount: int) -> Json:
    return {"method": "card", "amount": cny(amount)}


def line(sku: str = "apple", quantity: int = 1) -> Json:
    return {"sku": sku, "quantity": quantity}


def basket(*lines: Json, tenders: Sequence[Json] = (), **fields: Any) -> Json:
    """A basket; without tenders it is paid in cash that is enough for any."""
    return {"lines": list(lines or [line()]), "tenders": list(tenders or [cash(100_000_000)]), **fields}


def problem(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem, which is application/problem+json with everything that RFC 9457 names."""
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    told = response.json()
    assert told["status"] == response.status_code
    assert told["type"] == f"urn:daybook:problem:{told['code']}"
    assert told["title"]
    assert told["detail"]
    return response.status_code, told["code"]


class Caller:
    """Somebody with a key (or none) who calls an application."""

    def __init__(self, app: Litestar, client: httpx.Client, key: str | None) -> None:
        self.app = app
        self.client = client
        self._key = key

    def call(
        self, method: str, path: str, body: Json | bytes | None = None, **headers: str
    ) -> httpx.Response:
        """Sends a request. Header names are written with underscores; bytes go as they are."""
        sent = {"Authorization": f"Bearer {self._key}"} if self._key is not None else {}
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, path, content=content, headers=sent, follow_redirects=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.call("GET", path, None, **headers)

    def post(self, path: str, body: Json | bytes | None = None, **headers: str) -> httpx.Response:
        """Sends with an Idempotency-Key of its own, unless one is given ('' for none)."""
        sent = {"Idempotency_Key": fresh(), **headers}
        return self.call("POST", path, body, **{name: value for name, value in sent.items() if value})

    def patch(self, path: str, body: Json | bytes, version: int, **headers: str) -> httpx.Response:
        """Sends with If-Match for a version."""
        return self.call("PATCH", path, body, If_Match=f'"{version}"', **headers)

    def made(self, path: str, body: Json, **headers: str) -> Json:
        """Posts what must succeed; the answer's body."""
        response = self.post(path, body, **headers)
        assert response.status_code == 201, response.text
        return response.json()

    def read(self, path: str, **headers: str) -> Json:
        """Gets what must succeed; the answer's body."""
        response = self.get(path, **headers)
        assert response.status_code == 200, response.text
        return response.json()


class World(Caller):
    """A tenant, the application that serves it, and its owner, whose key may do everything."""

    def __init__(
        self,
        app: Litestar,
        client: httpx.Client,
        key: str,
        tenant: Tenant,
        settings: Settings,
    ) -> None:
        super().__init__(app, client, key)
        self.key = key
        self.tenant = tenant
        self.settings = settings
        self._neighbours: list[World] = []
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def caller(self, *scopes: str, stores: Sequence[str] | None = None) -> Caller:
        """Somebody else with a new key; without scopes one that may do everything."""
        return self.stranger(self.new_key(*scopes, stores=stores))

    def new_key(self, *scopes: str, stores: Sequence[str] | None = None) -> str:
        """A key that nobody has used yet."""
        return new_key(self.tenant, scopes, stores)

    def neighbour(self) -> "World":
        """The owner of a new and empty tenant in the same database, served by the same application."""
        tenant = new_tenant(self.tenant.database, fresh("next"))
        neighbour = World(self.app, self.client, new_key(tenant), tenant, self.settings)
        self._neighbours.append(neighbour)
        return neighbour

    def stranger(self, key: str | None = None) -> Caller:
        """Somebody with another key, or with none."""
        return Caller(self.app, self.client, key)

    def written(self) -> tuple[int, int]:
        """The journal's last position, and how many answers, keys and roles are kept."""
        ((position, answers),) = self.query(WRITTEN.replace("%(tenant)s", f"'{self.tenant.name}'"))
        return position, answers

    def refusal(self, send: Callable[[], httpx.Response]) -> tuple[int, str]:
        """Status and code of what is answered: a problem by the book, after which nothing was written."""
        before = self.written()
        response = send()
        assert self.written() == before, "something was written"
        return problem(response)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the owner of the tenant's tables sees by a statement. What it changed is committed.

        The connection is kept: to look is what tests of the API do most often.
        """
        if self._connection is None:
            self._connection = psycopg.connect(self.tenant.owner_url, autocommit=True)
            self._connection.execute(f'SET search_path = "{self.tenant.schema}"'.encode())
        cursor = self._connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Looks no more, nor do the neighbours."""
        for each in (self, *self._neighbours):
            if each._connection is not None:
                each._connection.close()

    def everything_stored(self) -> str:
        """Every row of every table that the tenant has a part in, as text; bytes as the text they hold."""
        tables = self.query(PLAIN_TABLES, self.tenant.schema)
        rows = [row for schema, table in tables for row in self.query(f'SELECT * FROM {schema}."{table}"')]
        return "\n".join(_plain(value) for row in rows for value in row)

    def catch_up(self) -> int:
        """Folds the journal into every read model, as the projector does; returns the head."""
        return asyncio.run(_catch_up(self.tenant))

    def seal(self) -> None:
        """Seals the journal, as the sealer does."""
        asyncio.run(_seal(self.tenant, self.settings))

    @contextmanager
    def restarted(self) -> Generator[Caller]:
        """The owner at another application object over the same database, as after a restart."""
        app = application(self.settings)
        with TestClient(app) as client:
            yield Caller(app, client, self.key)


def _plain(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


async def _catch_up(tenant: Tenant) -> int:
    journal = Journal(tenant.schema)
    runner = Runner(journal, PROJECTIONS, owner="test")
    async with await connector(tenant_conninfo(tenant.service_url, tenant.name))() as connection:
        assert await runner.begin(connection)
        while await runner.run_page(connection):
            pass
        return (await journal.head(connection)).position


async def _seal(tenant: Tenant, settings: Settings) -> None:
    signer = shop_signer(settings, tenant.service_url, tenant.name)
    sealer = Sealer(Journal(tenant.schema), sink_of(settings.checkpoint_sink, tenant.name), signer)
    async with await connector(tenant_conninfo(tenant.service_url, tenant.name))() as connection:
        await seal_all(connection, sealer)


def application(settings: Settings) -> Litestar:
    """The application. What Litestar 3 will want of handlers is no news: the version is pinned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        return create_app(settings)


def new_key(tenant: Tenant, scopes: Sequence[str] = (), stores: Sequence[str] | None = None) -> str:
    """A key of the tenant; without scopes one that may do everything."""

    async def create() -> str:
        async with await connector(tenant.service_url)() as connection:
            return await create_key(connection, tenant.name, "test", scopes or (ALL_SCOPES,), stores)

    return asyncio.run(create())


@contextmanager
def world(worker: str, folder: Path) -> Generator[World]:
    """A new tenant alone in a new database: an application starts every tenant of its database."""
    with shop_alone(f"{worker}_{fresh('api')}") as tenant:
        settings = Settings(database_url=tenant.service_url, data_dir=folder, log_level="critical")
        app = application(settings)
        with (
            TestClient(app) as client,
            closing(World(app, client, new_key(tenant), tenant, settings)) as world,
        ):
            yield world


def add_shop(world: Caller) -> None:
    """Two stores, two products, an employee, a customer, and a campaign for everybody.

    An apple is 10.00 a piece with 9 % tax inside, cherries are 39.90 a kilogram without tax.
    """
    for store_id in ("s1", "s2"):
        add_store(world, store_id)
    world.made("/v1/products", product("apple", price=cny(1000), tax_rate=900))
    world.made("/v1/products", product("cherry", unit="gram", price=cny(3990)))
    world.made("/v1/employees", {"employee_id": "e1", "name": "Li Lei", "store_id": "s1"})
    world.made("/v1/customers", {"customer_id": "c1", "name": "Han Meimei", "phone": "+86 138 0000 0000"})
    add_campaign(world, "ten", percent_off=1000, currency="CNY")


def add_store(world: Caller, store_id: str, **fields: Any) -> Json:
    store = {"store_id": store_id, "name": "Main Street", "currency": "CNY", "time_zone": "Asia/Shanghai"}
    return world.made("/v1/stores", {**store, **fields})


def product(sku: str, **fields: Any) -> Json:
    named = {"sku": sku, "name": sku.title(), "category": "fruit", "unit": "piece", "price": cny(1000)}
    return {**named, **fields}


def add_campaign(world: Caller, campaign_id: str, **fields: Any) -> Json:
    """A campaign that is open whatever the clock says."""
    campaign = {
        "campaign_id": campaign_id,
        "name": campaign_id.title(),
        "valid_from": LONG_AGO,
        "valid_until": LONG_AFTER,
    }
    return world.made("/v1/coupon-campaigns", {**campaign, **fields})


def draw_code(world: Caller, campaign_id: str = "ten") -> str:
    """A new coupon's code."""
    return world.made(f"/v1/coupon-campaigns/{campaign_id}/coupons", {})["coupons"][0]["code"]


def receive(world: Caller, sku: str, quantity: int, unit_cost: int = 600, store_id: str = "s1") -> Json:
    delivery = {"lines": [{**line(sku, quantity), "unit_cost": cny(unit_cost)}]}
    return world.made(f"/v1/stores/{store_id}/stock/receipts", delivery)


def sell(world: Caller, *lines: Json, store_id: str = "s1", **fields: Any) -> Json:
    return world.made(f"/v1/stores/{store_id}/sales", basket(*lines, **fields))


ORDER_STEPS: Sequence[tuple[str, str, Json | None]] = (
    ("paid", "payments", {"payments": [card(1000)]}),
    ("allocated", "allocation", None),
    ("picked", "picking", None),
    ("shipped", "shipments", {"shipment_id": "p1", "carrier": "sf", "tracking_number": "SF100"}),
    ("received", "receipt", None),
)
"""How an order of one apple goes its way: the status, and what is posted to reach it."""


def order(world: Caller, status: str = "placed", *, store_id: str = "s1", **fields: Any) -> str:
    """The id of a new order of one apple in this status."""
    placed = {"channel": "web", "lines": [line()], **fields}
    order_id = world.made(f"/v1/stores/{store_id}/orders", placed)["order_id"]
    steps = ["placed", *(reached for reached, _, _ in ORDER_STEPS)].index(status)
    for _, step, body in ORDER_STEPS[:steps]:
        response = world.post(f"/v1/orders/{order_id}/{step}", body)
        assert response.status_code == 201, response.text
    return order_id


def supplier(world: Caller, **fields: Any) -> str:
    """The id of a new supplier of apples at 3.00."""
    supplier_id = fresh("v")
    world.made("/v1/suppliers", {"supplier_id": supplier_id, "name": "Orchard", "currency": "CNY", **fields})
    terms = {"sku": "apple", "valid_from": "2026-01-01", "unit_cost": cny(300)}
    world.made(f"/v1/suppliers/{supplier_id}/terms", {"lines": [terms]})
    return supplier_id


def purchase(world: Caller, supplier_id: str, *, sent: bool = False, store_id: str = "s1") -> str:
    """The id of a new purchase order of ten apples."""
    drafted = {"supplier_id": supplier_id, "lines": [line("apple", 10)]}
    purchase_id = world.made(f"/v1/stores/{store_id}/purchase-orders", drafted)["purchase_id"]
    if sent:
        world.made(f"/v1/purchase-orders/{purchase_id}/sending", {"by_mail": False})
    return purchase_id


def complain(world: Caller, text: str = "The apples were soft.", **about: str) -> str:
    """A new complaint's id."""
    return world.made("/v1/complaints", {"text": text, "category": "quality", **about})["complaint_id"]
