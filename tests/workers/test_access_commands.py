"""Keys and people from the command line: told once, recorded, and known to a running API at once."""

from collections.abc import Generator

import pytest

from tests.support.api import Caller, World, add_shop, basket, problem, world
from tests.support.command_line import Settings, daybook, wait_until

RECORDED = """
SELECT actor, type
FROM history
WHERE stream LIKE 'access-%%'
ORDER BY position DESC
LIMIT 1
"""


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, tmp_path_factory.mktemp("access")) as opened:
        add_shop(opened)
        yield opened


@pytest.fixture
def here(shop: World) -> Settings:
    return {"database_url": shop.tenant.service_url, "tenant": shop.tenant.name}


def printed(settings: Settings, *arguments: str) -> str:
    """The output of what must succeed."""
    ended = daybook(settings, *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def complaint(settings: Settings, *arguments: str) -> str:
    """The one line of what must fail without printing anything."""
    ended = daybook(settings, *arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr


def is_open(caller: Caller) -> bool:
    return caller.get("/v1/stores/s1").status_code == 200


def test_a_key_is_replaced_by_its_name_and_revoked_by_its_id(
    shop: World, here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API that has just seen the old key hears of it; by itself it would let it in for a day."""
    monkeypatch.setattr("api.auth.REMEMBERED_S", 86_400.0)
    old = printed(here, "keys", "create", "door", "--scope", "stores:read", "--store", "s1")
    new = printed(here, "keys", "rotate", "door")
    assert (is_open(shop.stranger(old)), is_open(shop.stranger(new))) == (True, True)

    printed(here, "keys", "revoke", old.split("_")[1])

    wait_until(lambda: not is_open(shop.stranger(old)))
    assert is_open(shop.stranger(new))


def test_a_key_ends_when_it_was_told_to(here: Settings) -> None:
    printed(here, "keys", "create", "guest", "--scope", "stores:read", "--expires", "2100-01-01T00:00:00Z")
    (line,) = [line for line in printed(here, "keys", "list").splitlines() if line.endswith("guest")]
    assert "live until 2100-01-01T00:00:00Z" in line


def test_a_third_key_of_a_line_is_refused_in_one_line(here: Settings) -> None:
    printed(here, "keys", "create", "line", "--scope", "stores:read")
    printed(here, "keys", "rotate", "line")
    assert "works beside it already" in complaint(here, "keys", "rotate", "line")


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_a_key_that_there_is_not_is_named(here: Settings, command: str) -> None:
    assert complaint(here, "keys", command, "ghost").startswith("daybook: there is no live key 'ghost'")


def test_the_list_of_keys_holds_no_secret(here: Settings) -> None:
    secret = printed(here, "keys", "create", "secret").split("_")[2]
    assert secret not in printed(here, "keys", "list")


def test_what_the_operator_does_is_recorded(shop: World, here: Settings) -> None:
    printed(here, "keys", "create", "recorded")
    assert shop.query(RECORDED) == [("operator", "access.key_issued.v1")]


def test_the_first_owner_signs_in_and_chooses_a_password(shop: World, here: Settings) -> None:
    first = printed(here, "users", "create", "Ann", "--role", "owner")
    body = {"tenant": shop.tenant.name, "sign_in_name": "ann", "password": first}
    signed_in = shop.stranger().made("/v1/sessions", body)
    owner = shop.stranger(signed_in["token"])
    assert problem(owner.get("/v1/keys")) == (403, "password_change_required")
    change = {"current_password": first, "new_password": "four words of hers"}
    assert owner.call("PUT", "/v1/users/me/password", change).status_code == 200


def test_a_role_that_there_is_not_is_named_and_nobody_made(here: Settings) -> None:
    assert (
        complaint(here, "users", "create", "carl", "--role", "boss") == "daybook: There is no role 'boss'.\n"
    )
    assert "carl" not in printed(here, "users", "list")


def test_a_cashier_of_one_store_sells_there_only(shop: World, here: Settings) -> None:
    first = printed(here, "users", "create", "dora", "--role", "cashier", "--store", "s1")
    assert "cashier@s1" in printed(here, "users", "list")
    again = printed(here, "users", "reset", "dora")
    name = {"tenant": shop.tenant.name, "sign_in_name": "dora"}
    assert shop.stranger().post("/v1/sessions", {**name, "password": first}).status_code == 401
    token = shop.stranger().made("/v1/sessions", {**name, "password": again})["token"]
    change = {"current_password": again, "new_password": "four words of hers"}
    assert shop.stranger(token).call("PUT", "/v1/users/me/password", change).status_code == 200
    token = shop.stranger().made("/v1/sessions", {**name, "password": "four words of hers"})["token"]
    till = shop.stranger(token)
    sold = [till.post(f"/v1/stores/{store}/sales", basket()).status_code for store in ("s1", "s2")]
    assert sold == [201, 403]


def test_a_name_that_nobody_has_is_told(here: Settings) -> None:
    assert complaint(here, "users", "reset", "ghost").startswith("daybook: nobody signs in as 'ghost'")
