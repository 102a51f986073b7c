"""A repeat under the same Idempotency-Key: the first answer again, and nothing done twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from api.operations import READS
from tests.support.api import KEY, REPLAYED, World, basket, cny, draw_code, fresh, line, product, receive
from tests.support.calls import CALLS, KEY_REQUIRED, UNKEYED
from tests.support.routes import filled, send, sender
from tests.support.things import Things, ids_of

SALES = "/v1/stores/s1/sales"
CODES = "/v1/coupon-campaigns/ten/coupons"
AT_ONCE = 8

WRITES = [name for name, call in CALLS.items() if call.method != "GET" and name not in UNKEYED | READS]


def told(response: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers; not when it was said and whether for the first time."""
    varying = {"date", "x-request-id", REPLAYED.lower()}
    return (
        response.status_code,
        response.content,
        {name: value for name, value in response.headers.items() if name not in varying},
    )


def at_once(post: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers to AT_ONCE callers who post together."""
    with ThreadPoolExecutor(AT_ONCE) as callers:
        return [answer.result() for answer in [callers.submit(post) for _ in range(AT_ONCE)]]


FIRST_CHANGES = frozenset({"setBarcodes", "setPrices", "endPriceList", "setSegments", "loadGiftCard"}) | {
    "changeCustomerFacts",
    "setCustomerFields",
    "setAddress",
}
"""They need things that no write before them has changed."""


@pytest.fixture(scope="module")
def repeated(shop: World) -> dict[str, tuple[httpx.Response, httpx.Response, bool]]:
    """First answer and repeat of every write, and whether the repeat wrote nothing."""
    ids = ids_of(shop)
    answers: dict[str, tuple[httpx.Response, httpx.Response, bool]] = {}
    for operation in WRITES:
        if operation in FIRST_CHANGES:
            ids = Things(shop)
        caller, call, key = sender(shop, operation), filled(CALLS[operation], ids), fresh()
        first = send(caller, call, Idempotency_Key=key)
        written = shop.written()
        again = send(caller, call, Idempotency_Key=key)
        answers[operation] = first, again, shop.written() == written
    return answers


@pytest.mark.parametrize("operation", WRITES)
def test_a_repeat_is_answered_byte_for_byte(
    repeated: dict[str, tuple[httpx.Response, httpx.Response, bool]], operation: str
) -> None:
    first, again, _ = repeated[operation]
    assert first.is_success
    assert told(again) == told(first)


@pytest.mark.parametrize("operation", WRITES)
def test_a_repeat_says_that_it_is_one(
    repeated: dict[str, tuple[httpx.Response, httpx.Response, bool]], operation: str
) -> None:
    first, again, _ = repeated[operation]
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")


@pytest.mark.parametrize("operation", WRITES)
def test_a_repeat_writes_nothing(
    repeated: dict[str, tuple[httpx.Response, httpx.Response, bool]], operation: str
) -> None:
    assert repeated[operation][2]


@pytest.mark.parametrize("operation", KEY_REQUIRED)
def test_what_moves_money_stock_or_coupons_needs_a_key(shop: World, operation: str) -> None:
    call = filled(CALLS[operation], Things(shop))
    refusal = shop.refusal(lambda: send(shop, call, Idempotency_Key=""))
    assert refusal == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", [" ", "a b", "x" * 256, "a\tb"])
def test_a_key_is_short_and_plain(shop: World, key: str) -> None:
    refusal = shop.refusal(lambda: shop.call("POST", SALES, basket(), Idempotency_Key=key))
    assert refusal == (400, "invalid_request")


def test_a_repeat_of_a_change_is_answered_as_at_first_though_more_has_changed(shop: World) -> None:
    path = f"/v1/products/{shop.made('/v1/products', product(fresh('p')))['sku']}"
    key = fresh()
    first = shop.patch(path, {"price": cny(1100)}, version=1, Idempotency_Key=key)
    shop.patch(path, {"price": cny(1200)}, version=2)
    assert told(shop.patch(path, {"price": cny(1100)}, version=1, Idempotency_Key=key)) == told(first)


def test_another_body_under_the_same_key_is_refused(shop: World) -> None:
    key = fresh()
    shop.made(SALES, basket(), Idempotency_Key=key)
    refusal = shop.refusal(lambda: shop.post(SALES, basket(line("apple", 2)), Idempotency_Key=key))
    assert refusal == (422, "idempotency_key_reused")


def test_another_address_under_the_same_key_is_refused(shop: World) -> None:
    key = fresh()
    shop.made(SALES, basket(), Idempotency_Key=key)
    refusal = shop.refusal(lambda: shop.post("/v1/stores/s2/sales", basket(), Idempotency_Key=key))
    assert refusal == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_operation(shop: World) -> None:
    key = fresh()
    shop.made(SALES, basket(), Idempotency_Key=key)
    receipt = {"lines": [line("apple", 5)]}
    assert shop.post("/v1/stores/s1/stock/receipts", receipt, Idempotency_Key=key).status_code == 201


def test_a_key_belongs_to_its_caller(shop: World) -> None:
    key = fresh()
    mine = shop.made(SALES, basket(), Idempotency_Key=key)
    theirs = shop.caller().made(SALES, basket(), Idempotency_Key=key)
    assert mine["sale_id"] != theirs["sale_id"]


def test_a_key_belongs_to_its_tenant(shop: World) -> None:
    neighbour, key = shop.neighbour(), fresh()
    store = {"store_id": fresh("s"), "name": "N", "currency": "CNY", "time_zone": "UTC"}
    shop.made("/v1/stores", store, Idempotency_Key=key)
    assert REPLAYED not in neighbour.post("/v1/stores", store, Idempotency_Key=key).headers


def test_a_refused_request_is_decided_again_under_its_key(shop: World) -> None:
    key, sku = fresh(), shop.made("/v1/products", product(fresh("p"), negative_stock="block"))["sku"]
    refused = shop.post(SALES, basket(line(sku)), Idempotency_Key=key)
    receive(shop, sku, 1)
    made = shop.post(SALES, basket(line(sku)), Idempotency_Key=key)
    assert (refused.status_code, made.status_code) == (409, 201)


def test_a_request_that_was_no_request_leaves_its_key_free(shop: World) -> None:
    key = fresh()
    shop.post(SALES, basket(line("apple", 0)), Idempotency_Key=key)
    assert shop.post(SALES, basket(), Idempotency_Key=key).status_code == 201


def test_requests_at_once_under_one_key_make_one_sale(shop: World) -> None:
    key = fresh()
    position, kept = shop.written()
    answers = at_once(lambda: shop.post(SALES, basket(), Idempotency_Key=key))
    made = {response.json()["sale_id"] for response in answers if response.status_code == 201}
    told_later = Counter(response.status_code for response in answers if response.status_code != 201)
    assert (len(made), told_later.keys() <= {409}, shop.written()) == (1, True, (position + 3, kept + 1))


def test_requests_at_once_under_one_key_issue_one_set_of_codes(shop: World) -> None:
    key = fresh()
    answers = at_once(lambda: shop.post(CODES, {"count": 5}, Idempotency_Key=key))
    assert len({response.content for response in answers if response.status_code == 201}) == 1


def test_sales_at_once_use_a_coupon_once(shop: World) -> None:
    body = basket(coupon_codes=[draw_code(shop)])
    answers = at_once(lambda: shop.post(SALES, body))
    assert Counter(response.status_code for response in answers) == {201: 1, 409: AT_ONCE - 1}


@pytest.mark.parametrize(
    ("path", "body"), [(SALES, basket()), (CODES, {"count": 5}), ("/v1/customers", {"name": "Han"})]
)
def test_a_repeat_after_a_restart_is_answered_byte_for_byte(
    shop: World, path: str, body: dict[str, object]
) -> None:
    key = fresh()
    first = shop.post(path, body, Idempotency_Key=key)
    with shop.restarted() as restarted:
        again = restarted.post(path, body, Idempotency_Key=key)
    assert (told(again), again.headers[REPLAYED]) == (told(first), "true")


def test_what_a_repeat_is_recognised_by_does_not_tell_the_request(shop: World) -> None:
    body = {"name": "Wang Xiaoming", "phone": "13911112222"}
    shop.made("/v1/customers", body, **{KEY: fresh()})
    kept = str(shop.query("SELECT convert_from(result, 'UTF8'), fingerprint FROM commands"))
    assert not any(text in kept for text in body.values())
