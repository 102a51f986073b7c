"""Codes of a batch: each follows from the tenant's key, the batch and its number, and from nothing else.

A code has 20 letters, 100 bits: 50 name the batch and the number, hidden under a mask that follows from the
tag; 45 are the tag, a keyed function of both; 5 are a check letter. Of a million codes a guess finds one with
a chance of 2^-75; who holds a code makes another of it with one of 2^-45. Nothing is stored for a code, and
its text can be told again at any time. (Decision 0038.)
"""

import hmac
import secrets
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0 and O, 1 and I: people read codes aloud. 32 letters, so a letter is 5 bits."""
BATCH_LETTERS = 6
CODE_LETTERS = 20
GROUP = 4
DRAWN_GROUPS = 4
NUMBER_BITS, TAG_BITS, LOCATOR_BITS, LETTER_BITS = 20, 45, 50, 5
BLOCK_BYTES = 16
_BLOCK_BITS = 8 * BLOCK_BYTES
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
# Times x in the field of 32 elements, modulo x^5 + x^2 + 1. x has order 31, so each of the 20 places weighs
# differently: one wrong letter and any two that changed places are found.
_TIMES_X = [(value << 1) ^ (0b100101 if value & 0b10000 else 0) for value in range(32)]
_CHECKED = [_TIMES_X[_TIMES_X[pair >> 5] ^ (pair & 31)] for pair in range(1024)]


class Place(NamedTuple):
    """Which code of which batch."""

    batch_id: str
    number: int


def draw_batch_id() -> str:
    """A new batch's id: 30 bits, drawn because nobody may choose what codes follow from."""
    return "".join(secrets.choice(ALPHABET) for _ in range(BATCH_LETTERS)).lower()


def draw_code() -> str:
    """A code of no batch, that nobody guesses."""
    groups = range(DRAWN_GROUPS)
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in groups)


def letters_of(code: str) -> str | None:
    """The letters of what may be a code of a batch, without what groups them; None of any other code."""
    letters = code.upper().replace("-", "").replace(" ", "")
    return letters if len(letters) == CODE_LETTERS and _VALUES.keys() >= set(letters) else None


def mistyped(letters: str) -> bool:
    """Whether the check letter says that a code was typed or read wrong."""
    return _check_letter(letters[:-1]) != letters[-1]


class BatchCodes:
    """Writes and reads the codes of one tenant's batches."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, batch_id: str, numbers: range) -> list[str]:
        """The codes with these numbers, in groups of four letters."""
        batch = _number_of(batch_id)
        tags = self._tags(batch_id, numbers)
        masks = _high_bits(self._keyed(b"mask", tags), LOCATOR_BITS)
        return [
            _text((((batch << NUMBER_BITS | number) ^ mask) << TAG_BITS) | tag)
            for number, mask, tag in zip(numbers, masks, tags, strict=True)
        ]

    def read(self, letters: str) -> Place | None:
        """Whose code this is; None of what was never written. `letters` are those of letters_of."""
        value = 0
        for letter in letters[:-1]:
            value = value << LETTER_BITS | _VALUES[letter]
        tag = value & ((1 << TAG_BITS) - 1)
        (mask,) = _high_bits(self._keyed(b"mask", [tag]), LOCATOR_BITS)
        locator = (value >> TAG_BITS) ^ mask
        number = locator & ((1 << NUMBER_BITS) - 1)
        batch_id = _id_of(locator >> NUMBER_BITS)
        (expected,) = self._tags(batch_id, range(number, number + 1))
        known = hmac.compare_digest(expected.to_bytes(BLOCK_BYTES), tag.to_bytes(BLOCK_BYTES))
        return Place(batch_id, number) if known else None

    def _tags(self, batch_id: str, numbers: range) -> list[int]:
        return _high_bits(self._keyed(b"batch " + batch_id.encode(), numbers), TAG_BITS)

    def _keyed(self, purpose: bytes, values: Iterable[int]) -> bytes:
        """A pseudo-random block for each value: AES under a key of this purpose's own, all in one call."""
        key = hmac.digest(self._key, purpose, "sha256")
        blocks = b"".join(value.to_bytes(BLOCK_BYTES) for value in values)
        # Every block is another number, so nothing repeats that ECB would give away.
        return Cipher(AES(key), ECB()).encryptor().update(blocks)  # noqa: S305


def _high_bits(blocks: bytes, bits: int) -> list[int]:
    shift = _BLOCK_BITS - bits
    return [
        int.from_bytes(blocks[start : start + BLOCK_BYTES]) >> shift
        for start in range(0, len(blocks), BLOCK_BYTES)
    ]


def _text(value: int) -> str:
    """95 bits as 19 letters, the check letter after them, in groups."""
    first = value >> 90
    pairs = [value >> shift & 1023 for shift in _PAIR_SHIFTS]
    check = _TIMES_X[first]
    for pair in pairs:
        check = _CHECKED[check << LETTER_BITS ^ pair]
    letters = ALPHABET[first] + "".join([_PAIRS[pair] for pair in pairs]) + ALPHABET[check]
    return "-".join([letters[start : start + GROUP] for start in _GROUP_STARTS])


_PAIR_SHIFTS = range(80, -1, -10)
_GROUP_STARTS = range(0, CODE_LETTERS, GROUP)


def _check_letter(letters: str) -> str:
    check = 0
    for letter in letters:
        check = _TIMES_X[check ^ _VALUES[letter]]
    return ALPHABET[check]


def _number_of(batch_id: str) -> int:
    number = 0
    for letter in batch_id.upper():
        number = number << LETTER_BITS | _VALUES[letter]
    return number


def _id_of(number: int) -> str:
    shifts = range(LETTER_BITS * (BATCH_LETTERS - 1), -1, -LETTER_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in shifts).lower()
