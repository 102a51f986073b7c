"""The clerk's memory: the latest states of the streams it met last, within a bound of bytes."""

from collections import OrderedDict
from collections.abc import Iterable

from domain.kernel.stream import Versioned

_OVERHEAD_BYTES = 300
"""What a state costs by itself: so the bound also limits how many there are."""


class StateCache:
    """States by stream, least recently used first to go.

    A state's weight is the size of the bytes it was folded from: some four times as much in memory.
    Eviction is the owner's call (`shrink`).
    """

    def __init__(self, bound_bytes: int) -> None:
        self._bound_bytes = bound_bytes
        self._known: OrderedDict[str, tuple[Versioned, int]] = OrderedDict()
        self._total_bytes = 0

    def __contains__(self, stream: str) -> bool:
        return stream in self._known

    def __getitem__(self, stream: str) -> Versioned:
        return self._known[stream][0]

    def get(self, stream: str) -> Versioned | None:
        """The state, if it is known."""
        known = self._known.get(stream)
        return None if known is None else known[0]

    def put(self, stream: str, state: Versioned, weight_bytes: int, *, grows: bool = False) -> None:
        """Remembers a state as the most recently used; `grows` adds to what it weighed."""
        before = self._known.pop(stream, None)  # put back at the end
        if before is None:
            self._total_bytes += weight_bytes + _OVERHEAD_BYTES
        elif grows:
            self._total_bytes += weight_bytes
            weight_bytes += before[1]
        else:
            self._total_bytes += weight_bytes - before[1]
        self._known[stream] = state, weight_bytes

    def gather(self, streams: Iterable[str], into: dict[str, Versioned]) -> list[str]:
        """Copies the known states, which counts as using them; returns the streams not known, each once."""
        known, unknown = self._known, dict[str, None]()
        for stream in streams:
            if stream in into:
                continue
            if (found := known.get(stream)) is None:
                unknown[stream] = None
            else:
                into[stream] = found[0]
                known.move_to_end(stream)
        return list(unknown)

    def shrink(self) -> None:
        """Forgets the least recently used states until the rest is within the bound."""
        while self._total_bytes > self._bound_bytes and self._known:
            _, (_, weight_bytes) = self._known.popitem(last=False)
            self._total_bytes -= weight_bytes + _OVERHEAD_BYTES

    def forget(self, stream: str) -> None:
        """Forgets a state, if it is known."""
        if (known := self._known.pop(stream, None)) is not None:
            self._total_bytes -= known[1] + _OVERHEAD_BYTES

    def clear(self) -> None:
        """Forgets everything."""
        self._known.clear()
        self._total_bytes = 0
