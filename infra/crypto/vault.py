"""The vault of one tenant: seals personal text per person, opens it again, hashes secrets by key.

Keys are rows of the key store, apart from the journal: destroying a person's key makes every copy of their
sealed text unreadable, backups of the journal included. (Architecture, "Trust".)
"""

import base64
import hashlib
import hmac
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool

from domain.kernel.sealed import Sealed
from infra.crypto.master_key import KEY_BYTES, NONCE_BYTES, MasterKey

CACHED_KEYS = 10_000
COUPON_ID_BYTES = 15

_READ_KEYS: LiteralString = """
SELECT subject, key_id, wrapped_key
FROM daybook_keys.subject_keys
WHERE tenant = %(tenant)s AND subject = ANY (%(subjects)s::text[])
"""

# Two processes may make a person's first key at the same time: the first one counts.
_CREATE_KEYS: LiteralString = """
INSERT INTO daybook_keys.subject_keys (tenant, subject, key_id, wrapped_key)
SELECT %(tenant)s, subject, key_id, wrapped_key
FROM unnest(%(subjects)s::text[], %(key_ids)s::uuid[], %(wrapped)s::bytea[])
    AS new (subject, key_id, wrapped_key)
ON CONFLICT (tenant, subject) DO NOTHING
"""

_READ_TENANT_KEY: LiteralString = """
SELECT wrapped_key
FROM daybook_keys.tenant_keys
WHERE tenant = %(tenant)s
"""

_CREATE_TENANT_KEY: LiteralString = """
INSERT INTO daybook_keys.tenant_keys (tenant, wrapped_key)
VALUES (%(tenant)s, %(wrapped)s)
ON CONFLICT (tenant) DO NOTHING
"""


class Vault:
    """Seals and opens for one tenant. `start()` reads the tenant's own key and must come first."""

    def __init__(self, pool: AsyncConnectionPool[Any], master: MasterKey, tenant: str) -> None:
        self._pool = pool
        self._master = master
        self._tenant = tenant
        self._keys: dict[str, tuple[str, AESGCM]] = {}
        self._hash = hmac.new(b"", digestmod=hashlib.sha256)

    async def start(self) -> None:
        """Reads the tenant's hash key, or makes it. MasterKeyError if the master key is another one."""
        context = f"{self._tenant}/hash".encode()
        wrapped = self._master.wrap(os.urandom(KEY_BYTES), context)
        async with self._pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_CREATE_TENANT_KEY, {"tenant": self._tenant, "wrapped": wrapped})
            await cursor.execute(_READ_TENANT_KEY, {"tenant": self._tenant})
            row = await cursor.fetchone()
        assert row is not None
        self._hash = hmac.new(self._master.unwrap(bytes(row[0]), context), digestmod=hashlib.sha256)

    async def seal(self, subject: str, place: str, text: str) -> Sealed:
        """The text, readable only with the subject's key. `place` is event type and field."""
        return (await self.seal_all(subject, {place: text}))[place]

    async def seal_all(self, subject: str, texts: Mapping[str, str]) -> dict[str, Sealed]:
        """Seals several texts of one person, by place."""
        keys = await self._keys_of([subject], create=True)
        key_id, cipher = keys[subject]
        return {place: self._seal(subject, place, text, key_id, cipher) for place, text in texts.items()}

    async def open(self, sealed: Sealed) -> str | None:
        """The text; None where the person was forgotten."""
        return (await self.open_all([sealed]))[0]

    async def open_all(self, sealed: Sequence[Sealed]) -> list[str | None]:
        """The texts in order, with one read of keys; None for each whose person was forgotten."""
        keys = await self._keys_of({box.subject for box in sealed}, create=False)
        return [self._open(box, keys.get(box.subject)) for box in sealed]

    def fingerprint(self, *parts: bytes) -> bytes:
        """A keyed hash of a request: equal requests are recognised, the hash alone tells nothing."""
        digest = self._hash.copy()  # the key is worked in once
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()

    def coupon_id(self, code: str) -> str:
        """The id of the coupon with this code: a keyed hash, so codes can't be guessed from ids or events."""
        digest = self.fingerprint(b"coupon", code.strip().upper().encode())[:COUPON_ID_BYTES]
        return base64.b32encode(digest).decode().lower()

    async def _keys_of(self, subjects: Iterable[str], *, create: bool) -> dict[str, tuple[str, AESGCM]]:
        wanted = list(dict.fromkeys(subjects))
        known = {subject: self._keys[subject] for subject in wanted if subject in self._keys}
        missing = [subject for subject in wanted if subject not in known]
        if missing:
            found = await self._read_keys(missing)
            if create and len(found) < len(missing):
                await self._create_keys([subject for subject in missing if subject not in found])
                found = await self._read_keys(missing)
            if len(self._keys) + len(found) > CACHED_KEYS:
                self._keys.clear()
            self._keys.update(found)
            known.update(found)
        return known

    async def _read_keys(self, subjects: list[str]) -> dict[str, tuple[str, AESGCM]]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_READ_KEYS, {"tenant": self._tenant, "subjects": subjects})
            rows = await cursor.fetchall()
        return {
            subject: (
                str(key_id),
                AESGCM(self._master.unwrap(bytes(wrapped), self._context(subject, str(key_id)))),
            )
            for subject, key_id, wrapped in rows
        }

    async def _create_keys(self, subjects: list[str]) -> None:
        key_ids = [str(uuid.uuid4()) for _ in subjects]
        wrapped = [
            self._master.wrap(os.urandom(KEY_BYTES), self._context(subject, key_id))
            for subject, key_id in zip(subjects, key_ids, strict=True)
        ]
        async with self._pool.connection() as connection:
            await connection.execute(
                _CREATE_KEYS,
                {"tenant": self._tenant, "subjects": subjects, "key_ids": key_ids, "wrapped": wrapped},
            )

    def _context(self, subject: str, key_id: str) -> bytes:
        return f"{self._tenant}/{subject}/{key_id}".encode()

    def _bound_to(self, subject: str, place: str) -> bytes:
        return f"{self._tenant}\0{subject}\0{place}".encode()

    def _seal(self, subject: str, place: str, text: str, key_id: str, cipher: AESGCM) -> Sealed:
        nonce = os.urandom(NONCE_BYTES)
        box = nonce + cipher.encrypt(nonce, text.encode(), self._bound_to(subject, place))
        return Sealed(key_id=key_id, subject=subject, place=place, box=base64.b64encode(box).decode())

    def _open(self, sealed: Sealed, key: tuple[str, AESGCM] | None) -> str | None:
        if key is None or key[0] != sealed.key_id:
            return None
        bound = self._bound_to(sealed.subject, sealed.place)
        try:
            box = base64.b64decode(sealed.box, validate=True)
            return key[1].decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound).decode()
        except (InvalidTag, ValueError):  # ValueError: not base64, or too short to hold a nonce
            raise SealBroken(
                f"A sealed text of {sealed.subject} was altered or moved ({sealed.place})."
            ) from None


class SealBroken(Exception):
    """Sealed text doesn't open with its own key: it was changed, or moved from where it was written."""
