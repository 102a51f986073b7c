"""Secrets stand in no log and in no table, whatever goes wrong, at the most talkative level."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.api import Json, World, add_shop, basket, fresh, world
from tests.support.command_line import daybook
from tests.support.people import PASSWORD, signed_in
from tests.support.served import Served, served

BROKEN = "a broken password of nobody"
GUESS = "dbk_0123456789ab_" + "f" * 48
BASIC = "dXNlcjpzZWNyZXQtb2YtYmFzaWM="


class Day:
    """What was said and done: the secrets, the answers, and everything that was printed and stored."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {"guess": "f" * 48, "basic": BASIC, "wrong password": BROKEN}
        self.answers: list[httpx.Response] = []
        self.log = ""
        self.stored = ""


@contextmanager
def lost(shop: World, table: str) -> Generator[None]:
    """Without the table whoever asks for it meets an error that nobody expects."""
    shop.query(f"ALTER TABLE daybook.{table} RENAME TO lost")
    try:
        yield
    finally:
        shop.query(f"ALTER TABLE daybook.lost RENAME TO {table}")


def call(day: Day, api: Served, method: str, path: str, authorization: str, body: Json | None = None) -> Json:
    headers = {"Authorization": authorization, "Idempotency-Key": fresh()}
    response = httpx.request(method, f"{api.url}{path}", headers=headers, json=body)
    day.answers.append(response)
    return response.json()


def live(day: Day, shop: World, api: Served) -> None:
    """Keys are made, used and guessed; people sign in, rightly and wrongly; the database fails them."""
    owner = f"Bearer {shop.key}"
    key = call(day, api, "POST", "/v1/keys", owner, {"name": "till", "scopes": ["sales:write"]})
    successor = call(day, api, "POST", f"/v1/keys/{key['key_id']}/rotation", owner, {})
    user = call(day, api, "POST", "/v1/users", owner, {"sign_in_name": "bob", "roles": []})
    name, first = user["sign_in_name"], user["one_time_password"]
    token = call(day, api, "POST", "/v1/sessions", "", signing_in(name, first))["token"]
    new = {"current_password": first, "new_password": PASSWORD}
    for wrong in (f"Bearer {GUESS}", f"Basic {BASIC}", f"Bearer {first}", f"Token {token}"):
        call(day, api, "GET", "/v1/stores/s1", wrong)
    call(day, api, "POST", "/v1/sessions", "", signing_in(name, BROKEN))
    call(day, api, "POST", "/v1/sessions", "", {"password": [BROKEN], "tenant": BROKEN})
    call(day, api, "POST", "/v1/stores/s1/sales", f"Bearer {successor['key']}", basket())
    with lost(shop, "sign_in_attempts"):
        call(day, api, "POST", "/v1/sessions", "", signing_in(name, first))
        call(day, api, "PUT", "/v1/users/me/password", f"Bearer {token}", new)
    with lost(shop, "role_assignments"):
        call(day, api, "GET", "/v1/sessions/current", f"Bearer {signed_in_later(shop)}")
    with lost(shop, "api_keys"):
        call(day, api, "POST", "/v1/keys", owner, {"name": "x", "scopes": ["sales:read"]})
    call(day, api, "PUT", "/v1/users/me/password", f"Bearer {token}", new)
    day.secrets |= {
        "owner's key": shop.key.split("_")[2],
        "key": key["key"].split("_")[2],
        "successor": successor["key"].split("_")[2],
        "first password": first,
        "password": PASSWORD,
        "token": token,
    }


def signing_in(name: str, password: str) -> Json:
    return {"tenant": "shop", "sign_in_name": name, "password": password}


def signed_in_later(shop: World) -> str:
    """A token that the process has not seen; made while the table is away, by somebody without a role."""
    shop.query("ALTER TABLE daybook.lost RENAME TO role_assignments")
    try:
        return signed_in(shop).token
    finally:
        shop.query("ALTER TABLE daybook.role_assignments RENAME TO lost")


@pytest.fixture(scope="module")
def day(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    day = Day()
    folder: Path = tmp_path_factory.mktemp("secrets")
    with world(worker_id, folder) as shop:
        add_shop(shop)
        with served(shop, folder / "log", level="debug") as api:
            live(day, shop, api)
        wrong = shop.tenant.service_url.replace("password=", "password=not-")
        ended = daybook({"database_url": wrong, "data_dir": str(folder)}, "keys", "list")
        day.log = (folder / "log").read_text() + ended.stdout + ended.stderr
        day.stored = shop.everything_stored()
        for login, url in (("service", shop.tenant.service_url), ("owner", shop.tenant.owner_url)):
            day.secrets[f"database password of the {login}"] = str(conninfo_to_dict(url)["password"])
        yield day


def test_the_day_had_its_errors(day: Day) -> None:
    """What is searched below is not an empty log."""
    statuses = [answer.status_code for answer in day.answers]
    assert (statuses.count(500), statuses.count(401)) == (4, 5)
    assert day.log.count('"request_failed"') == 4
    assert "Traceback" in day.log


def test_no_secret_is_logged(day: Day) -> None:
    assert [name for name, secret in day.secrets.items() if secret in day.log] == []


def test_no_secret_is_stored(day: Day) -> None:
    assert [name for name, secret in day.secrets.items() if secret in day.stored] == []


def test_an_answer_tells_no_secret_but_its_own(day: Day) -> None:
    told = [answer.text for answer in day.answers if not answer.is_success]
    assert [name for name, secret in day.secrets.items() if any(secret in text for text in told)] == []


def test_an_error_of_ours_tells_nothing_of_our_insides(day: Day) -> None:
    texts = [answer.text for answer in day.answers if answer.status_code == 500]
    assert [text for text in texts if "lost" in text or "psycopg" in text or "Traceback" in text] == []


def test_every_line_about_a_request_tells_its_id(day: Day) -> None:
    lines = [json.loads(line) for line in day.log.splitlines() if line.startswith("{")]
    logged = {line.get("request_id") for line in lines if line["event"] in {"refused", "request_failed"}}
    answered = {
        answer.headers["X-Request-Id"] for answer in day.answers if answer.status_code in {401, 403, 500}
    }
    assert logged == answered


def test_a_problem_tells_the_same_id(day: Day) -> None:
    problems = [answer for answer in day.answers if not answer.is_success]
    assert all(answer.json()["request_id"] == answer.headers["X-Request-Id"] for answer in problems)
