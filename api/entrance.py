"""The entrance of every route: who asks, whether they may, and whether the address can mean anything.

A middleware and not a guard: Litestar copies the whole handler for each guard of each request, which cost
more than everything that is done here.
"""

from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from api.addresses import check_address
from api.auth import authorize
from api.errors import response_to


def entrance(app: ASGIApp) -> ASGIApp:
    """Lets in who may enter, and answers everybody else. Public routes are open."""

    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        handler = scope["route_handler"]
        if not handler.opt.get("public"):
            try:
                await authorize(scope, handler)
                check_address(scope, handler)
            except Exception as error:  # noqa: BLE001 (whatever it is, it has an answer)
                # Answered here, so that the metrics around this see the answer and not an exception.
                request = Request[Any, Any, Any](scope, receive, send)
                response = response_to(request, error)
                refused = response.to_asgi_response(None, request)  # pyright: ignore[reportUnknownMemberType]
                await refused(scope, receive, send)
                return
        await app(scope, receive, send)

    return enter
