"""The tree as tiles: C2SP tlog-tiles, 256 hashes each, in the tenant's tables.

Tile (0, i) holds the hashes of leaves 256·i …; tile (n, i) the roots of 256 tiles of level n - 1. Full tiles
never change; the last of each level grows. https://c2sp.org/tlog-tiles
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

from psycopg.rows import tuple_row

from infra.audit.merkle import HASH_BYTES, Frontier, Node, Span, joined, perfect_nodes, perfect_root
from infra.postgres.pools import Connection

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES
NO_HASH = bytes(HASH_BYTES)
"""Stands for a hash that is missing; nobody knows what has it."""

Tile = tuple[int, int]

_READ_TILES: LiteralString = """
SELECT level::int, index, COALESCE(hashes, ''::bytea)
FROM unnest(%(levels)b::smallint[], %(indexes)b::bigint[]) AS wanted (level, index)
JOIN audit_tiles USING (level, index)
ORDER BY level, index
"""

# The hashes of the leaves of whole tiles, in order.
_READ_LEAF_TILES: LiteralString = """
SELECT index, COALESCE(hashes, ''::bytea)
FROM audit_tiles
WHERE level = 0 AND index >= %(first)b::bigint AND index < %(end)b::bigint
ORDER BY index
"""

_WRITE_TILES: LiteralString = """
INSERT INTO audit_tiles (level, index, hashes)
SELECT level, index, hashes
FROM unnest(%(levels)b::smallint[], %(indexes)b::bigint[], %(hashes)b::bytea[]) AS new (level, index, hashes)
ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes
"""


class TilesMissing(Exception):
    """A tile is not there, or holds fewer hashes than it must: the tree in the database is damaged."""

    def __init__(self, level: int, index: int) -> None:
        super().__init__(f"the tile {index} of level {level} is missing or cut short")
        self.level = level
        self.index = index


class RightEdge:
    """The last, unfinished tile of each level: all that a growing tree needs of its past.

    `changed` collects the tiles that have changed, finished ones among them, until somebody takes them; those
    of levels below `collect_from` nobody wants.
    """

    def __init__(self, collect_from: int = 0) -> None:
        self.size = 0
        self.levels: list[list[bytes]] = [[]]
        self.changed: dict[Tile, bytes] = {}
        self._collect_from = collect_from
        # Of each level the part of its unfinished tile that a root was asked for: it is not hashed again.
        self._hashed: list[Frontier] = []

    def copy(self) -> "RightEdge":
        """Another edge that goes its own way."""
        twin = RightEdge(self._collect_from)
        twin.size = self.size
        twin.levels = [list(hashes) for hashes in self.levels]
        twin.changed = dict(self.changed)
        return twin

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Adds leaves, by their hashes."""
        level, start, added = 0, self.size, hashes
        self.size += len(hashes)
        while added:
            if level == len(self.levels):
                self.levels.append([])
            index, waiting = start >> HEIGHT, self.levels[level]
            waiting += added
            full = len(waiting) - len(waiting) % WIDTH
            tiles = [waiting[first : first + WIDTH] for first in range(0, full, WIDTH)]
            if full:
                del waiting[:full]
                self._hashed[level : level + 1] = [Frontier()]
            if level >= self._collect_from:
                self.changed.update({(level, index + n): b"".join(tile) for n, tile in enumerate(tiles)})
                if waiting:
                    self.changed[level, index + len(tiles)] = b"".join(waiting)
            level, start, added = level + 1, index, [perfect_root(tile) for tile in tiles]

    def root(self) -> bytes:
        """The root of all leaves so far."""
        peaks: list[bytes] = []
        for level, hashes in enumerate(self.levels):
            if level == len(self._hashed):
                self._hashed.append(Frontier())
            hashed = self._hashed[level]
            for hash_ in hashes[hashed.size :]:
                hashed.push(hash_)
            peaks[:0] = hashed.peaks
        return joined(peaks)


