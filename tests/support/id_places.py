"""Where requests to the API can name something: read from its frozen description, not from a list."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from api.openapi import FROZEN

Json = dict[str, Any]


class Place(NamedTuple):
    """Where a request names something: in the path, the query or, as a JSON pointer, in the body."""

    operation: str
    kind: str
    pointer: str

    @property
    def name(self) -> str:
        """The parameter or field."""
        return re.sub(r"/\*$", "", self.pointer).rpartition("/")[2]


def described() -> Json:
    return msgspec.json.decode(FROZEN.read_bytes())


def places() -> Iterator[Place]:
    """Every place of a string that the API describes."""
    document = described()
    for path in document["paths"].values():
        for operation in path.values():
            name = operation["operationId"]
            for reference in operation.get("parameters", []):
                parameter = resolved(document, reference)
                if parameter["in"] in {"path", "query"}:
                    yield Place(name, parameter["in"], parameter["name"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for pointer in sorted(set(strings(document, content["schema"], ""))):
                    yield Place(name, "body", pointer)


def resolved(document: Json, schema: Json) -> Json:
    while (reference := schema.get("$ref")) is not None:
        schema = document
        for key in reference.split("/")[1:]:
            schema = schema[key]
    return schema


def strings(document: Json, schema: Json, pointer: str) -> Iterator[str]:
    """Pointers to the strings in a body; * stands for each of a list."""
    schema = resolved(document, schema)
    for either in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from strings(document, either, pointer)
    if "items" in schema:
        yield from strings(document, schema["items"], f"{pointer}/*")
    for name, of in schema.get("properties", {}).items():
        yield from strings(document, of, f"{pointer}/{name}")
    if "string" in str(schema.get("type")):
        yield pointer


def with_id(body: Any, pointer: Sequence[str], id_: str) -> Any:
    """A copy of the body with the id at the pointer; what is missing on the way is made."""
    if not pointer:
        return id_
    first, *rest = pointer
    if first == "*":
        return [with_id(body[0] if body else None, rest, id_)]
    given: Json = body or {}
    return {**given, first: with_id(given.get(first), rest, id_)}
