"""The care round and its letters: whom a rule is for is written to once, at an address kept nowhere."""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest

from domain.care.rule import CARE, OF_GOODS, CareChannel
from domain.care.touch import (
    CareHeldOut,
    CarePlanned,
    CareSent,
    CareUndelivered,
    CareWithheld,
    Withheld,
    message_id,
)
from domain.kernel.money import half_up
from infra.crypto.master_key import MasterKey
from infra.jobs import migrate_jobs
from infra.messages.gateway import Gateway
from infra.messages.mail import Mail
from infra.messages.port import Messenger, NotDelivered, Recording
from infra.tenancy import open_tenant
from tests.support.api import (
    Json,
    World,
    add_shop,
    basket,
    cash,
    cny,
    fresh,
    line,
    product,
    receive,
    sell,
    world,
)
from tests.support.care import add_customer, set_rule
from tests.support.gateway_server import gateway_server
from tests.support.journals import facts, read_all
from tests.support.reacting import at_rest, work
from tests.support.smtp_server import MailServer, mail_server
from tests.workers.test_reminders import DUE_NOW, asked
from workers.care_letters import care_letters
from workers.care_occasions import Days, birthdays_on, occasions
from workers.jobs.care import care

TODAY = datetime.now(UTC) + timedelta(hours=8)
"""As the wall clock in the shop reads."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CHANNELS: dict[CareChannel, Messenger] = {channel: Recording() for channel in CareChannel}


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """One for all: each test has rules, customers and products of its own."""
    with world(worker_id, tmp_path_factory.mktemp("care")) as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        receive(opened, "apple", 100)
        yield opened


def go_round(shop: World, days: int = 0) -> None:
    """A care round, with read models that have seen everything, so many days from now."""
    shop.catch_up()
    _go_round_alone(shop, days)


def _go_round_alone(shop: World, days: int = 0) -> None:
    async def run() -> None:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            await care(tenant, datetime.now(UTC) + timedelta(days=days))

    asyncio.run(run())


def send(shop: World, messenger: Messenger | None = None, by: CareChannel = CareChannel.EMAIL) -> None:
    channels = CHANNELS if messenger is None else {**CHANNELS, by: messenger}
    asyncio.run(at_rest(shop, care_letters(channels)))


def of_rule(shop: World, event: type[Any], rule_id: str) -> list[Any]:
    found = facts(asyncio.run(read_all(shop.tenant)), event)
    return [one for one in found if one.rule_id == rule_id]


def planned(shop: World, rule_id: str) -> list[tuple[str, str]]:
    return sorted((event.customer_id, event.occasion) for event in of_rule(shop, CarePlanned, rule_id))


def message_to(shop: World, customer_id: str) -> Json | None:
    found = [each for each in shop.read("/v1/inbox")["data"] if each["customer_id"] == customer_id]
    return found[0] if found else None


def rule(shop: World, **fields: Any) -> str:
    """A new rule; without an occasion it is for birthdays."""
    set_rule(shop, rule_id := fresh("rule"), **fields)
    return rule_id


def born_today(shop: World, **fields: Any) -> str:
    return add_customer(shop, fresh("c"), birthday=f"--{TODAY:%m-%d}", **fields)


def customers(shop: World, count: int) -> list[str]:
    """Who agreed to everything by mail, in the order of their ids."""
    return sorted(add_customer(shop, fresh("c")) for _ in range(count))


def goods(shop: World, **fields: Any) -> str:
    return shop.made("/v1/products", product(fresh("p"), **fields))["sku"]


def bought(shop: World, customer_id: str, days_ago: int, sku: str) -> None:
    at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
    sell(shop, line(sku), customer_id=customer_id, occurred_at=at)


def wish(shop: World, customer_id: str, sku: str) -> None:
    shop.made(f"/v1/customers/{customer_id}/wishes", {"sku": sku})


def day(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).date().isoformat()


def test_whose_birthday_it_is_gets_one_greeting_with_a_coupon_of_their_own(shop: World) -> None:
    texts = [{"language": "en", "subject": "Dear {name}", "text": "{coupon} until {coupon_until} at {shop}"}]
    rule_id = rule(shop, coupon={"campaign_id": "ten", "valid_days": 7}, texts=texts)
    han = fresh("c")
    address = f"{han}@example.com"
    add_customer(shop, han, name="Han Mei", email=address, birthday=f"1990-{TODAY:%m-%d}")
    add_customer(shop, fresh("c"), birthday=f"--{TODAY + timedelta(days=90):%m-%d}")

    async def greet(server: MailServer) -> None:
        mail = Mail(f"smtp://127.0.0.1:{server.port}", "shop@example.com")
        await asyncio.to_thread(go_round, shop)
        await at_rest(shop, care_letters({**CHANNELS, CareChannel.EMAIL: mail}))

    async def test() -> Message:
        async with mail_server() as server:
            await greet(server)
            await greet(server)
            ((_, letter),) = [taken for taken in server.taken if taken[0] == address]
            return letter

    letter = asyncio.run(test())
    assert str(make_header(decode_header(letter["Subject"]))) == "Dear Han Mei"
    text = str(letter.get_payload())
    assert f"until {TODAY + timedelta(days=7):%Y-%m-%d} at Main Street" in text
    paid = basket(line(), customer_id=han, coupon_codes=[text.split()[0]], tenders=[cash(900)])
    assert shop.made("/v1/stores/s1/sales", paid)["discount"] == cny(100)
    assert planned(shop, rule_id) == [(han, f"{TODAY:%Y}")]
    message = message_to(shop, han)
    assert message is not None
    assert message["message_id"] == message_id(rule_id, han, f"{TODAY:%Y}")
    assert message["sent_at"] is not None


def test_without_consent_nobody_is_greeted_and_no_coupon_is_issued(shop: World) -> None:
    silent, by_phone = born_today(shop, consent=None), born_today(shop, consent="sms")
    rule_id = rule(shop, coupon={"campaign_id": "ten", "valid_days": 7})
    go_round(shop)
    send(shop)
    withheld = {event.customer_id: event.reason for event in of_rule(shop, CareWithheld, rule_id)}
    assert withheld == dict.fromkeys((silent, by_phone), Withheld.NO_CONSENT)
    assert {silent, by_phone}.isdisjoint(event.customer_id for event in of_rule(shop, CareSent, rule_id))
    assert message_to(shop, silent) is message_to(shop, by_phone) is None


def test_a_consent_that_is_taken_back_before_it_leaves_counts(shop: World) -> None:
    han = born_today(shop, email="han@example.com")
    rule_id = rule(shop)
    go_round(shop)
    back = {"purpose": "marketing", "channel": "email"}
    shop.made(f"/v1/customers/{han}/consents/withdrawals", back)
    send(shop)
    told = shop.read(f"/v1/customers/{han}/care-messages")["data"]
    assert [(one["rule_id"], one["outcome"], one["reason"]) for one in told if one["rule_id"] == rule_id] == [
        (rule_id, "withheld", "no_consent")
    ]


def test_who_tells_another_birthday_is_not_greeted_twice_in_a_year(shop: World) -> None:
    han = born_today(shop)
    rule_id = rule(shop)
    go_round(shop)
    shop.patch(f"/v1/customers/{han}", {"birthday": f"--{TODAY + timedelta(days=1):%m-%d}"}, 2)
    go_round(shop, days=1)
    assert [one for one in planned(shop, rule_id) if one[0] == han] == [(han, f"{TODAY:%Y}")]


def test_who_was_born_on_29_february_is_greeted_on_the_28th_in_common_years() -> None:
    assert list(birthdays_on(date(2026, 2, 28))) == ["02-28", "02-29"]
    assert list(birthdays_on(date(2028, 2, 28))) == ["02-28"]
    assert list(birthdays_on(date(2028, 2, 29))) == ["02-29"]


def test_days_on_which_no_round_ran_are_made_up_for(shop: World) -> None:
    rule_id = rule(shop)
    go_round(shop)
    late, too_late = (
        add_customer(shop, fresh("c"), birthday=f"--{TODAY + timedelta(days=days):%m-%d}") for days in (2, 1)
    )
    go_round(shop, days=4)
    found = {customer_id for customer_id, _ in planned(shop, rule_id)}
    assert (late in found, too_late in found) == (True, False)


def test_whoever_has_no_address_is_recorded_as_never_reached(shop: World) -> None:
    han = born_today(shop)
    rule_id = rule(shop)
    go_round(shop)
    send(shop)
    causes = {event.customer_id: event.cause for event in of_rule(shop, CareUndelivered, rule_id)}
    assert causes[han] == "no address"
    message = message_to(shop, han)
    assert message is not None
    assert message["failure"] == "no address"


def test_what_the_server_refuses_for_good_is_recorded_too(shop: World) -> None:
    class Refusing(Recording):
        sends = True

        async def send(self, letter: object, address: str) -> None:
            raise NotDelivered("refused with [550]")

    han = born_today(shop, email="han@example.com")
    rule_id = rule(shop)
    go_round(shop)
    send(shop, Refusing())
    causes = {event.customer_id: event.cause for event in of_rule(shop, CareUndelivered, rule_id)}
    assert causes[han] == "refused with [550]"


def test_a_holiday_is_for_all_who_agreed(shop: World) -> None:
    agreed = sorted(add_customer(shop, fresh("c"), consent="wechat") for _ in range(2))
    add_customer(shop, fresh("c"), consent=None)
    rule_id = rule(shop, occasion="holiday", dates=[day(0), day(40)], channel="wechat")
    go_round(shop)
    assert planned(shop, rule_id) == [(customer_id, day(0)) for customer_id in agreed]


def test_days_after_the_last_purchase_somebody_asks_how_it_was(shop: World) -> None:
    then, later, again = customers(shop, 3)
    sku = goods(shop)
    for customer_id, days_ago in ((then, 7), (later, 6), (again, 7), (again, 2)):
        bought(shop, customer_id, days_ago, sku)
    rule_id = rule(shop, occasion="after_purchase", after_days=7)
    go_round(shop)
    assert planned(shop, rule_id) == [(then, day(7))]


def test_a_follow_up_may_be_about_certain_goods(shop: World) -> None:
    fruit, juice = goods(shop), goods(shop, category="drinks")
    drinker, eater = customers(shop, 2)
    for customer_id, days_ago, sku in ((drinker, 7, juice), (drinker, 3, fruit), (eater, 7, fruit)):
        bought(shop, customer_id, days_ago, sku)
    rule_id = rule(shop, occasion="after_purchase", after_days=7, categories=["drinks"])
    go_round(shop)
    assert planned(shop, rule_id) == [(drinker, day(7))]


def test_who_has_not_come_for_long_is_woken_once_for_each_time_away(shop: World) -> None:
    long, just, almost = customers(shop, 3)
    sku = goods(shop)
    for customer_id, days_ago in ((long, 200), (just, 90), (almost, 89)):
        bought(shop, customer_id, days_ago, sku)
    rule_id = rule(shop, occasion="dormant", after_days=90)
    go_round(shop)
    assert planned(shop, rule_id) == [(long, day(200)), (just, day(90))]
    go_round(shop, days=1)
    assert planned(shop, rule_id) == [(long, day(200)), (just, day(90)), (almost, day(89))]


def test_a_price_drop_is_told_to_who_bought_or_wished_for_it(shop: World) -> None:
    buyer, wishing, _ = customers(shop, 3)
    sku = goods(shop)
    bought(shop, buyer, 10, sku)
    wish(shop, wishing, sku)
    shop.patch(f"/v1/products/{sku}", {"price": cny(900)}, 1)
    texts = [{"language": "en", "subject": "{product}", "text": "now {price}"}]
    rule_id = rule(shop, occasion="price_drop", texts=texts)
    go_round(shop)
    assert planned(shop, rule_id) == [(buyer, f"{sku}/{day(0)}"), (wishing, f"{sku}/{day(0)}")]


def test_a_price_that_rose_again_is_no_news(shop: World) -> None:
    (buyer,) = customers(shop, 1)
    sku = goods(shop)
    bought(shop, buyer, 10, sku)
    for version, price in enumerate((900, 1000), start=1):
        shop.patch(f"/v1/products/{sku}", {"price": cny(price)}, version)
    rule_id = rule(shop, occasion="price_drop", skus=[sku])
    go_round(shop)
    assert planned(shop, rule_id) == []


def test_what_is_new_in_the_store_is_told_to_who_buys_of_its_kind(shop: World) -> None:
    known, new = (goods(shop, category="tea") for _ in range(2))
    drinker, other = customers(shop, 2)
    receive(shop, known, 5)
    bought(shop, drinker, 10, known)
    bought(shop, other, 10, "apple")
    rule_id = rule(shop, occasion="new_arrival", categories=["tea"])
    go_round(shop)
    assert planned(shop, rule_id) == []
    receive(shop, new, 5)
    for days in (1, 2):
        go_round(shop, days)
    assert planned(shop, rule_id) == [(drinker, new)]


def test_who_wished_for_it_hears_when_it_is_back_and_again_of_another_wish(shop: World) -> None:
    wishing, gave_up = customers(shop, 2)
    sku = goods(shop)
    for customer_id in (wishing, gave_up):
        wish(shop, customer_id, sku)
    shop.made(f"/v1/customers/{gave_up}/wishes/withdrawals", {"sku": sku})
    rule_id = rule(shop, occasion="back_in_stock")
    go_round(shop)
    assert planned(shop, rule_id) == []
    receive(shop, sku, 5)
    for days in (1, 2):
        go_round(shop, days)
    assert planned(shop, rule_id) == [(wishing, f"{sku}/1")]
    wish(shop, wishing, sku)
    go_round(shop, days=3)
    assert planned(shop, rule_id) == [(wishing, f"{sku}/1"), (wishing, f"{sku}/2")]
    assert shop.read(f"/v1/customers/{wishing}/wishes")["data"] == [{"sku": sku, "number": 2}]


def merge(shop: World, other: str, into: str) -> None:
    shop.made(f"/v1/customers/{into}/merges", {"other_id": other})


def test_whom_another_record_speaks_for_is_written_to_as_that_one(shop: World) -> None:
    survivor, old = add_customer(shop, fresh("c")), born_today(shop, consent=None)
    merge(shop, old, survivor)
    rule_id = rule(shop)
    go_round(shop)
    assert {one for one, _ in planned(shop, rule_id)} & {survivor, old} == {survivor}
    assert old not in {event.customer_id for event in of_rule(shop, CareWithheld, rule_id)}


def test_who_bought_since_under_another_record_of_theirs_has_not_stayed_away(shop: World) -> None:
    away, old, back, used = customers(shop, 4)
    sku = goods(shop)
    for customer_id, days_ago in ((old, 95), (back, 95), (used, 3)):
        bought(shop, customer_id, days_ago, sku)
    merge(shop, old, away)
    merge(shop, used, back)
    rule_id = rule(shop, occasion="dormant", after_days=90, skus=[sku])
    go_round(shop)
    assert planned(shop, rule_id) == [(away, day(95))]


def concerned(shop: World, rule_id: str) -> set[str]:
    """Whom today's round would plan a message."""

    async def run() -> set[str]:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        days = Days(first=TODAY.date(), today=TODAY.date(), now=datetime.now(UTC), is_first_round=False)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            present = (await tenant.state_of(CARE, rule_id)).present
            assert present is not None
            pages = [page async for page in occasions(tenant, present, days, 100)]
        return {wanted.customer_id for page in pages for wanted in page}

    return asyncio.run(run())


