"""Segments: groups of customers that offers and price lists name."""

from domain.customers.customer import CUSTOMER, SegmentsSet, require_known
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.stream import States

MAX_SEGMENTS = 20
MAX_NAME = 60
MAX_WORDS = 4
MAX_DIGITS = 4
"""Of a word: enough for a year, too few for a telephone."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")


class SetSegments(Command, frozen=True, kw_only=True):
    """Puts a customer into these segments and takes them out of all others.

    Names are words. Those that the customer has from before there was such a rule may stay.
    """

    customer_id: str
    segments: tuple[str, ...]
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (CUSTOMER.stream(self.customer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = CUSTOMER.stream(self.customer_id)
        customer = require_known(states, self.customer_id)
        states.require_version(stream, self.expected_version)
        segments = tuple(sorted(set(self.segments)))
        if len(segments) > MAX_SEGMENTS:
            raise InvalidCommand(f"A customer is in up to {MAX_SEGMENTS} segments.", segments=len(segments))
        for name in sorted(set(segments).difference(customer.segments)):
            if not is_few_words(name):
                raise InvalidCommand(
                    "A segment is one to four lower-case words joined by - or _, as regular-guests.",
                    segment=name,
                )
        if segments == customer.segments:
            return Decision(events=(), result=Done(id=self.customer_id))
        event = SegmentsSet(customer_id=self.customer_id, segments=segments)
        return Decision(events=((stream, event),), result=Done(id=self.customer_id))


def is_few_words(name: str) -> bool:
    """Names stand in the clear beside the customer for ever: no room for a person's, or a sentence."""
    words = name.replace("_", "-").split("-")
    return len(name) <= MAX_NAME and len(words) <= MAX_WORDS and all(_is_word(word) for word in words)


def _is_word(word: str) -> bool:
    digits = sum(letter in _DIGITS for letter in word)
    return word[:1] in _LETTERS and digits <= MAX_DIGITS and set(word) <= _LETTERS | _DIGITS
