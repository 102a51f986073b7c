"""Rows of another system's customers: each cell is cleaned by the mapping, or named as unreadable."""

import unicodedata
from typing import Any

import msgspec
import pytest

from infra.people.customer_rows import ColumnMapping, Row, TableUnfit, read_rows

COLUMNS = {
    "No": "customer_id",
    "Family": "name",
    "Given": "name",
    "Tel": "phone",
    "Mail": "email",
    "Born": "birthday",
    "Lang": "language",
}


def mapping(**fields: Any) -> ColumnMapping:
    return msgspec.convert({"columns": COLUMNS, **fields}, ColumnMapping)


def read(header: str, *lines: str, **fields: Any) -> list[Row]:
    columns = {name: COLUMNS[name] for name in header.split(",") if name in COLUMNS}
    return read_rows("\n".join([header, *lines]), mapping(columns=columns, **fields), "CN").rows


@pytest.mark.parametrize(
    ("column", "written", "field", "kept"),
    [
        ("Tel", "139 1111-2222", "phone", "+8613911112222"),
        ("Tel", "+49 (30) 901820", "phone", "+4930901820"),
        ("Tel", "１３９１１１１２２２２", "phone", "+8613911112222"),
        ("Mail", " Han@Example.CN ", "email", "han@example.cn"),
        ("Given", "  Han \u3000 Mei ", "name", "Han Mei"),
        ("Given", unicodedata.normalize("NFD", "Zoë"), "name", "Zoë"),
        ("Born", "1990-02-28", "birthday", "1990-02-28"),
    ],
)
def test_a_cell_is_kept_in_one_form(column: str, written: str, field: str, kept: str) -> None:
    (row,) = read(column, written)
    assert (row.problem, row.details) == (None, {field: kept})


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("No", "a/b"),
        ("Tel", "1.39E+10"),
        ("Tel", "12"),
        ("Mail", "han at example"),
        ("Given", "x" * 201),
        ("Given", "Han\x07"),
        ("Born", "1990-02-30"),
        ("Born", "28.02.1990"),
        ("Born", "90-02-28"),
        ("Lang", "Klingon"),
    ],
)
def test_what_can_not_be_read_is_named_and_never_repeated(column: str, written: str) -> None:
    (row,) = read(column, written)
    assert row.problem is not None
    assert row.problem.startswith(COLUMNS[column])
    assert written not in row.problem


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        ("YYYY/MM/DD", "1990/03/04"),
        ("YYYYMMDD", "19900304"),
        ("DD.MM.YYYY", "04.03.1990"),
        ("DD/MM/YYYY", "04/03/1990"),
        ("MM/DD/YYYY", "03/04/1990"),
    ],
)
def test_days_are_read_as_the_mapping_says(date_format: str, written: str) -> None:
    (row,) = read("Born", written, date_format=date_format)
    assert row.details == {"birthday": "1990-03-04"}


def test_several_columns_are_one_name_in_the_files_order() -> None:
    (row,) = read("Given,Family", "Mei,Han")
    assert row.details == {"name": "Mei Han"}


def test_an_empty_cell_says_nothing() -> None:
    (row,) = read("No,Tel", "c1,  ")
    assert (row.customer_id, row.details, row.problem) == ("c1", {}, None)


def test_a_row_that_is_too_long_is_not_guessed_at() -> None:
    (row,) = read("No,Tel", "c1,139 1111 2222,more")
    assert row.problem is not None


def test_a_header_between_the_rows_is_nobody() -> None:
    """As where files were put together."""
    first, again, last = read("No,Given", "c1,Han", " No ,Given", "c2,Li")
    assert (first.problem, last.problem) == (None, None)
    assert again.problem is not None


def test_a_header_is_found_however_it_is_composed() -> None:
    (row,) = read_rows(
        "Nomé\nHan", mapping(columns={unicodedata.normalize("NFD", "Nomé"): "name"}), "CN"
    ).rows
    assert row.details == {"name": "Han"}


@pytest.mark.parametrize("region", ["ZZ", "UK"])
def test_a_region_that_is_none_does_not_fit(region: str) -> None:
    with pytest.raises(TableUnfit, match=region):
        read("Tel", "139 1111 2222", region=region)


def test_rows_keep_what_is_quoted_whatever_ends_their_lines() -> None:
    text = 'No,Given\r\nc1,"Han, ""Mei"""\r\nc2,"Li\r\nWei"\r\n'
    rows = read_rows(text, mapping(columns={"No": "customer_id", "Given": "name"}), "CN").rows
    assert [row.details for row in rows] == [{"name": 'Han, "Mei"'}, {"name": "Li Wei"}]


def test_a_huge_cell_is_no_table() -> None:
    with pytest.raises(TableUnfit):
        read("Given", "x" * 200_000)


def test_a_table_of_too_many_columns_is_not_read() -> None:
    with pytest.raises(TableUnfit, match="columns"):
        read(",".join(["No", *map(str, range(1_000))]), "c1")


def test_what_comes_after_too_many_rows_is_not_read() -> None:
    """Not even to find out that it is no table."""
    with pytest.raises(TableUnfit, match="2 rows"):
        read_rows('No\nc1\nc2\nc3\n"', mapping(columns={"No": "customer_id"}), "CN", 2)


def test_columns_that_the_mapping_does_not_name_are_told() -> None:
    sheet = read_rows(
        "\ufeffNo;Shoe size\nc1;42\n", mapping(columns={"No": "customer_id"}, delimiter=";"), "CN"
    )
    assert sheet.unknown_columns == ["Shoe size"]
    assert [row.customer_id for row in sheet.rows] == ["c1"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", {"No": "customer_id"}),
        ("Name\nHan\n", {"No": "customer_id"}),
        ("No,No\nc1,c2\n", {"No": "customer_id"}),
        ("A,B\n1,2\n", {"A": "phone", "B": "phone"}),
        ('No\n"c1\n', {"No": "customer_id"}),
    ],
)
def test_a_table_that_does_not_fit_its_mapping_is_not_read(text: str, columns: dict[str, str]) -> None:
    with pytest.raises(TableUnfit):
        read_rows(text, mapping(columns=columns), "CN")
