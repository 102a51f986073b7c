"""Orders at a steady rate: each is sent when its time has come, whether earlier ones are answered or not.

wrk's callers wait for their answers, so a slow server is asked less. This client is as plain as can be, to
leave the processors to the shop: requests as bytes made before, connections kept.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.measure import BenchmarkFailed

CONNECTIONS = 64
"""At 500 a second, enough for answers that take an eighth of a second."""
LATE_S = 0.1
"""With a last order that was sent so late, the rate was another."""
CREATED = b"201"


class Written(NamedTuple):
    """The answer to an order: the position that it names, and when it was there."""

    position: int
    answered_at: float


async def order_steadily(
    address: str, lines: Sequence[bytes], rate: int, *, late_s: float = LATE_S
) -> list[Written]:
    """Makes the orders of these lines for load.lua, so many a second.

    BenchmarkFailed unless all answers are 201, and if the last order was sent more than `late_s` late.
    """
    host = urlsplit(address).netloc
    requests = [_request(line, host) for line in lines]
    idle: asyncio.Queue[_Connection] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            idle.put_nowait(await stack.enter_async_context(_connected(host)))

        async def post(connection: _Connection, request: bytes) -> Written:
            try:
                return await connection.post(request)
            finally:
                idle.put_nowait(connection)

        answers: list[asyncio.Task[Written]] = []
        due = time.perf_counter()
        for request in requests:
            await asyncio.sleep(due - time.perf_counter())
            answers.append(asyncio.create_task(post(await idle.get(), request)))
            due += 1 / rate
        late_by_s = time.perf_counter() - due
        written = await asyncio.gather(*answers)
    if late_by_s > late_s:
        raise BenchmarkFailed(f"the last of {len(lines):,} orders was sent {late_by_s:.2f} s late")
    return written


def read_head(head: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The status of an answer and its headers, their names in lower case."""
    first, *lines = head.split(b"\r\n")
    pairs = (line.split(b":", 1) for line in lines if line)
    return first.split(b" ", 2)[1], {name.lower(): value.strip() for name, value in pairs}


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, request: bytes) -> Written:
        self._writer.write(request)
        status, headers = read_head(await self._reader.readuntil(b"\r\n\r\n"))
        body = await self._reader.readexactly(int(headers[b"content-length"]))
        answered_at = time.perf_counter()
        if status != CREATED:
            raise BenchmarkFailed(f"an answer was {status.decode()}: {body.decode(errors='replace')}")
        return Written(int(headers[b"daybook-position"]), answered_at)


@asynccontextmanager
async def _connected(host: str) -> AsyncGenerator[_Connection]:
    name, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    try:
        yield _Connection(reader, writer)
    finally:
        writer.close()


def _request(line: bytes, host: str) -> bytes:
    key, name, path, body = line.rstrip(b"\n").split(b"\t", 3)
    head = (
        b"POST %b HTTP/1.1\r\nHost: %b\r\nAuthorization: Bearer %b\r\nIdempotency-Key: %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    return head % (path, host.encode(), key, name, len(body)) + body
