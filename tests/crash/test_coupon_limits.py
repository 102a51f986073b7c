"""Five hundred at once want a code for fifty, under a budget, while parts of the shop are killed."""

import asyncio
from collections import Counter
from collections.abc import Generator

import httpx
import msgspec
import pytest

from domain.promotions.campaign import CampaignDrawn
from domain.promotions.coupon import CouponRedeemed
from domain.sales.sale import SaleCompleted
from tests.crash.fuses import Victim
from tests.crash.shop import Shop, serving
from tests.support.api import LONG_AFTER, LONG_AGO, Json, basket, cny, fresh, line
from tests.support.journals import facts, read_all, run

TRIES, USES, WORTH = 500, 50, 100
CALLERS = 12
"""At a time: so few make a batch that the fifty fill several, and parts are killed in between."""
SALES = "/v1/stores/s1/sales"
RETRY_S = 0.1


@pytest.fixture
def own_shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Shop]:
    """One of its own: the shop of the other tests has no code for many uses."""
    with serving(tmp_path_factory.mktemp("limits")) as shop:
        yield shop


async def buy_at_once(shop: Shop, code: str) -> list[int]:
    """Every buyer asks until answered for good; the statuses."""
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(
        base_url=shop.address, headers=shop.headers, verify=False, limits=limits, timeout=None
    ) as client:
        return await asyncio.gather(*(buy(client, number, code) for number in range(TRIES)))


async def buy(client: httpx.AsyncClient, number: int, code: str) -> int:
    body = msgspec.json.encode(
        {**basket(line("wrapping")), "register_id": f"till-{number % 8}", "coupon_codes": [code]}
    )
    headers = {"Idempotency-Key": fresh(), "Content-Type": "application/json"}
    while True:
        try:
            response = await client.post(SALES, content=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(RETRY_S)
            continue
        if response.status_code < 500 and response.json().get("code") != "command_in_flight":
            return response.status_code
        await asyncio.sleep(RETRY_S)


@pytest.mark.parametrize("budget", [USES * WORTH + 50, 30 * WORTH + 99])
def test_fifty_of_five_hundred_get_it_and_the_budget_is_kept_though_parts_are_killed(
    own_shop: Shop, budget: int
) -> None:
    shop = own_shop
    campaign = {"name": "Everybody's", "amount_off": cny(WORTH), "limit_per_code": USES}
    valid = {"valid_from": LONG_AGO, "valid_until": LONG_AFTER}
    campaign_id = make(shop, "/v1/coupon-campaigns", {**campaign, **valid, "budget": cny(budget)})[
        "campaign_id"
    ]
    issued = make(shop, f"/v1/coupon-campaigns/{campaign_id}/coupons", {"count": 1})
    shop.fuses.light("commit", Victim.API, passes=1)
    shop.fuses.light("insert", Victim.BACKENDS, passes=2)

    statuses = Counter(asyncio.run(buy_at_once(shop, issued["coupons"][0]["code"])))

    fitting = min(USES, budget // WORTH)
    assert statuses == {201: fitting, 409: TRIES - fitting}
    assert not shop.fuses.burns("commit")
    assert not shop.fuses.burns("insert")
    entries = run(read_all(shop.tenant()))
    assert len(facts(entries, CouponRedeemed)) == len(facts(entries, SaleCompleted)) == fitting
    given = sum(drawn.amount_minor for drawn in facts(entries, CampaignDrawn))
    assert given == fitting * WORTH <= budget


def make(shop: Shop, path: str, body: Json) -> Json:
    headers = {**shop.headers, "Idempotency-Key": fresh()}
    response = httpx.post(f"{shop.address}{path}", json=body, headers=headers)
    assert response.status_code == 201, response.text
    return response.json()