def test_a_round_asks_nothing_about_the_forgotten(shop: World) -> None:
    known, gone = customers(shop, 2)
    new, sku = goods(shop, category="cakes"), goods(shop, category="cakes")
    for customer_id in (known, gone):
        bought(shop, customer_id, 5, sku)
        wish(shop, customer_id, new)
    shop.patch(f"/v1/products/{sku}", {"price": cny(900)}, 1)
    receive(shop, new, 5)
    shop.post(f"/v1/customers/{gone}/erasure", {"reason": "request"})
    shop.catch_up()
    for occasion in OF_GOODS:
        assert concerned(shop, rule(shop, occasion=occasion, categories=["cakes"])) == {known}


def test_two_rounds_at_once_plan_everybody_once(shop: World) -> None:
    agreed = [add_customer(shop, fresh("c"), consent="webhook") for _ in range(20)]
    rule_id = rule(shop, occasion="holiday", dates=[day(0)], channel="webhook")
    shop.catch_up()

    async def both() -> None:
        await asyncio.gather(*(asyncio.to_thread(_go_round_alone, shop) for _ in range(2)))

    asyncio.run(both())
    assert Counter(customer_id for customer_id, _ in planned(shop, rule_id)) == dict.fromkeys(agreed, 1)


def test_whoever_is_forgotten_before_it_leaves_is_not_written_to(shop: World) -> None:
    han = born_today(shop, email="han@example.com")
    rule_id = rule(shop)
    go_round(shop)
    shop.post(f"/v1/customers/{han}/erasure", {"reason": "request"})
    send(shop)
    assert han in {customer_id for customer_id, _ in planned(shop, rule_id)}
    assert han not in {event.customer_id for event in of_rule(shop, CareSent, rule_id)}
    assert message_to(shop, han) is None


