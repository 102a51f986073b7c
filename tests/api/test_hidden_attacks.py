"""What attackers put where texts are overlooked: in addresses, parameters, headers and sales within a batch.

After the OWASP ASVS: V5 validation, V7 errors. Bodies are attacked in test_attacks.py.
"""

from urllib.parse import quote

import httpx
import pytest

from tests.api.test_attacks import ATTACKS, encoded, says_nothing
from tests.api.test_offline_sales import made
from tests.support.api import Json, World, fresh
from tests.support.calls import CALLS
from tests.support.places import named_places, planted, text_places
from tests.support.routes import filled, sender
from tests.support.things import ids_of

SOME = [
    ATTACKS[name]
    for name in (
        "sql by union",
        "sql by sleep",
        "format",
        "nul",
        "line break",
        "template",
        "path",
        "lone surrogate",
    )
]
IN_ADDRESSES = [place for place in named_places() if place.kind in {"path", "query"}]
HEADERS = (
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Daybook-Approval",
    "Daybook-Min-Position",
    "Daybook-Purpose",
    "Forwarded",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Origin",
    "Range",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "X-Request-Id",
)


@pytest.fixture(scope="module")
def ids(shop: World) -> dict[str, str]:
    """Ids of what is in the shop."""
    return ids_of(shop)


def as_latin(text: str) -> str:
    """Also what is no Unicode, as bytes on the wire."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


@pytest.mark.parametrize("operation", sorted({place.operation for place in IN_ADDRESSES}))
def test_no_text_in_an_address_is_more_than_a_text(shop: World, ids: dict[str, str], operation: str) -> None:
    """Each id of the path and each parameter of the query, whatever else is right."""
    caller = sender(shop, operation)
    call = filled(CALLS[operation], ids)
    template = CALLS[operation].path
    before, succeeded = shop.written(), False
    for place in IN_ADDRESSES:
        if place.operation != operation:
            continue
        for text in SOME:
            attack = quote(text.encode("utf-8", "surrogatepass"), safe="")
            if place.kind == "path":
                path = _with_part(template, call.path, place.name, attack)
            else:
                path = f"{call.path}{'&' if '?' in call.path else '?'}{place.name}={attack}"
            answer = caller.call(call.method, path, None)
            says_nothing(answer, text)
            assert "X-Injected" not in answer.headers
            succeeded |= answer.is_success
    assert succeeded or shop.written() == before


def _with_part(template: str, path: str, name: str, attack: str) -> str:
    """The path with the attack in the place of one of its parts; as it is where there is no such part."""
    named = template.partition("?")[0].split("/")
    parts = path.partition("?")[0].split("/")
    return "/".join(
        attack if part.startswith("{") and (name in part or part == "{" + name + "}") else known
        for part, known in zip(named, parts, strict=True)
    )


@pytest.mark.parametrize("header", HEADERS)
def test_no_text_in_a_header_is_more_than_a_text(shop: World, ids: dict[str, str], header: str) -> None:
    reading = filled(CALLS["getCustomer"], ids)
    selling = filled(CALLS["checkOut"], ids)
    for text in SOME:
        # What no client can send is refused by the server itself: see test_wire_attacks.py.
        sent = as_latin(text.replace("\r", "").replace("\n", "").replace("\x00", ""))
        for call in (reading, selling):
            headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": fresh(), header: sent}
            answer = shop.client.request(
                call.method,
                call.path,
                content=b"" if call.body is None else encoded(call.body),
                headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            )
            says_nothing(answer, sent)
            assert "X-Injected" not in answer.headers


@pytest.mark.parametrize(
    "trick", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"]
)
def test_a_header_leads_to_no_other_route(shop: World, trick: str) -> None:
    """Some frameworks let a header say what is meant."""
    nobody = shop.caller("stores:read")
    value = "DELETE" if "Method" in trick else "/v1/users"
    answer = nobody.get("/v1/stores/s1", **{trick.replace("-", "_"): value})
    assert (answer.status_code, answer.json()["store_id"]) == (200, "s1")


@pytest.mark.parametrize("place", text_places("recordSales"), ids=str)
def test_an_attack_in_a_sale_of_a_batch_is_that_sales_problem_alone(
    shop: World, place: tuple[str | int, ...]
) -> None:
    """The one beside it is recorded; the attacked one too where any text may stand, and else not at all."""
    for text in SOME:
        bad = made(fresh("till"), 1)
        attacked = planted({"sales": [bad]}, place, text)["sales"][0]
        response = shop.post(
            "/v1/stores/s1/sales/batch", encoded({"sales": [attacked, made(fresh("till"), 2)]})
        )
        if response.status_code == 400:
            # What is no JSON is nobody's sale.
            says_nothing(response, text)
            continue
        first, second = response.json()["results"]
        assert second["status"] == "created"
        if first["status"] == "refused":
            problem: Json = first["problem"]
            says_nothing(httpx.Response(problem["status"], json=problem, headers=_PROBLEM), text)
            assert shop.get(f"/v1/sales/{bad['sale_id']}").status_code == 404


_PROBLEM = {"Content-Type": "application/problem+json"}
