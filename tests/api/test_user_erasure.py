"""Who signs in can be forgotten: no name, no session, no key of theirs is left, whatever was interrupted."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from infra.access import people
from tests.support.api import Caller, World, fresh, problem
from tests.support.people import PASSWORD, PersonAtWork, signed_in
from workers.jobs.people import look_after_people

OWNER = {"role": "owner", "store_id": "*"}
TYPES = "SELECT topic FROM stored_events WHERE originator_id = %s ORDER BY originator_version"
RAISED = "SELECT count(*) FROM daybook.sign_in_attempts"


def erase(shop: Caller, user_id: str) -> None:
    shop.made(f"/v1/users/{user_id}/erasure", {"reason": "left"})


def sign_in(shop: World, name: str, password: str = PASSWORD) -> tuple[int, str]:
    body = {"tenant": shop.tenant.name, "sign_in_name": name, "password": password}
    return problem(shop.stranger().call("POST", "/v1/sessions", body))


def employed(shop: World, *roles: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """An employee, and the person who signs in as them."""
    employee = {"employee_id": fresh("e"), "store_id": "s1", "name": "Li"}
    employee_id = shop.made("/v1/employees", employee)["employee_id"]
    user = {"sign_in_name": fresh("employed"), "roles": list(roles), "employee_id": employee_id}
    return employee_id, shop.made("/v1/users", user)


def test_no_table_holds_the_name_of_who_was_erased(shop: World) -> None:
    person = signed_in(shop, "cashier")
    shop.refusal(lambda: shop.stranger().call("POST", "/v1/sessions", None))
    assert person.sign_in_name in shop.everything_stored()
    erase(shop, person.user_id)
    assert person.sign_in_name not in shop.everything_stored()


def test_not_even_a_hash_of_the_name_is_left_of_attempts_to_sign_in(new_shop: World) -> None:
    person = signed_in(new_shop, "cashier")
    assert sign_in(new_shop, person.sign_in_name, "wrong password")[0] == 401
    before = new_shop.query(RAISED)
    erase(new_shop, person.user_id)
    assert (before, new_shop.query(RAISED)) == ([(2,)], [(1,)])


def test_who_was_erased_is_out_and_does_not_come_in_again(shop: World) -> None:
    person = signed_in(shop, "cashier")
    erase(shop, person.user_id)
    assert person.get("/v1/sessions/current").status_code == 401
    assert sign_in(shop, person.sign_in_name)[0] == 401
    assert sign_in(shop, person.user_id)[0] == 401
    assert sign_in(shop, person.user_id, "!")[0] == 401


def test_what_is_left_is_the_id(shop: World) -> None:
    person = signed_in(shop, "cashier")
    erase(shop, person.user_id)
    told = shop.read(f"/v1/users/{person.user_id}")
    assert (told["sign_in_name"], told["disabled"], told["roles"]) == (person.user_id, True, [])
    assert told["erased_at"] is not None


def test_who_was_erased_is_not_brought_back(shop: World) -> None:
    person = signed_in(shop, "cashier")
    erase(shop, person.user_id)
    path = f"/v1/users/{person.user_id}"
    assert problem(shop.patch(path, {"disabled": False}, version=1)) == (410, "erased")
    assert problem(shop.patch(path, {"reset_password": True}, version=1)) == (410, "erased")


def test_the_erasure_is_recorded_once_and_without_the_name(shop: World) -> None:
    person = signed_in(shop, "cashier")
    erase(shop, person.user_id)
    erase(shop, person.user_id)
    recorded = shop.get(f"/v1/streams/access-{person.user_id}/events")
    assert [entry["type"] for entry in recorded.json()["data"]] == ["access.user_erased.v1"]
    assert person.sign_in_name not in recorded.text


def test_a_name_that_was_erased_is_free_again(shop: World) -> None:
    person = signed_in(shop, "cashier")
    erase(shop, person.user_id)
    shop.made("/v1/users", {"sign_in_name": person.sign_in_name, "roles": []})


def test_nobody_signs_in_by_the_id_of_another(shop: World) -> None:
    person = signed_in(shop, "cashier")
    body: dict[str, Any] = {"sign_in_name": person.user_id, "roles": []}
    assert shop.refusal(lambda: shop.post("/v1/users", body)) == (409, "already_exists")


def test_somebody_who_is_not_known_is_not_erased(shop: World) -> None:
    assert problem(shop.post("/v1/users/nobody/erasure", {})) == (404, "not_found")


def test_nobody_erases_somebody_who_may_do_more_than_they(shop: World) -> None:
    owner = signed_in(shop, "owner")
    manager = shop.caller("users:write")
    answer = shop.refusal(lambda: manager.post(f"/v1/users/{owner.user_id}/erasure", {}))
    assert answer == (403, "forbidden")


@pytest.mark.parametrize("wish", [{"disabled": True}, {"roles": []}, None])
def test_the_last_owner_stays(new_shop: World, wish: dict[str, object] | None) -> None:
    owner = signed_in(new_shop, "owner")
    path = f"/v1/users/{owner.user_id}"

    def leave() -> Any:
        return new_shop.post(f"{path}/erasure", {}) if wish is None else new_shop.patch(path, wish, version=0)

    assert new_shop.refusal(leave) == (409, "last_owner")
    assert owner.get("/v1/sessions/current").status_code == 200
    signed_in(new_shop, "owner")
    assert leave().status_code in {200, 201}


# --- with the employee --------------------------------------------------------------------------------


def test_who_signs_in_as_an_employee_is_erased_with_them(shop: World) -> None:
    employee_id, user = employed(shop)
    shop.made(f"/v1/employees/{employee_id}/erasure", {"reason": "left"})
    assert user["sign_in_name"] not in shop.everything_stored()
    told = shop.read(f"/v1/users/{user['user_id']}")
    assert (told["sign_in_name"], told["employee_id"]) == (user["user_id"], employee_id)


def test_somebody_becomes_an_employee_later(shop: World) -> None:
    employee_id, _ = employed(shop)
    person = signed_in(shop, "cashier")
    path = f"/v1/users/{person.user_id}"
    assert shop.patch(path, {"employee_id": employee_id}, version=0).json()["employee_id"] == employee_id
    shop.made(f"/v1/employees/{employee_id}/erasure", {})
    assert person.get("/v1/sessions/current").status_code == 401


def test_nobody_is_an_employee_whom_there_is_not(shop: World) -> None:
    body: dict[str, Any] = {"sign_in_name": fresh("user"), "roles": [], "employee_id": "nobody"}
    assert shop.refusal(lambda: shop.post("/v1/users", body)) == (404, "not_found")
    employee_id, _ = employed(shop)
    shop.made(f"/v1/employees/{employee_id}/erasure", {})
    assert shop.refusal(lambda: shop.post("/v1/users", {**body, "employee_id": employee_id})) == (
        410,
        "erased",
    )


def test_who_may_erase_employees_only_erases_nobody_who_signs_in(shop: World) -> None:
    employee_id, _ = employed(shop)
    caller = shop.caller("employees:erase")
    answer = shop.refusal(lambda: caller.post(f"/v1/employees/{employee_id}/erasure", {}))
    assert answer == (403, "forbidden")


def test_the_last_owner_is_not_erased_as_an_employee(new_shop: World) -> None:
    employee_id, _ = employed(new_shop, OWNER)
    answer = new_shop.refusal(lambda: new_shop.post(f"/v1/employees/{employee_id}/erasure", {}))
    assert answer == (409, "last_owner")


def test_of_two_owners_who_are_erased_as_employees_at_once_one_stays(new_shop: World) -> None:
    first, _ = employed(new_shop, OWNER)
    second, _ = employed(new_shop, OWNER)

    def leave(employee_id: str) -> int:
        return new_shop.post(f"/v1/employees/{employee_id}/erasure", {}).status_code

    with ThreadPoolExecutor(2) as callers:
        assert sorted(callers.map(leave, (first, second))) == [201, 409]


def test_an_owner_whose_erasure_is_decided_and_not_carried_out_is_none_any_more(
    new_shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the last one could leave after them, and the nightly run would carry out both."""
    first, _ = employed(new_shop, OWNER)
    second, user = employed(new_shop, OWNER)
    interrupt(new_shop, first, monkeypatch)

    def leave() -> Any:
        return new_shop.post(f"/v1/employees/{second}/erasure", {})

    def be_disabled() -> Any:
        return new_shop.patch(f"/v1/users/{user['user_id']}", {"disabled": True}, version=1)

    assert new_shop.refusal(leave) == (409, "last_owner")
    assert new_shop.refusal(be_disabled) == (409, "last_owner")
    new_shop.made(f"/v1/employees/{first}/erasure", {})