def test_by_sms_it_goes_to_the_number_and_by_wechat_to_whom_the_receiver_knows(shop: World) -> None:
    for channel, phone in ((CareChannel.SMS, "+86 138 0000 1234"), (CareChannel.WECHAT, "+86 138 0000 1235")):
        han = born_today(shop, consent=channel.value, phone=phone, name="Han")
        rule_id = rule(shop, channel=channel.value)
        go_round(shop)
        with gateway_server() as server:
            send(shop, Gateway(server.url, SECRET, channel.value), channel)
            (message,) = [
                taken.message
                for taken in server.taken
                if taken.message["message_id"] == message_id(rule_id, han, f"{TODAY:%Y}")
            ]
        assert message["to"] == ("+8613800001234" if channel is CareChannel.SMS else han)
        assert (message["channel"], message["text"]) == (channel.value, "Dear Han")


def own_purpose() -> str:
    """One that no other rule has. It has no room for digits."""
    return "purpose " + "".join(chr(ord("a") + int(digit)) for digit in fresh(""))


def wanting(shop: World) -> tuple[str, str]:
    """A purpose, and a customer who agreed to that alone, by webhook."""
    purpose = own_purpose()
    han = add_customer(shop, fresh("c"), consent=None)
    given = {"purpose": purpose, "channel": "webhook", "text_version": "1"}
    shop.made(f"/v1/customers/{han}/consents", given)
    return purpose, han


