"""What goods cost, beyond what a movement says: costs that turn out later change what is there now.

History is never rewritten: the part of what has left already is a variance of today. (Domain rule "Cost".)
"""

import enum
from typing import ClassVar

from domain.kernel.event import Event


class CostMethod(enum.StrEnum):
    """What an issue takes of an item's value: the average of all that is there, or what came first."""

    AVERAGE = "average"
    FIFO = "fifo"


class CostCause(enum.StrEnum):
    """Why a cost turned out to be another one."""

    BELOW_ZERO = "below_zero"
    """What was sold before it was received was valued at the receipt before, and cost something else."""
    FREIGHT = "freight"
    PRICE = "price"


class CostAdjusted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """`stock_minor` is added to the value of what is on hand; `variance_minor` is an expense of now.

    Either may be below zero. `held_minor` is added to what of it is in quarantine. `reference` names what
    brought it (a bill, the receipt that covered what was below zero); `lot`, or where there are no lots the
    `receipt` by its reference, and `quantity` whose cost it is.
    """

    TYPE: ClassVar = "stock.cost_adjusted.v1"
    store_id: str
    sku: str
    stock_minor: int
    variance_minor: int
    cause: CostCause
    reference: str | None = None
    lot: str | None = None
    quantity: int | None = None
    receipt: str | None = None
    held_minor: int = 0
