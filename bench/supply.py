"""Orders ahead of a run: their coupons are issued and their requests written down, each to be used once."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench.orders import SPREAD, Trade, body, campaign, code, command, order, path
from bench.shop import Shop, origin
from domain.checkout.check_out import CheckOut
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import MAX_COUPONS_PER_ISSUE, CouponIssued, IssueCoupons, NewCoupon
from infra.event_store.submission import Answer
from infra.ids import uuid7
from infra.tenancy import Tenant


class Supply:
    """The orders of a trade in a shop that nobody has made yet, from `next` on."""

    def __init__(self, shop: Shop, trade: Trade = SPREAD) -> None:
        self.shop = shop
        self.trade = trade
        self.next = 0
        self._issued = 0

    def ensure(self, count: int) -> None:
        """Issues coupons until the next `count` orders have theirs."""
        first, self._issued = self._issued, max(self._issued, self.next + count)
        if first < self._issued:
            asyncio.run(_issue(self.shop, self.trade, range(first, self._issued)))

    def requests(self, count: int) -> Iterator[bytes]:
        """The next `count` orders as lines for load.lua. They count as made when `next` has passed them."""
        for number in range(self.next, self.next + count):
            made = order(self.trade, number)
            yield f"{self.shop.key}\t{made.code}\t{path(made)}\t".encode() + body(made) + b"\n"

    def commands(self, tenant: Tenant, count: int) -> list[CheckOut]:
        """The next `count` orders as the API has them decided; they count as made."""
        first, self.next = self.next, self.next + count
        orders = (order(self.trade, number) for number in range(first, self.next))
        return [command(made, uuid7(), tenant.vault.coupon_id(made.code)) for made in orders]


def write_requests(file: Path, supplies: Sequence[Supply], count: int) -> None:
    """Writes `count` requests, the supplies taking turns."""
    each = -(-count // len(supplies))
    turns = zip(*(supply.requests(each) for supply in supplies), strict=True)
    with file.open("wb") as output:
        output.writelines(islice((line for turn in turns for line in turn), count))


async def _issue(shop: Shop, trade: Trade, numbers: range) -> None:
    """Issues the coupons of these orders, as many a command as one takes."""
    by_campaign: dict[str, list[str]] = {}
    for number in numbers:
        by_campaign.setdefault(campaign(trade, number), []).append(code(trade, number))
    async with shop.open() as tenant:
        answers: list[asyncio.Future[Answer]] = []
        for campaign_id, codes in by_campaign.items():
            for start in range(0, len(codes), MAX_COUPONS_PER_ISSUE):
                drawn = await _draw(tenant, campaign_id, codes[start : start + MAX_COUPONS_PER_ISSUE])
                answers.append(tenant.clerk.submit(drawn, origin()))
                # Drawing does not wait for anything: let the clerk write down what was drawn so far.
                await asyncio.sleep(0)
        await asyncio.gather(*answers)


async def _draw(tenant: Tenant, campaign_id: str, codes: Sequence[str]) -> IssueCoupons:
    """The command that issues these codes, sealed."""
    places = {f"{CouponIssued.TYPE}/code/{tenant.vault.coupon_id(code)}": code for code in codes}
    boxes = await tenant.vault.seal_all(CAMPAIGN.stream(campaign_id), places)
    coupons = tuple(NewCoupon(coupon_id=place.rpartition("/")[2], code=box) for place, box in boxes.items())
    return IssueCoupons(campaign_id=campaign_id, coupons=coupons)
