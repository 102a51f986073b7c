"""Whom a rule is for on which occasion: each occasion has a name, by which it comes once to a customer.

A birthday is named by its year: who tells another birthday is not greeted twice. A purchase, a holiday, a
campaign and a price drop are named by their day, a new product by its SKU, a wish by SKU and number.
"""

from calendar import isleap
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from domain.care.rule import ON_DATES, CareRule, Occasion
from domain.stores.store import STORE
from infra.people.blind_index import find
from infra.postgres.pools import Connection
from infra.tenancy import Tenant
from projections.care_audience.queries import (
    Concerned,
    Window,
    back_in_stock,
    last_here,
    new_arrivals,
    price_drops,
    with_consent,
)

NEW_DAYS = 30
"""A product is a new arrival for so long after it was listed."""
WISH_DAYS = 180
"""So long somebody still wants what they asked for."""
_DAY = timedelta(days=1)

Pages = Callable[[Connection, Concerned, int], Awaitable[list[Concerned]]]
"""A page after somebody, of up to so many."""


class Days(NamedTuple):
    """The business days that a round is for, and the instant at which it runs."""

    first: date
    today: date
    now: datetime
    is_first_round: bool


class Wanted(NamedTuple):
    """Whom to write to, on which occasion, about which product."""

    customer_id: str
    occasion: str
    sku: str | None = None


async def occasions(
    tenant: Tenant, rule: CareRule, days: Days, limit: int
) -> AsyncGenerator[Sequence[Wanted]]:
    """All whom the rule is for on these days, page by page."""
    if rule.occasion is Occasion.BIRTHDAY:
        async for page in _birthdays(tenant, rule, days, limit):
            yield page
        return
    if rule.occasion in ON_DATES:
        consent = f"{rule.purpose}/{rule.channel.value}"
        for holiday in rule.dates:
            if days.first <= holiday <= days.today:
                pages: Pages = lambda at, after, limit: with_consent(at, consent, after, limit)  # noqa: E731
                async for found in _all(tenant, pages, limit):
                    yield [Wanted(one.customer_id, holiday.isoformat()) for one in found]
        return
    window = await _window(tenant, rule, days)
    reading = _READING[rule.occasion]
    async for found in _all(tenant, lambda at, after, limit: reading(at, window, after, limit), limit):
        yield [_wanted(rule.occasion, one) for one in found]


_READING = {
    Occasion.AFTER_PURCHASE: last_here,
    Occasion.DORMANT: last_here,
    Occasion.PRICE_DROP: price_drops,
    Occasion.NEW_ARRIVAL: new_arrivals,
    Occasion.BACK_IN_STOCK: back_in_stock,
}


def birthdays_on(day: date) -> Sequence[str]:
    """The birthdays, as MM-DD, that are kept on a day: on 28 February of common years the 29th's too."""
    own = f"{day:%m-%d}"
    return (own, "02-29") if own == "02-28" and not isleap(day.year) else (own,)


async def _birthdays(
    tenant: Tenant, rule: CareRule, days: Days, limit: int
) -> AsyncGenerator[Sequence[Wanted]]:
    day = days.first + rule.lead_days * _DAY
    while day <= days.today + rule.lead_days * _DAY:
        for form in birthdays_on(day):
            async for found in _all(tenant, partial(_born_on, tenant, form), limit):
                yield [Wanted(one.customer_id, f"{day:%Y}") for one in found]
        day += _DAY


async def _born_on(
    tenant: Tenant, form: str, connection: Connection, after: Concerned, limit: int
) -> list[Concerned]:
    found = await find(connection, tenant.vault, "birthday", form, after.customer_id, limit)
    return [Concerned(customer_id) for customer_id in found]


async def _window(tenant: Tenant, rule: CareRule, days: Days) -> Window:
    store = await tenant.state_of(STORE, rule.store_id)
    back = (rule.after_days or 0) * _DAY
    since, until = days.first - back, days.today - back
    since_at = days.now - (WISH_DAYS if rule.occasion is Occasion.BACK_IN_STOCK else NEW_DAYS) * _DAY
    if rule.occasion is Occasion.DORMANT and days.is_first_round:
        # Who was dormant before there was the rule.
        since = date.min
    if rule.occasion is Occasion.PRICE_DROP:
        # The round runs when the day begins: yesterday's drops are today's news.
        since -= _DAY
    return Window(
        store_id=rule.store_id,
        zone=store.time_zone,
        day_starts_at_min=store.day_starts_at_min,
        skus=rule.skus,
        categories=rule.categories,
        since=since,
        until=until,
        since_at=since_at,
    )


def _wanted(occasion: Occasion, one: Concerned) -> Wanted:
    if one.sku is None:
        assert one.day is not None, "what is about no product is about a day"
        return Wanted(one.customer_id, one.day.isoformat())
    match occasion:
        case Occasion.PRICE_DROP:
            return Wanted(one.customer_id, f"{one.sku}/{one.day}", one.sku)
        case Occasion.BACK_IN_STOCK:
            return Wanted(one.customer_id, f"{one.sku}/{one.wish}", one.sku)
        case _:
            return Wanted(one.customer_id, one.sku, one.sku)


async def _all(tenant: Tenant, pages: Pages, limit: int) -> AsyncGenerator[Sequence[Concerned]]:
    after = Concerned("")
    while True:
        async with tenant.readers.connection() as connection:
            found = await pages(connection, after, limit)
        if found:
            yield found
        if len(found) < limit:
            return
        after = found[-1]
