"""What wrk prints is read as it is, and nothing but orders that were made counts as a run."""

import msgspec
import pytest

from bench.measure import BenchmarkFailed
from bench.wrk import Load, parse, require_created

GOOD = Load(
    requests=100,
    duration_us=2_000_000,
    p50_us=6_100,
    p99_us=12_345,
    socket_errors=0,
    composed=133,
    created=100,
    refused=0,
    failed=0,
    exhausted=False,
    problem="",
)
PRINTED = """\
Running 2s test @ http://127.0.0.1:8000
  1 threads and 32 connections
Requests/sec:     50.00
{"requests":100,"duration_us":2000000,"p50_us":6100,"p99_us":12345,"socket_errors":0,\
"composed":133,"created":100,"refused":0,"failed":0,"exhausted":false,"problem":""}
"""


def test_the_last_line_is_the_result() -> None:
    load = parse(PRINTED)

    assert load == GOOD
    assert (load.rate, load.p50_ms, load.p99_ms) == (50.0, 6.1, 12.345)


@pytest.mark.parametrize("printed", ["", "unable to connect to 127.0.0.1:1 Connection refused\n"])
def test_no_result_is_a_failure_that_says_what_was_printed(printed: str) -> None:
    with pytest.raises(BenchmarkFailed) as failure:
        parse(printed)
    assert str(failure.value) == f"wrk said: {printed.strip()}"


def test_a_run_of_created_orders_counts() -> None:
    assert require_created(GOOD) is GOOD


@pytest.mark.parametrize(
    ("flaw", "told"),
    [
        ({"failed": 3, "problem": '422 {"code":"coupon_expired"}'}, '422 {"code":"coupon_expired"}'),
        ({"refused": 1, "problem": '409 {"code":"stock_short"}'}, '409 {"code":"stock_short"}'),
        ({"socket_errors": 2}, "2 socket errors"),
        ({"exhausted": True}, "133 prepared requests did not last"),
        ({"created": 0}, "nothing was answered"),
    ],
)
def test_a_run_with_anything_else_fails_with_the_first_problem(flaw: dict[str, object], told: str) -> None:
    with pytest.raises(BenchmarkFailed) as failure:
        require_created(msgspec.structs.replace(GOOD, **flaw))
    assert told in str(failure.value)
