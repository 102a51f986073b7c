"""A carrier for tests: answers over a real socket what it is told to, and remembers what it was asked."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Json = dict[str, Any]


class CarrierServer:
    """`says` is by path: a body, or a status with a body. What it has never heard of is 404."""

    def __init__(self) -> None:
        self.port = 0
        self.says: dict[str, bytes | tuple[int, bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def knows(self, parcel: str, *events: Json) -> None:
        """These events of a parcel, such as sf/SF100."""
        self.says[f"/v1/{parcel}"] = json.dumps({"events": events}).encode()

    def answers(self, parcel: str, body: bytes, status: int = 200) -> None:
        self.says[f"/v1/{parcel}"] = (status, body)


@contextmanager
def carrier_server() -> Generator[CarrierServer]:
    """A server on a free port of this machine."""
    carrier = CarrierServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            carrier.asked.append((self.path, self.headers.get("Authorization")))
            said = carrier.says.get(self.path, (404, b"{}"))
            status, body = said if isinstance(said, tuple) else (200, said)
            self.send_response(status)
            if status in {301, 302, 307}:
                self.send_header("Location", body.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    carrier.port = server.server_port
    # It looks every half second whether it shall end, if nothing is said.
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
