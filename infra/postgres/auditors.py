"""Logins for auditors: each reads a tenant's journal and read models, and can do nothing else."""

import secrets
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql
from psycopg.rows import tuple_row

from infra.errors import OperatorError
from infra.postgres.migrate import tenant_schema
from infra.postgres.pools import Connection
from infra.postgres.roles import auditor_role, tenant_role

ROLE_EXISTS: LiteralString = """
SELECT 1
FROM pg_roles
WHERE rolname = %(role)s
"""

MAY_CONNECT: LiteralString = """
SELECT has_database_privilege(%(login)s, current_database(), 'CONNECT')
"""

# Read-only helps against slips of the hand; what keeps an auditor from writing is that nothing was granted.
MAKE_LOGIN: LiteralString = """
CREATE ROLE {login} LOGIN PASSWORD {password} IN ROLE {role};
ALTER ROLE {login} IN DATABASE {database} SET search_path = {schema};
ALTER ROLE {login} IN DATABASE {database} SET default_transaction_read_only = on;
"""

LET_CONNECT: LiteralString = """
GRANT CONNECT ON DATABASE {database} TO {login}
"""

# The service and the owner may act as the tenant, and a superuser as anybody: none of them only audits.
MAY_ONLY_AUDIT: LiteralString = """
SELECT EXISTS (
        SELECT
        FROM pg_roles
        WHERE rolname = %(auditors)s AND pg_has_role(oid, 'USAGE')
    ) AND NOT EXISTS (
        SELECT
        FROM pg_roles
        WHERE rolname = %(tenant)s AND pg_has_role(oid, 'MEMBER')
    )
"""

LONGEST_NAME_BYTES = 63
"""PostgreSQL would cut a longer one off."""


class AuditorRefused(OperatorError):
    """The login was not made; nothing has changed."""


def add_auditor(owner_url: str, tenant: str, login: str) -> str:
    """A login that reads this tenant's history; returns its password, which is kept nowhere.

    Raises AuditorRefused where there is no such tenant, the name is taken, or the owner may make no logins.
    """
    if not 0 < len(login.encode()) <= LONGEST_NAME_BYTES:
        raise AuditorRefused(f"{login!r} can't be a login's name: it has 1 to {LONGEST_NAME_BYTES} bytes")
    password = secrets.token_urlsafe(24)
    schema = tenant_schema(tenant)
    role = auditor_role(schema)
    with psycopg.connect(owner_url) as connection:
        if connection.execute(ROLE_EXISTS, {"role": role}).fetchone() is None:
            raise AuditorRefused(f"there is no role {role}: run daybook migrate first")
        try:
            _make(connection, schema, role, login, password)
        except errors.DuplicateObject:
            raise AuditorRefused(
                f"there is a role {login!r}: choose another name, or let it read by GRANT {role} TO {login}"
            ) from None
        except (errors.InsufficientPrivilege, errors.ReservedName) as error:
            raise AuditorRefused(f"{login!r} can't be made: {str(error).partition(chr(10))[0]}") from None
    return password


async def may_only_audit(connection: Connection, tenant: str) -> bool:
    """Whether this login reads the tenant's history as its auditors do, and has no part in the service."""
    schema = tenant_schema(tenant)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(
            MAY_ONLY_AUDIT, {"auditors": auditor_role(schema), "tenant": tenant_role(schema)}
        )
        return await cursor.fetchone() == (True,)


def _make(
    connection: psycopg.Connection[tuple[Any, ...]], schema: str, role: str, login: str, password: str
) -> None:
    # What the server gets, and may log, is the verifier.
    verifier = connection.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    names = {
        "login": sql.Identifier(login),
        "role": sql.Identifier(role),
        "database": sql.Identifier(connection.info.dbname),
        "schema": sql.Identifier(schema),
    }
    connection.execute(sql.SQL(MAKE_LOGIN).format(**names, password=sql.Literal(verifier.decode())))
    if connection.execute(MAY_CONNECT, {"login": login}).fetchone() != (True,):
        connection.execute(sql.SQL(LET_CONNECT).format(**names))
