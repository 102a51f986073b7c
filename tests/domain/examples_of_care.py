"""Examples of care rules, of what customers were written and of wishes, for tests/domain/examples.py."""

from datetime import UTC, date, datetime

from domain.care.quiet import QuietHours
from domain.care.round import CareRoundDone
from domain.care.rule import Cap, CareChannel, CareCoupon, CareRule, CareRuleSet, Occasion
from domain.care.texts import CareText
from domain.care.touch import (
    CareDeferred,
    CareHeldOut,
    CarePlanned,
    CareReacted,
    CareSent,
    CareUndelivered,
    CareWithheld,
    ReactionKind,
    Withheld,
)
from domain.care.wish import WishNoted, WishWithdrawn
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed

_AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
_LATER = datetime(2026, 3, 15, 1, tzinfo=UTC)
_DAY = date(2026, 3, 1)
_BIRTHDAY = {"rule_id": "birthday", "customer_id": "c1", "occasion": "2026"}
_BACK = {"rule_id": "back", "customer_id": "c1", "occasion": "apple/1"}

CARE_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    CareRuleSet: (
        CareRuleSet(
            rule_id="birthday",
            version=1,
            rule=CareRule(
                name="Birthday",
                occasion=Occasion.BIRTHDAY,
                store_id="s1",
                channel=CareChannel.EMAIL,
                purpose="marketing",
                texts=(
                    CareText(language="en", subject="Happy birthday", text="Dear {name}", unnamed="guest"),
                ),
                active_from=date(2026, 1, 1),
                lead_days=3,
                coupon=CareCoupon(campaign_id="autumn", valid_days=14),
                cap=Cap(messages=2, days=30),
            ),
        ),
        CareRuleSet(
            rule_id="wake",
            version=2,
            rule=CareRule(
                name="Where have you been?",
                occasion=Occasion.DORMANT,
                store_id="s1",
                channel=CareChannel.SMS,
                purpose="marketing",
                texts=(CareText(language="en", subject="{shop}", text="We miss you."),),
                active_from=date(2026, 1, 1),
                active_until=date(2026, 12, 31),
                after_days=90,
                segments=("vip",),
                categories=("fruit",),
                skus=("apple",),
                quiet=QuietHours(from_min=1_200, until_min=600),
            ),
        ),
        CareRuleSet(
            rule_id="spring",
            version=1,
            rule=CareRule(
                name="Spring Festival",
                occasion=Occasion.HOLIDAY,
                store_id="s1",
                channel=CareChannel.WECHAT,
                purpose="greetings",
                texts=(CareText(language="zh-CN", subject="新春快乐", text="{name}，新春快乐！"),),
                active_from=date(2026, 1, 1),
                dates=(date(2026, 2, 17), date(2027, 2, 6)),
                holdout_permille=100,
                conversion_days=30,
            ),
        ),
        CareRuleSet(
            rule_id="news",
            version=1,
            rule=CareRule(
                name="News",
                occasion=Occasion.BIRTHDAY,
                store_id="s1",
                channel=CareChannel.EMAIL,
                purpose="marketing",
                texts=(CareText(language="en", subject="{shop}", text="{link}"),),
                active_from=date(2026, 1, 1),
                page="https://shop.example/news",
            ),
        ),
    ),
    CareRoundDone: (CareRoundDone(rule_id="birthday", day=_DAY),),
    CarePlanned: (
        CarePlanned(**_BACK, rule_version=1, day=_DAY, due_at=_AT, counts_until=_LATER, sku="apple"),
        CarePlanned(**_BIRTHDAY, rule_version=1, day=_DAY, due_at=_AT, counts_until=_LATER),
    ),
    CareHeldOut: (CareHeldOut(**_BIRTHDAY, rule_version=1, due_at=_AT, counts_until=_LATER),),
    CareDeferred: (
        CareDeferred(**_BACK, rule_version=1, day=_DAY, due_at=_AT, sku="apple"),
        CareDeferred(**_BIRTHDAY, rule_version=1, day=_DAY, due_at=_AT),
    ),
    CareSent: (
        CareSent(**_BACK, rule_version=1, channel="sms", sent_at=_AT, sku="apple", coupon_id="k1"),
        CareSent(**_BIRTHDAY, rule_version=1, channel="email", sent_at=_AT),
    ),
    CareWithheld: (CareWithheld(**_BIRTHDAY, rule_version=1, reason=Withheld.NO_CONSENT),),
    CareUndelivered: (CareUndelivered(**_BIRTHDAY, cause="no address"),),
    CareReacted: (
        CareReacted(
            rule_id="birthday",
            customer_id="c1",
            occasion="2026",
            kind=ReactionKind.RATED,
            rating=5,
            text=Sealed(
                key_id="key-1", subject="customer-c1", place="care.reacted.v1/text", box="bm9uY2UrYm94"
            ),
        ),
        CareReacted(rule_id="birthday", customer_id="c1", occasion="2026", kind=ReactionKind.OPENED),
    ),
    WishNoted: (WishNoted(customer_id="c1", sku="apple", number=1, noted_at=_AT),),
    WishWithdrawn: (WishWithdrawn(customer_id="c1", sku="apple", number=1),),
}