def at_once(shop: World, purpose: str, **fields: Any) -> str:
    """A rule of today, by webhook, gone through."""
    rule_id = rule(shop, purpose=purpose, channel="webhook", occasion="holiday", dates=[day(0)], **fields)
    go_round(shop)
    return rule_id


def try_twice(shop: World, later: timedelta, between: Callable[[], object] | None = None) -> list[Json]:
    """What a gateway that is away at first has got after a second try, so long after the first."""
    with gateway_server() as server:
        server.answers = [503]
        channels = {**CHANNELS, CareChannel.WEBHOOK: Gateway(server.url, SECRET, "webhook")}
        asyncio.run(at_rest(shop, care_letters(channels)))
        if between is not None:
            between()
        asked(shop, DUE_NOW)
        asyncio.run(work(shop, care_letters(channels, clock=lambda: datetime.now(UTC) + later)))
        return [taken.message for taken in server.taken]


def test_a_gateway_that_is_away_gets_it_later_under_the_same_id_and_with_the_same_coupon(shop: World) -> None:
    purpose, han = wanting(shop)
    texts = [{"language": "en", "subject": "For you", "text": "{coupon}"}]
    rule_id = at_once(shop, purpose, texts=texts, coupon={"campaign_id": "ten", "valid_days": 7})
    mine = try_twice(shop, timedelta(hours=1))
    assert mine == [mine[0]] * 2
    assert mine[0]["message_id"] == message_id(rule_id, han, day(0))
    assert len(of_rule(shop, CareSent, rule_id)) == 1


