"""The words of events by their types, and how amounts, counts and fields are told."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import msgspec

from domain.kernel.event import Event
from domain.kernel.money import decimal

E = TypeVar("E", bound=Event)

_WORDS: dict[type[Event], Callable[[Any], str]] = {}


def words(kind: type[E]) -> Callable[[Callable[[E], str]], Callable[[E], str]]:
    """Says how an event of this type is told."""

    def enter(tell: Callable[[E], str]) -> Callable[[E], str]:
        _WORDS[kind] = tell
        return tell

    return enter


def told(event: Event) -> str:
    """The event in words; one that has none yet by its type and fields."""
    tell = _WORDS.get(type(event))
    return tell(event) if tell is not None else f"{event.TYPE}: {fields(event)}"


def has_words(kind: type[Event]) -> bool:
    """Whether somebody wrote words for it."""
    return kind in _WORDS


def money(minor: int, currency: str = "") -> str:
    """An amount; where the event names no currency, in minor units, since nobody knows where the point is."""
    if not currency:
        return count(minor, "minor unit")
    return f"{currency} {decimal(minor, currency)}"


def count(number: int, thing: str) -> str:
    """`3 lines`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def percent(basis_points: int) -> str:
    """`7.5 %` of 750 basis points."""
    return f"{basis_points / 100:g} %"


def _shown(name: str, value: object) -> str:
    # A sealed value is a struct or, decoded without its type, a mapping.
    if isinstance(value, msgspec.Struct) and hasattr(value, "box"):
        return f"{name} (sealed)"
    if value is None:
        return f"{name} removed"
    return f"{name} {value}"


def noted_in(values: Mapping[str, object], removed: Sequence[str]) -> str:
    """What is noted in a merchant's own fields, and what no more."""
    told = [f"{name} {value}" for name, value in values.items()]
    return ", ".join([*told, *(f"{name} removed" for name in removed)]) or "nothing"


def fields(event: Event, *, but: tuple[str, ...] = ()) -> str:
    """The fields that the event names, except its own ids."""
    named = cast("dict[str, object]", msgspec.to_builtins(event, builtin_types=(bytes,)))
    shown = [
        _shown(field.name, getattr(event, field.name))
        for field in msgspec.structs.fields(event)
        if field.encode_name in named and field.name not in but
    ]
    return ", ".join(shown) or "nothing"
