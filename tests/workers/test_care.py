"""The care round and its letters: whom a rule is for is written to once, at an address kept nowhere."""

import asyncio
from collections import Counter
from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from domain.care.rule import CareChannel
from domain.care.touch import CarePlanned, CareSent, CareUndelivered, CareWithheld, Withheld
from domain.promotions.coupon import CouponIssued
from infra.crypto.master_key import MasterKey
from infra.jobs import migrate_jobs
from infra.messages.mail import Mail
from infra.messages.port import Messenger, NotDelivered, Recording
from infra.tenancy import open_tenant
from tests.support.api import World, add_shop, basket, cash, cny, fresh, line, product, receive, sell, world
from tests.support.care import add_customer, set_rule
from tests.support.journals import facts, read_all
from tests.support.reacting import at_rest
from tests.support.smtp_server import mail_server
from workers.care_letters import care_letters, message_id
from workers.care_occasions import birthdays_on
from workers.jobs.care import Cared, care

TODAY = datetime.now(UTC) + timedelta(hours=8)
"""As the wall clock in the shop reads."""
CHANNELS: dict[CareChannel, Messenger] = {channel: Recording() for channel in CareChannel}


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path) as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        receive(opened, "apple", 100)
        yield opened


def go_round(shop: World, now: datetime | None = None) -> Cared:
    """A care round, with read models that have seen everything, at an instant."""

    async def run() -> Cared:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await care(tenant, now or datetime.now(UTC))

    shop.catch_up()
    return asyncio.run(run())


def send(shop: World, mail: Messenger | None = None) -> None:
    channels = CHANNELS if mail is None else {**CHANNELS, CareChannel.EMAIL: mail}
    asyncio.run(at_rest(shop, care_letters(channels)))


def of_type(shop: World, event: type[Any]) -> list[Any]:
    return facts(asyncio.run(read_all(shop.tenant)), event)


def planned(shop: World) -> list[tuple[str, str]]:
    return sorted((event.customer_id, event.occasion) for event in of_type(shop, CarePlanned))


def bought(shop: World, customer_id: str, days_ago: int, sku: str = "apple") -> None:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    sell(shop, line(sku), customer_id=customer_id, occurred_at=at)


def day(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).date().isoformat()


def test_whose_birthday_it_is_gets_one_greeting_with_a_coupon_of_their_own(shop: World) -> None:
    coupon = {"campaign_id": "ten", "valid_days": 7}
    texts = [{"language": "en", "subject": "Dear {name}", "text": "{coupon} until {coupon_until} at {shop}"}]
    set_rule(shop, "birthday", coupon=coupon, texts=texts)
    born = f"1990-{TODAY:%m-%d}"
    add_customer(shop, "han", name="Han Mei", email="han@example.com", birthday=born)
    add_customer(
        shop,
        "li",
        name="Li",
        email="li@example.com",
        birthday="1990-01-01" if TODAY.month > 1 else "1990-12-31",
    )

    async def test() -> None:
        async with mail_server() as server:
            mail = Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com")
            for _ in range(2):
                await asyncio.to_thread(go_round, shop)
                await at_rest(shop, care_letters({**CHANNELS, CareChannel.EMAIL: mail}))
            ((to, letter),) = server.taken
            assert to == "han@example.com"
            assert str(make_header(decode_header(letter["Subject"]))) == "Dear Han Mei"
            text = str(letter.get_payload())
            assert f"until {(TODAY + timedelta(days=7)):%Y-%m-%d} at Main Street" in text
            code = text.split()[0]
            paid = basket(line(), customer_id="han", coupon_codes=[code], tenders=[cash(900)])
            sold = await asyncio.to_thread(shop.made, "/v1/stores/s1/sales", paid)
            assert sold["discount"] == cny(100)

    asyncio.run(test())
    (issued,) = of_type(shop, CouponIssued)
    assert issued.customer_id == "han"
    (message,) = shop.read("/v1/inbox")["data"]
    assert message["message_id"] == message_id("birthday", "han", f"{TODAY:%Y}")
    assert message["sent_at"] is not None


def test_without_consent_nobody_is_greeted_and_no_coupon_is_issued(shop: World) -> None:
    set_rule(shop, "birthday", coupon={"campaign_id": "ten", "valid_days": 7})
    add_customer(shop, "han", consent=None, birthday=f"--{TODAY:%m-%d}")
    add_customer(shop, "li", consent="sms", birthday=f"--{TODAY:%m-%d}")
    assert go_round(shop) == Cared(rounds=1, planned=0, withheld=2)
    send(shop)
    assert {event.reason for event in of_type(shop, CareWithheld)} == {Withheld.NO_CONSENT}
    assert (of_type(shop, CareSent), of_type(shop, CouponIssued)) == ([], [])
    assert shop.read("/v1/inbox")["data"] == []


