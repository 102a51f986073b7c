"""API keys over their life: made, used, replaced, revoked; never more than whoever makes them has."""

import pytest

from domain.access.limits import GivenLimits
from infra.api_keys import PEOPLE_SCOPES
from tests.api.test_doors import answer_to
from tests.support.api import Caller, World, cny, fresh, product
from tests.support.command_line import wait_until
from tests.support.people import signed_in

EXPIRE = "UPDATE daybook.api_keys SET expires_at = now() - interval '1 second' WHERE key_id = %s"
REVOKE = "UPDATE daybook.api_keys SET revoked_at = now() WHERE key_id = %s"
CHANGES = """
SELECT type
FROM history
WHERE stream = 'access-' || %s
ORDER BY version
"""


def made(caller: Caller, **fields: object) -> dict[str, str]:
    """A new key as its maker was told."""
    return caller.made("/v1/keys", {"name": fresh("key"), "scopes": ["stores:read"], **fields})


def is_open(world: World, key: str) -> bool:
    return world.stranger(key).get("/v1/stores/s1").status_code == 200


def test_a_new_key_opens_what_it_was_made_for(shop: World) -> None:
    caller = shop.stranger(made(shop, stores=["s1"])["key"])
    answers = [caller.get(f"/v1/stores/{store}").status_code for store in ("s1", "s2")]
    assert (answers, caller.get("/v1/sales/x").status_code) == ([200, 403], 403)


def test_a_key_is_told_once(shop: World) -> None:
    key = made(shop)
    listed = shop.get("/v1/keys").text
    assert (key["key_id"] in listed, key["key"] in listed) == (True, False)
    assert key["key"].split("_")[2] not in shop.everything_stored()


def test_making_a_key_is_recorded(shop: World) -> None:
    key_id = made(shop, stores=["s1"])["key_id"]
    (entry,) = shop.read(f"/v1/streams/access-{key_id}/events")["data"]
    assert entry["type"] == "access.key_issued.v1"
    assert entry["data"] == {"key_id": key_id, "scopes": ["stores:read"], "stores": ["s1"]}
    assert entry["actor"] == f"key:{shop.key.split('_')[1]}"


def test_a_key_that_ends_is_good_until_then(shop: World) -> None:
    key = made(shop, expires_at="2100-01-01T00:00:00Z")
    before = is_open(shop, key["key"])
    shop.query(EXPIRE, key["key_id"])
    shop.app.state.doorkeeper.forget_all()
    assert (before, is_open(shop, key["key"])) == (True, False)


def test_a_key_that_is_over_already_is_not_made(shop: World) -> None:
    body = {"name": "k", "scopes": ["stores:read"], "expires_at": "2020-01-01T00:00:00Z"}
    assert shop.refusal(lambda: shop.post("/v1/keys", body)) == (422, "invalid_command")


@pytest.mark.parametrize("scope", ["sales:wirte", "", *sorted(PEOPLE_SCOPES)])
def test_a_key_has_no_scope_that_keys_can_not_have(shop: World, scope: str) -> None:
    body = {"name": "k", "scopes": [scope]}
    assert shop.refusal(lambda: shop.post("/v1/keys", body)) == (422, "scope_unknown")


@pytest.mark.parametrize("scopes", [["stores:write"], ["*"], ["keys:write", "sales:read"]])
def test_nobody_gives_a_key_what_they_lack(shop: World, scopes: list[str]) -> None:
    caller = shop.caller("keys:write", "stores:read")
    body = {"name": "k", "scopes": scopes}
    assert shop.refusal(lambda: caller.post("/v1/keys", body)) == (403, "forbidden")


def test_who_has_a_limit_makes_no_key_that_has_none(shop: World) -> None:
    person = signed_in(shop, "owner", limits=GivenLimits(refund_minor={"CNY": 1000}))
    body = {"name": "k", "scopes": ["sales:write"]}
    assert shop.refusal(lambda: person.post("/v1/keys", body)) == (403, "forbidden")
    assert made(person, scopes=["sales:read"])["scopes"] == ["sales:read"]


