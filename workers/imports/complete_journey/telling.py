"""What the tables become: commands with names that are the same on every run.

A campaign is for its households alone; a coupon is one code of it for everybody there, twice each: the most
that any household used one of them. What a coupon is worth the tables don't say, so its campaign takes off
the whole, and a redemption counts what the sample's lines tell of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.checkout.outside_redemption import RedeemOutside
from domain.customers.customer import RegisterCustomer
from domain.kernel.command import Command
from domain.promotions.campaign import WHOLE_BP, DiscountKind, OpenCampaign
from domain.promotions.targeting import TargetCustomers
from workers.imports.complete_journey.tables import Line, Redemption, Tables

TIME_ZONE = "America/New_York"
CURRENCY = "USD"
USES_EACH = 2


class Told(NamedTuple):
    """A command, its name, and when it happened there."""

    name: str
    occurred_at: datetime
    command: Command


def code_of(campaign_id: str, coupon_upc: str) -> str:
    """The code of a coupon: some coupons belong to several campaigns, and are one in each."""
    return f"CJ-{campaign_id}-{coupon_upc}"


def at_noon(day: date) -> datetime:
    """The instant that stands for a day without a time."""
    return datetime.combine(day, time(12), ZoneInfo(TIME_ZONE))


def found(tables: Tables) -> Iterator[Told]:
    """The campaigns, the households, and whom each campaign is for."""
    for row in tables.campaigns:
        command = OpenCampaign(
            campaign_id=f"cj-{row.campaign_id}",
            name=f"Campaign {row.campaign_id}, {row.kind}",
            kind=DiscountKind.PERCENT,
            value=WHOLE_BP,
            currency=CURRENCY,
            valid_from=datetime.combine(row.first_day, time(), ZoneInfo(TIME_ZONE)),
            valid_until=datetime.combine(row.last_day + timedelta(days=1), time(), ZoneInfo(TIME_ZONE)),
            limit_per_code=None,
            limit_per_customer_and_code=USES_EACH,
            targeted=True,
            time_zone=TIME_ZONE,
        )
        yield Told(f"campaign/{row.campaign_id}", at_noon(row.first_day), command)
    began_at = at_noon(min(row.first_day for row in tables.campaigns))
    for household_id in sorted({id_ for ids in tables.households.values() for id_ in ids}):
        yield Told(f"customer/{household_id}", began_at, RegisterCustomer(customer_id=household_id))
    for campaign_id, ids in tables.households.items():
        yield Told(
            f"targeting/{campaign_id}",
            began_at,
            TargetCustomers(campaign_id=f"cj-{campaign_id}", customer_ids=ids),
        )


def covered(tables: Tables) -> Mapping[int, Sequence[Line]]:
    """The sample's lines that a redemption covers, by its number: same household, day and product."""
    by_day: defaultdict[tuple[str, date], list[Line]] = defaultdict(list)
    for line in tables.lines:
        by_day[line.household_id, line.day].append(line)
    return {
        redemption.number: lines
        for redemption in tables.redemptions
        if (
            lines := [
                line
                for line in by_day.get((redemption.household_id, redemption.day), ())
                if line.product_id
                in tables.products.get((redemption.campaign_id, redemption.coupon_upc), frozenset())
            ]
        )
    }


def amounts_cents(tables: Tables, lines: Mapping[int, Sequence[Line]]) -> Mapping[int, int]:
    """What is known of what each redemption took off. A line counts once, up to what it is worth."""
    taken: set[int] = set()
    amounts: dict[int, int] = {}
    for redemption in in_order(tables):
        amount = 0
        for line in lines.get(redemption.number, ()):
            if line.number not in taken:
                taken.add(line.number)
                amount += line.coupon_disc_cents - line.excess_cents
        amounts[redemption.number] = amount
    return amounts


def in_order(tables: Tables) -> list[Redemption]:
    """By day, then as the table has them."""
    return sorted(tables.redemptions, key=lambda redemption: (redemption.day, redemption.number))


def redeemed(redemption: Redemption, coupon_id: str, amount_cents: int) -> Told:
    """A redemption, against a sale of which the tables hold at most some lines."""
    command = RedeemOutside(
        coupon_id=coupon_id,
        customer_id=redemption.household_id,
        sale_reference=f"cj-redemption-{redemption.number}",
        amount_minor=amount_cents,
        currency=CURRENCY,
    )
    return Told(f"redemption/{redemption.number}", at_noon(redemption.day), command)
