"""One sealing key follows another: who trusts any of them follows the chain, and nothing but the chain."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.audit.bundle import Bundle, BundleRefused, verify_bundle
from infra.audit.checkpoint import Checkpoint, Signer
from infra.audit.key_chain import KeyChain
from infra.audit.proofs import begin_bundle, bundle_pieces, checkpoint_of
from infra.audit.seal_key import SealKeyError, load_seal_key, rotate_seal_key, signer_of
from infra.audit.sealer import Sealer
from infra.audit.sink import FolderSink, HistoryContradicted
from infra.audit.verification import Verdict, verify_journal
from tests.support.audit import SealedShop, sealed_shop
from tests.support.journals import connected, journal_of, run
from tests.support.postgres import Tenant

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(4)]
ROOT = bytes(32)


def signers(count: int = 3) -> list[Signer]:
    """Of one log, each the follower of the one before it."""
    return [signer_of(KEYS[at], "shop", KEYS[:at][::-1]) for at in range(count)]


FIRST, SECOND, THIRD = signers()
STRANGER = Signer(FIRST.origin, KEYS[3])
TO_SECOND = SECOND.sign_after(FIRST, 10, ROOT)
TO_THIRD = THIRD.sign_after(SECOND, 20, ROOT)


def chain(trusted: Signer, *changes: Checkpoint) -> KeyChain:
    keys = KeyChain(trusted.key)
    keys.learn(changes)
    return keys


@pytest.mark.parametrize("trusted", [FIRST, SECOND, THIRD])
@pytest.mark.parametrize("changes", [(TO_SECOND, TO_THIRD), (TO_THIRD, TO_SECOND)])
def test_whoever_trusts_any_key_trusts_each_for_its_sizes_alone(
    trusted: Signer, changes: tuple[Checkpoint, ...]
) -> None:
    keys = chain(trusted, *changes)

    good = {
        signer: [size for size in (9, 11, 19, 21) if keys.signed(signer.sign(size, ROOT))]
        for signer in (FIRST, SECOND, THIRD, STRANGER)
    }

    assert good == {FIRST: [9], SECOND: [11, 19], THIRD: [21], STRANGER: []}
    assert keys.signed(TO_SECOND)
    assert keys.signed(TO_THIRD)


def test_without_the_change_the_next_key_is_a_strangers() -> None:
    assert not chain(FIRST).signed(SECOND.sign(11, ROOT))
    assert not chain(FIRST).signed(TO_SECOND)


def resigned(change: Checkpoint, *by: Signer) -> Checkpoint:
    """The same text under other signatures."""
    return Checkpoint.parse(f"{change.text}\n{''.join(signer.signature_line(change.text) for signer in by)}")


@pytest.mark.parametrize(
    "change",
    [
        resigned(TO_SECOND, FIRST),
        resigned(TO_SECOND, SECOND),
        resigned(TO_SECOND, SECOND, STRANGER),
        resigned(TO_SECOND, FIRST, FIRST),
        resigned(TO_SECOND, FIRST, STRANGER),
        FIRST.sign_after(FIRST, 10, ROOT),
        STRANGER.sign_after(SECOND, 10, ROOT),
        Signer("another/shop", KEYS[1]).sign_after(Signer("another/shop", KEYS[0]), 10, ROOT),
        Checkpoint.parse(TO_SECOND.note.replace("\n10\n", "\n11\n")),
    ],
)
def test_a_change_that_not_both_keys_have_signed_leads_nowhere(change: Checkpoint) -> None:
    keys = chain(FIRST)
    assert keys.learn([change]) == [change]
    assert not keys.signed(change)
    assert not keys.signed(SECOND.sign(11, ROOT))
    assert keys.signed(FIRST.sign(11, ROOT))


def test_a_key_is_followed_once() -> None:
    fork = STRANGER.sign_after(FIRST, 15, ROOT)
    keys = chain(FIRST, TO_SECOND)
    assert keys.learn([fork]) == [fork]
    assert not keys.signed(STRANGER.sign(16, ROOT))


def test_a_change_at_a_size_that_the_former_key_no_longer_signs_leads_nowhere() -> None:
    early = THIRD.sign_after(SECOND, 10, ROOT)
    assert chain(FIRST, TO_SECOND).learn([early]) == [early]


def test_a_note_with_a_change_is_read_as_it_was_written() -> None:
    assert Checkpoint.parse(TO_SECOND.note) == TO_SECOND


# A shop.


class RotatedShop(SealedShop):
    """Sealed under one key, then under a second and a third."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        super().__init__(tenant, folder)
        self.signers = [signer_of(KEYS[at], tenant.name, KEYS[:at][::-1]) for at in range(3)]
        for signer in self.signers:
            self.signer = signer
            for count in (2, 3):
                self.write(count)
                self.seal()

    def verdict(self, trusted: Signer, given: Checkpoint | None = None) -> Verdict:
        async def work() -> Verdict:
            async with connected(self.tenant) as connection:
                return await verify_journal(
                    connection, journal_of(self.tenant), self.sink, trusted.key, given
                )

        return run(work())

    def bundle(self, size: int | None = None) -> list[bytes]:
        async def work() -> list[bytes]:
            async with connected(self.tenant) as connection:
                checkpoint = await checkpoint_of(connection, size)
                begun = await begin_bundle(connection, checkpoint, 2, checkpoint.size)
                journal = journal_of(self.tenant)
                pieces = bundle_pieces(lambda: connected(self.tenant), journal, begun, checkpoint)
                return b"".join([piece async for piece in pieces]).splitlines(keepends=True)

        return run(work())