def test_a_consent_that_is_taken_back_before_it_leaves_counts(shop: World) -> None:
    set_rule(shop, "birthday")
    add_customer(shop, "han", email="han@example.com", birthday=f"--{TODAY:%m-%d}")
    go_round(shop)
    shop.made("/v1/customers/han/consents/withdrawals", {"purpose": "marketing", "channel": "email"})
    send(shop)
    (message,) = shop.read("/v1/customers/han/care-messages")["data"]
    assert (message["outcome"], message["reason"]) == ("withheld", "no_consent")


def test_who_tells_another_birthday_is_not_greeted_twice_in_a_year(shop: World) -> None:
    set_rule(shop, "birthday")
    add_customer(shop, "han", birthday=f"--{TODAY:%m-%d}")
    go_round(shop)
    tomorrow = TODAY + timedelta(days=1)
    shop.patch("/v1/customers/han", {"birthday": f"--{tomorrow:%m-%d}"}, 2)
    assert go_round(shop, datetime.now(UTC) + timedelta(days=1)).rounds == 1
    assert planned(shop) == [("han", f"{TODAY:%Y}")]


def test_who_was_born_on_29_february_is_greeted_on_the_28th_in_common_years() -> None:
    assert list(birthdays_on(date(2026, 2, 28))) == ["02-28", "02-29"]
    assert list(birthdays_on(date(2028, 2, 28))) == ["02-28"]
    assert list(birthdays_on(date(2028, 2, 29))) == ["02-29"]


def test_a_day_on_which_no_round_ran_is_made_up_for(shop: World) -> None:
    set_rule(shop, "birthday")
    go_round(shop)
    tomorrow = TODAY + timedelta(days=1)
    add_customer(shop, "han", birthday=f"--{tomorrow:%m-%d}")
    assert go_round(shop, datetime.now(UTC) + timedelta(days=3)).planned == 1
    assert go_round(shop, datetime.now(UTC) + timedelta(days=3)).rounds == 0


def test_whoever_has_no_address_is_recorded_as_never_reached(shop: World) -> None:
    set_rule(shop, "birthday")
    add_customer(shop, "han", birthday=f"--{TODAY:%m-%d}")
    go_round(shop)
    send(shop)
    (event,) = of_type(shop, CareUndelivered)
    assert event.cause == "no address"
    assert shop.read("/v1/inbox")["data"][0]["failure"] == "no address"


def test_what_the_server_refuses_for_good_is_recorded_too(shop: World) -> None:
    class Refusing(Recording):
        sends = True

        async def send(self, letter: object, address: str) -> None:
            raise NotDelivered("refused with [550]")

    set_rule(shop, "birthday")
    add_customer(shop, "han", email="han@example.com", birthday=f"--{TODAY:%m-%d}")
    go_round(shop)
    send(shop, Refusing())
    assert [event.cause for event in of_type(shop, CareUndelivered)] == ["refused with [550]"]


def test_a_holiday_is_for_all_who_agreed(shop: World) -> None:
    set_rule(shop, "spring", occasion="holiday", dates=[day(0), day(40)])
    for customer_id in ("han", "li"):
        add_customer(shop, customer_id)
    add_customer(shop, "silent", consent=None)
    assert go_round(shop) == Cared(rounds=1, planned=2, withheld=0)
    assert planned(shop) == [("han", day(0)), ("li", day(0))]


def test_days_after_the_last_purchase_somebody_asks_how_it_was(shop: World) -> None:
    set_rule(shop, "after", occasion="after_purchase", after_days=7)
    for customer_id, days_ago in (("han", (7,)), ("li", (6,)), ("wu", (7, 2))):
        add_customer(shop, customer_id)
        for each in days_ago:
            bought(shop, customer_id, each)
    go_round(shop)
    assert planned(shop) == [("han", day(7))]


def test_a_follow_up_may_be_about_certain_goods(shop: World) -> None:
    shop.made("/v1/products", product("juice", category="drinks"))
    set_rule(shop, "after", occasion="after_purchase", after_days=7, categories=["drinks"])
    add_customer(shop, "han")
    add_customer(shop, "li")
    bought(shop, "han", 7, "juice")
    bought(shop, "han", 3)
    bought(shop, "li", 7)
    go_round(shop)
    assert planned(shop) == [("han", day(7))]


