"""Names, numbers, texts and coupon codes stand in clear in no table and in no event."""

from collections.abc import Generator

import pytest

from tests.support.api import World, add_shop, line, sell, world

PERSONAL = (
    "Wang Xiaoming",
    "+86 139 1111 2222",
    "xiaoming@example.cn",
    "1987-06-05",
    "Zhao Liying",
    "The melon hit my foot.",
    "She called from the hospital.",
    "We sent flowers.",
    "The flowers wilted.",
    "It smelled of feet.",
)


@pytest.fixture(scope="module")
def codes() -> list[str]:
    """The codes that were told once."""
    return []


@pytest.fixture(scope="module")
def busy(worker_id: str, tmp_path_factory: pytest.TempPathFactory, codes: list[str]) -> Generator[World]:
    """A shop in which everything personal has been said once, all of it under keys whose answers are kept."""
    name, phone, email, birthday, employee, opening, comment, resolution, reopening, reason = PERSONAL
    with world(worker_id, tmp_path_factory.mktemp("busy")) as shop:
        add_shop(shop)
        person = {"name": name, "phone": phone, "email": email}
        customer_id = shop.made("/v1/customers", person)["customer_id"]
        shop.patch(f"/v1/customers/{customer_id}", {"birthday": birthday}, version=1, Idempotency_Key="x")
        shop.made("/v1/employees", {"employee_id": "e2", "store_id": "s1", "name": employee})
        issued = shop.made("/v1/coupon-campaigns/ten/coupons", {"count": 3, "customer_id": customer_id})
        codes += [coupon["code"] for coupon in issued["coupons"]]
        sale = sell(shop, line(), customer_id=customer_id, coupon_codes=codes[:1])
        back = {"lines": [{"line": 1, "quantity": 1}], "reason": reason}
        shop.made(f"/v1/sales/{sale['sale_id']}/returns", back)
        complaint = {"text": opening, "customer_id": customer_id}
        path = f"/v1/complaints/{shop.made('/v1/complaints', complaint)['complaint_id']}"
        shop.made(f"{path}/comments", {"text": comment})
        shop.made(f"{path}/resolutions", {"text": resolution})
        shop.made(f"{path}/reopenings", {"text": reopening})
        shop.catch_up()
        yield shop


@pytest.mark.parametrize("text", PERSONAL)
def test_what_is_personal_is_not_read_in_the_journal(busy: World, text: str) -> None:
    assert text not in busy.get("/v1/events?limit=250").text


@pytest.mark.parametrize("text", PERSONAL)
def test_what_is_personal_is_stored_in_clear_nowhere(busy: World, text: str) -> None:
    assert text not in busy.everything_stored()


def test_what_is_not_personal_is_found_by_the_same_search(busy: World) -> None:
    assert "Main Street" in busy.everything_stored()


def test_a_coupons_code_is_stored_in_clear_nowhere(busy: World, codes: list[str]) -> None:
    stored = busy.everything_stored().upper()
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]


def test_a_coupons_code_is_told_once(busy: World, codes: list[str]) -> None:
    coupon_id = busy.post("/v1/coupons/lookup", {"code": codes[0]}).json()["coupon_id"]
    assert codes[0] not in busy.get(f"/v1/coupons/{coupon_id}").text
