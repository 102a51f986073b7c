"""`daybook import customers FILE --mapping MAPPING`: customers of another system, each row told.

It can be killed at any moment and started again: a row finds what it made.
"""

import asyncio
import csv
import gzip
import io
import zlib
from collections import Counter
from pathlib import Path

import click
import msgspec

from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.ids import uuid7
from infra.people.customer_import import AT_ONCE, Caller, CustomerImport, Outcome, RowResult
from infra.people.customer_rows import ColumnMapping, Sheet, TableUnfit, batches, read_rows
from infra.settings import Settings
from infra.tenancy import open_tenant
from workers.database import Database, database
from workers.progress import meter

REPORT = ("row", "outcome", "customer_id", "why")


class ImportUnfit(OperatorError):
    """File and mapping don't fit each other; nothing was written."""


def import_customers(settings: Settings, path: Path, mapping: Path, report: Path, *, dry_run: bool) -> bool:
    """Imports the file, and writes what became of each row to `report`. True if no row was invalid."""
    sheet = _read(settings, path, mapping)
    with database(settings) as connections:
        results = asyncio.run(_import(settings, connections, sheet, dry_run=dry_run))
    report.write_text(_as_csv(results), encoding="utf-8")
    counts = Counter(result.outcome for result in results)
    if sheet.unknown_columns:
        click.echo(f"Left out, as the mapping does not name them: {', '.join(sheet.unknown_columns)}")
    for outcome in Outcome:
        click.echo(f"{counts[outcome]:>9} {outcome}")
    click.echo(f"Every row is told in {report}." + (" Nothing was written: a dry run." if dry_run else ""))
    return not counts[Outcome.INVALID]


def _read(settings: Settings, path: Path, mapping: Path) -> Sheet:
    try:
        columns = msgspec.json.decode(mapping.read_bytes(), type=ColumnMapping)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImportUnfit(f"{mapping} is no mapping: {error}.") from None
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
        return read_rows(text, columns, settings.phone_region)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error):
        raise ImportUnfit(f"{path} is no text in UTF-8. Save it as such.") from None
    except TableUnfit as unfit:
        raise ImportUnfit(str(unfit)) from None


async def _import(
    settings: Settings, connections: Database, sheet: Sheet, *, dry_run: bool
) -> list[RowResult]:
    master = MasterKey.of_settings(settings, connections.keys, settings.tenant)
    results: list[RowResult] = []
    async with open_tenant(connections.service, connections.keys, master, settings.tenant) as tenant:
        work = CustomerImport(tenant, Caller("import", "import", uuid7()), dry_run=dry_run)
        with meter("importing", "customers") as progress:
            for some in batches(sheet.rows, AT_ONCE):
                results += await work.take(some)
                progress.update(len(results), len(sheet.rows))
    return results


def _as_csv(results: list[RowResult]) -> str:
    """Rows, ids and causes: nothing of what the file says about anybody."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(REPORT)
    writer.writerows([result.row, result.outcome.value, result.customer_id, result.why] for result in results)
    return text.getvalue()
