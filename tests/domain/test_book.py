"""The book pins what is stored: bytes written today are read as long as there is a journal."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, ClassVar, cast

import msgspec
import pytest

from domain.book import EVENTS, STREAM_KINDS, UPCASTERS
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind
from tests.domain.examples import EXAMPLES, GOLDEN, golden_bytes, golden_path
from tests.support.walks import each

TYPE = re.compile(r"[a-z_]+\.[a-z_]+\.v[1-9][0-9]*")
BY_TYPE = {event.TYPE: event for event in EVENTS}

NEW_EVENT = (
    "Nothing pins how {0} is stored. Add examples of it to tests/domain/examples.py (first every field set, "
    "then only the required ones) and run `python -m tests.domain.examples`."
)
CHANGED_EVENT = (
    "{0} is no longer stored or read as it was, but journals hold it. Never edit a golden file: leave {0} "
    "as it is, add the next version as a new event and an upcaster from {0} to domain/book.py. (A new field "
    "with a default needs neither: add an example that sets it and run `python -m tests.domain.examples`.)"
)
LOST_EVENT = (
    "A golden file pins {0}, which is neither in EVENTS nor in UPCASTERS. Journals hold it: put it back, or "
    "add an upcaster from it to domain/book.py. Never delete a golden file."
)


class Stranger(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An event of a feature that nobody knows."""

    TYPE: ClassVar = "stranger.appeared.v1"


def golden_lines(stored_type: str) -> list[bytes]:
    path = golden_path(stored_type)
    if not path.exists():
        pytest.fail(NEW_EVENT.format(stored_type))
    return path.read_bytes().splitlines()


def structs_in(value: object) -> Iterator[msgspec.Struct]:
    """The struct and all structs in it."""
    if isinstance(value, msgspec.Struct):
        yield value
        for field in msgspec.structs.fields(value):
            yield from structs_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from structs_in(item)


def stored_fields(value: msgspec.Struct) -> set[str]:
    names = set(cast("dict[str, Any]", msgspec.to_builtins(value)))
    return names - {value.__struct_config__.tag_field}


every_event = each("event", EVENTS, lambda event: event.TYPE)
every_kind = each("kind", STREAM_KINDS, lambda kind: kind.category)
every_stored_type = each("stored_type", sorted(path.name.removesuffix(".json") for path in GOLDEN.iterdir()))


@every_event
def test_a_type_is_a_subject_what_happened_and_a_version(event: type[Event]) -> None:
    assert TYPE.fullmatch(event.TYPE)


def test_no_two_events_share_a_type() -> None:
    assert sorted(BY_TYPE) == sorted(event.TYPE for event in EVENTS)


def test_no_two_kinds_of_stream_share_a_category() -> None:
    categories = [kind.category for kind in STREAM_KINDS]
    assert len(set(categories)) == len(categories)


@every_kind
def test_a_category_ends_where_the_id_begins(kind: StreamKind[Any]) -> None:
    assert "-" not in kind.category


@every_event
def test_every_event_has_examples(event: type[Event]) -> None:
    assert event in EXAMPLES, NEW_EVENT.format(event.TYPE)
    assert {type(example) for example in EXAMPLES[event]} == {event}


@every_event
def test_the_examples_set_every_field(event: type[Event]) -> None:
    """Those of the structs in it, too. The examples together: a field of later has an example of its own."""
    stored: dict[type[msgspec.Struct], set[str]] = {}
    for example in EXAMPLES[event]:
        for struct in structs_in(example):
            stored.setdefault(type(struct), set()).update(stored_fields(struct))
    for kind, names in stored.items():
        fields = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert names == fields, f"No example of {event.TYPE} sets {fields - names} of {kind.__name__}."


@every_event
def test_the_second_example_sets_only_what_must_be_set(event: type[Event]) -> None:
    fields = msgspec.structs.fields(event)
    required = {field.encode_name for field in fields if field.required}
    minimal = EXAMPLES[event][1 if len(required) < len(fields) else 0]
    assert stored_fields(minimal) == required


@every_event
def test_an_event_is_stored_as_it_always_was(event: type[Event]) -> None:
    stored = b"".join(line + b"\n" for line in golden_lines(event.TYPE))
    assert golden_bytes(EXAMPLES[event]) == stored, CHANGED_EVENT.format(event.TYPE)


@every_event
def test_stored_bytes_are_read_as_the_event_they_were(event: type[Event]) -> None:
    read = [msgspec.json.decode(line, type=event) for line in golden_lines(event.TYPE)]
    assert tuple(read) == EXAMPLES[event], CHANGED_EVENT.format(event.TYPE)


@every_stored_type
def test_every_type_ever_stored_is_still_known(stored_type: str) -> None:
    assert stored_type in BY_TYPE or stored_type in UPCASTERS, LOST_EVENT.format(stored_type)


@every_stored_type
def test_every_type_ever_stored_is_read_as_an_event_of_today(stored_type: str) -> None:
    for line in golden_lines(stored_type):
        newest, data = stored_type, msgspec.json.decode(line)
        while newest in UPCASTERS:
            newest, upcast = UPCASTERS[newest]
            data = upcast(data)
        assert isinstance(msgspec.convert(data, BY_TYPE[newest]), Event)


def test_what_is_brought_up_to_date_is_pinned_and_not_written_any_more() -> None:
    for stored_type in UPCASTERS:
        assert stored_type not in BY_TYPE
        assert golden_path(stored_type).exists(), NEW_EVENT.format(stored_type)


@every_event
def test_an_event_is_frozen_and_leaves_out_what_is_not_set(event: type[Event]) -> None:
    config = event.__struct_config__
    assert (config.frozen, config.omit_defaults, config.tag) == (True, True, None)


def folded(kind: StreamKind[Any]) -> Any:
    """The state after every example, most of them strangers to it."""
    state = kind.initial
    for example in chain.from_iterable(EXAMPLES.values()):
        state = kind.evolve(state, example)
    return state


@every_kind
def test_a_stranger_changes_nothing(kind: StreamKind[Any]) -> None:
    for state in (kind.initial, folded(kind)):
        assert kind.evolve(state, Stranger()) is state


@every_kind
def test_every_kind_of_stream_is_changed_by_an_event(kind: StreamKind[Any]) -> None:
    assert any(kind.evolve(kind.initial, one[0]) != kind.initial for one in EXAMPLES.values())


@every_kind
def test_a_state_survives_being_stored_as_a_snapshot(kind: StreamKind[Any]) -> None:
    state = folded(kind)
    shape = cast("type[Any]", type(kind.initial))
    assert msgspec.json.decode(msgspec.json.encode(state), type=shape) == state
