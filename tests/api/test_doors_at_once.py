"""Changes of the doors that meet one another, or a crash: one counts, and each that counts is recorded."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.api import Caller, Json, World, fresh, problem

AT_ONCE = 8
KEYS_NAMED = "SELECT key_id FROM daybook.api_keys WHERE name = %s"
ISSUED = "SELECT count(*) FROM history WHERE type = 'access.key_issued.v1'"


def at_once(callers: Sequence[Caller], ask: Callable[[Caller], httpx.Response]) -> Counter[int]:
    """How often each status was answered to callers of two processes who ask together."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(ask, callers[number % len(callers)]) for number in range(AT_ONCE)]
        return Counter(answer.result().status_code for answer in asked)


def test_of_many_who_replace_a_key_one_does(shop: World) -> None:
    name = fresh("raced")
    key_id = shop.made("/v1/keys", {"name": name, "scopes": ["stores:read"]})["key_id"]
    with shop.restarted() as other:
        statuses = at_once((shop, other), lambda caller: caller.post(f"/v1/keys/{key_id}/rotation", {}))
    assert statuses == {201: 1, 409: AT_ONCE - 1}
    assert len(shop.query(KEYS_NAMED, name)) == 2


def test_of_many_who_add_a_person_of_one_name_one_does(shop: World) -> None:
    body: Json = {"sign_in_name": fresh("raced"), "roles": []}
    with shop.restarted() as other:
        statuses = at_once((shop, other), lambda caller: caller.post("/v1/users", body))
    assert statuses == {201: 1, 409: AT_ONCE - 1}


def test_of_many_who_change_a_person_upon_one_version_one_does(shop: World) -> None:
    user_id = shop.made("/v1/users", {"sign_in_name": fresh("raced"), "roles": []})["user_id"]
    path = f"/v1/users/{user_id}"
    with shop.restarted() as other:
        statuses = at_once((shop, other), lambda caller: caller.patch(path, {"disabled": True}, version=1))
    assert statuses == {200: 1, 412: AT_ONCE - 1}
    assert len(shop.read(f"/v1/streams/access-{user_id}/events")["data"]) == 2


def test_a_change_that_fails_after_its_record_does_not_count(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record of what did not happen may be; never a key without a record."""

    async def crash(_connection: object) -> None:
        raise RuntimeError("the process ends here")

    name, before = fresh("crashed"), shop.query(ISSUED)[0][0]
    body = {"name": name, "scopes": ["stores:read"]}
    monkeypatch.setattr("infra.access.changes.tell", crash)
    assert problem(shop.post("/v1/keys", body)) == (500, "internal_error")
    assert (shop.query(KEYS_NAMED, name), shop.query(ISSUED)[0][0]) == ([], before + 1)


def test_a_change_whose_record_fails_does_not_count(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_given: object) -> None:
        raise RuntimeError("the journal takes nothing")

    name = fresh("unrecorded")
    monkeypatch.setattr("infra.tenancy.Tenant.submit", fail)
    assert problem(shop.post("/v1/keys", {"name": name, "scopes": ["*"]})) == (500, "internal_error")
    assert shop.query(KEYS_NAMED, name) == []
