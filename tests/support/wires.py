"""A wire between a client and the real server that can be cut at a chosen moment."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_CHUNK_BYTES = 65_536


class Wire:
    """Passes every byte on, until it is cut. `conninfo` leads through it; new connections are whole again."""

    def __init__(self, conninfo: str, folder: Path) -> None:
        given = conninfo_to_dict(conninfo)
        self._host = str(given.get("host", "localhost"))
        self._port = int(given.get("port") or 5432)
        self._folder = folder
        # Unencrypted, so that a request can be recognised.
        self.conninfo = make_conninfo(
            conninfo, host=str(folder), port=self._port, sslmode="disable", gssencmode="disable"
        )
        self._mark: bytes | None = None
        self._requests_left = 0
        self._delivered = False
        self._down = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[Any]] = set()

    def cut_before_the_answer_to(self, mark: bytes) -> None:
        """The next request that contains `mark` reaches the server and is carried out; its answer is lost."""
        self._mark = mark

    def cut_at(self, request: int, *, delivered: bool) -> None:
        """The so-many-th packet of requests from now on ends every connection, as if the client were killed.

        Before it reaches the server, or when it is on its way there.
        """
        self._requests_left = request
        self._delivered = delivered

    @property
    def has_cut(self) -> bool:
        """Whether that request has come, or nobody waits for one."""
        return self._mark is None

    def cut_no_more(self) -> None:
        """Takes the order to cut back, if no request has met it yet."""
        self._mark = None

    def take_down(self) -> None:
        """Cuts every connection and makes no new one."""
        self._down = True
        for writer in self._writers:
            writer.close()

    def put_up(self) -> None:
        self._down = False

    @property
    def is_down(self) -> bool:
        """Whether every connection has been cut."""
        return self._down

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if self._down:
            writer.close()
            return
        passing = asyncio.current_task()
        assert passing is not None
        self._passing.add(passing)
        passing.add_done_callback(self._passing.discard)
        if self._host.startswith("/"):
            server = await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            server = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, server[1]}
        cut = asyncio.Event()
        ways = [
            asyncio.create_task(self._requests(reader, server[1], cut)),
            asyncio.create_task(self._answers(server[0], writer, cut)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for end in (writer, server[1]):
            end.close()
            self._writers.discard(end)
        # What was still on its way meets a closed end.
        await asyncio.gather(*ways, return_exceptions=True)

    async def _requests(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await client.read(_CHUNK_BYTES):
            if self._mark is not None and self._mark in data:
                self._mark = None
                cut.set()
            if self._requests_left == 1 and not self._delivered:
                self.take_down()
                return
            server.write(data)
            if self._requests_left == 1:
                self.take_down()
            self._requests_left = max(0, self._requests_left - 1)

    async def _answers(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        # The server sends nothing of a short answer before the statement is committed.
        while (data := await server.read(_CHUNK_BYTES)) and not cut.is_set():
            client.write(data)

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, conninfo: str) -> AsyncGenerator[Self]:
        """A wire to the server that `conninfo` names."""
        # Not the test's own folder: the path of a socket has at most 107 bytes.
        with tempfile.TemporaryDirectory(prefix="wire-") as name:
            wire = cls(conninfo, Path(name))
            server = await asyncio.start_unix_server(wire.pass_on, f"{name}/.s.PGSQL.{wire._port}")
            try:
                yield wire
            finally:
                wire.take_down()
                server.close()
                await server.wait_closed()
                await asyncio.gather(*wire._passing)
