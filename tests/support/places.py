"""Where texts may stand in the bodies that the API takes, as its description says."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from api.openapi import FROZEN

Json = dict[str, Any]
Place = tuple[str | int, ...]
"""The way to a field: names of fields and places in lists. "*" is a name of one's own in a map."""

_OPENAPI: Json = msgspec.json.decode(FROZEN.read_bytes())
_BODIES: dict[str, Json] = {
    operation["operationId"]: operation["requestBody"]["content"]["application/json"]["schema"]
    for item in _OPENAPI["paths"].values()
    for operation in item.values()
    if "requestBody" in operation
}


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


def _texts(schema: Json, place: Place = ()) -> Iterator[Place]:
    if "$ref" in schema:
        schema = _OPENAPI["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _texts(option, place)
    if schema.get("type") == "string":
        yield place
    for name, found in schema.get("properties", {}).items():
        yield from _texts(found, (*place, name))
    if isinstance(schema.get("additionalProperties"), dict):
        yield (*place, "*")
    if isinstance(schema.get("items"), dict):
        yield from _texts(schema["items"], (*place, 0))
