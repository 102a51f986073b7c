"""Signed links: whoever has one sees one thing of one tenant until it expires, and can make no other."""

import base64
import binascii
import hmac
import re
from datetime import UTC, datetime
from typing import NamedTuple

from infra.crypto.vault import Vault

MAC_BYTES = 16
"""Nobody guesses one of 2^128, and links stay short enough for a text message."""
MAX_TOKEN = 300
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,300}")
_PAYLOAD = re.compile(r"([a-z][a-z0-9_]{0,40})/(\d{1,12})/([A-Za-z0-9][A-Za-z0-9._-]{0,63})")


class Link(NamedTuple):
    """What a token says, before anybody has looked whether it is true."""

    tenant: str
    expires_at: datetime
    order_id: str
    mac: bytes

    @property
    def payload(self) -> str:
        """What is signed."""
        return _payload(self.tenant, self.expires_at, self.order_id)


def _payload(tenant: str, expires_at: datetime, order_id: str) -> str:
    return f"{tenant}/{int(expires_at.timestamp())}/{order_id}"


def _mac(vault: Vault, payload: str) -> bytes:
    # Requests are hashed with the same key, but their first part begins with a slash.
    return vault.fingerprint(b"order link", payload.encode())[:MAC_BYTES]


def make_token(vault: Vault, tenant: str, order_id: str, expires_at: datetime) -> str:
    """A token that opens the order until then, to the second."""
    payload = _payload(tenant, expires_at, order_id)
    return base64.urlsafe_b64encode(_mac(vault, payload) + payload.encode()).decode().rstrip("=")


def read_token(token: str) -> Link | None:
    """What a token says; None for anything that make_token does not make. Says nothing of its truth."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        found = _PAYLOAD.fullmatch(raw[MAC_BYTES:].decode("ascii"))
    except (binascii.Error, UnicodeDecodeError):
        return None
    if found is None:
        return None
    tenant, expires, order_id = found.groups()
    try:
        expires_at = datetime.fromtimestamp(int(expires), UTC)
    except (ValueError, OverflowError):
        # Beyond the last year that there is: no link of ours lasts so long.
        return None
    return Link(tenant, expires_at, order_id, raw[:MAC_BYTES])


def is_genuine(vault: Vault, link: Link) -> bool:
    """Whether the tenant of this vault made the link."""
    return hmac.compare_digest(link.mac, _mac(vault, link.payload))
