"""The OpenAPI 3.1 document of the API: the routes as Litestar finds them, the shapes as msgspec checks them.

Litestar knows addresses and query parameters. Of bodies it loses docstrings, closed objects and the limits
of items, so those come from msgspec; headers, keys and problems are the same everywhere and are added here.
"""

import inspect
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast, get_args, get_origin

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.routes import HTTPRoute

from api.auth import ANYBODY
from api.errors import PROBLEM_JSON, ProblemDetails
from api.operations import APPROVABLE, CHANGING, KEY_REQUIRED, OPENING, READS, UNKEYED, WAITING, WITH_ETAG
from api.receipts import PAGE, PLAIN
from domain.checkout.receipt import Receipt
from domain.kernel.ids import END_OF_TEXT, ID_PATTERN

Json = dict[str, Any]

SECURITY = "apiKey"

_KEY_SCHEMA: Json = {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"}
_KEY_DESCRIPTION = (
    "A value of your own, new for each request that means something new. A repeat with the same key and body"
    " gets the first answer with Idempotent-Replayed: true; another body gets 422; a repeat while the first"
    " is being decided gets 409. Kept for 30 days."
)
_PURPOSE: Json = {
    "name": "Daybook-Purpose",
    "in": "header",
    "schema": {"type": "string", "maxLength": 60, "pattern": "^[a-z]+([ _-][a-z]+){0,3}$"},
}
_PURPOSE_DESCRIPTION = "Why personal data are read, one to four lower-case words; it is logged."
_PARAMETERS: dict[str, Json] = {
    "IdempotencyKeyRequired": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": _KEY_SCHEMA,
        "description": _KEY_DESCRIPTION,
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": _KEY_SCHEMA,
        "description": _KEY_DESCRIPTION,
    },
    "MinPosition": {
        "name": "Daybook-Min-Position",
        "in": "header",
        "required": False,
        "schema": {"type": "integer", "minimum": 0},
        "description": "The Daybook-Position of a write that the answer must know. Waits 1 s, then 503.",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "pattern": r'^"[0-9]{1,18}"$'},
        "description": "The ETag of what you read and now change.",
    },
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,100}$"},
        "description": "Stands in the answer, in logs, in the log of accesses and, as correlation id, in the"
        " events.",
    },
    "Approval": {
        "name": "Daybook-Approval",
        "in": "header",
        "required": False,
        "schema": {"type": "array", "items": {"type": "string", "pattern": ID_PATTERN}, "maxItems": 4},
        "description": "The approval of a second person, where it is beyond your limit. An exchange may need"
        " two: both ids, with a comma between.",
    },
    "Purpose": {
        **_PURPOSE,
        "required": False,
        "description": f"{_PURPOSE_DESCRIPTION} Where nothing is said it is 'service', which is no reason to"
        " search by four digits.",
    },
    "PurposeRequired": {**_PURPOSE, "required": True, "description": _PURPOSE_DESCRIPTION},
}
_HEADERS: dict[str, Json] = {
    "Position": {
        "description": "The journal's position after the write: what Daybook-Min-Position may ask for.",
        "schema": {"type": "integer"},
    },
    "ETag": {"description": "The version, in quotes.", "schema": {"type": "string"}},
    "Replayed": {
        "description": "true where this is the answer to an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RetryAfter": {"description": "Seconds.", "schema": {"type": "integer"}},
    "Authenticate": {"description": "Bearer", "schema": {"type": "string"}},
    "RequestId": {
        "description": "The request's id: yours, or one of ours.",
        "schema": {"type": "string"},
    },
}
_PROBLEMS: dict[int, tuple[str, str]] = {
    400: ("InvalidRequest", "The request is not what this operation takes."),
    401: ("Unauthenticated", "The key or session is missing, unknown or over, or the password is wrong."),
    403: ("Forbidden", "You lack the scope, may not do it in this store, or need an approval."),
    404: ("NotFound", "Something that the request names does not exist."),
    409: (
        "Conflict",
        "The state of things forbids it: id taken, stock short, coupon spent, same key in flight.",
    ),
    410: ("Erased", "The person was forgotten, and nothing may become known of them."),
    412: ("VersionConflict", "It has changed since you read it."),
    413: ("BodyTooLarge", "The body is larger than the service takes."),
    415: ("UnsupportedMediaType", "The body is not application/json."),
    422: ("Refused", "The request was understood and a rule forbids it; the code says which."),
    428: ("PreconditionRequired", "Send If-Match."),
    429: ("TooManyAttempts", "Too many attempts to sign in. Wait as long as Retry-After says."),
    503: (
        "Unavailable",
        "The database, or the read model at that position, is not there yet. Repeat the request.",
    ),
}
_PROBLEM_HEADERS = {
    401: {"WWW-Authenticate": "Authenticate"},
    429: {"Retry-After": "RetryAfter"},
    503: {"Retry-After": "RetryAfter"},
}


@lru_cache(maxsize=1)
def document(app: Litestar) -> Json:
    """The document of an application's public routes."""
    found: Json = app.openapi_schema.to_schema()
    handlers = {
        (route.path_format, method.lower()): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
    }
    types = {type_ for handler in handlers.values() for type_ in _types_of(handler)} | {ProblemDetails}
    ordered = sorted(types, key=str)
    references, schemas = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    shapes = dict(zip(ordered, references, strict=True))
    paths: dict[str, Json] = {}
    for path, operations in found["paths"].items():
        paths[path] = {
            method: _operation(operation, method, handlers[path, method], shapes)
            for method, operation in operations.items()
        }
    described: Json = {
        "openapi": found["openapi"],
        "info": found["info"],
        "servers": found["servers"],
        "security": [{SECURITY: []}],
        "paths": paths,
        "components": {
            "schemas": dict(schemas),
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "responses": {name: _problem_response(status) for status, (name, _) in _PROBLEMS.items()},
            "securitySchemes": {
                SECURITY: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "dbk_… or dbs_…",
                    "description": "An API key, or the token of a session. The names beside it are the scopes"
                    " that are needed.",
                }
            },
        },
    }
    return _portable(described)


