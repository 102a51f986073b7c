"""What is known of customers is forgotten when its time is over, part by part, and never under a hold."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.people import retention
from infra.people.retention import Kept, keep_retention
from infra.tenancy import Tenant, Tenants
from tests.support.api import World, add_shop, complain, fresh, line, order, receive, sell, world
from tests.support.personal import follow, opened_elsewhere, sealed_in_journal
from workers.jobs.people import existing_master_key

DAY = timedelta(days=1)
NOW = datetime.now(UTC)
EXPIRED = "SELECT count(*) FROM stored_events WHERE topic = 'customer.details_expired.v1'"


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        add_shop(opened)
        yield opened


def periods(shop: World, **days: int) -> None:
    assert shop.call("PUT", "/v1/retention", {"periods_days": days}).status_code == 200


def known(shop: World) -> str:
    details = {"name": fresh("Han "), "phone": "+8613800001111", "birthday": "1990-01-02"}
    return shop.made("/v1/customers", details)["customer_id"]


def keep(shop: World, at: datetime) -> Kept:
    """A nightly run, as the jobs' process does it."""

    async def run() -> Kept:
        url = shop.tenant.service_url
        tenants = Tenants(url, url, existing_master_key(shop.settings))
        await tenants.start()
        try:
            tenant: Tenant = await tenants.get(shop.tenant.name)
            return await keep_retention(tenant, at)
        finally:
            await tenants.stop()

    return asyncio.run(run())


def test_a_part_is_forgotten_when_its_time_is_over_and_the_others_stay(shop: World) -> None:
    customer_id = known(shop)
    periods(shop, phone=30, name=90)
    keep(shop, NOW + 31 * DAY)
    view = shop.read(f"/v1/customers/{customer_id}")
    assert (view["phone"], view["name"][:3], view["birthday"]) == (None, "Han", "1990-01-02")


def test_its_text_can_not_be_opened_any_more_and_it_is_not_found(shop: World) -> None:
    customer_id = known(shop)
    phones = [
        box
        for box in sealed_in_journal(shop)
        if box.subject == f"customer-{customer_id}" and box.place.endswith("/phone")
    ]
    periods(shop, phone=30)
    keep(shop, NOW + 31 * DAY)
    assert opened_elsewhere(shop, phones) == [None]
    position, _ = shop.written()
    search = {"phone": "+8613800001111"}
    answer = shop.post("/v1/customers/search", search, Daybook_Min_Position=str(position))
    assert answer.json()["data"] == []


def test_before_its_time_nothing_is_forgotten(shop: World) -> None:
    customer_id = known(shop)
    periods(shop, phone=30)
    assert keep(shop, NOW + 29 * DAY) == Kept(0, 0)
    assert shop.read(f"/v1/customers/{customer_id}")["phone"] == "+8613800001111"


def test_a_part_without_a_period_is_kept(shop: World) -> None:
    known(shop)
    assert keep(shop, NOW + 10_000 * DAY) == Kept(0, 0)


def test_a_purchase_begins_the_time_anew(shop: World) -> None:
    customer_id = known(shop)
    periods(shop, phone=30)
    later = datetime.now(UTC) + timedelta(hours=12)
    sell(shop, line("apple"), customer_id=customer_id, occurred_at=later.isoformat())
    assert keep(shop, NOW + 30 * DAY + timedelta(hours=6)).expired == 1  # c1, who bought nothing
    assert shop.read(f"/v1/customers/{customer_id}")["phone"] == "+8613800001111"


def test_the_texts_of_complaints_have_a_period_of_their_own(shop: World) -> None:
    complaint_id = complain(shop, "It was soft.", customer_id=known(shop))
    periods(shop, text=10)
    keep(shop, NOW + 11 * DAY)
    assert shop.read(f"/v1/complaints/{complaint_id}")["notes"][0]["text"] is None


def test_who_is_held_is_kept_until_the_hold_is_lifted(shop: World) -> None:
    customer_id = known(shop)
    path = f"/v1/customers/{customer_id}"
    shop.made(f"{path}/hold", {"reason": "lawsuit"})
    periods(shop, birthday=30)
    assert keep(shop, NOW + 31 * DAY) == Kept(0, 1)
    assert shop.read(path)["birthday"] == "1990-01-02"
    shop.made(f"{path}/release", {"reason": "lawsuit"})
    assert keep(shop, NOW + 31 * DAY) == Kept(1, 0)
    assert shop.read(path)["birthday"] is None


def test_a_second_run_does_nothing(shop: World) -> None:
    known(shop)
    periods(shop, phone=30)
    assert keep(shop, NOW + 31 * DAY) == Kept(2, 0)
    before = shop.written()
    assert keep(shop, NOW + 31 * DAY) == Kept(0, 0)
    assert shop.written() == before


