"""Texts of care messages: one a language, with placeholders of a closed list, filled when they leave."""

from collections.abc import Iterable, Mapping, Sequence
from string import Formatter

import msgspec

from domain.kernel.errors import InvalidCommand

MAX_TEXTS = 20


class CareText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message in one language. `unnamed` stands in the place of {name} where no name is known."""

    language: str
    subject: str
    text: str
    unnamed: str = ""


def placeholders(template: str) -> set[str]:
    """The names in braces. InvalidCommand where braces hold anything but a plain name."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise InvalidCommand("A brace that is no placeholder is written twice: {{ or }}.") from None
    if any(name is not None and (how or conversion) for _, name, how, conversion in parts):
        raise InvalidCommand("A placeholder is a name in braces and nothing else, as {name}.")
    return {name for _, name, _, _ in parts if name is not None}


def require_texts(texts: Sequence[CareText], allowed: Iterable[str]) -> None:
    """InvalidCommand unless there is a text, one a language, and none names what nothing would fill."""
    if not 0 < len(texts) <= MAX_TEXTS:
        raise InvalidCommand(f"A rule has texts in 1 to {MAX_TEXTS} languages.", texts=len(texts))
    languages = [one.language for one in texts]
    if len(set(languages)) < len(languages):
        raise InvalidCommand("A language has one text.", languages=languages)
    known = sorted(allowed)
    for one in texts:
        unknown = (placeholders(one.subject) | placeholders(one.text)) - set(known)
        if unknown:
            raise InvalidCommand(
                "Nothing fills this placeholder here. Use those that are known.",
                unknown=sorted(unknown),
                known=known,
            )


def text_in(texts: Sequence[CareText], *languages: str | None) -> CareText:
    """The text in the first of these languages that there is one in, else the first text."""
    by_language = {one.language: one for one in texts}
    return next((by_language[one] for one in languages if one in by_language), texts[0])


def filled(text: CareText, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject, on one line whatever the values hold, and text."""
    values = {**values, "name": values.get("name") or text.unnamed}
    return " ".join(text.subject.format_map(values).split()), text.text.format_map(values)
