"""Customers who are written to: one gets a greeting with a coupon, one never agreed; and a wish."""

from collections.abc import Iterator
from datetime import date

import msgspec

from domain.care.quiet import QuietHours
from domain.care.round import EndCareRound
from domain.care.rule import CareChannel, CareCoupon, CareRule, Occasion, SetCareRule
from domain.care.texts import CareText
from domain.care.touch import ReactionKind
from domain.care.wish import NoteWish, WithdrawWish
from domain.customers.consent import GiveConsent, WithdrawConsent
from domain.customers.customer import RegisterCustomer
from domain.customers.forgetting import EraseCustomer
from domain.kernel.command import Command
from domain.outreach.note_reaction import NoteReaction
from domain.outreach.plan_care import PlanCare
from domain.outreach.send_care import NoteUndelivered, SendCare
from domain.promotions.coupon import NewCoupon
from tests.support.facts import sealed

DAY = date(2026, 3, 1)


def care_for_customers() -> Iterator[Command]:
    """Needs customers c1 and c2, the product apple, the store s1 and the campaign five."""
    rule = CareRule(
        name="Birthday",
        occasion=Occasion.BIRTHDAY,
        store_id="s1",
        channel=CareChannel.EMAIL,
        purpose="marketing",
        texts=(CareText(language="en", subject="Happy birthday", text="Dear {name}: {coupon}"),),
        active_from=DAY,
        coupon=CareCoupon(campaign_id="five", valid_days=14),
        quiet=QuietHours(from_min=0, until_min=0),
    )
    yield SetCareRule(rule_id="birthday", rule=rule)
    yield GiveConsent(customer_id="c1", purpose="marketing", channel="email", text_version="1")
    for customer_id in ("c1", "c2"):
        yield PlanCare(rule_id="birthday", customer_id=customer_id, occasion="2026", day=DAY)
    coupon = NewCoupon(coupon_id="greeting", code=sealed("GREETING", "customer-c1"))
    yield SendCare(rule_id="birthday", customer_id="c1", occasion="2026", coupon=coupon)
    yield NoteReaction(rule_id="birthday", customer_id="c1", occasion="2026", kind=ReactionKind.OPENED)
    yield NoteReaction(
        rule_id="birthday", customer_id="c1", occasion="2026", kind=ReactionKind.RATED, rating=4
    )
    yield NoteUndelivered(rule_id="birthday", customer_id="c1", occasion="2026", cause="no address")
    yield EndCareRound(rule_id="birthday", day=DAY)
    for sku in ("apple", "pear"):
        yield NoteWish(customer_id="c1", sku=sku)
    yield WithdrawWish(customer_id="c1", sku="apple")
    yield GiveConsent(customer_id="c2", purpose="marketing", channel="email", text_version="1")
    yield WithdrawConsent(customer_id="c2", purpose="marketing", channel="email")
    holiday = {"name": "Spring", "occasion": Occasion.HOLIDAY, "dates": (DAY,), "coupon": None}
    greeting = (CareText(language="en", subject="Spring", text="Dear {name}"),)
    yield SetCareRule(
        rule_id="spring",
        rule=msgspec.structs.replace(rule, **holiday, texts=greeting, holdout_permille=500),
    )
    for lot_permille in (499, 500):
        yield PlanCare(
            rule_id="spring", customer_id="c1", occasion=f"{lot_permille}", day=DAY, lot_permille=lot_permille
        )
    yield RegisterCustomer(customer_id="forgotten")
    yield EraseCustomer(customer_id="forgotten", reason="request")
