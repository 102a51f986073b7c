"""`daybook import customers`: files that are none are told as such, and nothing is written."""

import gzip
from pathlib import Path

import pytest

from infra.settings import Settings
from workers.imports.customers.run import ImportUnfit, import_customers

MAPPING = b'{"columns": {"Name": "name"}}'
PACKED = gzip.compress(b"Name\nHan\n" * 100)


def refused(folder: Path, name: str, content: bytes, mapping: bytes = MAPPING) -> str:
    file, columns, report = folder / name, folder / "mapping.json", folder / "report.csv"
    file.write_bytes(content)
    columns.write_bytes(mapping)
    with pytest.raises(ImportUnfit) as refusal:
        import_customers(Settings(), file, columns, report, dry_run=True)
    assert not report.exists()
    return str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("latin.csv", b"Name\nZo\xeb\n"),
        ("plain.csv.gz", b"Name\nHan\n"),
        ("cut.csv.gz", PACKED[:-12]),
        ("damaged.csv.gz", PACKED[:10] + b"\xff" * 8 + PACKED[18:]),
    ],
)
def test_what_is_no_text_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    assert name in refused(tmp_path, name, content)


@pytest.mark.parametrize("mapping", [b"{", b"{}", b'{"columns": {"Na\xefme": "name"}}'])
def test_what_is_no_mapping_is_named(mapping: bytes, tmp_path: Path) -> None:
    assert "mapping.json" in refused(tmp_path, "file.csv", b"Name\nHan\n", mapping)


def test_an_empty_file_lacks_the_columns(tmp_path: Path) -> None:
    assert "lacks" in refused(tmp_path, "empty.csv", b"")
