"""The master key: 32 random bytes from a file or a command. Lose it and all personal data is lost.

There may be several, base64, one a line: the first wraps what is new, the others still open what they
wrapped. A wrapped key begins with the id of its master key. (Decision 0027.)
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import secrets
import shlex
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import LiteralString

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.errors import OperatorError
from infra.files import sync_folder
from infra.settings import Settings

_KEYS_ARE_STORED: LiteralString = """
SELECT EXISTS (
    SELECT
    FROM daybook_keys.tenant_keys
    WHERE %(tenant)s::text IS NULL OR tenant = %(tenant)s::text
)
"""

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 8
UNNAMED_BYTES = NONCE_BYTES + KEY_BYTES + 16
"""So long is a key that was wrapped before wrapped keys began with an id: nonce, ciphertext and tag."""
COMMAND_LIMIT_S = 30
READ_AGAIN_S = 10.0
"""So long an id that was not found is not looked for again."""
MOST_SOUGHT = 1_000

Material = Callable[[], list[bytes]]


class MasterKeyError(OperatorError):
    """The master key can't be read, or it isn't the one that wrapped the stored keys."""


class KeyBroken(MasterKeyError):
    """One stored key was damaged, or moved from its owner to another; the master key is right."""


class MasterKey:
    """Wraps and unwraps data keys by AES-256-GCM; `context` binds a wrapped key to its owner.

    With `material` it is read again when an unknown master key has wrapped what turns up (`learn`): so a new
    one reaches every process without a restart.
    """

    def __init__(self, key: bytes, *others: bytes, material: Material | None = None) -> None:
        self._material = material
        self._reading = threading.Lock()
        self._sought: dict[bytes, float] = {}
        self._use([key, *others])

    def _use(self, keys: list[bytes]) -> None:
        for key in keys:
            if len(key) != KEY_BYTES:
                raise MasterKeyError(
                    f"A master key has {KEY_BYTES} bytes, base64 on a line; this one has {len(key)}."
                )
        # In one step: a thread does this while others wrap and unwrap.
        self._ciphers = {_id_of(key): AESGCM(key) for key in keys}

    @property
    def id(self) -> bytes:
        """The id of the first one, which wraps what is new."""
        return next(iter(self._ciphers))

    @property
    def ids(self) -> list[bytes]:
        """The ids of all that are known, the first one first."""
        return list(self._ciphers)

    @classmethod
    def of_settings(cls, settings: Settings, keys_url: str, tenant: str | None = None) -> "MasterKey":
        """What the settings' command prints; without a command, what is in the file (see of_store)."""
        command = settings.master_key_command
        return (
            cls.of_store(settings.master_key_file, keys_url, tenant)
            if command is None
            else cls._from(lambda: _printed(command))
        )

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
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = _written(path, [new_master_key()])
            # The file appears complete or not at all, and never in place of another process's key.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
            sync_folder(path.parent)
        return cls.of_file(path)

    @classmethod
    def of_file(cls, path: Path) -> "MasterKey":
        """The key in the file, which must be there."""
        return cls._from(lambda: keys_in(path))

    @classmethod
    def _from(cls, material: Material) -> "MasterKey":
        return cls(*material(), material=material)

    def unknown(self, ids: Iterable[bytes | None]) -> set[bytes]:
        """Those of the ids that no master key here has. None, of a key from before ids, is none."""
        return {id_ for id_ in ids if id_ is not None and id_ not in self._ciphers}

    async def learn(self, ids: Iterable[bytes | None]) -> set[bytes]:
        """Reads file or command again if one of the ids is not known; returns those that still are not.

        In a thread: a command may take seconds, and everybody else would wait. MasterKeyError where it gives
        no key.
        """
        if unknown := self.unknown(ids):
            await asyncio.to_thread(self._read_for, unknown)
        return self.unknown(unknown)

    def _read_for(self, ids: set[bytes]) -> None:
        with self._reading:
            now = time.monotonic()
            # An id that is damaged is met again and again; nobody has to look for it each time.
            due = [id_ for id_ in self.unknown(ids) if now >= self._sought.get(id_, 0.0)]
            if due and self._material is not None:
                self._use(self._material())
                if len(self._sought) > MOST_SOUGHT:
                    self._sought.clear()
                self._sought |= dict.fromkeys(due, now + READ_AGAIN_S)

    def wrap(self, key: bytes, context: bytes, by: bytes | None = None) -> bytes:
        """The key, encrypted: the master key's id, nonce and ciphertext. `by` is another's id."""
        id_ = by or self.id
        nonce = os.urandom(NONCE_BYTES)
        return id_ + nonce + self._cipher(id_).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key again, or MasterKeyError if it was wrapped by another master key or for another owner."""
        id_ = id_in(wrapped)
        ciphers = list(self._ciphers.values()) if id_ is None else [self._cipher(id_)]
        box = wrapped if id_ is None else wrapped[ID_BYTES:]
        for cipher in ciphers:
            with contextlib.suppress(InvalidTag, ValueError):  # ValueError: too short to hold a nonce
                return cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], context)
        if id_ is not None:
            raise broken_key()
        raise opens_not()

    def _cipher(self, id_: bytes) -> AESGCM:
        cipher = self._ciphers.get(id_)
        if cipher is None:
            raise opens_not()
        return cipher


def opens_not() -> MasterKeyError:
    """What to say where the master key is another one."""
    return MasterKeyError(
        "A stored key does not open with this master key. Start with the file that wrapped it."
    )


def broken_key() -> KeyBroken:
    """What to say where one stored key does not open."""
    return KeyBroken("A stored key was damaged or moved to another owner. Restore it from a backup.")


def id_in(wrapped: bytes) -> bytes | None:
    """The id of the master key that wrapped a key; None where that was not written down yet."""
    return None if len(wrapped) == UNNAMED_BYTES else wrapped[:ID_BYTES]


def new_master_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def keys_in(path: Path) -> list[bytes]:
    """The keys in a file, the first one first. MasterKeyError."""
    try:
        return _decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        raise MasterKeyError(f"The master key in {path} can't be read: {error}") from None


def put_first(path: Path, key: bytes) -> None:
    """Adds a key as the first line; the file is the old one or the new one, whenever the power goes."""
    before = path.stat()
    fresh = _written(path, [key, *keys_in(path)])
    # Whoever runs this may be another than the shop, which has to read it afterwards.
    with contextlib.suppress(PermissionError):
        os.chown(fresh, before.st_uid, before.st_gid)
    fresh.rename(path)
    sync_folder(path.parent)


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"daybook master key\0" + key).digest()[:ID_BYTES]


def _decoded(text: bytes) -> list[bytes]:
    keys = [base64.b64decode(line.strip(), validate=True) for line in text.splitlines() if line.strip()]
    if not keys:
        raise ValueError("it is empty")
    return keys


def _printed(command: str) -> list[bytes]:
    """The keys that the command prints. What it says is never repeated: it may be secret."""
    try:
        ran = subprocess.run(  # noqa: S603 - the operator's own command
            shlex.split(command), capture_output=True, check=True, timeout=COMMAND_LIMIT_S
        )
        return _decoded(ran.stdout)
    except subprocess.SubprocessError as error:
        how = (
            f"ended with status {error.returncode}"
            if isinstance(error, subprocess.CalledProcessError)
            else (f"did not end within {COMMAND_LIMIT_S} s")
        )
        raise MasterKeyError(f"DAYBOOK_MASTER_KEY_COMMAND {how}.") from None
    except (OSError, ValueError):
        raise MasterKeyError(
            "DAYBOOK_MASTER_KEY_COMMAND does not run or prints no key: 32 bytes in base64, one key a line."
        ) from None


def _written(path: Path, keys: list[bytes]) -> Path:
    """A new file beside, on disk, that only its owner reads."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