@pytest.fixture
def shop(tenant: Tenant, tmp_path: Path) -> RotatedShop:
    return RotatedShop(tenant, tmp_path / "sink")


def test_each_change_is_the_first_checkpoint_of_the_new_key(shop: RotatedShop) -> None:
    kept = list(shop.sink.checkpoints())
    assert [each.size for each in kept] == [2, 5, 7, 10, 12, 15]
    assert [each.size for each in kept if each.change is not None] == [7, 12]


@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_the_whole_history_is_proven_by_any_of_its_keys(shop: RotatedShop, trusted: int) -> None:
    verdict = shop.verdict(shop.signers[trusted])
    assert (verdict.findings, verdict.proven, verdict.checkpoints) == ([], 15, 6)


@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_a_bundle_is_proven_by_any_of_the_keys(shop: RotatedShop, trusted: int) -> None:
    proven = verify_bundle(shop.bundle(), shop.signers[trusted].key)
    assert (proven.first, proven.last) == (2, 15)


def test_a_bundle_from_before_stays_proven_by_the_key_of_then(shop: RotatedShop) -> None:
    old = shop.bundle(5)
    assert b"changes" not in old[0]
    assert verify_bundle(old, shop.signers[0].key).last == 5


def test_a_bundle_that_keeps_a_change_to_itself_is_refused(shop: RotatedShop) -> None:
    begun, *rest = shop.bundle()
    hidden = begun[: begun.index(b',"changes":')] + b"}}\n"
    with pytest.raises(BundleRefused, match="not signed with this key"):
        verify_bundle([hidden, *rest], shop.signers[0].key)


def test_a_bundle_with_a_change_of_strangers_is_refused(shop: RotatedShop) -> None:
    begun, *rest = shop.bundle()
    forged = begun.replace(b"\\n7\\n", b"\\n6\\n", 1)
    assert forged != begun
    with pytest.raises(BundleRefused, match="the change of keys at size 6 leads neither to nor from"):
        verify_bundle([forged, *rest], shop.signers[0].key)


