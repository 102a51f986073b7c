"""The sealing key: an Ed25519 key in a file, made on first start. Whoever has it can sign as this shop."""

import base64
import hashlib
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.audit.checkpoint import Signer
from infra.errors import OperatorError
from infra.files import keep_secret

SEED_BYTES = 32
_NAME_DIGITS = 8


class SealKeyError(OperatorError):
    """The sealing key can't be read, or it isn't the one that signed before."""


def load_seal_key(path: Path, *, sealed: bool) -> Ed25519PrivateKey:
    """The key in the file; a new one, readable by its owner only, where nothing was sealed yet.

    SealKeyError where something was and the file is gone: a new key would sign another history.
    """
    if not path.exists():
        if sealed:
            raise SealKeyError(f"The sealing key {path} is missing. Restore it from its backup.")
        keep_secret(path, secrets.token_bytes(SEED_BYTES))
    try:
        return Ed25519PrivateKey.from_private_bytes(
            base64.b64decode(path.read_bytes().strip(), validate=True)
        )
    except (OSError, ValueError) as error:
        raise SealKeyError(f"The sealing key in {path} can't be read: {error}") from None


def signer_of(private: Ed25519PrivateKey, tenant: str) -> Signer:
    """Signs a tenant's log, whose origin names the installation by its key, and the tenant."""
    digest = hashlib.sha256(private.public_key().public_bytes_raw()).hexdigest()
    return Signer(f"daybook-{digest[:_NAME_DIGITS]}/{tenant}", private)
