"""The job queue: procrastinate in a schema of its own, shared by all tenants."""

from typing import LiteralString

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.schema import SchemaManager
from psycopg.conninfo import make_conninfo

SCHEMA = "jobs"

_EXISTS: LiteralString = "SELECT to_regclass('jobs.procrastinate_jobs') IS NOT NULL"

# Two migrators at once: the second waits here and then finds the schema.
_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('daybook.jobs'))"

_GRANTS: LiteralString = """
GRANT USAGE ON SCHEMA jobs TO daybook_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO daybook_service;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA jobs TO daybook_service;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO daybook_service;
"""


def migrate_jobs(owner_url: str) -> bool:
    """Makes the queue's schema from the library's own SQL; False if it is there. One transaction."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(_LOCK)
        row = connection.execute(_EXISTS).fetchone()
        if row is not None and row[0]:
            return False
        connection.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        connection.execute("SET LOCAL search_path = jobs")
        connection.execute(SchemaManager.get_schema())
        connection.execute(_GRANTS)
    return True


def jobs_connector(url: str) -> PsycopgConnector:
    """A connector whose sessions see the queue's schema."""
    return PsycopgConnector(
        conninfo=make_conninfo(url, options=f"-c search_path={SCHEMA}"), min_size=1, max_size=4
    )
