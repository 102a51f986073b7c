"""Messages by HTTP: signed, the same id for each try, and refused for good only where trying is no use."""

import asyncio
import base64
import hashlib
import hmac
import time

import pytest

from infra.messages.gateway import Gateway, GatewayAway, GatewayUnusable, signature
from infra.messages.port import Letter, NotDelivered
from tests.support.gateway_server import GatewayServer, Taken, gateway_server

KEY = bytes(range(24))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
LETTER = Letter(message_id="m1", subject="Hello", text="Dear Han")


def send(server: GatewayServer, letter: Letter = LETTER, to: str = "+8613800000000") -> Taken:
    asyncio.run(Gateway(server.url, SECRET, "sms").send(letter, to))
    return server.taken[-1]


def test_a_message_is_posted_as_json() -> None:
    with gateway_server() as server:
        assert send(server).message == {
            "message_id": "m1",
            "channel": "sms",
            "to": "+8613800000000",
            "subject": "Hello",
            "text": "Dear Han",
        }


def test_whoever_has_the_secret_can_tell_that_it_is_ours_and_new() -> None:
    """As the guide says that a receiver does it."""
    with gateway_server() as server:
        taken = send(server)
    timestamp = taken.headers["webhook-timestamp"]
    signed = f"{taken.headers['webhook-id']}.{timestamp}.".encode() + taken.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert taken.headers["webhook-signature"] == f"v1,{expected}"
    assert abs(time.time() - int(timestamp)) < 300


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example of its specification."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    told = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_try_has_the_same_id() -> None:
    with gateway_server() as server:
        server.answers = [503]
        with pytest.raises(GatewayAway, match=r"^answered 503$"):
            send(server)
        send(server)
        assert [taken.headers["webhook-id"] for taken in server.taken] == ["m1", "m1"]


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_what_is_wrong_with_the_message_is_for_good(status: int) -> None:
    with gateway_server() as server:
        server.answers = [status]
        with pytest.raises(NotDelivered, match=f"^answered {status}$"):
            send(server)


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500])
def test_what_can_be_mended_is_tried_again_and_no_redirect_is_followed(status: int) -> None:
    with gateway_server() as server:
        server.answers = [status]
        with pytest.raises(GatewayAway):
            send(server)
        assert len(server.taken) == 1


def test_a_gateway_that_is_away_is_tried_again_and_its_address_is_not_told() -> None:
    with gateway_server() as server:
        gone = Gateway(f"{server.url}?token=secret", SECRET, "sms")
    with pytest.raises(GatewayAway) as raised:
        asyncio.run(gone.send(LETTER, "+86"))
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "secret", [None, "", "whsec_", "whsec_AAAA", "whsec_?", base64.b64encode(KEY).decode()]
)
def test_without_a_secret_that_nobody_guesses_nothing_is_sent(secret: str | None) -> None:
    with pytest.raises(GatewayUnusable):
        Gateway("https://sms.example.com/", secret, "sms")


@pytest.mark.parametrize("url", ["sms.example.com", "ftp://sms.example.com", "https://", "https://a/#b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(GatewayUnusable):
        Gateway(url, SECRET, "sms")
