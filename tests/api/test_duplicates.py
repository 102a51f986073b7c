"""Records that may be one person: found by the blind index, told until somebody has decided."""

from collections.abc import Generator

import pytest

from infra.people.duplicates import CROWD
from tests.support.api import MIN_POSITION, POSITION, Json, World, add_shop, world

PHONES = (f"+86 139 3333 {number:04}" for number in range(10_000))


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, tmp_path_factory.mktemp("duplicates")) as shop:
        add_shop(shop)
        yield shop


def register(till: World, name: str | None = "Wang Xiaoming", **details: str) -> str:
    named = {} if name is None else {"name": name}
    return till.made("/v1/customers", {**named, **details})["customer_id"]


def proposed(till: World, *ids: str) -> list[Json]:
    """Of the pairs that are proposed, those of these customers, page by page."""
    pages: list[Json] = []
    query = "?limit=2"
    position = till.post("/v1/customers", {"name": "Last"}).headers[POSITION]
    while True:
        page = till.get(f"/v1/customers/duplicates{query}", **{MIN_POSITION: position}).json()
        pages += page["data"]
        if page["next_cursor"] is None:
            return [pair for pair in pages if {pair["customer_id"], pair["other_id"]} <= set(ids)]
        query = f"?limit=2&cursor={page['next_cursor']}"


def test_the_same_number_is_a_candidate_and_names_say_how_good(till: World) -> None:
    phone = next(PHONES)
    one, other = register(till, phone=phone), register(till, "XIAOMING  Wang", phone=phone)
    assert proposed(till, one, other) == [
        {"customer_id": one, "other_id": other, "same": ["phone"], "name_similarity": 1000}
    ]


def test_number_and_address_are_one_candidate(till: World) -> None:
    details = {"phone": next(PHONES), "email": "two@example.cn"}
    ids = [register(till, **details) for _ in range(2)]
    (pair,) = proposed(till, *ids)
    assert pair["same"] == ["email", "phone"]


def test_other_names_are_less_alike_and_none_is_unknown(till: World) -> None:
    phone = next(PHONES)
    ids = [
        register(till, phone=phone),
        register(till, "Li Na", phone=phone),
        register(till, None, phone=phone),
    ]
    pairs = {
        (pair["customer_id"], pair["other_id"]): pair["name_similarity"] for pair in proposed(till, *ids)
    }
    assert pairs[ids[0], ids[1]] < 500
    assert pairs[ids[0], ids[2]] is None


def test_a_name_alone_is_no_candidate(till: World) -> None:
    assert proposed(till, register(till, "Alone"), register(till, "Alone")) == []


def test_who_was_told_apart_is_not_proposed_again(till: World) -> None:
    phone = next(PHONES)
    one, other = register(till, phone=phone), register(till, phone=phone)
    till.made(f"/v1/customers/{other}/distinctions", {"other_id": one})
    assert proposed(till, one, other) == []


def test_who_is_merged_is_proposed_as_the_survivor(till: World) -> None:
    phone = next(PHONES)
    one, two, three = (register(till, phone=phone) for _ in range(3))
    till.made(f"/v1/customers/{two}/merges", {"other_id": one})
    assert {(pair["customer_id"], pair["other_id"]) for pair in proposed(till, one, two, three)} == {
        (two, three)
    }


def test_who_was_forgotten_is_not_proposed(till: World) -> None:
    phone = next(PHONES)
    one, other = register(till, phone=phone), register(till, phone=phone)
    till.made(f"/v1/customers/{one}/erasure", {"reason": "request"})
    assert proposed(till, one, other) == []


def test_what_a_crowd_shares_says_nothing(till: World) -> None:
    phone = next(PHONES)
    crowd = [register(till, phone=phone) for _ in range(CROWD + 1)]
    assert proposed(till, *crowd) == []


def test_who_looked_at_whom_is_on_record(till: World) -> None:
    phone = next(PHONES)
    one, other = register(till, phone=phone), register(till, phone=phone)
    proposed(till, one, other)
    accesses = till.read(f"/v1/audit/accesses?subject=customer-{one}")["data"]
    assert {access["operation"] for access in accesses} == {"listDuplicates"}
