"""A bundle proves from a file and a key alone; a file in which anything was changed proves nothing."""

import base64
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from random import Random

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.audit.bundle import Begun, Bundle, BundleRefused, event_line, first_line, verify_bundle
from infra.audit.checkpoint import Checkpoint, NoteError, VerifierKey
from infra.audit.leaf import leaf_hashes, leaf_of
from infra.audit.merkle import leaf_hash
from infra.audit.proofs import begin_bundle, bundle_pieces, checkpoint_of
from infra.audit.seal_key import signer_of
from infra.audit.tiles import RightEdge
from infra.event_store.journal import StoredEntry
from tests.support.audit import SealedShop, copy_of, sealed_once
from tests.support.journals import connected, journal_of, run

SIZES = (7, 300, 301)


@pytest.fixture(scope="module")
def sealed(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[SealedShop]:
    """Sealed once for all tests of the file."""
    with sealed_once(worker_id, tmp_path_factory.mktemp("sealed"), 7, 293, 1) as shop:
        yield shop


@pytest.fixture
def shop(sealed: SealedShop, worker_id: str, tmp_path: Path) -> Generator[SealedShop]:
    with copy_of(sealed, worker_id, tmp_path) as shop:
        yield shop


def exported(
    shop: SealedShop, first: int, last: int, size: int | None = None, since: int | None = None
) -> list[bytes]:
    """The lines of a bundle."""

    async def work() -> bytes:
        async with connected(shop.tenant) as connection:
            checkpoint = await checkpoint_of(connection, size)
            begun = await begin_bundle(connection, checkpoint, first, last, since)
            pieces = bundle_pieces(lambda: connected(shop.tenant), journal_of(shop.tenant), begun, checkpoint)
            return b"".join([piece async for piece in pieces])

    return run(work()).splitlines(keepends=True)


def proven(shop: SealedShop, lines: Sequence[bytes], older: Checkpoint | None = None) -> Bundle:
    return verify_bundle(lines, shop.signer.key, older)


def in_hand(shop: SealedShop, size: int) -> Checkpoint:
    return next(each for each in shop.sink.checkpoints() if each.size == size)


@pytest.mark.parametrize(
    ("first", "last", "size"),
    [(1, 301, 301), (1, 1, 301), (301, 301, 301), (5, 7, 7), (100, 256, 300), (257, 299, 301), (2, 300, 301)],
)
def test_a_range_is_proven_under_any_checkpoint(shop: SealedShop, first: int, last: int, size: int) -> None:
    lines = exported(shop, first, last, size)

    bundle = proven(shop, lines)

    assert (bundle.first, bundle.last, bundle.checkpoint) == (first, last, in_hand(shop, size))
    assert len(lines) == last - first + 3


def test_each_line_is_a_cloud_event_with_the_stored_bytes(shop: SealedShop) -> None:
    entry = shop.entries()[4]
    line = exported(shop, 5, 5)[1]

    told = msgspec.json.decode(line)
    assert {name: value for name, value in told.items() if name != "data"} == {
        "specversion": "1.0",
        "id": "5",
        "source": shop.signer.origin,
        "type": entry.type,
        "subject": entry.stream,
        "time": "2026-03-02T12:00:00Z",
        "datacontenttype": "application/json",
        "position": "5",
        "streamversion": "1",
    }
    assert b'"data":' + entry.state + b"}\n" in line


@pytest.mark.parametrize("state", [b"", b"{", b"\xff", b"{}\n", b'{"recorded_at":"x"}\n', b"[1]", b'"\xe6"'])
def test_bytes_that_are_no_line_of_json_are_verbatim_too(state: bytes) -> None:
    entry = StoredEntry(1, "sale-1", 1, "sale.completed.v1", state)
    told = msgspec.json.decode(event_line("log", entry))
    assert base64.b64decode(told["data_base64"]) == state
    assert "data" not in told


def test_any_damaged_byte_is_found(shop: SealedShop) -> None:
    """With the older checkpoint in hand, for which alone the proof in the first line is."""
    whole, older = b"".join(exported(shop, 100, 106, 300, since=7)), in_hand(shop, 7)
    random = Random(20_261_128)
    assert proven(shop, whole.splitlines(keepends=True), older).last == 106

    for _ in range(2_000):
        damaged = bytearray(whole)
        damaged[random.randrange(len(damaged))] ^= 1 << random.randrange(8)
        with pytest.raises(BundleRefused):
            proven(shop, bytes(damaged).splitlines(keepends=True), older)


Lines = list[bytes]
CHANGES: list[tuple[Callable[[Lines], Lines], str]] = [
    (lambda lines: [], "the file is empty"),
    (lambda lines: lines[1:], "line 1: a bundle begins with its checkpoint"),
    (lambda lines: lines[:-1], "resume the export from 10 with size 301"),
    (lambda lines: lines[:-2], "resume the export from 9 with size 301"),
    (lambda lines: [*lines[:2], *lines[3:]], "line 3: this line is not the event of position 4"),
    (lambda lines: [*lines[:2], lines[1], *lines[2:]], "line 3: this line is not the event"),
    (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "line 2: this line is not the event"),
    (lambda lines: [*lines, lines[1]], "the bundle has ended before"),
    (lambda lines: [*lines[:-1], lines[1], lines[-1]], "says that it ends at position 9"),
    (lambda lines: [lines[0].replace(b'"1.0"', b'"1.0" '), *lines[1:]], "not as an export writes it"),
    (lambda lines: [*lines[:-1], b"\n"], "no CloudEvent"),
]


@pytest.mark.parametrize(("change", "why"), CHANGES)
def test_a_file_that_lacks_repeats_or_reorders_lines_is_refused(
    shop: SealedShop, change: Callable[[Lines], Lines], why: str
) -> None:
    with pytest.raises(BundleRefused) as refusal:
        proven(shop, change(exported(shop, 3, 9)))
    assert why in str(refusal.value)


def test_an_event_that_was_made_up_is_refused(shop: SealedShop) -> None:
    """It is written as an export writes it; the root tells."""
    lines = exported(shop, 3, 9)
    entry = shop.entries()[4]
    forged = StoredEntry(5, entry.stream, 1, entry.type, entry.state.replace(b"Main", b"Mean"))
    lines[3] = event_line(shop.signer.origin, forged)

    with pytest.raises(BundleRefused, match="not the events 3 to 9 that the checkpoint has sealed"):
        proven(shop, lines)


@pytest.mark.parametrize("version", [-1, 0, 1 << 63, 1 << 70])
def test_a_version_that_no_stream_can_have_is_refused(shop: SealedShop, version: int) -> None:
    lines = exported(shop, 3, 9)
    lines[3] = event_line(shop.signer.origin, shop.entries()[4]._replace(version=version))
    with pytest.raises(BundleRefused, match="is no version"):
        proven(shop, lines)


def test_a_checkpoint_of_another_key_is_refused(shop: SealedShop) -> None:
    lines = exported(shop, 3, 9)
    other = signer_of(Ed25519PrivateKey.from_private_bytes(bytes(32)), shop.tenant.name)
    with pytest.raises(BundleRefused, match="not signed with this key"):
        verify_bundle(lines, other.key)


def test_an_export_that_was_cut_off_goes_on_in_the_same_file(shop: SealedShop) -> None:
    cut = exported(shop, 3, 300, 300)[:50]
    rest = exported(shop, 52, 300, 300)

    bundle = proven(shop, [*cut, *rest])

    assert (bundle.first, bundle.last) == (3, 300)


@pytest.mark.parametrize("begin", [51, 53])
def test_a_continuation_with_a_gap_or_an_overlap_is_refused(shop: SealedShop, begin: int) -> None:
    cut = exported(shop, 3, 300, 300)[:50]
    with pytest.raises(BundleRefused, match="not the continuation"):
        proven(shop, [*cut, *exported(shop, begin, 300, 300)])


def test_a_continuation_under_another_checkpoint_is_refused(shop: SealedShop) -> None:
    cut = exported(shop, 3, 300, 300)[:50]
    with pytest.raises(BundleRefused, match="not the continuation"):
        proven(shop, [*cut, *exported(shop, 52, 301, 301)])


def test_a_forged_beginning_of_a_continuation_is_refused(shop: SealedShop) -> None:
    """Events that were made up before it can't be covered by an honest rest."""
    cut = exported(shop, 1, 300, 300)[:5]
    entry = shop.entries()[1]
    cut[2] = event_line(shop.signer.origin, entry._replace(state=entry.state.replace(b"Main", b"Mean")))
    with pytest.raises(BundleRefused, match="not the continuation"):
        proven(shop, [*cut, *exported(shop, 5, 300, 300)])


# With an older checkpoint in hand.


@pytest.mark.parametrize(
    ("first", "last", "since"), [(1, 301, None), (3, 9, None), (8, 9, None), (100, 200, 7), (5, 6, 7)]
)
def test_the_checkpoint_in_hand_is_shown_to_be_the_beginning(
    shop: SealedShop, first: int, last: int, since: int | None
) -> None:
    """By the events themselves where they reach it, else by the proof that was asked for."""
    bundle = proven(shop, exported(shop, first, last, since=since), in_hand(shop, 7))
    assert bundle.older == 7


def test_the_checkpoint_in_hand_may_be_the_bundles_own(shop: SealedShop) -> None:
    assert proven(shop, exported(shop, 3, 9), in_hand(shop, 301)).older == 301


def test_a_bundle_without_the_proof_for_it_says_how_to_get_it(shop: SealedShop) -> None:
    with pytest.raises(BundleRefused, match="export it with since=7"):
        proven(shop, exported(shop, 100, 200), in_hand(shop, 7))


def test_a_checkpoint_in_hand_that_is_newer_needs_a_newer_bundle(shop: SealedShop) -> None:
    with pytest.raises(BundleRefused, match="of size 301, is newer than the bundle"):
        proven(shop, exported(shop, 3, 9, 300), in_hand(shop, 301))


@pytest.mark.parametrize(("first", "last", "since"), [(1, 301, None), (100, 200, 7), (301, 301, 7)])
def test_a_rewritten_history_is_exposed_by_an_old_checkpoint(
    shop: SealedShop, first: int, last: int, since: int | None, tmp_path: Path
) -> None:
    """Everything was rewritten and signed anew, with the key."""
    old = in_hand(shop, 7)
    shop.tamper(
        "UPDATE stored_events SET state = '{}' WHERE notification_id = 2",
        "DELETE FROM audit_tiles",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_seal SET size = 0",
    )
    shop.sink = type(shop.sink)(tmp_path / "other", shop.tenant.name)
    shop.seal()
    lines = exported(shop, first, last, since=since)
    assert proven(shop, lines).checkpoint.size == 301

    with pytest.raises(BundleRefused, match="history was rewritten"):
        proven(shop, lines, old)


# Keys, notes and leaves.


def test_a_public_key_is_written_as_c2sp_writes_it() -> None:
    """The example of https://c2sp.org/signed-note, whose key hash is its own."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(VerifierKey.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AAAA",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_a_note_is_its_text_a_blank_line_and_a_signature(shop: SealedShop) -> None:
    checkpoint = in_hand(shop, 7)
    edge = RightEdge()
    edge.extend(leaf_hashes(shop.entries()[:7]))
    origin, size, root, blank, signature, end = checkpoint.note.split("\n")
    assert (origin, size, blank, end) == (shop.signer.origin, "7", "", "")
    assert base64.b64decode(root) == edge.root()
    assert signature.startswith(f"\u2014 {shop.signer.origin} ")


def test_a_leaf_is_made_by_the_words_of_the_guide() -> None:
    entry = StoredEntry(258, "sale-1", 3, "sale.completed.v1", b"{}")
    assert leaf_of(entry) == (
        b"daybook.leaf.v1\n"
        b"\x00\x00\x00\x00\x00\x00\x01\x02"
        b"\x00\x00\x00\x06sale-1"
        b"\x00\x00\x00\x00\x00\x00\x00\x03"
        b"\x00\x00\x00\x11sale.completed.v1"
        b"\x00\x00\x00\x02{}"
    )
    assert leaf_hashes([entry]) == [leaf_hash(leaf_of(entry))]


def test_a_range_that_is_none_is_refused(shop: SealedShop) -> None:
    checkpoint = in_hand(shop, 7)
    begun = Begun(first=8, last=9, checkpoint=checkpoint.note, before=[], after=[])
    with pytest.raises(BundleRefused, match="no part of 7"):
        proven(shop, [first_line(begun, checkpoint.origin, 7)])