def test_a_former_key_that_signs_on_contradicts_a_change_in_hand(shop: RotatedShop) -> None:
    """Somebody who stole it makes a history without the change."""
    change = next(each for each in shop.sink.checkpoints() if each.change is not None)
    shop.tamper("DELETE FROM audit_checkpoints WHERE size >= 7")
    alone = SealedShop(shop.tenant, shop.folder / "other")
    alone.signer = signer_of(KEYS[0], shop.tenant.name)
    shop.tamper("DELETE FROM audit_checkpoints", "DELETE FROM audit_tiles", "UPDATE audit_seal SET size = 0")
    alone.seal()
    bundle = shop.bundle()

    assert isinstance(verify_bundle(bundle, shop.signers[0].key), Bundle)
    with pytest.raises(BundleRefused, match="not signed with this key"):
        verify_bundle(bundle, shop.signers[0].key, change)


def test_a_sealer_with_the_former_key_stops(shop: RotatedShop) -> None:
    shop.write(1)
    shop.signer = shop.signers[1]
    with pytest.raises(HistoryContradicted, match="not signed with this key"):
        shop.seal()


def test_a_new_sink_gets_the_changes_too(shop: RotatedShop) -> None:
    other = FolderSink(shop.folder / "new", shop.tenant.name)
    shop.write(1)
    shop.seal(other)
    assert [each.note for each in other.checkpoints()][:6] == [each.note for each in shop.sink.checkpoints()]


def test_a_shop_that_rested_during_two_rotations_goes_from_its_key_to_the_newest(
    tenant: Tenant, tmp_path: Path
) -> None:
    shop = sealed_shop(tenant, tmp_path)
    first, _, third = [signer_of(KEYS[at], tenant.name, KEYS[:at][::-1]) for at in range(3)]
    for shop.signer in (first, third):
        shop.write(2)
        shop.seal()

    (_, change) = shop.sink.checkpoints()

    assert change.change is not None
    assert (change.change.former, change.change.following) == (str(first.key), str(third.key))


def test_a_change_whose_write_was_cut_short_is_no_record(shop: RotatedShop) -> None:
    whole = shop.sink.notes.read_bytes()
    notes = [each.note.encode() for each in shop.sink.checkpoints()]
    change = whole.index(notes[2])
    for cut in range(change, change + len(notes[2]) + 1):
        shop.sink.notes.write_bytes(whole[:cut])
        last = shop.sink.last()
        assert last is not None
        assert last.size == 5


# The file of keys.


def test_a_rotation_keeps_the_former_keys_and_the_name(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    before = load_seal_key(path, sealed=False)

    after = rotate_seal_key(path)

    assert [key.private_bytes_raw() for key in after.former] == [before.private.private_bytes_raw()]
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    origins = {signer_of(key.private, "shop", key.former).origin for key in (before, after)}
    assert len(origins) == 1


def test_no_key_is_followed_by_none(tmp_path: Path) -> None:
    with pytest.raises(SealKeyError, match="is missing"):
        rotate_seal_key(tmp_path / "seal.key")


def test_two_rotations_at_once_lose_no_key(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    load_seal_key(path, sealed=False)

    async def rotate() -> int:
        try:
            await asyncio.to_thread(rotate_seal_key, path)
        except SealKeyError:
            return 0
        return 1

    async def test() -> int:
        return sum(await asyncio.gather(*(rotate() for _ in range(8))))

    rotations = asyncio.run(test())

    assert rotations >= 1
    assert len(load_seal_key(path, sealed=True).former) == rotations


def test_sealers_of_both_keys_at_once_leave_one_chain(tenant: Tenant, tmp_path: Path) -> None:
    shop = sealed_shop(tenant, tmp_path, 2)
    old = shop.signer
    new = Signer(old.origin, KEYS[1], [old])

    async def seal(signer: Signer) -> None:
        async with connected(tenant) as connection:
            try:
                await Sealer(journal_of(tenant), shop.sink, signer).seal(connection)
            except HistoryContradicted:
                assert signer is old

    async def both() -> None:
        await asyncio.gather(seal(old), seal(new))

    for _ in range(3):
        shop.write(2)
        run(both())

    chained = KeyChain(old.key)
    kept = list(shop.sink.checkpoints())
    assert chained.learn(kept) == []
    assert all(chained.signed(each) for each in kept)
    assert kept[-1].size == 8
