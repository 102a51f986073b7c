"""Roles: what each may do at every route, in which stores; and those of a tenant's own."""

import pytest

from domain.access.record import RoleInStore
from infra.access.roles import BUILT_IN
from infra.api_keys import PEOPLE_SCOPES, SCOPES
from tests.docs.documents import GUIDE, table
from tests.support.api import World, basket, cny, complain, fresh, line, problem, sell
from tests.support.people import signed_in
from tests.support.routes import routes_of

DOCUMENTED = {role: permissions.split() for role, _, permissions in table(GUIDE / "access.md", "role")}
WRITES = frozenset(scope for scope in SCOPES | PEOPLE_SCOPES if not scope.endswith(":read"))


def test_the_documented_roles_are_the_built_in_ones() -> None:
    everything = sorted(SCOPES | PEOPLE_SCOPES)
    documented = {
        role: everything if permissions == ["everything"] else sorted(permissions)
        for role, permissions in DOCUMENTED.items()
    }
    # What everybody who signed in may do is no role's.
    built_in = {name: sorted(role.permissions) for name, role in BUILT_IN.items()}
    assert documented == built_in


def test_every_permission_is_in_a_role() -> None:
    given = frozenset(scope for role in BUILT_IN.values() for scope in role.permissions)
    assert given >= SCOPES | PEOPLE_SCOPES


def test_every_permission_of_a_role_is_one_that_there_is() -> None:
    given = frozenset(scope for role in BUILT_IN.values() for scope in role.permissions)
    assert given <= SCOPES | PEOPLE_SCOPES


def test_an_auditor_writes_nothing() -> None:
    assert BUILT_IN["auditor"].permissions & WRITES == frozenset()


def test_only_owners_manage_keys_and_people() -> None:
    managing = {"keys:write", "users:write", "customers:export", "customers:erase", "privacy:write"}
    assert {name for name, role in BUILT_IN.items() if role.permissions & managing} == {"owner"}


@pytest.mark.parametrize("role", BUILT_IN)
def test_a_role_opens_the_routes_of_its_permissions_and_no_others(shop: World, role: str) -> None:
    """Ids are left as they are in the address, so what is open answers 400 or 404 instead."""
    person = signed_in(shop, role)
    permitted = BUILT_IN[role].permissions | {"session:own"}
    wrong: list[str] = []
    for route in routes_of(shop.app):
        # Signing out would end the walk.
        if route.open or route.handler.operation_id == "signOut":
            continue
        answer = person.call(route.method, route.path)
        if (answer.status_code != 403) != (route.handler.opt["scope"] in permitted):
            wrong.append(f"{route.method} {route.path}: {answer.status_code}")
    assert wrong == []


# Stores.


def test_a_role_counts_in_its_store(shop: World) -> None:
    person = signed_in(shop, "cashier", store_id="s1")
    sold = [person.post(f"/v1/stores/{store}/sales", basket()).status_code for store in ("s1", "s2")]
    assert sold == [201, 403]


def test_somebody_may_be_one_thing_here_and_another_there(shop: World) -> None:
    held = [RoleInStore(role="cashier", store_id="s1"), RoleInStore(role="stock", store_id="s2")]
    person = signed_in(shop, held=held)
    sold = [person.post(f"/v1/stores/{store}/sales", basket()).status_code for store in ("s1", "s2")]
    waste = {"lines": [{"sku": "apple", "quantity": 1, "reason": "spoiled"}]}
    counted = [
        person.post(f"/v1/stores/{store}/stock/adjustments", {"lines": [{"sku": "apple", "quantity": 1}]})
        for store in ("s1", "s2")
    ]
    assert (sold, [answer.status_code for answer in counted]) == ([201, 403], [403, 201])
    assert problem(person.post("/v1/stores/s1/stock/waste", waste)) == (403, "forbidden")


