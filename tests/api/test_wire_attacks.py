"""What attackers send over the wire: addresses, headers and bodies that servers and proxies read otherwise.

After the OWASP ASVS: V5 validation, V13 APIs, V14 configuration.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.test_attacks import LEAKS
from tests.support.api import World, add_shop, basket, fresh, problem, world
from tests.support.calls import CALLS
from tests.support.served import Served, served

MAX_BODY_BYTES = 1_048_576


@pytest.fixture(scope="module")
def wired(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Served]]:
    """The shop behind the real server, which may read requests otherwise than the tests' client."""
    folder: Path = tmp_path_factory.mktemp("wired")
    with world(worker_id, folder) as shop:
        add_shop(shop)
        with served(shop, folder / "log") as api:
            yield shop, api


def request(target: str, *headers: str, method: str = "GET", body: bytes = b"", host: str = "shop") -> bytes:
    """A request as it stands on the wire."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def status_of(answer: bytes) -> int:
    """The status; 0 where the connection was closed without a word."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def own(shop: World) -> str:
    return f"Authorization: Bearer {shop.key}"


TRICKS = (
    "/v1/stores/../stores/s1",
    "/livez/../v1/stores/s1",
    "/livez/..%2fv1/stores/s1",
    "/docs/../v1/stores/s1",
    "/docs/assets/../../v1/stores/s1",
    "/v1/stores/%2e%2e/stores/s1",
    "/v1/stores/..%2f..%2f..%2fetc%2fpasswd",
    "/v1/stores/..%252f..%252fetc%252fpasswd",
    "/v1/stores/..%c0%af..%c0%afetc/passwd",
    "/v1/stores/..\\..\\etc\\passwd",
    "/v1/stores/s1%00.json",
    "/v1/stores/s1;admin=1",
    "/v1/stores/s1%20",
    "/v1/stores/s1/..",
    "//v1//stores//s1",
    "/./v1/./stores/s1",
    "/V1/stores/s1",
    "/v1/stores/s1/",
    "/v1/stores/s1?../",
    "/v1/stores/s1%3flimit=1",
    "/v1/stores/s1%23",
    "/v1/stores/" + "x" * 20_000,
    "/v1/stores/" + "../" * 2_000,
    "http://127.0.0.1/v1/stores/s1",
    "*",
)
FILES = (
    "/docs/assets/../../api/app.py",
    "/docs/assets/..%2f..%2fapi/app.py",
    "/docs/assets/%2e%2e/%2e%2e/api/app.py",
    "/docs/assets//etc/passwd",
    "/docs/assets/..%5c..%5capi%5capp.py",
    "/docs/assets/....//....//etc/passwd",
    "/docs/assets/%00",
)


@pytest.mark.parametrize("target", TRICKS)
def test_no_address_leads_around_the_door(wired: tuple[World, Served], target: str) -> None:
    """However it is written: without a key nothing is told that needs one."""
    answer = wired[1].raw(request(target))
    assert 400 <= status_of(answer) < 500
    assert b"Main Street" not in answer


@pytest.mark.parametrize("target", TRICKS)
def test_no_address_leads_out_of_the_house(wired: tuple[World, Served], target: str) -> None:
    """With a key it is the store or nothing."""
    shop, api = wired
    answer = api.raw(request(target, own(shop)))
    assert status_of(answer) < 500
    assert status_of(answer) != 200 or b"Main Street" in answer
    assert LEAKS.search(answer.partition(b"\r\n\r\n")[2].decode("latin-1")) is None


@pytest.mark.parametrize("target", FILES)
def test_the_pages_hold_their_own_files_only(wired: tuple[World, Served], target: str) -> None:
    answer = wired[1].raw(request(target))
    assert 400 <= status_of(answer) < 500
    assert b"root:" not in answer
    assert b"import" not in answer


SELLING = b'{"lines": [{"sku": "apple", "quantity": 1}], "tenders": []}'


@pytest.mark.parametrize(
    "headers",
    [
        ("Authorization: Bearer dbk_x_x", "{own}"),
        ("{own}", "Authorization: Bearer dbk_x_x"),
        ("{own}", "{own}"),
        ("{own}", "Idempotency-Key: a", "Idempotency-Key: b"),
        ("{own}", "Idempotency-Key: a", "idempotency-key: a"),
        ("{own}", "X-Request-Id: a", "X-Request-Id: b"),
        ("{own}", 'If-Match: "1"', 'If-Match: "2"'),
        ("{own}", "Daybook-Approval: a", "Daybook-Approval: b"),
        ("{own}", "Daybook-Purpose: audit", "Daybook-Purpose: service"),
        ("{own}", "Content-Type: text/plain", "Content-Type: application/json"),
        ("{own}", "X-Request-Id: a%0d%0aX-Injected: 1"),
        ("{own}", "X-Request-Id: a\nX-Injected: 1"),
        ("{own}", "X-Request-Id: a\rX-Injected: 1"),
        ("{own}", "X-Request-Id: a\x00b"),
        ("{own}", "X-Request-Id: " + "x" * 101),
        ("{own}", "Idempotency-Key: a\x00b"),
        ("{own}", "Transfer-Encoding: chunked", "Content-Length: 5"),
        ("{own}", "Content-Length: 5"),
        ("{own}", "Content-Length: -5"),
        ("{own}", "Content-Length: 1e3"),
        ("{own}", "Host: other"),
    ],
)
def test_headers_that_say_two_things_or_none_are_refused(
    wired: tuple[World, Served], headers: tuple[str, ...]
) -> None:
    """Nothing is written, whichever of the two somebody in front of us would have believed."""
    shop, api = wired
    before = shop.written()
    sent = [header.format(own=own(shop)) if header == "{own}" else header for header in headers]
    answer = api.raw(request("/v1/stores/s1/sales", *sent, method="POST", body=SELLING))
    # 0: the server takes it for no request at all, and hangs up.
    assert status_of(answer) == 0 or 400 <= status_of(answer) < 500
    assert b"\nX-Injected" not in answer
    assert shop.written() == before


