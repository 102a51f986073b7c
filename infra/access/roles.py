"""Roles: sets of permissions with limits. Seven are built in; a tenant may add its own and set all limits."""

from typing import Any, LiteralString

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import tuple_row

from domain.access.limits import ANY_CURRENCY, UNLIMITED, GivenLimits, Limits
from infra.api_keys import PEOPLE_SCOPES, SCOPES

EVERY_STORE = "*"
OWNER = "owner"
ROLE_NAME = r"^[a-z][a-z0-9_]{0,39}$(?!\n)"

_READ_ROLES: LiteralString = """
SELECT name, permissions, limits
FROM daybook.roles
WHERE tenant = %(tenant)s
"""

_WRITE_ROLE: LiteralString = """
INSERT INTO daybook.roles (tenant, name, permissions, limits)
VALUES (%(tenant)s, %(name)s, %(permissions)s, %(limits)s)
ON CONFLICT (tenant, name) DO UPDATE
SET permissions = EXCLUDED.permissions, limits = EXCLUDED.limits
"""


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody may do, and how far alone."""

    permissions: frozenset[str]
    limits: Limits = Limits()


_COUNTER = frozenset(
    {
        "closings:write",
        "counts:count",
        "coupons:read",
        "customers:read",
        "customers:write",
        "leads:read",
        "leads:write",
        "fields:read",
        "loyalty:read",
        "offers:read",
        "orders:read",
        "orders:write",
        "prices:override",
        "products:read",
        "quotes:read",
        "returns:unlinked",
        "reviews:read",
        "sales:read",
        "sales:write",
        "shifts:write",
        "stock:read",
        "stored_value:read",
        "stores:read",
    }
)

BUILT_IN: dict[str, Role] = {
    OWNER: Role(
        permissions=SCOPES | PEOPLE_SCOPES,
        limits=UNLIMITED,
    ),
    "manager": Role(
        permissions=_COUNTER
        | {
            "approvals:write",
            "complaints:compensate",
            "care:read",
            "care:write",
            "complaints:read",
            "complaints:write",
            "contacts:read",
            "counts:write",
            "coupons:write",
            "customers:hold",
            "customers:import",
            "customers:merge",
            "employees:hold",
            "employees:read",
            "employees:write",
            "honours:write",
            "fields:write",
            "inbox:read",
            "leads:read",
            "leads:rules",
            "leads:write",
            "incentives:read",
            "markdowns:write",
            "offers:write",
            "orders:fulfil",
            "performance:write",
            "products:write",
            "purchasing:read",
            "purchasing:write",
            "reports:read",
            "reviews:write",
            "shifts:read",
            "sales:correct",
            "service_terms:write",
            "status:read",
            "stock:write",
            "stored_value:write",
        },
        limits=msgspec.structs.replace(UNLIMITED, discount_bp=5_000),
    ),
    "cashier": Role(
        permissions=_COUNTER,
        limits=Limits(
            refund_minor={ANY_CURRENCY: 20_000},
            discount_bp=1_000,
            over_short_minor={ANY_CURRENCY: 500},
            pay_out_minor={ANY_CURRENCY: 20_000},
            drop_minor={ANY_CURRENCY: 500_000},
            card_load_minor={ANY_CURRENCY: 100_000},
            void_minor={ANY_CURRENCY: 20_000},
            shift_voids_minor={ANY_CURRENCY: 100_000},
        ),
    ),
    "stock": Role(
        permissions=frozenset(
            {
                "contacts:read",
                "counts:count",
                "markdowns:write",
                "orders:fulfil",
                "orders:read",
                "products:read",
                "purchasing:read",
                "purchasing:write",
                "reviews:read",
                "stock:read",
                "stock:write",
                "stores:read",
            }
        )
    ),
    "service": Role(
        permissions=frozenset(
            {
                "care:read",
                "complaints:read",
                "complaints:write",
                "coupons:read",
                "coupons:write",
                "customers:read",
                "customers:write",
                "employees:read",
                "fields:read",
                "inbox:read",
                "leads:read",
                "leads:write",
                "loyalty:read",
                "offers:read",
                "orders:read",
                "orders:write",
                "products:read",
                "reviews:read",
                "sales:read",
                "stored_value:read",
                "stores:read",
            }
        )
    ),
    "analyst": Role(
        permissions=frozenset(
            {
                "care:read",
                "coupons:read",
                "fields:read",
                "offers:read",
                "products:read",
                "purchasing:read",
                "reports:read",
                "status:read",
                "stock:read",
                "stores:read",
            }
        )
    ),
    # Reads everything but what is personal, and writes nothing.
    "auditor": Role(
        permissions=frozenset(
            {
                "audit:read",
                "care:read",
                "coupons:read",
                "events:read",
                "fields:read",
                "keys:read",
                "loyalty:read",
                "offers:read",
                "privacy:read",
                "products:read",
                "purchasing:read",
                "reports:read",
                "sales:read",
                "shifts:read",
                "status:read",
                "stock:read",
                "stored_value:read",
                "stores:read",
                "users:read",
            }
        )
    ),
}


async def read_roles(connection: AsyncConnection[Any], tenant: str) -> dict[str, Role]:
    """Every role of the tenant by name: the built-in ones with its limits, and its own."""
    roles = dict(BUILT_IN)
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_READ_ROLES, {"tenant": tenant})
        for name, permissions, limits in await cursor.fetchall():
            built_in = BUILT_IN.get(name)
            given = msgspec.convert(limits, GivenLimits)
            if built_in is not None:
                roles[name] = Role(permissions=built_in.permissions, limits=given.over(built_in.limits))
            else:
                roles[name] = Role(permissions=frozenset(permissions or ()), limits=given.over(Limits()))
    return roles


async def write_role(
    connection: AsyncConnection[Any],
    tenant: str,
    name: str,
    permissions: list[str] | None,
    limits: GivenLimits,
) -> None:
    """Keeps a role of the tenant's own, or (permissions None) its limits for a built-in one."""
    await connection.execute(
        _WRITE_ROLE,
        {
            "tenant": tenant,
            "name": name,
            "permissions": permissions,
            "limits": msgspec.json.encode(limits).decode(),
        },
    )
