"""The profile of a person whom the shops know under several ids: the rows of all, added up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from projections.customer_profile.fold import CUSTOMER_PROFILE, CustomerProfile
from projections.kernel.table import Connection


async def profile_of_person(connection: Connection, customer_ids: Sequence[str]) -> CustomerProfile:
    """What the read model says of a person, under the first of their ids; zeros where nothing happened."""
    rows = await CUSTOMER_PROFILE.load(connection, [(customer_id,) for customer_id in customer_ids])
    return added_up([rows[customer_id,] for customer_id in customer_ids])


def added_up(rows: Sequence[CustomerProfile]) -> CustomerProfile:
    """One row of several: what counts is added, of words the first one stays.

    Of instants the earliest stays, or of `last_` the latest.
    """
    if len(rows) == 1:
        return rows[0]
    first, *_ = rows
    sums = {
        name: _together(name, [value for row in rows if (value := getattr(row, name)) is not None])
        for name in CUSTOMER_PROFILE.columns[1:]
    }
    return CustomerProfile(first.customer_id, **sums)


def _together(name: str, values: Sequence[Any]) -> Any:
    match values:
        case []:
            return None
        case [str() as spoken, *_]:
            return spoken
        case [datetime(), *_]:
            return max(values) if name.startswith("last_") else min(values)
        case [dict(), *_]:
            amounts: dict[str, int] = {}
            for value in values:
                for key, amount in cast("dict[str, int]", value).items():
                    amounts[key] = amounts.get(key, 0) + amount
            return amounts
        case _:
            return sum(values)