def _portable(node: Any) -> Any:
    """The same with patterns that every engine reads: some know no lookahead; elsewhere `$` is the end."""
    if isinstance(node, dict):
        return {key: _portable(value) for key, value in cast("Json", node).items()}
    if isinstance(node, list):
        return [_portable(value) for value in cast("list[Any]", node)]
    return node.replace(END_OF_TEXT, "$") if isinstance(node, str) else node


def encoded(openapi: Json) -> bytes:
    """The document as it stands in git: sorted, one value a line."""
    return msgspec.json.format(msgspec.json.encode(openapi, order="sorted"), indent=2) + b"\n"


def _streams(handler: HTTPRouteHandler) -> bool:
    """Whether a handler answers with something else than one JSON value."""
    return _answer(handler) is Stream


def _types_of(handler: HTTPRouteHandler) -> list[Any]:
    """The structs that a handler takes and answers."""
    if not handler.resolve_include_in_schema():
        return []
    body = handler.parsed_data_field
    answer = None if _streams(handler) else _answer(handler)
    shown = (answer, body and body.annotation, *handler.opt.get("shows", ()))
    return [type_ for type_ in shown if type_]


def _answer(handler: HTTPRouteHandler) -> Any:
    """What a handler answers: the struct itself or the one inside its Response."""
    annotation = handler.parsed_return_field.annotation
    return get_args(annotation)[0] if get_origin(annotation) is Response else annotation


