"""The clerk's memory: the latest states of the streams it met last, within a bound of bytes."""

from collections import OrderedDict
from collections.abc import Iterable

from domain.kernel.stream import Versioned

_OVERHEAD_BYTES = 300
"""What a state costs by itself: so the bound also limits how many there are."""


class StateCache:
    """States by stream, least recently used first to go.

    A state's weight is the size of the bytes it was folded from: some four times as much in memory.
    Eviction is the owner's call (`shrink`), so that nothing disappears while a batch is being decided.
    """

    def __init__(self, bound_bytes: int) -> None:
        self._bound_bytes = bound_bytes
        self._states: OrderedDict[str, Versioned] = OrderedDict()
        self._weights: dict[str, int] = {}
        self._total_bytes = 0

    def __contains__(self, stream: str) -> bool:
        return stream in self._states

    def __getitem__(self, stream: str) -> Versioned:
        return self._states[stream]

    def get(self, stream: str) -> Versioned | None:
        """The state, if it is known."""
        return self._states.get(stream)

    def put(self, stream: str, state: Versioned, weight_bytes: int) -> None:
        """Remembers a state as the most recently used."""
        weight_bytes += _OVERHEAD_BYTES
        self._total_bytes += weight_bytes - self._weights.get(stream, 0)
        self._weights[stream] = weight_bytes
        self._states[stream] = state
        self._states.move_to_end(stream)

    def weight(self, stream: str) -> int:
        """The bytes that a known state was folded from."""
        return self._weights.get(stream, _OVERHEAD_BYTES) - _OVERHEAD_BYTES

    def gather(self, streams: Iterable[str], into: dict[str, Versioned]) -> list[str]:
        """Copies the known states, which counts as using them; returns the streams not known, each once."""
        states = self._states
        unknown: dict[str, None] = {}
        for stream in streams:
            if stream in into:
                continue
            if (state := states.get(stream)) is None:
                unknown[stream] = None
            else:
                into[stream] = state
                states.move_to_end(stream)
        return list(unknown)

    def shrink(self) -> None:
        """Forgets the least recently used states until the rest is within the bound."""
        while self._total_bytes > self._bound_bytes and self._states:
            stream, _ = self._states.popitem(last=False)
            self._total_bytes -= self._weights.pop(stream)

    def clear(self) -> None:
        """Forgets everything."""
        self._states.clear()
        self._weights.clear()
        self._total_bytes = 0
