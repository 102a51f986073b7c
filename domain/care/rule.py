"""A care rule: to whom something is written, when, by which channel, in which words. Versioned data."""

import enum
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.care.quiet import QuietHours, require_quiet
from domain.care.texts import CareText, require_texts
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version

MAX_DAYS = 3_660
MAX_LEAD_DAYS = 60
MAX_NAMED = 100
MAX_CONVERSION_DAYS = 366
WHOLE_PERMILLE = 1_000
MAX_PAGE = 500
MAX_CAP = 50
"""So many messages to a customer are remembered for caps."""


class Occasion(enum.StrEnum):
    """What a message is written for."""

    BIRTHDAY = "birthday"
    HOLIDAY = "holiday"
    CAMPAIGN = "campaign"
    AFTER_PURCHASE = "after_purchase"
    DORMANT = "dormant"
    PRICE_DROP = "price_drop"
    NEW_ARRIVAL = "new_arrival"
    BACK_IN_STOCK = "back_in_stock"


OF_GOODS = frozenset({Occasion.PRICE_DROP, Occasion.NEW_ARRIVAL, Occasion.BACK_IN_STOCK})
AFTER_DAYS = frozenset({Occasion.AFTER_PURCHASE, Occasion.DORMANT})
ON_DATES = frozenset({Occasion.HOLIDAY, Occasion.CAMPAIGN})
ABOUT_GOODS = OF_GOODS | AFTER_DAYS
"""Those that may be narrowed to products and categories."""


class CareChannel(enum.StrEnum):
    """By what a message leaves; consents name it with these words."""

    EMAIL = "email"
    SMS = "sms"
    WECHAT = "wechat"
    WEBHOOK = "webhook"


class CareCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A personal coupon of this campaign comes with the message, and ends after so many business days."""

    campaign_id: str
    valid_days: int


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many messages, of all rules together, to a customer in so many days of 24 hours."""

    messages: int
    days: int


class CareRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of a rule. The clock, the business day and the stock are those of its store.

    It runs on business days from `active_from` to `active_until`, both included. `lead_days` is how long
    before a birthday, `after_days` how long after the last purchase; `dates` are a holiday's. Where segments
    are named the customer is in one of them; SKUs and categories are what goods are meant, none meaning all.
    Of who is planned a message `holdout_permille` get none, for comparison; what somebody buys in
    `conversion_days` of 24 hours after it was due counts. `page` is where a link in the texts leads.
    """

    name: str
    occasion: Occasion
    store_id: str
    channel: CareChannel
    purpose: str
    texts: tuple[CareText, ...]
    active_from: date
    active_until: date | None = None
    lead_days: int = 0
    after_days: int | None = None
    dates: tuple[date, ...] = ()
    segments: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    coupon: CareCoupon | None = None
    quiet: QuietHours = QuietHours()
    cap: Cap | None = None
    holdout_permille: int = 0
    conversion_days: int = 14
    page: str | None = None

    def is_active(self, day: date) -> bool:
        """Whether it runs on that business day."""
        return self.active_from <= day and (self.active_until is None or day <= self.active_until)


class CareRuleSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the rule is this. What was planned before keeps the version that planned it."""

    TYPE: ClassVar = "care.rule_set.v1"
    rule_id: str
    version: int
    rule: CareRule


class CareVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Every version that the rule had: a message is of the one that planned it."""

    all: tuple[CareRule, ...] = ()

    @property
    def present(self) -> CareRule | None:
        """The version that counts now."""
        return self.all[-1] if self.all else None


def evolve(state: CareVersions, event: Event) -> CareVersions:
    """The versions after `event`."""
    return CareVersions(all=(*state.all, event.rule)) if isinstance(event, CareRuleSet) else state


CARE = StreamKind("care", CareVersions(), evolve)


class CareRuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    rule_id: str
    version: int


class SetCareRule(Command, frozen=True, kw_only=True):
    """Makes a rule, or its next version. The same again changes nothing."""

    RESULT: ClassVar = CareRuleVersion

    rule_id: str
    rule: CareRule
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        coupon = () if self.rule.coupon is None else (f"campaign-{self.rule.coupon.campaign_id}",)
        return (CARE.stream(self.rule_id), f"store-{self.rule.store_id}", *coupon)

    def decide(self, states: States, at: Moment) -> Decision:
        stream, *named = self.streams()
        for known in named:
            states.require_stream(known)
        versions = states.of(CARE, self.rule_id).all
        require_version(len(versions), self.expected)
        require_rule(self.rule)
        if versions and versions[-1] == self.rule:
            same = CareRuleVersion(rule_id=self.rule_id, version=len(versions))
            return Decision(events=(), result=same)
        if versions and versions[-1].occasion is not self.rule.occasion:
            raise InvalidCommand(
                "A rule keeps its occasion: make another rule.", occasion=versions[-1].occasion.value
            )
        version = len(versions) + 1
        fact = CareRuleSet(rule_id=self.rule_id, version=version, rule=self.rule)
        return Decision(
            events=((stream, fact),), result=CareRuleVersion(rule_id=self.rule_id, version=version)
        )


def require_rule(rule: CareRule) -> None:
    """InvalidCommand where the rule can mean nothing."""
    occasion = rule.occasion
    if rule.active_until is not None and rule.active_until < rule.active_from:
        raise InvalidCommand("active_until is not before active_from.")
    if rule.lead_days and occasion is not Occasion.BIRTHDAY:
        raise InvalidCommand("lead_days are before a birthday.", occasion=occasion.value)
    if not 0 <= rule.lead_days <= MAX_LEAD_DAYS:
        raise InvalidCommand(f"lead_days is up to {MAX_LEAD_DAYS}.", lead_days=rule.lead_days)
    if (rule.after_days is not None) != (occasion in AFTER_DAYS):
        raise InvalidCommand("after_days is for after_purchase and dormant, and needed there.")
    if rule.after_days is not None and not 0 < rule.after_days <= MAX_DAYS:
        raise InvalidCommand(f"after_days is from 1 to {MAX_DAYS}.", after_days=rule.after_days)
    if bool(rule.dates) != (occasion in ON_DATES):
        raise InvalidCommand("dates are those of a holiday or campaign, which needs some.")
    if (rule.skus or rule.categories) and occasion not in ABOUT_GOODS:
        raise InvalidCommand("skus and categories narrow rules about goods.", occasion=occasion.value)
    if max(map(len, (rule.dates, rule.segments, rule.skus, rule.categories))) > MAX_NAMED:
        raise InvalidCommand(f"A rule names up to {MAX_NAMED} of each.")
    if rule.coupon is not None and not 0 < rule.coupon.valid_days <= MAX_DAYS:
        raise InvalidCommand(f"A coupon is valid for 1 to {MAX_DAYS} days.")
    if not 0 <= rule.holdout_permille < WHOLE_PERMILLE:
        raise InvalidCommand(f"holdout_permille is up to {WHOLE_PERMILLE - 1}: somebody is written to.")
    if not 0 < rule.conversion_days <= MAX_CONVERSION_DAYS:
        raise InvalidCommand(f"conversion_days is 1 to {MAX_CONVERSION_DAYS}.")
    if rule.cap is not None and not (0 < rule.cap.messages <= MAX_CAP and 0 < rule.cap.days <= MAX_DAYS):
        raise InvalidCommand(f"A cap is 1 to {MAX_CAP} messages in 1 to {MAX_DAYS} days.")
    if rule.page is not None and not is_address(rule.page):
        raise InvalidCommand(f"page is an http(s) address of up to {MAX_PAGE} characters.")
    require_quiet(rule.quiet)
    require_texts(rule.texts, known_placeholders(rule))


def is_address(page: str) -> bool:
    """Whether it is a web address, and nothing that could break out of a header."""
    plain = page.isascii() and page.isprintable() and " " not in page
    return plain and page.startswith(("http://", "https://")) and len(page) <= MAX_PAGE


def known_placeholders(rule: CareRule) -> set[str]:
    """What the texts of such a rule may name."""
    known = {"name", "shop"}
    if rule.coupon is not None:
        known |= {"coupon", "coupon_until"}
    if rule.page is not None:
        known.add("link")
    if rule.occasion in OF_GOODS:
        known |= {"product", "price"}
    return known


def version_of(versions: CareVersions, rule_id: str, version: int) -> CareRule:
    """That version, or NotFound."""
    if not 0 < version <= len(versions.all):
        raise NotFound(
            f"There is no version {version} of the care rule {rule_id!r}.", kind="care", id=rule_id
        )
    return versions.all[version - 1]
