"""Common commands, with defaults that the test does not care about. (Sales and returns: facts.py.)"""

from datetime import UTC, datetime
from typing import Any

import msgspec

from domain.catalog.product import AddProduct, NegativeStock
from domain.checkout.check_out import CheckOut
from domain.checkout.load_card import LoadCard
from domain.checkout.pricing import BasketLine
from domain.customers.customer import RegisterCustomer
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.money import Money
from domain.kernel.points import Lot
from domain.kernel.quantity import Unit
from domain.kernel.stored_value import ValueLot
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, PointsEarned
from domain.promotions.book import PublishOffer
from domain.promotions.campaign import DiscountKind, OpenCampaign
from domain.promotions.coupon import IssueCoupons, NewCoupon
from domain.promotions.offer import Benefit, Offer, Phase
from domain.sales.sale import Tender
from domain.service.handling import OpenComplaint
from domain.staff.employee import HireEmployee
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stored_value.cards import MakeCards, NewCard
from domain.stored_value.value import CREDIT, CreditGranted
from domain.stores.store import OpenStore
from tests.support.facts import REGISTER_ID, STORE_ID, cash, sealed

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


def open_store(
    store_id: str = STORE_ID,
    *,
    time_zone: str = "Asia/Shanghai",
    day_starts_at_min: int = 0,
    prices_include_tax: bool = True,
) -> OpenStore:
    return OpenStore(
        store_id=store_id,
        name="Main Street",
        currency="CNY",
        time_zone=time_zone,
        day_starts_at_min=day_starts_at_min,
        prices_include_tax=prices_include_tax,
    )


def add_product(
    sku: str = "apple",
    price_minor: int = 1000,
    *,
    unit: Unit = Unit.PIECE,
    tax_rate_bp: int = 0,
    category: str = "fruit",
    stocked: bool = True,
    negative_stock: NegativeStock = NegativeStock.ALLOW,
) -> AddProduct:
    return AddProduct(
        sku=sku,
        name=sku.title(),
        category=category,
        unit=unit,
        price_minor=price_minor,
        currency="CNY",
        tax_rate_bp=tax_rate_bp,
        stocked=stocked,
        negative_stock=negative_stock,
    )


def add_scarce(sku: str = "apple", price_minor: int = 1000) -> AddProduct:
    """A product that can't be sold when the book says that nothing is left."""
    return add_product(sku, price_minor, negative_stock=NegativeStock.BLOCK)


def receive(*lines: tuple[str, int], store_id: str = STORE_ID, unit_cost_minor: int = 600) -> MoveStock:
    """A delivery of (sku, quantity) lines."""
    cost = Money(amount=unit_cost_minor, currency="CNY")
    return MoveStock(
        store_id=store_id,
        kind=MoveKind.RECEIPT,
        lines=tuple(MoveLine(sku=sku, quantity=quantity, unit_cost=cost) for sku, quantity in lines),
    )


def waste(sku: str, quantity: int, *, store_id: str = STORE_ID) -> MoveStock:
    line = MoveLine(sku=sku, quantity=quantity, reason="spoiled")
    return MoveStock(store_id=store_id, kind=MoveKind.WASTE, lines=(line,))


def adjust(sku: str, difference: int, *, store_id: str = STORE_ID) -> MoveStock:
    line = MoveLine(sku=sku, quantity=difference, reason="counted")
    return MoveStock(store_id=store_id, kind=MoveKind.ADJUSTMENT, lines=(line,))


def open_campaign(
    campaign_id: str = "autumn",
    *,
    kind: DiscountKind = DiscountKind.AMOUNT,
    value: int = 100,
    limit_total: int | None = None,
    limit_per_customer: int | None = None,
    restored_on_return: bool = False,
    targeted: bool = False,
) -> OpenCampaign:
    """A campaign that is open whatever the clock says."""
    return OpenCampaign(
        campaign_id=campaign_id,
        name=campaign_id.title(),
        kind=kind,
        value=value,
        currency="CNY",
        valid_from=LONG_AGO,
        valid_until=LONG_AFTER,
        limit_total=limit_total,
        limit_per_customer=limit_per_customer,
        restored_on_return=restored_on_return,
        targeted=targeted,
    )


