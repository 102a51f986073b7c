"""What the journal says of a run: how many sales there are, and that nothing is missing or doubled."""

import time
from typing import Any, LiteralString

import psycopg

from bench.measure import BenchmarkFailed
from bench.parts import owner_conninfo
from bench.shop import Shop
from domain.promotions.coupon import CouponRedeemed
from domain.sales.sale import SaleCompleted
from domain.tills.till import ReceiptIssued

QUIET_S = 0.3
CATCH_UP_LIMIT_S = 1_800.0
POLL_S = 0.05

_HEAD: LiteralString = """
SELECT position
FROM journal_head
"""

_EVENTS_SINCE: LiteralString = """
SELECT count(*)
FROM stored_events
WHERE topic = %(type)s AND notification_id > %(position)s
"""

_LAG: LiteralString = """
SELECT position - COALESCE((SELECT min(position) FROM projection_checkpoints), 0)
FROM journal_head
"""

_GAPS: LiteralString = """
SELECT max(notification_id) - count(*)
FROM stored_events
"""

# Each till's numbers are 1, 2, 3 …: none twice, and as many as the last one says.
_RECEIPT_ROLLS_WITH_GAPS: LiteralString = """
SELECT count(*)
FROM (
    SELECT originator_id
    FROM stored_events,
        LATERAL (SELECT convert_from(state, 'UTF8')::jsonb #>> '{data,number}' AS number) AS decoded
    WHERE topic = %(type)s
    GROUP BY originator_id
    HAVING count(DISTINCT number) <> count(*) OR max(number::bigint) <> count(*) OR min(number::bigint) <> 1
) AS broken
"""

_COUPONS_USED_TWICE: LiteralString = """
SELECT count(*)
FROM (
    SELECT originator_id
    FROM stored_events
    WHERE topic = %(type)s
    GROUP BY originator_id
    HAVING count(*) > 1
) AS doubled
"""


class Books:
    """A shop's journal and read models, looked at from outside."""

    def __init__(self, shop: Shop) -> None:
        self._conninfo = owner_conninfo(shop.database.owner, shop.tenant)
        self._tenant = shop.tenant

    def head(self) -> int:
        """The position of the last event."""
        return self._number(_HEAD)

    def lag(self) -> int:
        """How many events the slowest read model has not folded."""
        return self._number(_LAG)

    def quiet_head(self) -> int:
        """The head, once it has stood still for a moment: what was on its way has arrived."""
        position = self.head()
        while True:
            time.sleep(QUIET_S)
            now = self.head()
            if now == position:
                return now
            position = now

    def wait_until_caught_up(self) -> None:
        """Returns when every read model has folded the whole journal; BenchmarkFailed after half an hour."""
        deadline = time.monotonic() + CATCH_UP_LIMIT_S
        with self._connect() as connection:
            while _first(connection.execute(_LAG)) > 0:
                if time.monotonic() > deadline:
                    raise BenchmarkFailed("the projector does not catch up")
                time.sleep(POLL_S)

    def quiet_sales_since(self, position: int) -> int:
        """How many sales stand in the journal after a position, once nothing is on its way any more."""
        self.quiet_head()
        return self._number(_EVENTS_SINCE, type=SaleCompleted.TYPE, position=position)

    def require_exact(self) -> None:
        """Positions and receipts without gaps, no coupon used twice; BenchmarkFailed otherwise."""
        wrong = {
            "missing positions": self._number(_GAPS),
            "receipt rolls with gaps": self._number(_RECEIPT_ROLLS_WITH_GAPS, type=ReceiptIssued.TYPE),
            "coupons used twice": self._number(_COUPONS_USED_TWICE, type=CouponRedeemed.TYPE),
        }
        for what, count in wrong.items():
            if count:
                raise BenchmarkFailed(f"{self._tenant}: {count:,} {what}")

    def _number(self, query: LiteralString, **parameters: Any) -> int:
        with self._connect() as connection:
            return _first(connection.execute(query, parameters))

    def _connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(self._conninfo, autocommit=True)


def _first(cursor: "psycopg.Cursor[tuple[Any, ...]]") -> int:
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
