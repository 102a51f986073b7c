"""Every request has an id: the caller's X-Request-Id, or one of ours. Answers, logs and events tell it."""

import re
from typing import cast

from litestar.types import Scope

from infra.ids import uuid7
from infra.logging import REQUEST_ID

FORM = re.compile(r"[A-Za-z0-9._:-]{1,100}")

Headers = tuple[tuple[bytes, bytes], ...]

_STATE = "request_id"
# For answers that are data: no browser guesses their type, shows them in a frame, or keeps them.
_GUARDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
)
_NO_STORE = (b"cache-control", b"no-store")
_KEPT = "/docs"
"""The pages that describe the API hold nothing of anybody's."""


def name_request(scope: Scope, given: bytes | None) -> str:
    """Gives the request its id, for whatever is logged from now on; a given one must look like one."""
    text = None if given is None else given.decode("latin-1")
    request_id = text if text is not None and FORM.fullmatch(text) else uuid7()
    scope["state"][_STATE] = request_id
    REQUEST_ID.set(request_id)
    return request_id


def request_id_of(scope: Scope) -> str:
    """The request's id. One that never came to the entrance gets it here: there is no such address."""
    known = cast("str | None", scope["state"].get(_STATE))
    if known is not None:
        return known
    return name_request(
        scope, next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
    )


def marks_of(scope: Scope) -> Headers:
    """What every answer carries besides its own headers."""
    request_id = (b"x-request-id", request_id_of(scope).encode())
    if scope["path"].startswith(_KEPT):
        return (request_id, *_GUARDS)
    return (request_id, *_GUARDS, _NO_STORE)
