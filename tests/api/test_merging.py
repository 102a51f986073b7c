"""Merged customers over HTTP: one page, one wallet, one export, one erasure; and apart again as they were."""

from collections.abc import Generator

import pytest

from tests.support.api import (
    Json,
    World,
    add_shop,
    basket,
    cash,
    cny,
    complain,
    draw_code,
    fresh,
    line,
    problem,
    world,
)
from tests.support.calls import PROGRAMME

SALES = "/v1/stores/s1/sales"
WHY = {"Daybook_Purpose": "customer asked"}


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, tmp_path_factory.mktemp("merging")) as shop:
        add_shop(shop)
        assert shop.call("PUT", "/v1/loyalty/programme", PROGRAMME, If_Match='"0"').status_code == 200
        yield shop


def register(till: World, **details: str) -> str:
    return till.made("/v1/customers", {"name": "Han", **details})["customer_id"]


def buys(till: World, customer_id: str, apples: int = 1) -> None:
    till.made(SALES, basket(line("apple", apples), tenders=[cash(100_000)], customer_id=customer_id))


def merged(till: World, *, phone: str = "+86 139 1111 2222") -> tuple[str, str]:
    """A survivor and the record merged into it, each with a sale, credit and a complaint of its own."""
    ids = (register(till), register(till, phone=phone))
    for apples, id_ in enumerate(ids, start=1):
        buys(till, id_, apples)
        complain(till, f"Soft apples, said {id_}.", customer_id=id_)
        till.made(f"/v1/customers/{id_}/credits", {"amount": cny(apples * 100), "reason": "goodwill"})
    merge(till, *ids)
    return ids


def merge(till: World, survivor: str, other: str) -> None:
    till.made(f"/v1/customers/{survivor}/merges", {"other_id": other})


def read(till: World, path: str) -> Json:
    till.catch_up()
    return till.read(f"/v1/customers/{path}")


def test_the_page_adds_up_both(till: World) -> None:
    survivor, _ = merged(till)
    profile = read(till, f"{survivor}/profile")
    assert (profile["customer_id"], profile["visits"], profile["complaints"]) == (survivor, 2, 2)
    assert [money["currency"] for money in profile["spend"]] == ["CNY"]


def test_the_wallet_adds_up_both_and_says_what_lies_where(till: World) -> None:
    survivor, other = merged(till)
    wallet = read(till, f"{survivor}/wallet")
    assert [account["customer_id"] for account in wallet["accounts"]] == [survivor, other]
    assert wallet["spendable"] == sum(account["spendable"] for account in wallet["accounts"]) > 0
    assert wallet["credit"]["balance"] == cny(300)
    assert [account["credit"]["balance"] for account in wallet["accounts"]] == [cny(100), cny(200)]
    assert sum(lot["points"] for lot in wallet["lots"]) == wallet["spendable"]


@pytest.mark.parametrize("path", ["", "/profile", "/wallet", "/consents", "/records"])
def test_who_asks_for_the_other_is_sent_to_the_survivor(till: World, path: str) -> None:
    survivor, other = register(till), register(till)
    merge(till, survivor, other)
    sent = till.get(f"/v1/customers/{other}{path}")
    assert problem(sent) == (307, "customer_elsewhere")
    assert sent.headers["Location"] == f"/v1/customers/{survivor}{path}"
    assert till.read(sent.headers["Location"])["customer_id"] == survivor


def test_an_unmerge_restores_both_to_the_letter(till: World) -> None:
    ids = (register(till), register(till, phone="+86 139 1111 3333"))
    for id_ in ids:
        buys(till, id_)
    paths = [f"{id_}{path}" for id_ in ids for path in ("", "/profile", "/wallet", "/consents")]
    before = [read(till, path) for path in paths]
    merge(till, *ids)
    till.made(f"/v1/customers/{ids[0]}/unmerges", {"other_id": ids[1]})
    assert [read(till, path) for path in paths] == before


def test_the_records_are_told_each_with_its_own_details(till: World) -> None:
    survivor, other = merged(till)
    records = till.read(f"/v1/customers/{survivor}/records")["records"]
    assert [(record["customer_id"], record["phone"]) for record in records] == [
        (survivor, None),
        (other, "+8613911112222"),
    ]


def test_the_other_is_changed_as_the_survivor(till: World) -> None:
    survivor, other = merged(till)
    refused = till.patch(f"/v1/customers/{other}", {"name": "Li"}, 2)
    assert problem(refused) == (409, "customer_merged")
    assert refused.json()["facts"]["survivor_id"] == survivor


def test_a_campaign_for_once_each_is_for_once_a_person(till: World) -> None:
    survivor, other = register(till), register(till)
    campaign_id = fresh("once")
    opened = {
        "campaign_id": campaign_id,
        "name": "Once",
        "amount_off": cny(100),
        "valid_from": "2000-01-01T00:00:00Z",
        "valid_until": "2100-01-01T00:00:00Z",
        "limit_per_customer": 1,
    }
    till.made("/v1/coupon-campaigns", opened)
    codes = [draw_code(till, campaign_id) for _ in range(2)]
    body = basket(line("apple", 1), tenders=[cash(100_000)])
    till.made(SALES, {**body, "customer_id": survivor, "coupon_codes": codes[:1]})
    merge(till, survivor, other)
    again = till.post(SALES, {**body, "customer_id": other, "coupon_codes": codes[1:]})
    assert problem(again) == (409, "coupon_limit_reached")


def test_the_export_has_both(till: World) -> None:
    survivor, other = merged(till)
    export = till.post(f"/v1/customers/{survivor}/export", None, **WHY).json()
    assert {entry["data"]["customer_id"] for entry in export["purchases"]} == {survivor, other}
    assert sorted(entry["data"]["text"] for entry in export["complaints"]) == sorted(
        f"Soft apples, said {id_}." for id_ in (survivor, other)
    )
    assert [record["phone"] for record in export["other_records"]] == ["+8613911112222"]
    assert {entry["stream"] for entry in export["credit"]} == {f"credit-{survivor}", f"credit-{other}"}


@pytest.mark.parametrize("named", [0, 1])
def test_an_erasure_erases_both(till: World, named: int) -> None:
    phone = f"+86 139 2222 000{named}"
    ids = merged(till, phone=phone)
    till.made(f"/v1/customers/{ids[named]}/erasure", {"reason": "request"})
    assert [problem(till.get(f"/v1/customers/{id_}")) for id_ in ids] == [(410, "erased")] * 2
    assert till.post("/v1/customers/search", {"phone": phone}).json()["data"] == []
    texts = till.query(
        "SELECT subject FROM forgotten_subjects WHERE subject = ANY (%s)", [f"customer-{id_}" for id_ in ids]
    )
    assert len(texts) == 2
