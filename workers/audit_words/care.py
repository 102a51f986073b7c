"""Care: rules by which customers are written to, what they were written, and what they asked to hear."""

from domain.care.round import CareRoundDone
from domain.care.rule import CareRuleSet
from domain.care.touch import (
    CareDeferred,
    CareHeldOut,
    CarePlanned,
    CareReacted,
    CareSent,
    CareUndelivered,
    CareWithheld,
)
from domain.care.wish import WishNoted, WishWithdrawn
from workers.audit_words.telling import words


def _occasion(event: CarePlanned | CareDeferred | CareSent | CareWithheld | CareUndelivered) -> str:
    return f"care rule {event.rule_id}, {event.occasion}"


@words(CareRuleSet)
def _(event: CareRuleSet) -> str:
    rule = event.rule
    until = "" if rule.active_until is None else f" until {rule.active_until}"
    return (
        f"care rule, version {event.version}: {rule.occasion.value.replace('_', ' ')} by {rule.channel.value}"
        f" from {rule.active_from}{until}"
    )


@words(CareRoundDone)
def _(event: CareRoundDone) -> str:
    return f"care rule gone through for {event.day}"


@words(CarePlanned)
def _(event: CarePlanned) -> str:
    return f"{_occasion(event)}: planned, due at {event.due_at}"


@words(CareHeldOut)
def _(event: CareHeldOut) -> str:
    return f"care rule {event.rule_id}, {event.occasion}: no message, for comparison"


@words(CareDeferred)
def _(event: CareDeferred) -> str:
    return f"{_occasion(event)}: quiet hours, due at {event.due_at}"


@words(CareSent)
def _(event: CareSent) -> str:
    coupon = "" if event.coupon_id is None else f", with coupon {event.coupon_id}"
    return f"{_occasion(event)}: sent by {event.channel}{coupon}"


@words(CareWithheld)
def _(event: CareWithheld) -> str:
    return f"{_occasion(event)}: withheld, {event.reason.value.replace('_', ' ')}"


@words(CareUndelivered)
def _(event: CareUndelivered) -> str:
    return f"{_occasion(event)}: never arrives, {event.cause}"


@words(CareReacted)
def _(event: CareReacted) -> str:
    rating = "" if event.rating is None else f" {event.rating}"
    return f"care rule {event.rule_id}, {event.occasion}: {event.kind.value}{rating}"


@words(WishNoted)
def _(event: WishNoted) -> str:
    return f"wish {event.number} for {event.sku}"


@words(WishWithdrawn)
def _(event: WishWithdrawn) -> str:
    return f"wish {event.number} for {event.sku} withdrawn"
