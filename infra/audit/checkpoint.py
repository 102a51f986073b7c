"""Checkpoints: the tree's size and root, signed, as C2SP tlog-checkpoint and signed-note write them.

https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note. The text is the log's origin, the size and
the root in base64, a line each; after a blank line follow signatures. Where one key follows another, an
extension line names both, and both sign (decision 0036).
"""

import base64
import hashlib
import re
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infra.audit.merkle import HASH_BYTES
from infra.errors import OperatorError

ED25519 = b"\x01"
KEY_HASH_BYTES = 4
PUBLIC_KEY_BYTES = 32
NAME_PATTERN = r"[^\s+]+"
DASH = "\u2014"
"""Begins a signature's line."""
KEY_CHANGE = "key-change"
"""Begins the line with the key that has signed so far and the one that does from now on."""

_NOTE = re.compile(
    rf"(?P<text>(?P<origin>{NAME_PATTERN})\n(?P<size>0|[1-9][0-9]{{0,17}})\n(?P<root>[A-Za-z0-9+/]{{43}}=)\n"
    rf"(?:{KEY_CHANGE} (?P<former>\S+) (?P<following>\S+)\n)?)\n"
    rf"(?P<signatures>(?:{DASH} {NAME_PATTERN} [A-Za-z0-9+/]+=*\n)+)"
)


class NoteError(OperatorError):
    """It is no checkpoint, or no public key, as C2SP writes them."""


class KeyChange(msgspec.Struct, frozen=True, kw_only=True):
    """One key follows another; both in their text form."""

    former: str
    following: str


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What a note says. `note` is the whole of it, signatures included."""

    origin: str
    size: int
    root: bytes
    note: str
    change: KeyChange | None = None

    @property
    def text(self) -> str:
        """What is signed."""
        return checkpoint_text(self.origin, self.size, self.root, self.change)

    @classmethod
    def parse(cls, note: str) -> "Checkpoint":
        """The checkpoint that a note holds; its signatures are not checked. NoteError for anything else."""
        match = _NOTE.fullmatch(note)
        if match is None:
            raise NoteError("this is no checkpoint: origin, size and root, a blank line, then a signature")
        former, following = match["former"], match["following"]
        checkpoint = cls(
            origin=match["origin"],
            size=int(match["size"]),
            root=_decoded(match["root"]),
            note=note,
            change=None if former is None else KeyChange(former=former, following=following),
        )
        if checkpoint.text != match["text"]:
            raise NoteError("the checkpoint's root is not written as base64 writes it")
        return checkpoint


def checkpoint_text(origin: str, size: int, root: bytes, change: KeyChange | None = None) -> str:
    """The lines that are signed."""
    text = f"{origin}\n{size}\n{_encoded(root)}\n"
    return text if change is None else f"{text}{KEY_CHANGE} {change.former} {change.following}\n"


class VerifierKey:
    """A public key with the name that its signatures bear, as text `name+hash+key`."""

    def __init__(self, name: str, public: bytes) -> None:
        self.name = name
        self._public = public
        self._key = Ed25519PublicKey.from_public_bytes(public)
        self.hash = hashlib.sha256(f"{name}\n".encode() + ED25519 + public).digest()[:KEY_HASH_BYTES]

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of its text form. NoteError for anything else."""
        name, _, rest = text.strip().partition("+")
        hash_, _, key = rest.partition("+")
        data = _decoded(key)
        if len(data) != 1 + PUBLIC_KEY_BYTES or data[:1] != ED25519 or not re.fullmatch(NAME_PATTERN, name):
            raise NoteError("this is no public key: name+hash+key, as daybook audit public-key prints it")
        found = cls(name, data[1:])
        if found.hash.hex() != hash_:
            raise NoteError("the public key's hash is not that of its name and key: copy it again")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{_encoded(ED25519 + self._public)}"

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether the checkpoint is of this key's log and bears its signature."""
        if checkpoint.origin != self.name:
            return False
        for line in checkpoint.note[len(checkpoint.text) + 1 :].splitlines():
            _, name, signature = line.split(" ")
            data = _decoded(signature)
            # One byte sequence has one text: another spelling of it is another note.
            if name != self.name or data[:KEY_HASH_BYTES] != self.hash or _encoded(data) != signature:
                continue
            try:
                self._key.verify(data[KEY_HASH_BYTES:], checkpoint.text.encode())
            except InvalidSignature:
                continue
            return True
        return False


class Signer:
    """Signs the checkpoints of one log. The same tree is always the same note: Ed25519 draws nothing.

    `former` are those who have signed before, the newest first.
    """

    def __init__(self, origin: str, private: Ed25519PrivateKey, former: Sequence["Signer"] = ()) -> None:
        self._private = private
        self.former = tuple(former)
        self.key = VerifierKey(origin, private.public_key().public_bytes_raw())

    @property
    def origin(self) -> str:
        """The log's name, which is also the key's."""
        return self.key.name

    def sign(self, size: int, root: bytes) -> Checkpoint:
        """The checkpoint of a tree."""
        assert len(root) == HASH_BYTES
        text = checkpoint_text(self.origin, size, root)
        note = f"{text}\n{self.signature_line(text)}"
        return Checkpoint(origin=self.origin, size=size, root=root, note=note)

    def sign_after(self, former: "Signer", size: int, root: bytes) -> Checkpoint:
        """The checkpoint with which this key follows another: the other's last, and this one's first."""
        assert len(root) == HASH_BYTES
        change = KeyChange(former=str(former.key), following=str(self.key))
        text = checkpoint_text(self.origin, size, root, change)
        note = f"{text}\n{former.signature_line(text)}{self.signature_line(text)}"
        return Checkpoint(origin=self.origin, size=size, root=root, note=note, change=change)

    def signature_line(self, text: str) -> str:
        """The line under a text that bears this key's signature."""
        signature = _encoded(self.key.hash + self._private.sign(text.encode()))
        return f"{DASH} {self.origin} {signature}\n"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(text: str) -> bytes:
    """The bytes, or none where the text is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
