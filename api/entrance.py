"""The entrance of every route: who asks, whether they may, and whether the address can mean anything.

A middleware and not a guard: Litestar copies the whole handler for each guard of each request, which cost
more than everything that is done here.
"""

from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from api.addresses import check_address
from api.auth import ANYBODY, authorize
from api.errors import Problem, response_to
from api.request_ids import FORM, name_request

_ONCE = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"daybook-approval",
        b"daybook-min-position",
        b"daybook-purpose",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"x-request-id",
    }
)
"""Said twice they may mean one thing to us and another to whoever stands in front of us."""


def entrance(app: ASGIApp) -> ASGIApp:
    """Lets in who may enter, and answers everybody else. Public routes are open."""

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        found: dict[bytes, bytes] = {}
        twice = None
        for name, value in scope["headers"]:
            if name in _ONCE:
                if name in found:
                    twice = name
                found[name] = value
        name_request(scope, found.get(b"x-request-id"))
        try:
            await _admit(scope, found, twice)
        except Exception as error:  # noqa: BLE001 (whatever it is, it has an answer)
            # Answered here, so that the metrics around this see the answer and not an exception.
            request = Request[Any, Any, Any](scope, receive, send)
            response = response_to(request, error)
            refused = response.to_asgi_response(None, request)  # pyright: ignore[reportUnknownMemberType]
            await refused(scope, receive, send)
            return
        await app(scope, receive, send)

    return enter


async def _admit(scope: Scope, found: dict[bytes, bytes], twice: bytes | None) -> None:
    handler = scope["route_handler"]
    if handler.opt.get("public"):
        if "\0" in scope["path"]:
            raise Problem(404, "not_found", "There is nothing under such an address.")
        return
    _check_headers(twice, found.get(b"x-request-id"))
    if handler.opt.get("scope") != ANYBODY:
        given = found.get(b"authorization")
        await authorize(scope, handler, None if given is None else given.decode("latin-1"))
    check_address(scope, handler)


def _check_headers(twice: bytes | None, request_id: bytes | None) -> None:
    if twice is not None:
        raise Problem(400, "invalid_request", f"Send the header {twice.decode()} once.")
    if request_id is not None and not FORM.fullmatch(request_id.decode("latin-1")):
        raise Problem(400, "invalid_request", "X-Request-Id has 1 to 100 letters, digits and . _ : -")
