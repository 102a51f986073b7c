"""Words that may stand in the clear beside a customer for ever: no person's name fits in, and no sentence."""

MAX_NAME = 60
MAX_WORDS = 4
MAX_DIGITS = 4
"""Of a word: enough for a year, too few for a telephone."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")


def is_few_words(name: str) -> bool:
    """Whether it is one to four lower-case words joined by - or _, as regular-guests."""
    words = name.replace("_", "-").split("-")
    return len(name) <= MAX_NAME and len(words) <= MAX_WORDS and all(_is_word(word) for word in words)


def _is_word(word: str) -> bool:
    digits = sum(letter in _DIGITS for letter in word)
    return word[:1] in _LETTERS and digits <= MAX_DIGITS and set(word) <= _LETTERS | _DIGITS