@pytest.mark.parametrize(
    "header",
    [
        "X-Original-URL: /livez",
        "X-Rewrite-URL: /livez",
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Host: localhost",
        "X-Forwarded-Prefix: /livez",
        "X-Real-IP: 127.0.0.1",
        "X-HTTP-Method-Override: OPTIONS",
        "X-Tenant: shop",
        "Cookie: session=dbs_0; token=dbs_0",
        "X-Api-Key: dbk_0_0",
        "Proxy-Authorization: Bearer dbk_0_0",
    ],
)
def test_no_other_header_opens_a_door(wired: tuple[World, Served], header: str) -> None:
    assert status_of(wired[1].raw(request("/v1/stores/s1", header))) == 401


@pytest.mark.parametrize(
    "header", ["X-HTTP-Method-Override: DELETE", "X-Method-Override: PATCH", "_method: PUT"]
)
def test_a_method_is_what_it_says(wired: tuple[World, Served], header: str) -> None:
    shop, api = wired
    answer = api.raw(request("/v1/stores/s1", own(shop), header))
    assert (status_of(answer), b"Main Street" in answer) == (200, True)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "[::1]", "a.b/../c", "", "x" * 5_000])
def test_a_forged_host_is_told_nothing_and_repeated_nowhere(wired: tuple[World, Served], host: str) -> None:
    shop, api = wired
    answer = api.raw(request("/v1/stores/ghost", own(shop), host=host))
    assert 400 <= status_of(answer) < 500 or answer == b""
    assert not host or host.encode() not in answer


@pytest.mark.parametrize("size", [10_000, 100_000, 1_000_000])
def test_a_huge_header_is_an_ordinary_refusal(wired: tuple[World, Served], size: int) -> None:
    shop, api = wired
    answer = api.raw(request("/v1/stores/s1", f"Authorization: Bearer {'x' * size}"))
    assert status_of(answer) in {0, 400, 401, 413, 414, 431}
    assert status_of(api.raw(request("/v1/stores/s1", own(shop)))) == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "get", "G\x00T", "X" * 1_000])
def test_another_method_tells_nothing(wired: tuple[World, Served], method: str) -> None:
    shop, api = wired
    answer = api.raw(request("/v1/stores/s1", own(shop), method=method))
    assert status_of(answer) == 0 or 400 <= status_of(answer) < 500
    assert b"Main Street" not in answer
    assert shop.key.encode() not in answer


def in_pieces(size: int) -> Generator[bytes]:
    """A body that does not say how long it is."""
    yield b'{"name": "'
    for _ in range(size // 65_536):
        yield b"x" * 65_536
    yield b'"}'


@pytest.mark.parametrize("operation", ["registerCustomer", "signIn"])
def test_a_body_that_does_not_say_its_length_is_measured_all_the_same(
    wired: tuple[World, Served], operation: str
) -> None:
    shop, api = wired
    before = shop.written()
    call = CALLS[operation]
    headers = {"Authorization": f"Bearer {shop.key}", "Content-Type": "application/json"}
    body = in_pieces(2 * MAX_BODY_BYTES)
    response = httpx.request(call.method, f"{api.url}{call.path}", content=body, headers=headers)
    assert problem(response) == (413, "body_too_large")
    assert shop.written() == before


@pytest.mark.parametrize(
    "body", [b"5\r\nabc", b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"fffffffffffffffff\r\n"]
)
def test_a_body_in_broken_pieces_writes_nothing(wired: tuple[World, Served], body: bytes) -> None:
    shop, api = wired
    before = shop.written()
    head = request("/v1/customers", own(shop), "Transfer-Encoding: chunked", method="POST")
    answer = api.raw(head + body, hang_up=True)
    assert status_of(answer) == 0 or 400 <= status_of(answer) < 500
    assert shop.written() == before


def test_a_second_request_inside_a_body_is_a_body(wired: tuple[World, Served]) -> None:
    shop, api = wired
    hidden = request("/v1/customers", own(shop), "Content-Type: application/json", method="POST", body=b"{}")
    before = shop.written()
    answer = api.raw(request("/v1/stores/s1/sales", own(shop), method="POST", body=hidden))
    assert (status_of(answer), shop.written()) == (415, before)


def test_after_all_that_the_shop_is_open(wired: tuple[World, Served]) -> None:
    shop, api = wired
    headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": fresh()}
    assert httpx.post(f"{api.url}/v1/stores/s1/sales", json=basket(), headers=headers).status_code == 201
    assert "Traceback" not in api.log.read_text()