def _operation(found: Json, method: str, handler: HTTPRouteHandler, shapes: Mapping[Any, Json]) -> Json:
    name, public = found["operationId"], bool(handler.opt.get("public"))
    scope = handler.opt.get("scope")
    writes = method != "get" and name not in READS
    summary, _, rest = inspect.cleandoc(handler.fn.__doc__ or "").partition("\n")
    operation: Json = {
        "operationId": name,
        "tags": found["tags"],
        "summary": summary,
        "security": [] if public or scope == ANYBODY else [{SECURITY: [scope]}],
        "parameters": [
            *(_parameter(parameter) for parameter in found.get("parameters", [])),
            *(
                {"$ref": f"#/components/parameters/{header}"}
                for header in _header_parameters(name, method, writes=writes, public=public)
            ),
        ],
        "responses": {
            **_success(found["responses"], name, method, _content(handler, shapes), writes=writes),
            **{
                str(status): {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"}
                for status in _problems(found, method, writes=writes, public=public)
            },
        },
    }
    if rest.strip():
        operation["description"] = rest.strip()
    if (body := handler.parsed_data_field) is not None:
        content = {"application/json": {"schema": shapes[body.annotation]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(found: Json) -> Json:
    # Its limits come as floats, and its description twice.
    schema = {
        key: int(value) if isinstance(value, float) else value
        for key, value in found["schema"].items()
        if key != "description"
    }
    if found["in"] == "path" and found["name"] != "stream":
        schema["pattern"] = ID_PATTERN
    kept = {key: found[key] for key in ("name", "in", "required", "description") if key in found}
    return {**kept, "schema": schema}


def _header_parameters(name: str, method: str, *, writes: bool, public: bool) -> Iterable[str]:
    if writes and name not in UNKEYED:
        yield "IdempotencyKeyRequired" if name in KEY_REQUIRED else "IdempotencyKey"
    if not public:
        yield "RequestId"
    if name in APPROVABLE:
        yield "Approval"
    if method == "patch" or name in CHANGING:
        yield "IfMatch"
    if name in WAITING:
        yield "MinPosition"
    if name in OPENING:
        yield "PurposeRequired" if name == "exportCustomer" else "Purpose"


def _content(handler: HTTPRouteHandler, shapes: Mapping[Any, Json]) -> Json:
    if _streams(handler) or _answer(handler) is str:
        return {str(handler.media_type): {"schema": {"type": "string"}}}
    as_json: Json = {"application/json": {"schema": shapes[_answer(handler)]}}
    if _answer(handler) is Receipt:
        return {**as_json, **{kind: {"schema": {"type": "string"}} for kind in (PLAIN, PAGE)}}
    return as_json


def _success(found: Json, name: str, method: str, content: Json, *, writes: bool) -> Json:
    (status,) = (status for status in found if status.startswith(("2", "3")))
    names: Json = {"X-Request-Id": "RequestId"}
    if writes:
        names["Daybook-Position"] = "Position"
        if name not in UNKEYED:
            names["Idempotent-Replayed"] = "Replayed"
    if name in WITH_ETAG or method == "patch" or name in CHANGING:
        names["ETag"] = "ETag"
    response: Json = {
        "description": "Done." if writes else "What was asked for.",
        "content": content,
    }
    response["headers"] = _header_references(names)
    return {status: response}


def _problems(found: Json, method: str, *, writes: bool, public: bool) -> Iterable[int]:
    if public:
        return (503,) if found["operationId"] == "readyz" else ()
    statuses = {400, 401, 403, 503}
    if found.get("parameters") or "requestBody" in found:
        statuses.add(404)
    if "requestBody" in found:
        statuses |= {413, 415}
    if writes:
        statuses |= {409, 422}
    if set(found["tags"]) & {"customers", "employees", "privacy", "complaints"}:
        statuses.add(410)
    if method == "patch" or found["operationId"] in CHANGING:
        statuses |= {412, 428}
    if found["operationId"] in {"signIn", "changePassword"}:
        statuses |= {422, 429}
    return sorted(statuses)


def _problem_response(status: int) -> Json:
    response: Json = {
        "description": _PROBLEMS[status][1],
        "content": {PROBLEM_JSON: {"schema": {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}}},
    }
    names = {"X-Request-Id": "RequestId", **_PROBLEM_HEADERS.get(status, {})}
    response["headers"] = _header_references(names)
    return response


def _header_references(names: Mapping[str, str]) -> Json:
    return {header: {"$ref": f"#/components/headers/{name}"} for header, name in names.items()}
