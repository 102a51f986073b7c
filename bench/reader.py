"""A reader beside a load: the same page again and again, in a process of its own that nothing delays."""

import http.client
import multiprocessing
import time
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

import msgspec

from bench.measure import BenchmarkFailed

EVERY_S = 0.02
LIMIT_S = 30.0
OK = 200


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for, and with which key; its answer has rows."""

    address: str
    path: str
    key: str


class _Rows(msgspec.Struct):
    data: list[msgspec.Raw]


@contextmanager
def reading(page: Page) -> Generator[list[float]]:
    """Reads the page again EVERY_S after each answer; after the block the list has the seconds of each read.

    BenchmarkFailed if one was no 200, or had no rows.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_read, args=(page, theirs), daemon=True)
    process.start()
    took_s: list[float] = []
    try:
        yield took_s
        ours.send(None)
        found = ours.recv()
        if isinstance(found, str):
            raise BenchmarkFailed(f"{page.path}: {found}")
        took_s += found
    finally:
        process.kill()
        process.join()


def _read(page: Page, stop: Connection) -> None:
    """Sends the seconds of all reads, or what was wrong with one, when it is told to stop."""
    connection = http.client.HTTPConnection(urlsplit(page.address).netloc, timeout=LIMIT_S)
    took_s: list[float] = []
    wrong = ""
    while not stop.poll(EVERY_S):
        began = time.perf_counter()
        connection.request("GET", page.path, headers={"Authorization": f"Bearer {page.key}"})
        answer = connection.getresponse()
        body = answer.read()
        took_s.append(time.perf_counter() - began)
        if answer.status != OK or not msgspec.json.decode(body, type=_Rows).data:
            wrong = wrong or f"{answer.status} {body.decode(errors='replace')}"
    stop.send(wrong or took_s)
