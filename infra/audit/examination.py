"""Holding a journal against what was sealed of it: which position is wrong, and what can't be proven.

Pure. Three sources tell the leaves of a position: the events themselves, the tiles in the database, and the
hashes that the sink keeps. Where they differ, the next checkpoint says who is right: its root is that of one
of them. Where it is that of none, the damage lies between the last checkpoint that was right and that one.
"""

from collections.abc import Iterable, Sequence

import msgspec

from infra.audit.checkpoint import Checkpoint
from infra.audit.leaf import Row, leaf_hashes
from infra.audit.merkle import HASH_BYTES
from infra.audit.tiles import NO_HASH, RightEdge, Tile, split

EVENTS, TILES, SINK = "events", "tiles", "sink"
MOST_FINDINGS = 1_000

_WRONG = {
    EVENTS: "the event is not the one that was sealed",
    TILES: "the tile of the tree in the database is not what was sealed",
    SINK: "the leaf hash in the sink is not what was sealed",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with the positions first … last; of what has no position both are 0."""

    what: str
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        if not self.last:
            return self.what
        where = f"position {self.first}" if self.first == self.last else f"positions {self.first}-{self.last}"
        return f"{where}: {self.what}"


class Findings:
    """What is wrong, neighbours told as one; of more than MOST_FINDINGS only the number."""

    def __init__(self) -> None:
        self.list: list[Finding] = []
        self.untold = 0

    def add(self, what: str, first: int = 0, last: int | None = None) -> None:
        """Something is wrong at positions, or as a whole."""
        last = first if last is None else last
        for at in range(len(self.list) - 1, max(-1, len(self.list) - 4), -1):
            before = self.list[at]
            if first and before.what == what and before.last == first - 1:
                self.list[at] = Finding(what=what, first=before.first, last=last)
                return
        if len(self.list) < MOST_FINDINGS:
            self.list.append(Finding(what=what, first=first, last=last))
        else:
            self.untold += 1


class Examination:
    """Goes through the journal from its first position on, page by page, checkpoint by checkpoint.

    `proven` is the size of the last checkpoint that was right.
    """

    def __init__(self) -> None:
        self.findings = Findings()
        self.size = 0
        self.proven = 0
        # The leaves' own tiles are compared as they are read.
        self._edges = {EVENTS: RightEdge(collect_from=1)}
        self._differing: list[tuple[int, dict[str, bytes]]] = []
        self._unmatched: list[Checkpoint] = []

    def hash_page(self, start: int, end: int, rows: Sequence[Row]) -> bytes:
        """The leaf hashes of the positions start + 1 … end; names those that are missing or there twice."""
        hashes = self._hashes(rows)
        if [row[0] for row in rows] == list(range(start + 1, end + 1)):
            return b"".join(hashes)
        found: dict[int, bytes] = {}
        for row, hash_ in zip(rows, hashes, strict=True):
            if row[0] in found:
                self.findings.add("there are two events of this position", row[0])
            # Of two the first counts only if it is the sealed one; the second is one too many in any case.
            found.setdefault(row[0], hash_)
        for position in range(start + 1, end + 1):
            if position not in found:
                self.findings.add("the event is missing", position)
        return b"".join(found.get(position, NO_HASH) for position in range(start + 1, end + 1))

    def _hashes(self, rows: Sequence[Row]) -> list[bytes]:
        try:
            return leaf_hashes(rows)
        except (AttributeError, TypeError):
            hashes: list[bytes] = []
            for row in rows:
                try:
                    hashes += leaf_hashes([row])
                except (AttributeError, TypeError):
                    self.findings.add("the event is not whole", row[0])
                    hashes.append(NO_HASH)
            return hashes

    def take(self, hashes: bytes, tiles: bytes, sink: bytes) -> None:
        """The next leaves, as each source tells them; one that tells fewer has nothing to say of the rest."""
        told = {EVENTS: hashes}
        for source, found in ((TILES, tiles), (SINK, sink)):
            whole = found + hashes[len(found) :]
            if whole != hashes and source not in self._edges:
                self._edges[source] = self._edges[EVENTS].copy()
            told[source] = whole
        if len(self._edges) > 1:
            self._note_differing({source: split(whole) for source, whole in told.items()})
        for source, edge in self._edges.items():
            edge.extend(split(told[source]))
        self.size += len(hashes) // HASH_BYTES

    def _note_differing(self, told: dict[str, list[bytes]]) -> None:
        for position, found in enumerate(zip(*told.values(), strict=True), self.size + 1):
            if len(set(found)) > 1:
                self._differing.append((position, dict(zip(told, found, strict=True))))

    def check(self, checkpoint: Checkpoint) -> bool:
        """Whether a trusted checkpoint of just this size is right by any source; then tells who is wrong."""
        assert checkpoint.size == self.size
        right = [source for source, edge in self._edges.items() if edge.root() == checkpoint.root]
        if not right:
            self._unmatched.append(checkpoint)
            return False
        for unmatched in self._unmatched:
            self.findings.add(f"the checkpoint of size {unmatched.size} is signed, and of another history")
        self._unmatched = []
        for position, found in self._differing:
            for source, hash_ in found.items():
                if hash_ != found[right[0]]:
                    self.findings.add(_WRONG[source], position)
        self._differing = []
        self._edges = {EVENTS: self._edges[right[0]]}
        self.proven = self.size
        return True

    def end(self, *, kept: bool) -> None:
        """No more checkpoints come. `kept`: leaf hashes of the sink were among the sources."""
        for position, found in self._differing[:MOST_FINDINGS]:
            told = " and ".join(source for source, hash_ in found.items() if hash_ != found[EVENTS])
            self.findings.add(f"the {told} tell another event than the journal", position)
        if self._unmatched:
            sources = "events, tiles and leaf hashes" if kept else "events and tiles"
            self.findings.add(
                f"{sources} are not what the checkpoint of size {self._unmatched[0].size} has sealed",
                self.proven + 1,
                self._unmatched[0].size,
            )

    def upper_tiles(self) -> dict[Tile, bytes]:
        """The tiles above the leaves, as they must be."""
        return self._edges[EVENTS].changed

    def compare_upper_tiles(self, found: Iterable[tuple[int, int, bytes]], sealed: int) -> None:
        """Names the tiles above the leaves that are not what they must be for a sealed size."""
        must = self.upper_tiles()
        stored = {(level, index): hashes for level, index, hashes in found}
        wanted: dict[Tile, bytes] = {}
        level, width = 1, sealed >> 8
        while width:
            for index in range((width + 255) >> 8):
                count = min(256, width - (index << 8))
                wanted[level, index] = must.get((level, index), b"")[: count * HASH_BYTES]
            level, width = level + 1, width >> 8
        for tile in sorted(wanted.keys() | stored.keys()):
            if wanted.get(tile) != stored.get(tile):
                self.findings.add(f"the tile {tile[1]} of level {tile[0]} is not what the leaves give")
