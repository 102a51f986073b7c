"""From which address somebody calls: what trusted proxies added is believed, not what callers write."""

from typing import Any

import pytest
from litestar.testing import TestClient

from api.callers import caller_address, counted_as
from infra.settings import Settings
from tests.support.api import World, application, fresh, problem

PROXIES = Settings(trusted_proxies="10.0.0.0/8, fd00::/8,192.0.2.1").trusted_networks


def caller(peer: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return str(caller_address(peer, [(b"host", b"shop"), *headers], PROXIES))


def test_a_header_from_who_is_not_trusted_is_not_read() -> None:
    assert caller("198.51.100.9", "203.0.113.5") == "198.51.100.9"
    assert caller("192.0.2.2", "203.0.113.5, 10.0.0.1") == "192.0.2.2"


def test_without_trusted_proxies_no_header_is_read() -> None:
    headers = [(b"x-forwarded-for", b"203.0.113.5")]
    for peer in ("10.0.0.1", "127.0.0.1", "::1"):
        assert str(caller_address(peer, headers, Settings().trusted_networks)) == peer


def test_a_trusted_proxy_says_who_called() -> None:
    assert caller("10.0.0.1", "203.0.113.5") == "203.0.113.5"
    assert caller("192.0.2.1", "203.0.113.5") == "203.0.113.5"


def test_what_the_caller_wrote_before_is_not_believed() -> None:
    assert caller("10.0.0.1", "1.1.1.1, 203.0.113.5") == "203.0.113.5"
    assert caller("10.0.0.1", "10.0.0.9, 203.0.113.5") == "203.0.113.5"


def test_several_trusted_proxies_are_walked_back() -> None:
    assert caller("10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.3,10.0.0.2") == "203.0.113.5"


def test_several_headers_are_one_list() -> None:
    assert caller("10.0.0.1", "1.1.1.1", "203.0.113.5", "10.0.0.2") == "203.0.113.5"


def test_where_everybody_is_trusted_the_first_one_called() -> None:
    assert caller("10.0.0.1", "10.1.1.1, 10.0.0.2") == "10.1.1.1"


def test_a_trusted_proxy_that_says_nothing_called_itself() -> None:
    assert caller("10.0.0.1") == "10.0.0.1"


@pytest.mark.parametrize(
    "garbage",
    ["", " ", ",", "unknown", "_hidden", "300.1.1.1", "1.2.3", "::g", "[::1", "1.1.1.1;", "\xff", "1" * 9999],
)
def test_garbage_ends_the_walk_at_who_handed_it_on(garbage: str) -> None:
    assert caller("10.0.0.1", garbage) == "10.0.0.1"
    assert caller("10.0.0.1", f"203.0.113.5, {garbage}, 10.0.0.2") == "10.0.0.2"


def test_very_many_hops_change_nothing() -> None:
    assert caller("10.0.0.1", ", ".join(["1.1.1.1"] * 5_000 + ["203.0.113.5"])) == "203.0.113.5"
    assert caller("10.0.0.1", ", ".join(["203.0.113.5"] + ["10.0.0.2"] * 5_000)) == "203.0.113.5"


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("fd00::1", "[2001:db8::7]", "2001:db8::7"),
        ("fd00::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "203.0.113.5:4711", "203.0.113.5"),
        ("::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8::1", "203.0.113.5", "2001:db8::1"),
        ("fd00::1", "fe80::1%eth0", "fd00::1"),
    ],
)
def test_addresses_may_be_of_ipv6_and_have_ports(peer: str, forwarded: str, expected: str) -> None:
    assert caller(peer, forwarded) == expected


def test_a_peer_that_is_no_address_is_told_as_it_is() -> None:
    assert caller("", "203.0.113.5") == ""
    assert caller("testclient", "203.0.113.5") == "testclient"


def test_who_has_a_block_of_ipv6_is_one_caller() -> None:
    blocks = {counted_as(caller_address(peer, (), ())) for peer in ("2001:db8::1", "2001:db8:0:0:ffff::2")}
    assert blocks == {"2001:db8::/64"}
    assert counted_as(caller_address("203.0.113.5", (), ())) == "203.0.113.5"


# --- at the door --------------------------------------------------------------------------------------


def test_behind_a_trusted_proxy_one_caller_waits_and_another_does_not(new_shop: World) -> None:
    settings = Settings(
        database_url=new_shop.settings.database_url,
        data_dir=new_shop.settings.data_dir,
        master_key_file=new_shop.settings.master_key_file,
        trusted_proxies="10.0.0.0/8",
    )
    app = application(settings)
    inner = app.asgi_handler

    async def through_a_proxy(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["client"] = ("10.0.0.1", 4711)
        await inner(scope, receive, send)

    app.asgi_handler = through_a_proxy
    with TestClient(app) as client:

        def answer(forwarded: str) -> tuple[int, str]:
            body = {"tenant": "shop", "sign_in_name": fresh("nobody"), "password": "wrong password"}
            return problem(client.post("/v1/sessions", json=body, headers={"X-Forwarded-For": forwarded}))

        assert answer("203.0.113.5") == (401, "sign_in_refused")
        new_shop.query("UPDATE daybook.sign_in_attempts SET attempts = 60")
        assert answer("1.1.1.1, 203.0.113.5") == (401, "sign_in_refused")
        assert answer("2.2.2.2, 203.0.113.5") == (429, "too_many_attempts")
        assert answer("203.0.113.5, 203.0.113.6") == (401, "sign_in_refused")
