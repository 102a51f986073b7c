"""People: they sign in with a password, have a session until it ends, and are told apart from keys."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from infra.access.attempts import FREE_OF_NAME
from tests.support.api import Caller, Json, World, fresh, problem, sell
from tests.support.people import PASSWORD, PersonAtWork, signed_in

NEW_PASSWORD = "another horse battery"
CASHIER = {"role": "cashier", "store_id": "*"}
WAIT_IS_OVER = "UPDATE daybook.sign_in_attempts SET blocked_until = now()"
CALM = "DELETE FROM daybook.sign_in_attempts"
IDLE = "UPDATE daybook.sessions SET used_at = now() - interval '31 minutes' WHERE user_id = %s"
ALMOST_IDLE = "UPDATE daybook.sessions SET used_at = now() - interval '29 minutes' WHERE user_id = %s"
OVER = "UPDATE daybook.sessions SET expires_at = now() WHERE user_id = %s"
OF_USER = "SELECT count(*) FROM daybook.sessions WHERE user_id = %s"


@pytest.fixture(autouse=True)
def calm(shop: World) -> None:
    """Nobody tried to sign in before."""
    shop.query(CALM)


def added(shop: Caller, *roles: dict[str, str], **fields: object) -> dict[str, str]:
    """A new person as the owner was told."""
    return shop.made("/v1/users", {"sign_in_name": fresh("user"), "roles": list(roles), **fields})


def sign_in(shop: World, name: str, password: str, tenant: str = "shop") -> httpx.Response:
    body = {"tenant": tenant, "sign_in_name": name, "password": password}
    return shop.stranger().call("POST", "/v1/sessions", body)


def session_of(shop: World, name: str, password: str) -> Caller:
    """Somebody who signed in through the API."""
    response = sign_in(shop, name, password)
    assert response.status_code == 201, response.text
    return shop.stranger(response.json()["token"])


def change(caller: Caller, old: str, new: str) -> httpx.Response:
    return caller.call("PUT", "/v1/users/me/password", {"current_password": old, "new_password": new})


def closed(caller: Caller) -> bool:
    """Whether the session is over."""
    return caller.get("/v1/sessions/current").status_code == 401


# The first password.


def test_a_new_person_chooses_a_password_and_then_gets_to_work(shop: World) -> None:
    user = added(shop, CASHIER)
    first = session_of(shop, user["sign_in_name"], user["one_time_password"])
    assert problem(first.get("/v1/stores/s1")) == (403, "password_change_required")
    assert change(first, user["one_time_password"], NEW_PASSWORD).status_code == 200
    assert closed(first)
    assert session_of(shop, user["sign_in_name"], NEW_PASSWORD).get("/v1/stores/s1").status_code == 200


def test_the_first_password_is_told_once(shop: World) -> None:
    user = added(shop, CASHIER)
    assert user["one_time_password"] not in shop.get(f"/v1/users/{user['user_id']}").text
    assert user["one_time_password"] not in shop.everything_stored()


def test_a_sign_in_name_is_taken_once_whatever_its_case(shop: World) -> None:
    name = added(shop)["sign_in_name"]
    body: Json = {"sign_in_name": name.upper(), "roles": []}
    assert shop.refusal(lambda: shop.post("/v1/users", body)) == (409, "already_exists")


def test_a_person_without_a_role_may_do_nothing_but_mind_their_own(shop: World) -> None:
    nobody = signed_in(shop)
    assert (nobody.get("/v1/stores/s1").status_code, nobody.get("/v1/sessions/current").status_code) == (
        403,
        200,
    )


@pytest.mark.parametrize("password", ["short", "x" * 11, "a" * 12, "password1234", "PASSWORD1234"])
def test_a_password_is_long_and_hard_to_guess(shop: World, password: str) -> None:
    person = signed_in(shop)
    assert problem(change(person, PASSWORD, password)) == (422, "password_unfit")


def test_a_password_is_not_the_name(shop: World) -> None:
    name = added(shop, sign_in_name=fresh("somebody.with.a.long.name"))
    person = session_of(shop, name["sign_in_name"], name["one_time_password"])
    answer = change(person, name["one_time_password"], name["sign_in_name"].upper())
    assert problem(answer) == (422, "password_unfit")


@pytest.mark.parametrize("password", ["    four    words    ", "苹果香蕉梨桃" * 2, "0000111122223"])
def test_of_what_characters_it_is_made_is_everybodys_own(shop: World, password: str) -> None:
    person = signed_in(shop)
    assert change(person, PASSWORD, password).status_code == 200
    assert sign_in(shop, person.sign_in_name, password).status_code == 201


def test_to_change_it_one_must_know_it(shop: World) -> None:
    person = signed_in(shop)
    assert shop.refusal(lambda: change(person, "not the password", NEW_PASSWORD)) == (401, "sign_in_refused")


# Signing in.


def test_whatever_is_wrong_the_answer_is_the_same(shop: World) -> None:
    person = signed_in(shop)
    disabled = added(shop)
    shop.patch(f"/v1/users/{disabled['user_id']}", {"disabled": True}, version=1)
    answers = [
        sign_in(shop, person.sign_in_name, "wrong password"),
        sign_in(shop, "nobody", PASSWORD),
        sign_in(shop, person.sign_in_name, PASSWORD, tenant="nowhere"),
        sign_in(shop, disabled["sign_in_name"], disabled["one_time_password"]),
    ]
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert told == [told[0]] * 4


def test_a_name_means_somebody_in_one_tenant_only(shop: World) -> None:
    shop.neighbour()
    person = signed_in(shop)
    assert problem(sign_in(shop, person.sign_in_name, PASSWORD, "next1"))[0] == 401


def test_after_some_attempts_even_the_right_password_must_wait(shop: World) -> None:
    person = signed_in(shop)
    for _ in range(FREE_OF_NAME):
        sign_in(shop, person.sign_in_name, "wrong password")
    response = sign_in(shop, person.sign_in_name, PASSWORD)
    assert problem(response) == (429, "too_many_attempts")
    assert int(response.headers["Retry-After"]) >= 1


def test_names_that_nobody_has_wait_alike(shop: World) -> None:
    name = fresh("nobody")
    answers = [problem(sign_in(shop, name, PASSWORD))[0] for _ in range(FREE_OF_NAME + 1)]
    assert answers == [401] * FREE_OF_NAME + [429]


def test_each_further_attempt_waits_longer(shop: World) -> None:
    name = fresh("nobody")
    waits: list[int] = []
    for _ in range(FREE_OF_NAME + 3):
        sign_in(shop, name, PASSWORD)
        response = sign_in(shop, name, PASSWORD)
        waits.append(int(response.headers.get("Retry-After", 0)))
        shop.query(WAIT_IS_OVER)
    assert sorted(waits) == waits
    assert waits[-1] > 4


def test_many_at_once_count_like_one_after_another(shop: World) -> None:
    name = fresh("nobody")
    with ThreadPoolExecutor(16) as callers:
        tries = [callers.submit(sign_in, shop, name, PASSWORD) for _ in range(16)]
        answers = [tried.result().status_code for tried in tries]
    assert (answers.count(401), answers.count(429)) == (FREE_OF_NAME, 16 - FREE_OF_NAME)


def test_an_address_waits_whatever_names_it_tries(shop: World) -> None:
    counted = "UPDATE daybook.sign_in_attempts SET attempts = 60"
    sign_in(shop, fresh("nobody"), PASSWORD)
    shop.query(counted)
    sign_in(shop, fresh("nobody"), PASSWORD)
    response = shop.stranger().call(
        "POST",
        "/v1/sessions",
        {"tenant": "shop", "sign_in_name": fresh("nobody"), "password": PASSWORD},
        X_Forwarded_For="192.0.2.7",
    )
    assert problem(response) == (429, "too_many_attempts")


def test_who_signs_in_begins_anew(shop: World) -> None:
    person = signed_in(shop)
    for _ in range(3):
        for _ in range(FREE_OF_NAME - 1):
            assert sign_in(shop, person.sign_in_name, "wrong password").status_code == 401
        assert sign_in(shop, person.sign_in_name, PASSWORD).status_code == 201


# Sessions.


def test_a_session_says_who_it_is(shop: World) -> None:
    person = signed_in(shop, "cashier", store_id="s1")
    told = person.read("/v1/sessions/current")
    assert (told["user_id"], told["roles"]) == (person.user_id, [{"role": "cashier", "store_id": "s1"}])


def test_events_name_the_person(shop: World) -> None:
    person = signed_in(shop, "cashier")
    sale_id = sell(person)["sale_id"]
    (entry,) = shop.read(f"/v1/streams/sale-{sale_id}/events")["data"]
    assert entry["actor"] == f"person:{person.user_id}"


def test_a_token_is_stored_nowhere(shop: World) -> None:
    person = signed_in(shop, "cashier")
    sell(person)
    assert person.token not in shop.everything_stored()


def test_who_signs_out_is_out(shop: World) -> None:
    person = signed_in(shop)
    assert person.call("DELETE", "/v1/sessions/current").status_code == 200
    assert closed(person)


@pytest.mark.parametrize("end", [IDLE, OVER])
def test_a_session_ends_when_it_is_idle_and_after_a_shift(shop: World, end: str) -> None:
    person = signed_in(shop)
    assert not closed(person)
    shop.query(end, person.user_id)
    shop.app.state.doorkeeper.forget_all()
    assert closed(person)


def test_a_session_in_use_does_not_become_idle(new_shop: World) -> None:
    person = signed_in(new_shop)
    new_shop.query(
        "UPDATE daybook.sessions SET used_at = now() - interval '29 minutes' WHERE user_id = %s",
        person.user_id,
    )
    with new_shop.restarted() as other:
        assert Caller(other.app, other.client, person.token).get("/v1/sessions/current").status_code == 200
    recent = "SELECT now() - used_at < interval '1 minute' FROM daybook.sessions WHERE user_id = %s"
    assert new_shop.query(recent, person.user_id) == [(True,)]


def test_a_new_password_ends_every_session(shop: World) -> None:
    person = signed_in(shop)
    elsewhere = session_of(shop, person.sign_in_name, PASSWORD)
    assert change(person, PASSWORD, NEW_PASSWORD).json()["sessions_ended"] == 2
    assert (closed(person), closed(elsewhere)) == (True, True)


def test_who_is_disabled_is_out_and_stays_out(shop: World) -> None:
    user = added(shop, CASHIER)
    person = session_of(shop, user["sign_in_name"], user["one_time_password"])
    assert not closed(person)
    shop.patch(f"/v1/users/{user['user_id']}", {"disabled": True}, version=1)
    assert closed(person)
    assert problem(sign_in(shop, user["sign_in_name"], user["one_time_password"]))[0] == 401


def test_a_new_first_password_ends_every_session_and_the_old_password(shop: World) -> None:
    user = added(shop, CASHIER)
    person = session_of(shop, user["sign_in_name"], user["one_time_password"])
    assert change(person, user["one_time_password"], NEW_PASSWORD).status_code == 200
    at_work = session_of(shop, user["sign_in_name"], NEW_PASSWORD)
    version = int(shop.get(f"/v1/users/{user['user_id']}").headers["ETag"].strip('"'))
    reset = shop.patch(f"/v1/users/{user['user_id']}", {"reset_password": True}, version=version).json()
    assert closed(at_work)
    assert sign_in(shop, user["sign_in_name"], NEW_PASSWORD).status_code == 401
    assert sign_in(shop, user["sign_in_name"], reset["one_time_password"]).json()["must_change"] is True


@pytest.mark.parametrize("token", ["dbs_", "dbs_" + "0" * 64, "dbs_" + "0" * 63, "dbs_" + "g" * 64, "DBS_x"])
def test_a_token_that_is_none_is_refused(shop: World, token: str) -> None:
    assert shop.refusal(lambda: shop.stranger(token).get("/v1/sessions/current")) == (401, "unauthenticated")


# Changes by owners.


def test_a_change_of_roles_counts_at_once(shop: World) -> None:
    person = signed_in(shop, "cashier")
    assert person.get("/v1/stores/s1").status_code == 200
    assert shop.patch(f"/v1/users/{person.user_id}", {"roles": []}, version=0).status_code == 200
    assert problem(person.get("/v1/stores/s1")) == (403, "forbidden")


def test_a_change_upon_an_older_version_changes_nothing(shop: World) -> None:
    user = added(shop, CASHIER)
    path = f"/v1/users/{user['user_id']}"
    assert shop.refusal(lambda: shop.patch(path, {"roles": []}, version=7)) == (412, "version_conflict")
    assert shop.read(path)["roles"] == [CASHIER]


def test_changes_are_recorded_without_the_name(shop: World) -> None:
    user = added(shop, CASHIER)
    shop.patch(f"/v1/users/{user['user_id']}", {"disabled": True}, version=1)
    recorded = shop.get(f"/v1/streams/access-{user['user_id']}/events")
    types = [entry["type"] for entry in recorded.json()["data"]]
    assert types == ["access.user_added.v1", "access.user_changed.v1"]
    assert user["sign_in_name"] not in recorded.text


def test_a_role_that_there_is_not_is_not_given(shop: World) -> None:
    body = {"sign_in_name": fresh("user"), "roles": [{"role": "boss", "store_id": "*"}]}
    assert shop.refusal(lambda: shop.post("/v1/users", body)) == (422, "role_unknown")


def people_manager(shop: World) -> PersonAtWork:
    """Somebody who manages people and may otherwise do what a cashier does."""
    permissions = ["users:read", "users:write", "sales:read"]
    role = fresh("people")
    assert shop.call("PUT", f"/v1/roles/{role}", {"permissions": permissions}).status_code == 200
    return signed_in(shop, role)


def test_nobody_gives_a_role_that_may_do_more_than_they(shop: World) -> None:
    manager = people_manager(shop)
    body = {"sign_in_name": fresh("user"), "roles": [{"role": "owner", "store_id": "*"}]}
    assert shop.refusal(lambda: manager.post("/v1/users", body)) == (403, "forbidden")


@pytest.mark.parametrize("wish", [{"reset_password": True}, {"disabled": True}, {"roles": []}])
def test_nobody_changes_somebody_who_may_do_more_than_they(shop: World, wish: dict[str, object]) -> None:
    """Else they could sign in as the owner."""
    owner = added(shop, {"role": "owner", "store_id": "*"})
    manager = people_manager(shop)
    answer = shop.refusal(lambda: manager.patch(f"/v1/users/{owner['user_id']}", wish, version=1))
    assert answer == (403, "forbidden")


def test_nobody_raises_their_own_limits(shop: World) -> None:
    manager = people_manager(shop)
    wish = {"limits": {"refund": None}}
    answer = shop.refusal(lambda: manager.patch(f"/v1/users/{manager.user_id}", wish, version=0))
    assert answer == (403, "forbidden")
