"""Lines of a narrow roll: what may be printed at all, how wide it is, and where it is broken.

A printer obeys what it is sent: control characters and escape sequences in a product's name must never
reach it.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_HARMLESS = frozenset("LMNPSZ")
"""Letters, marks, numbers, punctuation, symbols, spaces; all others steer devices or hide what they say."""


def printable(text: str) -> str:
    """The text on one line, without anything that steers a printer or turns the direction of reading."""
    kept = "".join(
        " " if unicodedata.category(letter)[0] not in _HARMLESS or letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    return " ".join(kept.split())


@lru_cache(maxsize=4_096)
def _columns(letter: str, *, wide: bool) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me"}:
        return 0
    kind = unicodedata.east_asian_width(letter)
    return 2 if kind in {"W", "F"} or (wide and kind == "A") else 1


class Paper:
    """A roll so many columns wide; Chinese characters take two, and with `wide` the ambiguous ones too."""

    def __init__(self, columns: int, *, wide: bool) -> None:
        self.columns = columns
        self._wide = wide

    def width(self, text: str) -> int:
        """How many columns the text takes."""
        return sum(_columns(letter, wide=self._wide) for letter in text)

    def rule(self) -> str:
        """A line across."""
        return "-" * self.columns

    def centred(self, text: str) -> Iterator[str]:
        """The text in the middle, broken where it is too long."""
        for part in self.broken(text):
            yield " " * ((self.columns - self.width(part)) // 2) + part

    def row(self, left: str, right: str, indent: int = 0) -> Iterator[str]:
        """Left and right at the edges; what doesn't fit beside the right part stands on lines above."""
        *above, last = list(self.broken(left, indent)) or [""]
        yield from above
        gap = self.columns - self.width(last) - self.width(right)
        if gap >= 1 or not right:
            yield (last + " " * gap + right).rstrip()
            return
        if last:
            yield last
        for part in self.broken(right):
            yield " " * (self.columns - self.width(part)) + part

    def broken(self, text: str, indent: int = 0) -> Iterator[str]:
        """The text in lines that fit: between words where that goes, within a word where it doesn't."""
        room = self.columns - indent
        line = ""
        for word in printable(text).split(" "):
            if line and self.width(line) + 1 + self.width(word) <= room:
                line += " " + word
                continue
            if line:
                yield " " * indent + line
            *full, line = self._pieces(word, room)
            yield from (" " * indent + piece for piece in full)
        if line:
            yield " " * indent + line

    def _pieces(self, word: str, room: int) -> list[str]:
        pieces = [""]
        for letter in word:
            if self.width(pieces[-1]) + self.width(letter) > room:
                pieces.append("")
            pieces[-1] += letter
        return pieces