def test_a_permission_in_one_store_is_none_for_what_all_stores_share(shop: World) -> None:
    person = signed_in(shop, "manager", store_id="s1")
    wish = {"name": "Pear"}
    assert shop.refusal(lambda: person.patch("/v1/products/apple", wish, version=1)) == (403, "forbidden")


def test_lists_hold_what_is_of_the_stores_in_which_one_may_read_it(shop: World) -> None:
    here, there = complain(shop, store_id="s1"), complain(shop, store_id="s2")
    shop.catch_up()
    held = [RoleInStore(role="service", store_id="s1"), RoleInStore(role="cashier", store_id="s2")]
    listed = signed_in(shop, held=held).get("/v1/complaints").text
    assert (here in listed, there in listed) == (True, False)


def test_the_till_s_own_price_is_a_permission_of_the_store(shop: World) -> None:
    held = [RoleInStore(role="cashier", store_id="s1")]
    role = fresh("till")
    permissions = ["sales:write"]
    assert shop.call("PUT", f"/v1/roles/{role}", {"permissions": permissions}).status_code == 200
    person = signed_in(shop, held=[*held, RoleInStore(role=role, store_id="s2")])
    bruised = {**line(), "unit_price": cny(950), "price_reason": "bruised"}
    sold = [person.post(f"/v1/stores/{store}/sales", basket(bruised)).status_code for store in ("s1", "s2")]
    assert sold == [201, 403]


def test_a_sale_elsewhere_is_not_read_by_guessing_its_id(shop: World) -> None:
    sale_id = sell(shop, store_id="s2")["sale_id"]
    person = signed_in(shop, "cashier", store_id="s1")
    assert problem(person.get(f"/v1/sales/{sale_id}")) == (403, "forbidden")


# Roles of the tenant's own.


def test_a_tenant_makes_roles_of_its_own(shop: World) -> None:
    role = fresh("night")
    assert shop.call("PUT", f"/v1/roles/{role}", {"permissions": ["stores:read"]}).status_code == 200
    person = signed_in(shop, role)
    statuses = [person.get(path).status_code for path in ("/v1/stores/s1", "/v1/products/apple")]
    assert statuses == [200, 403]


def test_a_role_s_change_counts_for_those_who_have_it(shop: World) -> None:
    role = fresh("night")
    path = f"/v1/roles/{role}"
    shop.call("PUT", path, {"permissions": ["stores:read"]})
    person = signed_in(shop, role)
    assert person.get("/v1/stores/s1").status_code == 200
    shop.call("PUT", path, {"permissions": ["products:read"]})
    assert person.get("/v1/stores/s1").status_code == 403


def test_a_built_in_role_keeps_its_permissions(shop: World) -> None:
    answer = shop.call("PUT", "/v1/roles/cashier", {"permissions": ["keys:write"]})
    assert problem(answer) == (400, "invalid_request")


def test_a_role_is_of_its_tenant(shop: World) -> None:
    role = fresh("night")
    shop.call("PUT", f"/v1/roles/{role}", {"permissions": ["stores:read"]})
    names = {found["role"] for found in shop.neighbour().read("/v1/roles")["data"]}
    assert names == set(BUILT_IN)


@pytest.mark.parametrize("name", ["Owner", "9lives", "a.b", "a-b"])
def test_a_role_is_named_in_small_letters(shop: World, name: str) -> None:
    body = {"permissions": ["stores:read"]}
    assert shop.refusal(lambda: shop.call("PUT", f"/v1/roles/{name}", body)) == (400, "invalid_request")


def test_defining_a_role_is_recorded(shop: World) -> None:
    role = fresh("night")
    shop.call("PUT", f"/v1/roles/{role}", {"permissions": ["stores:read"], "limits": {"discount": 5}})
    (entry,) = shop.read(f"/v1/streams/access-role.{role}/events")["data"]
    assert entry["data"] == {"role": role, "permissions": ["stores:read"], "limits": {"discount_bp": 5}}