def test_a_run_that_was_killed_between_event_and_key_is_finished_by_the_next(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = known(shop)
    boxes = [box for box in sealed_in_journal(shop) if box.subject == f"customer-{customer_id}"]
    periods(shop, birthday=30)

    async def die(*_given: object, **_named: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("infra.crypto.key_store.KeyStore.destroy", die)
        with pytest.raises(RuntimeError, match="killed"):
            keep(shop, NOW + 31 * DAY)
    assert None not in opened_elsewhere(shop, boxes)
    keep(shop, NOW + 31 * DAY)
    assert opened_elsewhere(shop, boxes).count(None) == 1


@pytest.mark.parametrize("given_again", [False, True])
def test_after_a_run_that_was_killed_the_indexer_destroys_what_is_not_wanted_again(
    shop: World, monkeypatch: pytest.MonkeyPatch, *, given_again: bool
) -> None:
    customer_id = known(shop)
    boxes = [box for box in sealed_in_journal(shop) if box.place.endswith("/birthday")]
    periods(shop, birthday=30)

    async def die(*_given: object, **_named: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("infra.crypto.key_store.KeyStore.destroy", die)
        with pytest.raises(RuntimeError, match="killed"):
            keep(shop, NOW + 31 * DAY)
    path = f"/v1/customers/{customer_id}"
    if given_again:
        version = int(shop.get(path).headers["ETag"].strip('"'))
        assert shop.patch(path, {"birthday": "1991-03-04"}, version=version).status_code == 200
    follow(shop)
    assert (opened_elsewhere(shop, boxes) == [None]) == (not given_again)
    assert shop.read(path)["birthday"] == ("1991-03-04" if given_again else None)


def test_a_detail_that_is_given_anew_is_known_again(shop: World) -> None:
    customer_id = known(shop)
    path = f"/v1/customers/{customer_id}"
    periods(shop, phone=30)
    keep(shop, NOW + 31 * DAY)
    version = int(shop.get(path).headers["ETag"].strip('"'))
    assert shop.patch(path, {"phone": "13900002222"}, version=version).status_code == 200
    assert shop.read(path)["phone"] == "+8613900002222"


def test_everybody_is_gone_through_page_by_page(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "CUSTOMERS_AT_ONCE", 2)
    for _ in range(5):
        known(shop)
    periods(shop, birthday=30)
    assert keep(shop, NOW + 31 * DAY) == Kept(5, 0)
    assert shop.query(EXPIRED) == [(5,)]


@pytest.mark.parametrize("days", [{"phone": 0}, {"phone": 36_501}, {"shoe_size": 30}, {"phone": "30"}])
def test_a_period_is_days_of_a_part(shop: World, days: dict[str, object]) -> None:
    refusal = shop.refusal(lambda: shop.call("PUT", "/v1/retention", {"periods_days": days}))
    assert refusal == (400, "invalid_request")


def test_the_periods_in_force_are_told(shop: World) -> None:
    periods(shop, phone=30)
    periods(shop, name=365)
    assert shop.read("/v1/retention") == {"periods_days": {"name": 365}}


ALL_PARTS = ("name", "phone", "email", "birthday", "text", "reason", "code", "proof")
UNPART = "UPDATE daybook_keys.subject_keys SET part = '' WHERE subject = 'customer-old' AND part = 'name'"
KEYS_LEFT = "SELECT count(*) FROM daybook_keys.subject_keys WHERE subject = 'customer-old'"


def test_the_one_key_of_before_goes_when_the_last_period_is_over(shop: World) -> None:
    shop.made("/v1/customers", {"customer_id": "old", "name": "Han"})
    follow(shop)
    shop.query(UNPART)
    periods(shop, **dict.fromkeys(ALL_PARTS[:-1], 30))
    keep(shop, NOW + 400 * DAY)
    assert shop.query(KEYS_LEFT) == [(1,)], "proofs are kept for ever, and the key may be one's"
    periods(shop, **{**dict.fromkeys(ALL_PARTS, 30), "name": 90})
    keep(shop, NOW + 89 * DAY)
    assert shop.query(KEYS_LEFT) == [(1,)]
    keep(shop, NOW + 91 * DAY)
    assert shop.query(KEYS_LEFT) == [(0,)]
    assert shop.read("/v1/customers/old")["name"] is None


def test_a_guest_and_the_address_of_their_order_are_forgotten_by_the_calendar_too(shop: World) -> None:
    receive(shop, "apple", 1)
    address = {"lines": ["Via Po 2"], "city": "Roma", "country": "IT"}
    guest = {"name": "Maria", "phone": "+39 06 555 0101"}
    order_id = order(shop, guest=guest, delivery={"address": address})
    periods(shop, address=30, phone=30)
    keep(shop, NOW + 31 * DAY)
    told = shop.read(f"/v1/orders/{order_id}/delivery")
    assert (told["name"], told["phone"], told["address"]) == ("Maria", None, None)
