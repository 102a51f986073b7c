"""kill -9 between and in the middle of the postings of a count: each item is posted once."""

import httpx

from tests.crash.fuses import Victim
from tests.crash.shop import Shop
from tests.support.api import Json, cny, fresh, product
from tests.support.command_line import wait_until


def answered(shop: Shop, path: str, body: Json) -> httpx.Response:
    """The answer to a request that is sent again, with its key, until there is one."""
    headers = {**shop.headers, "Idempotency-Key": fresh()}
    answers: list[httpx.Response] = []

    def is_answered() -> bool:
        try:
            answers.append(httpx.post(f"{shop.address}{path}", json=body, headers=headers))
        except httpx.TransportError:
            return False
        return answers[-1].status_code < 500

    wait_until(is_answered)
    assert answers[-1].status_code == 201, answers[-1].text
    return answers[-1]


def test_a_count_whose_posting_is_killed_is_posted_once_and_to_its_end(shop: Shop) -> None:
    skus = [fresh("counted") for _ in range(2)]
    for sku in skus:
        answered(shop, "/v1/products", product(sku))
        receipt = {"lines": [{"sku": sku, "quantity": 100, "unit_cost": cny(300)}]}
        answered(shop, "/v1/stores/s1/stock/receipts", receipt)
    wide = {"kind": "cycle", "tolerance": {"pieces": 100}}
    path = f"/v1/stores/s1/counts/{answered(shop, '/v1/stores/s1/counts', wide).json()['count_id']}"
    answered(shop, f"{path}/items", {"skus": skus})
    answered(shop, f"{path}/lines", {"lines": [{"sku": sku, "quantity": 98} for sku in skus]})
    answered(shop, f"{path}/postings", {"skus": skus[:1]})
    shop.fuses.light("insert", Victim.API)
    assert answered(shop, f"{path}/postings", {}).json()["status"] == "posted"
    assert not shop.fuses.burns("insert")
    for sku in skus:
        entries = httpx.get(
            f"{shop.address}/v1/streams/stock-s1%2F{sku}/events", headers=shop.headers
        ).json()["data"]
        assert [entry["type"] for entry in entries] == [
            "stock.moved.v1",
            "stock.count_opened.v1",
            "stock.moved.v1",
            "stock.count_closed.v1",
        ]
    shop.audit()
