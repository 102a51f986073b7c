"""Walks over many cases of one claim as one test: a test of its own for each costs more than the case."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
Test = Callable[..., None]


def each(name: str, cases: Iterable[T], told: Callable[[T], object] = str) -> Callable[[Test], Test]:
    """Calls the test with every case as its argument `name`; the first that fails is named in the report."""
    walked = tuple(cases)
    assert walked, "a walk over nothing proves nothing"

    def decorate(test: Test) -> Test:
        def walk(**fixtures: Any) -> None:
            for case in walked:
                try:
                    test(**{name: case}, **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"This was {name} {told(case)}.")
                    raise

        walk.__name__, walk.__doc__, walk.__module__ = test.__name__, test.__doc__, test.__module__
        signature = inspect.signature(test)
        fixtures = [found for found in signature.parameters.values() if found.name != name]
        walk.__signature__ = signature.replace(parameters=fixtures)  # pyright: ignore[reportFunctionMemberAccess]
        return walk

    return decorate
