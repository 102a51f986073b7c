"""What attackers send in texts and with the keys of others: refused by the book, and nothing told.

After the OWASP ASVS: V4 access control, V5 validation, V7 errors. See test_wire_attacks.py for the rest.
"""

import json
import re

import httpx
import msgspec
import pytest

from tests.support.api import World, fresh, problem
from tests.support.calls import CALLS, PEOPLES, WITH_BODY
from tests.support.people import signed_in
from tests.support.places import planted, text_places
from tests.support.routes import filled, routes_of, send, sender
from tests.support.things import ids_of

TABLES = """
SELECT count(*)
FROM information_schema.tables
WHERE table_schema IN ('daybook', current_schema())
"""
CALM = "DELETE FROM daybook.sign_in_attempts"
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|psycopg|SELECT |INSERT |UPDATE |syntax error|relation \"|/site-packages/"
    r"|root:x:|uid=\d|\b49\b"
)
"""What would tell of our insides, or that a text was carried out: 49 is 7 * 7."""

PLACE = re.compile(r"\(byte \d+\)")
"""Where a body is no JSON."""

ATTACKS = {
    "sql": "x'; DROP TABLE daybook.api_keys; --",
    "sql by or": "' OR '1'='1",
    "sql by union": "x' UNION SELECT secret_sha256 FROM daybook.api_keys --",
    "sql by sleep": "x'||pg_sleep(30)||'",
    "format": "%(tenant)s %s {0} {schema} %n",
    "json": '","scopes":["*"],"x":"',
    "json operator": '{"$gt":""}',
    "nul": "a\x00b",
    "line break": "a\r\nX-Injected: 1\r\n\r\n",
    "template": "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
    "lookup": "${jndi:ldap://127.0.0.1/x}",
    "shell": "$(id)`id`;id|id",
    "path": "../../../../etc/passwd",
    "stream": "s1/apple-till-s2",
    "html": "<script>alert(1)</script>",
    "xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "long": "x" * 100_000,
    "lone surrogate": "\ud800",
    "right to left": "\u202egpj.exe",
}


@pytest.fixture(scope="module")
def ids(shop: World) -> dict[str, str]:
    """Ids of what is in the shop."""
    return ids_of(shop)


def encoded(body: object) -> bytes:
    """JSON also of what is no Unicode, as an attacker's own encoder makes it."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        return json.dumps(body).encode()


def says_nothing(response: httpx.Response, sent: str) -> None:
    """No answer is an error of ours, and no refusal tells more than was sent."""
    assert response.status_code < 500, response.text
    if not response.is_success:
        problem(response)
        told = PLACE.sub("", response.text.replace(encoded(sent).decode()[1:-1], ""))
        assert LEAKS.search(told) is None, told


# Texts.


@pytest.mark.parametrize("operation", [operation for operation in WITH_BODY if text_places(operation)])
def test_no_text_in_any_field_is_more_than_a_text(shop: World, ids: dict[str, str], operation: str) -> None:
    """Taken as it is where any text may stand, refused elsewhere; what is refused has written nothing."""
    tables = shop.query(TABLES)
    caller = sender(shop, operation)
    before = shop.written()
    for place in text_places(operation):
        shop.query(CALM)
        for text in ATTACKS.values():
            call = filled(CALLS[operation], {**ids, "role": fresh("role")})
            attack = call._replace(body=encoded(planted(call.body or {}, place, text)))
            response = send(caller, attack)
            says_nothing(response, text)
            assert "X-Injected" not in response.headers
            after = shop.written()
            assert response.is_success or after == before, (place, text[:80])
            before = after
    assert shop.query(TABLES) == tables


def test_texts_stand_in_the_bodies_of_operations() -> None:
    """What is attacked above is not nothing."""
    assert sum(len(text_places(operation)) for operation in WITH_BODY) > 60
    assert ("lines", 0, "unit_price", "currency") in text_places("checkOut")
    assert ("roles", 0, "store_id") in text_places("addUser")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_in_a_parameter_is_more_than_a_text(shop: World, attack: str) -> None:
    text = ATTACKS[attack].encode("utf-8", "surrogatepass")[:8_000].decode("latin-1")
    for path, name in (
        ("/v1/complaints", "status"),
        ("/v1/complaints", "cursor"),
        ("/v1/stores/s1/stock", "cursor"),
        ("/v1/reports/sales?from=2026-01-01&to=2026-01-02", "group_by"),
        ("/v1/reports/sales?from=2026-01-01&to=2026-01-02", "store_id"),
        ("/v1/events", "after"),
        ("/v1/events", "limit"),
        ("/v1/employees/e1/scores", "month"),
    ):
        url = httpx.URL(path).copy_merge_params({name: text})
        says_nothing(shop.get(str(url)), text)


# Ids that are guessed, of another store and of another tenant: see test_doors.py.


@pytest.mark.parametrize("operation", sorted(PEOPLES))
def test_what_people_do_takes_a_session(shop: World, ids: dict[str, str], operation: str) -> None:
    call = filled(CALLS[operation], ids)
    assert shop.refusal(lambda: send(shop, call)) == (403, "forbidden")
    assert shop.refusal(lambda: send(shop.stranger(), call)) == (401, "unauthenticated")


def test_a_session_of_a_tenant_opens_nothing_of_another(shop: World, ids: dict[str, str]) -> None:
    neighbour = shop.neighbour()
    tenant = neighbour.read("/v1/status")["tenant"]
    assert tenant != "shop"
    person = signed_in(shop, "owner")
    users = {user["user_id"] for user in neighbour.read("/v1/users")["data"]}
    assert (person.read("/v1/status")["tenant"], person.user_id in users) == ("shop", False)


# What an answer carries.


def test_every_answer_is_kept_out_of_frames_caches_and_guesses(shop: World) -> None:
    answers = [shop.get("/v1/stores/s1"), shop.get("/v1/stores/ghost"), shop.stranger().get("/v1/events")]
    answers += [shop.get("/nowhere"), shop.get("/livez"), shop.call("DELETE", "/v1/stores")]
    told = {
        (
            answer.headers["X-Content-Type-Options"],
            answer.headers["Content-Security-Policy"],
            answer.headers["Cache-Control"],
        )
        for answer in answers
    }
    assert told == {("nosniff", "frame-ancestors 'none'", "no-store")}
    assert all(answer.headers["X-Request-Id"] for answer in answers)


def test_no_answer_sets_a_cookie_or_lets_other_sites_in(shop: World) -> None:
    for route in routes_of(shop.app):
        answer = shop.call(route.method, route.path, Origin="https://evil.example")
        assert {"set-cookie", "access-control-allow-origin"}.isdisjoint(answer.headers)


def test_a_given_request_id_is_told_again(shop: World) -> None:
    assert shop.get("/v1/stores/s1", X_Request_Id="till-7:42").headers["X-Request-Id"] == "till-7:42"
