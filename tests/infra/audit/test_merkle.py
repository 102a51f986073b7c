"""The tree is RFC 6962's: by the vectors that logs publish, and against the RFC's own recursive words."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.audit.merkle import (
    Frontier,
    consistency_spans,
    extends,
    includes,
    inclusion_spans,
    joined,
    leaf_hash,
    perfect_nodes,
    perfect_root,
)
from infra.audit.tiles import WIDTH, RightEdge, edge_tiles
from tests.infra.audit.trees import leaves_of, mth, path, proof

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
PATHS = {
    (0, 1): [],
    (0, 8): [A, B, C],
    (5, 8): [D, E, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], B, D],
}
CONSISTENCY = {(1, 1): [], (1, 8): [A, B, C], (6, 8): [F, E, ROOTS[4]], (2, 5): [B, D]}

SIZES = st.integers(min_value=1, max_value=200)


def root_of(leaves: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaves:
        frontier.push(leaf_hash(leaf))
    return frontier.root()


def roots(leaves: Sequence[bytes], spans: Sequence[tuple[int, int]]) -> list[bytes]:
    """The root of each span, from the perfect subtrees that the product would look up."""
    found: list[bytes] = []
    for start, end in spans:
        nodes = [
            [leaf_hash(leaf) for leaf in leaves[index << level : (index + 1) << level]]
            for level, index in perfect_nodes(start, end)
        ]
        found.append(joined([perfect_root(node) for node in nodes]))
    return found


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_the_published_ones(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_the_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    proof = roots(LEAVES, inclusion_spans(index, size))

    assert [hash_.hex() for hash_ in proof] == PATHS[index, size]
    assert includes(leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_the_consistency_proofs_are_the_published_ones(old: int, size: int) -> None:
    proof = roots(LEAVES, consistency_spans(old, size))

    assert [hash_.hex() for hash_ in proof] == CONSISTENCY[old, size]
    assert extends(old, bytes.fromhex(ROOTS[old]), size, bytes.fromhex(ROOTS[size]), proof)


@given(SIZES)
@settings(max_examples=60, deadline=None)
def test_the_root_is_the_rfcs(size: int) -> None:
    leaves = leaves_of(size)
    assert root_of(leaves) == mth(leaves)


@given(SIZES, st.data())
@settings(max_examples=100, deadline=None)
def test_an_inclusion_proof_is_the_rfcs_and_proves_that_leaf_alone(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    other = data.draw(st.integers(min_value=0, max_value=size - 1))
    root = mth(leaves)

    found = roots(leaves, inclusion_spans(index, size))

    assert found == path(index, leaves)
    assert includes(leaf_hash(leaves[index]), index, size, found, root)
    assert includes(leaf_hash(leaves[other]), other, size, found, root) == (other == index)
    assert includes(leaf_hash(leaves[index]), other, size, found, root) == (other == index)
    assert not includes(leaf_hash(b"another"), index, size, found, root)


@given(SIZES, st.data())
@settings(max_examples=100, deadline=None)
def test_a_consistency_proof_is_the_rfcs_and_proves_that_beginning_alone(
    size: int, data: st.DataObject
) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(min_value=1, max_value=size))
    root = mth(leaves)

    found = roots(leaves, consistency_spans(old, size))

    assert found == proof(old, leaves)
    assert extends(old, mth(leaves[:old]), size, root, found)
    rewritten = [b"another", *leaves[1:old]]
    assert not extends(old, mth(rewritten), size, root, found)
    assert not extends(old, mth(leaves[:old]), size, mth([*rewritten, *leaves[old:]]), found)


@given(SIZES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_proof_with_any_bit_changed_or_any_hash_too_many_proves_nothing(
    size: int, data: st.DataObject
) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    old = data.draw(st.integers(min_value=1, max_value=size))
    root = mth(leaves)

    def proves_inclusion(proof: Sequence[bytes]) -> bool:
        return includes(leaf_hash(leaves[index]), index, size, proof, root)

    def proves_consistency(proof: Sequence[bytes]) -> bool:
        return extends(old, mth(leaves[:old]), size, root, proof)

    for proved, check in (
        (path(index, leaves), proves_inclusion),
        (proof(old, leaves), proves_consistency),
    ):
        assert not check([*proved, bytes(32)])
        if proved:
            at = data.draw(st.integers(min_value=0, max_value=len(proved) - 1))
            bit = data.draw(st.integers(min_value=0, max_value=255))
            flipped = (int.from_bytes(proved[at]) ^ (1 << bit)).to_bytes(32)
            assert not check([*proved[:at], flipped, *proved[at + 1 :]])
            assert not check([*proved[:at], *proved[at + 1 :]])


@given(SIZES, st.data())
@settings(max_examples=100, deadline=None)
def test_a_range_and_the_subtrees_beside_it_give_the_root(size: int, data: st.DataObject) -> None:
    """What a bundle proves: left of it the peaks, then its leaves, then what is right of it."""
    leaves = leaves_of(size)
    start = data.draw(st.integers(min_value=0, max_value=size))
    end = data.draw(st.integers(min_value=start, max_value=size))
    nodes = perfect_nodes(0, start)
    frontier = Frontier(start, roots(leaves, [(i << level, (i + 1) << level) for level, i in nodes]))

    for leaf in leaves[start:end]:
        frontier.push(leaf_hash(leaf))
    for level, index in perfect_nodes(end, size):
        frontier.push(roots(leaves, [(index << level, (index + 1) << level)])[0], level)

    assert (frontier.size, frontier.root()) == (size, mth(leaves))


@pytest.mark.parametrize(("size", "peaks"), [(3, 1), (4, 2), (0, 1)])
def test_a_frontier_has_as_many_peaks_as_its_size_has_bits(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match="peaks"):
        Frontier(size, [bytes(32)] * peaks)


def test_a_subtree_can_not_stand_where_none_of_its_size_begins() -> None:
    frontier = Frontier(1, [bytes(32)])
    with pytest.raises(ValueError, match="level 1"):
        frontier.push(bytes(32), 1)


@pytest.mark.parametrize(
    "steps", [[1] * 7, [255, 1, 1], [256], [600, 7, 425], [65_535, 1], [65_536, 1], [70_001]]
)
def test_tiles_filled_in_any_steps_give_the_rfcs_root(steps: list[int]) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves_of(sum(steps))]
    edge, frontier, done = RightEdge(), Frontier(), 0
    for step in steps:
        edge.extend(hashes[done : done + step])
        for hash_ in hashes[done : done + step]:
            frontier.push(hash_)
        done += step
        assert edge.root() == frontier.root()

    # What is kept is the geometry of tlog-tiles: 256 hashes a tile, the last of a level as it is.
    whole = b"".join(hashes)
    for (level, index), tile in edge.changed.items():
        if level == 0:
            first = index * WIDTH * 32
            assert tile == whole[first : first + len(tile)]
    widths = {tile: len(hashes) // 32 for tile, hashes in edge.changed.items() if len(hashes) < WIDTH * 32}
    assert edge_tiles(sum(steps)).items() <= widths.items()
