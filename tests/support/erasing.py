"""Erases a customer and is killed on the way: python -m tests.support.erasing PLACE URL TENANT KEY_FILE."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from domain.customers.forgetting import EraseCustomer
from infra.crypto.key_store import KeyStore
from infra.crypto.master_key import MasterKey
from infra.event_store.submission import Origin
from infra.people import blind_index
from infra.tenancy import open_tenant

PLACES = ("before the keys", "after the keys", "before the commit")
CUSTOMER = "c1"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(place: str) -> None:
    """Lays the mine."""
    destroy, forget = KeyStore.destroy, blind_index.forget

    async def dying_destroy(self: KeyStore, *given: Any, **named: Any) -> int:
        if place == "before the keys":
            _die()
        destroyed = await destroy(self, *given, **named)
        if place == "after the keys":
            _die()
        return destroyed

    async def dying_forget(*given: Any, **named: Any) -> None:
        await forget(*given, **named)
        if place == "before the commit":
            _die()

    KeyStore.destroy = dying_destroy
    blind_index.forget = dying_forget


async def _erase(url: str, tenant: str, master: MasterKey) -> None:
    async with open_tenant(url, url, master, tenant) as opened:
        command = EraseCustomer(customer_id=CUSTOMER, reason="request")
        await opened.submit(command, Origin(command_id="erasure", actor="tester", channel="test"))
        async with opened.readers.connection() as connection:
            await opened.people.forget(connection, f"customer-{CUSTOMER}")


if __name__ == "__main__":
    place, url, tenant, key = sys.argv[1:]
    _arm(place)
    asyncio.run(_erase(url, tenant, MasterKey.of_file(Path(key))))
