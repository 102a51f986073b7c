"""What a till is told whose request is at work, or can't be taken: repeat it, and nothing happens twice."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from infra.event_store import clerk
from tests.support.api import REPLAYED, World, basket, fresh, problem
from tests.support.command_line import wait_until
from tests.support.journals import query_as_login

SALES = "/v1/stores/s1/sales"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def held_head(shop: World) -> Generator[None]:
    """Somebody else holds the journal's head: what is submitted meanwhile is in flight."""
    with psycopg.connect(shop.tenant.owner_url) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(shop.tenant.schema)))
        connection.execute("SELECT FROM journal_head FOR UPDATE")
        yield


def test_a_request_that_is_at_work_is_not_begun_again(new_shop: World) -> None:
    """The till repeats before it was answered: 409. Asked once more afterwards, it gets the first answer."""
    tenant, key = new_shop.tenant, fresh()
    with ThreadPoolExecutor(1) as till:
        with held_head(new_shop):
            first = till.submit(new_shop.post, SALES, basket(), Idempotency_Key=key)
            wait_until(lambda: query_as_login(tenant, WAITING) == [(1,)])
            impatient = new_shop.post(SALES, basket(), Idempotency_Key=key)
        answer = first.result()

    assert problem(impatient) == (409, "command_in_flight")
    assert answer.status_code == 201
    again = new_shop.post(SALES, basket(), Idempotency_Key=key)
    assert (again.headers[REPLAYED], again.content) == ("true", answer.content)


def test_a_request_that_finds_the_queue_full_is_told_when_to_come_back(
    new_shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = fresh()
    with monkeypatch.context() as full:
        full.setattr(clerk, "QUEUE_COMMANDS", 0)
        before = new_shop.written()
        refused = new_shop.post(SALES, basket(), Idempotency_Key=key)
        assert new_shop.written() == before

    assert (problem(refused), refused.headers["Retry-After"]) == ((503, "unavailable"), "1")
    assert new_shop.post(SALES, basket(), Idempotency_Key=key).status_code == 201
