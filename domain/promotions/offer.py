"""Offers: one version of a promotion, as data. What it takes off, of what, for whom and when."""

import enum
from datetime import datetime

import msgspec

WHOLE_BP = 10_000
MINUTES_A_DAY = 1_440


class Phase(enum.StrEnum):
    """When an offer works: on lines by themselves, or on the order that they make. (Rule "Stacking".)

    Price lists come before, tenders after both; neither is an offer.
    """

    LINE = "line"
    ORDER = "order"


class Base(enum.StrEnum):
    """What an offer reckons with: the amounts before every discount, or what earlier ones left."""

    ORIGINAL = "original"
    REMAINING = "remaining"


class OnReturn(enum.StrEnum):
    """When a return breaks the offer's conditions: what was granted stays, or the rest is priced anew."""

    KEEP = "keep"
    REPRICE = "reprice"


class PercentOff(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="percent_off", tag_field="kind"):
    """A share of the base in basis points."""

    rate_bp: int


class AmountOff(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="amount_off", tag_field="kind"):
    """A fixed amount: of each piece or kilogram in phase LINE, once of the order in phase ORDER."""

    amount_minor: int


class FixedPrice(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="fixed_price", tag_field="kind"):
    """A price per piece or kilogram, where it is below what would be paid."""

    price_minor: int


class BuyGet(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="buy_get", tag_field="kind"):
    """Of every `buy + get` pieces the `get` cheapest are cheaper by `rate_bp`, spread over the group."""

    buy: int
    get: int
    rate_bp: int = WHOLE_BP


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """From this amount on, so much is taken off."""

    from_minor: int
    off_minor: int


class SpendAndSave(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="spend_and_save", tag_field="kind"
):
    """The highest step that the base reaches (满减); with `repeat` its one step as often as it fits."""

    steps: tuple[Step, ...]
    repeat: bool = False


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """So many pieces of any of these SKUs."""

    skus: tuple[str, ...]
    quantity: int


class Bundle(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="bundle", tag_field="kind"):
    """All parts together for one price, as often as the basket holds them."""

    parts: tuple[Part, ...]
    price_minor: int


class Gift(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag="gift", tag_field="kind"):
    """Up to `quantity` pieces of a SKU for nothing, if they are in the basket."""

    sku: str
    quantity: int = 1


Benefit = PercentOff | AmountOff | FixedPrice | BuyGet | SpendAndSave | Bundle | Gift


class Target(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Which lines an offer is about: all, or those of SKUs or categories; never those left out."""

    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    without_skus: tuple[str, ...] = ()

    def covers(self, sku: str, category: str) -> bool:
        """Whether a line of this SKU and category counts."""
        if sku in self.without_skus:
            return False
        return not (self.skus or self.categories) or sku in self.skus or category in self.categories


class Conditions(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """For whom, where and when. What is empty does not restrict.

    `weekdays` are 1 (Monday) to 7, `from_min` and `until_min` minutes after midnight, all by the store's
    clock; a window that ends before it begins goes over midnight. Minima are of the lines that the offer
    covers.
    """

    stores: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    weekdays: tuple[int, ...] = ()
    from_min: int = 0
    until_min: int = MINUTES_A_DAY
    segments: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    first_purchase: bool = False
    birthday: bool = False
    minimum_minor: int = 0
    minimum_quantity: int = 0


class Limits(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How much of it there is; None does not limit. `cap_minor` and `uses` are of one basket.

    A year is the calendar's, by the store's clock.
    """

    cap_minor: int | None = None
    uses: int | None = None
    total_uses: int | None = None
    customer_uses: int | None = None
    budget_minor: int | None = None
    customer_uses_a_year: int | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One version of a promotion. Of an exclusive `group` one offer applies.

    What is marked down by a label is none of its goods, unless it `stacks_with_markdowns`.
    """

    offer_id: str
    version: int
    name: str
    currency: str
    phase: Phase
    priority: int = 0
    benefit: Benefit
    base: Base = Base.REMAINING
    target: Target = Target()
    conditions: Conditions = Conditions()
    limits: Limits = Limits()
    group: str | None = None
    on_return: OnReturn = OnReturn.KEEP
    stacks_with_markdowns: bool = False

    @property
    def uses_a_year(self) -> int | None:
        """How often a customer may have it in a year; a birthday is once, unless the offer says otherwise."""
        if self.limits.customer_uses_a_year is None and self.conditions.birthday:
            return 1
        return self.limits.customer_uses_a_year

    @property
    def is_by_customer(self) -> bool:
        """Whether it is counted what each customer has of it."""
        limits = self.limits
        return (
            limits.customer_uses is not None
            or limits.customer_uses_a_year is not None
            or self.conditions.birthday
        )

    @property
    def is_counted(self) -> bool:
        """Whether it is counted what all have of it together."""
        return self.limits.total_uses is not None or self.limits.budget_minor is not None
