"""migrations/schema.sql is what all migrations together make: python -m tests.support.schema_dump [--check].

A fresh database is migrated, with two tenants, and dumped by pg_dump. What differs from run to run (versions,
tokens, settings, owners) is left out. Without --check the file is rewritten. Exit 1 if the file is not what
the migrations make, if two tenants differ, or if migrating again changes anything.
"""

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import migrations
from infra.postgres.binaries import wheel_folders
from infra.postgres.embedded import embedded
from infra.postgres.migrate import CONTROL_SCHEMA, KEYS_SCHEMA, create_tenant, migrate, tenant_schema

SCHEMA_FILE = Path(migrations.__file__).with_name("schema.sql")
WRITE = ".venv/bin/python -m tests.support.schema_dump"
HEADER = f"""\
-- The schemas as all migrations together leave them: control, key store and one tenant.
-- Not a migration: nothing runs it. `{WRITE}` writes it, `make check` compares it.
"""

_FIRST, _SECOND = "tenant", "another"
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_DUMP_LIMIT_S = 60
_BEGINNING = "CREATE SCHEMA"
"""Before it stand the client's settings."""
# Comments carry versions, \restrict a random token.
_NOISE = re.compile(r"^(--|\\(un)?restrict |SET default_table(space|_access_method) = )")


class SchemaDiffers(Exception):
    """Something is not as it must be; the text shows the difference and says what to do."""


def dump(owner_url: str, schema: str) -> str:
    """The statements that make the schema and its grants, without what differs from run to run."""
    folder, _ = wheel_folders()
    command = (str(folder / "pg_dump"), "--schema-only", "--no-owner", f"--schema={schema}", owner_url)
    done = subprocess.run(
        command,
        # PGOPTIONS and the like of whoever starts us must not reach the server.
        env={"LC_ALL": "C", "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=_DUMP_LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        raise SchemaDiffers(f"pg_dump failed: {done.stderr}")
    _, beginning, statements = done.stdout.partition(_BEGINNING)
    lines = [line for line in (beginning + statements).splitlines() if not _NOISE.match(line)]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip() + "\n"


def migrated_schemas() -> str:
    """What the migrations make of an empty database. SchemaDiffers if they don't make it twice."""
    with tempfile.TemporaryDirectory(prefix="daybook-schema-") as name:
        Path(name).chmod(0o711)  # as root, the server's account passes through
        with embedded(Path(name), _FAST) as urls:
            migrate(urls.owner)
            create_tenant(urls.owner, _FIRST)
            create_tenant(urls.owner, _SECOND)
            schemas = (CONTROL_SCHEMA, KEYS_SCHEMA, tenant_schema(_FIRST))
            once = [dump(urls.owner, schema) for schema in schemas]
            if again := migrate(urls.owner):
                raise SchemaDiffers(f"Migrating a second time applied {again}: it must find nothing to do.")
            _require_equal(
                "".join(once),
                "".join(dump(urls.owner, schema) for schema in schemas),
                ("migrated once", "migrated twice"),
                "A migration must leave the same schema however often `migrate` is run.",
            )
            second = dump(urls.owner, tenant_schema(_SECOND))
            _require_equal(
                once[-1],
                second.replace(tenant_schema(_SECOND), tenant_schema(_FIRST)),
                ("one tenant", "another tenant"),
                "All tenants have the same schema: a migration may not look at data or names.",
            )
    return HEADER + "".join(f"\n\n{statements}" for statements in once)


def check(made: str) -> None:
    """SchemaDiffers unless the file holds exactly that."""
    committed = SCHEMA_FILE.read_text() if SCHEMA_FILE.exists() else ""
    _require_equal(
        committed,
        made,
        ("migrations/schema.sql", "the migrations"),
        f"Run `{WRITE}` and commit the file with the migration.",
    )


def _require_equal(old: str, new: str, names: tuple[str, str], advice: str) -> None:
    difference = "".join(
        difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), *names)
    )
    if difference:
        raise SchemaDiffers(f"{difference}\n{names[0]} and {names[1]} differ. {advice}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="schema_dump", description="Keep migrations/schema.sql true.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 with the difference")
    options = parser.parse_args(arguments)
    try:
        made = migrated_schemas()
        if options.check:
            check(made)
        else:
            SCHEMA_FILE.write_text(made)
    except SchemaDiffers as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
