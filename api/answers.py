"""Answers in JSON, sent without the detours that the framework's general response makes."""

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()


class JsonAnswer(Response[T]):
    """Content of our own structs, a status and headers; no cookies, no work in the background."""

    def to_asgi_response(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *_given: Any, status_code: int | None = None, **_also_given: Any
    ) -> ASGIApp:
        """The answer, ready to be sent. Of what Litestar gives only the route's own status counts."""
        body = _ENCODER.encode(self.content)
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": self.status_code or status_code or 200,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
                *((name.lower().encode(), value.encode()) for name, value in self.headers.items()),
            ],
        }
        rest: HTTPResponseBodyEvent = {"type": "http.response.body", "body": body, "more_body": False}

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send(start)
            await send(rest)

        return answer


class JsonStream(Response[T]):
    """A JSON document that is sent as it is read, in chunks: of a long one only a part is in memory.

    The first chunk comes before the status, so that what fails at once is still a problem.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        super().__init__(None)  # pyright: ignore[reportArgumentType] - the content comes in chunks
        self._chunks = chunks

    def to_asgi_response(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *_given: Any, status_code: int | None = None, **_also_given: Any
    ) -> ASGIApp:
        """The answer, ready to be sent."""

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            chunk = await anext(self._chunks)
            await send(
                {
                    "type": "http.response.start",
                    "status": status_code or 200,
                    "headers": [(b"content-type", b"application/json")],
                }
            )
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        return answer
