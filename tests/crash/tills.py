"""Tills at work: many at once, few goods, coupons that run out; each asks until it is answered."""

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from tests.crash.memory import SALES, Asked, Memory
from tests.crash.rival import Rival
from tests.crash.shop import HOT, SCARCE, Shop
from tests.support.api import basket, line
from tests.support.command_line import wait_until

TILLS = 8
PACE_S = 0.02
"""Between two sales of a till: the journal should grow slowly enough to be replayed after every kill."""
RETRY_S = 0.1
IMPATIENT = 0.3

_loads = itertools.count(1)


class Tills:
    """Sells from entering to leaving, in a thread of its own, beside rivals that move the head."""

    def __init__(self, shop: Shop, seed: str, *, rivals: int = 1) -> None:
        self._shop = shop
        self._memory = shop.memory
        self._seed = seed
        self._number = next(_loads)
        self._rivals = rivals
        self._stopping = False
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._work = self._thread.submit(asyncio.run, self._sell())
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._stopping = True
        self._thread.shutdown()
        if error is None:
            self._work.result()

    def sell(self, more: int = 20) -> None:
        """Returns when the API has acknowledged so many more sales."""
        wanted = self._memory.answered + more
        self.until(lambda: self._memory.answered >= wanted)

    def until(self, condition: Callable[[], bool]) -> None:
        """Returns when the condition holds. Fails if the shop has closed, or nobody sells any more."""

        def holds() -> bool:
            self._shop.require_running()
            if self._work.done():
                self._work.result()
            return condition()

        wait_until(holds, poll_s=0.01)

    async def _sell(self) -> None:
        names = [f"{self._number}-{number}" for number in range(self._rivals)]
        rivals = [Rival(self._shop, name, self._memory, lambda: self._stopping) for name in names]
        async with (
            httpx.AsyncClient(
                base_url=self._shop.address, headers=self._shop.headers, verify=False
            ) as client,
            asyncio.TaskGroup() as group,
        ):
            for rival in rivals:
                group.create_task(rival.work())
            for till in range(TILLS):
                group.create_task(self._serve_customers(client, till))

    async def _serve_customers(self, client: httpx.AsyncClient, till: int) -> None:
        random = Random(f"{self._seed}/{till}")
        patient = True
        for number in itertools.count(1):
            sale_id = f"sale-{self._number}-{till}-{number}"
            asked = Asked(sale_id=sale_id, body=_basket(random, self._shop, sale_id))
            while not await ask(client, self._memory, asked):
                await asyncio.sleep(RETRY_S)
                # Some let the sale be, whatever became of it, and go on with the next: once in an outage.
                if self._stopping or (patient and random.random() < IMPATIENT):
                    patient = False
                    break
            else:
                patient = True
            if self._stopping:
                return
            await asyncio.sleep(PACE_S)


async def ask(client: httpx.AsyncClient, memory: Memory, asked: Asked) -> bool:
    """Sends a sale once; whether it was answered."""
    memory.asked[asked.sale_id] = asked
    try:
        response = await client.post(SALES, content=asked.body, headers=asked.headers)
    except httpx.TransportError as error:
        memory.troubles[type(error).__name__] += 1
        return False
    return memory.hear(asked, response)


def _basket(random: Random, shop: Shop, sale_id: str) -> bytes:
    lines = [
        line(random.choice((*HOT, *SCARCE, "wrapping")), random.randint(1, 3))
        for _ in range(random.randint(1, 3))
    ]
    details: dict[str, Any] = {"register_id": f"till-{random.randint(1, 3)}"}
    if random.random() < 0.5:
        details["customer_id"] = random.choice(("c1", "c2"))
    if random.random() < 0.3:
        # Mostly one that nobody has used yet, sometimes one that somebody may be using right now.
        code = shop.next_code() if random.random() < 0.7 else random.choice(shop.codes)
        details["coupon_codes"] = [code]
    return msgspec.json.encode(basket(*lines, sale_id=sale_id, **details))
