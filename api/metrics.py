"""How long each request took, by method, route and status: the one metric of the requests themselves."""

import time
from functools import lru_cache

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Histogram

_SECONDS = Histogram(
    "daybook_request_duration_seconds", "Seconds from a request to its answer", ["method", "path", "status"]
)

SLOW_S = 2.0
"""From here on a request is worth a line in the log; a reader may wait for a second."""

log = structlog.get_logger(__name__)


@lru_cache(maxsize=2_000)
def _series(method: str, path: str, status: int) -> Histogram:
    return _SECONDS.labels(method, path, status)


def measured(app: ASGIApp) -> ASGIApp:
    """A middleware that observes the answer. The path is the route's, so ids make no series of their own."""

    async def measure(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, watched)
        finally:
            if scope["type"] == "http":
                elapsed_s = time.perf_counter() - began
                _series(scope["method"], scope["path_template"], status).observe(elapsed_s)
                if elapsed_s >= SLOW_S:
                    log.warning(
                        "request_slow",
                        method=scope["method"],
                        route=scope["path_template"],
                        status=status,
                        elapsed_s=round(elapsed_s, 3),
                    )

    return measure
