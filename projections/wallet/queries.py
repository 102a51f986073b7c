"""Reading wallet, stored_value and wallet_coupons."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import class_row, tuple_row

from projections.kernel.table import Connection

_OPEN_COUPONS: LiteralString = """
SELECT coupon_id, campaign_id
FROM wallet_coupons
WHERE customer_id = %(customer_id)s AND status = 'issued'
ORDER BY coupon_id
LIMIT %(limit)s
"""

_CAMPAIGNS: LiteralString = """
SELECT campaign_id, count(*) AS coupons, count(*) FILTER (WHERE status = 'redeemed') AS redeemed,
    count(*) FILTER (WHERE status = 'revoked') AS revoked
FROM wallet_coupons
WHERE customer_id = ANY (%(customer_ids)s)
GROUP BY campaign_id
ORDER BY redeemed DESC, coupons DESC, campaign_id
LIMIT %(limit)s
"""

_CARDS: LiteralString = """
SELECT account
FROM stored_value
WHERE customer_id = %(customer_id)s AND kind = 'giftcard'
ORDER BY account
LIMIT %(limit)s
"""

_OWED: LiteralString = """
SELECT kind, currency, count(*) AS accounts, sum(balance_minor)::bigint AS balance_minor,
    sum(issued_minor)::bigint AS issued_minor, sum(spent_minor)::bigint AS spent_minor,
    sum(refunded_minor)::bigint AS refunded_minor, sum(expired_minor)::bigint AS expired_minor
FROM stored_value
GROUP BY kind, currency
ORDER BY kind, currency
"""

_LAPSED: LiteralString = """
SELECT customer_id
FROM wallet
WHERE next_lapse_at <= %(at)s AND customer_id > %(after)s
ORDER BY customer_id
LIMIT %(limit)s
"""

_IN_TIERS: LiteralString = """
SELECT customer_id
FROM wallet
WHERE tier IS NOT NULL AND customer_id > %(after)s
ORDER BY customer_id
LIMIT %(limit)s
"""

_EXPIRED: LiteralString = """
SELECT account
FROM stored_value
WHERE next_expiry_at <= %(at)s AND account > %(after)s
ORDER BY account
LIMIT %(limit)s
"""


class Owed(NamedTuple):
    """What is owed on all accounts of a kind in a currency, and what became of all that was ever issued."""

    kind: str
    currency: str
    accounts: int
    balance_minor: int
    issued_minor: int
    spent_minor: int
    refunded_minor: int
    expired_minor: int


class OpenCoupon(NamedTuple):
    """A coupon that a customer has not used."""

    coupon_id: str
    campaign_id: str


class CampaignResponse(NamedTuple):
    """How many coupons of a campaign a customer was given or used, and what became of them."""

    campaign_id: str
    coupons: int
    redeemed: int
    revoked: int


async def campaigns_of(
    connection: Connection, customer_ids: Sequence[str], limit: int
) -> list[CampaignResponse]:
    """How a customer of these ids responded to campaigns, the most used first."""
    async with connection.cursor(row_factory=class_row(CampaignResponse)) as cursor:
        await cursor.execute(_CAMPAIGNS, {"customer_ids": list(customer_ids), "limit": limit}, prepare=True)
        return await cursor.fetchall()


async def open_coupons(connection: Connection, customer_id: str, limit: int) -> list[OpenCoupon]:
    """The customer's own coupons that were not used."""
    async with connection.cursor(row_factory=class_row(OpenCoupon)) as cursor:
        await cursor.execute(_OPEN_COUPONS, {"customer_id": customer_id, "limit": limit})
        return await cursor.fetchall()


async def cards_of(connection: Connection, customer_id: str, limit: int) -> list[str]:
    """The streams of the gift cards that are linked to the customer."""
    return await _names(connection, _CARDS, {"customer_id": customer_id, "limit": limit})


async def owed(connection: Connection) -> list[Owed]:
    """What the shop owes, by kind and currency."""
    async with connection.cursor(row_factory=class_row(Owed)) as cursor:
        await cursor.execute(_OWED)
        return await cursor.fetchall()


async def lapsed_customers(connection: Connection, at: datetime, after: str, limit: int) -> list[str]:
    """Customers with points that have lapsed, in the order of their ids."""
    return await _names(connection, _LAPSED, {"at": at, "after": after, "limit": limit})


async def customers_in_tiers(connection: Connection, after: str, limit: int) -> list[str]:
    """Customers above the lowest tier, in the order of their ids."""
    return await _names(connection, _IN_TIERS, {"after": after, "limit": limit})


async def expired_accounts(connection: Connection, at: datetime, after: str, limit: int) -> list[str]:
    """Accounts with value that has expired, in the order of their names."""
    return await _names(connection, _EXPIRED, {"at": at, "after": after, "limit": limit})


async def _names(
    connection: Connection, statement: LiteralString, parameters: dict[str, str | int | datetime]
) -> list[str]:
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(statement, parameters)
        return [name for (name,) in await cursor.fetchall()]
