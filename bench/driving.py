"""Driving servers with wrk: a short warm-up, then the run; the journal is asked whether it agrees."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from bench import wrk
from bench.books import Books
from bench.measure import BenchmarkFailed
from bench.supply import Supply, write_requests

WARM_UP_S = 1
CALLER_RATE, RATE = 3_000, 12_000
"""Orders that are prepared for each second of a run: a caller's, and at most. Nobody here answers more."""


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """So many callers of one server, who make the orders of these supplies in turn."""

    address: str
    supplies: Sequence[Supply]
    callers: int


class Driver:
    """Makes runs of the same length; `folder` is where their requests are written down."""

    def __init__(self, folder: Path, seconds: int, *, projecting: bool = True) -> None:
        """`projecting`: a projector is at work, and each run begins when it has caught up."""
        self._folder = folder
        self._seconds = seconds
        self._projecting = projecting
        self.lag = 0
        """How many events the read models were behind at the end of the last run."""

    def answer(self, address: str, supply: Supply, callers: int) -> wrk.Load:
        """Floor A: the next orders of the supply, sent again and again, and none of them used up."""
        count = _enough(callers, self._seconds)
        supply.ensure(count)
        requests = self._folder / "requests"
        write_requests(requests, [supply], count)
        self._wait([Books(supply.shop)])
        with wrk.start(address, requests, callers, WARM_UP_S, again=True) as run:
            wrk.require_created(run.result())
        with wrk.start(address, requests, callers, self._seconds, again=True) as run:
            return wrk.require_created(run.result())

    def sell(self, *lanes: Lane) -> float:
        """Orders a second of all lanes together."""
        return sum(load.rate for load in self.loads(*lanes))

    def loads(self, *lanes: Lane) -> list[wrk.Load]:
        """What the callers of each lane, all at work at once, saw of the run.

        BenchmarkFailed unless every order was a 201 and the journal holds what was answered.
        """
        # All coupons are issued before the warm-up: they are another process's writing, which the server's
        # first batch has to read, and the run shall not.
        for lane in lanes:
            _ensure(lane, _enough(lane.callers, WARM_UP_S) + _enough(lane.callers, self._seconds))
        self._run(lanes, WARM_UP_S)
        return self._run(lanes, self._seconds)

    def burst(self, lane: Lane, tries: int, seconds: int) -> tuple[wrk.Load, int]:
        """So many orders, whatever the answers, and how many sales the journal holds of them.

        BenchmarkFailed unless all were tried in the time.
        """
        (supply,) = lane.supplies
        books = Books(supply.shop)
        before = books.quiet_head()
        supply.ensure(tries)
        file = self._folder / "requests"
        write_requests(file, lane.supplies, tries)
        with wrk.start(lane.address, file, lane.callers, seconds) as run:
            load = run.result()
        supply.next += load.composed
        if not load.exhausted or load.socket_errors:
            raise BenchmarkFailed(f"{load.composed:,} of {tries:,} tries, {load.socket_errors} socket errors")
        return load, books.quiet_sales_since(before)

    def _run(self, lanes: Sequence[Lane], seconds: int) -> list[wrk.Load]:
        shops = {supply.shop.tenant: supply.shop for lane in lanes for supply in lane.supplies}
        books = [Books(shop) for shop in shops.values()]
        files = [self._prepared(number, lane, seconds) for number, lane in enumerate(lanes)]
        self._wait(books)
        before = [book.quiet_head() for book in books]
        loads = _all_at_once(lanes, files, seconds)
        self.lag = max(book.lag() for book in books) if self._projecting else 0
        for lane, load in zip(lanes, loads, strict=True):
            wrk.require_created(load)
            for supply in lane.supplies:
                supply.next += -(-load.composed // len(lane.supplies))
        recorded = sum(book.quiet_sales_since(head) for book, head in zip(books, before, strict=True))
        _require_agreement(recorded, sum(load.created for load in loads), sum(lane.callers for lane in lanes))
        return loads

    def _wait(self, books: Sequence[Books]) -> None:
        """Until the projector has nothing to do that is not of the run that begins."""
        if self._projecting:
            for book in books:
                book.wait_until_caught_up()

    def _prepared(self, number: int, lane: Lane, seconds: int) -> Path:
        """The file of a lane's requests, each with a coupon that nobody has used."""
        count = _enough(lane.callers, seconds)
        _ensure(lane, count)
        file = self._folder / f"requests-{number}"
        write_requests(file, lane.supplies, count)
        return file


def _all_at_once(lanes: Sequence[Lane], files: Sequence[Path], seconds: int) -> list[wrk.Load]:
    """What the callers of each lane saw, who were all at work at the same time."""
    with ExitStack() as stack:
        runs = [
            stack.enter_context(wrk.start(lane.address, file, lane.callers, seconds))
            for lane, file in zip(lanes, files, strict=True)
        ]
        return [run.result() for run in runs]


def _ensure(lane: Lane, count: int) -> None:
    for supply in lane.supplies:
        supply.ensure(-(-count // len(lane.supplies)))


def _enough(callers: int, seconds: int) -> int:
    return min(RATE, CALLER_RATE * callers) * seconds


def _require_agreement(recorded: int, answered: int, callers: int) -> None:
    """Every answered sale is in the journal, and at most one a caller that was answered too late."""
    if not 0 <= recorded - answered <= callers:
        raise BenchmarkFailed(f"{answered:,} sales were answered and {recorded:,} are in the journal")
