"""Places in a campaign's limits that a reservation holds until its time limit, and places given back.

A hold that has lapsed counts for nothing from that instant on: decisions look at the clock, and no job has
to come first. (Rule "Coupons".)
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.kernel.event import Event


class Hold(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One place, held until `until` (exclusive): at most `amount_minor`, counted on `day` if days count."""

    until: datetime
    amount_minor: int = 0
    day: str | None = None
    customer_id: str | None = None


class CampaignHeld(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation holds a place in the campaign's limits. Only where it has some."""

    TYPE: ClassVar = "campaign.held.v1"
    campaign_id: str
    coupon_id: str
    reference: str
    hold: Hold


class CampaignReleased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The reservation's place is free again."""

    TYPE: ClassVar = "campaign.released.v1"
    campaign_id: str
    coupon_id: str
    reference: str


class CampaignRestored(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A redemption no longer counts: the whole sale came back, and the coupon with it.

    `day` is where it had counted against the day's limit.
    """

    TYPE: ClassVar = "campaign.restored.v1"
    campaign_id: str
    coupon_id: str
    sale_id: str
    amount_minor: int
    day: str | None = None


class CustomerRestored(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A redemption no longer counts against the customer's limit."""

    TYPE: ClassVar = "campaign.customer_restored.v1"
    campaign_id: str
    customer_id: str
    coupon_id: str
    sale_id: str


def hold_key(coupon_id: str, reference: str) -> str:
    """A reservation's name among those of a campaign: `k1@order-17`."""
    return f"{coupon_id}@{reference}"


def live(held: Mapping[str, Hold], at: datetime) -> Iterable[Hold]:
    """The holds that have not lapsed."""
    return (hold for hold in held.values() if at < hold.until)


def without(held: dict[str, Hold], key: str) -> dict[str, Hold]:
    """The holds without one of them; the same where it is none of them."""
    if key not in held:
        return held
    return {other: hold for other, hold in held.items() if other != key}
