"""Importing customers: a dry run tells the same of each row, and sent again nothing is made twice."""

from collections.abc import Generator

import pytest

from tests.support.api import Json, World, add_shop, fresh, problem, world

IMPORT = "/v1/customers/import"
COLUMNS = {"No": "customer_id", "Name": "name", "Tel": "phone", "Mail": "email", "Lang": "language"}
PHONES = (f"139 5555 {number:04}" for number in range(10_000))


@pytest.fixture(scope="module")
def till(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, tmp_path_factory.mktemp("import")) as shop:
        add_shop(shop)
        yield shop


def sheet(header: str, *lines: str, dry_run: bool = False) -> Json:
    columns = {name: COLUMNS[name] for name in header.split(",") if name in COLUMNS}
    return {"csv": "\n".join([header, *lines]), "mapping": {"columns": columns}, "dry_run": dry_run}


def imported(till: World, header: str, *lines: str) -> list[Json]:
    """What is answered to a dry run, and then to the run itself: the same of each row."""
    written = till.written()
    dry = till.post(IMPORT, sheet(header, *lines, dry_run=True)).json()
    assert till.written() == written
    real = till.post(IMPORT, sheet(header, *lines)).json()
    assert dry["rows"] == real["rows"]
    assert dry["outcomes"] == real["outcomes"]
    return real["rows"]


def outcomes(rows: list[Json]) -> list[str]:
    return [row["outcome"] for row in rows]


def test_a_row_with_an_id_creates_and_then_updates(till: World) -> None:
    id_ = fresh("m")
    assert outcomes(imported(till, "No,Name", f"{id_},Han")) == ["created"]
    assert outcomes(imported(till, "No,Name,Mail", f"{id_},Han Mei,mei@example.cn")) == ["updated"]
    view = till.read(f"/v1/customers/{id_}")
    assert (view["name"], view["email"]) == ("Han Mei", "mei@example.cn")


def test_sent_again_nothing_is_made_twice(till: World) -> None:
    lines = [f"Han,{next(PHONES)}", f"Li,{next(PHONES)}", "Nobody's,"]
    first = imported(till, "Name,Tel", *lines)
    written = till.written()
    again = imported(till, "Name,Tel", *lines)
    assert outcomes(first) == ["created"] * 3
    assert outcomes(again) == ["skipped"] * 3
    assert [row["customer_id"] for row in again] == [row["customer_id"] for row in first]
    assert till.written() == written


def test_sent_again_a_row_without_an_id_undoes_no_later_change(till: World) -> None:
    line = f"Han,{next(PHONES)}"
    (row,) = imported(till, "Name,Tel", line)
    path = f"/v1/customers/{row['customer_id']}"
    phone = till.patch(path, {"phone": next(PHONES), "name": None}, 1).json()["phone"]
    assert outcomes(imported(till, "Name,Tel", line)) == ["skipped"]
    view = till.read(path)
    assert (view["name"], view["phone"]) == (None, phone)


def test_what_came_first_comes_back_and_is_new_again(till: World) -> None:
    id_ = fresh("m")
    found = [outcomes(imported(till, "No,Name", f"{id_},{name}")) for name in ("Han", "Li", "Han")]
    assert found == [["created"], ["updated"], ["updated"]]


def test_a_row_without_an_id_meets_who_is_known_by_number(till: World) -> None:
    phone = next(PHONES)
    known = till.made("/v1/customers", {"phone": phone})["customer_id"]
    (row,) = imported(till, "Name,Tel", f"Han,+86 {phone}")
    assert (row["outcome"], row["customer_id"]) == ("duplicate", known)


def test_rows_of_one_file_meet_each_other(till: World) -> None:
    phone = next(PHONES)
    rows = imported(till, "Name,Tel", f"Han,{phone}", f"Han Mei,{phone}")
    assert outcomes(rows) == ["created", "duplicate"]
    assert rows[1]["why"] == "Row 1 has the same phone."


def test_rows_that_say_the_same_are_told_so(till: World) -> None:
    name = fresh("Han")
    rows = imported(till, "Name,Tel", f"{name},", f"{name},")
    assert outcomes(rows) == ["created", "duplicate"]
    assert rows[1]["why"] == "Row 1 says the same."


def test_a_language_alone_is_nobody(till: World) -> None:
    id_ = fresh("m")
    rows = imported(till, "No,Name,Lang", ",,en", f"{id_},,en")
    assert [(row["outcome"], row["customer_id"]) for row in rows] == [("skipped", None), ("created", id_)]


def test_an_id_twice_in_a_file_is_a_duplicate(till: World) -> None:
    id_ = fresh("m")
    assert outcomes(imported(till, "No,Name", f"{id_},Han", f"{id_},Li")) == ["created", "duplicate"]


def test_one_bad_row_stops_no_other(till: World) -> None:
    rows = imported(till, "No,Tel", f"{fresh('m')},12", f"{fresh('m')},{next(PHONES)}", ",")
    assert outcomes(rows) == ["invalid", "created", "skipped"]
    assert rows[0]["why"].startswith("phone")


def test_who_was_erased_or_merged_is_left_alone(till: World) -> None:
    gone, other, survivor = (till.made("/v1/customers", {"name": "Han"})["customer_id"] for _ in range(3))
    till.made(f"/v1/customers/{gone}/erasure", {"reason": "request"})
    till.made(f"/v1/customers/{survivor}/merges", {"other_id": other})
    assert outcomes(imported(till, "No,Name", f"{gone},Li", f"{other},Li")) == ["skipped"] * 2


def test_unknown_columns_are_told(till: World) -> None:
    answer = till.post(IMPORT, sheet("No,Shoe size", f"{fresh('m')},42"))
    assert answer.json()["unknown_columns"] == ["Shoe size"]


def test_a_table_that_does_not_fit_is_refused_whole(till: World) -> None:
    body = {"csv": "Name\nHan\n", "mapping": {"columns": {"No": "customer_id"}}}
    assert till.refusal(lambda: till.post(IMPORT, body)) == (400, "invalid_request")


def test_too_many_rows_are_refused(till: World) -> None:
    body = sheet("Name", *["Han"] * 1_001)
    assert problem(till.post(IMPORT, body)) == (400, "invalid_request")


def test_nothing_readable_is_stored(till: World) -> None:
    imported(till, "Name,Tel", f"Zebediah Quill,{next(PHONES)}")
    assert "Zebediah" not in till.everything_stored()
