"""Each answer is paired with the first look that found its position; only orders that were made count."""

import asyncio
import math
from contextlib import suppress

import pytest

from bench.measure import BenchmarkFailed
from bench.steady import Written, order_steadily, read_head
from bench.visibility import Seen, delays_s, percentile

LOOKS = [Seen(10, 1.0), Seen(10, 2.0), Seen(25, 3.0), Seen(40, 4.0)]
LINE = b'secret\tkey-%d\t/v1/stores/main/sales\t{"number":%d}\n'
ORDERS = [LINE % (number, number) for number in range(100)]


@pytest.mark.parametrize(
    ("position", "answered_at", "delay_s"),
    [
        (11, 2.5, 0.5),  # the first look behind it is the one at 3.0
        (25, 2.5, 0.5),  # which has just reached it
        (26, 2.5, 1.5),
        (25, 3.25, 0.0),  # it was seen before its answer had arrived
        (1, 0.5, 0.5),
    ],
)
def test_a_write_is_visible_from_the_first_look_that_found_it(
    position: int, answered_at: float, delay_s: float
) -> None:
    assert delays_s([Written(position, answered_at)], LOOKS) == [delay_s]


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_occurred(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


def test_the_percentiles_of_one_value_are_that_value() -> None:
    assert [percentile([7.0], share) for share in (0.5, 0.99)] == [7.0, 7.0]


def test_an_answer_has_a_status_and_headers_whatever_their_case() -> None:
    status, headers = read_head(b"HTTP/1.1 201 Created\r\nDaybook-Position: 12\r\ncontent-length:3\r\n\r\n")

    assert status == b"201"
    assert headers == {b"daybook-position": b"12", b"content-length": b"3"}


def test_every_order_is_sent_once_and_its_answer_kept() -> None:
    asked: list[bytes] = []

    written = asyncio.run(_order(asked, "201 Created"))

    assert sorted(asked) == sorted(line.rstrip(b"\n").split(b"\t")[3] for line in ORDERS)
    assert sorted(position for position, _ in written) == list(range(1, len(ORDERS) + 1))


def test_an_answer_other_than_201_is_a_failure_that_says_what_was_answered() -> None:
    with pytest.raises(BenchmarkFailed, match="409: sold out"):
        asyncio.run(_order([], "409 Conflict"))


async def _order(asked: list[bytes], status: str) -> list[Written]:
    """All orders made at a server that takes them in turn."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                _, headers = read_head(await reader.readuntil(b"\r\n\r\n"))
                asked.append(await reader.readexactly(int(headers[b"content-length"])))
                head = f"HTTP/1.1 {status}\r\nDaybook-Position: {len(asked)}\r\nContent-Length: 8\r\n\r\n"
                writer.write(head.encode() + b"sold out")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await order_steadily(f"http://127.0.0.1:{port}", ORDERS, rate=10_000, late_s=math.inf)
