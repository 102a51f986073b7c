"""[issue_1m_codes_s]: a million codes issued, all of them downloaded and told apart, some redeemed.

The floor is as many random codes drawn, written as CSV and kept nowhere.
"""

import secrets
import time
from collections.abc import Mapping
from io import StringIO

import httpx

from bench.measure import BenchmarkFailed, Figure, figure
from bench.orders import CURRENCY, PAID_MINOR, SKUS, STORES
from bench.parts import api, database, scratch
from bench.shop import open_shop
from domain.sales.sale import CASH
from infra.crypto.codes import ALPHABET, CODE_LETTERS
from infra.ids import uuid7

COUNT = 1_000_000
REDEEMED = 200
LIMIT_S = 60.0


def measure() -> dict[str, Figure]:
    """One batch, from the request that issues it to the last line of its codes; then some are redeemed."""
    with scratch() as folder, database(folder) as started, api(started) as address:
        shop = open_shop(started)
        with httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {shop.key}"}, timeout=300
        ) as client:
            took_s, codes = _issue(client, _campaign(client))
            for code in codes[:: COUNT // REDEEMED]:
                _redeem(client, code)
    return {"issue_1m_codes_s": figure([took_s], "s", [_floor_s()])}


def _campaign(client: httpx.Client) -> str:
    body = {"name": "Million", "percent_off": 1000, "currency": CURRENCY, "limit_total": COUNT}
    valid = {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2090-01-01T00:00:00Z"}
    return _made(client, "/v1/coupon-campaigns", {**body, **valid})["campaign_id"]


def _issue(client: httpx.Client, campaign_id: str) -> tuple[float, list[str]]:
    began = time.perf_counter()
    batch_id = _made(client, f"/v1/coupon-campaigns/{campaign_id}/batches", {"count": COUNT})["batch_id"]
    with client.stream("GET", f"/v1/coupon-batches/{batch_id}/codes") as response:
        codes = [line.split(",")[1] for line in response.iter_lines()][1:]
    took_s = time.perf_counter() - began
    if len(set(codes)) != COUNT:
        raise BenchmarkFailed(f"{len(set(codes)):,} different codes were read instead of {COUNT:,}")
    return took_s, codes


def _redeem(client: httpx.Client, code: str) -> None:
    paid = {"method": CASH, "amount": {"amount": PAID_MINOR, "currency": CURRENCY}}
    basket = {"lines": [{"sku": SKUS[0], "quantity": 1}], "coupon_codes": [code], "tenders": [paid]}
    _made(client, f"/v1/stores/{STORES[0]}/sales", basket)


def _made(client: httpx.Client, path: str, body: Mapping[str, object]) -> dict[str, str]:
    response = client.post(path, json=body, headers={"Idempotency-Key": uuid7()})
    if response.status_code != 201:
        raise BenchmarkFailed(response.text)
    return response.json()


def _floor_s() -> float:
    began = time.perf_counter()
    output = StringIO()
    for number in range(COUNT):
        drawn = secrets.token_bytes(CODE_LETTERS)
        output.write(f"{number},{''.join([ALPHABET[byte & 31] for byte in drawn])}\r\n")
    return time.perf_counter() - began
