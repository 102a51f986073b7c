"""What is not a request: each a problem with a stable type, and nothing written."""

from typing import Any

import msgspec
import pytest

from tests.support.api import World, basket, cny, fresh, line, problem, product
from tests.support.calls import CALLS, WITH_BODY, WITH_ID
from tests.support.routes import filled, send, sender
from tests.support.things import ids_of

SALES = "/v1/stores/s1/sales"
MAX_BODY_BYTES = 1_048_576


@pytest.fixture(scope="module")
def ids(shop: World) -> dict[str, str]:
    """Ids of what is in the shop."""
    return ids_of(shop)


def sent(shop: World, operation: str, ids: dict[str, str], body: bytes | None, **headers: str) -> Any:
    """The operation with this body."""
    call = filled(CALLS[operation], ids)
    given = {"Idempotency_Key": fresh(), "If_Match": '"1"', "Content_Type": "application/json", **headers}
    return sender(shop, operation).call(call.method, call.path, body, **given)


def refusals(shop: World, ids: dict[str, str], body: bytes | None, **headers: str) -> set[tuple[int, str]]:
    """What the operations that take a body answer to this one, all of them writing nothing."""
    before = shop.written()
    answers = {problem(sent(shop, operation, ids, body, **headers)) for operation in WITH_BODY}
    assert shop.written() == before, "something was written"
    return answers


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'lines': []}",
        b'{"name" "a"}',
        b'{"\xff\xfe": 1}',
        b"\x00",
        b"\xef\xbb\xbf{}",
        b"name=apple",
        b"<name/>",
    ],
)
def test_a_body_that_is_not_json_is_refused(shop: World, ids: dict[str, str], body: bytes) -> None:
    assert refusals(shop, ids, body) == {(400, "invalid_json")}


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"[" * 100_000])
def test_a_body_that_is_not_an_object_is_refused(shop: World, ids: dict[str, str], body: bytes) -> None:
    assert refusals(shop, ids, body) == {(400, "invalid_request")}


@pytest.mark.parametrize(
    "body", [b'{"surprise": 1}', b'{"surprise": ' * 10_000, b'{"surprise": ' + b"[" * 100_000]
)
def test_an_unknown_field_is_refused(shop: World, ids: dict[str, str], body: bytes) -> None:
    assert refusals(shop, ids, body) == {(400, "invalid_request")}


def test_a_missing_body_is_refused(shop: World, ids: dict[str, str]) -> None:
    assert refusals(shop, ids, None) == {(400, "invalid_request")}


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "text/json", ""])
def test_another_content_type_is_refused(shop: World, ids: dict[str, str], media_type: str) -> None:
    assert refusals(shop, ids, b"{}", Content_Type=media_type) == {(415, "unsupported_media_type")}


def test_an_oversized_body_is_refused(shop: World, ids: dict[str, str]) -> None:
    body = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'
    assert refusals(shop, ids, body) == {(413, "body_too_large")}


@pytest.mark.parametrize(
    "text",
    [b"\\ud800", b"\\udc00\\ud800", b"\\ud800\\u0041", b"\\u12", b"\\x41", b"\xff", b"\xed\xa0\x80", b"\n"],
)
def test_a_text_that_is_not_unicode_is_refused(shop: World, text: bytes) -> None:
    body = b'{"name": "' + text + b'"}'
    assert shop.refusal(lambda: shop.post("/v1/customers", body)) == (400, "invalid_json")


@pytest.mark.parametrize("operation", WITH_BODY)
def test_every_field_has_its_type(shop: World, ids: dict[str, str], operation: str) -> None:
    fields = filled(CALLS[operation], ids).body
    assert isinstance(fields, dict)
    before = shop.written()
    answers = {
        problem(sent(shop, operation, ids, msgspec.json.encode({**fields, name: {"a": [1.5]}})))
        for name in fields
    }
    assert (answers, shop.written()) == ({(400, "invalid_request")}, before)


def test_an_unknown_parameter_is_refused(shop: World, ids: dict[str, str]) -> None:
    before = shop.written()
    answers: set[tuple[int, str]] = set()
    for operation in set(CALLS) - {"livez", "readyz", "metrics"}:
        call = filled(CALLS[operation], ids)
        path = f"{call.path}{'&' if '?' in call.path else '?'}limitt=5"
        answers.add(problem(send(sender(shop, operation), call._replace(path=path))))
    assert (answers, shop.written()) == ({(400, "invalid_request")}, before)


# --- ids --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    ["a%00b", "a%0Ab", "a%20b", "%E8%8B%B9%E6%9E%9C", "%ff%fe", "%ED%A0%80", "x" * 5_000, "a'%22--", "a%5Cb"],
)
def test_an_id_that_can_not_exist_is_not_found(shop: World, ids: dict[str, str], bad: str) -> None:
    before = shop.written()
    answers = {
        problem(send(shop, filled(CALLS[operation], dict.fromkeys(ids, bad)))) for operation in WITH_ID
    }
    assert (answers, shop.written()) == ({(404, "not_found")}, before)


