"""Ladders: which one is for which goods, and what each may say."""

import pytest

from domain.freshness.ladder import (
    BOOK,
    LADDERS,
    MAX_STEPS,
    LadderOverlaps,
    MarkdownLadderSet,
    SetMarkdownLadder,
    Step,
    furthest,
    ladder_for,
    step_at,
)
from domain.kernel.errors import InvalidCommand, NotFound
from tests.support.decisions import Given, given
from tests.support.facts import a_store, by_piece

STEPS = (Step(days_left=2, off_bp=2_000), Step(days_left=1, off_bp=5_000, automatic=True))


def ladder(name: str, steps: tuple[Step, ...] = STEPS, **goods: str) -> SetMarkdownLadder:
    return SetMarkdownLadder(ladder=name, steps=steps, **goods)


def shop(*ladders: SetMarkdownLadder) -> Given:
    return given(a_store(), by_piece("yoghurt", 300)).after(*ladders)


def named(now: Given, sku: str = "yoghurt", store_id: str = "s1", category: str = "dairy") -> str | None:
    found = ladder_for(now.state(LADDERS, BOOK).ladders, store_id, sku, category)
    return None if found is None else found.ladder


def test_each_change_of_a_ladder_is_another_version() -> None:
    changed = shop(ladder("all")).when(ladder("all", STEPS[:1]))
    assert changed.only(MarkdownLadderSet).version == 2


def test_the_same_again_writes_nothing() -> None:
    again = shop(ladder("all")).when(ladder("all"))
    again.then_events()
    assert again.answer.version == 1


def test_the_closest_ladder_counts() -> None:
    of_all = shop(ladder("all"), ladder("dairy", category="dairy"))
    of_one = of_all.after(ladder("ours", category="dairy", store_id="s1"), ladder("one", sku="yoghurt"))

    assert named(of_one) == "one"
    assert named(of_one, sku="butter") == "ours"
    assert named(of_one, sku="butter", store_id="s2") == "dairy"
    assert named(of_one, sku="nuts", category="dry") == "all"


def test_without_steps_a_ladder_has_ended_and_the_next_closest_counts() -> None:
    ended = shop(ladder("all"), ladder("one", sku="yoghurt")).after(ladder("one", (), sku="yoghurt"))
    assert named(ended) == "all"
    assert named(ended.after(ladder("all", ()))) is None


@pytest.mark.parametrize(("days_left", "off_bp"), [(3, None), (2, 2_000), (1, 5_000), (0, 5_000)])
def test_goods_are_on_the_last_step_that_they_came_to(days_left: int, off_bp: int | None) -> None:
    step = step_at(MarkdownLadderSet(ladder="all", version=1, steps=STEPS), days_left)
    assert (None if step is None else step.off_bp) == off_bp


def test_nobody_looks_further_than_the_first_step_of_any_ladder() -> None:
    ladders = shop(ladder("all"), ladder("one", sku="yoghurt", store_id="s1")).state(LADDERS, BOOK).ladders
    assert (furthest(ladders, "s1"), furthest({}, "s1")) == (2, -1)


def test_two_ladders_are_never_for_the_same_goods() -> None:
    shop(ladder("all")).when(ladder("other")).refused(LadderOverlaps, ladder="all")


def test_whom_a_ladder_is_for_never_changes() -> None:
    shop(ladder("all")).when(ladder("all", store_id="s1")).refused(InvalidCommand, ladder="all")


def test_a_ladder_is_for_goods_and_a_store_that_there_are() -> None:
    shop().when(ladder("one", sku="butter")).refused(NotFound, kind="product")
    shop().when(ladder("one", store_id="s9")).refused(NotFound, kind="store")


@pytest.mark.parametrize(
    "steps",
    [
        (Step(days_left=1, off_bp=2_000), Step(days_left=2, off_bp=5_000)),
        (Step(days_left=2, off_bp=5_000), Step(days_left=1, off_bp=5_000)),
        (Step(days_left=-1, off_bp=2_000),),
        (Step(days_left=2, off_bp=0),),
        (Step(days_left=2, off_bp=10_001),),
        tuple(Step(days_left=MAX_STEPS - each, off_bp=100 + each) for each in range(MAX_STEPS + 1)),
    ],
)
def test_steps_go_down_in_days_and_up_in_what_is_off(steps: tuple[Step, ...]) -> None:
    shop().when(ladder("all", steps)).refused(InvalidCommand)


def test_a_ladder_is_for_a_product_or_a_category() -> None:
    shop().when(ladder("one", sku="yoghurt", category="dairy")).refused(InvalidCommand, sku="yoghurt")
