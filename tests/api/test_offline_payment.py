"""Sales of offline tills with cards, points and printed prices; and the same sale again, however late."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from api.offline_sales import OfflineSale, said
from tests.api.test_coupon_batches import codes
from tests.api.test_offline_sales import MORNING, made, send
from tests.api.test_prices import put, scale_code
from tests.api.test_stored_value import CARDS, by_card, held, load
from tests.support.api import Json, World, card, cash, cny, draw_code, fresh, product
from tests.support.calls import PROGRAMME
from tests.support.routes import fresh_barcode
from tests.support.served import served
from workers.jobs.maintenance import prune_kept_answers

LAPSE = "UPDATE commands SET recorded_at = recorded_at - interval '31 days'"
KEPT = "SELECT count(*) FROM commands"


def forget_answers(shop: World) -> None:
    """The kept answers grow too old, and upkeep drops them."""
    shop.query(LAPSE)
    asyncio.run(prune_kept_answers(shop.tenant.service_url))
    assert shop.query(KEPT) == [(0,)]


def sent(shop: World, sale: Json) -> Json:
    (result,) = send(shop, [sale])
    return result


@pytest.fixture
def code(shop: World) -> str:
    """The code of a card that holds 15.00."""
    (made_card,) = shop.made(CARDS, {"currency": "CNY", "valid_days": 365})["cards"]
    load(shop, made_card["code"], 1_500)
    return made_card["code"]


def test_a_sale_that_is_sent_again_after_its_answer_is_forgotten_is_answered_by_itself(shop: World) -> None:
    lines = [{"sku": "apple", "quantity": 2, "unit_price": cny(900), "total": cny(1800)}]
    sale = made(fresh("till"), 1, lines=lines, tenders=[cash(1800)])
    first = sent(shop, sale)
    forget_answers(shop)
    again = sent(shop, sale)
    assert (first.pop("status"), again.pop("status")) == ("created", "replayed")
    assert first == again


def test_the_shift_that_it_was_answered_is_still_told(shop: World) -> None:
    register_id = fresh("till")
    path = f"/v1/stores/s1/registers/{register_id}/shift"
    shop.made(path, {"opening_float": cny(0), "occurred_at": MORNING.isoformat()})
    sale = made(register_id, 1)
    sent(shop, sale)
    forget_answers(shop)
    assert sent(shop, sale)["shift"] == 1


def test_another_sale_under_the_id_is_refused_when_the_answer_is_forgotten_too(shop: World) -> None:
    sale = made(fresh("till"), 1)
    sent(shop, sale)
    forget_answers(shop)
    refused = sent(shop, {**sale, "occurred_at": "2026-03-02T02:00:00Z"})
    assert (refused["status"], refused["problem"]["code"]) == ("refused", "already_exists")


def test_it_tells_the_position_from_which_its_sale_can_be_read(shop: World) -> None:
    body = {"sales": [made(fresh("till"), 1)]}
    path = "/v1/stores/s1/sales/batch"
    first = shop.post(path, body).json()["position"]
    forget_answers(shop)
    again = shop.post(path, body).json()["position"]
    assert 0 < again <= first


def test_a_sale_is_the_same_though_its_barcode_is_no_more(shop: World) -> None:
    sku, barcode = shop.made("/v1/products", product(fresh("p")))["sku"], fresh_barcode()
    put(shop, f"/v1/products/{sku}/barcodes", {"barcodes": [barcode]}, 1)
    sale = made(fresh("till"), 1, lines=[{"barcode": barcode, "quantity": 1, "total": cny(1000)}])
    assert sent(shop, sale)["status"] == "created"
    put(shop, f"/v1/products/{sku}/barcodes", {"barcodes": []}, 2)
    assert sent(shop, sale)["status"] == "replayed"
    assert sent(shop, {**sale, "sale_id": fresh("off")})["problem"]["code"] == "not_found"


def test_what_a_scale_has_printed_is_sold_at_that_price(shop: World) -> None:
    shop.made("/v1/products", {**product("sweet"), "unit": "gram", "price": cny(3990)})
    put(shop, "/v1/products/sweet/barcodes", {"scale_numbers": ["2100123"]}, 1)
    put(shop, "/v1/scales", {"layouts": [{"prefix": "21", "measure": "price"}]}, 0)
    lines = [{"barcode": scale_code(500), "total": cny(500)}]
    sale = made(fresh("till"), 1, lines=lines, tenders=[cash(500)])
    result = sent(shop, sale)
    assert (result["total"], result["exceptions"]) == (cny(500), [])
    (told,) = shop.read(f"/v1/sales/{sale['sale_id']}")["lines"]
    assert (told["quantity"], told["barcode"]) == (125, scale_code(500))


def test_goods_sold_by_either_are_sold_by_the_piece(shop: World) -> None:
    piece = {"price": cny(1200), "weight_g": 1300}
    shop.made("/v1/products", {**product("melon"), "unit": "gram", "price": cny(990), "piece": piece})
    lines = [{"sku": "melon", "unit": "piece", "quantity": 2, "total": cny(2400)}]
    result = sent(shop, made(fresh("till"), 1, lines=lines, tenders=[cash(2400)]))
    assert (result["total"], result["exceptions"]) == (cny(2400), [])


def test_a_line_names_what_was_sold(shop: World) -> None:
    refused = sent(shop, made(fresh("till"), 1, lines=[{"quantity": 1, "total": cny(1000)}]))
    assert (refused["status"], refused["problem"]["code"]) == ("refused", "invalid_request")


def test_a_card_that_holds_less_pays_what_it_holds_and_is_named(shop: World, code: str) -> None:
    sale = made(fresh("till"), 1, 2, tenders=[by_card(code, 2_000)])
    (exception,) = sent(shop, sale)["exceptions"]
    assert (exception["code"], exception["expected"], exception["found"]) == (
        "stored_value_short",
        1_500,
        2_000,
    )
    told = shop.read(f"/v1/sales/{sale['sale_id']}")["tenders"]
    assert [(tender["method"], tender["amount"]["amount"]) for tender in told] == [
        ("gift_card", 1_500),
        ("uncovered", 500),
    ]
    assert held(shop, code) == 0
    assert code not in shop.everything_stored()


def test_a_card_pays_once_however_often_the_sale_is_sent(shop: World, code: str) -> None:
    sale = made(fresh("till"), 1, tenders=[by_card(code, 1_000)])
    sent(shop, sale)
    forget_answers(shop)
    for _ in range(2):
        assert sent(shop, sale)["status"] == "replayed"
    assert held(shop, code) == 500


@pytest.mark.parametrize("tender", [{"method": "uncovered", "amount": cny(1000)}, by_card("x", 1000)])
def test_nobody_pays_with_what_is_missing(shop: World, tender: Json) -> None:
    """A card that nobody knows is another matter: the till took it."""
    outcome = sent(shop, made(fresh("till"), 1, tenders=[tender]))
    expected = "refused" if tender["method"] == "uncovered" else "created"
    assert outcome["status"] == expected


def test_a_mistyped_coupon_is_an_exception_that_does_not_tell_the_code(shop: World) -> None:
    batch_id = shop.made("/v1/coupon-campaigns/ten/batches", {"count": 1})["batch_id"]
    ((_, good, _),) = codes(shop, batch_id)
    wrong = good[:-1] + ("7" if good[-1] != "7" else "8")
    result = sent(shop, made(fresh("till"), 1, coupon_codes=[wrong], tenders=[cash(1000)]))
    assert [exception["code"] for exception in result["exceptions"]] == ["coupon_mistyped"]
    assert wrong not in shop.everything_stored()


def test_a_coupon_that_is_good_still_is(shop: World) -> None:
    lines = [{"sku": "apple", "quantity": 1, "total": cny(900)}]
    sale = made(fresh("till"), 1, coupon_codes=[draw_code(shop)], lines=lines, tenders=[cash(900)])
    assert sent(shop, sale)["exceptions"] == []


def test_points_come_off_the_price(new_shop: World) -> None:
    programme = {**PROGRAMME, "pays": "discount"}
    assert new_shop.call("PUT", "/v1/loyalty/programme", programme, If_Match='"0"').status_code == 200
    for minute, taken in ((1, 0), (2, 500), (3, 5_000)):
        charged = 100_000 if not taken else 1_000 - 500
        lines = [{"sku": "apple", "quantity": 100 if not taken else 1, "total": cny(charged)}]
        more: dict[str, Any] = {"points": taken} if taken else {}
        result = sent(
            new_shop,
            made("main", minute, lines=lines, tenders=[card(charged)], customer_id="c1", **more),
        )
        codes = [exception["code"] for exception in result["exceptions"]]
        assert codes == ([] if taken < 5_000 else ["total_differs", "points_short"])
    wallet = new_shop.read("/v1/customers/c1/wallet")
    assert wallet["spendable"] == 1_000 + 5 + 5 - 500


def test_two_processes_that_are_sent_one_batch_at_once_make_one_sale_each(
    shop: World, code: str, tmp_path: Path
) -> None:
    """A card that holds 15.00 pays 0.10 of every sale."""
    register_id = fresh("till")
    tenders = [by_card(code, 10), cash(990)]
    sales = [made(register_id, number, tenders=tenders) for number in range(120)]
    key, path = shop.new_key(), "/v1/stores/s1/sales/batch"
    with (
        served(shop, tmp_path / "api.log") as other,
        httpx.Client(base_url=other.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client,
        ThreadPoolExecutor(2) as tills,
    ):
        here = tills.submit(shop.post, path, {"sales": sales})
        there = tills.submit(client.post, path, json={"sales": sales[::-1]})
        told = [here.result().json()["results"], there.result().json()["results"][::-1]]

    for pair in zip(*told, strict=True):
        assert sorted(result["status"] for result in pair) == ["created", "replayed"]
        assert pair[0]["receipt_number"] == pair[1]["receipt_number"]
    assert sorted(result["receipt_number"] for result in told[0]) == list(range(1, 121))
    assert held(shop, code) == 1_500 - 10 * 120


def test_what_a_sale_leaves_open_is_no_part_of_what_it_says(shop: World) -> None:
    sale = made(fresh("till"), 1)
    sent(shop, sale)
    line = {**sale["lines"][0], "unit": None, "barcode": None}
    spelled = {"points": None, "coupon_codes": [], **sale, "customer_id": None, "lines": [line]}
    assert sent(shop, spelled)["status"] == "replayed"


def test_what_a_sale_says_is_spelled_as_it_always_was() -> None:
    """Sales are recognised by it for ever: whatever fields there are by now, this stays."""
    body = b'{"sale_id": "x1", "occurred_at": "2026-03-02T09:00:00+08:00", "lines": [{"sku": "apple", '
    body += b'"quantity": 2, "total": {"amount": 0, "currency": "CNY"}}], "tenders": []}'
    sale = msgspec.json.decode(body, type=OfflineSale)
    assert said(sale) == (
        b'{"lines":[{"quantity":2,"sku":"apple","total":{"amount":0,"currency":"CNY"}}],'
        b'"occurred_at":"2026-03-02T09:00:00+08:00","register_id":"main","sale_id":"x1"}'
    )
