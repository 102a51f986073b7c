"""What a customer's rows say of how they shop. Pure: tests count it again from the sales."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from domain.customers.habits import Bought, Rhythm, day_part, level_of, permille, price_level, rhythm
from projections.customer_profile.fold import CategoryPrice, CustomerProfile, ProductTraits
from projections.customer_profile.queries import Purchase

LOOKED_AT = 500
"""The last purchases, from which rhythm and preferences are counted: years of somebody's shopping."""


class Preference(msgspec.Struct, frozen=True, kw_only=True):
    """In how many of the purchases that were looked at it is, and how many permille of them those are."""

    value: str
    purchases: int
    share_permille: int


class PriceLevel(msgspec.Struct, frozen=True, kw_only=True):
    """1000 is what all customers pay for the same categories on the average; low, middle or high."""

    currency: str
    permille: int
    level: str


def rhythm_of(purchases: Sequence[Purchase]) -> Rhythm:
    """How often the customer comes."""
    return rhythm(purchase.business_day for purchase in purchases)


def times_of_day(purchases: Sequence[Purchase]) -> list[Preference]:
    """When the customer comes, by the stores' clocks, the most frequent first."""
    return _ranked(Counter(day_part(purchase.hour) for purchase in purchases), len(purchases))


def preferences(
    purchases: Sequence[Purchase], traits: Iterable[ProductTraits], trait: str
) -> list[Preference]:
    """What the customer buys by a trait of the goods, as their brand; a SKU without it counts for none."""
    trait_of = {each.sku: value for each in traits if (value := getattr(each, trait)) is not None}
    found: Counter[str] = Counter()
    for purchase in purchases:
        found.update({trait_of[sku] for sku, kept in purchase.goods.items() if kept > 0 and sku in trait_of})
    return _ranked(found, len(purchases))


def _ranked(found: Counter[str], purchases: int) -> list[Preference]:
    return [
        Preference(value=value, purchases=count, share_permille=permille(count, purchases))
        for value, count in sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def price_levels(profile: CustomerProfile, prices: Iterable[CategoryPrice]) -> list[PriceLevel]:
    """How dear the customer buys, by currency."""
    own: dict[str, dict[str, Bought]] = {}
    for key, kept in profile.bought.items():
        own.setdefault(key.partition("/")[0], {})[key] = Bought(kept, profile.paid_minor.get(key, 0))
    everyones = {
        f"{price.currency}/{price.unit}/{price.category}": Bought(price.quantity, price.paid_minor)
        for price in prices
    }
    levels = {currency: price_level(bought, everyones) for currency, bought in sorted(own.items())}
    return [
        PriceLevel(currency=currency, permille=level, level=level_of(level))
        for currency, level in levels.items()
        if level is not None
    ]
