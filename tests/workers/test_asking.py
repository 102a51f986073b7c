"""The daily round of questions: each customer who bought lately and agreed is asked once a period."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.kernel.command import Command
from domain.service.survey import SurveySent
from infra.crypto.master_key import MasterKey
from infra.event_store.submission import Answer, Origin
from infra.tenancy import Tenant, open_tenant
from tests.support.api import World, add_shop, receive, sell, world
from tests.support.journals import facts, read_all
from workers.jobs import surveys
from workers.jobs.surveys import ask_all, ask_to_recommend

CONSENT = {"purpose": "survey", "channel": "email", "text_version": "1"}
WILLING = tuple(f"m{number}" for number in range(6))


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    """Six who bought and agreed, one who did not agree, and one who did not buy."""
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        receive(opened, "apple", 100)
        for customer_id in (*WILLING, "unwilling", "absent"):
            opened.made("/v1/customers", {"customer_id": customer_id, "email": f"{customer_id}@example.com"})
            if customer_id != "unwilling":
                opened.made(f"/v1/customers/{customer_id}/consents", CONSENT)
            if customer_id != "absent":
                sell(opened, customer_id=customer_id)
        planned = opened.call("PUT", "/v1/survey-plan", {"nps": "year"}, If_Match='"0"')
        assert planned.status_code == 200
        opened.catch_up()
        yield opened


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def asked(shop: World, after: timedelta = timedelta()) -> int:
    return at_work(shop, lambda tenant: ask_to_recommend(tenant, datetime.now(UTC) + after))


def customers_asked(shop: World) -> list[str]:
    return sorted(str(sent.customer_id) for sent in facts(asyncio.run(read_all(shop.tenant)), SurveySent))


def test_who_bought_lately_and_agreed_is_asked_once(shop: World) -> None:
    assert asyncio.run(ask_all(shop.settings)) == len(WILLING)
    assert asyncio.run(ask_all(shop.settings)) == 0
    assert customers_asked(shop) == sorted(WILLING)


def test_who_bought_long_ago_is_not_asked(shop: World) -> None:
    assert asked(shop, after=timedelta(days=8)) == 0


def test_killed_in_the_middle_and_run_again_each_is_asked_once(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveys, "AT_ONCE", 2)
    submit = Tenant.submit
    done = 0

    async def until_killed(self: Tenant, command: Command, origin: Origin) -> Answer:
        nonlocal done
        if done >= 3:
            raise Killed
        done += 1
        return await submit(self, command, origin)

    with monkeypatch.context() as doomed:
        doomed.setattr(Tenant, "submit", until_killed)
        with pytest.raises(Killed):
            asked(shop)
    asked(shop)
    assert customers_asked(shop) == sorted(WILLING)


def test_two_at_once_ask_once(shop: World) -> None:
    async def both(tenant: Tenant) -> None:
        now = datetime.now(UTC)
        await asyncio.gather(ask_to_recommend(tenant, now), ask_to_recommend(tenant, now))

    at_work(shop, both)
    assert customers_asked(shop) == sorted(WILLING)
