"""The sealing key: an Ed25519 key in a file, made on first start. Whoever has it can sign as this shop.

A line each, the file holds the key that signs and then those before it, the newest first: each tenant's next
checkpoint is signed by the key that has signed its last one too, however long that tenant was at rest.
"""

import base64
import fcntl
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.audit.checkpoint import Signer
from infra.errors import OperatorError
from infra.files import keep_secret, replace_secret

SEED_BYTES = 32
_NAME_DIGITS = 8


class SealKey(NamedTuple):
    """The key that signs, and those that did before, the newest first."""

    private: Ed25519PrivateKey
    former: tuple[Ed25519PrivateKey, ...] = ()


class SealKeyError(OperatorError):
    """The sealing key can't be read, or it isn't the one that signed before."""


def load_seal_key(path: Path, *, sealed: bool) -> SealKey:
    """The key in the file; a new one, readable by its owner only, where nothing was sealed yet.

    SealKeyError where something was and the file is gone: a new key would sign another history.
    """
    if not path.exists():
        if sealed:
            raise SealKeyError(f"The sealing key {path} is missing. Restore it from its backup.")
        keep_secret(path, secrets.token_bytes(SEED_BYTES))
    try:
        private, *former = [_key_of(line) for line in path.read_bytes().strip().split(b"\n")]
    except (OSError, ValueError) as error:
        raise SealKeyError(f"The sealing key in {path} can't be read: {error}") from None
    return SealKey(private, tuple(former))


def _key_of(line: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(line.strip(), validate=True))


def rotate_seal_key(path: Path) -> SealKey:
    """Puts a new key before those in the file, which is whole at any moment; returns what it holds now.

    SealKeyError where there is no key to follow, or somebody else is at it.
    """
    load_seal_key(path, sealed=True)
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever opened it before another replaced it holds a file that nobody reads any more.
            is_still_there = os.fstat(file.fileno()).st_ino == path.stat().st_ino
        except OSError:
            is_still_there = False
        if not is_still_there:
            raise SealKeyError(f"The sealing key in {path} is being rotated by somebody else.")
        replace_secret(path, base64.b64encode(secrets.token_bytes(SEED_BYTES)) + b"\n" + file.read())
    return load_seal_key(path, sealed=True)


def signer_of(private: Ed25519PrivateKey, tenant: str, former: Sequence[Ed25519PrivateKey] = ()) -> Signer:
    """Signs a tenant's log, whose origin names the installation by its first key, and the tenant."""
    first = former[-1] if former else private
    digest = hashlib.sha256(first.public_key().public_bytes_raw()).hexdigest()
    origin = f"daybook-{digest[:_NAME_DIGITS]}/{tenant}"
    return Signer(origin, private, [Signer(origin, each) for each in former])