def test_who_has_not_come_for_long_is_woken_once_for_each_time_away(shop: World) -> None:
    set_rule(shop, "wake", occasion="dormant", after_days=90)
    for customer_id, days_ago in (("han", 200), ("li", 90), ("wu", 89)):
        add_customer(shop, customer_id)
        bought(shop, customer_id, days_ago)
    go_round(shop)
    assert planned(shop) == [("han", day(200)), ("li", day(90))]
    go_round(shop, datetime.now(UTC) + timedelta(days=1))
    assert planned(shop) == [("han", day(200)), ("li", day(90)), ("wu", day(89))]


def test_a_price_drop_is_told_to_who_bought_or_wished_for_it(shop: World) -> None:
    texts = [{"language": "en", "subject": "{product}", "text": "now {price}"}]
    set_rule(shop, "drop", occasion="price_drop", texts=texts)
    for customer_id in ("han", "li", "wu"):
        add_customer(shop, customer_id)
    bought(shop, "han", 10)
    shop.made("/v1/customers/li/wishes", {"sku": "apple"})
    shop.patch("/v1/products/apple", {"price": cny(900)}, 1)
    go_round(shop)
    assert planned(shop) == [("han", f"apple/{day(0)}"), ("li", f"apple/{day(0)}")]


def test_a_price_that_rose_again_is_no_news(shop: World) -> None:
    set_rule(shop, "drop", occasion="price_drop")
    add_customer(shop, "han")
    bought(shop, "han", 10)
    shop.patch("/v1/products/apple", {"price": cny(900)}, 1)
    shop.patch("/v1/products/apple", {"price": cny(1000)}, 2)
    assert go_round(shop).planned == 0


def test_what_is_new_in_the_store_is_told_to_who_buys_of_its_kind(shop: World) -> None:
    set_rule(shop, "new", occasion="new_arrival", categories=["tea"])
    for sku in ("green", "black"):
        shop.made("/v1/products", product(sku, category="tea"))
    for customer_id in ("han", "li"):
        add_customer(shop, customer_id)
    receive(shop, "green", 5)
    bought(shop, "han", 10, "green")
    bought(shop, "li", 10)
    assert go_round(shop).planned == 0
    receive(shop, "black", 5)
    for days in (1, 2):
        go_round(shop, datetime.now(UTC) + timedelta(days=days))
    assert planned(shop) == [("han", "black")]


def test_who_wished_for_it_hears_when_it_is_back_and_again_of_another_wish(shop: World) -> None:
    sku = shop.made("/v1/products", product(fresh("p")))["sku"]
    set_rule(shop, "back", occasion="back_in_stock")
    add_customer(shop, "han")
    shop.made("/v1/customers/han/wishes", {"sku": sku})
    add_customer(shop, "li")
    shop.made("/v1/customers/li/wishes", {"sku": sku})
    shop.made("/v1/customers/li/wishes/withdrawals", {"sku": sku})
    assert go_round(shop).planned == 0
    receive(shop, sku, 5)
    for days in (1, 2):
        go_round(shop, datetime.now(UTC) + timedelta(days=days))
    assert planned(shop) == [("han", f"{sku}/1")]
    shop.made("/v1/customers/han/wishes", {"sku": sku})
    go_round(shop, datetime.now(UTC) + timedelta(days=3))
    assert planned(shop) == [("han", f"{sku}/1"), ("han", f"{sku}/2")]
    shop.catch_up()
    assert shop.read("/v1/customers/han/wishes")["data"] == [{"sku": sku, "number": 2}]


def test_two_rounds_at_once_plan_everybody_once(shop: World) -> None:
    set_rule(shop, "birthday")
    customers = [add_customer(shop, f"m{number}", birthday=f"--{TODAY:%m-%d}") for number in range(20)]
    shop.catch_up()

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(_round_alone, shop) for _ in range(2)))

    asyncio.run(both())
    assert Counter(event.customer_id for event in of_type(shop, CarePlanned)) == dict.fromkeys(customers, 1)


def _round_alone(shop: World) -> None:
    async def run() -> None:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            await care(tenant, datetime.now(UTC))

    asyncio.run(run())


def test_whoever_is_forgotten_before_it_leaves_is_not_written_to(shop: World) -> None:
    set_rule(shop, "birthday")
    add_customer(shop, "han", email="han@example.com", birthday=f"--{TODAY:%m-%d}")
    go_round(shop)
    shop.post("/v1/customers/han/erasure", {"reason": "request"})
    send(shop)
    assert of_type(shop, CareSent) == []
    assert shop.read("/v1/inbox")["data"] == []