def test_nobody_takes_over_a_stronger_key_by_replacing_it(shop: World) -> None:
    strong = made(shop, scopes=["*"])["key_id"]
    caller = shop.caller("keys:write")
    assert shop.refusal(lambda: caller.post(f"/v1/keys/{strong}/rotation", {})) == (403, "forbidden")


def test_who_has_keys_of_one_store_only_does_not_manage_the_tenants(shop: World) -> None:
    caller = shop.caller("keys:write", "keys:read", stores=["s1"])
    body = {"name": "k", "scopes": ["keys:read"], "stores": ["s1"]}
    assert shop.refusal(lambda: caller.post("/v1/keys", body)) == (403, "forbidden")
    assert shop.refusal(lambda: caller.get("/v1/keys")) == (403, "forbidden")


# Replacing.


def test_a_replaced_key_and_its_successor_both_work_for_a_while(shop: World) -> None:
    old = made(shop, stores=["s1"])
    new = shop.made(f"/v1/keys/{old['key_id']}/rotation", {})
    kept = ("name", "scopes", "stores")
    assert [new[field] for field in kept] == [old[field] for field in kept]
    assert (new["successor_of"], is_open(shop, old["key"]), is_open(shop, new["key"])) == (
        old["key_id"],
        True,
        True,
    )


def test_kept_for_no_time_the_old_key_ends_at_once(shop: World) -> None:
    old = made(shop)
    assert is_open(shop, old["key"])
    new = shop.made(f"/v1/keys/{old['key_id']}/rotation", {"keep_s": 0})
    assert (is_open(shop, old["key"]), is_open(shop, new["key"])) == (False, True)


def test_of_a_line_of_keys_two_work_at_most(shop: World) -> None:
    old = made(shop)
    path = f"/v1/keys/{old['key_id']}/rotation"
    new = shop.made(path, {})
    assert shop.refusal(lambda: shop.post(path, {})) == (409, "key_being_replaced")
    assert shop.refusal(lambda: shop.post(f"/v1/keys/{new['key_id']}/rotation", {})) == (
        409,
        "key_being_replaced",
    )


def test_when_the_old_one_is_revoked_the_successor_can_be_replaced(shop: World) -> None:
    old = made(shop)
    new = shop.made(f"/v1/keys/{old['key_id']}/rotation", {})
    shop.made(f"/v1/keys/{old['key_id']}/revocation", {})
    assert shop.post(f"/v1/keys/{new['key_id']}/rotation", {}).status_code == 201


def test_both_sides_of_a_replacement_are_recorded(shop: World) -> None:
    old = made(shop)
    new = shop.made(f"/v1/keys/{old['key_id']}/rotation", {})
    changes = [[type_ for (type_,) in shop.query(CHANGES, key["key_id"])] for key in (old, new)]
    assert changes == [["access.key_issued.v1", "access.key_ended.v1"], ["access.key_issued.v1"]]


def test_a_key_that_has_ended_is_not_replaced(shop: World) -> None:
    key_id = made(shop)["key_id"]
    shop.made(f"/v1/keys/{key_id}/revocation", {})
    assert shop.refusal(lambda: shop.post(f"/v1/keys/{key_id}/rotation", {})) == (404, "not_found")


# Revoking.


def test_a_revoked_key_opens_nothing_in_the_process_that_revoked_it(shop: World) -> None:
    key = made(shop)
    assert is_open(shop, key["key"])
    shop.made(f"/v1/keys/{key['key_id']}/revocation", {})
    assert answer_to(shop, f"Bearer {key['key']}".encode()) == (401, "unauthenticated")