def test_a_link_of_a_message_counts_a_click_where_there_is_an_address_for_that(shop: World) -> None:
    purpose, _ = wanting(shop)
    page, own = "https://shop.example/spring", "https://shop.example/v1/care/"
    texts = [{"language": "en", "subject": "For you", "text": "{link}"}]
    for link in (None, own):
        rule_id = at_once(shop, purpose, texts=texts, page=page)
        with gateway_server() as server:
            gateway = Gateway(server.url, SECRET, "webhook")
            channels = {**CHANNELS, CareChannel.WEBHOOK: gateway}
            asyncio.run(at_rest(shop, care_letters(channels, link=link)))
            (message,) = (taken.message for taken in server.taken)
        if link is None:
            assert message["text"] == page
        else:
            path = message["text"].removeprefix("https://shop.example")
            assert shop.stranger().get(path).headers["Location"] == page
            assert results(shop, rule_id)["clicked"] == 1


def test_a_consent_that_is_taken_back_while_the_gateway_is_away_counts(shop: World) -> None:
    purpose, han = wanting(shop)
    rule_id = at_once(shop, purpose)
    back = {"purpose": purpose, "channel": "webhook"}
    path = f"/v1/customers/{han}/consents/withdrawals"
    assert len(try_twice(shop, timedelta(hours=1), lambda: shop.made(path, back))) == 1
    assert [one.cause for one in of_rule(shop, CareUndelivered, rule_id)] == ["no consent"]


