"""Messages by HTTP: POST to a gateway, which brings them to telephones, WeChat or whatever it likes.

Each request is signed as Standard Webhooks has it (standardwebhooks.com): HMAC-SHA256 under a shared secret
over id, timestamp and body. The id is the message's, the same for each try; the timestamp is the try's own.
Of an answer only the status is read. No redirect is followed: the text would go with it. (docs/guide/care.md)
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from typing import Any

import msgspec

from infra.errors import OperatorError
from infra.messages.port import Letter, NotDelivered

TIMEOUT_S = 10.0
SECRET_PREFIX = "whsec_"  # noqa: S105 - it is what secrets begin with
LEAST_SECRET_BYTES = 24
PERMANENT = frozenset({400, 404, 410, 422})
"""What is wrong with the message or its address; every other refusal may be mended and is tried again."""


class GatewayUnusable(OperatorError):
    """The gateway's address, or the secret, can't be used."""


class GatewayAway(Exception):
    """The gateway did not take the message this time. The text holds its status, and no address."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """The body. `to` is a number in E.164 or, where the receiver knows customers by it, a customer's id."""

    message_id: str
    channel: str
    to: str
    subject: str
    text: str


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None is followed: the answer is then that of the redirect."""


class Gateway:
    """Sends the messages of one channel to an address."""

    sends = True

    def __init__(self, url: str, secret: str | None, channel: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
            raise GatewayUnusable(f"The address of the gateway for {channel} is an http(s) address.")
        self._url = url
        self._secret = secret_of(secret)
        self._channel = channel
        self._opener = urllib.request.build_opener(_NoRedirects)

    async def send(self, letter: Letter, address: str) -> None:
        """Sends a message. NotDelivered where it is refused for good, GatewayAway where a try may help."""
        outgoing = Outgoing(
            message_id=letter.message_id,
            channel=self._channel,
            to=address,
            subject=letter.subject,
            text=letter.text,
        )
        # The standard library's client blocks.
        await asyncio.to_thread(self._post, letter.message_id, msgspec.json.encode(outgoing))

    def _post(self, message_id: str, body: bytes) -> None:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self._secret, message_id, timestamp, body),
        }
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310 - as checked
        try:
            with self._opener.open(request, timeout=TIMEOUT_S):
                return
        except urllib.error.HTTPError as error:
            kind = NotDelivered if error.code in PERMANENT else GatewayAway
            raise kind(f"answered {error.code}") from None
        except (OSError, HTTPException) as error:
            # The text of some errors repeats the address, which may hold a secret.
            raise GatewayAway(type(error).__name__) from None


def signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """What proves to whoever has the secret that the message is ours, and when it was sent."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def secret_of(text: str | None) -> bytes:
    """The secret's bytes: base64 behind whsec_. GatewayUnusable for anything else, and for a short one."""
    try:
        if text is not None and text.startswith(SECRET_PREFIX):
            secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
            if len(secret) >= LEAST_SECRET_BYTES:
                return secret
    except binascii.Error:
        pass
    raise GatewayUnusable(
        f"DAYBOOK_MESSAGE_SECRET is {SECRET_PREFIX} and {LEAST_SECRET_BYTES} random bytes or more in base64."
    )
