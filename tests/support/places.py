"""Where texts may stand in what the API takes, read from its frozen description, not from a list."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import msgspec

from api.openapi import FROZEN

Json = dict[str, Any]
Place = tuple[str | int, ...]
"""The way to a field: names of fields and places in lists. "*" is a name of one's own in a map."""

OPENAPI: Json = msgspec.json.decode(FROZEN.read_bytes())
_BODIES: dict[str, Json] = {
    operation["operationId"]: operation["requestBody"]["content"]["application/json"]["schema"]
    for item in OPENAPI["paths"].values()
    for operation in item.values()
    if "requestBody" in operation
}


class Named(NamedTuple):
    """Where a request names something: in the path, the query or, as a JSON pointer, in the body."""

    operation: str
    kind: str
    pointer: str
    way: Place = ()

    @property
    def name(self) -> str:
        """The parameter or field."""
        return re.sub(r"/\*$", "", self.pointer).rpartition("/")[2]


def named_places() -> Iterator[Named]:
    """Every place of a string that the API describes, but for names of one's own."""
    for path in OPENAPI["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            for parameter in map(_resolved, operation.get("parameters", [])):
                if parameter["in"] in {"path", "query"}:
                    yield Named(name, parameter["in"], parameter["name"])
            for way in text_places(name) if name in _BODIES else ():
                if "*" not in way:
                    pointer = "".join("/*" if isinstance(step, int) else f"/{step}" for step in way)
                    yield Named(name, "body", pointer, way)


def text_places(operation: str) -> list[Place]:
    """Every field of an operation's body that may hold a text, those inside lists and objects too."""
    return sorted(set(_texts(_BODIES[operation])), key=str)


def planted(body: Any, place: Place, text: str) -> Any:
    """The body with this text in that place; what is missing on the way is made."""
    if not place:
        return text
    step, *rest = place
    if isinstance(step, int):
        listed = cast("list[Any]", body) if isinstance(body, list) else []
        return [planted(listed[0] if listed else None, tuple(rest), text)]
    known = cast("Json", body) if isinstance(body, dict) else {}
    if step == "*":
        return {**known, text: 1}
    return {**known, step: planted(known.get(step), tuple(rest), text)}


def _resolved(schema: Json) -> Json:
    while (reference := schema.get("$ref")) is not None:
        schema = OPENAPI
        for key in reference.split("/")[1:]:
            schema = schema[key]
    return schema


def _texts(schema: Json, place: Place = (), around: tuple[Json, ...] = ()) -> Iterator[Place]:
    schema = _resolved(schema)
    if schema in around:
        # A rule of rules: what holds for one inside another holds for all.
        return
    around = (*around, schema) if "properties" in schema else around
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _texts(option, place, around)
    if schema.get("type") == "string":
        yield place
    for name, found in schema.get("properties", {}).items():
        yield from _texts(found, (*place, name), around)
    if isinstance(schema.get("additionalProperties"), dict):
        yield (*place, "*")
    if isinstance(schema.get("items"), dict):
        yield from _texts(schema["items"], (*place, 0), around)
