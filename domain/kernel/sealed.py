"""Sealed: personal text as it may enter an event, readable only with its person's key."""

import msgspec


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """Ciphertext of one personal field. infra/crypto makes and opens it; the rules only carry it.

    `subject` is whose key seals it (`customer-…`), `place` the event type and field it was written
    for (`customer.registered.v1/phone`), `box` base64 of nonce and AES-GCM ciphertext. Subject, place
    and tenant are authenticated: a box moved elsewhere does not open.
    """

    key_id: str
    subject: str
    place: str
    box: str