def test_other_processes_are_told_and_forget_it_too(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two share nothing but the database, and by itself neither would forget for a day."""
    monkeypatch.setattr("api.auth.REMEMBERED_S", 86_400.0)
    key = made(shop)
    assert is_open(shop, key["key"])
    with shop.restarted() as other:
        other.made(f"/v1/keys/{key['key_id']}/revocation", {})
    wait_until(lambda: not is_open(shop, key["key"]))


def test_what_was_used_is_noted_in_bulk(new_shop: World) -> None:
    key = made(new_shop)
    assert is_open(new_shop, key["key"])
    with new_shop.restarted() as other:
        stranger = Caller(other.app, other.client, key["key"])
        assert stranger.get("/v1/stores/s1").status_code == 200
        assert last_used(new_shop, key["key_id"]) is None
    assert last_used(new_shop, key["key_id"]) is not None


def last_used(world: World, key_id: str) -> object:
    return {key["key_id"]: key["last_used_at"] for key in world.read("/v1/keys")["data"]}[key_id]


# What concerns every store.


def test_a_key_of_one_store_writes_nothing_that_all_stores_share(shop: World) -> None:
    here = shop.caller(stores=["s1"])
    coupons = {"name": "N", "amount_off": cny(1), "valid_from": "2026-01-01T00:00:00Z"}
    coupons["valid_until"] = "2027-01-01T00:00:00Z"
    answers = {
        shop.refusal(lambda: here.post("/v1/products", product("pear"))),
        shop.refusal(lambda: here.patch("/v1/products/apple", {"name": "Pear"}, version=1)),
        shop.refusal(lambda: here.post("/v1/coupon-campaigns", coupons)),
        shop.refusal(lambda: here.post("/v1/coupon-campaigns/ten/coupons", {})),
    }
    assert answers == {(403, "forbidden")}


def test_customers_are_of_all_stores_and_any_till_makes_them_known(shop: World) -> None:
    here = shop.caller("customers:write", stores=["s1"])
    assert here.post("/v1/customers", {"name": "Han"}).status_code == 201


def test_a_key_that_may_do_everything_is_still_no_person(shop: World) -> None:
    approval = {"operation": "discount", "store_id": "s1", "target": "x1", "up_to": 500}
    answers = {
        shop.refusal(lambda: shop.get("/v1/sessions/current")),
        shop.refusal(lambda: shop.post("/v1/approvals", approval)),
    }
    assert answers == {(403, "forbidden")}


def test_a_person_who_may_everything_makes_a_key_for_everything(shop: World) -> None:
    assert made(signed_in(shop, "owner"), scopes=["*"])["scopes"] == ["*"]


# Keys that end, and those that they make.

SOON = "2099-01-01T00:00:00Z"
SOONER = "2098-01-01T00:00:00Z"
LATER = "2100-01-01T00:00:00Z"


def ending(shop: World, expires_at: str = SOON) -> tuple[str, Caller]:
    """A key that makes keys until then."""
    key = made(shop, scopes=["keys:write", "stores:read"], expires_at=expires_at)
    return key["key_id"], shop.stranger(key["key"])


def test_a_key_that_ends_makes_keys_that_end_with_it(shop: World) -> None:
    _, caller = ending(shop)
    assert made(caller)["expires_at"] == SOON
    assert made(caller, expires_at=SOONER)["expires_at"] == SOONER


def test_a_key_that_ends_makes_none_that_goes_on(shop: World) -> None:
    _, caller = ending(shop)
    body = {"name": "later", "scopes": ["stores:read"], "expires_at": LATER}
    assert shop.refusal(lambda: caller.post("/v1/keys", body)) == (403, "key_outlives_maker")


@pytest.mark.parametrize("end", [None, LATER])
def test_a_key_that_ends_replaces_none_that_goes_on(shop: World, end: str | None) -> None:
    _, caller = ending(shop)
    other = made(shop, expires_at=end)["key_id"]
    answer = shop.refusal(lambda: caller.post(f"/v1/keys/{other}/rotation", {}))
    assert answer == (403, "key_outlives_maker")


def test_a_key_that_replaces_itself_ends_when_it_would_have(shop: World) -> None:
    key_id, caller = ending(shop)
    assert caller.made(f"/v1/keys/{key_id}/rotation", {})["expires_at"] == SOON