def issue(*coupon_ids: str, campaign_id: str = "autumn", customer_id: str | None = None) -> IssueCoupons:
    coupons = tuple(NewCoupon(coupon_id=id_, code=sealed("code", f"coupon-{id_}")) for id_ in coupon_ids)
    return IssueCoupons(campaign_id=campaign_id, coupons=coupons, customer_id=customer_id)


def sell(
    *lines: tuple[str, int],
    sale_id: str,
    coupons: tuple[str, ...] = (),
    store_id: str = STORE_ID,
    register_id: str = REGISTER_ID,
    customer_id: str | None = None,
    employee_id: str | None = None,
) -> CheckOut:
    """A sale of (sku, quantity) lines, paid with a note that is large enough for any basket."""
    return CheckOut(
        sale_id=sale_id,
        store_id=store_id,
        register_id=register_id,
        customer_id=customer_id,
        employee_id=employee_id,
        lines=tuple(BasketLine(sku=sku, quantity=quantity) for sku, quantity in lines),
        coupon_ids=coupons,
        tenders=(cash(100_000_000),),
    )


def make_cards(*card_ids: str, valid_days: int | None = None, customer_id: str | None = None) -> MakeCards:
    cards = tuple(NewCard(card_id=id_, code=sealed("code", "giftcards")) for id_ in card_ids)
    return MakeCards(cards=cards, currency="CNY", valid_days=valid_days, customer_id=customer_id)


def load_card(card_id: str, amount_minor: int) -> LoadCard:
    return LoadCard(
        card_id=card_id,
        store_id=STORE_ID,
        register_id=REGISTER_ID,
        amount_minor=amount_minor,
        tenders=(cash(amount_minor),),
    )


class Happened(Command, frozen=True, kw_only=True):
    """Writes facts as they are: what only time brings, and no command of a test's moment does."""

    facts: tuple[tuple[str, Event], ...]

    def streams(self) -> tuple[str, ...]:
        return tuple(stream for stream, _ in self.facts)

    def decide(self, states: States, at: Moment) -> Decision:
        return Decision(events=self.facts, result=Done(id="happened"))


def points_that_lapsed(customer_id: str, points: int, number: int = 900) -> tuple[str, Event]:
    """They were earned long ago, and nobody has written down yet that they lapsed."""
    lot = Lot(number=number, points=points, expires_at=LONG_AGO)
    return LOYALTY.stream(customer_id), PointsEarned(customer_id=customer_id, document="sale-old", lot=lot)


def credit_that_expired(customer_id: str, amount_minor: int, number: int = 900) -> tuple[str, Event]:
    """The same of credit."""
    lot = ValueLot(number=number, amount_minor=amount_minor, expires_at=LONG_AGO)
    granted = CreditGranted(customer_id=customer_id, currency="CNY", lot=lot, reason="goodwill")
    return CREDIT.stream(customer_id), granted


def paid_by(tender: Tender, sale: CheckOut) -> CheckOut:
    """The sale, paid with that alone."""
    return msgspec.structs.replace(sale, tenders=(tender,))


def publish(offer_id: str, benefit: Benefit, phase: Phase = Phase.LINE, **terms: Any) -> PublishOffer:
    """An offer in the currency of the shops."""
    offer = Offer(
        offer_id=offer_id,
        version=0,
        name=offer_id.title(),
        currency="CNY",
        phase=phase,
        benefit=benefit,
        **terms,
    )
    return PublishOffer(offer=offer)


def hire(employee_id: str = "e1", store_id: str = STORE_ID) -> HireEmployee:
    return HireEmployee(
        employee_id=employee_id, store_id=store_id, name=sealed("Ann", f"employee-{employee_id}")
    )


def register(customer_id: str = "c1") -> RegisterCustomer:
    return RegisterCustomer(customer_id=customer_id, phone=sealed("1380", f"customer-{customer_id}"))


def complain(case_id: str = "k1", **about: Any) -> OpenComplaint:
    """`about`: customer_id, store_id, sale_id, sku."""
    text = sealed("The apples were soft.", f"customer-{about.get('customer_id', case_id)}")
    return OpenComplaint(case_id=case_id, category="quality", text=text, **about)
