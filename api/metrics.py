"""Around every answer: its marks, and how long it took by method, route and status, the one metric of it."""

import time
from functools import lru_cache

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Histogram

from api.request_ids import marks_of

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
    """A middleware that marks and observes the answer. The path is the route's: ids make no series.

    Marked here because this stands around every answer of a route anyway. (api/errors.py marks the others.)
    """

    async def measure(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *marks_of(scope)]
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
