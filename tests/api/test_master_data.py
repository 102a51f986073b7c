"""Stores, products, employees and customers: create, read, change."""

import pytest

from tests.support.api import Json, World, cny, fresh, product

STORE = {
    "store_id": "s9",
    "name": "Harbour",
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "day_starts_at_min": 240,
    "prices_include_tax": False,
    "tax_rounding": "document",
    "address": "1 Harbour Road, Shanghai",
    "cash_unit_minor": 5,
    "shifts_required": True,
    "locations": ["cold room"],
}

Created = tuple[str, Json, Json]


def created() -> list[Created]:
    """Path, body and answer of what can be created."""
    sku, employee_id, customer_id = fresh("p"), fresh("e"), fresh("c")
    added = {
        **product(sku, unit="gram", tax_rate=900),
        "stocked": True,
        "negative_stock": "block",
        "negative_stock_orders": "warn",
        "piece": {"price": cny(1200), "weight_g": 1300},
        "floor_price": cny(500),
    }
    unlisted: Json = {"prices": [], "barcodes": [], "scale_numbers": [], "fields": {}}
    employee = {"employee_id": employee_id, "store_id": "s1", "name": "Li Lei"}
    return [
        ("/v1/stores", {**STORE, "store_id": (store_id := fresh("s"))}, {**STORE, "store_id": store_id}),
        ("/v1/products", added, {**added, **unlisted}),
        ("/v1/employees", employee, {**employee, "holds": []}),
        ("/v1/customers", {"customer_id": customer_id, "name": "Han"}, {"customer_id": customer_id}),
    ]


@pytest.mark.parametrize("index", range(4), ids=["store", "product", "employee", "customer"])
def test_what_is_created_is_answered_with_201(shop: World, index: int) -> None:
    path, body, answer = created()[index]
    response = shop.post(path, body)
    assert (response.status_code, response.json()) == (201, answer)


@pytest.mark.parametrize("index", range(4), ids=["store", "product", "employee", "customer"])
def test_creating_answers_with_the_position_it_wrote(shop: World, index: int) -> None:
    path, body, _ = created()[index]
    response = shop.post(path, body)
    assert response.headers["Daybook-Position"] == str(shop.written()[0])


@pytest.mark.parametrize("index", range(4), ids=["store", "product", "employee", "customer"])
def test_creating_needs_no_idempotency_key(shop: World, index: int) -> None:
    path, body, _ = created()[index]
    assert shop.post(path, body, Idempotency_Key="").status_code == 201


@pytest.mark.parametrize("index", range(4), ids=["store", "product", "employee", "customer"])
def test_an_id_is_given_once(shop: World, index: int) -> None:
    path, body, _ = created()[index]
    shop.made(path, body)
    assert shop.refusal(lambda: shop.post(path, body)) == (409, "already_exists")


def test_a_store_is_read_as_it_was_opened(shop: World) -> None:
    opened = shop.made("/v1/stores", {**STORE, "store_id": fresh("s")})
    assert shop.read(f"/v1/stores/{opened['store_id']}") == opened


def test_a_product_is_read_as_it_was_added(shop: World) -> None:
    added = shop.made("/v1/products", product(fresh("p"), price=cny(1250)))
    assert shop.read(f"/v1/products/{added['sku']}") == added


def test_a_product_may_be_left_to_the_defaults(shop: World) -> None:
    added = shop.made("/v1/products", product(fresh("p")))
    assert (added["tax_rate"], added["stocked"], added["negative_stock"]) == (None, True, "allow")


def test_an_employee_is_read_by_name(shop: World) -> None:
    hired = shop.made("/v1/employees", {"employee_id": fresh("e"), "store_id": "s1", "name": "李雷"})
    assert shop.read(f"/v1/employees/{hired['employee_id']}")["name"] == "李雷"


def test_a_customer_is_read_with_what_was_given(shop: World) -> None:
    details = {"name": "Han", "phone": "+8613800000000", "email": "han@example.cn", "birthday": "--02-29"}
    customer_id = shop.made("/v1/customers", details)["customer_id"]
    known = shop.read(f"/v1/customers/{customer_id}")
    assert known.pop("customer_id") == customer_id
    assert {name: told for name, told in known.items() if told not in (None, [], {})} == details


def test_a_customer_may_be_registered_without_any_detail(shop: World) -> None:
    customer_id = shop.made("/v1/customers", {})["customer_id"]
    assert shop.read(f"/v1/customers/{customer_id}")["name"] is None


CHANGES: dict[str, dict[str, object]] = {
    "store": {"name": "New Street"},
    "product": {"price": cny(1100)},
    "employee": {"name": "Li Wei"},
    "customer": {"phone": None},
}


def made(shop: World, what: str) -> str:
    """The path of a new one, at its first version."""
    id_ = fresh(what)
    bodies: dict[str, dict[str, object]] = {
        "store": {**STORE, "store_id": id_},
        "product": product(id_),
        "employee": {"employee_id": id_, "store_id": "s1", "name": "Li Lei"},
        "customer": {"customer_id": id_, "name": "Han Meimei", "phone": "13800000000"},
    }
    shop.made(f"/v1/{what}s", bodies[what])
    return f"/v1/{what}s/{id_}"


