"""Points, tiers, gift cards and credit."""

from domain.kernel.points import Lot
from domain.kernel.stored_value import ValueLot
from domain.loyalty.points import PointsEarned, PointsLapsed, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.programme import ProgrammeSet
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
from domain.stored_value.value import (
    CreditGranted,
    GiftCardBlocked,
    GiftCardLoaded,
    GiftCardMade,
    GiftCardUnblocked,
    ValueExpired,
    ValueRefunded,
    ValueSpent,
)
from workers.audit_words.telling import count, money, words


@words(ProgrammeSet)
def _(event: ProgrammeSet) -> str:
    rule = event.programme
    earned = f"{count(rule.earn_points, 'point')} for {money(rule.earn_minor, rule.currency)}"
    paid = f"{count(rule.redeem_points, 'point')} pay {money(rule.redeem_minor, rule.currency)}"
    return f"purchases earn {earned}, {paid}"


@words(PointsEarned)
def _(event: PointsEarned) -> str:
    points = event.lot.points + event.repaid
    owed = f", {event.repaid:,} of them for points that were owed" if event.repaid else ""
    return f"earned {count(points, 'point')} with {event.document}{owed}"


@words(PointsSpent)
def _(event: PointsSpent) -> str:
    return f"paid {event.document} with {_points(event.lots)}"


@words(PointsRestored)
def _(event: PointsRestored) -> str:
    lapsed = f", {event.lapsed:,} more had lapsed" if event.lapsed else ""
    return f"got back {_points(event.lots)} with {event.document}{lapsed}"


@words(PointsTakenBack)
def _(event: PointsTakenBack) -> str:
    owed = f", {event.owed:,} more are owed" if event.owed else ""
    return f"lost {_points(event.lots)} with {event.document}{owed}"


@words(PointsLapsed)
def _(event: PointsLapsed) -> str:
    return f"{_points(event.lots)} lapsed"


@words(TierChanged)
def _(event: TierChanged) -> str:
    because = event.reason if event.document is None else f"{event.reason} by {event.document}"
    return f"now in tier {event.tier or 'none'}, before in {event.before or 'none'}: {because}"


@words(TierGraceGiven)
def _(event: TierGraceGiven) -> str:
    return f"stays in tier {event.tier} until {event.until:%Y-%m-%d} although too little qualifies"


@words(TierKept)
def _(event: TierKept) -> str:
    return f"stays in tier {event.tier}: enough qualifies again"


@words(GiftCardMade)
def _(event: GiftCardMade) -> str:
    lasts = "for ever" if event.valid_days is None else count(event.valid_days, "day")
    owner = "" if event.customer_id is None else f" for customer {event.customer_id}"
    return f"gift card made{owner}; what is put on it lasts {lasts}"


@words(GiftCardLoaded)
def _(event: GiftCardLoaded) -> str:
    paid = money(event.lot.amount_minor, event.currency)
    return f"loaded with {paid} in {event.store_id}, {event.register_id}, receipt {event.receipt_number}"


@words(GiftCardBlocked)
def _(event: GiftCardBlocked) -> str:
    return f"blocked: {event.reason}"


@words(GiftCardUnblocked)
def _(event: GiftCardUnblocked) -> str:
    return f"unblocked: {event.reason}"


@words(CreditGranted)
def _(event: CreditGranted) -> str:
    about = "" if event.document is None else f", about {event.document}"
    return f"given credit of {money(event.lot.amount_minor, event.currency)} for {event.reason}{about}"


@words(ValueSpent)
def _(event: ValueSpent) -> str:
    return f"paid {event.document} with {_value(event.lots)}"


@words(ValueRefunded)
def _(event: ValueRefunded) -> str:
    return f"got back {_value(event.lots)} with {event.document}"


@words(ValueExpired)
def _(event: ValueExpired) -> str:
    return f"{_value(event.lots)} expired"


def _points(lots: tuple[Lot, ...]) -> str:
    return count(sum(lot.points for lot in lots), "point")


def _value(lots: tuple[ValueLot, ...]) -> str:
    return money(sum(lot.amount_minor for lot in lots))