@pytest.mark.parametrize(
    "sku", ["", "a/b", "a\nb", "apple\n", "a b", " a", "苹果", "a\x00", "-a", ".a", "x" * 65, 5, None]
)
def test_an_id_of_ones_own_has_letters_digits_and_a_few_signs(shop: World, sku: object) -> None:
    body = product("x") | {"sku": sku}
    assert shop.refusal(lambda: shop.post("/v1/products", body)) == (400, "invalid_request")


# --- texts ------------------------------------------------------------------------------------------

STORE = {"store_id": "n1", "name": "N", "currency": "CNY", "time_zone": "UTC"}
CAMPAIGN = {
    "name": "N",
    "percent_off": 1,
    "currency": "CNY",
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": "2026-02-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/stores", {**STORE, "name": "\x00"}),
        ("/v1/stores", {**STORE, "time_zone": "\x00"}),
        ("/v1/products", product("n1", name="\x00")),
        ("/v1/products", product("n1", category="\x00")),
        ("/v1/employees", {"employee_id": "n1", "store_id": "s1", "name": "\x00"}),
        ("/v1/customers", {"name": "\x00"}),
        ("/v1/customers", {"email": "\x00@b"}),
        ("/v1/coupon-campaigns", {**CAMPAIGN, "name": "\x00"}),
        ("/v1/coupons/lookup", {"code": "\x00"}),
        ("/v1/complaints", {"text": "\x00"}),
        ("/v1/complaints", {"text": "x", "category": "a\x00"}),
        (SALES, basket(coupon_codes=["\x00"])),
        (SALES, basket({**line(), "unit_price": cny(1), "price_reason": "a\x00"})),
        ("/v1/stores/s1/stock/waste", {"lines": [{**line(), "reason": "a\x00"}]}),
        ("/v1/stores/s1/stock/receipts", {"lines": [{**line(), "lot": "a\x00"}]}),
    ],
)
def test_a_text_holds_no_nul(shop: World, path: str, body: dict[str, Any]) -> None:
    assert shop.refusal(lambda: shop.post(path, body)) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["a\nb", "a\n", "\t", "a\x7f", "", "x" * 201])
def test_a_name_is_one_line(shop: World, name: str) -> None:
    assert shop.refusal(lambda: shop.post("/v1/products", product("n1", name=name))) == (
        400,
        "invalid_request",
    )


@pytest.mark.parametrize(
    "name", ["苹果 🍎", "Ærøskøbing", "'; DROP TABLE stored_events; --", "</script>", "\\u0000"]
)
def test_a_name_may_be_in_any_script(shop: World, name: str) -> None:
    sku = shop.made("/v1/products", product(fresh("p"), name=name))["sku"]
    assert shop.read(f"/v1/products/{sku}")["name"] == name


def test_what_was_written_can_be_read_in_psql(shop: World) -> None:
    shop.made("/v1/products", product(fresh("p"), name="苹果 🍎"))
    ((events,),) = shop.query("SELECT count(data) FROM history")
    assert events == shop.written()[0]


# --- headers, cursors and limits --------------------------------------------------------------------


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 101, "ü"])
def test_a_request_id_is_short_and_plain(shop: World, request_id: str) -> None:
    given = {b"X-Request-Id": request_id.encode("latin-1"), b"Idempotency-Key": fresh().encode()}
    given |= {b"Authorization": f"Bearer {shop.key}".encode()}
    assert shop.refusal(lambda: shop.client.post(SALES, json=basket(), headers=given)) == (
        400,
        "invalid_request",
    )


CURSORS = {
    "garbage": "x",
    "empty": "",
    "not ascii": "%C3%A9",
    "nul": "WyJhXHUwMDAwYiJd",
    "deep": "W1tb" * 500,
    "number": "WzFd",
    "object": "e30",
    "two": "WyJhIiwiYiJd",
    "no time": "WyJub3ciLCJrMSJd",
    "naive": "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwiazEiXQ",
}


@pytest.mark.parametrize("cursor", CURSORS)
@pytest.mark.parametrize("path", ["/v1/stores/s1/stock", "/v1/complaints", "/v1/purchase-orders"])
def test_a_cursor_that_nobody_gave_is_refused(shop: World, path: str, cursor: str) -> None:
    refusal = shop.refusal(lambda: shop.get(f"{path}?cursor={CURSORS[cursor]}"))
    assert refusal == (400, "invalid_request")


@pytest.mark.parametrize("limit", ["0", "-1", "251", "x", "1.5", "", "9" * 30, "true"])
@pytest.mark.parametrize("path", ["/v1/stores/s1/stock", "/v1/complaints", "/v1/events"])
def test_a_limit_is_1_to_250(shop: World, path: str, limit: str) -> None:
    assert shop.refusal(lambda: shop.get(f"{path}?limit={limit}")) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/v1/stores"), ("PUT", "/v1/stores/s1"), ("POST", "/livez")]
)
def test_another_method_is_refused_and_told_what_there_is(shop: World, method: str, path: str) -> None:
    response = shop.call(method, path)
    assert (problem(response), "Allow" in response.headers) == ((405, "method_not_allowed"), True)


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/stores", "/v1/store", "/v1/stores/s1/sale", "/etc/passwd"])
def test_an_address_that_does_not_exist_is_not_found(shop: World, path: str) -> None:
    assert shop.refusal(lambda: shop.get(path)) == (404, "not_found")
