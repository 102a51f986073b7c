"""A shop under `daybook serve` that carries fuses, and all that must still be true when it has come back."""

import asyncio
import itertools
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from infra.api_keys import ALL_SCOPES, create_key
from infra.postgres.cluster import Home
from infra.postgres.migrate import create_tenant, tenant_schema
from infra.postgres.pools import connector
from tests.crash.audit import audit
from tests.crash.fuses import Fuses
from tests.crash.memory import SALES, Asked, Memory
from tests.crash.read_models import audit_read_models, caught_up
from tests.support.api import LONG_AFTER, LONG_AGO, Json, cny, fresh, product
from tests.support.command_line import DEADLINE_S, REPOSITORY, environment, wait_until
from tests.support.journals import run
from tests.support.postgres import Database, Tenant
from tests.support.processes import free_port

TENANT = "shop"
HOT = ("apple", "cherry")
SCARCE = ("pear", "juice")
"""A till must not sell what the book says is not there."""
CODES = 400
FEW = 60
"""So often the coupons of one of the two campaigns may be used in all."""


def tenant_in(database: Database) -> Tenant:
    """The tenant of the tests' shops."""
    return Tenant(
        name=TENANT,
        schema=tenant_schema(TENANT),
        owner_url=database.owner_url,
        service_url=database.service_url,
    )


class Shop:
    """A running `daybook serve` with one tenant, and what its callers remember."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        data_dir: Path,
        port: int,
        log: Path,
        database: Database | None,
    ) -> None:
        self.process = process
        self.data_dir = data_dir
        self.fuses = Fuses(log.parent, data_dir)
        self.memory = Memory()
        self.address = f"http://127.0.0.1:{port}"
        self.log = log
        self._database = database
        self.headers: Mapping[str, str] = {}
        self.codes: list[str] = []
        self._next_code = itertools.cycle(range(CODES))

    def tenant(self) -> Tenant:
        """The tenant, where the database is now."""
        if self._database is not None:
            return tenant_in(self._database)
        urls = Home(self.data_dir).urls()
        assert urls is not None, "the database has been started"
        return tenant_in(Database(owner_url=urls.owner, service_url=urls.service))

    def is_open(self) -> bool:
        """Whether it has said so. Fails if it has closed."""
        self.require_running()
        return "Daybook is open" in self.log.read_text()

    def make_tenant(self) -> None:
        """Makes the tenant, with goods, customers and coupons."""
        create_tenant(self.tenant().owner_url, TENANT)
        self.headers = {"Authorization": f"Bearer {asyncio.run(self._key())}"}
        store = {"store_id": "s1", "name": "Main Street", "currency": "CNY", "time_zone": "Asia/Shanghai"}
        self._make("/v1/stores", store)
        for sku in HOT:
            self._make("/v1/products", product(sku, tax_rate=900))
        for sku in SCARCE:
            self._make("/v1/products", product(sku, negative_stock="block"))
        self._make("/v1/products", product("wrapping", stocked=False))
        for customer_id in ("c1", "c2"):
            self._make("/v1/customers", {"customer_id": customer_id, "name": "Han Meimei"})
        for campaign_id, limits in (("many", {"limit_per_customer": 100}), ("few", {"limit_total": FEW})):
            campaign = {"campaign_id": campaign_id, "name": campaign_id, "amount_off": cny(100)}
            valid = {"valid_from": LONG_AGO, "valid_until": LONG_AFTER}
            self._make("/v1/coupon-campaigns", {**campaign, **valid, **limits})
            issued = self._make(f"/v1/coupon-campaigns/{campaign_id}/coupons", {"count": CODES // 2})
            self.codes += [coupon["code"] for coupon in issued["coupons"]]
        self.codes.sort()

    def next_code(self) -> str:
        """A coupon's code that was not handed out before, while there are any."""
        return self.codes[next(self._next_code)]

    def require_running(self) -> None:
        """Fails if the shop has closed."""
        assert self.process.poll() is None, self.last_words()

    def last_words(self) -> str:
        return self.log.read_text()[-5_000:]

    def audit(self) -> None:
        """Everything that must be true of what is there, now and after all open questions are answered."""
        tenant = self.tenant()
        audit(tenant, self.memory)
        self._ask(self.memory.open)
        audit(tenant, self.memory)
        assert not self.memory.open
        wait_until(lambda: run(caught_up(tenant)) and run(audit_read_models(tenant)), poll_s=0.05)

    def ask_again(self, every: int) -> None:
        """Some of the sales that were acknowledged are asked for again: each is answered as it was."""
        asked = [asked for sale_id, asked in self.memory.asked.items() if sale_id in self.memory.acknowledged]
        self._ask(asked[::every])
        audit(self.tenant(), self.memory)

    def _ask(self, sales: Sequence[Asked]) -> None:
        with httpx.Client(base_url=self.address, headers=self.headers) as client:
            for asked in sales:
                self._answer(client, asked)

    def _answer(self, client: httpx.Client, asked: Asked) -> None:
        wait_until(
            lambda: self.memory.hear(asked, client.post(SALES, content=asked.body, headers=asked.headers))
        )

    def _make(self, path: str, body: Json) -> Json:
        headers = {**self.headers, "Idempotency-Key": fresh()}
        response = httpx.post(f"{self.address}{path}", json=body, headers=headers)
        assert response.status_code == 201, response.text
        return response.json()

    async def _key(self) -> str:
        async with await connector(self.tenant().service_url)() as connection:
            return await create_key(connection, TENANT, "tills", (ALL_SCOPES,), None)


@contextmanager
def serving(folder: Path, *, database: Database | None = None, **settings: str) -> Generator[Shop]:
    """A shop that is ready, with its tenant; `folder` gets its data, its fuses and its log.

    `database` is where the tenant really is, if the settings lead there in another way.
    """
    data_dir = folder / "data"
    port = free_port()
    own = {"data_dir": str(data_dir), "port": str(port), "demo": "false", "log_level": "warning"}
    log = folder / "fuses" / "serve.log"
    log.parent.mkdir()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.doomed", str(log.parent), "serve"],
            cwd=REPOSITORY,
            env=environment({**own, **settings}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    shop = Shop(process, data_dir, port, log, database)
    try:
        wait_until(shop.is_open, poll_s=0.05)
        shop.make_tenant()
        yield shop
        process.terminate()
        assert process.wait(DEADLINE_S) == 0, shop.last_words()
    finally:
        process.kill()
