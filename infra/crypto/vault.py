"""The vault of one tenant: seals personal text per person, opens it again, hashes secrets by key.

Keys are rows of the key store, apart from the journal: destroying a person's key makes every copy of their
sealed text unreadable, backups of the journal included. No opened key outlives the call that needed it, so
what is destroyed is closed in every process at once. (Architecture, "Trust"; decision 0027.)
"""

import base64
import hashlib
import hmac
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.kernel.sealed import Sealed
from domain.promotions.batch import batch_coupon_id
from domain.promotions.coupon import CouponMistyped
from infra.crypto.codes import BatchCodes, letters_of, mistyped
from infra.crypto.key_store import KeyStore, WrappedKey
from infra.crypto.master_key import (
    KEY_BYTES,
    NONCE_BYTES,
    MasterKey,
    MasterKeyError,
    broken_key,
    id_in,
    opens_not,
)
from infra.postgres.pools import Pool

COUPON_ID_BYTES = 15
BLIND_BYTES = 16
"""As much of a keyed hash as the blind index holds: nobody's number meets another's by chance."""


class Vault:
    """Seals and opens for one tenant. `start()` reads the tenant's own keys and must come first."""

    def __init__(self, pool: Pool, master: MasterKey, tenant: str) -> None:
        self.store = KeyStore(pool, tenant)
        self._master = master
        self._tenant = tenant
        self._hash = hmac.new(b"", digestmod=hashlib.sha256)
        self._index = hmac.new(b"", digestmod=hashlib.sha256)
        self.codes = BatchCodes(b"")

    async def start(self) -> None:
        """Reads the tenant's keys, or makes them. MasterKeyError if the master key is another one."""
        self._hash = await self._tenant_hmac("hash")
        self._index = await self._tenant_hmac("index")
        self.codes = BatchCodes(self.fingerprint(b"codes of batches"))

    async def _tenant_hmac(self, purpose: str) -> hmac.HMAC:
        context = tenant_context(self._tenant, purpose)
        wrapped = await self.store.tenant_key(purpose, self._master.wrap(os.urandom(KEY_BYTES), context))
        await self._master.learn([id_in(wrapped)])
        return hmac.new(self._master.unwrap(wrapped, context), digestmod=hashlib.sha256)

    async def seal(self, subject: str, place: str, text: str) -> Sealed:
        """The text, readable only with the person's key of this part. `place` is event type and field.

        SubjectErased where the person was erased: nobody gets to know anything of them again.
        """
        return (await self.seal_all(subject, {place: text}))[place]

    async def seal_all(self, subject: str, texts: Mapping[str, str]) -> dict[str, Sealed]:
        """Seals several texts of one person, by place."""
        wanted = list(dict.fromkeys(map(part_of, texts)))
        keys = {key.part: key for key in await self.store.by_part(subject, wanted)}
        if missing := [part for part in wanted if part not in keys]:
            await self._create(subject, missing)
            keys = {key.part: key for key in await self.store.by_part(subject, wanted)}
            if len(keys) < len(wanted):
                raise SubjectErased(subject)
        ciphers = dict(zip(keys, await self._ciphers(list(keys.values())), strict=True))
        return {
            place: self._seal(subject, place, text, keys[part].key_id, ciphers[part])
            for place, text in texts.items()
            for part in (part_of(place),)
        }

    async def open(self, sealed: Sealed) -> str | None:
        """The text; None where the person was forgotten."""
        return (await self.open_all([sealed]))[0]

    async def open_all(self, sealed: Sequence[Sealed]) -> list[str | None]:
        """The texts in order, with one read of keys; None for each whose key was destroyed.

        KeyBroken where one was damaged. MasterKeyError where the master key that is in use is not known here.
        """
        if not sealed:
            return []
        stored = await self.store.by_id(_uuids(box.key_id for box in sealed))
        keys = {
            key.key_id: (key.subject, cipher)
            for key, cipher in zip(stored, await self._ciphers(stored), strict=True)
        }
        return [self._open(box, *keys.get(box.key_id, (None, None))) for box in sealed]

    def blind(self, kind: str, text: str) -> bytes:
        """What the blind index holds instead of a text: a keyed hash, bound to the kind of text."""
        digest = self._index.copy()
        digest.update(kind.encode() + b"\0" + text.encode())
        return digest.digest()[:BLIND_BYTES]

    def fingerprint(self, *parts: bytes) -> bytes:
        """A keyed hash of a request: equal requests are recognised, the hash alone tells nothing."""
        digest = self._hash.copy()  # the key is worked in once
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()

    def coupon_id(self, code: str) -> str:
        """The id of the coupon with this code, from which no code can be guessed.

        A keyed hash; of a batch's code its place in the batch. CouponMistyped if its last letter is wrong.
        """
        if (letters := letters_of(code)) is not None:
            if mistyped(letters):
                raise CouponMistyped("The code was typed or read wrong: its last letter does not fit.")
            if (place := self.codes.read(letters)) is not None:
                return batch_coupon_id(*place)
        return self._id_of_code(b"coupon", code)

    def card_id(self, code: str) -> str:
        """The id of the gift card with this code; as with coupons, and never that of a coupon."""
        return self._id_of_code(b"gift card", code)

    def _id_of_code(self, kind: bytes, code: str) -> str:
        digest = self.fingerprint(kind, code.strip().upper().encode())[:COUPON_ID_BYTES]
        return base64.b32encode(digest).decode().lower()

    async def _create(self, subject: str, parts: Sequence[str]) -> None:
        async with self.store.connection() as connection, connection.transaction():
            by = await self.store.master_in_use(connection)
            await self._master.learn([by])
            keys = [self._new_key(subject, part, by) for part in parts]
            await self.store.create(connection, subject, keys)

    def _new_key(self, subject: str, part: str, by: bytes | None) -> WrappedKey:
        key_id = str(uuid.uuid4())
        context = key_context(self._tenant, subject, part, key_id)
        return WrappedKey(key_id, subject, part, self._master.wrap(os.urandom(KEY_BYTES), context, by))

    async def _ciphers(self, keys: Sequence[WrappedKey]) -> list[AESGCM]:
        unknown = await self._master.learn(id_in(key.wrapped) for key in keys)
        # A master key that wraps what is new exists: it is missing here. Any other name may be damage.
        if unknown and await self.store.master_named() in unknown:
            raise opens_not()
        return [self._cipher(key) for key in keys]

    def _cipher(self, key: WrappedKey) -> AESGCM:
        context = key_context(self._tenant, key.subject, key.part, key.key_id)
        try:
            return AESGCM(self._master.unwrap(key.wrapped, context))
        except MasterKeyError as error:
            # The tenant's own keys opened at the start: the master key is right, and this key is the trouble.
            raise broken_key() from error

    def _bound_to(self, subject: str, place: str) -> bytes:
        return f"{self._tenant}\0{subject}\0{place}".encode()

    def _seal(self, subject: str, place: str, text: str, key_id: str, cipher: AESGCM) -> Sealed:
        nonce = os.urandom(NONCE_BYTES)
        box = nonce + cipher.encrypt(nonce, text.encode(), self._bound_to(subject, place))
        return Sealed(key_id=key_id, subject=subject, place=place, box=base64.b64encode(box).decode())

    def _open(self, sealed: Sealed, subject: str | None, cipher: AESGCM | None) -> str | None:
        if cipher is None or subject != sealed.subject:
            return None
        bound = self._bound_to(sealed.subject, sealed.place)
        try:
            box = base64.b64decode(sealed.box, validate=True)
            return cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], bound).decode()
        except (InvalidTag, ValueError):  # ValueError: not base64, or too short to hold a nonce
            raise SealBroken(
                f"A sealed text of {sealed.subject} was altered or moved ({sealed.place})."
            ) from None


def part_of(place: str) -> str:
    """The part of what is known of a person that a place belongs to: phone of `customer.changed.v1/phone`."""
    return place.split("/", 2)[1]


def tenant_context(tenant: str, purpose: str) -> bytes:
    """What a tenant's own key is bound to."""
    return f"{tenant}/{purpose}".encode()


def key_context(tenant: str, subject: str, part: str, key_id: str) -> bytes:
    """What a person's key is bound to. Keys from before there were parts have the part ''."""
    return (f"{tenant}/{subject}/{key_id}" + (f"/{part}" if part else "")).encode()


def _uuids(key_ids: Iterable[str]) -> list[str]:
    """Those that are ids of keys at all: a journal may hold what was not ours."""
    found: dict[str, None] = {}
    for key_id in key_ids:
        try:
            uuid.UUID(key_id)
        except ValueError:
            continue
        found[key_id] = None
    return list(found)


class SealBroken(Exception):
    """Sealed text doesn't open with its own key: it was changed, or moved from where it was written."""


class SubjectErased(Exception):
    """Nothing is sealed for somebody who was erased."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} was erased")
        self.subject = subject
