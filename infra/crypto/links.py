"""Signed links: whoever has one sees one thing of one tenant until it expires, and can make no other."""

import base64
import enum
import hmac
import re
from datetime import UTC, datetime
from typing import NamedTuple

from infra.crypto.vault import Vault

MAC_BYTES = 16
"""Nobody guesses one of 2^128, and links stay short enough for a text message."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,300}")
_PAYLOAD = re.compile(r"([a-z][a-z0-9_]{0,40})/(\d{1,12})/([A-Za-z0-9][A-Za-z0-9._-]{0,63})")


class LinkKind(enum.Enum):
    """What a link opens, as it is signed: one for an order opens nothing else of the same id."""

    ORDER = b"order link"
    SURVEY = b"survey link"
    CARE = b"care link"


class Link(NamedTuple):
    """What a token says, before anybody has looked whether it is true."""

    tenant: str
    expires_at: datetime
    id: str
    mac: bytes

    @property
    def payload(self) -> str:
        """What is signed."""
        return _payload(self.tenant, self.expires_at, self.id)


def _payload(tenant: str, expires_at: datetime, id_: str) -> str:
    return f"{tenant}/{int(expires_at.timestamp())}/{id_}"


def _mac(vault: Vault, payload: str, kind: LinkKind) -> bytes:
    # Requests are hashed with the same key, but their first part begins with a slash.
    return vault.fingerprint(kind.value, payload.encode())[:MAC_BYTES]


def make_token(
    vault: Vault, tenant: str, id_: str, expires_at: datetime, kind: LinkKind = LinkKind.ORDER
) -> str:
    """A token that opens the order, or another kind of thing, until then, to the second."""
    payload = _payload(tenant, expires_at, id_)
    return base64.urlsafe_b64encode(_mac(vault, payload, kind) + payload.encode()).decode().rstrip("=")


def read_token(token: str) -> Link | None:
    """What a token says; None for anything that make_token does not make. Says nothing of its truth."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        found = _PAYLOAD.fullmatch(raw[MAC_BYTES:].decode("ascii"))
        if found is None:
            return None
        tenant, expires, id_ = found.groups()
        # Twelve digits reach beyond the year 9999.
        expires_at = datetime.fromtimestamp(int(expires), UTC)
    except (ValueError, OverflowError):
        return None
    return Link(tenant, expires_at, id_, raw[:MAC_BYTES])


def is_genuine(vault: Vault, link: Link, kind: LinkKind = LinkKind.ORDER) -> bool:
    """Whether the tenant of this vault made the link, and for this kind of thing."""
    return hmac.compare_digest(link.mac, _mac(vault, link.payload, kind))