def test_nobody_becomes_an_employee_who_is_erased_meanwhile(
    new_shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look and the change."""
    employee_id, _ = employed(new_shop)
    person = signed_in(new_shop, "cashier")
    lock = people.lock_people

    async def after_the_erasure(connection: Any, tenant: str) -> None:
        monkeypatch.setattr(people, "lock_people", lock)
        await asyncio.to_thread(new_shop.made, f"/v1/employees/{employee_id}/erasure", {})
        await lock(connection, tenant)

    monkeypatch.setattr(people, "lock_people", after_the_erasure)
    change = {"employee_id": employee_id}
    assert problem(new_shop.patch(f"/v1/users/{person.user_id}", change, version=0)) == (410, "erased")


def test_a_legal_hold_of_an_employee_forbids_to_forget_who_signs_in_as_them_too(shop: World) -> None:
    employee_id, user = employed(shop)
    shop.made(f"/v1/employees/{employee_id}/hold", {"reason": "lawsuit"})
    assert shop.read(f"/v1/employees/{employee_id}")["holds"] == ["lawsuit"]
    for path in (f"/v1/employees/{employee_id}/erasure", f"/v1/users/{user['user_id']}/erasure"):
        assert shop.refusal(lambda path=path: shop.post(path, {})) == (409, "legal_hold")
    assert shop.read(f"/v1/users/{user['user_id']}")["sign_in_name"] == user["sign_in_name"]
    shop.made(f"/v1/employees/{employee_id}/release", {"reason": "lawsuit"})
    erase(shop, user["user_id"])
    shop.made(f"/v1/employees/{employee_id}/erasure", {})


# --- interrupted --------------------------------------------------------------------------------------


def interrupt(shop: World, employee_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has an employee's erasure recorded, and the process die before the person's doors are closed."""

    async def die(*_given: object, **_named: object) -> bool:
        raise psycopg.OperationalError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(people, "erase_user", die)
        assert shop.post(f"/v1/employees/{employee_id}/erasure", {}).status_code == 503


@pytest.fixture
def interrupted(new_shop: World, monkeypatch: pytest.MonkeyPatch) -> tuple[World, str, dict[str, Any]]:
    """The employee's erasure is recorded, and the process died before the person's doors were closed."""
    employee_id, user = employed(new_shop)
    interrupt(new_shop, employee_id, monkeypatch)
    assert user["sign_in_name"] in new_shop.everything_stored()
    return new_shop, employee_id, user


def test_an_interrupted_erasure_is_finished_by_its_repeat(
    interrupted: tuple[World, str, dict[str, Any]],
) -> None:
    shop, employee_id, user = interrupted
    shop.made(f"/v1/employees/{employee_id}/erasure", {})
    assert user["sign_in_name"] not in shop.everything_stored()


def test_an_interrupted_erasure_is_finished_by_the_nightly_run(
    interrupted: tuple[World, str, dict[str, Any]],
) -> None:
    shop, _, user = interrupted
    for _ in range(2):
        asyncio.run(look_after_people(shop.settings))
    assert user["sign_in_name"] not in shop.everything_stored()
    assert shop.query(TYPES, f"access-{user['user_id']}") == [
        ("access.user_added.v1",),
        ("access.user_erased.v1",),
    ]


def test_an_erasure_that_was_recorded_and_not_carried_out_is_finished_by_the_nightly_run(
    new_shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = signed_in(new_shop, "cashier")

    async def die(*_given: object, **_named: object) -> None:
        raise psycopg.OperationalError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(people, "note_forgotten", die)
        assert new_shop.post(f"/v1/users/{person.user_id}/erasure", {}).status_code == 503
    assert person.sign_in_name in new_shop.everything_stored()
    asyncio.run(look_after_people(new_shop.settings))
    assert person.sign_in_name not in new_shop.everything_stored()
    assert new_shop.query(TYPES, f"access-{person.user_id}") == [("access.user_erased.v1",)]


# --- keys, and who reads names -----------------------------------------------------------------------


def key_of(caller: Caller, **fields: object) -> dict[str, Any]:
    return caller.made("/v1/keys", {"name": fresh("key"), "scopes": ["*"], **fields})


def opens(shop: World, key: dict[str, Any]) -> bool:
    return shop.stranger(key["key"]).get("/v1/stores/s1").status_code == 200


def test_a_key_tells_who_made_it(shop: World) -> None:
    owner = signed_in(shop, "owner")
    key = key_of(owner)
    assert key["created_by"] == f"person:{owner.user_id}"
    child = key_of(shop.stranger(key["key"]))
    assert child["created_by"] == f"key:{key['key_id']}"


def test_keys_of_somebody_who_is_disabled_open_nothing_meanwhile(shop: World) -> None:
    owner = _second_owner(shop)
    key = key_of(owner)
    child = key_of(shop.stranger(key["key"]))
    assert (opens(shop, key), opens(shop, child)) == (True, True)
    path = f"/v1/users/{owner.user_id}"
    version = 0
    assert shop.patch(path, {"disabled": True}, version=version).status_code == 200
    assert (opens(shop, key), opens(shop, child)) == (False, False)
    live = {listed["key_id"]: listed["live"] for listed in shop.read("/v1/keys")["data"]}
    assert (live[key["key_id"]], live[child["key_id"]]) == (False, False)
    assert shop.patch(path, {"disabled": False}, version=version + 1).status_code == 200
    assert (opens(shop, key), opens(shop, child)) == (True, True)


def test_keys_of_somebody_who_was_erased_have_ended(shop: World) -> None:
    owner = _second_owner(shop)
    key = key_of(owner)
    child = key_of(shop.stranger(key["key"]))
    erase(shop, owner.user_id)
    assert (opens(shop, key), opens(shop, child)) == (False, False)
    for made in (key, child):
        entries = shop.read(f"/v1/streams/access-{made['key_id']}/events")["data"]
        assert [entry["type"] for entry in entries] == ["access.key_issued.v1", "access.key_ended.v1"]


def test_a_key_that_another_replaced_goes_on_when_its_first_maker_is_erased(shop: World) -> None:
    owner = _second_owner(shop)
    key = key_of(owner)
    successor = shop.made(f"/v1/keys/{key['key_id']}/rotation", {})
    erase(shop, owner.user_id)
    assert (opens(shop, key), opens(shop, successor)) == (False, True)


def _second_owner(shop: World) -> PersonAtWork:
    signed_in(shop, "owner")
    return signed_in(shop, "owner")


@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/{user_id}"])
def test_who_read_the_names_of_people_is_on_record(shop: World, path: str) -> None:
    person = signed_in(shop, "cashier")
    shop.get(path.format(user_id=person.user_id), Daybook_Purpose="payroll")
    access = shop.read(f"/v1/audit/accesses?limit=1&subject=user-{person.user_id}")["data"][0]
    assert (access["operation"], access["purpose"]) == (
        "getUser" if "{" in path else "listUsers",
        "payroll",
    )
