"""Customers are found by an exact detail, however it is written, and by nothing less."""

import pytest

from infra.people import blind_index
from tests.support.api import World, fresh, problem
from tests.support.personal import follow

WHY = {"Daybook_Purpose": "identity check"}
ROWS = "SELECT kind, encode(digest, 'hex'), customer_id FROM customer_index ORDER BY 1, 2, 3"


def known(shop: World, **details: str) -> str:
    return shop.made("/v1/customers", dict(details))["customer_id"]


def found(shop: World, **search: object) -> list[str]:
    """Ids of those who are found, the last write seen."""
    position, _ = shop.written()
    response = shop.post("/v1/customers/search", dict(search), Daybook_Min_Position=str(position), **WHY)
    assert response.status_code == 200, response.text
    return [customer["customer_id"] for customer in response.json()["data"]]


@pytest.mark.parametrize(
    "written",
    ["13700001111", "+86 137 0000 1111", "137-0000-1111", "0086 137 0000 1111", "+86 (137) 00001111"],
)
def test_a_number_is_found_however_it_is_written(shop: World, written: str) -> None:
    customer_id = known(shop, phone="+86 137 0000 1111")
    assert customer_id in found(shop, phone=written)


def test_a_number_is_kept_with_its_country_code(shop: World) -> None:
    customer_id = known(shop, phone="020 8888 9999")
    assert shop.read(f"/v1/customers/{customer_id}")["phone"] == "+862088889999"


@pytest.mark.parametrize("phone", ["12345", "+86 138", "0000", "(((((", "+1 555 0100", "+999 12345678"])
def test_a_number_that_nobody_can_have_is_refused(shop: World, phone: str) -> None:
    assert shop.refusal(lambda: shop.post("/v1/customers", {"phone": phone})) == (400, "invalid_request")


def test_a_number_is_found_by_its_last_four_digits(shop: World) -> None:
    ours, others = known(shop, phone="13600007531"), known(shop, phone="13600007532")
    hits = found(shop, phone_last4="7531")
    assert ours in hits
    assert others not in hits


def test_an_address_is_found_and_kept_in_lower_case(shop: World) -> None:
    customer_id = known(shop, email="Ada.L@Example.COM")
    assert found(shop, email="aDa.l@example.com") == [customer_id]
    assert shop.read(f"/v1/customers/{customer_id}")["email"] == "ada.l@example.com"


@pytest.mark.parametrize("written", ["Ada Lovelace", "ada  lovelace", "ＡＤＡ lovelace", " ADA LOVELACE "])
def test_a_name_is_found_whole_without_case_or_width(shop: World, written: str) -> None:
    assert known(shop, name="Ada Lovelace") in found(shop, name=written)


def test_a_part_of_a_name_finds_nobody(shop: World) -> None:
    known(shop, name="Grace Hopper")
    assert found(shop, name="Grace") == []


def test_a_birthday_is_found_by_month_and_day_with_or_without_a_year(shop: World) -> None:
    with_year = known(shop, birthday="1992-02-29")
    without = known(shop, birthday="--02-29")
    assert {with_year, without} <= set(found(shop, birthday="02-29"))


def test_a_changed_number_is_found_by_the_new_one_alone(shop: World) -> None:
    customer_id = known(shop, phone="13500001234")
    shop.patch(f"/v1/customers/{customer_id}", {"phone": "13500004321"}, version=1)
    assert found(shop, phone="13500001234") == []
    assert found(shop, phone="13500004321") == [customer_id]


def test_a_removed_detail_finds_nobody(shop: World) -> None:
    customer_id = known(shop, email="brief@example.cn")
    shop.patch(f"/v1/customers/{customer_id}", {"email": None}, version=1)
    assert found(shop, email="brief@example.cn") == []


def test_pages_hold_everybody_once(shop: World) -> None:
    name = fresh("Many ")
    everybody = sorted(known(shop, name=name) for _ in range(5))
    follow(shop)
    seen: list[str] = []
    cursor = None
    while True:
        body = {"name": name, "limit": 2, **({} if cursor is None else {"cursor": cursor})}
        page = shop.post("/v1/customers/search", body).json()
        seen += [customer["customer_id"] for customer in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == everybody


@pytest.mark.parametrize("body", [{}, {"phone": "13800000000", "name": "Han"}, {"phone_last4": "12"}])
def test_a_search_is_by_exactly_one_whole_detail(shop: World, body: dict[str, str]) -> None:
    assert shop.refusal(lambda: shop.post("/v1/customers/search", dict(body), **WHY)) == (
        400,
        "invalid_request",
    )


def test_a_search_by_four_digits_must_say_why(shop: World) -> None:
    refusal = shop.refusal(lambda: shop.post("/v1/customers/search", {"phone_last4": "0000"}))
    assert refusal == (400, "purpose_missing")


def test_a_position_that_is_still_to_come_is_not_waited_for_long(shop: World) -> None:
    answer = shop.post("/v1/customers/search", {"name": "Han"}, Daybook_Min_Position=str(10**9))
    assert problem(answer) == (503, "not_caught_up")


def test_the_index_made_anew_is_the_same(new_shop: World) -> None:
    for number in range(3):
        known(new_shop, name=f"Person {number}", phone=f"1380000000{number}", birthday="--01-01")
    follow(new_shop)
    before = new_shop.query(ROWS)
    new_shop.query(blind_index._START_OVER)  # pyright: ignore[reportPrivateUsage]
    assert new_shop.query(ROWS) == []
    follow(new_shop)
    assert new_shop.query(ROWS) == before


def test_equal_details_of_two_tenants_have_nothing_in_common(new_shop: World) -> None:
    neighbour = new_shop.neighbour()
    for caller in (new_shop, neighbour):
        caller.made("/v1/customers", {"customer_id": "same", "phone": "13800007777"})
    follow(new_shop)
    ours = {digest for _, digest, _ in new_shop.query(ROWS)}
    position = neighbour.post("/v1/customers", {}).headers["Daybook-Position"]
    hits = neighbour.post("/v1/customers/search", {"phone": "13800007777"}, Daybook_Min_Position=position)
    assert [customer["customer_id"] for customer in hits.json()["data"]] == ["same"]
    ((schema,),) = new_shop.query(
        "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 't_next') AND nspname !~ '[.]'"
    )
    theirs = {d for (d,) in new_shop.query(f"SELECT encode(digest, 'hex') FROM \"{schema}\".customer_index")}
    assert theirs
    assert not ours & theirs


DAMAGE = """
UPDATE daybook_keys.subject_keys
SET wrapped_key = %s
WHERE subject = 'customer-damaged'
"""


@pytest.mark.parametrize(
    "damage",
    [
        "set_byte(wrapped_key, 40, get_byte(wrapped_key, 40) # 1)",
        "set_byte(wrapped_key, 0, get_byte(wrapped_key, 0) # 1)",
        "substring(set_byte(wrapped_key, 40, get_byte(wrapped_key, 40) # 1) FROM 9)",
        "substring(wrapped_key FOR 60)",
        "substring(wrapped_key FOR 10)",
        "''",
    ],
)
def test_a_key_that_was_damaged_hides_its_person_and_stops_nobody(new_shop: World, damage: str) -> None:
    new_shop.made("/v1/customers", {"customer_id": "damaged", "name": "Same Name"})
    new_shop.made("/v1/customers", {"customer_id": "sound", "name": "Same Name"})
    new_shop.query(DAMAGE % damage)
    assert found(new_shop, name="Same Name") == ["sound"]
