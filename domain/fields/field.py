"""Fields that a merchant defines, of customers and of products; and what fits into them.

What was noted stays as it was noted: a definition says what may be written from now on. (Decision 0065.)
"""

import enum
from collections.abc import Iterable, Mapping
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

MAX_FIELDS = 100
MAX_CHOICES = 100
MAX_TEXT = 200
MAX_INTEGER = 10**12

FieldValue = str | int | bool
"""Decimals and days are texts: 12.50 and 2026-03-02."""

MAX_NAME = 40
MAX_WHOLE, MAX_BEHIND = 12, 6
"""Digits of a decimal before the point and behind it."""

_LETTERS, _DIGITS = frozenset("abcdefghijklmnopqrstuvwxyz"), frozenset("0123456789")
_CONTROL = frozenset(map(chr, (*range(32), 127)))


class Subject(enum.StrEnum):
    """What a field is of."""

    CUSTOMER = "customer"
    PRODUCT = "product"


class FieldType(enum.StrEnum):
    """What a field holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"


IN_THE_CLEAR = frozenset({FieldType.BOOLEAN, FieldType.CHOICE})
"""What may stand unsealed beside a customer: it has no room for who they are."""


class FieldDefined(Event, frozen=True, kw_only=True, omit_defaults=True):
    """There is such a field, or it is so from now on. What is `personal` is sealed where it is noted.

    Where it is `required`, nobody's fields are set without it. A `retired` one takes nothing new.
    """

    TYPE: ClassVar = "field.defined.v1"
    subject: Subject
    name: str
    label: str
    type: FieldType
    required: bool = False
    personal: bool = False
    choices: tuple[str, ...] = ()
    retired: bool = False


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a subject by name, as they were defined last."""

    defined: dict[str, FieldDefined] = {}


def evolve(state: Fields, event: Event) -> Fields:
    """The fields after `event`."""
    if isinstance(event, FieldDefined):
        return Fields(defined={**state.defined, event.name: event})
    return state


FIELDS = StreamKind("fields", Fields(), evolve)
"""One stream a subject: whether something is required is asked of all of them together."""


class DefineField(Command, frozen=True, kw_only=True):
    """Defines a field or changes its definition; its type, and whether it is personal, never change."""

    subject: Subject
    name: str
    label: str
    type: FieldType
    required: bool = False
    personal: bool = False
    choices: tuple[str, ...] = ()
    retired: bool = False

    def streams(self) -> tuple[str, ...]:
        return (FIELDS.stream(self.subject),)

    def decide(self, states: States, at: Moment) -> Decision:
        fields = states.of(FIELDS, self.subject)
        event = FieldDefined(
            subject=self.subject,
            name=self.name,
            label=self.label,
            type=self.type,
            required=self.required,
            personal=self.personal,
            choices=self.choices,
            retired=self.retired,
        )
        before = fields.defined.get(self.name)
        if event == before:
            return Decision(events=(), result=Done(id=self.name))
        _check_definition(event)
        if before is None and len(fields.defined) >= MAX_FIELDS:
            raise InvalidCommand(f"There are up to {MAX_FIELDS} fields.", fields=len(fields.defined))
        if before is not None and (before.type, before.personal) != (self.type, self.personal):
            raise InvalidCommand(
                "A field keeps its type, and stays personal or not. Retire it and define another.",
                field=self.name,
            )
        return Decision(events=((FIELDS.stream(self.subject), event),), result=Done(id=self.name))


def _check_definition(field: FieldDefined) -> None:
    if not _is_name(field.name):
        raise InvalidCommand(
            "A field's name is a lower-case word of up to 40 letters, digits and _, as shoe_size.",
            field=field.name,
        )
    if (field.type is FieldType.CHOICE) != bool(field.choices) or len(field.choices) > MAX_CHOICES:
        raise InvalidCommand(
            f"A choice has 1 to {MAX_CHOICES} choices, and nothing else has any.", field=field.name
        )
    if len(set(field.choices)) < len(field.choices) or not all(map(_is_text, field.choices)):
        raise InvalidCommand("Choices are different texts.", field=field.name)
    if field.subject is Subject.PRODUCT and field.personal:
        raise InvalidCommand("Nothing of a product is personal.", field=field.name)
    if field.subject is Subject.CUSTOMER and not field.personal and field.type not in IN_THE_CLEAR:
        raise InvalidCommand(
            "Of customers only choices and booleans stand in the clear. Make the field personal.",
            field=field.name,
        )


def check_value(field: FieldDefined, value: FieldValue) -> None:
    """InvalidCommand for what does not fit into the field."""
    if not _fits(field, value):
        raise InvalidCommand(f"{field.name} takes {_TAKES[field.type]}.", field=field.name)


_TAKES = {
    FieldType.TEXT: f"a text of up to {MAX_TEXT} letters",
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: 'a decimal number as a text, as "12.50"',
    FieldType.DATE: "a day, as 2026-03-02",
    FieldType.BOOLEAN: "true or false",
    FieldType.CHOICE: "one of its choices",
}


def _fits(field: FieldDefined, value: FieldValue) -> bool:
    # A bool is an int to Python.
    if isinstance(value, bool):
        return field.type is FieldType.BOOLEAN
    if isinstance(value, int):
        return field.type is FieldType.INTEGER and abs(value) <= MAX_INTEGER
    match field.type:
        case FieldType.TEXT:
            return _is_text(value)
        case FieldType.DECIMAL:
            return _is_decimal(value)
        case FieldType.DATE:
            return _is_day(value)
        case FieldType.CHOICE:
            return value in field.choices
        case _:
            return False


def _is_name(name: str) -> bool:
    return name[:1] in _LETTERS and len(name) <= MAX_NAME and set(name) <= _LETTERS | _DIGITS | {"_"}


def _is_text(value: str) -> bool:
    return 0 < len(value) <= MAX_TEXT and _CONTROL.isdisjoint(value)


def _is_decimal(value: str) -> bool:
    whole, point, behind = value.removeprefix("-").partition(".")
    return (
        0 < len(whole) <= MAX_WHOLE
        and len(behind) <= MAX_BEHIND
        and bool(point) == bool(behind)
        and set(whole + behind) <= _DIGITS
    )


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def require_defined(fields: Fields, name: str) -> FieldDefined:
    """The field that something new may be noted in, or InvalidCommand."""
    field = fields.defined.get(name)
    if field is None or field.retired:
        raise InvalidCommand(f"There is no field {name!r}, or it was retired. Define it first.", field=name)
    return field


def check_values(fields: Fields, given: Mapping[str, FieldValue], noted: Mapping[str, FieldValue]) -> None:
    """InvalidCommand unless each value fits into its field. What is noted already may be said again."""
    for name, value in given.items():
        if name in noted and (type(noted[name]), noted[name]) == (type(value), value):
            continue
        field = require_defined(fields, name)
        if field.personal:
            raise InvalidCommand(f"{name} is personal, and sealed.", field=name)
        check_value(field, value)


def require_complete(fields: Fields, noted: Iterable[str]) -> None:
    """InvalidCommand where a required field would have nothing."""
    known = set(noted)
    missing = [
        field.name
        for field in fields.defined.values()
        if field.required and not field.retired and field.name not in known
    ]
    if missing:
        raise InvalidCommand(f"Say {', '.join(missing)} too: required.", missing=missing)
