"""Merkle trees as RFC 6962 and RFC 9162 define them: hashes, roots, proofs and how a proof is checked.

Pure: nothing is read or stored here. Leaves count from 0; a node is (level, index), and covers the 2**level
leaves from index * 2**level on.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32

Node = tuple[int, int]
Span = tuple[int, int]


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 9162, 2.1.1: a leaf and a node are never hashed alike."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node by those of its two children."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    assert len(hashes) & (len(hashes) - 1) == 0, "a perfect tree has a power of two of leaves"
    while len(hashes) > 1:
        hashes = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def joined(peaks: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, each smaller than the one before."""
    if not peaks:
        return sha256().digest()
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Frontier:
    """A tree that grows at its right: the roots of the perfect subtrees in it, largest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(peaks):
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(peaks)}")
        self.size = size
        self.peaks = list(peaks)

    def push(self, hash_: bytes, level: int = 0) -> None:
        """Adds a leaf, or the perfect subtree of a level. ValueError where one of that level can't stand."""
        if self.size & ((1 << level) - 1):
            raise ValueError(f"after {self.size} leaves no subtree of level {level} begins")
        index = self.size >> level
        while index & 1:
            hash_ = node_hash(self.peaks.pop(), hash_)
            index >>= 1
        self.peaks.append(hash_)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of all leaves so far."""
        return joined(self.peaks)


def perfect_nodes(start: int, end: int) -> list[Node]:
    """The fewest perfect subtrees that cover the leaves start … end - 1, from left to right."""
    nodes: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The leaves whose roots prove that leaf `index` is in the tree: RFC 9162, 2.1.3.1, in its order."""
    assert 0 <= index < size
    spans: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_width(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, size: int) -> list[Span]:
    """The leaves whose roots prove that a tree of `old` leaves is the beginning: RFC 9162, 2.1.4.1."""
    assert 0 < old <= size
    spans: list[Span] = []
    start, end = 0, size
    while old != end:
        middle = start + _left_width(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def _left_width(width: int) -> int:
    """The largest power of two below `width`: where RFC 9162 divides a tree."""
    return 1 << ((width - 1).bit_length() - 1)


def includes(leaf: bytes, index: int, size: int, proof: Iterable[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf with this hash is in the tree: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for hash_ in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(hash_, found)
            while node and not node & 1:
                node >>= 1
                last >>= 1
        else:
            found = node_hash(found, hash_)
        node >>= 1
        last >>= 1
    return last == 0 and found == root


def extends(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of `old` leaves is the beginning of the other: 2.1.4.2."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_found = found = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_found, found = node_hash(hash_, old_found), node_hash(hash_, found)
            while node and not node & 1:
                node >>= 1
                last >>= 1
        else:
            found = node_hash(found, hash_)
        node >>= 1
        last >>= 1
    return last == 0 and old_found == old_root and found == root
