"""Reservations that lapsed are released by a job, so that the figures show it; others are left alone."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.promotions.coupon import CouponReleased
from infra.event_store.clerk import Clerk
from tests.support.api import World, add_shop, draw_code, sell, world
from tests.support.journals import facts, read_all, run
from tests.support.routes import soon
from workers.jobs.coupons import release_lapsed


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        yield opened


def reserve(shop: World, code: str) -> None:
    shop.made(
        "/v1/coupons/reservations",
        {"coupons": [{"code": code}], "reference": "order-1", "until": soon()},
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
