"""The benchmarks that can be asked for are those that the guide explains."""

import pytest
from click.testing import CliRunner

from bench.__main__ import BENCHMARKS, main
from tests.docs.documents import GUIDE, table


def test_every_benchmark_is_explained() -> None:
    explained = [name for names, *_ in table(GUIDE / "benchmarks.md", "name") for name in names.split(", ")]
    assert [name for name in explained if name in BENCHMARKS] == list(BENCHMARKS)


@pytest.mark.parametrize("only", ["nothing", "checkout_inproc,nothing"])
def test_an_unknown_name_is_an_error_that_lists_the_names(only: str) -> None:
    told = CliRunner().invoke(main, ["--only", only])

    assert told.exit_code == 2
    assert "there is no benchmark 'nothing'" in told.output
    for name in BENCHMARKS:
        assert name in told.output
