"""What is counted how often: classes by the value of a year's issues, raised by risk.

Items stand in the order of what they issued in a year, at cost. While those before an item come to less than
the first cut of the whole, it is an A; less than the second, a B; the others are C. So the largest is an A
however large it is, and an item across a cut belongs to the class above. (Dickie, "ABC Inventory Analysis
Shoots for Dollars, Not Pennies", 1951; Heizer, Render, "Operations Management", on ABC analysis.)
"""

import enum
from collections.abc import Collection, Mapping
from datetime import date

import msgspec

WHOLE_BP = 10_000


class ValueClass(enum.StrEnum):
    """How much of a year's issues is in it: A few items with most of it, C most items with little."""

    A = "A"
    B = "B"
    C = "C"


class Risk(enum.StrEnum):
    """Why the book of an item is worth less than that of others."""

    NEGATIVE = "negative"
    """The book is below zero: it is wrong, whatever the shelf holds."""
    EXPIRED = "expired"
    """A lot is on the shelf past its sell-by."""
    PERISHABLE = "perishable"
    """It came in lots with a sell-by."""
    SHRINK = "shrink"
    """More was missing in a year than the plan takes for chance."""


class CountPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a store's items are classed, and after how many days each class is counted again.

    The cuts are basis points of a year's issues; `shrink_bp` is how much of an item's own may be missing.
    """

    a_bp: int = 8_000
    b_bp: int = 9_500
    a_days: int = 30
    b_days: int = 90
    c_days: int = 180
    shrink_bp: int = 200

    def days(self, value_class: ValueClass) -> int:
        """After how many days a class is counted again."""
        return {ValueClass.A: self.a_days, ValueClass.B: self.b_days, ValueClass.C: self.c_days}[value_class]


class ItemFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a year tells of an item: minor units at cost, less what came back. `counted_on` None: never."""

    sku: str
    on_hand: int = 0
    issued_minor: int = 0
    missing_minor: int = 0
    perishable: bool = False
    expired: bool = False
    counting: bool = False
    counted_on: date | None = None


def classes(issued_minor: Mapping[str, int], plan: CountPlan) -> dict[str, ValueClass]:
    """The class of each SKU by value; ties by SKU. What issued nothing is C."""
    whole = sum(max(0, value) for value in issued_minor.values())
    found: dict[str, ValueClass] = {}
    before = 0
    for sku, value in sorted(issued_minor.items(), key=lambda item: (-item[1], item[0])):
        if value <= 0 or before * WHOLE_BP >= plan.b_bp * whole:
            found[sku] = ValueClass.C
        else:
            found[sku] = ValueClass.A if before * WHOLE_BP < plan.a_bp * whole else ValueClass.B
        before += max(0, value)
    return found


def risks(item: ItemFacts, plan: CountPlan) -> tuple[Risk, ...]:
    """What makes the item's book doubtful, the worst first."""
    seen = {
        Risk.NEGATIVE: item.on_hand < 0,
        Risk.EXPIRED: item.expired,
        Risk.PERISHABLE: item.perishable,
        Risk.SHRINK: item.missing_minor > 0
        and item.missing_minor * WHOLE_BP > plan.shrink_bp * item.issued_minor,
    }
    return tuple(risk for risk, is_so in seen.items() if is_so)


def raised(value_class: ValueClass, found: Collection[Risk]) -> ValueClass:
    """The class by which it is counted: A with what is wrong for sure, else one higher with any risk."""
    if Risk.NEGATIVE in found or Risk.EXPIRED in found:
        return ValueClass.A
    if not found:
        return value_class
    return ValueClass.B if value_class is ValueClass.C else ValueClass.A
