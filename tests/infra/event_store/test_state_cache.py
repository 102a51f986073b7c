"""The clerk's memory stays within its bound and forgets what was not used for longest."""

from domain.kernel.stream import Versioned
from infra.event_store.state_cache import StateCache

ONE_KB = 1_000 - 300  # with what every state costs by itself
STREAMS = ("a", "b", "c")


def filled(bound_bytes: int) -> StateCache:
    cache = StateCache(bound_bytes)
    for stream in STREAMS:
        cache.put(stream, Versioned(stream, 1), ONE_KB)
    return cache


def known(cache: StateCache) -> list[str]:
    return [stream for stream in STREAMS if stream in cache]


def test_nothing_is_forgotten_before_it_is_told_to() -> None:
    assert known(filled(bound_bytes=1)) == ["a", "b", "c"]


def test_it_forgets_no_more_than_it_must() -> None:
    cache = filled(bound_bytes=2_000)

    for _ in range(2):
        cache.shrink()
        assert known(cache) == ["b", "c"]


def test_what_was_asked_for_was_used() -> None:
    cache = filled(bound_bytes=2_000)

    gathered: dict[str, Versioned] = {}

    assert cache.gather(["a", "d", "d"], gathered) == ["d"]
    cache.shrink()

    assert gathered == {"a": Versioned("a", 1)}
    assert known(cache) == ["a", "c"]


def test_a_state_that_is_put_again_weighs_once() -> None:
    cache = filled(bound_bytes=3_000)
    for version in range(2, 50):
        cache.put("a", Versioned("a", version), ONE_KB)

    cache.shrink()

    assert known(cache) == ["a", "b", "c"]
    assert cache["a"] == Versioned("a", 49)


def test_forgetting_everything_leaves_the_whole_bound() -> None:
    cache = filled(bound_bytes=1_000)
    cache.clear()
    assert known(cache) == []

    cache.put("a", Versioned("a", 1), ONE_KB)
    cache.shrink()

    assert known(cache) == ["a"]


def test_what_is_forgotten_weighs_nothing() -> None:
    cache = filled(bound_bytes=2_000)
    cache.forget("a")
    cache.forget("a")

    cache.shrink()

    assert known(cache) == ["b", "c"]
