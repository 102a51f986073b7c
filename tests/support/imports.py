"""Imports, each into a tenant of its own that it founds."""

import hashlib
from pathlib import Path

import psycopg

from infra.postgres.migrate import tenant_schema
from tests.support.command_line import Settings, daybook
from tests.support.journals import query
from tests.support.postgres import Database, Tenant


def tenant_to_be(database: Database, test: str) -> Tenant:
    """A tenant that does not exist yet, another for each test."""
    name = f"t{hashlib.sha256(test.encode()).hexdigest()[:12]}"
    return Tenant(
        name=name, schema=tenant_schema(name), owner_url=database.owner_url, service_url=database.service_url
    )


class Import:
    """A tenant-to-be, and the folder in which its import keeps what it found."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.tenant = tenant
        self.folder = folder

    @property
    def settings(self) -> Settings:
        return {
            "database_url": self.tenant.service_url,
            "owner_database_url": self.tenant.owner_url,
            "tenant": self.tenant.name,
            "data_dir": str(self.folder),
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """What was printed, on either side."""
        ended = daybook(self.settings, *arguments)
        assert ended.returncode == code, ended.stderr
        return ended.stdout + ended.stderr

    def kept(self, source: str) -> bytes:
        """The reconciliation."""
        return (self.folder / "imports" / self.tenant.name / source / "reconciliation.json").read_bytes()

    def head(self) -> int:
        try:
            ((position,),) = query(self.tenant.service_url, self.tenant, "SELECT position FROM journal_head")
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            return 0
        return position
