"""A shop in dictionaries and integers: what every command should lead to, told without the product's rules.

It has one store, goods by the piece and prices without tax. Nothing in it decides by the product's states,
`decide` or `evolve`.
"""

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from domain.catalog.product import ChangeProduct, NegativeStock
from domain.checkout.check_out import CheckOut
from domain.checkout.take_back import TakeBack
from domain.kernel.command import Command
from domain.promotions.campaign import OpenCampaign
from domain.promotions.coupon import IssueCoupons
from domain.stockroom.moves import MoveKind, MoveStock
from tests.support.shop_sums import Campaign, Sold, less, paid_for_first, worth

Facts = dict[str, object]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What should follow: a refusal for one of the `reasons` or, where there is none, so many events.

    `facts` are what the answer must say; `carry_out` changes the model.
    """

    reasons: frozenset[str] = frozenset()
    events: int = 0
    facts: Facts = msgspec.field(default_factory=dict)
    carry_out: Callable[[], None] = lambda: None


def refused(*reasons: str) -> Expected:
    """Nothing happens, for one of the reasons."""
    return Expected(reasons=frozenset(reasons))


class Coupon(msgspec.Struct, kw_only=True):
    """A coupon, unspent while `spent_in` is None."""

    campaign_id: str
    owner: str | None
    spent_in: str | None = None


class ShopModel:
    """The shop as it should be. It opens with `prices` and `customers`; `scarce` goods can't be oversold."""

    def __init__(self, prices: dict[str, int], scarce: Iterable[str], customers: Iterable[str]) -> None:
        self.prices = dict(prices)
        self.scarce = set(scarce)
        self.customers = frozenset(customers)
        self.on_hand: Counter[str] = Counter()
        self.campaigns: dict[str, Campaign] = {}
        self.coupons: dict[str, Coupon] = {}
        self.sales: dict[str, list[Sold]] = {}
        self.returns: set[str] = set()
        self.receipts: Counter[str] = Counter()

    def expect(self, command: Command) -> Expected:
        """What the command would lead to now. Changes nothing."""
        match command:
            case CheckOut():
                reasons = self._why_not_sell(command)
                return refused(*reasons) if reasons else self._sale(command)
            case TakeBack():
                return self._return(command)
            case MoveStock():
                return self._movement(command)
            case ChangeProduct():
                return self._change(command)
            case OpenCampaign():
                return self._campaign(command)
            case IssueCoupons():
                return self._issue(command)
            case _:
                raise NotImplementedError(type(command).__name__)

    def _why_not_sell(self, sale: CheckOut) -> set[str]:
        reasons = self._why_not_redeem(sale)
        if sale.sale_id in self.sales:
            reasons.add("already_exists")
        if self._stranger(sale.customer_id) or any(line.sku not in self.prices for line in sale.lines):
            reasons.add("not_found")
        wanted: Counter[str] = Counter()
        for line in sale.lines:
            wanted[line.sku] += line.quantity
        if any(sku in self.scarce and count > self.on_hand[sku] for sku, count in wanted.items()):
            reasons.add("stock_short")
        return reasons

    def _why_not_redeem(self, sale: CheckOut) -> set[str]:
        """Every reason for which the sale's coupons can't be used together."""
        reasons: set[str] = set()
        more: Counter[str] = Counter()
        for coupon_id in sale.coupon_ids:
            coupon = self.coupons.get(coupon_id)
            if coupon is None:
                reasons.add("coupon_unknown")
                continue
            if coupon.spent_in is not None:
                reasons.add("coupon_spent")
            if coupon.owner not in (None, sale.customer_id):
                reasons.add("coupon_of_another_customer")
            more[coupon.campaign_id] += 1
        for campaign_id, count in more.items():
            campaign = self.campaigns[campaign_id]
            if campaign.total is not None and campaign.uses + count > campaign.total:
                reasons.add("coupon_limit_reached")
            if campaign.each is not None and sale.customer_id is None:
                reasons.add("coupon_needs_customer")
            elif (
                campaign.each is not None and campaign.uses_of[f"{sale.customer_id}"] + count > campaign.each
            ):
                reasons.add("coupon_limit_reached")
        return reasons

    def _sale(self, sale: CheckOut) -> Expected:
        """A sale with which nothing is wrong but perhaps its payment."""
        left = amounts = [self.prices[line.sku] * line.quantity for line in sale.lines]
        for campaign_id, _ in self._in_order(sale.coupon_ids):
            left = less(left, worth(self.campaigns[campaign_id], sum(left)))
        paid = sum(tender.amount_minor for tender in sale.tenders)
        if sum(left) == 0 or paid < sum(left):
            # A note that was not needed at all is not changed.
            return refused("tenders_do_not_add_up")
        facts: Facts = {
            "receipt": self.receipts[sale.register_id] + 1,
            "subtotal": sum(amounts),
            "discount": sum(amounts) - sum(left),
            "total": sum(left),
            "change": paid - sum(left),
            "lines": left,
        }
        # The sale, its movements, a redemption and a draw of each coupon, the customer's own, the receipt.
        events = 1 + len(sale.lines) + 2 * len(sale.coupon_ids) + len(self._counted(sale)) + 1
        return Expected(events=events, facts=facts, carry_out=lambda: self._sell(sale, left))

    def _sell(self, sale: CheckOut, paid: list[int]) -> None:
        for campaign_id in self._counted(sale):
            self.campaigns[campaign_id].uses_of[f"{sale.customer_id}"] += 1
        for campaign_id, coupon_id in self._in_order(sale.coupon_ids):
            self.campaigns[campaign_id].uses += 1
            self.coupons[coupon_id].spent_in = sale.sale_id
        for line in sale.lines:
            self.on_hand[line.sku] -= line.quantity
        self.receipts[sale.register_id] += 1
        self.sales[sale.sale_id] = [
            Sold(sku=line.sku, quantity=line.quantity, paid=net)
            for line, net in zip(sale.lines, paid, strict=True)
        ]

    def _in_order(self, coupon_ids: Iterable[str]) -> list[tuple[str, str]]:
        """(campaign, coupon) in the order in which they take off."""
        return sorted((self.coupons[id_].campaign_id, id_) for id_ in coupon_ids)

    def _counted(self, sale: CheckOut) -> list[str]:
        """The campaigns that count this use, once for each coupon, for the customer alone."""
        campaign_ids = [self.coupons[id_].campaign_id for id_ in sale.coupon_ids]
        if sale.customer_id is None:
            return []
        return [id_ for id_ in campaign_ids if self.campaigns[id_].each is not None]

    def _stranger(self, customer_id: str | None) -> bool:
        return customer_id is not None and customer_id not in self.customers

    def _return(self, back: TakeBack) -> Expected:
        sold = self.sales.get(back.sale_id, [])
        reasons = {"already_exists"} if back.return_id in self.returns else set[str]()
        refunds: list[int] = []
        for wanted in back.lines:
            if wanted.line > len(sold):
                reasons.add("not_found")
                continue
            line = sold[wanted.line - 1]
            after = line.returned + wanted.quantity
            if after > line.quantity:
                reasons.add("return_exceeds_sale")
            refunds.append(paid_for_first(line, after) - paid_for_first(line, line.returned))
        if reasons:
            return refused(*reasons)

        def carry_out() -> None:
            self.returns.add(back.return_id)
            self.receipts[back.register_id] += 1
            for wanted in back.lines:
                line = sold[wanted.line - 1]
                line.returned += wanted.quantity
                self.on_hand[line.sku] += wanted.quantity

        receipt = self.receipts[back.register_id] + 1
        facts: Facts = {"receipt": receipt, "total": sum(refunds), "lines": refunds}
        # The return, its movements, the receipt, and the sale's own note of it.
        return Expected(events=len(back.lines) + 3, facts=facts, carry_out=carry_out)

    def _movement(self, document: MoveStock) -> Expected:
        after = self.on_hand.copy()
        shown: list[int] = []
        for line in document.lines:
            if line.sku not in self.prices:
                return refused("not_found")
            if document.kind is MoveKind.WASTE and line.quantity > after[line.sku]:
                return refused("stock_short")
            after[line.sku] += -line.quantity if document.kind is MoveKind.WASTE else line.quantity
            shown.append(after[line.sku])

        def carry_out() -> None:
            self.on_hand = after

        return Expected(events=len(document.lines), facts={"on_hand": shown}, carry_out=carry_out)

    def _change(self, change: ChangeProduct) -> Expected:
        sku, price, block = change.sku, change.price_minor, change.negative_stock
        if sku not in self.prices:
            return refused("not_found")
        before = (self.prices[sku], sku in self.scarce)
        after = (
            before[0] if price is None else price,
            before[1] if block is None else block is NegativeStock.BLOCK,
        )

        def carry_out() -> None:
            self.prices[sku] = after[0]
            self.scarce = self.scarce | {sku} if after[1] else self.scarce - {sku}

        return Expected(events=int(after != before), facts={"id": sku}, carry_out=carry_out)

    def _campaign(self, opening: OpenCampaign) -> Expected:
        id_, each = opening.campaign_id, opening.limit_per_customer
        if id_ in self.campaigns:
            return refused("already_exists")
        campaign = Campaign(kind=opening.kind, value=opening.value, total=opening.limit_total, each=each)
        return Expected(events=1, facts={"id": id_}, carry_out=lambda: self.campaigns.update({id_: campaign}))

    def _issue(self, issue: IssueCoupons) -> Expected:
        ids = [coupon.coupon_id for coupon in issue.coupons]
        if issue.campaign_id not in self.campaigns or self._stranger(issue.customer_id):
            return refused("not_found")
        if any(id_ in self.coupons for id_ in ids):
            return refused("already_exists")

        def carry_out() -> None:
            for id_ in ids:
                self.coupons[id_] = Coupon(campaign_id=issue.campaign_id, owner=issue.customer_id)

        return Expected(events=len(ids), facts={"coupons": ids}, carry_out=carry_out)
