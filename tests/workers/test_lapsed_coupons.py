"""Reservations that lapsed are released by a job, so that the figures show it; others are left alone."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.promotions.coupon import CouponReleased
from infra.event_store.clerk import Clerk
from tests.api.test_coupon_batches import codes
from tests.support.api import World, add_campaign, add_shop, basket, draw_code, problem, sell, world
from tests.support.journals import facts, read_all, run
from tests.support.routes import soon
from workers.jobs.coupons import release_lapsed


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        yield opened


def reserve(shop: World, code: str, reference: str = "order-1") -> None:
    shop.made(
        "/v1/coupons/reservations",
        {"coupons": [{"code": code}], "reference": reference, "until": soon()},
    )


def reserved(shop: World) -> int:
    shop.catch_up()
    return shop.read("/v1/coupon-campaigns/ten")["reserved"]


def test_what_lapsed_is_released_once_and_shown(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        reserve(shop, draw_code(shop))
    assert reserved(shop) == 2
    later = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr("infra.tenancy.Clerk", partial(Clerk, clock=lambda: later))

    assert asyncio.run(release_lapsed(shop.settings, later)) == 2

    assert reserved(shop) == 0
    assert asyncio.run(release_lapsed(shop.settings, later)) == 0
    assert [event.lapsed for event in facts(run(read_all(shop.tenant)), CouponReleased)] == [True, True]


def test_what_has_not_lapsed_stays_whatever_the_jobs_clock_says(shop: World) -> None:
    reserve(shop, code := draw_code(shop))
    assert reserved(shop) == 1
    asyncio.run(release_lapsed(shop.settings, datetime.now(UTC) + timedelta(hours=2)))
    assert reserved(shop) == 1
    sell(shop, coupon_codes=[code], coupon_reference="order-1")
    assert reserved(shop) == 0


def test_what_a_revoked_batch_holds_is_given_back_to_the_campaign(shop: World) -> None:
    add_campaign(shop, "two", percent_off=1000, currency="CNY", limit_total=2)
    batch_id = shop.made("/v1/coupon-campaigns/two/batches", {"count": 3})["batch_id"]
    first, second, _ = codes(shop, batch_id)
    reserve(shop, first[1], "order-1")
    reserve(shop, second[1], "order-2")
    shop.post(f"/v1/coupon-batches/{batch_id}/revocation", {"reason": "lost"})
    other = draw_code(shop, "two")
    refused = shop.post("/v1/stores/s1/sales", basket(coupon_codes=[other]))
    assert problem(refused) == (409, "coupon_limit_reached")
    shop.catch_up()

    assert asyncio.run(release_lapsed(shop.settings)) == 2

    shop.catch_up()
    assert asyncio.run(release_lapsed(shop.settings)) == 0
    assert shop.read("/v1/coupon-campaigns/two")["reserved"] == 0
    released = facts(run(read_all(shop.tenant)), CouponReleased)
    assert [event.lapsed for event in released] == [False, False]
    for code in (other, draw_code(shop, "two")):
        sell(shop, coupon_codes=[code])