@pytest.mark.parametrize("what", CHANGES)
def test_the_etag_is_the_version(shop: World, what: str) -> None:
    assert shop.get(made(shop, what)).headers["ETag"] == '"1"'


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_answered_with_its_effect(shop: World, what: str) -> None:
    path = made(shop, what)
    before = shop.read(path)
    response = shop.patch(path, CHANGES[what], version=1)
    assert (response.status_code, response.json()) == (200, {**before, **CHANGES[what]})


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_read_as_changed(shop: World, what: str) -> None:
    path = made(shop, what)
    changed = shop.patch(path, CHANGES[what], version=1).json()
    assert shop.read(path) == changed


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_answers_with_the_new_etag(shop: World, what: str) -> None:
    path = made(shop, what)
    assert (
        shop.patch(path, CHANGES[what], version=1).headers["ETag"] == shop.get(path).headers["ETag"] == '"2"'
    )


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_answers_with_the_position_it_wrote(shop: World, what: str) -> None:
    response = shop.patch(made(shop, what), CHANGES[what], version=1)
    assert response.headers["Daybook-Position"] == str(shop.written()[0])


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_says_what_it_changes(shop: World, what: str) -> None:
    path = made(shop, what)
    assert shop.refusal(lambda: shop.call("PATCH", path, CHANGES[what])) == (428, "precondition_required")


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_an_older_version_is_refused(shop: World, what: str) -> None:
    path = made(shop, what)
    shop.patch(path, CHANGES[what], version=1)
    assert shop.refusal(lambda: shop.patch(path, CHANGES[what], version=1)) == (412, "version_conflict")


@pytest.mark.parametrize("what", CHANGES)
def test_who_does_not_exist_is_not_changed(shop: World, what: str) -> None:
    path = f"/v1/{what}s/ghost"
    assert shop.refusal(lambda: shop.patch(path, CHANGES[what], version=1)) == (404, "not_found")


@pytest.mark.parametrize("etag", ["1", '"', '""', 'W/"1"', '"1", "2"', "*", '"x"', '"99999999999999999999"'])
def test_if_match_must_be_an_etag_as_it_was_read(shop: World, etag: str) -> None:
    change = {"name": "New Street"}
    refusal = shop.refusal(lambda: shop.call("PATCH", "/v1/stores/s1", change, If_Match=etag))
    assert refusal == (412, "version_conflict")


def test_a_change_of_nothing_writes_nothing(shop: World) -> None:
    before = shop.written()
    shop.call("PATCH", "/v1/stores/s2", {"name": "Main Street"}, If_Match='"1"')
    assert shop.written() == before


def test_a_customers_detail_is_removed_by_null(shop: World) -> None:
    path = made(shop, "customer")
    shop.patch(path, {"phone": None}, version=1)
    assert shop.read(path)["phone"] is None


def test_a_customers_detail_stays_where_it_is_not_named(shop: World) -> None:
    path = made(shop, "customer")
    shop.patch(path, {"phone": None}, version=1)
    assert shop.read(path)["name"] == "Han Meimei"


def test_a_products_currency_stays(shop: World) -> None:
    change = {"price": {"amount": 5, "currency": "EUR"}}
    assert shop.refusal(lambda: shop.patch("/v1/products/apple", change, version=1)) == (
        422,
        "invalid_command",
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/customers", {"birthday": "2026-02-30"}),
        ("/v1/customers", {"birthday": "--02-30"}),
        ("/v1/customers", {"birthday": "30.01.2026"}),
        ("/v1/customers", {"phone": "call me"}),
        ("/v1/customers", {"email": "nobody"}),
        ("/v1/products", product("odd", unit="box")),
        ("/v1/products", product("odd", tax_rate=10_001)),
        ("/v1/products", product("odd", price=cny(-1))),
        ("/v1/products", product("odd", price={"amount": 1, "currency": "cny"})),
        ("/v1/stores", {**STORE, "day_starts_at_min": 1440}),
    ],
)
def test_details_that_can_mean_nothing_are_refused(shop: World, path: str, body: dict[str, object]) -> None:
    assert shop.refusal(lambda: shop.post(path, body)) == (400, "invalid_request")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Asia", "../../etc/passwd", "x" * 200, "UTC "])
def test_a_time_zone_is_one_that_exists(shop: World, zone: str) -> None:
    body = {**STORE, "store_id": fresh("s"), "time_zone": zone}
    assert shop.refusal(lambda: shop.post("/v1/stores", body)) == (422, "invalid_command")


def test_an_employee_works_at_a_store_that_exists(shop: World) -> None:
    body = {"employee_id": fresh("e"), "store_id": "ghost", "name": "Li Lei"}
    assert shop.refusal(lambda: shop.post("/v1/employees", body)) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "field"),
    [("/v1/stores/s1", "name"), ("/v1/products/apple", "price"), ("/v1/employees/e1", "name")],
)
def test_null_is_no_change_but_an_error(shop: World, path: str, field: str) -> None:
    refusal = shop.refusal(lambda: shop.call("PATCH", path, {field: None}, If_Match='"1"'))
    assert refusal == (400, "invalid_request")
