"""The master key: 32 random bytes in a file, made on first start. Lose it and all personal data is lost."""

import base64
import os
import secrets
from pathlib import Path
from typing import LiteralString

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.errors import OperatorError
from infra.files import keep_secret

_KEYS_ARE_STORED: LiteralString = """
SELECT EXISTS (
    SELECT
    FROM daybook_keys.tenant_keys
    WHERE %(tenant)s::text IS NULL OR tenant = %(tenant)s::text
)
"""

KEY_BYTES = 32
NONCE_BYTES = 12


class MasterKeyError(OperatorError):
    """The master key can't be read, or it isn't the one that wrapped the stored keys."""


class MasterKey:
    """Wraps and unwraps data keys by AES-256-GCM; `context` binds a wrapped key to its owner."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise MasterKeyError(
                f"A master key has {KEY_BYTES} bytes, base64 in its file; this one has {len(key)}."
            )
        self._cipher = AESGCM(key)

    @classmethod
    def of_store(cls, path: Path, keys_url: str, tenant: str | None = None) -> "MasterKey":
        """The key in the file; a new one only for a key store without keys (of the tenant, if one is named).

        MasterKeyError where keys are stored and the file is gone: a new key would open none of them.
        """
        if not path.exists():
            with psycopg.connect(keys_url) as connection:
                row = connection.execute(_KEYS_ARE_STORED, {"tenant": tenant}).fetchone()
            if row is not None and row[0]:
                raise MasterKeyError(f"The master key {path} is missing. Restore it from its backup.")
        return cls.load_or_create(path)

    @classmethod
    def load_or_create(cls, path: Path) -> "MasterKey":
        """The key in the file; a new one, readable by its owner only, where there is no file yet."""
        if not path.exists():
            keep_secret(path, secrets.token_bytes(KEY_BYTES))
        return cls._load(path)

    @classmethod
    def _load(cls, path: Path) -> "MasterKey":
        try:
            return cls(base64.b64decode(path.read_bytes().strip(), validate=True))
        except (OSError, ValueError) as error:
            raise MasterKeyError(f"The master key in {path} can't be read: {error}") from None

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The key, encrypted: nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key again, or MasterKeyError if it was wrapped by another master key or for another owner."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except InvalidTag:
            raise MasterKeyError(
                "A stored key does not open with this master key. Start with the file that wrapped it."
            ) from None
