"""What there is in a database, as its catalog says."""

from tests.support.journals import query
from tests.support.postgres import Tenant

# Everything in the schemas of this database but the server's own.
RELATIONS = """
SELECT nspname, relname
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'v', 'S', 'm', 'p')
    AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2
"""


def relations(tenant: Tenant) -> list[tuple[str, str]]:
    """Schema and name of every table, view and sequence of the whole database but the server's own."""
    return [(schema, name) for schema, name in query(tenant.owner_url, tenant, RELATIONS)]