def test_a_gateway_that_is_back_at_night_gets_it_in_the_morning(shop: World) -> None:
    purpose, _ = wanting(shop)
    minute = TODAY.hour * 60 + TODAY.minute
    quiet = {"from_min": (minute + 6 * 60) % (24 * 60), "until_min": (minute + 8 * 60) % (24 * 60)}
    rule_id = at_once(shop, purpose, quiet=quiet)
    assert len(try_twice(shop, timedelta(hours=7))) == 1
    asked(shop, DUE_NOW)
    assert of_rule(shop, CareUndelivered, rule_id) == []
    with gateway_server() as server:
        gateway = Gateway(server.url, SECRET, "webhook")
        asyncio.run(work(shop, care_letters({**CHANNELS, CareChannel.WEBHOOK: gateway})))
        assert len(server.taken) == 1


def test_a_gateway_that_is_away_for_days_gets_no_stale_greeting(shop: World) -> None:
    purpose, _ = wanting(shop)
    rule_id = at_once(shop, purpose)
    assert len(try_twice(shop, timedelta(days=3))) == 1
    assert [one.cause for one in of_rule(shop, CareUndelivered, rule_id)] == ["too late"]


def campaign(shop: World, count: int, holdout: int = 0, **fields: Any) -> tuple[str, list[str], list[str]]:
    """A campaign of today to so many who agreed to it alone: the rule, who is planned, who is held out."""
    purpose = own_purpose()
    given = {"purpose": purpose, "channel": "webhook", "text_version": "1"}
    for _ in range(count):
        customer_id = add_customer(shop, fresh("c"), consent=None)
        shop.made(f"/v1/customers/{customer_id}/consents", given)
    today: Json = {"occasion": "campaign", "dates": [day(0)], "holdout_permille": holdout}
    rule_id = rule(shop, purpose=purpose, channel="webhook", **today, **fields)
    go_round(shop)
    held_out = sorted(event.customer_id for event in of_rule(shop, CareHeldOut, rule_id))
    return rule_id, [customer_id for customer_id, _ in planned(shop, rule_id)], held_out


def results(shop: World, rule_id: str) -> Json:
    return shop.read(f"/v1/care-rules/{rule_id}/results", Daybook_Min_Position=f"{shop.catch_up()}")


def test_some_are_held_out_by_lot_and_the_others_are_written_to(shop: World) -> None:
    # So many that one of the groups is empty once in a million runs.
    rule_id, written_to, held_out = campaign(shop, 21, holdout=500)
    assert len(written_to) + len(held_out) == 21
    assert min(len(written_to), len(held_out)) > 0
    assert set(written_to).isdisjoint(held_out)
    send(shop)
    assert sorted(event.customer_id for event in of_rule(shop, CareSent, rule_id)) == written_to
    told = results(shop, rule_id)
    assert (told["planned"], told["sent"], told["held_out"]) == (
        len(written_to),
        len(written_to),
        len(held_out),
    )


