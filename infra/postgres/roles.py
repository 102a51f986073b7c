"""The database roles of tenants: each has one, which alone may use its schema and can use no other's.

Logins of the service are members of daybook_service, and so of every tenant's role, without having its
rights: a connection acts as one of them (pools.tenant_conninfo) and then does nothing beyond it. Roles belong
to the server, not to a database: two databases of one server that have tenants of one name share that
tenant's role, as they share daybook_service. Decision 0031.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql

from infra.errors import MigrationError

SERVICE_ROLE = "daybook_service"

_Connection = psycopg.Connection[tuple[Any, ...]]

ROLE_EXISTS: LiteralString = """
SELECT 1
FROM pg_roles
WHERE rolname = %(role)s
"""

# By default a member has the rights of a role without asking. On 15 that is said of the member, later of each
# membership: there NOINHERIT is only the default.
CREATE_SERVICE_ROLE: LiteralString = "CREATE ROLE {service} NOLOGIN NOINHERIT"
STOP_INHERITING: LiteralString = "ALTER ROLE {service} NOINHERIT"
CREATE_ROLE: LiteralString = "CREATE ROLE {role} NOLOGIN"
MAY_ACT: LiteralString = "GRANT {role} TO {member} WITH INHERIT FALSE, SET TRUE"
MAY_ACT_15: LiteralString = "GRANT {role} TO {member}"

# Whoever migrates may act as the tenant too: one login may be owner and service at once.
MEMBERSHIPS: LiteralString = """
SELECT pg_has_role(%(service)s, %(role)s, 'USAGE') AS has_its_rights,
    pg_has_role(%(service)s, %(role)s, %(acting)s) AS may_act,
    pg_has_role(current_user, %(role)s, %(acting)s) AS owner_may_act
"""

# What the files have granted to daybook_service in this schema and in its slots.
GIVE_TO_TENANT: LiteralString = """
DO $$
DECLARE
    given text;
BEGIN
    FOR given IN
        WITH place AS (
            SELECT oid, nspname, nspacl
            FROM pg_namespace
            WHERE nspname = current_schema() OR starts_with(nspname, current_schema() || '.')
        ), granted AS (
            SELECT grantee, privilege_type, format('SCHEMA %I', nspname) AS object
            FROM place, aclexplode(nspacl)
            UNION ALL
            SELECT grantee, privilege_type,
                format(CASE relkind WHEN 'S' THEN 'SEQUENCE %I.%I' ELSE 'TABLE %I.%I' END, nspname, relname)
            FROM place
            JOIN pg_class ON relnamespace = place.oid, aclexplode(relacl)
            UNION ALL
            SELECT grantee, format('%s (%I)', privilege_type, attname),
                format('TABLE %I.%I', nspname, relname)
            FROM place
            JOIN pg_class ON relnamespace = place.oid
            JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl)
            UNION ALL
            SELECT grantee, privilege_type, format('ROUTINE %s', pg_proc.oid::regprocedure)
            FROM place
            JOIN pg_proc ON pronamespace = place.oid, aclexplode(proacl)
        )
        SELECT format('%s ON %s', privilege_type, object)
        FROM granted
        WHERE grantee = {service}::regrole
    LOOP
        EXECUTE format('GRANT %s TO %I', given, {role});
        EXECUTE format('REVOKE %s FROM %I', given, {service});
    END LOOP;
END
$$
"""


def tenant_role(schema: str) -> str:
    """The role that has the rights of the service in this tenant's schema."""
    return f"daybook_{schema}"


def auditor_role(schema: str) -> str:
    """The role that reads this tenant's history and can do nothing else; auditors are its members."""
    return f"daybook_audit_{schema}"


def ensure_service_role(connection: _Connection) -> None:
    """The role that logins of the service are made members of by the operator."""
    create = sql.SQL(CREATE_SERVICE_ROLE).format(service=sql.Identifier(SERVICE_ROLE))
    if not _exists(connection, SERVICE_ROLE):
        _run(connection, create, [create])


def ensure_tenant_roles(connection: _Connection, schema: str) -> None:
    """The tenant's role, as which the service may act, and the auditors'.

    MigrationError where this login can't see to it.
    """
    role, auditors = tenant_role(schema), auditor_role(schema)
    since_16 = connection.info.server_version >= 160000
    names = {"role": sql.Identifier(role), "service": sql.Identifier(SERVICE_ROLE)}
    create = sql.SQL(CREATE_ROLE).format(**names)
    create_auditors = sql.SQL(CREATE_ROLE).format(role=sql.Identifier(auditors))
    stop_inheriting = sql.SQL(STOP_INHERITING).format(**names)
    grant = sql.SQL(MAY_ACT if since_16 else MAY_ACT_15)
    to_service = grant.format(**names, member=names["service"])
    to_owner = grant.format(**names, member=sql.Identifier(connection.info.user))
    everything = [create_auditors, create, *([] if since_16 else [stop_inheriting]), to_service, to_owner]

    if not _exists(connection, auditors):
        _run(connection, create_auditors, everything)
    if not _exists(connection, role):
        _run(connection, create, everything)
    has_its_rights, may_act, owner_may_act = _memberships(connection, role, "SET" if since_16 else "MEMBER")
    if has_its_rights and not since_16:
        _run(connection, stop_inheriting, everything)
    if not may_act or (has_its_rights and since_16):
        _run(connection, to_service, everything)
    if not owner_may_act:
        _run(connection, to_owner, everything)


def give_to_tenant(connection: _Connection, schema: str) -> None:
    """What was granted to daybook_service in the schema, which the search path names, becomes its role's."""
    connection.execute(
        sql.SQL(GIVE_TO_TENANT).format(
            service=sql.Literal(SERVICE_ROLE), role=sql.Literal(tenant_role(schema))
        )
    )


def _exists(connection: _Connection, role: str) -> bool:
    return connection.execute(ROLE_EXISTS, {"role": role}).fetchone() is not None


def _memberships(connection: _Connection, role: str, acting: str) -> tuple[bool, bool, bool]:
    row = connection.execute(
        MEMBERSHIPS, {"role": role, "service": SERVICE_ROLE, "acting": acting}
    ).fetchone()
    assert row is not None
    has_its_rights, may_act, owner_may_act = row
    return has_its_rights, may_act, owner_may_act


def _run(connection: _Connection, statement: sql.Composed, everything: Sequence[sql.Composed]) -> None:
    """Carries it out, unless a migrator of another database on this server was faster."""
    try:
        with connection.transaction():
            connection.execute(statement)
    except (errors.DuplicateObject, errors.UniqueViolation, errors.InternalError_):
        pass  # the last is "tuple concurrently updated", which 15 says of two equal grants at once
    except errors.InsufficientPrivilege:
        script = "; ".join(each.as_string(connection) for each in everything)
        raise MigrationError(
            f"the login {connection.info.user!r} may not create or grant the roles that it needs: "
            f"let an administrator run {script}; and then do this again"
        ) from None
