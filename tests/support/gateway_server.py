"""A gateway for tests: takes messages over a real socket, or refuses them as it is told."""

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import msgspec


class Taken(NamedTuple):
    """A request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


class GatewayServer:
    """What it was sent, taken or not, and the statuses of its next answers; then 200."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[Taken] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/messages"


@contextmanager
def gateway_server() -> Generator[GatewayServer]:
    """A server on a free port of this machine."""
    gateway = GatewayServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            gateway.taken.append(Taken(headers, body))
            status = gateway.answers.pop(0) if gateway.answers else 200
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", gateway.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.port = server.server_port
    # It looks every half second whether it shall end, if nothing is said.
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