def test_what_the_planned_buy_is_held_against_the_held_out_and_late_returns_count(shop: World) -> None:
    rule_id, written_to, held_out = campaign(shop, 21, holdout=500)
    sku = goods(shop, tax_rate=0)
    receive(shop, sku, 10)
    outsider = add_customer(shop, fresh("c"))
    two = sell(shop, line(sku, 2), customer_id=written_to[0])
    for customer_id in (written_to[0], held_out[0], outsider):
        sell(shop, line(sku), customer_id=customer_id)
    before = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    sell(shop, line(sku), customer_id=written_to[0], occurred_at=before)

    (told,) = results(shop, rule_id)["data"]
    assert (told["planned"]["converted"], told["planned"]["sales"]) == (1, 2)
    assert (told["planned"]["paid"], told["planned"]["margin"]) == (cny(3000), cny(1200))
    assert (told["held_out"]["paid"], told["held_out"]["margin"]) == (cny(1000), cny(400))
    expected = half_up(400 * len(written_to), len(held_out))
    assert told["incremental_profit"] == cny(1200 - expected)

    back = {"lines": [{"line": 1, "quantity": 2}], "reason": "soft"}
    shop.made(f"/v1/sales/{two['sale_id']}/returns", back)
    (told,) = results(shop, rule_id)["data"]
    assert (told["planned"]["converted"], told["planned"]["margin"]) == (1, cny(400))
    assert told["incremental_profit"] == cny(400 - expected)


def test_what_a_coupon_of_it_buys_counts_whenever_that_is_and_once(shop: World) -> None:
    coupon = {"campaign_id": "ten", "valid_days": 7}
    texts = [{"language": "en", "subject": "For you", "text": "{coupon}"}]
    rule_id, (buyer,), _ = campaign(shop, 1, coupon=coupon, texts=texts)
    with gateway_server() as server:
        send(shop, Gateway(server.url, SECRET, "webhook"), CareChannel.WEBHOOK)
    (code,) = (taken.message["text"] for taken in server.taken if taken.message["to"] == buyer)
    sku = goods(shop, tax_rate=0)
    receive(shop, sku, 10)
    before = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    paid: Json = {"customer_id": buyer, "tenders": [cash(900)], "coupon_codes": [code]}
    sell(shop, line(sku), occurred_at=before, **paid)
    told = results(shop, rule_id)
    assert told["coupons_used"] == 1
    (group,) = told["data"]
    assert (group["planned"]["sales"], group["planned"]["paid"]) == (1, cny(900))
    assert group["planned"]["margin"] == cny(300)


def test_goods_without_a_known_cost_make_no_margin_and_are_told_apart(shop: World) -> None:
    rule_id, (buyer,), _ = campaign(shop, 1)
    sku = goods(shop, tax_rate=0)
    sell(shop, line(sku), customer_id=buyer)
    (told,) = results(shop, rule_id)["data"]
    assert (told["planned"]["margin"], told["planned"]["without_cost"]) == (cny(0), cny(1000))


def test_what_customers_did_with_messages_is_told_by_their_ids_and_counted_by_member(shop: World) -> None:
    rule_id, (han, li, silent), _ = campaign(shop, 3)
    send(shop)
    reactions: list[tuple[str, str, Json]] = [(han, kind, {}) for kind in ("opened", "clicked", "clicked")]
    reactions += [(li, "rated", {"rating": 4}), (li, "replied", {"text": "Thank you, Li"})]
    for customer_id, kind, more in reactions:
        told = {"message_id": message_id(rule_id, customer_id, day(0)), "kind": kind, **more}
        shop.made("/v1/care-reactions", told)
    found = results(shop, rule_id)
    counts = {name: found[name] for name in ("opened", "clicked", "replied", "rated", "rating_milli")}
    assert counts == {"opened": 2, "clicked": 1, "replied": 1, "rated": 1, "rating_milli": 4000}
    assert "Thank you, Li" not in shop.everything_stored()
    exported = shop.post(f"/v1/customers/{li}/export", Daybook_Purpose="customer asked").json()
    assert "Thank you, Li" in [entry["data"].get("text") for entry in exported["care"]]
    unknown = {"message_id": message_id(rule_id, silent, "another"), "kind": "opened"}
    assert shop.refusal(lambda: shop.post("/v1/care-reactions", unknown)) == (404, "not_found")