def edge_tiles(size: int) -> dict[Tile, int]:
    """The unfinished tiles of a tree, and how many hashes of each belong to it."""
    tiles: dict[Tile, int] = {}
    level = 0
    while size:
        if size % WIDTH:
            tiles[level, size >> HEIGHT] = size % WIDTH
        size >>= HEIGHT
        level += 1
    return tiles


async def read_edge(connection: Connection, size: int) -> RightEdge:
    """The right edge that the tree had at a size, by its tiles. TilesMissing."""
    wanted = edge_tiles(size)
    found = await read_tiles(connection, wanted)
    edge = RightEdge()
    edge.size = size
    for (level, index), width in wanted.items():
        edge.levels += [[] for _ in range(level + 1 - len(edge.levels))]
        edge.levels[level] = split(_hashes(found, level, index, 0, width))
    return edge


def split(hashes: bytes) -> list[bytes]:
    """The hashes that stand one after the other."""
    return [hashes[first : first + HASH_BYTES] for first in range(0, len(hashes), HASH_BYTES)]


def _hashes(tiles: Mapping[Tile, bytes], level: int, index: int, first: int, count: int) -> bytes:
    found = tiles.get((level, index), b"")[first * HASH_BYTES : (first + count) * HASH_BYTES]
    if len(found) != count * HASH_BYTES:
        raise TilesMissing(level, index)
    return found


async def read_tiles(connection: Connection, wanted: Iterable[Tile]) -> dict[Tile, bytes]:
    """The tiles that there are of those wanted, in one read."""
    levels, indexes = zip(*wanted, strict=True) if (wanted := list(wanted)) else ((), ())
    parameters = {"levels": list(levels), "indexes": list(indexes)}
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_TILES, parameters)
        return {(level, index): hashes for level, index, hashes in await cursor.fetchall()}


async def read_leaf_hashes(connection: Connection, start: int, end: int) -> bytes:
    """What the tiles hold of the leaves start … end - 1, as one; zeros where a hash is missing."""
    first, after = start >> HEIGHT, (end + WIDTH - 1) >> HEIGHT
    found = bytearray((after - first) * TILE_BYTES)
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_LEAF_TILES, {"first": first, "end": after})
        for index, hashes in await cursor.fetchall():
            at = (index - first) * TILE_BYTES
            found[at : at + min(len(hashes), TILE_BYTES)] = hashes[:TILE_BYTES]
    at = (start % WIDTH) * HASH_BYTES
    return bytes(found[at : at + (end - start) * HASH_BYTES])


async def write_tiles(connection: Connection, edge: RightEdge) -> None:
    """Writes what has changed in one statement."""
    parameters = {
        "levels": [level for level, _ in edge.changed],
        "indexes": [index for _, index in edge.changed],
        "hashes": list(edge.changed.values()),
    }
    await connection.execute(_WRITE_TILES, parameters)
    edge.changed = {}


def tile_of(node: Node) -> tuple[Tile, int, int]:
    """The tile in which a node's subtree stands, and which hashes of it: the first, and how many."""
    level, index = node
    inside = level % HEIGHT
    first = index << inside
    return (level // HEIGHT, first >> HEIGHT), first % WIDTH, 1 << inside


async def span_roots(connection: Connection, spans: Sequence[Span]) -> list[bytes]:
    """The root over each span of leaves, by the tiles, in one read. TilesMissing."""
    nodes = [perfect_nodes(*span) for span in spans]
    tiles = await read_tiles(connection, {tile_of(node)[0] for of_span in nodes for node in of_span})

    def root(node: Node) -> bytes:
        (level, index), first, count = tile_of(node)
        return perfect_root(split(_hashes(tiles, level, index, first, count)))

    return [joined([root(node) for node in of_span]) for of_span in nodes]


async def node_hashes(connection: Connection, nodes: Sequence[Node]) -> list[bytes]:
    """The hashes of perfect subtrees, by the tiles. TilesMissing."""
    return await span_roots(connection, [(index << level, (index + 1) << level) for level, index in nodes])
