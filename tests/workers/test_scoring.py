"""Scores of closed cycles are frozen once, whoever runs, however often, wherever they were interrupted."""

import asyncio
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from domain.staff.cycle import CycleScored
from domain.staff.figures import Facts
from domain.staff.frozen_score import FreezeScore, ScoreFrozen
from infra.jobs import migrate_jobs
from infra.tenancy import Tenant
from tests.support.api import Json, World, fresh, problem, world
from tests.support.calls import SCORECARD
from tests.support.freshness import at_work
from tests.support.journals import facts, origin, read_all, run
from workers.jobs.scoring import score_due, score_everywhere

JANUARY = "cycles/2026-01"
PEOPLE = [f"seller-{number}" for number in range(5)]


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("scoring"))) as opened:
        migrate_jobs(opened.tenant.owner_url)
        opened.made(
            "/v1/stores", {"store_id": "s1", "name": "Harbour", "currency": "CNY", "time_zone": "UTC"}
        )
        for employee_id in PEOPLE:
            opened.made("/v1/employees", {"employee_id": employee_id, "store_id": "s1", "name": "Li"})
        yield opened


def opened_card(shop: World) -> str:
    """A scorecard whose January is open and in which everybody is rated, the first best."""
    card = fresh("card")
    assert shop.call("PUT", f"/v1/scorecards/{card}", SCORECARD, If_Match='"0"').status_code == 200
    shop.made(f"/v1/scorecards/{card}/cycles", {"period": "2026-01"})
    for number, employee_id in enumerate(PEOPLE):
        rate(shop, card, employee_id, 1_000 - 100 * number)
    return card


def rate(shop: World, card: str, employee_id: str, figure: int, period: str = "2026-01", **more: str) -> Any:
    said: Json = {"indicator": "attendance", "figure": figure, **more}
    return shop.call("PUT", f"/v1/scorecards/{card}/cycles/{period}/ratings/{employee_id}", said)


def closed_card(shop: World) -> str:
    card = opened_card(shop)
    assert shop.call("POST", f"/v1/scorecards/{card}/{JANUARY}/closing").status_code == 200
    shop.catch_up()
    return card


def frozen(shop: World, card: str) -> list[str]:
    """Of whom the journal has a score, once for each."""
    scores = facts(run(read_all(shop.tenant)), ScoreFrozen)
    return sorted(score.employee_id for score in scores if score.scorecard_id == card)


def test_everybody_who_was_rated_has_a_score(shop: World) -> None:
    card = closed_card(shop)

    assert at_work(shop, score_due) == len(PEOPLE)
    shop.catch_up()

    listed = shop.read(f"/v1/scorecards/{card}/{JANUARY}/scores")["data"]
    assert {one["employee_id"]: one["score_milli"] for one in listed} == {
        employee_id: 5_000 - 500 * number for number, employee_id in enumerate(PEOPLE)
    }
    assert listed[0]["points"] == {"attendance": 5_000}, "nobody sold anything"
    assert shop.read(f"/v1/scorecards/{card}/{JANUARY}")["people"] == len(PEOPLE)


def test_what_was_scored_is_not_scored_again(shop: World) -> None:
    card = closed_card(shop)
    at_work(shop, score_due)
    shop.catch_up()

    assert at_work(shop, score_due) == 0
    assert frozen(shop, card) == PEOPLE


def test_two_at_once_freeze_one_score_each(shop: World) -> None:
    card = closed_card(shop)

    async def twice(tenant: Tenant) -> None:
        await asyncio.gather(score_due(tenant), score_due(tenant))

    at_work(shop, twice)

    assert frozen(shop, card) == PEOPLE
    finished = [one for one in facts(run(read_all(shop.tenant)), CycleScored) if one.scorecard_id == card]
    assert [one.people for one in finished] == [len(PEOPLE)]


def test_what_was_interrupted_is_finished(shop: World) -> None:
    """Killed after two: their scores stand, and the others follow."""
    card = closed_card(shop)

    async def two(tenant: Tenant) -> None:
        for employee_id in PEOPLE[:2]:
            await tenant.submit(
                FreezeScore(scorecard_id=card, period="2026-01", employee_id=employee_id, facts=Facts()),
                origin(),
            )

    at_work(shop, two)
    shop.catch_up()
    assert frozen(shop, card) == PEOPLE[:2]

    asyncio.run(score_everywhere(shop.settings))

    assert frozen(shop, card) == PEOPLE


def test_a_closed_cycle_takes_no_rating_and_the_next_one_its_correction(shop: World) -> None:
    card = closed_card(shop)
    shop.made(f"/v1/scorecards/{card}/cycles", {"period": "2026-02"})

    assert problem(rate(shop, card, "seller-1", 1_000)) == (409, "cycle_closed")
    assert rate(shop, card, "seller-1", 500, "2026-02").status_code == 200
    assert rate(shop, card, "seller-1", 1_000, "2026-02", corrects="2026-01").status_code == 200
    assert shop.call("POST", f"/v1/scorecards/{card}/cycles/2026-02/closing").status_code == 200
    shop.catch_up()
    at_work(shop, score_due)

    score = shop.read(f"/v1/scorecards/{card}/cycles/2026-02/scores/seller-1")
    assert [part.get("figure") for part in score["parts"]] == [None, 600]
    before = shop.read(f"/v1/scorecards/{card}/{JANUARY}/scores/seller-1")
    assert before["score_milli"] == 4_500


def test_a_cycle_that_is_not_over_stays_open(shop: World) -> None:
    card = fresh("card")
    assert shop.call("PUT", f"/v1/scorecards/{card}", SCORECARD, If_Match='"0"').status_code == 200
    shop.made(f"/v1/scorecards/{card}/cycles", {"period": "2198-01"})
    answer = shop.call("POST", f"/v1/scorecards/{card}/cycles/2198-01/closing")
    assert problem(answer) == (409, "cycle_not_over")
